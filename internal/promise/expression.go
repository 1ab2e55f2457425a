package promise

import (
	"strings"
	"time"

	"otklik/internal/russian"
)

// expression reads the expression of time that begins at token i: a preposition
// or none, a part of a period («конца», «первой половине»), a period or a term.
func (r *reader) expression(i int) (e expr, ok bool) {
	e.first = i
	switch w := r.norm(i); w {
	case "до":
		return r.until(e, i+1, false)
	case "к", "ко":
		return r.until(e, i+1, true)
	case "не":
		if n := r.norm(i + 1); n == "позднее" || n == "позже" {
			i += 2
			if w := r.norm(i); w == "чем" || w == "," && r.norm(i+1) == "чем" {
				i++
				if w == "," {
					i++
				}
			}
			switch r.norm(i) {
			case "до", "к":
				return r.until(e, i+1, false)
			case "через", "в":
				return r.counted(e, i+1)
			}
			return r.latest(e, i)
		}
		if n := r.norm(i + 1); n == "раньше" || n == "ранее" {
			if p, next, ok := r.period(i + 2); ok {
				e, _ = r.whole(e, p, next, loose, "назван день, раньше которого не сделают, а не к которому")
				return e, true
			}
		}
		if r.norm(i+1) == "более" {
			return r.counted(e, i+2)
		}
		return e, false
	case "дано", "отведено", "займет", "займут", "продлится", "продлятся":
		if w := r.norm(i + 1); w == "около" || w == "до" || w == "примерно" {
			i++
		}
		e.first = i + 1
		if e, ok = r.counted(e, i+1); ok && e.form == after {
			e.form, e.upto = by, true
		}
		return e, ok
	case "срок", "сроком":
		return r.deadline(e, i)
	case "в", "во", "на":
		return r.in(e, i+1)
	case "с", "со", "начиная":
		return r.from(e, i)
	case "через":
		return r.counted(e, i+1)
	case "за":
		if strings.HasPrefix(r.norm(i+1), "выходн") {
			if p, next, ok := r.period(i + 1); ok {
				return r.whole(e, p, next, within, "")
			}
		}
		e, ok = r.counted(e, i+1)
		if ok && !e.soft { // «за два дня» tells of what was done, or how long it takes
			e.form = within
		}
		return e, ok
	case "от":
		if p, next, ok := r.period(i + 1); ok && (p.date || p.year) {
			return expr{first: i, next: next, form: void}, true
		}
		return e, false
	case "по", "при", "после", "как", "когда", "лишь", "если":
		return r.condition(e, i)
	case "ближайшие", "ближайшее":
		return r.phrase(e, i)
	}
	if e, ok = r.phrase(e, i); ok {
		return e, true
	}
	p, next, ok := r.period(i)
	if !ok || !p.date && !p.season || p.season && r.tok[i].Norm != "летом" && r.tok[i].Norm != "зимой" && r.tok[i].Norm != "весной" && r.tok[i].Norm != "осенью" {
		return e, false
	}
	return r.whole(e, p, next, bare, "")
}

// whole makes the expression of a period as it is.
func (r *reader) whole(e expr, p period, next int, f form, why string) (expr, bool) {
	e.next, e.form, e.from, e.until, e.year, e.why = next, f, p.from, p.to, p.year, why
	e.weekday = p.weekday
	if p.wrong {
		e.form, e.why = loose, NoSuchDay
	}
	if p.void {
		e.form = void
	}
	return e, true
}

// until reads what stands behind «до», and behind «к» (toward).
func (r *reader) until(e expr, i int, toward bool) (expr, bool) {
	e.upto = true
	if e, ok := r.clock(e, i); ok {
		return e, true
	}
	if p, next, why, ok := r.portion(i); ok {
		switch {
		case why == "начало" && toward:
			p.to = p.from
		case why == "начало":
			p.to = p.from.AddDate(0, 0, -1)
		case why == "середина":
			p.to = p.from.AddDate(0, 0, int(p.to.Sub(p.from).Hours()/48))
		}
		return r.whole(e, p, next, by, "")
	}
	switch r.norm(i) {
	case "вечера", "вечеру", "обеда", "обеду", "утра", "утру", "ночи":
		return r.dayPart(e, i)
	case "нового", "новому", "нг", "новогодних", "новогодним", "майских", "майским":
		if p, next, ok := r.feast(i); ok {
			return r.whole(e, p, next, by, "")
		}
	case "дня", "дню": // «ко Дню города»: no day of the calendar
		return r.tail(e, i, "назван праздник, а не день")
	case "холодов", "холодам", "заморозков", "заморозкам", "морозов", "морозам", "снега", "снегу", "снегопадов", "паводка", "паводку", "дождей",
		"отопительного", "отопительному", "праздников", "праздникам", "каникул", "каникулам",
		"наступления", "наступлению", "начала", "началу", "прихода", "приходу", "окончания", "окончанию", "завершения", "завершению", "особого":
		return r.tail(e, i, "названо событие, а не день")
	}
	p, next, ok := r.period(i)
	if !ok {
		return e, false
	}
	switch {
	case p.void:
		return r.whole(e, p, next, void, "")
	case p.date, r.norm(next) == "включительно":
		e, _ = r.whole(e, p, next, by, "")
	case p.season && r.tok[i].Kind == russian.Word && (r.norm(i) == "зимой" || r.norm(i) == "летом"):
		return e, false
	default: // «до сентября», «к зиме»: before it begins
		p.to = p.from.AddDate(0, 0, -1)
		if p.to.Before(r.today) && !p.year {
			p.to = p.from.AddDate(1, 0, -1)
		}
		if p.to.Before(r.today) && p.season {
			p.to = p.from.AddDate(1, 0, -1)
		}
		e, _ = r.whole(e, p, next, by, "до начала названного срока")
	}
	if r.norm(e.next) == "включительно" {
		e.next++
	}
	return e, true
}

// latest reads what stands behind «не позднее»: the end of the period, or a term.
func (r *reader) latest(e expr, i int) (expr, bool) {
	e.upto = true
	if p, next, _, ok := r.portion(i); ok {
		return r.whole(e, p, next, by, "")
	}
	if e, ok := r.counted(e, i); ok {
		return e, true
	}
	if p, next, ok := r.period(i); ok {
		return r.whole(e, p, next, by, "")
	}
	return e, false
}

// deadline reads «срок — до 25 сентября», «срок исправления — 25 сентября», «сроком до».
// The words before the date are no part of it.
func (r *reader) deadline(e expr, i int) (expr, bool) {
	for k := i + 1; k < min(i+5, len(r.tok)); k++ {
		if r.tok[k].Kind == russian.Punct && r.norm(k) != "-" && r.norm(k) != ":" {
			return e, false
		}
		if w := r.norm(k); w != "-" && w != ":" {
			if _, known := starts[w]; known {
				return e, false
			}
			continue
		}
		e.first = k + 1
		if p, next, ok := r.period(k + 1); ok && (p.date || p.year || monthWords[r.norm(k+1)] > 0) {
			return r.whole(e, p, next, by, "")
		}
		if p, next, _, ok := r.portion(k + 1); ok {
			return r.whole(e, p, next, by, "")
		}
		if e, ok := r.counted(expr{first: k + 1}, k+1); ok {
			return e, true
		}
		return e, false
	}
	return e, false
}

// in reads what stands behind «в» and «на».
func (r *reader) in(e expr, i int) (expr, bool) {
	w := r.norm(i)
	switch {
	case w == "течение" || w == "течении" || w == "продолжение":
		if e, ok := r.counted(e, i+1); ok {
			return e, true
		}
		if p, next, ok := r.period(i + 1); ok {
			return r.whole(e, p, next, within, "")
		}
		return e, false
	case w == "срок":
		if n := r.norm(i + 1); n == "до" || n == "к" {
			return r.until(e, i+2, false)
		} else if n == "не" {
			e2, ok := r.expression(i + 1)
			e2.first = e.first
			return e2, ok
		}
		return r.counted(e, i+1)
	case w == "период" || w == "промежуток" || w == "промежутке":
		if n := r.norm(i + 1); n == "с" || n == "до" {
			e2, ok := r.expression(i + 1)
			e2.first = e.first
			return e2, ok
		}
	}
	if _, ok := shiftWords[w]; ok {
		if p, next, ok := r.period(i); ok {
			return r.whole(e, p, next, within, "")
		}
	}
	if e, ok := r.phrase(e, e.first); ok {
		return e, true
	}
	if e, ok := r.compound(e, i); ok {
		return e, true
	}
	if p, next, _, ok := r.portion(i); ok {
		return r.whole(e, p, next, within, "")
	}
	if nearWords[w] > 0 {
		if e, ok := r.counted(e, i); ok {
			return e, true
		}
	}
	if p, next, ok := r.period(i); ok && (r.norm(e.first) != "на" || p.date || p.year || monthWords[r.norm(i)] > 0) {
		e.soft = r.norm(e.first) == "на" && !p.date && !p.year // «запланированы на декабрь», but «справка на декабрь»
		return r.whole(e, p, next, within, "")
	}
	if r.norm(e.first) == "в" {
		if e, ok := r.clock(e, i); ok {
			return e, true
		}
		if y, ok := r.number(i, r.today.Year(), 2099); ok && r.tok0(i+1).Kind == russian.Punct { // «планово в 2027»
			return r.whole(e, period{from: r.day(y, 1, 1), to: r.day(y, 12, 31), year: true}, i+1, within, "")
		}
	}
	return e, false
}

// from reads «с 1 декабря», «с 20 по 25 сентября», «с понедельника».
func (r *reader) from(e expr, i int) (expr, bool) {
	if r.norm(i) == "начиная" {
		if i++; r.norm(i) != "с" && r.norm(i) != "со" {
			return e, false
		}
	}
	if w := r.norm(i + 1); w == "наступлением" || w == "приходом" || w == "установлением" || w == "началом" || w == "момента" {
		return r.tail(e, i+1, "названо событие, а не день")
	}
	if d, next, ok := r.dayNumber(i + 1); ok && (r.norm(next) == "по" || r.norm(next) == "до") {
		if p, behind, ok := r.dayMonth(next + 1); ok { // «с 20 по 25 сентября»
			p.from = r.day(p.from.Year(), p.from.Month(), d)
			if p.from.After(p.to) {
				p.from = p.from.AddDate(0, -1, 0)
			}
			return r.whole(e, p, behind, by, "")
		}
	}
	p, next, ok := r.period(i + 1)
	if !ok {
		return e, false
	}
	if w := r.norm(next); w == "по" || w == "до" {
		if q, behind, ok := r.period(next + 1); ok {
			if !p.year && q.year && p.from.Year() != q.to.Year() {
				p.from = r.day(q.to.Year(), p.from.Month(), p.from.Day())
			}
			if q.to.Before(p.from) {
				q.to = q.to.AddDate(1, 0, 0)
			}
			return r.whole(e, period{from: p.from, to: q.to, year: p.year || q.year}, behind, by, "")
		}
	}
	p.to = p.from
	return r.whole(e, p, next, since, "с этого дня")
}

// portion reads a part of a period: «конца года», «первой половине мая», «середине
// сентября», «первых числах октября», «второй декаде июня».
func (r *reader) portion(i int) (p period, next int, part string, ok bool) {
	half, at := 0, i
	switch w := r.norm(i); w {
	case "конца", "концу", "конце", "конец", "исхода":
		part = "конец"
	case "начала", "началу", "начале", "начало":
		part = "начало"
	case "середины", "середине", "середина":
		part = "середина"
	case "первых", "последних", "последние", "первые":
		if n := r.norm(i + 1); n != "числах" && n != "числа" && n != "днях" && n != "дни" {
			return p, i, "", false
		}
		part, at = "начало", i+1
		if w == "последних" || w == "последние" {
			part = "конец"
		}
	default:
		if half = ordinals[w]; half == 0 {
			return p, i, "", false
		}
		switch r.norm(i + 1) {
		case "половине", "половину", "половины", "половина":
			part = "половина"
		case "декаде", "декаду", "декады", "декада":
			part = "декада"
		default:
			return p, i, "", false
		}
		at = i + 1
	}
	p, next, ok = r.period(at + 1)
	if !ok || p.date && (part != "конец" || !p.year) {
		return p, i, "", false
	}
	length := int(p.to.Sub(p.from).Hours()/24+0.5) + 1
	switch {
	case part == "половина" && half == 1:
		p.to = p.from.AddDate(0, 0, length/2-1)
	case part == "половина" && half == 2:
		p.from = p.from.AddDate(0, 0, length/2)
	case part == "декада" && half <= 3:
		p.from = p.from.AddDate(0, 0, 10*(half-1))
		if half < 3 {
			p.to = p.from.AddDate(0, 0, 9)
		}
	case part == "половина", part == "декада":
		return p, i, "", false
	case part == "начало":
		p.to = p.from.AddDate(0, 0, length/3-1)
	case part == "середина":
		p.from, p.to = p.from.AddDate(0, 0, length/3), p.from.AddDate(0, 0, 2*length/3)
	case part == "конец":
		p.from = p.to.AddDate(0, 0, -(length+2)/3+1)
	}
	if r.norm(next) == "-" { // «в конце ноября — начале декабря»
		if q, behind, part, ok := r.portion(next + 1); ok && part != "конец" && q.to.After(p.to) {
			p.to, next = q.to, behind
		}
	}
	return p, next, part, true
}

// clock reads «18 часов», «18:00», «18.00» behind «до» and «к».
func (r *reader) clock(e expr, i int) (expr, bool) {
	if w := r.norm(i); w == "конца" || w == "концу" {
		next := i + 1
		if strings.HasPrefix(r.norm(next), "рабоч") || r.norm(next) == "этого" || r.norm(next) == "текущего" {
			next++
		}
		if w := r.norm(next); w == "дня" || w == "суток" || w == "смены" {
			e.next, e.form, e.exact, e.year, e.from, e.until = next+1, hour, true, true, r.today, endOf(r.today)
			return e, true
		}
	}
	h, ok := r.number(i, 0, 24)
	if !ok {
		return e, false
	}
	m, next := 0, i+1
	switch w := r.norm(next); {
	case (w == ":" || w == "." || w == "-") && r.glued(i) && r.glued(next):
		if m, ok = r.number(next+1, 0, 59); !ok || len(r.norm(next+1)) != 2 || w == "-" && m%10 != 0 {
			return e, false
		}
		if w != ":" && (r.norm(next+2) == "." && r.glued(next+1) && r.tok0(next+3).Kind == russian.Number || unitWords[r.norm(next+2)] != hours && w == "." && m <= 12 && m > 0) {
			return e, false // a date
		}
		next += 2
		if unitWords[r.norm(next)] == hours {
			next++
		}
	case unitWords[w] == hours || w == "ч":
		next++
		if k, ok := r.number(next, 0, 59); ok && (r.norm(next+1) == "минут" || r.norm(next+1) == "мин") {
			m, next = k, next+2
		}
	default:
		return e, false
	}
	e.next, e.form, e.exact, e.year = next, hour, true, true
	e.from = r.today
	e.until = r.today.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
	return e, true
}

// dayPart reads «вечера», «утра»: of today when it is not over.
func (r *reader) dayPart(e expr, i int) (expr, bool) {
	h := map[string]int{"вечера": 20, "вечеру": 20, "обеда": 13, "обеду": 13, "утра": 9, "утру": 9, "ночи": 23}[r.norm(i)]
	d := r.today
	at := func() time.Time { return time.Date(d.Year(), d.Month(), d.Day(), h, 0, 0, 0, d.Location()) }
	next := i + 1
	if p, n, ok := r.period(i + 1); ok && p.date {
		d, next = p.from, n
	} else if !at().After(r.at) {
		d = d.AddDate(0, 0, 1)
	}
	e.next, e.form, e.exact, e.year, e.from, e.until = next, hour, true, true, d, at()
	return e, true
}
