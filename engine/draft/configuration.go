package draft

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/runner/metaflow"
)

const heading = `# Drafted by flowrider init. It is yours now: change it, and commit it together
# with the folders runs/ and locks/ that flowrider writes beside it.
#
#   flowrider validate   checks it, also against the source of the flows
#   flowrider plan       says which flows would run, and why
#   flowrider apply      runs just those
`

const example = `
# No file here starts a Metaflow flow, so here is one that runs a command.
# Change it and see what plan says.
flow "command" "hello" {
  argv = ["sh", "-c", "echo hello > hello.txt"]
  output "text" { file = "hello.txt" }
}

output "text" {
  description = "The file that flow.hello has made."
  value       = flow.hello.output.text.path
}

# A Metaflow flow looks like this:
#
#   environment "pip" "py" {
#     packages = { metaflow = ">=2.19" }
#   }
#
#   flow "metaflow" "train" {
#     file        = "flows/train.py"
#     environment = environment.py
#     parameters  = { text = flow.hello.output.text.path } # makes it run after hello
#   }
`

// configuration is the text of flowrider.hcl.
func (f *folder) configuration(flows []*flow, environments []*environment) string {
	var out strings.Builder
	out.WriteString(heading)
	if len(flows) == 0 {
		out.WriteString(example)
		return out.String()
	}
	if name := f.importedPackage(flows); name != "" {
		fmt.Fprintf(&out, "\nproject %s {\n  package = %s # the flows import it\n}\n", quote(snake(name)), quote(name))
	}
	for _, e := range environments {
		out.WriteString("\n" + e.block())
	}
	for _, flow := range flows {
		out.WriteString("\n" + f.block(flow))
	}
	return out.String()
}

// importedPackage is the first package of the root folder that a flow imports,
// or "".
func (f *folder) importedPackage(flows []*flow) string {
	for _, flow := range flows {
		module, err := f.tree.File(flow.File)
		if err != nil {
			continue
		}
		for _, i := range module.Imported {
			first, _, _ := strings.Cut(i.Module, ".")
			if i.Level == 0 && f.there[first+"/__init__.py"] && snake(first) != "" {
				return first
			}
		}
	}
	return ""
}

// block writes the block of an environment.
func (e *environment) block() string {
	var b body
	if e.python != "" {
		b.add("python", quote(e.python))
	}
	if len(e.files) > 0 {
		b.add("requirements", quotes(e.files))
	}
	if len(e.packages) > 0 {
		var packages body
		for _, p := range e.packages {
			packages.comment(p.comment)
			if p.off {
				packages.comment(key(p.name) + ` = ""`)
				continue
			}
			packages.add(key(p.name), quote(p.version))
		}
		b.object("packages", packages)
	}
	return comments(e.comments, "") + fmt.Sprintf("environment \"pip\" %s {\n%s}\n", quote(e.name), b.text("  "))
}

func quotes(list []string) string {
	var quoted []string
	for _, text := range list {
		quoted = append(quoted, quote(text))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// block writes the block of a flow. One that needs what flowrider has not yet is
// a comment.
func (f *folder) block(flow *flow) string {
	var b body
	if title := title(flow.Doc); title != "" {
		b.add("description", quote(title))
	}
	b.add("file", quote(flow.File))
	b.add("environment", "environment."+flow.environment.name)
	if len(flow.needs) > 0 {
		var needs []string
		for _, name := range flow.needs {
			needs = append(needs, "flow."+name)
		}
		b.comment("It looks up results by itself, by Metaflow's client or trigger.")
		b.add("depends_on", "["+strings.Join(needs, ", ")+"]")
	}
	if manager := manager(flow.Decorators); manager != "" {
		b.comment("Metaflow itself makes the environments of @" + manager + ", with micromamba.")
		b.add("options", fmt.Sprintf("{ environment = %s }", quote(manager)))
	}
	b.object("configs", f.configs(flow))
	b.object("parameters", f.parameters(flow))
	text := fmt.Sprintf("flow \"metaflow\" %s {\n%s}\n", quote(flow.name), b.text("  "))
	if remote := remote(flow.Decorators); remote != "" {
		why := []string{"@" + remote + " runs steps elsewhere, which takes a datastore in the cloud, and flowrider", "reads only local ones so far.", ""}
		return comments(why, "") + comments(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), "")
	}
	return text
}

// manager is what makes the environments of a flow's steps, or "".
func manager(decorators []string) string {
	for _, name := range []string{"conda", "pypi"} {
		if slices.Contains(decorators, name) || slices.Contains(decorators, name+"_base") {
			return name
		}
	}
	return ""
}

// remote is the decorator that has steps run elsewhere, or "".
func remote(decorators []string) string {
	for _, name := range []string{"batch", "kubernetes"} {
		if slices.Contains(decorators, name) {
			return name
		}
	}
	return ""
}

// title is the first sentence of a class's text, where it is short.
func title(doc string) string {
	paragraph, _, _ := strings.Cut(strings.TrimSpace(doc), "\n\n")
	sentence, _, _ := strings.Cut(strings.Join(strings.Fields(paragraph), " "), ". ")
	if sentence = strings.TrimSuffix(sentence, "."); sentence == "" || len(sentence) > 150 {
		return ""
	}
	return sentence + "."
}

// parameters writes what a flow's parameters are worth now. What is not known
// is a comment.
func (f *folder) parameters(flow *flow) body {
	var b body
	for _, p := range flow.Parameters {
		b.comment(p.Help)
		text, ok := f.valueOf(flow, p)
		switch {
		case ok:
			b.add(key(p.Name), text)
		case p.Required:
			b.comment("It must be given.")
			b.comment(key(p.Name) + " = " + someValue(p))
		case p.Defaults:
			b.comment("The flow's default is " + shortened(p.Default.Source))
			b.comment(key(p.Name) + " = " + someValue(p))
		default:
			b.comment("It has no default.")
			b.comment(key(p.Name) + " = " + someValue(p))
		}
	}
	if flow.Open {
		b.comment("There may be more: not all of the flow's base classes and decorators are seen.")
	}
	return b
}

// valueOf is what a parameter is worth now, where that is known.
func (f *folder) valueOf(flow *flow, p metaflow.Parameter) (text string, ok bool) {
	if p.Kind == "IncludeFile" {
		return f.fileOf(flow, p)
	}
	return defaultOf(p)
}

func shortened(source string) string {
	if runes := []rune(source); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return source
}

// fileOf is the path, from the project's root, of a file that a flow names
// relative to the folder that people start it in: its own, or the root.
func (f *folder) fileOf(flow *flow, p metaflow.Parameter) (string, bool) {
	if !p.Defaults || p.Default.Text == "" {
		return "", false
	}
	for _, name := range []string{path.Join(path.Dir(flow.File), p.Default.Text), path.Clean(p.Default.Text)} {
		if f.there[name] {
			return quote(name), true
		}
	}
	return "", false
}

// configs writes where the files of a flow's Configs lie, which Metaflow would
// look for in the root of the bundle.
func (f *folder) configs(flow *flow) body {
	var b body
	for _, p := range flow.Configs {
		if text, ok := f.fileOf(flow, p); ok {
			b.comment(p.Help)
			b.add(key(p.Name), text)
		}
	}
	return b
}
