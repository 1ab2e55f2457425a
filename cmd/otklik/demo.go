package main

import (
	"context"
	"log/slog"
	"time"

	"otklik/internal/demo"
)

type demoCommand struct {
	Addr string `help:"Address to listen on; without it 127.0.0.1:8080, or a free port when that is taken." placeholder:"HOST:PORT"`
	Dir  string `help:"Folder to keep the demo in; without it a temporary one that is removed at the end." placeholder:"DIR"`
	JSON bool   `name:"json" help:"First print one line of JSON with address, sign-ins and fake networks."`
}

func (demoCommand) Help() string {
	return `Runs the whole product on an invented region: staff of every role, three months of
history, and fake networks (VK, Telegram, MAX, Odnoklassniki, news, a forum) on which
residents go on writing.

Example:
  otklik demo --addr 127.0.0.1:8080`
}

// Run runs the demo until it is stopped by Ctrl-C or SIGTERM.
func (c demoCommand) Run(ctx context.Context, w world) error {
	d, err := demo.Open(ctx, demo.Options{Dir: c.Dir, Addr: c.Addr, Log: w.logger(slog.LevelWarn),
		Apart: learnApart, LearnAfter: 10 * time.Second})
	if err != nil {
		return err
	}
	if err := d.Greet(w.out, c.JSON); err != nil {
		d.Close()
		return err
	}
	return d.Run(ctx)
}
