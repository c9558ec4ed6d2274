package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/internal/process"
)

func newLogsCommand() *cobra.Command {
	var flags common
	command := &cobra.Command{
		Use:     "logs FLOW",
		Short:   "print the log of a flow's last attempt",
		Long:    "Prints what a flow's last attempt on this machine has printed, whether it\nsucceeded or not. On a terminal, control sequences are taken out.\n\n" + exitCodes,
		Example: "  flowrider logs flow.clean\n  flowrider logs 'flow.train[\"forest\"]' | grep -i warning",
		RunE:    func(_ *cobra.Command, arguments []string) error { return runLogs(&flags, arguments[0]) },
	}
	flags.register(command.Flags())
	return command
}

func runLogs(flags *common, argument string) error {
	project, address, err := flags.flow(argument)
	if err != nil {
		return err
	}
	attempt := project.Records.LatestAttempt(address)
	if attempt == nil {
		return fmt.Errorf("%s has not been run on this machine, so there is no log", address)
	}
	if flags.json {
		writeJSON(os.Stdout, attempt)
		return nil
	}
	file, err := os.Open(filepath.Join(project.Config.Root, filepath.FromSlash(attempt.Log)))
	if err != nil {
		return fmt.Errorf("the log of the last attempt is gone: %w", err)
	}
	defer file.Close()
	if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		text, err := io.ReadAll(file)
		if err == nil {
			_, err = io.WriteString(os.Stdout, process.Clean(string(text)))
		}
		return err
	}
	_, err = io.Copy(os.Stdout, file)
	return err
}
