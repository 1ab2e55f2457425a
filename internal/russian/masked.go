package russian

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// People hide letters of obscene words: «х**ня», «х@й», «п..здец». A mask stands
// for about as many letters as it is long. The word is compared with the roots
// as an open word is, and some letter of the root must be seen.

const (
	hidden     = 0x03 // in a key: one hidden letter
	maskedWord = 32   // the longest masked word, in letters
)

func isMask(r rune) bool { return strings.ContainsRune("*@#$%&^_№", r) }

// masked reads an obscene word hidden by a mask whose first sign stands at i,
// behind the last token, which becomes a part of it. It returns the word's end,
// 0 when it is none.
func (sc *scanner) masked(i int) int {
	if len(sc.tokens) == 0 {
		return 0
	}
	last := sc.tokens[len(sc.tokens)-1]
	if last.End != i || last.Kind != Word && last.Kind != Mixed || i-last.Start > 2*maskedWord {
		return 0
	}
	var room [maskedWord]byte
	key, end, dots := sc.maskedKey(room[:0], last.Start)
	if end <= i || !obsceneMasked(key, dots) {
		return 0
	}
	if last.Shape == Title && bytes.Count(key, []byte{hidden}) == len(key)-1 && key[len(key)-1] == hidden {
		return 0 // «П***» hides a name
	}
	if n := len(sc.late); n > 0 && sc.late[n-1].token == len(sc.tokens)-1 {
		sc.late = sc.late[:n-1]
	}
	sc.tokens = sc.tokens[:len(sc.tokens)-1]
	w := &word{keyID: keyID{last: markObscene}, norm: strings.ToLower(sc.s[last.Start:end])}
	s := new(slab)
	w.guessed(s)
	w.name(s)
	w.print = printOf(Word, w.norm, w.forms, w.terms[0])
	t := sc.push(last.Start, end, Word)
	t.Shape = last.Shape
	t.know(w)
	return end
}

// maskedKey appends the key of letters and masks that begins at a letter, and
// returns its end, 0 when it is too long, and whether dots mask it.
func (sc *scanner) maskedKey(key []byte, at int) (_ []byte, end int, dots bool) {
	s := sc.s
	for at < len(s) {
		r, n := utf8.DecodeRuneInString(s[at:])
		if isMask(r) {
			key, at = append(key, hidden), at+n
		} else if m := maskDots(s[at:]); m > 0 {
			key, at, dots = append(key, bytes.Repeat([]byte{hidden}, m)...), at+m, true
		} else {
			run := sc.scanWord(at, false)
			if run.end == at {
				break
			}
			key, at = append(key, sc.key...), run.end
		}
		if len(key) > maskedWord {
			return nil, 0, false
		}
	}
	return key, at, dots
}

// maskDots counts the full stops at the start of s when they are two to six and
// a Russian letter follows.
func maskDots(s string) int {
	n := 0
	for n < len(s) && n <= 6 && s[n] == '.' {
		n++
	}
	if n < 2 || n > 6 || n == len(s) || s[n]&0xfe != 0xd0 {
		return 0
	}
	return n
}

// obsceneMasked reports whether a key with hidden letters is an obscene word.
func obsceneMasked(key []byte, dots bool) bool {
	var room [maskedWord]byte
	if key = unmaskVisible(room[:0], key); key == nil {
		return false
	}
	from := bytes.IndexByte(key, hidden)
	to := bytes.LastIndexByte(key, hidden) + 1
	if from <= 0 {
		return false
	}
	m := to - from
	if bytes.Count(key, []byte{hidden}) != m { // several masks: as many letters as signs
		return fitsMasked(key, 1)
	}
	open := to < len(key) // letters follow the mask
	seen := 1
	if !open && !(m >= 2 && from == 1) || dots {
		seen = 2
	}
	if !open && from == 1 && m > 4 {
		return false
	}
	if open && len(key) > 8 {
		seen = 2
	}
	low, high := m, m
	if open {
		low = max(m-1, 0)
		if m > 1 {
			high = m + 2
		}
	}
	var try [maskedWord + 4]byte
	for letters := low; letters <= high; letters++ {
		k := append(try[:0], key[:from]...)
		for range letters {
			k = append(k, hidden)
		}
		if k = append(k, key[to:]...); fitsMasked(k, seen) {
			return true
		}
	}
	return false
}

// unmaskVisible turns digits and Latin letters into the Russian letters they
// stand for; nil when that fails or no Russian letter is there at all.
func unmaskVisible(out, key []byte) []byte {
	russian := false
	for _, c := range key {
		switch {
		case isCyrillicCode(c):
			russian = true
		case c == hidden:
		case isDigitCode(c) || isLatinCode(c):
			if isLatinCode(c) {
				c = lookalike[c]
			} else {
				c = disguise[c]
			}
			if c == 0 {
				return nil
			}
		default:
			return nil
		}
		out = append(out, c)
	}
	if !russian {
		return nil
	}
	return out
}

// fitsMasked looks for a root of which at least the number of letters is seen.
func fitsMasked(word []byte, seen int) bool {
	if bytes.IndexByte(word, hidden) < 0 {
		return obsceneRussian(word)
	}
	for i, c := range word {
		if c != hidden {
			for j := range rootsBy[c] {
				if rootsBy[c][j].fitsMasked(word, i, seen) {
					return true
				}
			}
			continue
		}
		for _, roots := range rootsBy {
			for j := range roots {
				if roots[j].fitsMasked(word, i, seen) {
					return true
				}
			}
		}
	}
	return false
}

func (r *root) fitsMasked(word []byte, at, seen int) bool {
	if !sameMasked(word[at:], r.text) || len(r.text)-bytes.Count(word[at:at+len(r.text)], []byte{hidden}) < seen {
		return false
	}
	rest := word[at+len(r.text):]
	switch {
	case r.place == anywhere && at == 0:
		return true
	case r.place == whole && len(rest) > 0:
		return false
	case len(r.next) > 0 && len(rest) == 0 && !r.bare:
		return false
	case len(r.next) > 0 && len(rest) > 0 && rest[0] != hidden && bytes.IndexByte(r.next, rest[0]) < 0:
		return false
	}
	return r.followsMasked(word[:at], 2)
}

func (r *root) followsMasked(before []byte, n int) bool {
	if len(before) == 0 {
		return true
	}
	prefixes := r.prefixes
	if r.place == anywhere {
		prefixes = softPrefixes
	}
	for _, p := range prefixes {
		if n > 0 && sameMasked(before, p) && r.followsMasked(before[len(p):], n-1) {
			return true
		}
	}
	return false
}

// sameMasked reports whether word begins with text, where a hidden letter is any.
func sameMasked(word, text []byte) bool {
	if len(word) < len(text) {
		return false
	}
	for i, c := range text {
		if word[i] != c && word[i] != hidden {
			return false
		}
	}
	return true
}

// spaced marks obscene words whose letters stand apart: «х у й», «х.у.й».
func (sc *scanner) spaced() {
	var key [16]byte
	var at [16]int
	n := 0
	flush := func() {
		for from := 0; from+3 <= n; from++ {
			for to := n; to >= from+3; to-- {
				if obsceneRussian(key[from:to]) {
					for _, i := range at[from:to] {
						sc.tokens[i].Obscene = true
					}
					n = 0
					return
				}
			}
		}
		n = 0
	}
	for i := range sc.tokens {
		t := &sc.tokens[i]
		if t.Kind == Punct && t.Norm == "." && n > 0 {
			continue
		}
		if t.Kind == Word && t.word != nil && t.word.length() == 1 && isCyrillicCode(byte(t.word.first)) && n < len(key) {
			key[n], at[n] = byte(t.word.first), i
			n++
			continue
		}
		flush()
	}
	flush()
}
