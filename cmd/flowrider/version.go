package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/schema"
)

func newVersionCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:     "version",
		Short:   "print the version",
		Long:    "Prints the version of this program, and what it was built for.\n\n" + exitCodes,
		Example: "  flowrider version\n  flowrider version --json | jq -r .flowrider",
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				writeJSON(os.Stdout, map[string]string{"flowrider": schema.Version, "go": runtime.Version(), "platform": platform()})
				return nil
			}
			fmt.Println(versionLine())
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return command
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

func versionLine() string { return fmt.Sprintf("flowrider %s (%s)", schema.Version, platform()) }
