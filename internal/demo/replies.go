package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"
)

// replies are texts of agencies by what they are about and what they are worth:
// + good, ~ a runaround, i work goes on, ? a question, = explained, - a reason
// to refuse.
type replies map[string]map[rune][]string

func readReplies() replies {
	all := replies{}
	for _, t := range readTexts("replies.txt") {
		kind, size := utf8.DecodeRuneInString(t.body)
		if all[t.key] == nil {
			all[t.key] = map[rune][]string{}
		}
		all[t.key][kind] = append(all[t.key][kind], strings.TrimSpace(t.body[size:]))
	}
	return all
}

func (rs replies) has(key string, kind rune) bool { return len(rs[key][kind]) > 0 }

// of returns one of the section, or one that fits everything.
func (rs replies) of(r *rand.Rand, key string, kind rune) string {
	if !rs.has(key, kind) {
		key = "any"
	}
	return pick(r, rs[key][kind]...)
}

// text returns a reply written now, with its dates.
func (rs replies) text(h *history, key string, kind rune) string {
	s := rs.of(h.r, key, kind)
	was := h.atWork(h.clock.Add(-h.upTo(20*time.Hour)), true)
	if was.After(h.clock) {
		was = h.clock
	}
	s = strings.ReplaceAll(s, "{было}", date(was.In(h.zone)))
	return strings.ReplaceAll(s, "{срок}", date(h.clock.Add(3*24*time.Hour+h.upTo(18*24*time.Hour)).In(h.zone)))
}

var months = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

func date(t time.Time) string { return fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1]) }
