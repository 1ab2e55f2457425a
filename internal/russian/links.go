package russian

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// topDomains are the ends of names that we take for addresses without
// «http://» before them. A full stop without a blank after it is common, so the
// list is short.
var topDomains = func() map[string]bool {
	m := map[string]bool{}
	for d := range strings.FieldsSeq("ru su рф com org net info biz pro me tv fm io ai app gov edu by kz ua uz am ge " +
		"online site shop store club moscow tatar live news cc ly link to рус дети онлайн сайт орг москва") {
		m[d] = true
	}
	return m
}()

// linkSign reports whether a sign behind Latin letters may belong to a link.
func linkSign(c byte) bool { return c == '.' || c == ':' || c == '@' || c == '_' || c == '+' }

// maxAddress bounds how far a name or a mailbox is looked ahead, which keeps
// the scanner linear.
const maxAddress = 320

// linkEnd returns the end of the URL, mail address or host name that begins at
// i, 0 when there is none. The Latin letters or digits before at are read.
func linkEnd(s string, i, at int) int {
	if strings.HasPrefix(s[at:], "://") && at-i <= 8 {
		return urlEnd(s, at+3)
	}
	j, lastDot := i, -1
	for j < len(s) && j-i < maxAddress && isAddressByte(s[j]) {
		if s[j] == '.' {
			lastDot = j
		}
		j++
	}
	if j < len(s) && s[j] == '@' {
		return hostEnd(s, j+1)
	}
	for j > i && (s[j-1] == '.' || s[j-1] == '-' || s[j-1] == '_' || s[j-1] == '+') {
		j--
	}
	if lastDot >= j {
		lastDot = strings.LastIndexByte(s[i:j], '.') + i
	}
	if lastDot <= i || s[at] != '.' || strings.ContainsAny(s[i:j], "_+%") {
		return 0
	}
	if !topDomains[strings.ToLower(s[lastDot+1:j])] {
		if strings.EqualFold(s[i:min(i+4, j)], "www.") && lastDot > i+3 {
			return urlEnd(s, j)
		}
		return 0
	}
	return pathEnd(s, j)
}

func isAddressByte(c byte) bool {
	return c < 0x80 && (ascii[c] != 0 || c == '.' || c == '-' || c == '_' || c == '+' || c == '%')
}

// pathEnd returns the end of the address whose host ends at j.
func pathEnd(s string, j int) int {
	if j == len(s) {
		return j
	}
	switch s[j] {
	case '/', '?', '#':
		return urlEnd(s, j+1)
	case ':':
		if j+1 < len(s) && s[j+1] >= '0' && s[j+1] <= '9' {
			return urlEnd(s, j+1)
		}
	}
	if r, _ := utf8.DecodeRuneInString(s[j:]); unicode.IsLetter(r) || r == '@' {
		return 0
	}
	return j
}

// urlEnd returns where an address ends: at a blank or a bracket, without the
// punctuation that closes the sentence around it.
func urlEnd(s string, from int) int {
	j := from
	for j < len(s) {
		r, n := utf8.DecodeRuneInString(s[j:])
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"«»“”„[]{}|\\^`", r) || r == utf8.RuneError && n == 1 {
			break
		}
		j += n
	}
	for j > from && strings.IndexByte(".,;:!?)'*", s[j-1]) >= 0 {
		j--
	}
	return j
}

// hostEnd returns the end of the host of a mail address, 0 when what stands
// there is none.
func hostEnd(s string, from int) int {
	j, dot := from, 0
	for j < len(s) && j-from < maxAddress {
		r, n := utf8.DecodeRuneInString(s[j:])
		if r == '.' {
			dot = j
		} else if r != '-' && !unicode.IsLetter(r) && !(r >= '0' && r <= '9') {
			break
		}
		j += n
	}
	if j > from && s[j-1] == '.' {
		j--
		dot = from + max(strings.LastIndexByte(s[from:j], '.'), 0)
	}
	if dot <= from || j-dot < 3 {
		return 0
	}
	return j
}

// cyrillicDomainEnd returns the end of an address as «госуслуги.рф/путь» whose
// first full stop stands at dot, 0 when it is none.
func cyrillicDomainEnd(s string, dot int) int {
	j := dot + 1
	for j < len(s) && j-dot < 32 {
		r, n := utf8.DecodeRuneInString(s[j:])
		if !unicode.IsLetter(r) {
			break
		}
		j += n
	}
	if j-dot < 5 || !topDomains[strings.ToLower(s[dot+1:j])] || s[dot+1] < 0x80 {
		return 0
	}
	return pathEnd(s, j)
}

// mentionEnd returns the end of «@name», 0 when no name follows.
func mentionEnd(s string, i int) int {
	j := i + 1
	for j < len(s) && (s[j] < 0x80 && ascii[s[j]] != 0 || s[j] == '_' || s[j] == '.' || s[j] == '-') {
		j++
	}
	for j > i+1 && (s[j-1] == '.' || s[j-1] == '-') {
		j--
	}
	if j < i+3 {
		return 0
	}
	return j
}

// bracketMentionEnd returns the end of «[id123|» or «[club123|», by which VK
// writes a mention; the name and the closing bracket follow as usual tokens.
func bracketMentionEnd(s string, i int) int {
	for _, p := range [...]string{"id", "club", "public", "event"} {
		if !strings.HasPrefix(s[i+1:], p) {
			continue
		}
		j := i + 1 + len(p)
		digits := j
		for j < len(s) && j-digits < 20 && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		for j > digits && j < len(s) && (s[j] == ':' || s[j] == '_' || s[j] >= '0' && s[j] <= '9' || s[j] == '-' || s[j] == 'b' || s[j] == 'p') && j-digits < 60 {
			j++ // «[id1:bp-2_3|»
		}
		if j > digits && j < len(s) && s[j] == '|' {
			return j + 1
		}
	}
	return 0
}

// hashtagEnd returns the end of «#tag» or VK's «#tag@page», 0 when no letter
// follows.
func hashtagEnd(s string, i int) int {
	j, letter := i+1, false
	for j < len(s) {
		r, n := utf8.DecodeRuneInString(s[j:])
		if unicode.IsLetter(r) {
			letter = true
		} else if !(r >= '0' && r <= '9') && r != '_' && !(isDropped(r) && j > i+1) {
			break
		}
		j += n
	}
	if !letter {
		return 0
	}
	if j < len(s) && s[j] == '@' {
		if end := mentionEnd(s, j); end > 0 {
			return end
		}
	}
	return j
}

// hashtag appends a hashtag: Norm without the sign and the page, Forms where
// it is one Russian word.
func (sc *scanner) hashtag(i, end int) int {
	body := sc.s[i+1 : end]
	if at := strings.IndexByte(body, '@'); at >= 0 {
		body = body[:at]
	}
	key, has := sc.key[:0], 0
	for _, r := range body {
		switch lower := unicode.ToLower(r); {
		case isDropped(r):
		case r == '_':
			key = append(key, '_')
			has |= hasHyphen
		default:
			if lower == 'ё' || lower >= 'а' && lower <= 'я' {
				has |= hasCyrillic
			} else if lower >= 'a' && lower <= 'z' {
				has |= hasLatin
			}
			key = appendKey(key, lower)
		}
	}
	sc.key = key
	if has&hasCyrillic != 0 && has&hasLatin != 0 {
		foldLookalikes(key)
	}
	w := sc.a.word(key)
	t := sc.push(i, end, Hashtag)
	t.Norm, t.Obscene, t.word = w.norm, w.last&markObscene != 0, w
	if has&hasHyphen == 0 {
		t.Forms = w.forms
	}
	return end
}
