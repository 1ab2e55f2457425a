package staff

import (
	"math"
	"time"

	"otklik/internal/account"
	"otklik/internal/site"
	"otklik/internal/source"
)

// A QuotaView is what a network lets us ask, in words and as a bar.
type QuotaView struct {
	Name  string // «запросы (бот)»
	Used  string // «3 из 30 за секунду»
	Share int    // percent of the busiest time; -1: nobody names a limit
	Notes string // «предел наш …, первые вернутся в 14:00»
}

// Line is the quota in one line.
func (q *QuotaView) Line() string { return q.Name + ": " + q.Used }

var perWords = map[time.Duration]string{time.Second: "в секунду", time.Minute: "в минуту", time.Hour: "в час", 24 * time.Hour: "за сутки"}

func quotaView(q *source.Quota, now time.Time, zone *time.Location) QuotaView {
	v := QuotaView{Name: q.Name, Share: -1}
	if q.Whose != "" {
		v.Name += " (" + q.Whose + ")"
	}
	brief := q.Per <= time.Minute
	used := q.Used
	if brief {
		used = max(q.Used, q.Peak)
	}
	if v.Used = site.Number(used) + " " + perWords[q.Per]; q.Allowed > 0 && !q.Free {
		v.Used = site.Number(used) + " из " + site.Number(q.Allowed) + " " + perWords[q.Per]
		v.Share = int(math.Ceil(100 * q.Share()))
	}
	note := func(s string) {
		if v.Notes != "" {
			v.Notes += ", "
		}
		v.Notes += s
	}
	if brief && used > 0 {
		note("это больше всего за последний час")
	}
	switch {
	case q.Free:
		note("учебная сеть, предела нет")
	case q.Allowed > 0 && q.Ours:
		note("предел наш, сеть своего не называет")
	case q.Allowed == 0:
		note("предела сеть не называет")
	}
	if back := site.DateTime(q.Back, now, zone); !q.Back.IsZero() && q.Used > 0 {
		if q.Used >= q.Allowed {
			note("исчерпано, первые вернутся " + back)
		} else {
			note("первые вернутся " + back)
		}
	}
	if !q.Until.IsZero() {
		note("сеть просит подождать, продолжим " + site.DateTime(q.Until, now, zone))
	}
	return v
}

// quotas returns what the network of a source lets us ask, and of that what is scarcest.
func (s *Staff) quotas(id string, now time.Time, zone *time.Location) (all []QuotaView, scarcest *QuotaView) {
	most := -1.0
	list := site.SourceQuotas(s.Roster, id)
	for k := range list {
		all = append(all, quotaView(&list[k], now, zone))
	}
	for k := range list {
		if n := list[k].Share(); n > most {
			most, scarcest = n, &all[k]
		}
	}
	return all, scarcest
}

// nextReading says by which plan a source is read; "" where none does.
func (s *Staff) nextReading(id string, me *account.Account) string {
	f, ok := s.Roster.(site.SourceFares)
	if !ok {
		return ""
	}
	r, planned := f.Rhythm(id)
	if !planned || r.Next.IsZero() {
		return ""
	}
	now, zone := s.Now(), s.zone(me.Place.Centre, me.Place.Region)
	said := "Этот источник читаем по плану, вместе с другими: чем реже в нём пишут, тем реже в него заглядываем. Последний раз заглянули " + site.DateTime(r.Last, now, zone)
	if r.Next.After(now) {
		return said + ", следующий — около " + site.DateTime(r.Next, now, zone) + "."
	}
	return said + ", следующий — как дойдёт очередь."
}
