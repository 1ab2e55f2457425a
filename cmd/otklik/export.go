package main

import (
	"bufio"
	"context"
	"log/slog"

	"otklik/internal/app"
)

type exportCommand struct {
	Dir    string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Format string `required:"" enum:"csv,xlsx,jsonl" help:"csv, xlsx or jsonl."`
}

func (exportCommand) Help() string {
	return `Writes all incidents with their messages to standard output: one line a message,
in the shape that import takes, with the incident's number, state, topic, place,
agency and the published answer beside it. Names and contacts stay inside.

Example:
  otklik export --dir centre --format csv > incidents.csv`
}

// Run writes.
func (c exportCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	out := bufio.NewWriter(w.out)
	if err := a.Export(ctx, out, app.ExportFormat(c.Format)); err != nil {
		return err
	}
	return out.Flush()
}
