package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"otklik/internal/classify"
	"otklik/internal/fault"
	"otklik/internal/locate"
	"otklik/internal/russian"
)

type evalCommand struct {
	Topics evalTopicsCommand `cmd:"" help:"How well topics are found."`
	Places evalPlacesCommand `cmd:"" help:"How well places are found."`

	Clusters evalClustersCommand `cmd:"" help:"How well messages about the same thing are found."`
}

type evalTopicsCommand struct {
	Train       string `help:"Labelled CSV to learn from; without it the shipped classifier." placeholder:"A"`
	Test        string `required:"" help:"Labelled CSV to be measured on." placeholder:"B"`
	Label       string `required:"" help:"Column that holds the label." placeholder:"COLUMN"`
	JSON        bool   `name:"json" help:"Print one JSON object."`
	Predictions string `help:"Write one JSON object a case here." placeholder:"FILE"`
}

func (evalTopicsCommand) Help() string {
	return `Example:
  otklik eval topics --train a.csv --test b.csv --label topic --json`
}

// Run measures.
func (c evalTopicsCommand) Run(ctx context.Context, w world) error {
	analyzer, err := russian.New()
	if err != nil {
		return err
	}
	var train io.Reader // stays nil without a file: an *os.File that is nil would not
	if c.Train != "" {
		f, err := openFile(c.Train)
		if err != nil {
			return err
		}
		defer f.Close()
		train = f
	}
	test, err := openFile(c.Test)
	if err != nil {
		return err
	}
	defer test.Close()
	return predictions(c.Predictions, func(out io.Writer) error {
		sum, err := classify.EvalTopics(ctx, analyzer, train, test, c.Label, out)
		if err != nil { // it says which of the two tables
			return fmt.Errorf("%s: %w", strings.TrimPrefix(c.Train+", "+c.Test, ", "), err)
		}
		if c.JSON {
			return json.NewEncoder(w.out).Encode(sum)
		}
		fmt.Fprintf(w.out, "случаев %d; первая тема верна %.3f, одна из трёх %.3f; без ответа %d; точность уверенной половины %.3f, уверенных 30 %% %.3f\n",
			sum.N, sum.Top1, sum.Top3, sum.Refused, sum.PrecisionHalf, sum.Precision30)
		return nil
	})
}

type evalPlacesCommand struct {
	File        string `arg:"" name:"FILE" help:"JSON lines {text, spans: [{start, end, label}]}; offsets are code points."`
	JSON        bool   `name:"json" help:"Print one JSON object."`
	Predictions string `help:"Write one JSON object a case here." placeholder:"FILE"`
}

func (evalPlacesCommand) Help() string {
	return `Measures the grammar alone: no gazetteer is asked.

Example:
  otklik eval places spans.jsonl --json`
}

// Run measures.
func (c evalPlacesCommand) Run(ctx context.Context, w world) error {
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
		sum, err := locate.Evaluate(f, locate.New(nil), analyzer.Read, nil, lines[locate.Prediction](out))
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
		if c.JSON {
			return json.NewEncoder(w.out).Encode(sum)
		}
		fmt.Fprintf(w.out, "случаев %d; точность %.3f, полнота %.3f, F1 %.3f\n", sum.N, sum.Precision, sum.Recall, sum.F1)
		labels := make([]string, 0, len(sum.ByLabel))
		for l := range sum.ByLabel {
			labels = append(labels, string(l))
		}
		slices.Sort(labels)
		for _, l := range labels {
			m := sum.ByLabel[locate.Label(l)]
			fmt.Fprintf(w.out, "  %-14s %.3f %.3f %.3f (%d)\n", l, m.Precision, m.Recall, m.F1, m.N)
		}
		return nil
	})
}

// lines writes each value as one line of JSON; nil when there is nowhere to write.
func lines[T any](out io.Writer) func(T) error {
	if out == nil {
		return nil
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return func(v T) error { return enc.Encode(v) }
}

// predictions runs fn with the file of predictions, nil when none is asked for.
func predictions(name string, fn func(io.Writer) error) error {
	if name == "" {
		return fn(nil)
	}
	f, err := os.Create(name)
	if err != nil {
		return fault.New(fault.Unavailable, "%w", err).Mend("check the folder of --predictions")
	}
	err = fn(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
