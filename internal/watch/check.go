package watch

import (
	"slices"
	"strings"

	"otklik/internal/russian"
)

// An Example is a text that the author of a query keeps beside it, as a test.
type Example struct {
	Text  string
	Of    Context
	Match bool // the query must match; else it must not
}

// A Failure is an example that a query does not keep.
type Failure struct {
	Example int    // its index
	Why     string // for people, in Russian; it may quote the query and the example
}

// Check runs the examples of a query; a query without failures may be saved.
func Check(r Reader, q *Query, examples []Example) []Failure {
	s := NewSet([]*Query{q})
	var b Buffer
	var out []Failure
	for i, e := range examples {
		text := r.Read(e.Text)
		hits := s.MatchIn(text, e.Of, &b)
		if len(hits) > 0 == e.Match {
			continue
		}
		if e.Match {
			b.reset(s)
			s.scan(text, &b)
			out = append(out, Failure{i, "Не подошло: " + s.lacks(q.root, s.roots[0], &b) + "."})
			continue
		}
		var words []string
		for _, sp := range s.Spans(hits[0], text, &b, nil) {
			if w := "«" + e.Text[sp.Start:sp.End] + "»"; !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
		out = append(out, Failure{i, "Подошло, хотя не должно: по словам " + strings.Join(words, ", ") + "."})
	}
	return out
}

// lacks says why the node, which is compiled at at, does not hold.
func (s *Set) lacks(n *node, at int32, b *Buffer) string {
	first := s.nodes[at].first
	switch n.op {
	case opWord:
		return "нет слова «" + n.text + "»"
	case opPrefix:
		return "нет слова, которое начинается с «" + n.text + "»"
	case opCondition:
		return "не выполнено условие «" + n.when.String() + "»"
	case opNot:
		return "есть запрещённое «" + n.kids[0].plain() + "»"
	case opOr:
		return "нет ничего из «" + n.plain() + "»"
	case opAnd:
		var all []string
		for i, k := range n.kids {
			if kid := first + int32(i); !s.holds(kid, b) {
				all = append(all, s.lacks(k, kid, b))
			}
		}
		return strings.Join(all, "; ")
	}
	for i, k := range n.kids {
		if kid := first + int32(i); !s.holds(kid, b) {
			return s.lacks(k, kid, b)
		}
	}
	if n.op == opPhrase {
		return "слова " + n.plain() + " есть, но не стоят рядом в этом порядке"
	}
	return "слова " + n.plain() + " стоят слишком далеко друг от друга"
}

// plain is the node as a query.
func (n *node) plain() string {
	var b strings.Builder
	n.write(&b, opOr)
	return b.String()
}

// A Message is a text with what is known of it, for Preview.
type Message struct {
	Text string
	Of   Context
}

// A Found is one message that a query matches, with the words that made it.
type Found struct {
	Message int // its index
	Spans   []russian.Span
}

// Preview asks a query about many messages: how many it matches, and the first
// keep of them with evidence. Ten thousand messages take a tenth of a second.
func Preview(r Reader, q *Query, messages []Message, keep int) (found []Found, total int) {
	s := NewSet([]*Query{q})
	var b Buffer
	for i, m := range messages {
		text := r.Read(m.Text)
		hits := s.MatchIn(text, m.Of, &b)
		if len(hits) == 0 {
			continue
		}
		if total++; len(found) < keep {
			found = append(found, Found{i, s.Spans(hits[0], text, &b, nil)})
		}
	}
	return found, total
}
