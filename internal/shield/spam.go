package shield

import (
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// Bounds of what resembles spam. They only bring a person to look.
const (
	manyLinks  = 3
	mostCopies = 5  // addresses that send the same words in an hour
	longText   = 60 // letters from which a text without a Russian one is odd
	longCopy   = 40 // letters from which the same words are a copy
	hastyFrom  = 80 // letters that nobody types in
	hastyTime  = 3  // seconds
)

// resembles returns why a report looks like spam.
func (s *Shield) resembles(now time.Time, a Attempt) (why []Reason) {
	letters, russian := 0, 0
	var bare strings.Builder
	for _, r := range a.Text {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		r = unicode.ToLower(r)
		if unicode.Is(unicode.Cyrillic, r) {
			russian++
		}
		if bare.Len() < 400 {
			bare.WriteRune(r)
		}
	}
	lower := strings.ToLower(a.Text)
	links := strings.Count(lower, "http://") + strings.Count(lower, "https://") + strings.Count(lower, "t.me/") + strings.Count(lower, "[url")
	note := func(is bool, r Reason) {
		if is {
			why = append(why, r)
		}
	}
	note(a.Trap != "", Trapped)
	note(a.Seconds > 0 && a.Seconds < hastyTime && letters >= hastyFrom, Hasty)
	note(links >= manyLinks || links > 0 && letters < 80, Links)
	note(letters >= longText && russian*5 < letters, Foreign)
	note(a.Advert, AdvertIn)
	if letters >= longCopy {
		// An address counts once an hour for a text: neighbours copy an appeal, and one person
		// presses twice.
		words := s.key("text", bare.String())
		first := s.text.add(now, s.key("text by", string(words[:])+network(a.Address)), 1) <= 1
		n := 0.0
		if first {
			n = 1
		}
		note(s.text.add(now, words, n) > mostCopies, Copies)
	}
	return why
}

// counts are since the program started.
type counts struct{ passed, suspected, asked, refused atomic.Int64 }

// Counts returns how many attempts ended how since the program started: passed, suspected,
// asked, refused.
func (s *Shield) Counts() map[string]int64 {
	return map[string]int64{"passed": s.counts.passed.Load(), "suspected": s.counts.suspected.Load(), "asked": s.counts.asked.Load(), "refused": s.counts.refused.Load()}
}
