package russian

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A scanner cuts one text into tokens in one pass. While it goes over the
// letters of a word it makes the word's key, so that a word known to the
// cache costs no second look and no allocation.
type scanner struct {
	a       *Analyzer
	s       string
	tokens  []Token
	key     []byte // key of the word being read
	late    []lateWord
	warmed  uint64
	unknown [lateWords]uint8 // room for meet: which of late the cache lacks
	single  int              // how many words of one letter came last, punctuation aside
	apart   bool             // three of them did somewhere
}

// What stands in a word.
const (
	hasCyrillic = 1 << iota
	hasLatin
	hasForeign // a letter that is neither Russian nor ASCII
	hasDigit
	hasHyphen
	hasSlash
	hasDropped // an accent, a soft hyphen, a sign of no width
)

const hasLetter = hasCyrillic | hasLatin | hasForeign

func (sc *scanner) run() {
	s := sc.s
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == 0xd0 || c == 0xd1:
			if i+1 < len(s) && cyrillic[cyrillicIndex(c, s[i+1])] != 0 && s[i+1]&0xc0 == 0x80 {
				i = sc.word(i, true)
			} else {
				i = sc.other(i)
			}
		case c >= 0x80:
			i = sc.other(i)
		case ascii[c] != 0:
			i = sc.word(i, true)
		case c <= ' ' || c == 0x7f:
			i++
		default:
			i = sc.sign(i, c)
		}
	}
	sc.lookUp()
	if sc.apart {
		sc.spaced()
	}
}

// cyrillicIndex is the place in the table cyrillic of a letter of two bytes
// whose first byte is 0xD0 or 0xD1.
func cyrillicIndex(first, second byte) int { return int(first&1)<<6 | int(second&0x3f) }

// push appends a token and returns it to be filled.
func (sc *scanner) push(start, end int, kind Kind) *Token {
	sc.tokens = append(sc.tokens, Token{Start: start, End: end, Kind: kind})
	return &sc.tokens[len(sc.tokens)-1]
}

// A run is what the scanner learns of one word while it reads it.
type wordRun struct {
	end   int
	has   int
	shape Shape
}

// word reads the word, number or mixed token at i, appends it and returns its
// end. A run that the dictionary wants in pieces is appended in pieces.
func (sc *scanner) word(i int, hyphens bool) int {
	r := sc.scanWord(i, hyphens)
	if r.end == i { // no letter after all: never stand still
		_, n := utf8.DecodeRuneInString(sc.s[i:])
		sc.push(i, i+n, Punct).Norm = strings.ToLower(strings.ToValidUTF8(sc.s[i:i+n], "\uFFFD"))
		return i + n
	}
	if r.has&(hasCyrillic|hasForeign) == 0 && r.end < len(sc.s) && linkSign(sc.s[r.end]) {
		if end := linkEnd(sc.s, i, r.end); end > r.end {
			return sc.link(i, end)
		}
	} else if r.has&hasCyrillic != 0 && r.end < len(sc.s) && sc.s[r.end] == '.' && r.has&^(hasCyrillic|hasDigit|hasHyphen) == 0 {
		if end := cyrillicDomainEnd(sc.s, r.end); end > 0 {
			return sc.link(i, end)
		}
	}
	if r.has&(hasLetter|hasSlash) == 0 {
		t := sc.push(i, r.end, Number)
		if r.has&hasDropped == 0 {
			t.Norm = sc.s[i:r.end]
		} else {
			t.Norm = string(sc.key)
		}
		return r.end
	}
	if r.has&hasLatin != 0 && (r.has&hasCyrillic != 0 || isDigitCode(sc.key[0])) && !foldLookalikes(sc.key) {
		r.has |= hasForeign
	}
	kind := Word
	if r.has&(hasDigit|hasSlash) != 0 {
		kind = Mixed
	}
	if len(sc.key) > 1 {
		sc.single = 0
	} else if sc.single++; sc.single == 3 {
		sc.apart = true
	}
	if r.has&hasHyphen == 0 && len(sc.key) <= idLetters {
		sc.push(i, r.end, kind).Shape = r.shape
		sc.later()
		return r.end
	}
	w := sc.a.word(sc.key)
	if w.last&markSplit != 0 {
		return sc.pieces(i, r.end)
	}
	t := sc.push(i, r.end, kind)
	t.Shape = r.shape
	t.know(w)
	return r.end
}

func (t *Token) know(w *word) {
	t.Norm, t.Forms, t.Obscene, t.word = w.norm, w.forms, w.last&markObscene != 0, w
}

// pieces appends the words of a hyphened run and the hyphens between them.
func (sc *scanner) pieces(i, end int) int {
	for i < end {
		if r, n := utf8.DecodeRuneInString(sc.s[i:]); isHyphen(r) {
			sc.push(i, i+n, Punct).Norm = "-"
			i += n
			continue
		}
		i = sc.word(i, false)
	}
	return end
}

// scanWord goes over the word at i and leaves its key in sc.key.
func (sc *scanner) scanWord(i int, hyphens bool) wordRun {
	s, key := sc.s, sc.key[:0]
	j, has := i, 0
	letters, capitals, heads := 0, 0, 0 // heads: capitals that open the word or a part of it
	head := true
	for j < len(s) {
		c := s[j]
		var code uint16
		if c&0xfe == 0xd0 && j+1 < len(s) && s[j+1]&0xc0 == 0x80 {
			if code = cyrillic[cyrillicIndex(c, s[j+1])]; code != 0 {
				j += 2
				has |= hasCyrillic
				letters++
			}
		} else if c < 0x80 {
			if code = ascii[c]; code != 0 {
				j++
				if code&markDigit != 0 {
					has |= hasDigit
				} else {
					has |= hasLatin
					letters++
				}
			}
		}
		if code != 0 {
			key = append(key, byte(code))
			if code&markUpper != 0 {
				capitals++
				if head {
					heads++
				}
			}
			head = head && code&markDigit != 0
			continue
		}
		if c < 0x80 && !joiner[c] {
			break
		}
		step := joinRare(s, i, j, has, key, hyphens)
		if step.size == 0 {
			break
		}
		j += step.size
		has |= step.has
		if step.has&hasForeign != 0 {
			letters++
			if step.capital {
				capitals++
				if head {
					heads++
				}
			}
		}
		head = step.has&hasHyphen != 0 || head && step.has&hasForeign == 0
		if step.replaceLast {
			key[len(key)-1] = step.code[0]
			continue
		}
		key = append(key, step.code[:step.codes]...)
	}
	sc.key = key
	r := wordRun{end: j, has: has}
	switch {
	case capitals == 0:
		r.shape = Lower
	case letters >= 2 && capitals == letters:
		r.shape = Upper
	case heads == capitals:
		if r.shape = Title; has&hasHyphen != 0 && !opensWithCapital(s[i:]) {
			r.shape = MixedCase
		}
	default:
		r.shape = MixedCase
	}
	return r
}

// joiner marks the ASCII signs that may stand inside a word.
var joiner = [128]bool{'-': true, '/': true, '\'': true, '`': true}

// opensWithCapital reports whether the first letter of s is a capital.
func opensWithCapital(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return unicode.IsUpper(r)
		}
	}
	return false
}

// A step is what a rarer sign does inside a word: how many bytes it takes (none
// when it ends the word) and what it adds to the key.
type step struct {
	size        int
	has         int
	code        [1 + utf8.UTFMax]byte
	codes       int
	capital     bool
	replaceLast bool // the code replaces the last one: и and a breve make й
}

// joinRare decides what happens at s[j], which is no Russian or Latin letter
// and no digit, inside the word that began at i.
func joinRare(s string, i, j, has int, key []byte, hyphens bool) (st step) {
	r, n := utf8.DecodeRuneInString(s[j:])
	next, nextSize := utf8.DecodeRuneInString(s[j+n:])
	letterNext := nextSize > 0 && isLetter(next)
	digitNext := next >= '0' && next <= '9'
	add := func(c byte, mark int) step {
		return step{size: n, has: mark, code: [1 + utf8.UTFMax]byte{c}, codes: 1}
	}
	switch {
	case r == utf8.RuneError && n <= 1:
		return step{}
	case isHyphen(r):
		if hyphens && joinsHyphen(s, j+n, has, key, letterNext, digitNext) {
			return add('-', hasHyphen)
		}
	case r == '/':
		if len(key) > 0 && isDigitCode(key[0]) && digitNext && has&hasHyphen == 0 {
			return add('/', hasSlash)
		}
	case r == '\'' || r == '’' || r == 'ʼ' || r == '‘' || r == '`' || r == '′':
		if letterNext && has&hasLetter != 0 && has&hasDigit == 0 {
			return add('\'', 0)
		}
	case r == 0x0306 && len(key) > 0 && key[len(key)-1] == keyI:
		st = add(keyShortI, hasDropped)
		st.replaceLast = true
		return st
	case isDropped(r):
		if len(key) > 0 {
			return step{size: n, has: hasDropped}
		}
	case isLetter(r):
		lower := unicode.ToLower(r)
		st = step{size: n, has: hasForeign, capital: lower != r}
		st.codes = len(appendKey(st.code[:0], lower))
		return st
	}
	return step{}
}

// The codes of и and й.
const (
	keyI      = 0xe8
	keyShortI = 0xe9
)

// joinsHyphen decides whether a hyphen belongs to the word: between letters; in
// «2-й», «16-а», «10-ти» (a number and at most three letters); in «М-5», «А-322»
// (at most two letters and a number).
func joinsHyphen(s string, at, has int, key []byte, letterNext, digitNext bool) bool {
	switch {
	case letterNext && has&hasDigit == 0:
		return has&hasLetter != 0
	case letterNext && has&(hasLetter|hasHyphen|hasSlash) == 0:
		return lettersAt(s[at:]) <= 3
	case digitNext:
		return has&hasLetter != 0 && has&(hasDigit|hasHyphen) == 0 && len(key) <= 2
	}
	return false
}

// lettersAt counts the letters that begin s, up to four; a digit behind them
// counts as a fourth.
func lettersAt(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			return 4
		}
		if n == 4 || !isLetter(r) {
			break
		}
		n++
	}
	return n
}

// isLetter reports whether a rune is a letter of a word. Unicode counts the
// apostrophe ʼ as one; to us it is a sign.
func isLetter(r rune) bool { return unicode.IsLetter(r) && r != 'ʼ' }

func isHyphen(r rune) bool { return r == '-' || r == 0x2010 || r == 0x2011 }

// isDropped reports signs that leave no trace in a word: accents, the soft
// hyphen, joiners and marks of direction.
func isDropped(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2064, r == 0xfeff:
		return true
	}
	return unicode.Is(unicode.M, r)
}
