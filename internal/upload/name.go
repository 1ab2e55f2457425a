package upload

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestName is in letters.
const longestName = 80

// Name makes the name harmless that a sender gave to a file: the last part of a path, without
// signs that nobody sees or that turn the text round, and nothing at all where letters of
// several alphabets stand in one word to look like others. It is only ever shown as text;
// on the disk and in headers a file has a name of ours.
func Name(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || strings.ContainsRune(`<>"'&|:*?$`+"`", r) {
			return -1
		}
		return r
	}, s)
	s = strings.Trim(strings.Join(strings.Fields(s), " "), ". ")
	if mixed(s) {
		return ""
	}
	if n := utf8.RuneCountInString(s); n > longestName { // the end says what sort of file it is
		r := []rune(s)
		s = string(r[:longestName-9]) + "…" + string(r[n-8:])
	}
	return s
}

// mixed reports a word with letters of several alphabets: «раsport».
func mixed(s string) bool {
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		var latin, cyrillic, other bool
		for _, r := range word {
			switch {
			case unicode.Is(unicode.Latin, r):
				latin = true
			case unicode.Is(unicode.Cyrillic, r):
				cyrillic = true
			case unicode.IsLetter(r):
				other = true
			}
		}
		if latin && cyrillic || other && (latin || cyrillic) {
			return true
		}
	}
	return false
}

// titled gives a name the ending of what the file is: «invoice.pdf.exe» ends as a document.
func titled(name, ext string) string {
	if name == "" {
		return ""
	}
	have := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if have == ext || have == "jpeg" && ext == "jpg" {
		return name
	}
	if base := strings.TrimSuffix(name, path.Ext(name)); base != "" && len(have) <= 5 {
		name = base
	}
	return name + "." + ext
}
