package topic

import (
	"strings"
	"unicode"
)

// ByName returns the topic that people mean by name. Case, ё, the star,
// quotes, punctuation and blanks do not matter. A name cut with «…» or "..."
// is found by its beginning when only one topic begins so. A code is a name
// too. Topics in use are preferred to retired ones of the same name.
func (t *Taxonomy) ByName(name string) (Topic, bool) {
	want, cut := Fold(name)
	if want == "" {
		return Topic{}, false
	}
	var found Topic
	var exact, ok bool
	starts := 0
	for _, tp := range t.Topics {
		have, _ := Fold(tp.Name)
		switch {
		case have == want, string(tp.Code) == strings.TrimSpace(name):
			if !exact || found.Retired {
				found, exact, ok = tp, true, true
			}
		case cut && !exact && strings.HasPrefix(have, want):
			starts++
			found, ok = tp, starts == 1
		}
	}
	if ok {
		return found, true
	}
	if want == UndefinedName || strings.TrimSpace(name) == string(Undefined) {
		return Topic{Code: Undefined, Name: UndefinedName}, true
	}
	return Topic{}, false
}

// SameName reports whether two names of topics, from any taxonomy, mean the
// same: as ByName compares them, a cut name matching what begins with it.
func SameName(a, b string) bool {
	x, cutX := Fold(a)
	y, cutY := Fold(b)
	switch {
	case x == y:
		return true
	case x == "" || y == "":
		return false
	case cutX && strings.HasPrefix(y, x):
		return true
	default:
		return cutY && strings.HasPrefix(x, y)
	}
}

// Fold reduces a name to what counts when names are compared: letters and
// digits in lower case, ё as е, words parted by single blanks. cut says that
// the name ended with «…» or three dots, so that it may be a mere beginning.
func Fold(name string) (folded string, cut bool) {
	name = strings.TrimSpace(name)
	for _, end := range []string{"…", "..."} {
		if rest, ok := strings.CutSuffix(name, end); ok {
			name, cut = rest, true
			break
		}
	}
	var b strings.Builder
	b.Grow(len(name))
	blank := false
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			blank = true
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		if r = unicode.ToLower(r); r == 'ё' {
			r = 'е'
		}
		b.WriteRune(r)
	}
	return b.String(), cut
}
