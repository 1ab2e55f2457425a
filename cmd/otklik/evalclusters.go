package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"syscall"
	"time"

	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/russian"
)

type evalClustersCommand struct {
	File        string `arg:"" name:"FILE" help:"JSON lines {id, text, cluster}, in the order of the stream."`
	JSON        bool   `name:"json" help:"Print one JSON object."`
	Predictions string `help:"Write one JSON object a case here." placeholder:"FILE"`
}

func (evalClustersCommand) Help() string {
	return `Counts pairs of messages in one cluster, and messages per CPU second of the online
index over analysed texts; the figure with the analysis stands beside it.

Example:
  otklik eval clusters clusters.jsonl --json`
}

// Run measures.
func (c evalClustersCommand) Run(ctx context.Context, w world) error {
	analyzer, err := russian.New()
	if err != nil {
		return err
	}
	f, err := openFile(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return predictions(c.Predictions, func(out io.Writer) error {
		sum, err := cluster.Evaluate(f, analyzer.ReadInto, processorTime, lines[cluster.Prediction](out))
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
		if c.JSON {
			return json.NewEncoder(w.out).Encode(sum)
		}
		fmt.Fprintf(w.out, "сообщений %d; точность %.3f, полнота %.3f, F1 %.3f; групп %d\nсообщений в секунду процессора: %.0f по разобранным текстам, %.0f вместе с разбором; одни ключи %.0f\n",
			sum.N, sum.Precision, sum.Recall, sum.F1, sum.Clusters, sum.Speed, sum.WithReading, sum.Keys)
		return nil
	})
}

// processorTime is what this process has used: the machines that we measure on
// are shared.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(fault.New(fault.Internal, "getrusage: %w", err))
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
