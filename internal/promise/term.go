package promise

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"otklik/internal/russian"
)

// counted reads a term that runs from the publication: «двух недель», «10 (десяти)
// рабочих дней», «2–3 дня», «месяца», «ближайшие два дня».
func (r *reader) counted(e expr, i int) (expr, bool) {
	back := false
	for {
		w := r.norm(i)
		if s, ok := shiftWords[w]; ok && s == past {
			back = true
		} else if !(ok && s == following) && nearWords[w] == 0 && w != "не" && w != "более" && w != "максимум" && w != "последующих" && w != "примерно" {
			break
		}
		i++
	}
	n, half, next := 1, false, i
	named := true
	switch t := r.tok0(i); {
	case t.Kind == russian.Number:
		n, named = r.number(i, 1, 999)
		if !named {
			return e, false
		}
		next++
		if w := r.norm(next); (w == "," || w == ".") && r.norm(next+1) == "5" && r.glued(i) && r.glued(next) { // «1,5 месяца»
			next += 2
			if half = n == 1; !half {
				n++
			}
		}
		if w := r.norm(next); w == "-" || w == "или" {
			if k, ok := r.number(next+1, n, 999); ok {
				n, next = k, next+2
			} else if w := r.norm(next + 1); w == "ти" || w == "х" || w == "и" {
				next += 2
			}
		}
	case t.Kind == russian.Mixed: // «10-ти», «3-х»
		k := 0
		for _, c := range t.Norm {
			if c < '0' || c > '9' {
				break
			}
			k = k*10 + int(c-'0')
		}
		tail := strings.TrimLeft(t.Norm, "0123456789")
		if k == 0 || k > 999 || tail != "-ти" && tail != "-х" && tail != "-и" && tail != "-ми" && tail != "ти" && tail != "х" {
			return e, false
		}
		n, next = k, next+1
	case numbers[t.Norm] > 0:
		n, next = numbers[t.Norm], next+1
		if n >= 20 && numbers[r.norm(next)] > 0 && numbers[r.norm(next)] < 10 {
			n, next = n+numbers[r.norm(next)], next+1
		}
		if r.norm(next) == "-" && numbers[r.norm(next+1)] > n {
			n, next = numbers[r.norm(next+1)], next+2
		}
	case t.Norm == "полутора", t.Norm == "полтора", t.Norm == "полторы":
		half, next = true, next+1
	case t.Norm == "полчаса", t.Norm == "получаса":
		return r.term(e, i+1, 30, minutes, false, false, back)
	case t.Norm == "полугода" || t.Norm == "полгода":
		return r.term(e, i+1, 6, months, false, false, back)
	case t.Norm == "нескольких" || t.Norm == "пары" || t.Norm == "некоторого" || t.Norm == "несколько" || t.Norm == "пару":
		if unitWords[r.norm(i+1)] == noUnit && r.norm(i+1) != "времени" && r.norm(i+1) != "рабочих" {
			return e, false
		}
		e.next, e.form, e.why = i+2, loose, "число не названо"
		if r.norm(i+1) == "рабочих" {
			e.next++
		}
		return e, e.next <= len(r.tok)
	default:
		named = false
	}
	if r.norm(next) == "(" { // «10 (десяти) рабочих дней»
		for k := next + 1; k < min(next+4, len(r.tok)); k++ {
			if r.norm(k) == ")" {
				next = k + 1
				break
			}
		}
	}
	working := false
	switch w := r.norm(next); {
	case strings.HasPrefix(w, "рабоч"):
		working, next = true, next+1
	case strings.HasPrefix(w, "календарн"), w == "полных", w == "ближайших":
		next++
	}
	u := unitWords[r.norm(next)]
	if u == noUnit || !named && r.norm(i) == "суток" {
		if !named && r.norm(next) == "суток" {
			return r.term(e, next+1, 1, days, false, false, back)
		}
		return e, false
	}
	if w := r.norm(next + 1); w == "-" && !named { // «через день-два»
		if k := numbers[r.norm(next+2)]; k > n && unitWords[r.norm(next+3)] == noUnit {
			return r.term(e, next+3, k, u, working, half, back)
		}
	}
	if !named && (u == years || u == quarters) { // «в течение года»: the year that runs, see period
		return e, false
	}
	return r.term(e, next+1, n, u, working, half, back)
}

// compound reads «двухнедельный срок», «10-дневный срок», «месячный срок».
func (r *reader) compound(e expr, i int) (expr, bool) {
	n, next, w := 1, i, ""
	if t := r.tok0(i); t.Kind == russian.Mixed { // «10дневный»
		tail := strings.TrimLeft(t.Norm, "0123456789")
		n, _ = strconv.Atoi(strings.TrimSuffix(t.Norm, tail))
		if n < 1 || n > 366 {
			return e, false
		}
		w = strings.TrimPrefix(tail, "-")
	} else if t.Kind == russian.Number && r.norm(i+1) == "-" {
		k, ok := r.number(i, 1, 366)
		if !ok {
			return e, false
		}
		n, next = k, i+2
		if r.norm(next) == "ти" || r.norm(next) == "х" {
			next++
		}
	}
	if w == "" {
		w = r.norm(next)
	}
	var u unit
	for stem, of := range map[string]unit{"дневн": days, "суточн": days, "недельн": weeks, "месячн": months, "часов": hours} {
		head, tail, ok := strings.Cut(w, stem)
		if !ok || tail != "ый" && tail != "ого" && tail != "ой" && tail != "ом" {
			continue
		}
		if head != "" {
			if n = prefixes[head]; n == 0 {
				return e, false
			}
		}
		u = of
	}
	if next++; strings.HasPrefix(r.norm(next), "рабоч") {
		next++
	}
	if u == noUnit || r.norm(next) != "срок" {
		return e, false
	}
	return r.term(e, next+1, n, u, false, false, false)
}

var prefixes = map[string]int{"одно": 1, "двух": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7, "восьми": 8, "девяти": 9, "десяти": 10,
	"двенадцати": 12, "четырнадцати": 14, "пятнадцати": 15, "двадцати": 20, "тридцати": 30, "сорокапяти": 45, "шестидесяти": 60, "полутора": 2}

// term makes the expression of n units from the publication on.
func (r *reader) term(e expr, next, n int, u unit, working, half, back bool) (expr, bool) {
	e.next, e.form, e.year, e.from = next, after, true, r.today
	if back {
		e.form = void
		return e, true
	}
	if w := r.norm(next); w == "назад" {
		e.next, e.form = next+1, void
		return e, true
	}
	switch {
	case u == minutes: // an exact moment, as of hours: nobody waits for a plumber of ten minutes until midnight
		e.until, e.exact = r.at.Add(time.Duration(n)*time.Minute), true
		if half {
			e.until = r.at.Add(90 * time.Second)
		}
	case u == hours:
		e.until, e.exact = r.at.Add(time.Duration(n)*time.Hour), true
		if half {
			e.until = r.at.Add(90 * time.Minute)
		}
	case working && u == days:
		e.until = r.workingDay(n)
	case u == days:
		e.until = r.today.AddDate(0, 0, n)
	case u == weeks && half:
		e.until = r.today.AddDate(0, 0, 10)
	case u == weeks:
		e.until = r.today.AddDate(0, 0, 7*n)
	case u == decades:
		e.until = r.today.AddDate(0, 0, 10*n)
	case u == months && half:
		e.until = addMonths(r.today, 1).AddDate(0, 0, 15)
	case u == months:
		e.until = addMonths(r.today, n)
	case u == quarters:
		e.until = addMonths(r.today, 3*n)
	case u == years && half:
		e.until = addMonths(r.today, 18)
	default:
		e.until = addMonths(r.today, 12*min(n, 100))
	}
	names := unitNames[u]
	since := "со дня публикации"
	if e.exact {
		since = "с минуты публикации"
	}
	e.why = fmt.Sprintf("%d %s %s", n, plural(n, names[0], names[1], names[2]), since)
	if working && u == days {
		e.why = fmt.Sprintf("%d %s со дня публикации", n, plural(n, "рабочий день", "рабочих дня", "рабочих дней"))
	}
	if half {
		e.why = "полтора " + names[1] + " " + since
		if u == weeks || u == minutes || u == decades {
			e.why = "полторы " + names[1] + " " + since
		}
	}
	// «в течение 10 дней со дня заключения договора»: from a day that is not named.
	if w := r.norm(next); w == "с" || w == "со" || w == "после" {
		k := next + 1
		if r.norm(k) == "дня" || r.norm(k) == "момента" || r.norm(k) == "даты" {
			k++
		} else if w != "после" {
			return e, true
		}
		switch r.norm(k) {
		case "публикации", "обращения", "регистрации", "получения", "поступления", "ответа", "сегодняшнего", "настоящего", "подачи":
			if r.norm(k+1) != "средств" && r.norm(k+1) != "финансирования" {
				return e, true
			}
		}
		if r.tok0(k).Kind != russian.Word || !r.tok0(k).Any(russian.Noun) {
			return e, true
		}
		return r.tail(e, k, "срок считается от события, день которого не назван")
	}
	return e, true
}

// addMonths adds months and stays within the month it comes to: 31 January and
// one month is the end of February.
func addMonths(t time.Time, n int) time.Time {
	y, m, d := t.Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, t.Location())
	return time.Date(last.Year(), last.Month(), min(d, last.Day()), 0, 0, 0, 0, t.Location())
}

// workingDay returns the n-th working day behind today.
func (r *reader) workingDay(n int) time.Time {
	d := r.today
	for k := 0; n > 0 && k < 4000; k++ {
		d = d.AddDate(0, 0, 1)
		if r.days != nil && r.days.Working(d) || r.days == nil && weekdayFrom(d) <= 5 {
			n--
		}
	}
	return d
}

func plural(n int, one, few, many string) string {
	switch {
	case n%100 >= 11 && n%100 <= 14:
	case n%10 == 1:
		return one
	case n%10 >= 2 && n%10 <= 4:
		return few
	}
	return many
}
