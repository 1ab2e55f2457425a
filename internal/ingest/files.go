package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// fileBatch is how many records of a file share one transaction: large enough
// that the disk's flush costs little, small enough that people are not kept
// waiting behind it.
const fileBatch = 250

// A Rejection is a record of a file that was not taken.
type Rejection struct {
	File   string
	Line   int // 0 where the format has no lines
	Index  int // record number, from 1
	Reason string
	Text   string // for people: what is wrong and how to mend it
	Cut    bool   // the file was cut off here, or cannot be read from here on
}

func (r Rejection) String() string {
	where := fmt.Sprintf("%s, запись %d", r.File, r.Index)
	if r.Line > 0 {
		where = fmt.Sprintf("%s:%d", r.File, r.Line)
	}
	return where + ": " + strings.TrimSpace(r.Text)
}

// A FileRun is one file to take in.
type FileRun struct {
	Name      string // as shown in errors
	Format    source.File
	Content   io.Reader
	Source    string // replaces the source of every message, if set
	Territory string // OKTMO that the file speaks for; may be empty
	Progress  func(Summary)
	Rejected  func(Rejection)
	Lost      func(what source.Loss, line int) // a part of a record that was taken without it
}

// ErrCut says that a file was taken in as far as it goes, and that it does not
// go to its end; the last rejection has told where and how to mend it.
var ErrCut = fault.New(fault.Invalid, "the file was cut off").Mend("get the whole file and run the same command again: nothing is taken twice")

// File takes a whole file in. An error that ends the file early still returns
// what was taken before it: that is stored, and a second run goes on. ErrCut is
// the error of a file that was cut off, of whatever format.
func (in *Intake) File(ctx context.Context, run FileRun) (sum Summary, err error) {
	if err := in.Forget(ctx, 0); err != nil { // no service may be running that does
		return sum, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var cut error
	var late tail
	defer func() {
		if e := in.end(context.WithoutCancel(ctx), &late); err == nil {
			err = e
		}
	}()
	read := make(chan read, 4)
	go in.readFile(ctx, run, read)
	for part := range read {
		for _, r := range part.rejected {
			sum.reject(r.Reason)
			if r.Cut {
				cut = ErrCut
			}
			if run.Rejected != nil {
				run.Rejected(r)
			}
		}
		if run.Lost != nil {
			for _, l := range part.lost {
				run.Lost(l.what, l.line)
			}
		}
		if len(part.messages) > 0 {
			one, err := in.take(ctx, part.messages, nil, &late)
			sum.Add(one)
			if err != nil {
				return sum, &stopped{part.line, err}
			}
		}
		if run.Progress != nil {
			run.Progress(sum)
		}
		if part.err != nil {
			return sum, part.err
		}
	}
	return sum, cmp.Or(ctx.Err(), cut)
}

// A read is a part of a file.
type read struct {
	messages []message.Message
	line     int // of the first message, or its number where the format has no lines
	rejected []Rejection
	lost     []loss
	err      error
}

// A loss is what was lost of the record at a line, or of that number where the format has no lines.
type loss struct {
	what source.Loss
	line int
}

func (in *Intake) readFile(ctx context.Context, run FileRun, out chan<- read) {
	defer close(out)
	var part read
	flush := func() bool {
		select {
		case out <- part:
			part = read{}
			return true
		case <-ctx.Done():
			return false
		}
	}
	for rec, err := range run.Format.Records(ctx, run.Name, run.Content) {
		switch {
		case err != nil:
			part.err = err
			flush()
			return
		case rec.Err != nil:
			part.rejected = append(part.rejected, Rejection{File: run.Name, Line: rec.Line, Index: rec.Index, Reason: rec.Err.Reason, Text: rec.Err.Text, Cut: rec.Err.Cut})
		case len(rec.Message.Text) > in.TextLimit:
			part.rejected = append(part.rejected, Rejection{
				File: run.Name, Line: rec.Line, Index: rec.Index, Reason: "too_large",
				Text: fmt.Sprintf("сообщение длиннее %d МБ; сократите его или разделите", in.TextLimit>>20),
			})
		default:
			m := rec.Message
			if run.Source != "" {
				m.Source = run.Source
			}
			if run.Territory != "" {
				m.Territory = run.Territory
			}
			if len(part.messages) == 0 {
				part.line = cmp.Or(rec.Line, rec.Index)
			}
			part.messages = append(part.messages, m)
			for _, what := range rec.Lost {
				if what == source.LostTerritory && run.Territory != "" {
					continue // the run says which it is
				}
				part.lost = append(part.lost, loss{what, cmp.Or(rec.Line, rec.Index)})
			}
		}
		if len(part.messages) >= fileBatch || len(part.rejected) >= fileBatch {
			if !flush() {
				return
			}
		}
	}
	if len(part.messages)+len(part.rejected) > 0 {
		flush()
	}
}

// stopped says from which line of a file on nothing was taken.
type stopped struct {
	line int
	err  error
}

func (s *stopped) Error() string { return fmt.Sprintf("from line %d on: %v", s.line, s.err) }
func (s *stopped) Unwrap() error { return s.err }

// Explain returns what went wrong with a whole file, for the command line.
func Explain(name string, err error) string {
	var s *stopped
	if errors.As(err, &s) {
		name, err = fmt.Sprintf("%s:%d", name, s.line), s.err
	}
	if s := fault.Sentence(err); s != "" {
		return name + ": " + s
	}
	return name + ": " + err.Error()
}
