package main

import (
	"context"
	"encoding/json"
	"fmt"

	"otklik/internal/watch/watchbench"
)

type benchCommand struct {
	Watch benchWatchCommand `cmd:"" help:"Standing queries over a stream of messages."`
}

type benchWatchCommand struct {
	Queries  string  `required:"" help:"Queries, one a line." placeholder:"F"`
	Messages string  `required:"" help:"Messages, one a line." placeholder:"F"`
	Threads  int     `default:"1" help:"Threads." placeholder:"N"`
	Seconds  float64 `default:"5" help:"How long to run, at least 5." placeholder:"S"`
	JSON     bool    `name:"json" help:"Print one JSON object."`
	Digest   bool    `help:"Add the SHA-256 of all matches."`
}

func (benchWatchCommand) Help() string {
	return `Asks all queries about every message, again and again, and prints messages per CPU
second.

Example:
  otklik bench watch --queries queries.txt --messages messages.txt --threads 1 --seconds 5 --json`
}

// Run measures.
func (c benchWatchCommand) Run(ctx context.Context, w world) error {
	res, err := watchbench.Run(ctx, watchbench.Options{
		Queries: c.Queries, Messages: c.Messages, Threads: c.Threads, Seconds: c.Seconds, Digest: c.Digest,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w.out).Encode(res)
	}
	fmt.Fprintf(w.out, "%d сообщений, %d совпадений; сообщений в секунду процессора: %.0f (первый проход %.0f); память %.0f МБ\n",
		res.Messages, res.Matches, res.Warm, res.FirstPass, res.RSS)
	if c.Digest {
		fmt.Fprintln(w.out, res.Digest)
	}
	return nil
}
