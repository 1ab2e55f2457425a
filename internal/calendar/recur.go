package calendar

import (
	"strconv"
	"strings"
	"time"
)

// A recurrence is when an event begins, within the counted years.
type recurrence struct {
	starts []time.Time
	always bool // every year, without end
}

// recurrence reads RRULE. Only yearly rules are counted: a holiday is yearly, and a
// rule that would be read half would give wrong deadlines in silence.
func (e *icalEvent) recurrence() (recurrence, error) {
	r := recurrence{starts: []time.Time{e.start}}
	if e.rule == "" {
		return r, nil
	}
	fail := func(text, sentence string) (recurrence, error) { return r, icalError(e.ruleLine, text, sentence) }
	interval, count, until, yearly := 1, 0, time.Date(LastYear, 12, 31, 0, 0, 0, 0, time.UTC), false
	always := true
	for part := range strings.SplitSeq(strings.ToUpper(e.rule), ";") {
		k, v, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(v)
		switch k {
		case "FREQ":
			if yearly = v == "YEARLY"; !yearly {
				return fail("FREQ="+v, "повторение «"+clean(v)+"» не поддерживается: праздники повторяются раз в год (FREQ=YEARLY)")
			}
		case "INTERVAL":
			if err != nil || n < 1 || n > 100 {
				return fail("INTERVAL", "INTERVAL «"+clean(v)+"» не число от 1 до 100")
			}
			interval, always = n, always && n == 1
		case "COUNT":
			if err != nil || n < 1 || n > 1000 {
				return fail("COUNT", "COUNT «"+clean(v)+"» не число от 1 до 1000")
			}
			count, always = n, false
		case "UNTIL":
			if len(v) < 8 {
				return fail("UNTIL", "UNTIL «"+clean(v)+"» не дата")
			}
			if until, err = time.Parse("20060102", v[:8]); err != nil {
				return fail("UNTIL", "UNTIL «"+clean(v)+"» не дата")
			}
			always = false
		case "BYMONTH":
			if err != nil || n != int(e.start.Month()) {
				return fail("BYMONTH", "BYMONTH «"+clean(v)+"» не совпадает с месяцем события")
			}
		case "BYMONTHDAY":
			if err != nil || n != e.start.Day() {
				return fail("BYMONTHDAY", "BYMONTHDAY «"+clean(v)+"» не совпадает с днём события")
			}
		case "WKST":
		default:
			return fail(clean(k), "правило «"+clean(k)+"» не поддерживается: запишите дни отдельными событиями")
		}
	}
	if !yearly {
		return fail("no FREQ", "в правиле повторения нет FREQ=YEARLY")
	}
	r.starts, r.always = nil, always
	for n := 0; ; n++ {
		y := e.start.Year() + n*interval
		at := time.Date(y, e.start.Month(), e.start.Day(), 0, 0, 0, 0, time.UTC)
		if y > LastYear || at.After(until) {
			return r, nil
		}
		if at.Month() != e.start.Month() { // 29 February
			continue
		}
		if r.starts = append(r.starts, at); len(r.starts) == count {
			return r, nil
		}
	}
}
