package watch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"otklik/internal/fault"
)

// Limits of one query. They are far above what people write and low enough
// that a pasted book ends in a sentence, not in a slow set.
const (
	MaxRunes    = 4000 // characters of a query
	MaxDepth    = 50   // brackets and negations inside each other
	MaxDistance = 100  // words between the parts of "…"~n
	maxPhrase   = 20   // words in one phrase
	maxNear     = 6    // words in one "…"~n: places are tried in every order
)

// A ParseError says where a query cannot be read, and why.
type ParseError struct {
	Column int    // of the first character at fault, from 1
	Reason string // for people, in Russian
	fault  *fault.Error
}

// Error is for engineers. It does not quote the query.
func (e *ParseError) Error() string { return e.fault.Error() }

// Unwrap gives the fault: kind Invalid, field "query", the sentence with its column.
func (e *ParseError) Unwrap() error { return e.fault }

func wrong(column int, format string, args ...any) *ParseError {
	reason := fmt.Sprintf(format, args...)
	return &ParseError{Column: column, Reason: reason,
		fault: fault.New(fault.Invalid, "watch: query cannot be read at column %d", column).
			Say(fmt.Sprintf("Столбец %d: %s", column, reason)).At("query")}
}

// Parse reads one query. Words are read by r, so that they get the lemmas that
// the texts will get. The error is a *ParseError.
func Parse(r Reader, source string) (*Query, error) { return ParseWith(r, source, nil) }

func parse(r Reader, source string, uses *uses) (*Query, error) {
	root, err := root(r, source, uses)
	if err != nil {
		return nil, err
	}
	if !root.required() {
		return nil, wrong(1, "такой запрос подойдёт почти к любому сообщению: добавьте слово, которое обязано в нём быть.")
	}
	return &Query{source: source, root: root}, nil
}

// root reads a query whole.
func root(r Reader, source string, uses *uses) (*node, error) {
	p := &parser{reader: r, in: []rune(source), uses: uses}
	if len(p.in) > MaxRunes {
		return nil, wrong(MaxRunes+1, "запрос длиннее %d знаков, разделите его на несколько.", MaxRunes)
	}
	p.next()
	if p.tok == eof {
		return nil, wrong(1, "запрос пуст, напишите хотя бы одно слово.")
	}
	root, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.tok == ')' {
		return nil, wrong(p.col, "лишняя закрывающая скобка.")
	}
	if p.tok != eof {
		return nil, p.stray()
	}
	return root, nil
}

// Signs of the language; a word is 'w'.
const (
	eof  = rune(0)
	word = 'w'
)

type parser struct {
	reader Reader
	uses   *uses
	in     []rune
	at     int    // of the next rune
	tok    rune   // the sign under the eye: ( ) & | ! " ~ * w, or eof
	col    int    // of tok, from 1
	text   string // of a word
}

func sign(r rune) rune {
	switch r {
	case '«', '»', '„', '“', '”':
		return '"'
	case '(', ')', '&', '|', '!', '"', '~', '*':
		return r
	}
	return 0
}

func (p *parser) next() {
	for p.at < len(p.in) && (unicode.IsSpace(p.in[p.at]) || p.in[p.at] == 0) {
		p.at++
	}
	p.col = p.at + 1
	if p.at == len(p.in) {
		p.tok = eof
		return
	}
	if s := sign(p.in[p.at]); s != 0 {
		p.tok = s
		p.at++
		return
	}
	from := p.at
	for p.at < len(p.in) && sign(p.in[p.at]) == 0 && !unicode.IsSpace(p.in[p.at]) && p.in[p.at] != 0 {
		p.at++
	}
	p.tok, p.text = word, string(p.in[from:p.at])
}

func (p *parser) or(depth int) (*node, error) {
	return p.list(depth, opOr, '|', (*parser).and)
}

func (p *parser) and(depth int) (*node, error) {
	return p.list(depth, opAnd, '&', (*parser).not)
}

// list reads operands with a sign between them. For AND the sign may be left out.
func (p *parser) list(depth int, o op, between rune, operand func(*parser, int) (*node, error)) (*node, error) {
	first, err := operand(p, depth)
	if err != nil {
		return nil, err
	}
	all := &node{op: o}
	all.take(first)
	for {
		switch {
		case p.tok == between:
			p.next()
		case o == opAnd && (p.tok == word || p.tok == '"' || p.tok == '(' || p.tok == '!'):
		default:
			if len(all.kids) == 1 {
				return all.kids[0], nil
			}
			return all, nil
		}
		n, err := operand(p, depth)
		if err != nil {
			return nil, err
		}
		all.take(n)
	}
}

// take adds a part, flattening a & (b & c).
func (n *node) take(k *node) {
	if k.op == n.op {
		n.kids = append(n.kids, k.kids...)
		return
	}
	n.kids = append(n.kids, k)
}

func (p *parser) not(depth int) (*node, error) {
	if depth > MaxDepth {
		return nil, wrong(p.col, "скобки и отрицания вложены глубже %d раз.", MaxDepth)
	}
	switch p.tok {
	case '!':
		p.next()
		n, err := p.not(depth + 1)
		if err != nil {
			return nil, err
		}
		if n.op == opNot {
			return n.kids[0], nil
		}
		return &node{op: opNot, kids: []*node{n}}, nil
	case '(':
		open := p.col
		p.next()
		if p.tok == ')' {
			return nil, wrong(p.col, "в скобках пусто, напишите в них слово.")
		}
		n, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.tok == eof {
			return nil, wrong(open, "скобка не закрыта.")
		}
		if p.tok != ')' {
			return nil, p.stray()
		}
		p.next()
		return n, nil
	case '"':
		return p.phrase()
	case word:
		if p.text[0] == '@' {
			return p.use()
		}
		if n, ok, err := p.condition(); ok {
			return n, err
		}
		return p.word()
	}
	return nil, p.stray()
}

// stray is the error of a sign where an operand or an operator should stand.
func (p *parser) stray() error {
	switch p.tok {
	case eof:
		return wrong(p.col, "запрос оборван: после знака ждём слово, фразу или скобку.")
	case ')':
		return wrong(p.col, "перед закрывающей скобкой нет слова.")
	case '*':
		return wrong(p.col, "звёздочка стоит только сразу после начала слова: дорож*.")
	case '~':
		return wrong(p.col, "знак ~ стоит только после фразы в кавычках: \"нет воды\"~5.")
	}
	return wrong(p.col, "перед знаком «%c» нет слова.", p.tok)
}

// word reads a word or, with a star right after it, a beginning of words.
func (p *parser) word() (*node, error) {
	col, text := p.col, p.text
	star := p.at < len(p.in) && p.in[p.at] == '*'
	p.next()
	if star {
		p.next()
		return p.prefix(col, text)
	}
	return p.read(col, text)
}

func (p *parser) prefix(col int, text string) (*node, error) {
	kids := p.words(text)
	if len(kids) != 1 {
		return nil, wrong(col, "перед звёздочкой должно стоять начало одного слова.")
	}
	norm := p.norm(text)
	if len([]rune(norm)) < 2 {
		return nil, wrong(col, "начало слова слишком короткое: нужны хотя бы две буквы.")
	}
	return &node{op: opPrefix, keys: []string{norm}, text: strings.TrimFunc(text, edge)}, nil
}

// read turns what was written without blanks into a word, or into a phrase
// when the reader sees several words in it («кое-как», «ул.Мира»).
func (p *parser) read(col int, text string) (*node, error) {
	kids := p.words(text)
	switch len(kids) {
	case 0:
		return nil, wrong(col, "здесь нет слова: одни знаки.")
	case 1:
		return kids[0], nil
	}
	if len(kids) > maxPhrase {
		return nil, wrong(col, "во фразе больше %d слов.", maxPhrase)
	}
	return &node{op: opPhrase, kids: kids}, nil
}

func (p *parser) phrase() (*node, error) {
	open := p.col
	var kids []*node
	for p.next(); p.tok != '"'; {
		switch p.tok {
		case eof:
			return nil, wrong(open, "кавычка не закрыта.")
		case word:
			n, err := p.word()
			if err != nil {
				return nil, err
			}
			if n.op == opPhrase {
				kids = append(kids, n.kids...)
			} else {
				kids = append(kids, n)
			}
		default:
			return nil, wrong(p.col, "внутри кавычек стоят только слова, без знака «%c».", p.tok)
		}
	}
	if len(kids) == 0 {
		return nil, wrong(open, "в кавычках пусто, напишите в них слово.")
	}
	if len(kids) > maxPhrase {
		return nil, wrong(open, "во фразе больше %d слов.", maxPhrase)
	}
	p.next()
	dist, err := p.distance(len(kids))
	switch {
	case err != nil:
		return nil, err
	case len(kids) == 1:
		return kids[0], nil
	case dist > 0:
		return &node{op: opNear, kids: kids, dist: dist}, nil
	}
	return &node{op: opPhrase, kids: kids}, nil
}

// distance reads ~n after a phrase; 0 when there is none.
func (p *parser) distance(words int) (int, error) {
	if p.tok != '~' {
		return 0, nil
	}
	col := p.col
	p.next()
	n, err := 0, error(nil)
	if p.tok == word {
		n, err = strconv.Atoi(p.text)
	}
	if p.tok != word || err != nil || n < 1 || n > MaxDistance {
		return 0, wrong(col, "после ~ ждём расстояние в словах от 1 до %d.", MaxDistance)
	}
	p.next()
	if words > maxNear {
		return 0, wrong(col, "расстояние ставят между двумя–шестью словами, здесь их %d.", words)
	}
	if n < words-1 {
		return 0, wrong(col, "расстояние меньше самой фразы: в ней %d слов.", words)
	}
	return n, nil
}

// words reads a run of text as leaves.
func (p *parser) words(text string) []*node {
	read := p.reader.Read(text)
	var out []*node
	for i := range read.Tokens {
		t := &read.Tokens[i]
		if !counted(t) {
			continue
		}
		n := &node{op: opWord, text: read.Source[t.Start:t.End]}
		for _, f := range t.Forms {
			n.keys = append(n.keys, f.Lemma)
		}
		if len(n.keys) == 0 {
			n.keys = []string{bare(t)}
		}
		slices.Sort(n.keys)
		n.keys = slices.Compact(n.keys)
		out = append(out, n)
	}
	return out
}

// norm is the normal form of the one word in text.
func (p *parser) norm(text string) string {
	read := p.reader.Read(text)
	for i := range read.Tokens {
		if t := &read.Tokens[i]; counted(t) {
			return bare(t)
		}
	}
	return ""
}

func edge(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
