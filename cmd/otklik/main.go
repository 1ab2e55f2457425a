// Command otklik is a regional feedback centre in one binary: it watches
// networks for residents' messages, reads them, opens incidents, and publishes
// the replies where the residents wrote.
//
// Each subcommand stands in a file of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"otklik/internal/app"
	"otklik/internal/command"
	"otklik/internal/config"
	"otklik/internal/fault"
)

// version is set by the linker (make build).
var version = "dev"

type commands struct {
	Demo     demoCommand     `cmd:"" help:"The whole product on an invented region."`
	Serve    serveCommand    `cmd:"" help:"The service."`
	Init     initCommand     `cmd:"" help:"Make an installation for a region."`
	Import   importCommand   `cmd:"" help:"Take files of messages in."`
	Map      mapCommand      `cmd:"" help:"What the columns of other systems' tables mean."`
	Export   exportCommand   `cmd:"" help:"Write incidents out, in the shape that import takes."`
	Read     readCommand     `cmd:"" help:"Show what the product reads in texts on standard input."`
	Dead     deadCommand     `cmd:"" help:"What intake set aside: list it, replay it."`
	Erase    eraseCommand    `cmd:"" help:"Take a resident's words away at the resident's request."`
	Places   placesCommand   `cmd:"" help:"The gazetteer."`
	Topics   topicsCommand   `cmd:"" help:"The classifier of topics: list it, edit it."`
	Regimes  regimesCommand  `cmd:"" help:"The deadlines: list them, edit them."`
	Calendar calendarCommand `cmd:"" help:"The calendars that deadlines are counted by."`
	Learn    learnCommand    `cmd:"" help:"Learn from what people decided."`
	Models   modelsCommand   `cmd:"" help:"What was learnt: versions, with figures; go back."`
	Train    trainCommand    `cmd:"" help:"Build a topic model from a labelled CSV."`
	Eval     evalCommand     `cmd:"" help:"Measure the product on labelled files."`
	Bench    benchCommand    `cmd:"" help:"Measure speed."`
}

// A runner is a command. Commands are values: what reflection finds behind a
// pointer has no methods.
type runner interface {
	Run(ctx context.Context, w world) error
}

// A world is what commands touch outside of the program.
type world struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
}

func main() { os.Exit(run(os.Args[1:], world{os.Stdin, os.Stdout, os.Stderr, time.Now})) }

// Exit codes: 0 done, 1 failed or cut off by a signal, 2 wrong words on the command line.
func run(args []string, w world) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal kills
	program := command.Program{Name: "otklik", Help: "Otklik, an open regional feedback centre.", Version: version, Out: w.out}
	chosen, err := program.Parse(&commands{}, args)
	switch {
	case errors.Is(err, command.ErrAnswered):
		return 0
	case err != nil:
		fmt.Fprintf(w.err, "otklik: %v\nhint: otklik --help shows the commands, otklik COMMAND --help an example\n", err)
		return 2
	}
	err, stopped := finish(ctx, chosen, w)
	if stopped {
		fmt.Fprintln(w.err, "otklik: остановлено, не дойдя до конца")
		fmt.Fprintln(w.err, "hint: start the same command again")
		return 1
	}
	if err != nil {
		fmt.Fprintln(w.err, "otklik:", err)
		if s := fault.Sentence(err); s != "" {
			fmt.Fprintln(w.err, s)
		}
		if h := fault.Hint(err); h != "" {
			fmt.Fprintln(w.err, "hint:", h)
		}
		return 1
	}
	return 0
}

// patience is how long a command that was told to stop may take to end: the
// transaction under way, not a read that waits for input.
const patience = 3 * time.Second

// finish runs a command to its end and says whether a signal cut it off. The
// services end by signals, which is their end. A second signal kills.
func finish(ctx context.Context, chosen command.Chosen, w world) (err error, stopped bool) {
	run, ok := chosen.Command.(runner)
	if !ok {
		return fmt.Errorf("%s: nothing is done by this command", chosen.Path), false
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Run(ctx, w) }()
	select {
	case err = <-ended:
		return err, false
	case <-ctx.Done():
	}
	switch chosen.Path {
	case "serve", "demo":
		if err = <-ended; errors.Is(err, context.Canceled) {
			err = nil // while it was starting
		}
		return err, false
	}
	select {
	case err = <-ended:
		return err, errors.Is(err, context.Canceled)
	case <-time.After(patience):
		return nil, true
	}
}

// logger writes to standard error; it never sees residents' words.
func (w world) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: level}))
}

// open opens the installation of a folder for a command that works beside the service.
func open(ctx context.Context, w world, dir string, level slog.Level) (*app.App, error) {
	return openAs(ctx, w, dir, level, false)
}

func openAs(ctx context.Context, w world, dir string, level slog.Level, alone bool) (*app.App, error) {
	c, err := config.Load(dir)
	if err != nil {
		return nil, err
	}
	// An empty store in place of a lost one would look like a service that knows nobody.
	if at := c.StoreURL(dir); !strings.Contains(at, ":") {
		if _, err := os.Stat(at); errors.Is(err, os.ErrNotExist) {
			return nil, fault.New(fault.NotFound, "%s: the store is not there", at).Say("Файла базы данных нет на месте.").
				Mend("bring it back from a copy, or mend \"store\" in " + filepath.Join(dir, config.Name))
		}
	}
	return app.Open(ctx, app.Options{Dir: dir, Config: c, Log: w.logger(level), Grace: app.Grace, Apart: learnApart(dir), Alone: alone})
}
