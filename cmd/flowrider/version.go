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
			platform := runtime.GOOS + "/" + runtime.GOARCH
			if asJSON {
				writeJSON(os.Stdout, map[string]string{"flowrider": schema.Version, "go": runtime.Version(), "platform": platform})
				return nil
			}
			fmt.Printf("flowrider %s (%s)\n", schema.Version, platform)
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return command
}
