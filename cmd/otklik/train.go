package main

import (
	"context"
	"fmt"
	"os"

	"otklik/internal/classify"
	"otklik/internal/fault"
	"otklik/internal/russian"
)

type trainCommand struct {
	Data  string `required:"" help:"Labelled CSV: a column text and the label's column." placeholder:"FILE"`
	Label string `required:"" help:"Column that holds the label." placeholder:"COLUMN"`
	Out   string `required:"" help:"Where to write the model." placeholder:"FILE"`
}

func (trainCommand) Help() string {
	return `Builds a topic model from a labelled CSV. Name the file in otklik.json as "model"
to use it.

Example:
  otklik train --data labelled.csv --label topic --out topics.model`
}

// Run trains. The model is written whole or not at all.
func (c trainCommand) Run(ctx context.Context, w world) error {
	analyzer, err := russian.New()
	if err != nil {
		return err
	}
	if st, err := os.Stat(c.Out); err == nil && !st.Mode().IsRegular() {
		return fault.New(fault.Invalid, "%s is no ordinary file, and the model takes the place of what stands there", c.Out).Mend("name a file with --out")
	}
	table, err := openFile(c.Data)
	if err != nil {
		return err
	}
	defer table.Close()
	m, err := classify.TrainTable(analyzer, table, c.Label)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Data, err)
	}
	m.Card.Made = w.now().UTC()
	tmp := c.Out + ".new"
	out, err := os.Create(tmp)
	if err != nil {
		return fault.New(fault.Unavailable, "%w", err).Mend("check the rights and the free space of the folder")
	}
	_, err = m.WriteTo(out)
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp, c.Out)
	}
	if err != nil {
		os.Remove(tmp)
		return fault.New(fault.Unavailable, "%w", err).Mend("check the rights and the free space of the folder")
	}
	fmt.Fprintf(w.out, "%s: тем %d\n", c.Out, len(m.Labels))
	return nil
}

func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.New(fault.NotFound, "%w", err).Mend("check the name and the rights of the file")
	}
	if st, err := f.Stat(); err == nil && st.IsDir() {
		f.Close()
		return nil, fault.New(fault.Invalid, "%s is a folder", name).Mend("name a file in it")
	}
	return f, nil
}
