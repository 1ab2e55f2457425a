package russian

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// other reads what begins with a byte above ASCII and is no Russian letter.
func (sc *scanner) other(i int) int {
	r, n := utf8.DecodeRuneInString(sc.s[i:])
	switch {
	case r == utf8.RuneError && n == 1:
		return sc.broken(i)
	case isLetter(r):
		return sc.word(i, true)
	case unicode.IsSpace(r) || unicode.IsControl(r) || isDropped(r):
		return i + n
	}
	if r == '№' {
		if end := sc.masked(i); end > 0 {
			return end
		}
	}
	if norm := punctuation(r); norm != "" {
		sc.push(i, i+n, Punct).Norm = norm
		return i + n
	}
	if unicode.IsPunct(r) {
		sc.push(i, i+n, Punct).Norm = sc.s[i : i+n]
		return i + n
	}
	return sc.symbol(i)
}

// broken appends a run of bytes that are no UTF-8 as one symbol.
func (sc *scanner) broken(i int) int {
	j := i
	for j < len(sc.s) {
		if r, n := utf8.DecodeRuneInString(sc.s[j:]); r != utf8.RuneError || n != 1 {
			break
		}
		j++
	}
	sc.push(i, j, Symbol).Norm = "\uFFFD"
	return j
}

// symbol appends an emoji with all that belongs to it (skin, joined figures,
// the second letter of a flag), or another sign.
func (sc *scanner) symbol(i int) int {
	j := i
	flag := false
	for j < len(sc.s) {
		r, n := utf8.DecodeRuneInString(sc.s[j:])
		regional := r >= 0x1f1e6 && r <= 0x1f1ff
		switch {
		case j == i:
			flag = regional
		case r == 0x200d: // joins the next figure, if one follows
			if next, m := utf8.DecodeRuneInString(sc.s[j+n:]); m > 1 && unicode.Is(unicode.So, next) {
				n += m
			}
		case r >= 0xfe00 && r <= 0xfe0f || r == 0x20e3 || r >= 0x1f3fb && r <= 0x1f3ff || r >= 0xe0020 && r <= 0xe007f:
		case flag && regional:
			flag = false
		default:
			sc.push(i, j, Symbol).Norm = sc.s[i:j]
			return j
		}
		j += n
	}
	sc.push(i, j, Symbol).Norm = sc.s[i:j]
	return j
}

// punctuation folds the typographic variants of a sign into one, "" for a sign
// that has none.
func punctuation(r rune) string {
	switch r {
	case '«', '»', '“', '”', '„', '‟', '‹', '›', '″', '〝', '〞':
		return `"`
	case '‘', '’', '‚', '‛', '′', 'ʼ':
		return "'"
	case '‐', '‑', '‒', '–', '—', '―', '−', '﹣', '－':
		return "-"
	case '…':
		return "…"
	case '№':
		return "№"
	case '•', '·', '∙', '●':
		return "•"
	}
	return ""
}

// sign reads an ASCII sign: a mention, a hashtag, a run of dots or marks, or
// one sign alone.
func (sc *scanner) sign(i int, c byte) int {
	s := sc.s
	switch c {
	case '*', '@', '#', '$', '%', '&', '^', '_':
		if end := sc.masked(i); end > 0 {
			return end
		}
	case '.':
		if i+1 < len(s) && s[i+1] == '.' {
			if end := sc.masked(i); end > 0 {
				return end
			}
		}
	}
	switch c {
	case '@':
		if end := mentionEnd(s, i); end > 0 {
			return sc.link(i, end)
		}
	case '[':
		if end := bracketMentionEnd(s, i); end > 0 {
			return sc.link(i, end)
		}
	case '#':
		if end := hashtagEnd(s, i); end > 0 {
			return sc.hashtag(i, end)
		}
	case '.', '!', '?':
		j := i + 1
		for j < len(s) && (s[j] == c || c != '.' && (s[j] == '!' || s[j] == '?')) {
			j++
		}
		t := sc.push(i, j, Punct)
		if t.Norm = s[i : i+1]; c == '.' && j > i+1 {
			t.Norm = "…"
		}
		return j
	case '<', '>', '=', '+', '^', '|', '~', '$':
		sc.push(i, i+1, Symbol).Norm = s[i : i+1]
		return i + 1
	}
	sc.push(i, i+1, Punct).Norm = s[i : i+1]
	return i + 1
}

// link appends a link in lower case.
func (sc *scanner) link(i, end int) int {
	sc.push(i, end, Link).Norm = strings.ToLower(strings.ToValidUTF8(sc.s[i:end], "\uFFFD"))
	return end
}
