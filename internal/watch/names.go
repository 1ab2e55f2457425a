package watch

import (
	"slices"
	"strings"

	"otklik/internal/fault"
)

// Names are queries that others use as «@дороги»: name, in lower case and
// without the sign, → query. They may use each other, but not themselves. A name
// with «ё» is also found under «е».
type Names map[string]string

func plainName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "ё", "е") }

// Mentions returns the names that a query itself uses, without the sign, in
// lower case and with «е» for «ё», each once. It reads no further than the signs,
// so that a query that cannot be parsed still tells whom it needs.
func Mentions(source string) (names []string) {
	p := &parser{in: []rune(source)}
	for quoted := false; ; {
		p.next()
		switch {
		case p.tok == eof:
			return names
		case p.tok == '"':
			quoted = !quoted
		case p.tok == word && !quoted && len(p.text) > 1 && p.text[0] == '@':
			if name := plainName(p.text[1:]); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
}

// maxWords bounds a query with all that it uses.
const maxWords = 2000

// ParseWith reads a query that may use named ones. The error is a *ParseError;
// a fault inside a named query is told at the place that uses it.
func ParseWith(r Reader, source string, names Names) (*Query, error) {
	return parse(r, source, &uses{names: names, read: map[string]*node{}})
}

// uses is what the parsers of one query and of those it uses share.
type uses struct {
	names Names
	open  []string // names being read, outermost first
	read  map[string]*node
	words int
}

// use reads «@имя».
func (p *parser) use() (*node, error) {
	col, name := p.col, strings.ToLower(p.text[1:])
	p.next()
	source, ok := p.uses.names[name]
	if !ok {
		name = plainName(name)
		source, ok = p.uses.names[name]
	}
	switch {
	case name == "":
		return nil, wrong(col, "после @ ждём имя набора: @дороги.")
	case !ok:
		return nil, wrong(col, "набора @%s нет: проверьте имя или создайте такой запрос.", name)
	case slices.Contains(p.uses.open, name):
		return nil, wrong(col, "набор @%s ссылается сам на себя: @%s.", name, strings.Join(append(p.uses.open, name), " → @"))
	}
	n, ok := p.uses.read[name]
	if !ok {
		p.uses.open = append(p.uses.open, name)
		root, err := root(p.reader, source, p.uses)
		if err != nil {
			return nil, wrong(col, "в наборе @%s ошибка. %s", name, fault.Sentence(err))
		}
		p.uses.open = p.uses.open[:len(p.uses.open)-1]
		n = root
		p.uses.read[name] = n
	}
	if p.uses.words += n.size(); p.uses.words > maxWords {
		return nil, wrong(col, "вместе с наборами запрос длиннее %d слов.", maxWords)
	}
	return n, nil
}

// size counts the nodes.
func (n *node) size() int {
	sum := 1
	for _, k := range n.kids {
		sum += k.size()
	}
	return sum
}
