// Package render is what the generated pages are written with: a writer that
// remembers its first failure, so that a page need not ask after every word
// whether the last one went well.
//
// Nobody calls it by hand. templ makes Go of a page, cmd/otklik-pages says the
// same in fewer words, and those words are the names of this package. templ's
// own words took five statements and a check for each piece of text, and the
// staff's pages alone were 2 MB of machine code because of it.
package render

import (
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"
)

// Context is context.Context under a name that no page can have imported already.
type Context = context.Context

// full is the number of bytes after which a page goes on to where it is written.
// kept bounds what a writer at rest may hold: one long text does not stay in memory.
const (
	full = 4 << 10
	kept = 64 << 10
)

// A Writer collects one page and all components inside it. The first failure,
// of a component or of the place it writes to, is kept: nothing that follows
// it is written, and Render of the outermost component returns it.
type Writer struct {
	to  io.Writer
	b   []byte
	err error
}

var writers = sync.Pool{New: func() any { return &Writer{b: make([]byte, 0, full+full/2)} }}

// Raw writes HTML as it is.
//
//go:noinline
func (w *Writer) Raw(s string) {
	w.b = append(w.b, s...)
	if len(w.b) >= full {
		w.send()
	}
}

// Text writes words, escaped so that they are words inside an element and
// inside an attribute in quotes.
//
//go:noinline
func (w *Writer) Text(s string) {
	from := 0
	for i := range len(s) {
		var code string
		switch s[i] {
		case '&':
			code = "&amp;"
		case '\'':
			code = "&#39;"
		case '<':
			code = "&lt;"
		case '>':
			code = "&gt;"
		case '"':
			code = "&#34;"
		default:
			continue
		}
		w.b = append(append(w.b, s[from:i]...), code...)
		from = i + 1
	}
	w.Raw(s[from:])
}

// URL writes an address. One that is not known to be safe is replaced unless its
// scheme is harmless; of the type templ.SafeURL it is known.
func URL[T ~string](w *Writer, u T) {
	if safe, ok := any(u).(templ.SafeURL); ok {
		w.Text(string(safe))
		return
	}
	w.Text(string(templ.URL(string(u))))
}

// Put writes another component here.
//
//go:noinline
func (w *Writer) Put(ctx Context, c templ.Component) {
	if w.err == nil {
		w.fail(c.Render(ctx, w))
	}
}

// Wrap writes another component here, which puts children into itself.
//
//go:noinline
func (w *Writer) Wrap(ctx Context, c, children templ.Component) {
	if w.err == nil {
		w.fail(c.Render(templ.WithChildren(ctx, children), w))
	}
}

// Styles writes what classes bring with them, once in a page.
//
//go:noinline
func (w *Writer) Styles(ctx Context, classes ...any) {
	if w.err == nil {
		w.fail(templ.RenderCSSItems(ctx, w, classes...))
	}
}

// Attributes writes attributes that were put together elsewhere.
//
//go:noinline
func (w *Writer) Attributes(ctx Context, list templ.Attributer) {
	if w.err == nil {
		w.fail(templ.RenderAttributes(ctx, w, list))
	}
}

// Write is for components written by hand, which know an io.Writer only.
func (w *Writer) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	if len(w.b) >= full {
		w.send()
	}
	return len(p), w.err
}

// WriteString is Write without making bytes of it first.
func (w *Writer) WriteString(s string) (int, error) {
	w.Raw(s)
	return len(s), w.err
}

// fail keeps the first failure. What was written before it still goes out.
func (w *Writer) fail(err error) {
	if err != nil && w.err == nil {
		w.send()
		w.err = err
	}
}

// send passes on what was collected, or drops it after a failure.
func (w *Writer) send() {
	if w.err == nil {
		n, err := w.to.Write(w.b)
		if err == nil && n < len(w.b) {
			err = io.ErrShortWrite
		}
		w.err = err
	}
	w.b = w.b[:0]
}

// run lets body write to the writer of the page, or to a new one around to.
func run(ctx Context, to io.Writer, body func(ctx Context, w *Writer)) error {
	if w, inside := to.(*Writer); inside {
		body(ctx, w)
		return w.err
	}
	w := writers.Get().(*Writer)
	w.to, w.b, w.err = to, w.b[:0], nil
	body(ctx, w) // when it panics, the writer is lost with the page
	w.send()
	err := w.err
	w.to, w.err = nil, nil
	if cap(w.b) <= kept {
		writers.Put(w)
	}
	return err
}

// A Component is the body of a component without children.
type Component func(ctx Context, w *Writer)

// Render implements templ.Component.
func (c Component) Render(ctx context.Context, to io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return run(templ.ClearChildren(templ.InitializeContext(ctx)), to, c)
}

// A Layout is the body of a component that puts children into itself. Without
// any it gets a component that writes nothing.
type Layout func(ctx Context, w *Writer, children templ.Component)

// Render implements templ.Component.
func (l Layout) Render(ctx context.Context, to io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = templ.InitializeContext(ctx)
	children := templ.GetChildren(ctx)
	return run(templ.ClearChildren(ctx), to, func(ctx Context, w *Writer) { l(ctx, w, children) })
}

// Children are what one component passes to another to put into itself.
type Children func(ctx Context, w *Writer)

// Render implements templ.Component.
func (c Children) Render(ctx context.Context, to io.Writer) error {
	return run(templ.InitializeContext(ctx), to, c)
}
