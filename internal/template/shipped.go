package template

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"otklik/internal/topic"
)

//go:embed shipped.txt
var shippedText string

var shipped = sync.OnceValues(func() ([]Template, error) { return parse(shippedText) })

// Shipped returns the templates that the program brings, for the topics and groups
// of the taxonomy; one for a topic that is not there any more is left out.
func Shipped(topics *topic.Taxonomy) ([]Template, error) {
	list, err := shipped()
	if err != nil {
		return nil, err
	}
	var out []Template
	for _, t := range list {
		of := t.Topic
		if of == "" {
			out = append(out, t)
			continue
		}
		if tp, ok := topics.ByCode(of); ok && !tp.Retired {
			out = append(out, t)
			continue
		}
		if k := slices.IndexFunc(topics.Groups(), func(g topic.Group) bool { return g.Code == of }); k >= 0 {
			t.Topic, t.Group = "", topics.Groups()[k].Name
			out = append(out, t)
		}
	}
	return out, nil
}

// parse reads shipped.txt. A group stands as a topic until Shipped looks it up.
func parse(text string) (list []Template, err error) {
	for n, part := range strings.Split("\n"+text, "\n== ") {
		if n == 0 { // what stands before the first header
			continue
		}
		head, body, _ := strings.Cut(part, "\n")
		f := strings.Split(head, " | ")
		if len(f) != 4 {
			return nil, fmt.Errorf("shipped template %d: %d fields in its header, want 4", n, len(f))
		}
		t := Template{Code: strings.TrimSpace(f[0]), Kind: Kind(f[1]), Topic: topic.Code(f[2]), Name: f[3], Text: body, Version: 1}
		if t.Topic == "*" {
			t.Topic = ""
		}
		if err := t.Check(); err != nil {
			return nil, fmt.Errorf("shipped template %s: %w", t.Code, err)
		}
		list = append(list, t)
	}
	return list, nil
}
