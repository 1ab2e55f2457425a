// Command mkmodel makes the topic model that the product ships from the
// examples and rules in data/topics. Run it by `go generate ./internal/classify`.
package main

import (
	"bytes"
	"fmt"
	"os"

	"otklik/internal/classify"
	"otklik/internal/russian"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mkmodel:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: mkmodel FILE")
	}
	r, err := russian.New()
	if err != nil {
		return err
	}
	m, err := classify.TrainShipped(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return err
	}
	return os.WriteFile(args[0], b.Bytes(), 0o644)
}
