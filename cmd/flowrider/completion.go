package main

import (
	"os"

	"github.com/spf13/cobra"
)

// shells are those that completion writes for.
var shells = []string{"bash", "zsh", "fish"}

func newCompletionCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "completion",
		Short: "make the shell complete what is typed after flowrider",
		Long: "Writes a script that makes bash, zsh or fish complete commands, flags and, of the\nconfiguration in the folder, addresses, workspaces and run IDs. It asks flowrider each\n" +
			"time, which then reads the configuration, starts nothing and writes nothing.\n\n" + exitCodes,
		Example: "  flowrider completion bash > ~/.local/share/bash-completion/completions/flowrider\n" +
			"  flowrider completion zsh > ~/.zfunc/_flowrider   # with fpath+=~/.zfunc before compinit\n" +
			"  flowrider completion fish > ~/.config/fish/completions/flowrider.fish",
	}
	scripts := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
	for _, shell := range shells {
		command.AddCommand(&cobra.Command{
			Use:     shell,
			Short:   "write the script for " + shell,
			Long:    "Writes the script for " + shell + "; flowrider completion --help says where it goes.\n\n" + exitCodes,
			Example: "  flowrider completion " + shell,
			RunE:    func(*cobra.Command, []string) error { _, err := os.Stdout.WriteString(scripts[shell]); return err },
		})
	}
	return command
}
