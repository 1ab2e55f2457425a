package fakepage

import (
	"bytes"
	"fmt"
	"reflect"
	"text/template/parse"
)

// state is one template at work.
type state struct {
	pages *Pages
	out   *bytes.Buffer
	vars  []variable // the last of a name holds
	depth int
}

type variable struct {
	name  string
	value reflect.Value
}

func (s *state) walk(dot reflect.Value, node parse.Node) error {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil // no {{else}}
		}
		for _, k := range n.Nodes {
			if err := s.walk(dot, k); err != nil {
				return err
			}
		}
		return nil
	case *parse.TextNode:
		s.out.Write(n.Text)
		return nil
	case *parse.CommentNode:
		return nil
	case *parse.ActionNode:
		v, err := s.pipe(dot, n.Pipe)
		if err != nil || n.Pipe.Decl != nil {
			return err
		}
		return write(s.out, v)
	case *parse.IfNode:
		return s.branch(dot, &n.BranchNode, false)
	case *parse.WithNode:
		return s.branch(dot, &n.BranchNode, true)
	case *parse.RangeNode:
		return s.each(dot, n)
	case *parse.TemplateNode:
		v := reflect.Value{}
		if n.Pipe != nil {
			var err error
			if v, err = s.pipe(dot, n.Pipe); err != nil {
				return err
			}
		}
		return s.pages.run(s.out, n.Name, v, s.depth+1)
	}
	return fmt.Errorf("%s is not known here", node)
}

// inner walks a block, whose variables end with it.
func (s *state) inner(dot reflect.Value, list *parse.ListNode) error {
	mark := len(s.vars)
	defer func() { s.vars = s.vars[:mark] }()
	return s.walk(dot, list)
}

func (s *state) branch(dot reflect.Value, n *parse.BranchNode, with bool) error {
	mark := len(s.vars)
	defer func() { s.vars = s.vars[:mark] }()
	v, err := s.pipe(dot, n.Pipe)
	switch {
	case err != nil:
		return err
	case !truth(v):
		return s.inner(dot, n.ElseList)
	case with:
		return s.inner(v, n.List)
	}
	return s.inner(dot, n.List)
}

func (s *state) each(dot reflect.Value, n *parse.RangeNode) error {
	mark := len(s.vars)
	defer func() { s.vars = s.vars[:mark] }()
	if len(n.Pipe.Decl) > 1 {
		return fmt.Errorf("%s: range gives no index", n.Pipe)
	}
	v, err := s.pipe(dot, n.Pipe)
	if err != nil {
		return err
	}
	if v = under(v); v.IsValid() && v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return fmt.Errorf("%s: a %s is no list", n.Pipe, v.Type())
	}
	if !v.IsValid() || v.Len() == 0 {
		return s.inner(dot, n.ElseList)
	}
	for i := range v.Len() {
		if n.Pipe.Decl != nil {
			s.vars[mark].value = v.Index(i)
		}
		if err := s.inner(v.Index(i), n.List); err != nil {
			return err
		}
	}
	return nil
}
