package main

import (
	"context"
	"fmt"
	"log/slog"
)

type serveCommand struct {
	Dir  string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Addr string `help:"Address to listen on instead of the configured one." placeholder:"HOST:PORT"`
}

func (serveCommand) Help() string {
	return `Runs the service until it is stopped by Ctrl-C or SIGTERM. One service runs on a
SQLite file; import, export, dead, places and topics work beside it.

Example:
  otklik serve --dir centre --addr 127.0.0.1:8080`
}

// Run serves.
func (c serveCommand) Run(ctx context.Context, w world) error {
	a, err := openAs(ctx, w, c.Dir, slog.LevelInfo, true)
	if err != nil {
		return err
	}
	defer a.Close()
	addr := c.Addr
	if addr == "" {
		addr = a.Config.Listen
	}
	l, err := listen(addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s: http://%s\n", a.Config.Title, l.Addr())
	return a.Run(ctx, l)
}
