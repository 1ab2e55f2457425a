package regime

import (
	"fmt"
	"strings"
	"time"

	"otklik/internal/calendar"
)

var weekdays = [...]string{"вс", "пн", "вт", "ср", "чт", "пт", "сб"}

var months = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

// explain writes the sentence: «принято пт 17:40 → срок пн 17:40: 9 рабочих часов
// (день 9–18), календарь Хакасия, регламент «Открытые источники», п. 2».
func (w *clock) explain() {
	d := &w.d
	var b strings.Builder
	switch {
	case d.Start.IsZero() && d.State == Waits:
		fmt.Fprintf(&b, "срок пойдёт, когда будет %s: %s", waitsFor[w.s.From], w.length())
	case d.Start.IsZero():
		fmt.Fprintf(&b, "срок не начинался: %s", w.length())
	case d.Due.IsZero():
		fmt.Fprintf(&b, "%s %s → часы стоят с %s: %s", w.word, w.when(d.Start), w.when(d.Since), w.length())
	default:
		fmt.Fprintf(&b, "%s %s → срок %s: %s", w.word, w.when(d.Start), w.when(d.Due), w.length())
	}
	fmt.Fprintf(&b, ", календарь %s, регламент «%s»", w.c.Name(), w.r.Name)
	if w.s.Point != "" {
		b.WriteString(", " + w.s.Point)
	}
	for _, n := range w.notes {
		b.WriteString("; " + n)
	}
	if w.stood > 0 && d.State != Paused {
		b.WriteString("; часы стояли " + Length(w.stood))
	}
	switch {
	case d.State == Paused && !d.Due.IsZero():
		fmt.Fprintf(&b, "; сейчас часы стоят с %s и пойдут сами %s", w.when(d.Since), w.when(w.open.to))
	case d.State == Met && d.Late:
		fmt.Fprintf(&b, "; сделано %s, с опозданием", w.when(d.Done))
	case d.State == Met && !d.Start.IsZero():
		fmt.Fprintf(&b, "; сделано %s, в срок", w.when(d.Done))
	case d.State == Void:
		b.WriteString("; работа завершена, срок снят")
	}
	if !d.Due.IsZero() {
		if doubt := w.c.Doubt(d.Start, d.Due); doubt != "" {
			b.WriteString("; " + doubt)
		}
	}
	if w.s.Check != "" {
		b.WriteString("; " + w.s.Check)
	}
	d.Why = b.String()
}

var waitsFor = map[Start]string{
	Published: "известно, когда написано", Seen: "получено сообщение", Accepted: "принят инцидент",
	Interim: "дан промежуточный ответ", Answered: "дан итоговый ответ",
}

// when returns a moment in the calendar's zone: «пт 17:40» where start and due lie
// within a week, «20 ноября 17:40» else.
func (w *clock) when(t time.Time) string {
	t = t.In(w.c.Location())
	end := w.d.Due
	if end.IsZero() {
		end = w.d.Since
	}
	if w.d.Done.After(end) {
		end = w.d.Done
	}
	if end.Sub(w.d.Start) < 6*24*time.Hour && !t.Before(w.d.Start.Add(-24*time.Hour)) {
		return weekdays[t.Weekday()] + " " + t.Format("15:04")
	}
	return w.on(t) + " " + t.Format("15:04")
}

// DayMonth returns «20 ноября».
func DayMonth(t time.Time) string { return fmt.Sprintf("%d %s", t.Day(), months[t.Month()-1]) }

// on returns the date: «20 ноября», with the year where it is not the start's.
func (w *clock) on(t time.Time) string {
	t = t.In(w.c.Location())
	s := DayMonth(t)
	if t.Year() != w.d.Start.In(w.c.Location()).Year() {
		s += fmt.Sprintf(" %d", t.Year())
	}
	return s
}

// length returns the amount, with the hours of a day where they matter.
func (w *clock) length() string {
	s := AmountWords(w.amount)
	if w.amount.Unit == calendar.WorkHour {
		s += " (день " + w.c.HoursText() + ")"
	}
	return s
}

var unitWords = map[calendar.Unit][3]string{
	calendar.Hours24: {"час", "часа", "часов"}, calendar.WorkHour: {"рабочий час", "рабочих часа", "рабочих часов"},
	calendar.CalDay: {"календарный день", "календарных дня", "календарных дней"}, calendar.WorkDay: {"рабочий день", "рабочих дня", "рабочих дней"},
}

// AmountWords returns «9 рабочих часов».
func AmountWords(a calendar.Amount) string {
	w := unitWords[a.Unit]
	n := a.N % 100
	switch {
	case n >= 11 && n <= 14:
		return fmt.Sprintf("%d %s", a.N, w[2])
	case n%10 == 1:
		return fmt.Sprintf("%d %s", a.N, w[0])
	case n%10 >= 2 && n%10 <= 4:
		return fmt.Sprintf("%d %s", a.N, w[1])
	}
	return fmt.Sprintf("%d %s", a.N, w[2])
}

// Length returns a duration: «40 мин», «2 ч 10 мин», «3 дня 4 ч».
func Length(d time.Duration) string {
	d = d.Abs()
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case d < time.Minute:
		return "меньше минуты"
	case h == 0:
		return fmt.Sprintf("%d мин", m)
	case h < 48 && m == 0:
		return fmt.Sprintf("%d ч", h)
	case h < 48:
		return fmt.Sprintf("%d ч %d мин", h, m)
	}
	s := dayWords(h / 24)
	if h%24 != 0 {
		s += fmt.Sprintf(" %d ч", h%24)
	}
	return s
}

func dayWords(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 14 || n%10 == 0 || n%10 >= 5:
		return fmt.Sprintf("%d дней", n)
	case n%10 == 1:
		return fmt.Sprintf("%d день", n)
	}
	return fmt.Sprintf("%d дня", n)
}

// UnitName returns the unit's name for many: «рабочих часов».
func UnitName(u calendar.Unit) string { return unitWords[u][2] }
