package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"otklik/internal/bench/loops"
	"otklik/internal/source/vk"
)

type ownCommand struct {
	Communities int           `default:"1100" help:"Communities of ours."`
	Comments    int           `default:"2000" help:"Comments in all."`
	Over        time.Duration `default:"40s" help:"In which they are written."`
}

// Run measures both ways in which VK tells of comments.
func (c ownCommand) Run(ctx context.Context) error {
	for _, events := range []string{vk.LongPoll, vk.Callback} {
		s, err := loops.Own{Communities: c.Communities, Events: events, Comments: c.Comments, Over: c.Over}.Measure(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stdout, "%d communities by %s: %s\n", c.Communities, events, s)
	}
	return nil
}
