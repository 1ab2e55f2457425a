package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"

	"otklik/internal/app"
	"otklik/internal/fault"
)

type readCommand struct {
	Region string `help:"Read as the centre of this region does: a name or an OKTMO code. Without it all regions." placeholder:"NAME"`
}

func (readCommand) Help() string {
	return `One text a line, or JSON lines with a field "text"; one JSON object a line comes
back, in the same order. Offsets are UTF-8 bytes.

Example:
  echo 'По улице Ленина в Абазе в районе центральной бани появилась яма' | otklik read --region Хакасия`
}

// lineLimit is the longest line that is read, in bytes.
const lineLimit = 16 << 20

// Run reads lines until the input ends.
func (c readCommand) Run(ctx context.Context, w world) (err error) {
	m, err := app.OpenMicroscope(c.Region)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(w.in, 1<<16)
	out := bufio.NewWriter(w.out)
	defer func() { // an answer that did not arrive is a failure
		if e := out.Flush(); err == nil {
			err = e
		}
	}()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for n := 1; ctx.Err() == nil; n++ {
		line, err := in.ReadBytes('\n')
		if len(line) > lineLimit {
			return fault.New(fault.TooLarge, "line %d has more than %d MB", n, lineLimit>>20).Mend("split it")
		}
		if text := bytes.TrimRight(line, "\r\n"); len(text) > 0 || err == nil {
			if err := enc.Encode(m.Look(textOf(text))); err != nil {
				return err
			}
			if in.Buffered() == 0 {
				out.Flush()
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
	return ctx.Err()
}

// textOf returns the text of a line: the field "text" of a JSON object, else
// the line itself.
func textOf(line []byte) string {
	if len(line) > 0 && line[0] == '{' {
		var o struct {
			Text *string `json:"text"`
		}
		if json.Unmarshal(line, &o) == nil && o.Text != nil {
			return *o.Text
		}
	}
	return string(line)
}
