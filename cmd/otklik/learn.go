package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/fault"
	"otklik/internal/lesson"
	"otklik/internal/teach"
)

type learnCommand struct {
	Dir     string     `required:"" help:"Folder of the installation." placeholder:"DIR"`
	JSON    bool       `name:"json" help:"One JSON object a subject."`
	Account account.ID `help:"Who asked for it, an account; 0 is the machine." default:"0"`
}

func (learnCommand) Help() string {
	return `Learns from what people decided: topics that they corrected or let stand, agencies
that took what was handed over. The next version of each is put in force when it is
not worse on the pinned cases, else it is kept as refused. A service that runs takes
it up by itself. One thread, at the lowest priority.

Example:
  otklik learn --dir centre`
}

// Run learns.
func (c learnCommand) Run(ctx context.Context, w world) error {
	runtime.GOMAXPROCS(1)
	lower()
	conf, err := config.Load(c.Dir)
	if err != nil {
		return err
	}
	a, err := app.OpenTeacher(ctx, app.Options{Dir: c.Dir, Config: conf, Log: w.logger(slog.LevelWarn)})
	if err != nil {
		return err
	}
	defer a.Close()
	who := account.System()
	who.ID = c.Account
	var failed error
	for _, o := range a.Learn(ctx, who) {
		if o.Error != "" {
			failed = fault.New(fault.Internal, "%s: %s", o.Subject, o.Error).Say(o.Told)
		}
		if c.JSON {
			err = json.NewEncoder(w.out).Encode(o)
		} else {
			_, err = fmt.Fprintln(w.out, o.Told)
		}
		if err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return failed
}

// learnApart runs the command in a process of its own, so that the desk does not
// wait for it: the system runs it only when nobody else wants the processor.
func learnApart(dir string) func(context.Context, account.ID) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return func(ctx context.Context, who account.ID) ([]byte, error) {
		cmd := exec.CommandContext(ctx, self, "learn", "--json", "--dir", dir, "--account", strconv.FormatInt(int64(who), 10))
		cmd.Stderr = os.Stderr
		return cmd.Output()
	}
}

type modelsCommand struct {
	List     modelsListCommand     `cmd:"" help:"Versions of what was learnt, with figures."`
	Activate modelsActivateCommand `cmd:"" help:"Put a version in force that is not worse."`
	Rollback modelsRollbackCommand `cmd:"" help:"Go back to the version before."`
}

type modelsListCommand struct {
	Dir  string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	JSON bool   `name:"json" help:"One JSON object a line."`
}

func (modelsListCommand) Help() string {
	return `Lists the versions, newest first: number, state, when and by whom it was made, and how
it did on the pinned cases beside the version before.

Example:
  otklik models list --dir centre`
}

// Run lists.
func (c modelsListCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	for _, s := range lesson.Subjects() {
		list, err := a.Teacher.Versions(ctx, s)
		if err != nil {
			return err
		}
		if len(list) == 0 && !c.JSON {
			fmt.Fprintf(w.out, "%s: версий нет, действует то, с чем пришла программа\n", teach.Name(s))
		}
		for _, v := range list {
			if c.JSON {
				err = json.NewEncoder(w.out).Encode(v)
			} else {
				_, err = fmt.Fprintf(w.out, "%s  %s  %d  %s\n", v.MadeAt.UTC().Format(time.RFC3339), v.State, v.MadeBy, teach.Told(&v))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

type modelsActivateCommand struct {
	Dir     string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Subject string `help:"topics or executors." default:"topics"`
	Number  int    `arg:"" name:"NUMBER" help:"Number of the version."`
}

func (modelsActivateCommand) Help() string {
	return `Puts a version in force. It is refused when it is worse on the pinned cases than the
one in force.

Example:
  otklik models activate --dir centre 3`
}

// Run activates.
func (c modelsActivateCommand) Run(ctx context.Context, w world) error {
	s, err := lesson.ParseSubject(c.Subject)
	if err != nil {
		return err
	}
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	v, err := a.Teacher.Activate(ctx, account.System(), s, c.Number)
	if err == nil {
		_, err = fmt.Fprintln(w.out, teach.Told(&v))
	}
	return err
}

type modelsRollbackCommand struct {
	Dir     string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Subject string `help:"topics or executors." default:"topics"`
}

func (modelsRollbackCommand) Help() string {
	return `Takes the version in force back and puts the one before in its place, or what the
program brought when there is none.

Example:
  otklik models rollback --dir centre`
}

// Run rolls back.
func (c modelsRollbackCommand) Run(ctx context.Context, w world) error {
	s, err := lesson.ParseSubject(c.Subject)
	if err != nil {
		return err
	}
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	n, err := a.Teacher.RollBack(ctx, account.System(), s)
	switch {
	case err != nil:
		return err
	case n == 0:
		_, err = fmt.Fprintf(w.out, "%s: действует то, с чем пришла программа\n", teach.Name(s))
	default:
		_, err = fmt.Fprintf(w.out, "%s: действует версия %d\n", teach.Name(s), n)
	}
	return err
}
