package main

import (
	"context"
	"os"

	"otklik/internal/bench"
)

type tablesOf struct {
	Rows int    `default:"100000" help:"Rows of the table."`
	Seed int    `default:"7" help:"Of the generated rows."`
	Bin  string `help:"The binary to measure; without it it is built."`
}

func (c tablesOf) Run(ctx context.Context) error {
	return built(ctx, c.Bin, func(bin string) error {
		_, err := bench.Tables(ctx, os.Stdout, bin, c.Rows, uint64(c.Seed))
		return err
	})
}
