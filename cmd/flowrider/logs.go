package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

func newLogsCommand() *cobra.Command {
	flags := common{looking: true}
	var follow, list bool
	var run string
	command := &cobra.Command{
		Use:   "logs FLOW",
		Short: "print the log of a flow's last attempt",
		Long: "Prints what a flow's last attempt on this machine has printed, whether it runs,\nhas succeeded or has not. Sensitive values are hidden in it, and of a long log\n" +
			"the middle is left out. On a terminal and in the log of a CI job, control\nsequences are taken out. flowrider gc removes logs of runs that nothing refers to.\n\n" +
			"--list lists the attempts that still have logs, also those that failed: newest\nfirst, with when they began, how they ended, and their IDs for --run.\n\n" + exitCodes,
		Example: "  flowrider logs flow.clean\n  flowrider logs -f flow.clean\n  flowrider logs flow.clean --list\n  flowrider logs flow.clean --run 1712345678901234\n  flowrider logs 'flow.train[\"forest\"]' | grep -i warning",
		RunE: func(command *cobra.Command, arguments []string) error {
			if list {
				return runLogsList(&flags, arguments[0], run, follow)
			}
			return runLogs(contextOr(command.Context()), &flags, arguments[0], run, follow)
		},
	}
	flags.register(command.Flags())
	command.Flags().BoolVarP(&follow, "follow", "f", false, "go on while the flow runs, through all its attempts, and end with it;\nwhile an apply runs that has not started the flow yet, wait for it")
	command.Flags().BoolVar(&list, "list", false, "list the attempts that still have logs")
	command.Flags().StringVar(&run, "run", "", "the log of this run, or attempt, instead of the last one's: its `ID`, which is\na run ID, as flowrider history lists it and Metaflow names its runs, or the ID of\nan attempt, as --list lists it")
	return command
}

func runLogs(ctx context.Context, flags *common, argument, run string, follow bool) error {
	if flags.json && follow {
		return errors.New("--json says where the log is, and --follow shows it; leave one of them away")
	}
	project, address, err := flags.flow(argument)
	if err != nil {
		return err
	}
	out, end := logWriter()
	if follow && run == "" {
		followed, err := followFlow(ctx, out, project, address)
		if followed || err != nil {
			return errors.Join(err, end())
		}
	}
	attempt, err := attemptAt(project, address, run)
	if err != nil {
		return err
	}
	if flags.json {
		writeJSON(os.Stdout, attempt)
		return nil
	}
	if attempt.Log == "" {
		return fmt.Errorf("attempt %s has no log, since nothing was started: %s", attempt.ID, firstLine(attempt.Reason))
	}
	err = errors.Join(copyLog(ctx, out, project, attempt, follow), end())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the log of attempt %s is gone; flowrider gc removes those that nothing refers to", attempt.ID)
	}
	return err
}

func runLogsList(flags *common, argument, run string, follow bool) error {
	if follow || run != "" {
		return errors.New("--list lists logs, and --run and --follow show one; leave one of them away")
	}
	project, address, err := flags.flow(argument)
	if err != nil {
		return err
	}
	return flags.listLogs(project, address)
}

// attemptAt is the attempt whose log is asked for.
func attemptAt(project *engine.Project, address schema.Address, run string) (*record.Attempt, error) {
	if run == "" {
		if attempt := project.Records.LatestAttempt(address); attempt != nil {
			return attempt, nil
		}
		return nil, fmt.Errorf("%s has not been run on this machine, so there is no log", address)
	}
	if attempt := project.Records.AttemptOf(address, run); attempt != nil {
		return attempt, nil
	}
	return nil, fmt.Errorf("this machine has no log of run %s of %s; flowrider logs --list %s lists those that there are", run, address, diag.ShellQuote(address.String()))
}

// logWriter is where a log goes: as it is into a file or another program, and
// fit to be shown where a person reads it.
func logWriter() (out io.Writer, end func() error) {
	info, err := os.Stdout.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	ci := inCI() && (err != nil || !info.Mode().IsRegular())
	if !terminal && !ci {
		return os.Stdout, func() error { return nil }
	}
	shown := &process.Shown{To: os.Stdout, CI: ci}
	return shown, shown.Close
}

// copyLog copies a log, to its end now or to that of its attempt.
func copyLog(ctx context.Context, out io.Writer, project *engine.Project, attempt *record.Attempt, follow bool) error {
	running := func() bool { return follow && ctx.Err() == nil && project.Records.Running(attempt.ID) }
	log, err := process.Follow(filepath.Join(project.Config.Root, filepath.FromSlash(attempt.Log)))
	for errors.Is(err, fs.ErrNotExist) && running() { // it is made when the process starts
		pause(ctx)
		log, err = process.Follow(filepath.Join(project.Config.Root, filepath.FromSlash(attempt.Log)))
	}
	if err != nil {
		return err
	}
	defer log.Close()
	buffer := make([]byte, 64<<10)
	for more := running(); ; {
		n, dropped, err := log.Next(buffer)
		if err == nil && dropped > 0 {
			_, err = io.WriteString(out, process.LeftOut(dropped))
		}
		if err == nil {
			_, err = out.Write(buffer[:n])
		}
		switch {
		case err != nil:
			return err
		case n > 0:
		case !more:
			return nil
		default:
			pause(ctx)
			more = running() // what came before its end is read once more
		}
	}
}
