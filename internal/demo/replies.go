package demo

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// replies are texts of agencies by what they are about and what they are worth:
// + good, ~ a runaround, i work goes on, ? a question, = explained, - a reason
// to refuse.
type replies map[string]map[rune][]answer

// An answer is one text; only tells to which messages it fits, nil to all.
type answer struct {
	only *regexp.Regexp
	text string
}

func readReplies() replies {
	all := replies{}
	for _, t := range readTexts("replies.txt") {
		kind, size := utf8.DecodeRuneInString(t.body)
		a := answer{text: strings.TrimSpace(t.body[size:])}
		if words, rest, ok := strings.Cut(a.text, ")"); ok && words[0] == '(' {
			a.only, a.text = regexp.MustCompile("(?i)"+words[1:]), strings.TrimSpace(rest)
		}
		if all[t.key] == nil {
			all[t.key] = map[rune][]answer{}
		}
		all[t.key][kind] = append(all[t.key][kind], a)
	}
	return all
}

// fitting returns what fits the message, the particular before the general.
func (rs replies) fitting(key string, kind rune, words string) []answer {
	var some, all []answer
	for _, a := range rs[key][kind] {
		switch {
		case a.only == nil:
			all = append(all, a)
		case a.only.MatchString(words):
			some = append(some, a)
		}
	}
	if len(some) > 0 {
		return some
	}
	return all
}

// best returns the kind nearest to the wanted one that the section has for the message.
func (rs replies) best(c *story, kind rune) rune {
	for _, k := range []rune{kind, '+', '='} {
		if len(rs.fitting(c.key, k, c.words)) > 0 {
			return k
		}
	}
	return kind
}

// refusal returns a reason to refuse, in official words.
func (rs replies) refusal(r *rand.Rand) string { return pick(r, rs["any"]['-']...).text }

// text returns a reply written now, with its dates.
func (rs replies) text(h *history, c *story, kind rune) string {
	list := rs.fitting(c.key, kind, c.words)
	if len(list) == 0 {
		list = rs.fitting("any", kind, c.words)
	}
	s := pick(h.r, list...).text
	was := h.atWork(h.clock.Add(-h.upTo(20*time.Hour)), true)
	if was.After(h.clock) {
		was = h.clock
	}
	s = strings.ReplaceAll(s, "{было}", date(was.In(h.zone)))
	return strings.ReplaceAll(s, "{срок}", date(h.clock.Add(3*24*time.Hour+h.upTo(18*24*time.Hour)).In(h.zone)))
}

var months = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

func date(t time.Time) string { return fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1]) }
