package locate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// A reader holds one text while it is read. Readers are reused, so that a text
// without places costs no memory.
type reader struct {
	text    *russian.Text
	src     string
	tok     []russian.Token
	marks   []mark // per token: what is known of it beforehand
	used    []bool // per token: some place has taken it
	all     class  // of all tokens
	names   place.Names
	hint    Context
	found   []Found
	towns   []int        // settlements in found, by their start
	streets []int        // streets in found, by their start
	refs    []ref        // beside found: what linking needs to know
	keys    []place.Key  // scratch
	home    *place.Place // the settlement of the context: of the thread, the source or the author
	homeWhy string
	slips   int  // misspelt streets that were looked for
	loud    bool // the text is in capitals: a capital says nothing
}

// A mark is what the rules ask of a token again and again.
type mark struct {
	entry   *entry       // of the vocabulary; nil for none
	class   class        // of entry
	gram    russian.Gram // all grammemes of all readings
	capital bool         // its first letter is one
}

// A ref says which tokens carry the name of a found place, so that linking can
// ask the gazetteer for all combinations of their lemmas.
type ref struct {
	first, last int    // tokens of the name; last < first: none
	ordinal     string // «2-й»: stands before or behind the name in registers
	street      int    // index into found of the street a house belongs to; -1: none
	entry       *place.Place
}

func (r *reader) reset(t *russian.Text, names place.Names, hint Context) {
	r.text, r.src, r.tok, r.names, r.hint = t, t.Source, t.Tokens, names, hint
	if r.hint.Region == "" {
		r.hint.Region = place.RegionOf(max(hint.Municipality, hint.Settlement))
	}
	n := len(r.tok)
	if cap(r.marks) < n {
		r.marks, r.used = make([]mark, n, 2*n), make([]bool, n, 2*n)
	}
	r.marks, r.used = r.marks[:n], r.used[:n]
	clear(r.used)
	r.found, r.refs, r.loud = r.found[:0], r.refs[:0], false
	r.home, r.homeWhy, r.slips = nil, "", 0
}

// release lets the text go, so that a resident's words do not stay in memory.
func (r *reader) release() {
	clear(r.found)
	clear(r.refs)
	r.text, r.src, r.tok, r.names, r.home = nil, "", nil, nil, nil
	r.found, r.refs = r.found[:0], r.refs[:0]
	if cap(r.marks) > 1<<14 || cap(r.found) > 1<<10 { // a giant must not stay in memory
		*r = reader{}
	}
}

// mark looks every token up.
func (r *reader) mark() {
	words, upper, lower := 0, 0, 0
	all := class(0)
	for i := range r.tok {
		t := &r.tok[i]
		m := &r.marks[i]
		*m = mark{}
		switch t.Kind {
		case russian.Number:
			continue
		case russian.Word, russian.Mixed:
		default:
			for k := range t.Forms {
				m.gram |= t.Forms[k].Gram
			}
			continue
		}
		words++
		switch t.Shape {
		case russian.Upper:
			upper++
		case russian.Lower:
			lower++
		}
		for k := range t.Forms {
			m.gram |= t.Forms[k].Gram
		}
		e := asWritten.find(t.Norm)
		if e == nil {
			for _, term := range t.Terms() {
				if e = byLemma.find(term); e != nil {
					break
				}
			}
		}
		if e == nil && m.gram.Has(russian.Guessed) && t.Forms[0].Gram.Has(russian.Guessed) {
			e = misspelt(t.Norm)
		}
		if e != nil {
			m.entry, m.class = e, e.class
			all |= e.class
		}
		if t.Shape != russian.Lower {
			c, _ := utf8.DecodeRuneInString(r.src[t.Start:])
			m.capital = unicode.IsUpper(c)
		}
	}
	r.loud = words >= 3 && upper > 2*lower && upper*2 > words
	r.all = all
}

// typos are the words that are read although one letter of them is wrong,
// missing, added or out of turn: «удице», «улце», «просект», «перекрестк».
var typos = func() (list []typo) {
	for word, forms := range map[string]string{
		"улица": "улица улице улицы улицу улицей", "проспект": "проспект проспекте проспекта проспекту", "переулок": "переулок переулке переулка переулку",
		"бульвар": "бульвар бульваре бульвара", "микрорайон": "микрорайон микрорайоне микрорайона", "перекресток": "перекресток перекрестке перекрестка",
		"пересечение": "пересечение пересечении пересечения", "остановка": "остановка остановке остановки остановку", "деревня": "деревня деревне деревни",
	} {
		for _, f := range strings.Fields(forms) {
			list = append(list, typo{[]rune(f), lexicon[word]})
		}
	}
	for _, w := range []string{"напротив", "возле", "около"} {
		list = append(list, typo{[]rune(w), short[w]})
	}
	return list
}()

type typo struct {
	right []rune
	entry *entry
}

// misspelt returns the entry of the word that w, which the dictionary lacks,
// misspells by a letter; nil for none. One of the first two letters must be right.
func misspelt(w string) *entry {
	if len(w) < 8 || len(w) > 26 {
		return nil
	}
	var room [13]rune
	letters := room[:0]
	for _, c := range w {
		if len(letters) == cap(letters) {
			return nil
		}
		letters = append(letters, c)
	}
	for i := range typos {
		t := &typos[i]
		if d := len(letters) - len(t.right); d < -1 || d > 1 || letters[0] != t.right[0] && letters[1] != t.right[1] {
			continue
		}
		if oneOff(letters, t.right) {
			return t.entry
		}
	}
	return nil
}

// oneOff reports whether one edit of a letter, or one swap of neighbours, turns
// a into b.
func oneOff(a, b []rune) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	j := 0
	for j < len(a)-i && j < len(b)-i && a[len(a)-1-j] == b[len(b)-1-j] {
		j++
	}
	restA, restB := len(a)-i-j, len(b)-i-j
	if restA == 2 && restB == 2 {
		return a[i] == b[i+1] && a[i+1] == b[i]
	}
	return restA <= 1 && restB <= 1 && restA+restB > 0
}

// class returns what the vocabulary knows of token i; 0 beyond the text.
func (r *reader) class(i int) class {
	if uint(i) >= uint(len(r.marks)) {
		return 0
	}
	return r.marks[i].class
}

func (r *reader) is(i int, c class) bool { return r.class(i)&c != 0 }

// str returns token i as written; empty beyond the text.
func (r *reader) str(i int) string {
	if i < 0 || i >= len(r.tok) {
		return ""
	}
	return r.src[r.tok[i].Start:r.tok[i].End]
}

// norm returns the normal form of token i; empty beyond the text.
func (r *reader) norm(i int) string {
	if i < 0 || i >= len(r.tok) {
		return ""
	}
	return r.tok[i].Norm
}

func (r *reader) word(i int) bool {
	return i >= 0 && i < len(r.tok) && (r.tok[i].Kind == russian.Word || r.tok[i].Kind == russian.Mixed)
}

// digit reports whether token i starts with a digit.
func (r *reader) digit(i int) bool {
	if i < 0 || i >= len(r.tok) {
		return false
	}
	c := r.src[r.tok[i].Start]
	return c >= '0' && c <= '9'
}

func (r *reader) punct(i int, set string) bool {
	if uint(i) >= uint(len(r.tok)) {
		return false
	}
	t := &r.tok[i]
	if k := t.Kind; k == russian.Word || k == russian.Number || k == russian.Mixed {
		return false
	}
	if t.End-t.Start == 1 {
		return strings.IndexByte(set, r.src[t.Start]) >= 0
	}
	s := r.src[t.Start:t.End]
	c, n := utf8.DecodeRuneInString(s)
	return n == len(s) && strings.ContainsRune(set, c)
}

// glued reports whether token i follows the one before it without a blank.
func (r *reader) glued(i int) bool {
	return i > 0 && i < len(r.tok) && r.tok[i-1].End == r.tok[i].Start
}

// broken reports whether a line ends between token i-1 and token i.
func (r *reader) broken(i int) bool {
	return i > 0 && i < len(r.tok) && strings.IndexByte(r.src[r.tok[i-1].End:r.tok[i].Start], '\n') >= 0
}

// opens reports whether token i is the first of a sentence, where a capital says little.
func (r *reader) opens(i int) bool {
	for i--; i >= 0; i-- {
		if r.broken(i + 1) {
			return true
		}
		switch r.tok[i].Kind {
		case russian.Punct:
			if r.punct(i, ".") && i > 0 && r.is(i-1, abbreviated) {
				return false
			}
			if r.punct(i, "«\"“(„'") {
				continue
			}
			return r.punct(i, ".!?…")
		case russian.Symbol:
			continue
		default:
			return false
		}
	}
	return true
}

// capital reports whether token i is written with a capital that says something.
func (r *reader) capital(i int) bool {
	return uint(i) < uint(len(r.marks)) && r.marks[i].capital && !r.loud
}

// gram returns all grammemes of all readings of token i.
func (r *reader) gram(i int) russian.Gram {
	if uint(i) >= uint(len(r.marks)) {
		return 0
	}
	return r.marks[i].gram
}

// reads reports whether one reading of token i holds all of set.
func (r *reader) reads(i int, set russian.Gram) bool {
	if !r.gram(i).Has(set) {
		return false
	}
	for k := range r.tok[i].Forms {
		if r.tok[i].Forms[k].Gram.Has(set) {
			return true
		}
	}
	return false
}

// readsAny reports whether one reading of token i holds all of set and some of any.
func (r *reader) readsAny(i int, set, any russian.Gram) bool {
	if g := r.gram(i); !g.Has(set) || !g.Any(any) {
		return false
	}
	for k := range r.tok[i].Forms {
		if g := r.tok[i].Forms[k].Gram; g.Has(set) && g.Any(any) {
			return true
		}
	}
	return false
}

func (r *reader) take(first, last int) {
	for i := first; i <= last && i < len(r.used); i++ {
		r.used[i] = true
	}
}

func (r *reader) free(first, last int) bool {
	for i := first; i <= last; i++ {
		if i < 0 || i >= len(r.used) || r.used[i] {
			return false
		}
	}
	return true
}

func (r *reader) span(first, last int) russian.Span {
	return russian.Span{Start: r.tok[first].Start, End: r.tok[last].End}
}

// add notes a found place; nameFirst and nameLast are the tokens of its name,
// or nameLast < nameFirst when it has none.
func (r *reader) add(f Found, nameFirst, nameLast int) int {
	r.found = append(r.found, f)
	r.refs = append(r.refs, ref{first: nameFirst, last: nameLast, street: -1})
	return len(r.found) - 1
}
