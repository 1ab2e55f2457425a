package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"otklik/internal/gazetteer"
)

// A progress is a bar on a terminal, and silence elsewhere.
type progress struct {
	err io.Writer
	bar *progressbar.ProgressBar
}

func newProgress(err io.Writer, name string, size int64, quiet bool) *progress {
	p := &progress{err: err}
	f, ok := err.(*os.File)
	if !ok || quiet {
		return p
	}
	if st, e := f.Stat(); e == nil && st.Mode()&os.ModeCharDevice != 0 {
		p.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(err), progressbar.OptionSetDescription(name),
			progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish())
	}
	return p
}

func (p *progress) reader(r io.Reader) io.Reader {
	if p.bar == nil {
		return r
	}
	return io.TeeReader(r, p.bar)
}

func (p *progress) say(line string) {
	if p.bar != nil {
		p.bar.Clear()
	}
	fmt.Fprintln(p.err, line)
}

func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Finish()
	}
}

// places shows how far an import of places is; on no terminal it is silent.
func (p *progress) places(at gazetteer.Progress) {
	if p.bar == nil {
		return
	}
	if at.Total > 0 && p.bar.GetMax64() != at.Total {
		p.bar.ChangeMax64(at.Total)
	}
	_ = p.bar.Set64(at.Bytes)
}
