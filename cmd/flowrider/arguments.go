package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flowrider/flowrider/internal/diag"
)

// checkArguments holds the arguments of all commands below one to what their
// help says that they take.
func checkArguments(command *cobra.Command) {
	for _, child := range command.Commands() {
		checkArguments(child)
	}
	switch {
	case command.RunE == nil && command.Run == nil:
		mustBeKnown(command)
	case command.Args == nil:
		command.Args = fit
	}
}

// fit checks arguments by the line of use, such as "import FLOW RUN_ID": a
// name in brackets may be left out, one with dots may be repeated.
func fit(command *cobra.Command, arguments []string) error {
	names := strings.Fields(command.Use)[1:]
	for i, name := range names {
		if i >= len(arguments) && !strings.HasPrefix(name, "[") {
			return fmt.Errorf("%s is missing: %s %s; see %s --help", strings.TrimSuffix(name, "..."), command.CommandPath(), strings.Join(names, " "), command.CommandPath())
		}
		if strings.Contains(name, "...") {
			return nil
		}
	}
	if len(arguments) > len(names) {
		if extra := arguments[len(names)]; command.Flags().Lookup("chdir") != nil && isFolder(extra) {
			return fmt.Errorf("%s is one argument too many: a folder is named with --chdir; see %s --help", extra, command.CommandPath())
		}
		return fmt.Errorf("%s is one argument too many: %s; see %s --help", arguments[len(names)],
			strings.Join(append([]string{command.CommandPath()}, names...), " "), command.CommandPath())
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// flagErrors says what is wrong with the flags of a command line, of all that
// there are not at once, and where the right ones are. err is what stopped the
// parser.
func flagErrors(command *cobra.Command, arguments []string, err error) error {
	list := []error{plainFlag(command, err)}
	if first, ok := strings.CutPrefix(err.Error(), unknownFlag); ok {
		for _, name := range unknownFlags(command, arguments) {
			if name != first {
				list = append(list, noFlag(command, name))
			}
		}
	}
	list[len(list)-1] = fmt.Errorf("%w; see %s --help", list[len(list)-1], command.CommandPath())
	if len(list) == 1 {
		return list[0]
	}
	return errors.Join(list...)
}

// plainFlag names the nearest flag of a misspelt one, and says of a value what
// it should be.
func plainFlag(command *cobra.Command, err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		flag := invalid.GetFlag()
		switch flag.Value.Type() {
		case "int":
			return fmt.Errorf("--%s %s is no whole number", flag.Name, invalid.GetValue())
		case "duration":
			if _, err := strconv.ParseFloat(invalid.GetValue(), 64); err == nil {
				return fmt.Errorf("--%s %s has no unit; write %ss for seconds", flag.Name, invalid.GetValue(), invalid.GetValue())
			}
			return fmt.Errorf("--%s %s is no duration; write one such as 30s, 10m or 2h", flag.Name, invalid.GetValue())
		case "bool":
			return fmt.Errorf("--%s=%s is neither true nor false", flag.Name, invalid.GetValue())
		}
	}
	if name, ok := strings.CutPrefix(err.Error(), unknownFlag); ok {
		return noFlag(command, name)
	}
	if letter, ok := strings.CutPrefix(err.Error(), "unknown shorthand flag: '"); ok {
		letter, _, _ = strings.Cut(letter, "'")
		if hint := letterHint(command, letter); hint != "" {
			return fmt.Errorf("there is no flag -%s: %s", letter, hint)
		}
		return fmt.Errorf("there is no flag -%s", letter)
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: "); ok {
		if flag := command.Flags().Lookup(strings.TrimPrefix(name, "--")); flag != nil {
			value, _ := pflag.UnquoteUsage(flag)
			return fmt.Errorf("%s has no value; write %s %s", name, name, value)
		}
	}
	return err
}

const unknownFlag = "unknown flag: --" // as pflag writes it

// unknownFlags are the names of those flags of a command line that a command does
// not have, each once.
func unknownFlags(command *cobra.Command, arguments []string) (names []string) {
	for i := 0; i < len(arguments) && arguments[i] != "--"; i++ {
		name, isFlag := strings.CutPrefix(arguments[i], "--")
		name, _, hasValue := strings.Cut(name, "=")
		flag := command.Flags().Lookup(name)
		switch {
		case !isFlag:
		case flag == nil && !slices.Contains(names, name):
			names = append(names, name)
		case flag != nil && flag.NoOptDefVal == "" && !hasValue:
			i++ // what follows is its value
		}
	}
	return names
}

// noFlag says what to type for a flag that a command does not have: what another
// tool's is here, the nearest one, or who has it.
func noFlag(command *cobra.Command, name string) error {
	if hint := hintOf(command, name); hint != "" {
		return fmt.Errorf("there is no flag --%s: %s", name, hint)
	}
	var others []string
	for _, other := range allCommands(command.Root()) {
		if other.Flags().Lookup(name) != nil && !other.Hidden {
			others = append(others, other.CommandPath())
		}
	}
	if list := strings.Join(others[:min(3, len(others))], ", "); len(others) > 3 {
		return fmt.Errorf("there is no flag --%s here; it belongs to %s and others", name, list)
	} else if len(others) > 0 {
		return fmt.Errorf("there is no flag --%s here; it belongs to %s", name, list)
	}
	var names []string
	command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	best := diag.Suggest(name, append(names, slices.DeleteFunc(slices.Collect(maps.Keys(otherFlags)), func(name string) bool { return hintOf(command, name) == "" })...))
	if hint := hintOf(command, best); hint != "" {
		return fmt.Errorf("there is no flag --%s: %s", name, hint)
	}
	if best == "" {
		best = shortened(name, names)
	}
	if best != "" {
		return fmt.Errorf("unknown flag --%s; did you mean --%s?", name, best)
	}
	return fmt.Errorf("unknown flag --%s", name)
}

// shortened is the only name that begins as another one does and of which one letter
// is left out there: a name of two letters is near to too much else.
func shortened(name string, names []string) string {
	var longer []string
	for _, one := range names {
		for i := 1; i < len(one); i++ {
			if one[:i]+one[i+1:] == name && !slices.Contains(longer, one) {
				longer = append(longer, one)
			}
		}
	}
	if len(longer) == 1 {
		return longer[0]
	}
	return ""
}
