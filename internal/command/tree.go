package command

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// A node is the program itself, a group of commands or a command.
type node struct {
	name, help string
	value      reflect.Value // the struct
	up         *node
	kids       []*node
	flags      []*field
	args       []*field
}

// A field is a flag or an argument.
type field struct {
	name, help          string
	placeholder, preset string
	enum                []string
	required, negatable bool
	value               reflect.Value
	given               bool
}

// tree describes the commands below a struct, which a pointer leads to.
func tree(name, help string, root any) (*node, error) {
	v := reflect.ValueOf(root)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("command: %T is no pointer to a struct", root)
	}
	n := &node{name: name, help: help, value: v.Elem()}
	return n, n.describe()
}

func (n *node) describe() error {
	t := n.value.Type()
	for i := range t.NumField() {
		f, v := t.Field(i), n.value.Field(i)
		name := f.Tag.Get("name")
		if name == "" {
			name = dashed(f.Name)
		}
		if _, ok := f.Tag.Lookup("cmd"); ok {
			kid := &node{name: name, help: f.Tag.Get("help"), value: v, up: n}
			n.kids = append(n.kids, kid)
			if err := kid.describe(); err != nil {
				return err
			}
			continue
		}
		d := &field{name: name, help: f.Tag.Get("help"), placeholder: f.Tag.Get("placeholder"), preset: f.Tag.Get("default"), value: v}
		if s := f.Tag.Get("enum"); s != "" {
			d.enum = strings.Split(s, ",")
		}
		_, d.required = f.Tag.Lookup("required")
		_, d.negatable = f.Tag.Lookup("negatable")
		if !readable(d.element()) {
			return fmt.Errorf("command: %s.%s: a %s cannot be read from a command line", t, f.Name, v.Type())
		}
		if _, ok := f.Tag.Lookup("arg"); ok {
			_, optional := f.Tag.Lookup("optional")
			d.required = !optional
			n.args = append(n.args, d)
		} else {
			n.flags = append(n.flags, d)
		}
		if d.preset != "" {
			if err := d.set(d.preset); err != nil {
				return fmt.Errorf("command: %s.%s: default: %w", t, f.Name, err)
			}
			d.given = false
		}
	}
	return nil
}

// dashed is a field's name on the command line: DryRun is dry-run.
func dashed(name string) string {
	var b strings.Builder
	low := false
	for _, r := range name {
		if low && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		low = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// path is what a person types to call the command, without the program's name.
func (n *node) path() string {
	if n.up == nil {
		return ""
	}
	return strings.TrimSpace(n.up.path() + " " + n.name)
}

// leaves are the commands below, groups left out.
func (n *node) leaves() (list []*node) {
	for _, k := range n.kids {
		if k.kids == nil {
			list = append(list, k)
		} else {
			list = append(list, k.leaves()...)
		}
	}
	return list
}

// Paths are the commands below a struct as a person types them, without the program's name.
func Paths(root any) ([]string, error) {
	n, err := tree("", "", root)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, k := range n.leaves() {
		list = append(list, k.path())
	}
	return list, nil
}
