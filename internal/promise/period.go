package promise

import (
	"strconv"
	"strings"
	"time"

	"otklik/internal/russian"
)

// A period is a run of whole days that words name.
type period struct {
	from, to time.Time // first and last day
	date     bool      // one named day, not a month or a year
	year     bool      // the year follows from the words
	void     bool      // it lies in the past by its own words: «в прошлом году»
	season   bool
	weekday  bool // named by its weekday alone
	wrong    bool // the calendar has no such day: 31 November
}

// period reads the period that begins at token i: a date, a month, a quarter, a
// season, a weekday, «следующая неделя». next is the token behind it.
func (r *reader) period(i int) (p period, next int, ok bool) {
	for _, read := range []func(int) (period, int, bool){r.numeric, r.dayMonth, r.month, r.part, r.yearAlone, r.season, r.relative, r.weekday} {
		if p, next, ok := read(i); ok {
			return p, next, true
		}
	}
	return p, i, false
}

func (r *reader) number(i, low, high int) (n int, ok bool) {
	if i < 0 || i >= len(r.tok) || r.tok[i].Kind != russian.Number {
		return 0, false
	}
	n, err := strconv.Atoi(r.tok[i].Norm)
	return n, err == nil && n >= low && n <= high
}

// numeric reads 25.09.2026, 25.09.26, 25.09, 25/09/2026 and 2026-09-25.
func (r *reader) numeric(i int) (p period, next int, ok bool) {
	if r.tok0(i).Kind == russian.Mixed {
		t, err := time.ParseInLocation("2/1/2006", r.norm(i), r.at.Location())
		if err != nil {
			t, err = time.ParseInLocation("2/1/06", r.norm(i), r.at.Location())
		}
		return period{from: t, to: t, date: true, year: true}, i + 1, err == nil
	}
	if i > 0 && r.glued(i-1) && r.norm(i-1) != "(" && r.norm(i-1) != `"` {
		return p, i, false // the middle of a longer number
	}
	sep := r.norm(i + 1)
	if sep != "." && sep != "-" || !r.glued(i) || !r.glued(i+1) {
		return p, i, false
	}
	if y, ok := r.number(i, 2000, 2099); ok && sep == "-" && r.norm(i+3) == "-" && r.glued(i+2) && r.glued(i+3) {
		m, ok1 := r.number(i+2, 1, 12)
		d, ok2 := r.number(i+4, 1, 31)
		return r.dated(y, m, d, i+5, ok1 && ok2)
	}
	d, ok1 := r.number(i, 1, 99)
	m, ok2 := r.number(i+2, 1, 99)
	if !ok1 || !ok2 || len(r.norm(i+2)) != 2 || sep == "-" && len(r.norm(i+4)) != 4 {
		return p, i, false
	}
	if r.norm(i+3) == sep && r.glued(i+2) && r.glued(i+3) {
		y, ok := r.number(i+4, 0, 2099)
		if !ok || len(r.norm(i+4)) == 4 && y < 1900 || len(r.norm(i+4)) != 4 && len(r.norm(i+4)) != 2 {
			return p, i, false
		}
		if y < 100 {
			y += 2000
		}
		next = i + 5
		if w := r.norm(next); w == "г" || w == "года" {
			next = r.yearStop(next + 1)
		}
		return r.dated(y, m, d, next, true)
	}
	if sep == "-" || d > 31 || m > 12 || len(r.norm(i)) != 2 && !leads[r.norm(i-1)] || r.glued(i+2) && r.tok0(i+3).Kind != russian.Punct {
		return p, i, false
	}
	return r.undated(m, d, i+3)
}

func (r *reader) tok0(i int) *russian.Token {
	if i < 0 || i >= len(r.tok) {
		return &none0
	}
	return &r.tok[i]
}

var none0 = russian.Token{Kind: russian.Punct}

// leads are the words before a date that is written «5.12», which would be a number elsewhere.
var leads = map[string]bool{"до": true, "к": true, "ко": true, "с": true, "по": true, "позднее": true, "позже": true, "срок": true, ":": true}

// dated returns one day of a named year; 31 February is read, and wrong.
func (r *reader) dated(y, m, d, next int, ok bool) (period, int, bool) {
	t := r.day(y, time.Month(m), d)
	return period{from: t, to: t, date: true, year: true, wrong: t.Day() != d || int(t.Month()) != m}, next, ok
}

// undated returns one day whose year is not named: see reader.settle.
func (r *reader) undated(m, d, next int) (period, int, bool) {
	y := r.today.Year()
	if m == 2 && d == 29 {
		for y%4 != 0 {
			y++
		}
	}
	t := r.day(y, time.Month(m), d)
	return period{from: t, to: t, date: true, wrong: t.Day() != d}, next, true
}

// dayNumber reads «25», «25-го», «двадцать пятого».
func (r *reader) dayNumber(i int) (n, next int, ok bool) {
	t := r.tok0(i)
	switch t.Kind {
	case russian.Number:
		n, ok = r.number(i, 1, 31)
		if !ok && monthWords[r.norm(i+1)] > 0 {
			n, ok = r.number(i, 32, 99) // no day, and said so
		}
		return n, i + 1, ok
	case russian.Mixed:
		k := 0
		for k < len(t.Norm) && t.Norm[k] >= '0' && t.Norm[k] <= '9' {
			k++
		}
		n, err := strconv.Atoi(t.Norm[:k])
		tail := t.Norm[k:]
		return n, i + 1, err == nil && n >= 1 && n <= 31 && (tail == "-го" || tail == "-му" || tail == "-е" || tail == "го" || tail == "-ого" || tail == "-ому")
	case russian.Word:
		if ten := tens[t.Norm]; ten > 0 {
			if u := ordinals[r.norm(i+1)]; u > 0 && u < 10 && ten+u <= 31 {
				return ten + u, i + 2, true
			}
		}
		if n = ordinals[t.Norm]; n > 0 {
			return n, i + 1, true
		}
	}
	return 0, i, false
}

// dayMonth reads «25 сентября 2026 года», «20–25 сентября», «25 числа».
func (r *reader) dayMonth(i int) (p period, next int, ok bool) {
	d, next, ok := r.dayNumber(i)
	if !ok {
		return p, i, false
	}
	last := d
	if w := r.norm(next); w == "-" || w == "или" || w == "и" || w == "по" {
		if e, n, ok := r.dayNumber(next + 1); ok && e > d {
			last, next = e, n
		}
	}
	numbered := r.norm(next) == "числа" || r.norm(next) == "число"
	if t := r.tok0(i); t.Kind == russian.Mixed && leads[r.norm(i-1)] && !r.tok0(next).Any(russian.Noun|russian.Adj) {
		numbered = true // «до 15-го»
		next--
	}
	if numbered {
		t := r.day(r.today.Year(), r.today.Month(), d)
		if t.Before(r.today) {
			t = r.day(r.today.Year(), r.today.Month()+1, d)
		}
		return period{from: t, to: t, date: true, year: true}, next + 1, t.Day() == d
	}
	m := monthWords[r.norm(next)]
	if m == 0 || i > 0 && r.glued(i-1) && r.tok[i-1].Kind == russian.Number {
		return p, i, false
	}
	next = r.stop(next)
	y, next, named := r.yearOf(next)
	if !named {
		p, _, _ = r.undated(m, d, next)
		p.to = r.day(p.from.Year(), time.Month(m), last)
	} else {
		p, _, _ = r.dated(y, m, d, next, true)
		p.to = r.day(y, time.Month(m), last)
	}
	p.wrong = p.wrong || p.to.Day() != last
	return p, next, true
}

// stop returns the token behind the word at i and the full stop of its short form.
func (r *reader) stop(i int) int {
	if len(r.norm(i)) <= 8 && r.norm(i+1) == "." && r.glued(i) && i+2 < len(r.tok) && monthWords[r.norm(i)] > 0 && len([]rune(r.norm(i))) == 3 && r.norm(i) != "мая" && r.norm(i) != "май" {
		return i + 2
	}
	return i + 1
}

// yearOf reads «2026», «2026 года», «2026 г.», «этого года», «следующего года», «с. г.».
func (r *reader) yearOf(i int) (y, next int, ok bool) {
	if y, ok := r.number(i, 2000, 2099); ok {
		next = i + 1
		if w := r.norm(next); unitWords[w] == years || w == "г" {
			next++
			return y, r.yearStop(next), true
		}
		if unitWords[r.norm(next)] != noUnit {
			return 0, i, false
		}
		return y, next, true
	}
	if r.seq(i, "с", ".", "г") {
		return r.today.Year(), i + 3, true
	}
	if s, ok := shiftWords[r.norm(i)]; ok && unitWords[r.norm(i+1)] == years {
		return r.today.Year() + int(s), i + 2, true
	}
	return 0, i, false
}

// yearStop skips the full stop of «г.» when the sentence goes on behind it.
func (r *reader) yearStop(i int) int {
	if r.norm(i-1) == "г" && r.norm(i) == "." && r.glued(i-1) && i+1 < len(r.tok) && r.tok[i+1].Shape == russian.Lower {
		return i + 1
	}
	return i
}

// month reads «сентябре», «сентябре 2026 года», «этого сентября».
func (r *reader) month(i int) (p period, next int, ok bool) {
	m := monthWords[r.norm(i)]
	if m == 0 {
		return p, i, false
	}
	y, next, named := r.yearOf(r.stop(i))
	if !named {
		y = r.today.Year()
		if time.Month(m) < r.today.Month() {
			y++
		}
		next = i + 1
	}
	from := r.day(y, time.Month(m), 1)
	p = period{from: from, to: from.AddDate(0, 1, -1), year: named}
	if last := monthWords[r.norm(next+1)]; !named && r.norm(next) == "-" && last > 0 { // «в декабре-январе»
		p.to = r.day(y, time.Month(last)+1, 0)
		if last < m {
			p.to = p.to.AddDate(1, 0, 0)
		}
		if ly, behind, ok := r.yearOf(r.stop(next + 1)); ok {
			shift := ly - p.to.Year()
			return period{from: p.from.AddDate(shift, 0, 0), to: r.day(ly, time.Month(last)+1, 0), year: true}, behind, true
		}
		return p, next + 2, true
	}
	return p, next, true
}

// part reads «3 квартале 2026 года», «III кв.», «втором полугодии».
func (r *reader) part(i int) (p period, next int, ok bool) {
	n := roman[r.norm(i)]
	if n == 0 {
		n = ordinals[r.norm(i)]
	}
	next = i + 1
	if n == 0 {
		var ok bool
		if n, ok = r.number(i, 1, 4); !ok {
			k, behind, fine := r.dayNumber(i)
			if t := r.tok0(i); !fine && t.Kind == russian.Mixed && t.Norm != "" && t.Norm[0] >= '1' && t.Norm[0] <= '4' {
				k, behind, fine = int(t.Norm[0]-'0'), i+1, len([]rune(t.Norm)) <= 4
			}
			if !fine || k > 4 {
				return p, i, false
			}
			n, next = k, behind
		}
	}
	span := 3
	switch w := r.norm(next); {
	case n > 4:
		return p, i, false
	case unitWords[w] == quarters:
	case w == "кв" && (roman[r.norm(i)] > 0 || yearAhead(r, next)):
	case (w == "полугодии" || w == "полугодия" || w == "полугодие" || w == "полугодию") && n <= 2:
		span = 6
	default:
		return p, i, false
	}
	next++
	if r.norm(next-1) == "кв" && r.norm(next) == "." {
		next++
	}
	y, behind, named := r.yearOf(next)
	if named {
		next = behind
	} else if y = r.today.Year(); r.day(y, time.Month(n*span), 28).Before(r.today) {
		y++
	}
	from := r.day(y, time.Month((n-1)*span+1), 1)
	return period{from: from, to: from.AddDate(0, span, -1), year: named}, next, true
}

func yearAhead(r *reader, i int) bool {
	if r.norm(i+1) == "." {
		i++
	}
	_, _, ok := r.yearOf(i + 1)
	return ok
}

// yearAlone reads «2027 году», «2026–2027 годах».
func (r *reader) yearAlone(i int) (p period, next int, ok bool) {
	y, ok := r.number(i, 2000, 2099)
	if !ok {
		return p, i, false
	}
	last, next := y, i+1
	if r.norm(next) == "-" {
		if e, ok := r.number(next+1, y+1, 2099); ok {
			last, next = e, next+2
		}
	}
	switch w := r.norm(next); {
	case unitWords[w] == years, w == "г", w == "гг", w == "годы", w == "годов", w == "годах":
		return period{from: r.day(y, 1, 1), to: r.day(last, 12, 31), year: true}, next + 1, true
	}
	return p, i, false
}

// season reads «летом», «весной 2027 года», «зимний период», «летнего сезона».
func (r *reader) season(i int) (p period, next int, ok bool) {
	s := seasonWords[r.norm(i)]
	if s == 0 {
		return p, i, false
	}
	next = i + 1
	if w := r.norm(i); len([]rune(w)) > 5 && w != "весной" && w != "осенью" { // an adjective
		switch r.norm(next) {
		case "период", "периода", "периоде", "периоду", "сезон", "сезона", "сезоне", "сезону", "месяцы", "время":
			next++
		default:
			return p, i, false
		}
	}
	month := []time.Month{12, 3, 6, 9}[s-1]
	y, behind, named := r.yearOf(next)
	switch {
	case named && s == 1: // «зимой 2027 года» is mostly its January
		next, y = behind, y-1
	case named:
		next = behind
	default:
		if y = r.today.Year(); s == 1 && r.today.Month() < 3 {
			y--
		}
		if r.day(y, month+3, 1).AddDate(0, 0, -15).Before(r.today) {
			y++ // the season is over, or nearly so
		}
	}
	from := r.day(y, month, 1)
	return period{from: from, to: from.AddDate(0, 3, -1), year: true, season: true}, next, true
}

// relative reads «этой недели», «следующем месяце», «текущего года», «завтра», «месяца»
// (behind «до конца»), «выходных».
func (r *reader) relative(i int) (p period, next int, ok bool) {
	switch r.norm(i) {
	case "сегодня", "сегодняшнего":
		if r.norm(i+1) == "-" && r.norm(i+2) == "завтра" {
			return period{from: r.today, to: r.today.AddDate(0, 0, 1), date: true, year: true}, i + 3, true
		}
		return period{from: r.today, to: r.today, date: true, year: true}, r.dayWord(i + 1), true
	case "завтра", "завтрашнего", "завтрашнему":
		t := r.today.AddDate(0, 0, 1)
		if r.norm(i+1) == "-" && r.norm(i+2) == "послезавтра" {
			return period{from: t, to: t.AddDate(0, 0, 1), date: true, year: true}, i + 3, true
		}
		return period{from: t, to: t, date: true, year: true}, r.dayWord(i + 1), true
	case "послезавтра":
		t := r.today.AddDate(0, 0, 2)
		return period{from: t, to: t, date: true, year: true}, i + 1, true
	}
	s, named := shiftWords[r.norm(i)]
	at := i
	if nearWords[r.norm(i)] > 0 {
		s, named = current, true
	}
	if named {
		at++
	}
	work := strings.HasPrefix(r.norm(at), "рабоч") && unitWords[r.norm(at+1)] == weeks
	if work {
		at++
	}
	switch u := unitWords[r.norm(at)]; {
	case r.norm(at) == "выходные" || r.norm(at) == "выходных" || r.norm(at) == "выходным":
		p.from = r.today.AddDate(0, 0, int(time.Saturday-weekdayFrom(r.today))+7*max(int(s), 0))
		p.to = p.from.AddDate(0, 0, 1)
	case u == days:
		p.from = r.today.AddDate(0, 0, int(s))
		p.to = p.from
	case u == weeks:
		p.from = r.today.AddDate(0, 0, 1-int(weekdayFrom(r.today))+7*int(s))
		p.to = p.from.AddDate(0, 0, 6)
		if work {
			p.to = p.from.AddDate(0, 0, 4)
		}
	case u == months:
		p.from = r.day(r.today.Year(), r.today.Month()+time.Month(s), 1)
		p.to = p.from.AddDate(0, 1, -1)
	case u == quarters:
		p.from = r.day(r.today.Year(), (r.today.Month()-1)/3*3+1+time.Month(3*s), 1)
		p.to = p.from.AddDate(0, 3, -1)
	case u == years:
		p.from = r.day(r.today.Year()+int(s), 1, 1)
		p.to = p.from.AddDate(1, 0, -1)
	case seasonWords[r.norm(at)] > 0 && named:
		p, next, ok = r.season(at)
		p.void = s == past
		return p, next, ok
	default:
		return p, i, false
	}
	p.year, p.void = true, s == past
	return p, at + 1, true
}

// dayWord skips «дня» and «вечера» behind «завтрашнего».
func (r *reader) dayWord(i int) int {
	if w := r.norm(i); w == "дня" || w == "дню" || w == "вечера" || w == "вечеру" || w == "утра" {
		return i + 1
	}
	return i
}

// weekdayFrom returns the weekday with Sunday as 7.
func weekdayFrom(t time.Time) time.Weekday {
	if t.Weekday() == time.Sunday {
		return 7
	}
	return t.Weekday()
}

// weekday reads «пятницы», «следующий вторник», «эту среду».
func (r *reader) weekday(i int) (p period, next int, ok bool) {
	s, named := shiftWords[r.norm(i)]
	at := i
	if named || nearWords[r.norm(i)] > 0 {
		at++
	}
	n := weekdayWords[r.norm(at)]
	if n == 0 {
		return p, i, false
	}
	ahead := n - int(weekdayFrom(r.today))
	if named && s == following {
		ahead += 7
	} else if ahead <= 0 {
		ahead += 7
	}
	t := r.today.AddDate(0, 0, ahead)
	p = period{from: t, to: t, date: true, year: true, weekday: true, void: named && s == past}
	if last := weekdayWords[r.norm(at+2)]; r.norm(at+1) == "-" && last > n { // «в понедельник-вторник»
		p.to = t.AddDate(0, 0, last-n)
		return p, at + 3, true
	}
	return p, at + 1, true
}
