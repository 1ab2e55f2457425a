package site

import (
	"context"
	"io"
	"regexp"
	"strconv"
	"sync"

	"github.com/a-h/templ"
)

// Icon draws an icon of the sprite beside its word; it says nothing to a screen
// reader. It panics for a name that is not in the sprite, which any test of the
// page sees.
func Icon(name string) templ.Component {
	c, ok := icons()[name]
	if !ok {
		panic("site: no icon " + strconv.Quote(name))
	}
	return c
}

// An icon is its markup, written as it stands: a page of the queue has two hundred.
type icon struct{ markup string }

func (i *icon) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, i.markup)
	return err
}

var symbols = regexp.MustCompile(`<symbol id="i-([a-z0-9-]+)"`)

var icons = sync.OnceValue(func() map[string]templ.Component {
	set := map[string]templ.Component{}
	for _, m := range symbols.FindAllStringSubmatch(sprites(), -1) {
		set[m[1]] = &icon{`<svg class="icon" aria-hidden="true" focusable="false"><use href="#i-` + m[1] + `"></use></svg>`}
	}
	return set
})

// sprites is the SVG sprite of the icons in use.
var sprites = sync.OnceValue(func() string { return string(assets().byName["icons.svg"].body) })

// A sprite writes all symbols into the page.
type sprite struct{}

func (sprite) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, sprites())
	return err
}
