package render_test

import (
	"context"
	"errors"
	"html"
	"io"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"otklik/internal/render"
)

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "двор", `<a href="x">'&'</a>`, "&amp;", "<", "\xff\x00>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b strings.Builder
		c := render.Component(func(_ render.Context, w *render.Writer) { w.Text(s) })
		if err := c.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if want := html.EscapeString(s); b.String() != want {
			t.Errorf("Text(%q) = %q, want %q", s, &b, want)
		}
	})
}

// lazy takes half of what it is given and says nothing.
type lazy struct{ strings.Builder }

func (l *lazy) Write(p []byte) (int, error) { return l.Builder.Write(p[:len(p)/2]) }

func TestTheFirstFailureIsKept(t *testing.T) {
	t.Parallel()
	lamp, later := errors.New("the lamp is out"), errors.New("too late")
	failing := func(err error) templ.Component {
		return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			io.WriteString(w, "half ")
			return err
		})
	}
	page := func(parts ...templ.Component) render.Component {
		return func(ctx render.Context, w *render.Writer) {
			w.Raw("begun ")
			for _, p := range parts {
				w.Put(ctx, p)
			}
			w.Raw("done")
		}
	}
	for name, c := range map[string]struct {
		page templ.Component
		want string
		err  error
	}{
		"nothing fails":           {page(templ.Raw("well ")), "begun well done", nil},
		"a part fails":            {page(failing(lamp), templ.Raw("never")), "begun half ", lamp},
		"two parts fail":          {page(failing(lamp), failing(later)), "begun half ", lamp},
		"a part of a part fails":  {page(page(failing(lamp)), templ.Raw("never")), "begun begun half ", lamp},
		"a part of a child fails": {page(render.Children(page(failing(lamp)))), "begun begun half ", lamp},
	} {
		var b strings.Builder
		if err := c.page.Render(t.Context(), &b); !errors.Is(err, c.err) || b.String() != c.want {
			t.Errorf("%s: Render = %q, %v; want %q, %v", name, &b, err, c.want, c.err)
		}
	}
	if err := page().Render(t.Context(), &lazy{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("Render into a place that takes half = %v, want %v", err, io.ErrShortWrite)
	}
}

// TestLongPages: pages longer than the writer's buffer come whole and in order.
func TestLongPages(t *testing.T) {
	t.Parallel()
	street := strings.Repeat("улица Мира <1>, ", 700)
	for range 3 { // the writer of one page serves the next
		var b strings.Builder
		c := render.Component(func(_ render.Context, w *render.Writer) {
			for range 20 {
				w.Raw("<p>")
				w.Text(street)
				io.WriteString(w, "</p>")
				w.Write([]byte("\n"))
			}
		})
		if err := c.Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if want := strings.Repeat("<p>"+html.EscapeString(street)+"</p>\n", 20); b.String() != want {
			t.Errorf("a page of %d bytes came as %d bytes or in another order", len(want), b.Len())
		}
	}
}
