package file

import (
	"bytes"
	"io"
)

// A window is the part of a stream that is being looked at: it grows to the
// limit and not further.
type window struct {
	r     io.Reader
	limit int
	buf   []byte
	start int
	eof   bool
	err   error // of the read, other than the end
	line  int   // number of the line that the window begins in, from 1
}

func newWindow(r io.Reader, limit int) *window {
	return &window{r: r, limit: limit, line: 1}
}

// bytes returns what the window shows.
func (w *window) bytes() []byte { return w.buf[w.start:] }

// full reports whether the window shows more than a record may have.
func (w *window) full() bool { return len(w.buf)-w.start > w.limit }

// more reads on. It reports whether it is worth looking again: the window has
// grown, or the stream turned out to be at its end.
func (w *window) more() bool {
	if w.eof || w.full() {
		return false
	}
	if w.start > 0 {
		w.buf = append(w.buf[:0], w.buf[w.start:]...)
		w.start = 0
	}
	n := min(max(len(w.buf), 64<<10), w.limit+1)
	for range 100 {
		w.buf = grow(w.buf, n)
		got, err := w.r.Read(w.buf[len(w.buf) : len(w.buf)+n])
		w.buf = w.buf[:len(w.buf)+got]
		if err != nil {
			w.eof = true
			if err != io.EOF {
				w.err = err
			}
			return true
		}
		if got > 0 {
			return true
		}
	}
	w.eof, w.err = true, io.ErrNoProgress
	return true
}

func grow(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	return append(make([]byte, 0, len(b)+n), b...)
}

// advance moves the window's beginning by n bytes.
func (w *window) advance(n int) {
	w.line += bytes.Count(w.buf[w.start:w.start+n], []byte{'\n'})
	w.start += n
}

// skipLine moves behind the next line end, whatever stands before it.
func (w *window) skipLine() {
	for {
		if i := bytes.IndexByte(w.bytes(), '\n'); i >= 0 {
			w.advance(i + 1)
			return
		}
		w.advance(len(w.bytes()))
		if !w.more() {
			return
		}
	}
}
