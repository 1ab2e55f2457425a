// Package date reads dates as feeds, news pages and forums write them: by the
// rules (RFC 822, ISO 8601), in Russian («Пн, 02 мар 2026 10:15:00 +0700»,
// «вчера в 10:15», «5 минут назад»), without a zone, with two digits of a year,
// or broken in the ways that are seen most.
//
// It looks for the parts of a date wherever they stand instead of trying
// layouts one by one: sites mix them freely.
package date

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// longest is how much of a text is looked at, in bytes: a date is short.
const longest = 120

// Parse reads a date. now gives what a date leaves out («сегодня», the year);
// zone is that of dates that name none. ok is false where no date stands, or one
// that no message of a network can have (before 1990, more than two days ahead).
func Parse(s string, now time.Time, zone *time.Location) (t time.Time, ok bool) {
	if zone == nil {
		zone = time.UTC
	}
	if len(s) > longest {
		s = s[:longest]
	}
	r := reader{now: now.In(zone), zone: zone, month: 0, year: -1}
	if t, ok = stamp(strings.TrimSpace(s)); !ok {
		r.tokens(s)
		t, ok = r.date()
	}
	if !ok || t.Year() < 1990 || t.After(now.Add(48*time.Hour)) {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// stamp reads Unix seconds or milliseconds.
func stamp(s string) (time.Time, bool) {
	if len(s) != 10 && len(s) != 13 {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}, false
	case len(s) == 13:
		return time.UnixMilli(n), true
	}
	return time.Unix(n, 0), true
}

// A token is a number, a word in small letters, or one other sign.
type token struct {
	text   string
	number int // -1 for no number
	digits int
	tight  bool // nothing stands between it and the token before
}

func scan(s string) (out []token) {
	tight := false
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		same := unicode.IsDigit
		switch {
		case r >= '0' && r <= '9':
			same = func(r rune) bool { return r >= '0' && r <= '9' }
		case unicode.IsLetter(r):
			same = unicode.IsLetter
		default:
			if !unicode.IsSpace(r) && r != '\u200b' && r != '\ufeff' {
				out = append(out, token{text: s[:n], number: -1, tight: tight})
				tight = true
			} else {
				tight = false
			}
			s = s[n:]
			continue
		}
		end := strings.IndexFunc(s, func(r rune) bool { return !same(r) })
		if end < 0 {
			end = len(s)
		}
		t := token{text: strings.ToLower(s[:end]), number: -1, tight: tight}
		if r >= '0' && r <= '9' {
			t.digits = end
			if v, err := strconv.Atoi(s[:end]); err == nil {
				t.number = v
			}
		}
		out = append(out, t)
		tight = true
		s = s[end:]
	}
	return out
}

// A reader gathers the parts of one date.
type reader struct {
	now  time.Time // in the zone of dates that name none
	zone *time.Location

	year, day      int
	month          time.Month
	hour, min, sec int
	nano           int
	clock          bool // a time of day stands there
	named          *time.Location
	nearDay        int  // days from today: 0 сегодня, -1 вчера
	near           bool // such a word stands there
	ago            time.Duration
	agoSet         bool
	pair           [2]int // «03.02» and «10.05»: a day without a year, or a time of day
}

// tokens takes the parts out of the text.
func (r *reader) tokens(s string) {
	ts := scan(s)
	at := func(i int) token {
		if i < 0 || i >= len(ts) {
			return token{number: -1}
		}
		return ts[i]
	}
	var loose []token // numbers that are no part of something larger
	for i := 0; i < len(ts); i++ {
		t := ts[i]
		sep := at(i + 1).text
		switch {
		case t.number >= 0 && (sep == "-" || sep == "." || sep == "/") && at(i+2).number >= 0 && at(i+3).text == sep && at(i+4).number >= 0 && r.day == 0 && r.numeric(t, at(i+2), at(i+4), sep):
			i += 4
		case t.digits == 2 && sep == "." && at(i+2).digits == 2 && at(i+3).text != "." && r.pair == [2]int{}:
			r.pair = [2]int{t.number, at(i + 2).number}
			i += 2
		case t.number >= 0 && sep == "-" && months[at(i+2).text] != 0 && r.month == 0: // 02-Mar-2026
			r.month = months[at(i+2).text]
			loose = append(loose, t)
			i += 2
			if at(i+1).text == "-" {
				i++
			}
		case t.number >= 0 && sep == ":" && at(i+2).number >= 0 && at(i+2).digits == 2 && t.digits <= 2 && !r.clock && t.number < 25 && at(i+2).number < 60:
			i += r.time(ts[i:])
		case t.number >= 0 && t.digits == 8 && r.day == 0 && (at(i+1).text == "t" || len(ts) == 1): // 20260302T101500
			if r.numeric(token{number: t.number / 10000, digits: 4}, token{number: t.number / 100 % 100, digits: 2}, token{number: t.number % 100, digits: 2}, "-") {
				if d := at(i + 2); at(i+1).text == "t" && d.digits == 6 {
					r.clock, r.hour, r.min, r.sec = true, d.number/10000, d.number/100%100, d.number%100
				}
				i += 2
			}
		case (t.text == "+" || t.text == "-" || t.text == "−") && at(i+1).number >= 0 && (r.clock || r.named != nil) && r.offset(t.text != "+", ts[i+1:]):
			i++
			if at(i+1).text == ":" {
				i += 2
			}
		case t.number >= 0:
			if w := at(i + 1).text; r.before(t.number, w, ts[i+1:]) {
				i++
				continue
			}
			loose = append(loose, t)
		default:
			r.word(t, at(i+1), ts[i:])
		}
	}
	r.numbers(loose)
}

// numeric takes three numbers between equal signs.
func (r *reader) numeric(a, b, c token, sep string) bool {
	y, m, d := c.number, b.number, a.number // 02.03.2026
	wide := c.digits
	switch {
	case a.digits == 4: // 2026-03-02
		y, d, wide = a.number, c.number, 4
	case sep == "-" && c.digits == 2 && a.number > 31: // 26-03-02 is not told from 02-03-26, which is written more
		y, d = a.number, c.number
	}
	if m > 12 && d <= 12 {
		m, d = d, m // 03/25/2026
	}
	if wide == 2 {
		y = century(y)
	}
	if wide != 4 && wide != 2 || m < 1 || m > 12 || d < 1 || d > 31 {
		return false
	}
	r.year, r.month, r.day = y, time.Month(m), d
	return true
}

func century(y int) int {
	if y < 70 {
		return 2000 + y
	}
	return 1900 + y
}

// time takes hours, minutes, seconds and parts of a second; it returns how many
// tokens beside the first belong to it.
func (r *reader) time(ts []token) (n int) {
	r.clock, r.hour, r.min = true, ts[0].number, ts[2].number
	n = 2
	if len(ts) > n+2 && ts[n+1].text == ":" && ts[n+2].number >= 0 && ts[n+2].digits <= 2 {
		r.sec = min(ts[n+2].number, 59) // a leap second is none of ours
		n += 2
		if len(ts) > n+2 && (ts[n+1].text == "." || ts[n+1].text == ",") && ts[n+2].tight && ts[n+2].number >= 0 && ts[n+2].digits <= 9 {
			r.nano = ts[n+2].number
			for range 9 - ts[n+2].digits {
				r.nano *= 10
			}
			n += 2
		}
	}
	if r.hour == 24 {
		r.hour = 0
	}
	if len(ts) > n+1 {
		switch w := ts[n+1].text; {
		case w == "pm" && r.hour < 12:
			r.hour += 12
			n++
		case w == "am" && r.hour == 12:
			r.hour = 0
			n++
		}
	}
	return n
}

// offset takes +0700, +07:00, +7.
func (r *reader) offset(minus bool, ts []token) bool {
	h, m := ts[0].number, 0
	switch {
	case ts[0].digits == 4:
		h, m = h/100, h%100
	case ts[0].digits > 2:
		return false
	case len(ts) > 2 && ts[1].text == ":" && ts[2].digits == 2:
		m = ts[2].number
	}
	if h > 14 || m > 59 {
		return false
	}
	seconds := h*3600 + m*60
	if minus {
		seconds = -seconds
	}
	if r.named != nil { // GMT+7, МСК+4
		_, base := time.Date(2026, 1, 1, 0, 0, 0, 0, r.named).Zone()
		seconds += base
	}
	r.named = time.FixedZone("", seconds)
	return true
}

// before takes «5 минут назад», and a number whose word says that it is a day.
func (r *reader) before(n int, word string, rest []token) bool {
	unit, ok := unitOf(word)
	if !ok || n > 1000 {
		return false
	}
	for _, t := range rest[1:] {
		if t.text == "назад" || t.text == "ago" {
			r.ago, r.agoSet = r.ago+time.Duration(n)*unit, true
			return true
		}
	}
	return false
}

func (r *reader) word(t, next token, rest []token) {
	w := t.text
	switch {
	case months[w] != 0 && r.month == 0:
		r.month = months[w]
	case w == "сегодня" || w == "today":
		r.near, r.nearDay = true, 0
	case w == "вчера" || w == "yesterday":
		r.near, r.nearDay = true, -1
	case w == "позавчера":
		r.near, r.nearDay = true, -2
	case (w == "только" && next.text == "что") || (w == "just" && next.text == "now"):
		r.agoSet = true
	case r.named == nil && zones[w] != nil && (r.clock || w != "est"):
		r.named = zones[w]
	default:
		if len(rest) < 2 || r.agoSet {
			return
		}
		ago := func(w string) bool { return w == "назад" || w == "ago" }
		if unit, ok := unitOf(w); ok && ago(rest[1].text) { // «час назад»
			r.ago, r.agoSet = unit, true
		} else if w == "полчаса" && ago(rest[1].text) {
			r.ago, r.agoSet = 30*time.Minute, true
		} else if half := counts[w]; half > 0 && len(rest) > 2 && ago(rest[2].text) { // «два часа назад»
			if unit, ok := unitOf(next.text); ok {
				r.ago, r.agoSet = time.Duration(half)*unit/2, true
			}
		}
	}
}

// numbers gives the numbers that stand alone to what is missing.
func (r *reader) numbers(loose []token) {
	for _, t := range loose {
		switch {
		case r.month != 0 && r.day == 0 && t.digits <= 2 && t.number >= 1 && t.number <= 31:
			r.day = t.number
		case r.month != 0 && r.year < 0 && t.digits == 4:
			r.year = t.number
		case r.month != 0 && r.year < 0 && r.day != 0 && t.digits == 2:
			r.year = century(t.number)
		}
	}
}

// date puts the parts together.
func (r *reader) date() (time.Time, bool) {
	zone := r.zone
	if r.named != nil {
		zone = r.named
	}
	if r.hour > 23 || r.min > 59 {
		return time.Time{}, false
	}
	switch a, b := r.pair[0], r.pair[1]; {
	case r.near && !r.clock && a < 24 && b < 60: // «сегодня, 10.05»
		r.hour, r.min = a, b
	case r.clock && r.month == 0 && r.day == 0 && !r.near && a >= 1 && a <= 31 && b >= 1 && b <= 12: // «03.02 10:05»
		r.day, r.month = a, time.Month(b)
	}
	switch {
	case r.agoSet:
		return r.now.Add(-r.ago), true
	case r.near:
		d := r.now.AddDate(0, 0, r.nearDay)
		return time.Date(d.Year(), d.Month(), d.Day(), r.hour, r.min, r.sec, 0, zone), true
	case r.month == 0 || r.day == 0:
		return time.Time{}, false
	}
	year := r.year
	if year < 0 { // «2 марта, 10:15»: the last such day
		year = r.now.Year()
		if time.Date(year, r.month, r.day, r.hour, r.min, 0, 0, zone).After(r.now.Add(48 * time.Hour)) {
			year--
		}
	}
	t := time.Date(year, r.month, r.day, r.hour, r.min, r.sec, r.nano, zone)
	return t, t.Day() == r.day // 31 февраля is no day
}
