// Package fakepage writes the pages of the fake networks from templates in the
// language of html/template, of which it knows what those pages need: text,
// {{define}}, {{template}}, {{if}}, {{range}}, {{with}}, fields, variables, and
// functions. Every value is escaped by where it stands.
//
// html/template itself calls methods by name. The linker then keeps every
// exported method of the program: 3.4 MB in a binary that ships the fakes for
// its demo. Here a template sees fields and functions, no methods.
package fakepage

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"text/template/parse"
)

// HTML is markup that its maker escaped; it is written as it stands.
type HTML string

// CSS is a style that its maker wrote safely; it may stand in style="…".
type CSS string

// Funcs are functions that templates call by name: of any arguments, with one result.
type Funcs map[string]any

// Pages are templates that were read, by the names of their files.
type Pages struct {
	trees map[string]*parse.Tree
	funcs map[string]reflect.Value
}

// Parse reads the templates of a folder that a pattern names.
func Parse(files fs.FS, pattern string, more Funcs) (*Pages, error) {
	p := &Pages{trees: map[string]*parse.Tree{}, funcs: map[string]reflect.Value{}}
	names := map[string]any{"len": size, "not": not, "or": or, "and": and, "eq": equal}
	maps.Copy(names, more)
	for name, f := range names {
		p.funcs[name] = reflect.ValueOf(f)
	}
	found, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fmt.Errorf("fakepage: no file is called %s", pattern)
	}
	for _, file := range found {
		b, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		trees, err := parse.Parse(path.Base(file), string(b), "", "", names)
		if err != nil {
			return nil, fmt.Errorf("fakepage: %w", err)
		}
		for name, t := range trees {
			if _, twice := p.trees[name]; twice {
				return nil, fmt.Errorf("fakepage: %s defines %q, which another file has", file, name)
			}
			p.trees[name] = t
		}
	}
	return p, nil
}

// Execute writes a page that shows data. Nothing is written of a page that fails.
func (p *Pages) Execute(w io.Writer, name string, data any) error {
	var b bytes.Buffer
	if err := p.run(&b, name, reflect.ValueOf(data), 0); err != nil {
		return fmt.Errorf("fakepage: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}

// mostDepth ends templates that call themselves for ever.
const mostDepth = 100

func (p *Pages) run(b *bytes.Buffer, name string, dot reflect.Value, depth int) error {
	t := p.trees[name]
	if t == nil {
		return fmt.Errorf("there is no template %q", name)
	}
	if depth > mostDepth {
		return fmt.Errorf("template %q calls itself", name)
	}
	s := state{pages: p, out: b, depth: depth, vars: []variable{{"$", dot}}}
	if err := s.walk(dot, t.Root); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
