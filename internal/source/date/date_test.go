package date_test

import (
	"testing"
	"time"

	"otklik/internal/source/date"
)

var (
	abakan = time.FixedZone("", 7*3600)
	now    = time.Date(2026, 3, 5, 12, 0, 0, 0, abakan)
)

func TestParse(t *testing.T) {
	t.Parallel()
	const moment = "2026-03-02T03:15:00Z" // 10:15 in Abakan
	for in, want := range map[string]string{
		"Пн, 02 мар 2026 10:15:00 +0700":   moment,
		"Mon, 02 Mar 2026 03:15:00 GMT":    moment,
		"Mon, 2 Mar 26 03:15:00 UT":        moment,
		"Mon, 02 Mar 2026 06:15:00 MSK":    moment,
		"Mon, 02 Mar 2026 10:15:00 +07":    moment,
		"Mon,02 Mar 2026 10:15:00+0700":    moment,
		"02 Мар 2026 10:15:00 +07:00":      moment,
		"Понедельник, 2 марта 2026, 10:15": moment,
		"2 марта 2026 г. в 10:15":          moment,
		"2 марта, 10:15":                   moment,
		"2026-03-02T10:15:00+07:00":        moment,
		"2026-03-02T03:15:00.000Z":         moment,
		"2026-03-02T10:15":                 moment,
		"2026-03-02 10:15:00":              moment,
		"2026-03-02 03:15:00 UTC":          moment,
		"2026-03-01T22:15:00-05:00":        moment,
		"20260302T101500":                  moment,
		"02.03.2026 10:15":                 moment,
		"02.03.2026, 10:15:00":             moment,
		"2.3.26 10:15":                     moment,
		"10:15 02.03.2026":                 moment,
		"10:15, 2 марта":                   moment,
		"02-03-2026 10:15":                 moment,
		"02-Mar-2026 10:15":                moment,
		"02/03/2026 10:15":                 moment,
		"Mar 2, 2026 10:15 AM":             moment,
		"1772421300":                       moment,
		"1772421300000":                    moment,
		"Опубликовано: 02.03.2026 в 10:15 | Просмотров: 512": moment,
		"02 мар 2026 06:15 МСК":           moment,
		"02 мар 2026 10:15 (МСК+4)":       moment,
		"02 Mar 2026 10:15 GMT+7":         moment,
		"Wed, 02 Mar 2026 10:15:00 +0700": moment, // a wrong day of the week is nobody's business
		"Mon, 02 Mar 2026 10:15:60 +0700": "2026-03-02T03:15:59Z",
		"02.03.2026":                      "2026-03-01T17:00:00Z",
		"2 декабря":                       "2025-12-01T17:00:00Z",
		"03/25/2025":                      "2025-03-24T17:00:00Z",
		"сегодня в 10:15":                 "2026-03-05T03:15:00Z",
		"Вчера, 23:05":                    "2026-03-04T16:05:00Z",
		"позавчера 9:00":                  "2026-03-03T02:00:00Z",
		"только что":                      "2026-03-05T05:00:00Z",
		"5 минут назад":                   "2026-03-05T04:55:00Z",
		"час назад":                       "2026-03-05T04:00:00Z",
		"2 ч назад":                       "2026-03-05T03:00:00Z",
		"1 день 3 часа назад":             "2026-03-04T02:00:00Z",
		"3 hours ago":                     "2026-03-05T02:00:00Z",
		"2 Mar 2026 12:30 AM":             "2026-03-01T17:30:00Z",
		"2 Mar 2026 1:30 pm":              "2026-03-02T06:30:00Z",
	} {
		got, ok := date.Parse(in, now, abakan)
		if !ok || got.Format(time.RFC3339) != want {
			t.Errorf("Parse(%q) = %v, %v, want %s", in, got.Format(time.RFC3339), ok, want)
		}
	}
	for _, in := range []string{"", "—", "дата неизвестна", "31 февраля 2026", "10:15", "2026", "март 2026", "32.13.2026 25:61", "0000-00-00 00:00:00", "01.01.1970", "1 января 2099",
		"99999999999999999999999", "12", "2 новых сообщения", "Просмотров 5, ответов 12"} {
		if got, ok := date.Parse(in, now, abakan); ok {
			t.Errorf("Parse(%q) = %v, want none", in, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"Пн, 02 мар 2026 10:15:00 +0700", "2026-03-02T03:15:00.000Z", "5 минут назад", "1772421300", "вчера в 9:05", "2-мар-26 1:02:03.999999999 -", "+", "1:2", "\xff: 12:10+99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := date.Parse(s, now, abakan)
		if ok != !got.IsZero() || ok && (got.Year() < 1990 || got.After(now.Add(49*time.Hour)) || got.Location() != time.UTC) {
			t.Errorf("Parse(%q) = %v, %v", s, got, ok)
		}
		again, ok2 := date.Parse(got.Format(time.RFC3339Nano), now, abakan)
		if ok && (!ok2 || !again.Equal(got)) {
			t.Errorf("Parse(%q) = %v, which reads as %v", s, got, again)
		}
	})
}
