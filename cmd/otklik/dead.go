package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"text/tabwriter"

	"otklik/internal/scope"
)

type deadCommand struct {
	List   deadListCommand   `cmd:"" help:"List what was set aside."`
	Replay deadReplayCommand `cmd:"" help:"Take in again what was set aside."`
}

type deadListCommand struct {
	Dir  string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	JSON bool   `name:"json" help:"One JSON object a line."`
}

func (deadListCommand) Help() string {
	return `Lists the messages that intake could not take, with the reason. Their texts are not
shown.

Example:
  otklik dead list --dir centre`
}

type asideLine struct {
	ID     int64  `json:"id"`
	At     string `json:"at"`
	Source string `json:"source"`
	Native string `json:"native"`
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

// Run lists.
func (c deadListCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := a.DB.Reader().Intake().Aside(ctx, scope.All(), 0)
	if err != nil {
		return err
	}
	if !c.JSON && len(list) == 0 {
		fmt.Fprintln(w.out, "Ничего не отложено: всё, что пришло, принято.")
		return nil
	}
	enc := json.NewEncoder(w.out)
	table := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	defer table.Flush()
	for _, s := range list {
		line := asideLine{s.ID, s.At.UTC().Format("2006-01-02T15:04:05Z"), s.Source, s.Native, s.Reason, s.Error}
		if c.JSON {
			if err := enc.Encode(line); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", line.ID, line.At, line.Source, line.Native, line.Reason, line.Error)
	}
	return nil
}

type deadReplayCommand struct {
	Dir string  `required:"" help:"Folder of the installation." placeholder:"DIR"`
	IDs []int64 `arg:"" optional:"" name:"ID" help:"What to replay; without it everything."`
}

func (deadReplayCommand) Help() string {
	return `Takes messages in again that were set aside, and prints the same summary as import.
What fails again stays.

Example:
  otklik dead replay --dir centre 3 4`
}

// Run replays.
func (c deadReplayCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	sum, err := a.Intake.Replay(ctx, scope.All(), c.IDs...)
	if sum.Reasons == nil {
		sum.Reasons = map[string]int64{}
	}
	if e := json.NewEncoder(w.out).Encode(sum); err == nil {
		err = e
	}
	return err
}
