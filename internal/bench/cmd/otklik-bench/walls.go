package main

import (
	"context"
	"os"

	"otklik/internal/bench/walls"
)

type wallsCommand struct {
	From     int `default:"1" help:"The first seed."`
	Seeds    int `default:"10" help:"How many seeds. 7 and those from 101 shaped the plan."`
	Walls    int `default:"2000" help:"Walls of others."`
	Comments int `default:"300000" help:"Comments a day."`
	Tokens   int `default:"3" help:"Tokens."`
	PerDay   int `default:"86400" help:"Calls of no documented limit a token and day; 0: what three a second allow."`
}

// Run measures in virtual time: a seed takes about half a minute of processor.
func (c wallsCommand) Run(ctx context.Context) error {
	var seeds []uint64
	for k := range c.Seeds {
		seeds = append(seeds, uint64(c.From+k))
	}
	return walls.Print(ctx, os.Stdout, walls.Options{Walls: c.Walls, Comments: c.Comments, Tokens: c.Tokens, PerDay: c.PerDay}, seeds)
}
