package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"otklik/internal/bench/loops"
)

type poolCommand struct {
	Walls    int           `default:"2000" help:"Walls of others."`
	Comments int           `default:"300000" help:"Comments a day."`
	Tokens   int           `default:"3" help:"Tokens."`
	Seed     int           `default:"11" help:"Of the day."`
	For      time.Duration `default:"24h" help:"How long people write, by the network's clock."`
	Before   time.Duration `default:"2h" help:"How old comments are at most that stand there at first."`
	Rest     time.Duration `default:"24h" help:"How long after it what they wrote may still be found."`
	Speed    float64       `default:"60" help:"How many times as fast the clock runs."`
	Kills    int           `default:"0" help:"How often the reading process is killed."`
}

// Run reads with real loops, as the service does.
func (c poolCommand) Run(ctx context.Context) error {
	r, err := loops.Foreign{
		Walls: c.Walls, Comments: c.Comments, Tokens: c.Tokens, Seed: uint64(c.Seed), For: c.For, Before: c.Before, Rest: c.Rest, Speed: c.Speed, Kills: c.Kills,
	}.Measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%d walls, %d tokens: %s\n", c.Walls, c.Tokens, r)
	return nil
}
