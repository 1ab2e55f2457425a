// Command otklik-bench prints how fast the product is on this machine: `make
// bench` and the load part of `make soak` run it.
//
//	go run ./internal/bench/cmd/otklik-bench speed
//	go run ./internal/bench/cmd/otklik-bench pages --incidents 100000 --rate 400
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"otklik/internal/bench"
	"otklik/internal/bench/loops"
	"otklik/internal/bench/rig"
	"otklik/internal/command"
	"otklik/internal/store/storetest"
)

type commands struct {
	Speed speed        `cmd:"" help:"Messages per second: tokenise and lemmatise, watch, the whole reading, import."`
	Pages pages        `cmd:"" help:"Pages of a centre with many incidents under load."`
	Push  push         `cmd:"" help:"Calls from outside that are answered when they are on the disk."`
	Read  readers      `cmd:"" name:"readers" help:"Readers of the public list and map, while reports come in."`
	Forms reports      `cmd:"" name:"reports" help:"Reports of residents: the form's last step, on the disk before its number is shown."`
	Walls wallsCommand `cmd:"" help:"Lag of comments on the walls of others: the plan and two round robins on the same calls."`
	Pool  poolCommand  `cmd:"" help:"Real loops of a pool over the walls of others at the fake VK: quota, lag, processor, memory, kills."`
	Own   ownCommand   `cmd:"" help:"How soon comments of communities of ours are seen, by long poll and by calls."`
	Table tablesOf     `cmd:"" name:"tables" help:"A table of another system in and out, and a kill in the middle."`
	Due   due          `cmd:"" help:"Deadlines of a centre with many open incidents: one, many in one second, the control board."`
}

type due struct {
	Incidents int           `default:"100000" help:"Open incidents in the store."`
	Together  int           `default:"10000" help:"Incidents that are due in one second."`
	Boards    int           `default:"100" help:"How often to ask for the control board."`
	Ahead     time.Duration `default:"6s" help:"How long before a due time the service is started."`
	Bin       string        `help:"The binary to measure; without it it is built."`
	On        string        `enum:"sqlite,postgres" default:"sqlite" help:"The database. postgres is a server of its own, or the one at the URL in OTKLIK_POSTGRES."`
}

func (c due) Run(ctx context.Context) error {
	return on(ctx, c.On, func(database string) error {
		return built(ctx, c.Bin, func(bin string) error {
			_, err := bench.Deadlines(ctx, os.Stdout, bin, bench.Due{Incidents: c.Incidents, Together: c.Together, Boards: c.Boards, Ahead: c.Ahead, Database: database})
			return err
		})
	})
}

// on calls do with the URL of an empty database of PostgreSQL, or "" for SQLite.
func on(ctx context.Context, kind string, do func(database string) error) error {
	if kind == "sqlite" {
		return do("")
	}
	c, missing := storetest.StartPostgres()
	if c == nil {
		return errors.New(missing)
	}
	defer c.Stop()
	url, drop, err := c.Empty(ctx)
	if err != nil {
		return err
	}
	defer drop()
	return do(url)
}

// built calls do with the binary, built for it when none is named.
func built(ctx context.Context, bin string, do func(bin string) error) error {
	if bin != "" {
		return do(bin)
	}
	dir, err := os.MkdirTemp("", "otklik-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if bin, err = rig.Build(ctx, dir); err != nil {
		return err
	}
	return do(bin)
}

type speed struct {
	Seconds float64 `default:"3" help:"How long each part runs."`
}

func (c speed) Run(ctx context.Context) error {
	return bench.Speed(ctx, os.Stdout, os.Getenv("OTKLIK_DATA"), time.Duration(c.Seconds*float64(time.Second)))
}

type pages struct {
	Incidents int     `default:"100000" help:"Incidents in the store."`
	Browsers  int     `default:"50" help:"Signed-in people."`
	Rate      float64 `default:"400" help:"Pages a second."`
	Intake    float64 `default:"20" help:"Messages a second that come in meanwhile."`
	Seconds   float64 `default:"20" help:"How long to measure."`
	Events    bool    `default:"true" negatable:"" help:"Every browser holds its stream of events open."`
	Profile   string  `help:"File for a CPU profile; the service then runs inside this command." placeholder:"FILE"`
	Bin       string  `help:"The binary to measure; without it it is built."`
}

func (c pages) Run(ctx context.Context) error {
	return built(ctx, c.Bin, func(bin string) error {
		return bench.Pages(ctx, os.Stdout, bin, bench.Load{
			Incidents: c.Incidents, Browsers: c.Browsers, Rate: c.Rate, Intake: c.Intake, Seconds: c.Seconds, Events: c.Events, Profile: c.Profile,
		})
	})
}

type push struct {
	Rate    float64 `default:"2000" help:"Calls a second."`
	Seconds float64 `default:"20" help:"How long each part runs."`
	Callers int     `default:"64" help:"Connections."`
	Profile string  `help:"File for a CPU profile; the service then runs inside this command." placeholder:"FILE"`
	Bin     string  `help:"The binary to measure; without it it is built."`
}

func (c push) Run(ctx context.Context) error {
	return built(ctx, c.Bin, func(bin string) error {
		return bench.Push(ctx, os.Stdout, bin, bench.Pushes{Rate: c.Rate, Seconds: c.Seconds, Callers: c.Callers, Profile: c.Profile, Bar: "2000, p99 50 ms"})
	})
}

type reports struct {
	Rate    float64 `default:"300" help:"Forms a second."`
	Seconds float64 `default:"20" help:"How long each part runs."`
	Callers int     `default:"64" help:"Connections."`
	Photos  bool    `help:"Each with a photo of 2 MB that is uploaded already; give --rate 20."`
	Profile string  `help:"File for a CPU profile; the service then runs inside this command." placeholder:"FILE"`
	Bin     string  `help:"The binary to measure; without it it is built."`
}

func (c reports) Run(ctx context.Context) error {
	return built(ctx, c.Bin, func(bin string) error {
		if c.Photos {
			return bench.Photos(ctx, os.Stdout, bin, bench.Pushes{Rate: c.Rate, Seconds: c.Seconds, Callers: c.Callers, Profile: c.Profile, Bar: "20, p99 200 ms"})
		}
		return bench.Reports(ctx, os.Stdout, bin, bench.Pushes{Rate: c.Rate, Seconds: c.Seconds, Callers: c.Callers, Profile: c.Profile, Bar: "300, p99 200 ms"})
	})
}

type readers struct {
	Rate    float64 `default:"5000" help:"Pages a second."`
	Seconds float64 `default:"20" help:"How long each part runs."`
	Callers int     `default:"64" help:"Connections."`
	Profile string  `help:"File for a CPU profile; the service then runs inside this command." placeholder:"FILE"`
	Bin     string  `help:"The binary to measure; without it it is built."`
}

func (c readers) Run(ctx context.Context) error {
	return built(ctx, c.Bin, func(bin string) error {
		return bench.Readers(ctx, os.Stdout, bin, bench.Pushes{Rate: c.Rate, Seconds: c.Seconds, Callers: c.Callers, Profile: c.Profile, Bar: "5000"})
	})
}

func main() {
	if told, err := loops.Child(); told {
		if err != nil {
			fmt.Fprintln(os.Stderr, "otklik-bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	chosen, err := command.Program{Name: "otklik-bench", Help: "How fast Otklik is on this machine.", Out: os.Stdout}.Parse(&commands{}, os.Args[1:])
	if errors.Is(err, command.ErrAnswered) {
		return
	}
	if err == nil {
		fmt.Println(bench.Machine())
		fmt.Println("command: otklik-bench", strings.Join(os.Args[1:], " "))
		err = chosen.Command.(interface{ Run(context.Context) error }).Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "otklik-bench:", err)
		os.Exit(1)
	}
}
