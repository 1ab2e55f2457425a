package promise

import (
	"strings"
	"time"
)

// feast reads what stands behind «до» and «к» and ends on a day that everybody knows:
// «Нового года», «нового 2027 года», «нового учебного года», «майских праздников».
func (r *reader) feast(i int) (p period, next int, ok bool) {
	day := func(y int, m time.Month, d int) period {
		t := r.day(y, m, d)
		if t.Before(r.today) {
			t = t.AddDate(1, 0, 0)
		}
		return period{from: r.today, to: t, year: true}
	}
	this, next := r.today.Year(), i+1
	switch w := r.norm(i); {
	case w == "нг":
		return day(this, 12, 31), next, true
	case strings.HasPrefix(w, "новогодн"), strings.HasPrefix(w, "майск"):
		if n := r.norm(next); strings.HasPrefix(n, "праздник") || strings.HasPrefix(n, "каникул") || strings.HasPrefix(n, "выходн") {
			next++
		}
		if w[:2] == "м" {
			return day(this, 4, 30), next, true
		}
		return day(this, 12, 31), next, true
	case strings.HasPrefix(r.norm(next), "учебн"):
		return day(this, 8, 31), next + 2, next+2 <= len(r.tok)
	}
	if y, named := r.number(next, 2000, 2099); named {
		this, next = y-1, next+1
	}
	if w := r.norm(next); w == "года" || w == "году" {
		return day(this, 12, 31), next + 1, true
	}
	return p, i, false
}
