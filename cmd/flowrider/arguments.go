package main

import (
	"errors"
	"fmt"
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
		return fmt.Errorf("%s is one argument too many: %s; see %s --help", arguments[len(names)],
			strings.Join(append([]string{command.CommandPath()}, names...), " "), command.CommandPath())
	}
	return nil
}

// flagError says what is wrong with a flag, and where the right ones are.
func flagError(command *cobra.Command, err error) error {
	return fmt.Errorf("%w; see %s --help", plainFlag(command, err), command.CommandPath())
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
	name, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !ok {
		return err
	}
	if hint := otherFlags[name]; hint != "" {
		return fmt.Errorf("there is no flag --%s: %s", name, hint)
	}
	var names []string
	command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	if best := diag.Suggest(name, names); best != "" {
		return fmt.Errorf("unknown flag --%s; did you mean --%s?", name, best)
	}
	return fmt.Errorf("unknown flag --%s", name)
}
