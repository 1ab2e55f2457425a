package site

import (
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a place's own time also where the system has no zones
)

// NBSP keeps a number and its word on one line.
const NBSP = "\u00a0"

// Plural returns the form that goes with n: «1 обращение», «2 обращения», «5 обращений».
func Plural(n int, one, few, many string) string {
	if n < 0 {
		n = -n
	}
	switch {
	case n%100 >= 11 && n%100 <= 14:
		return many
	case n%10 == 1:
		return one
	case n%10 >= 2 && n%10 <= 4:
		return few
	}
	return many
}

// Count returns a number with its word: «2 обращения», «12 480 обращений».
func Count(n int, one, few, many string) string {
	return Number(n) + NBSP + Plural(n, one, few, many)
}

// Number returns n with its thousands apart: «12 480».
func Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	if len(s) <= 4 {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(NBSP)
		}
		b.WriteRune(c)
	}
	return b.String()
}

var months = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

// Zone returns the time zone of that IANA name, Moscow's when it is unknown.
func Zone(name string) *time.Location {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return moscow
	}
	zones.Store(name, loc)
	return loc
}

var zones sync.Map // name → *time.Location: loading one reads a file

var moscow = time.FixedZone("MSK", 3*60*60)

// Date returns «22 ноября», with the year when it is not now's.
func Date(t, now time.Time, zone *time.Location) string {
	t, now = t.In(zone), now.In(zone)
	s := strconv.Itoa(t.Day()) + NBSP + months[t.Month()-1]
	if t.Year() != now.Year() {
		s += " " + strconv.Itoa(t.Year())
	}
	return s
}

// DateTime returns «22 ноября, 17:40».
func DateTime(t, now time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "неизвестно"
	}
	return Date(t, now, zone) + "," + NBSP + t.In(zone).Format("15:04")
}

// Ago returns how long ago t was: «только что», «3 мин назад», «2 ч назад»,
// «вчера, 17:40», then the date.
func Ago(t, now time.Time, zone *time.Location) string {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return "неизвестно"
	case d < -time.Minute:
		return DateTime(t, now, zone)
	case d < time.Minute:
		return "только что"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + NBSP + "мин назад"
	case d < 12*time.Hour:
		return strconv.Itoa(int(d.Hours())) + NBSP + "ч назад"
	}
	y, m, day := now.In(zone).Date()
	if midnight := time.Date(y, m, day, 0, 0, 0, 0, zone); !t.Before(midnight) {
		return "сегодня," + NBSP + t.In(zone).Format("15:04")
	} else if !t.Before(midnight.AddDate(0, 0, -1)) {
		return "вчера," + NBSP + t.In(zone).Format("15:04")
	}
	return DateTime(t, now, zone)
}

// Duration returns «40 с», «5 мин», «2 ч 10 мин», «3 дня».
func Duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + NBSP + "с"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + NBSP + "мин"
	case d < 48*time.Hour:
		s := strconv.Itoa(int(d.Hours())) + NBSP + "ч"
		if m := int(d.Minutes()) % 60; m > 0 {
			s += " " + strconv.Itoa(m) + NBSP + "мин"
		}
		return s
	}
	return Count(int(d.Hours()/24), "день", "дня", "дней")
}
