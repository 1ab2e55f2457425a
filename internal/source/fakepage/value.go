package fakepage

import (
	"fmt"
	"reflect"
	"text/template/parse"
)

// pipe returns a pipeline's value and keeps it under the name that it declares.
func (s *state) pipe(dot reflect.Value, p *parse.PipeNode) (reflect.Value, error) {
	if len(p.Cmds) != 1 || p.IsAssign {
		return reflect.Value{}, fmt.Errorf("%s: only one value or call stands between braces", p)
	}
	v, err := s.command(dot, p.Cmds[0])
	if err != nil {
		return v, fmt.Errorf("%s: %w", p, err)
	}
	for _, d := range p.Decl {
		s.vars = append(s.vars, variable{d.Ident[0], v})
	}
	return v, nil
}

func (s *state) command(dot reflect.Value, c *parse.CommandNode) (reflect.Value, error) {
	name, call := c.Args[0].(*parse.IdentifierNode)
	if !call {
		if len(c.Args) > 1 {
			return reflect.Value{}, fmt.Errorf("%s is no function", c.Args[0])
		}
		return s.value(dot, c.Args[0])
	}
	f := s.pages.funcs[name.Ident]
	var args []reflect.Value
	for i, a := range c.Args[1:] {
		v, err := s.value(dot, a)
		if err != nil {
			return v, err
		}
		if !v.IsValid() {
			return v, fmt.Errorf("argument %d is nothing", i+1)
		}
		args = append(args, v)
	}
	t := f.Type()
	if len(args) != t.NumIn() {
		return reflect.Value{}, fmt.Errorf("%s takes %d arguments", name, t.NumIn())
	}
	for i, a := range args {
		if !a.Type().AssignableTo(t.In(i)) {
			return reflect.Value{}, fmt.Errorf("argument %d is a %s, no %s", i+1, a.Type(), t.In(i))
		}
	}
	return f.Call(args)[0], nil
}

func (s *state) value(dot reflect.Value, node parse.Node) (reflect.Value, error) {
	switch n := node.(type) {
	case *parse.DotNode:
		return dot, nil
	case *parse.FieldNode:
		return fields(dot, n.Ident)
	case *parse.VariableNode:
		for i := len(s.vars) - 1; i >= 0; i-- {
			if s.vars[i].name == n.Ident[0] {
				return fields(s.vars[i].value, n.Ident[1:])
			}
		}
	case *parse.PipeNode:
		return s.pipe(dot, n)
	case *parse.StringNode:
		return reflect.ValueOf(n.Text), nil
	case *parse.BoolNode:
		return reflect.ValueOf(n.True), nil
	case *parse.NumberNode:
		if n.IsInt {
			return reflect.ValueOf(int(n.Int64)), nil
		}
	}
	return reflect.Value{}, fmt.Errorf("%s is not known here", node)
}

func fields(v reflect.Value, names []string) (reflect.Value, error) {
	for _, name := range names {
		if v = under(v); !v.IsValid() || v.Kind() != reflect.Struct {
			return v, fmt.Errorf("nothing here has a field %s", name)
		}
		f, ok := v.Type().FieldByName(name)
		if !ok || !f.IsExported() {
			return v, fmt.Errorf("a %s has no field %s", v.Type(), name)
		}
		v = v.FieldByIndex(f.Index)
	}
	return v, nil
}

// under follows pointers and interfaces; nil is no value.
func under(v reflect.Value) reflect.Value {
	for v.IsValid() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		v = v.Elem()
	}
	return v
}

// truth is false for nothing, false, 0 and what is empty; a struct is true.
func truth(v reflect.Value) bool {
	if v = under(v); !v.IsValid() {
		return false
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() > 0
	case reflect.Struct:
		return true
	}
	return !v.IsZero()
}

func size(v any) int      { return under(reflect.ValueOf(v)).Len() }
func not(v any) bool      { return !truth(reflect.ValueOf(v)) }
func equal(a, b any) bool { return number(a) == number(b) }

func or(a, b any) any {
	if truth(reflect.ValueOf(a)) {
		return a
	}
	return b
}

func and(a, b any) any {
	if truth(reflect.ValueOf(a)) {
		return b
	}
	return a
}

// number makes whole numbers of every size the same, so that eq .ID 1 holds.
func number(v any) any {
	if r := reflect.ValueOf(v); r.IsValid() && r.CanInt() {
		return r.Int()
	}
	return v
}
