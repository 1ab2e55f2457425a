package site_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/scope"
	"otklik/internal/site"
)

type scopeOf = scope.Scope

func spaced(s string) string { return strings.ReplaceAll(s, site.NBSP, " ") }

func TestNumbersTakeTheirWord(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 инцидентов", 1: "1 инцидент", 2: "2 инцидента", 5: "5 инцидентов", 11: "11 инцидентов", 14: "14 инцидентов", 21: "21 инцидент",
		22: "22 инцидента", 111: "111 инцидентов", 1002: "1002 инцидента", 12480: "12 480 инцидентов", 1000001: "1 000 001 инцидент"} {
		if got := spaced(site.Count(n, "инцидент", "инцидента", "инцидентов")); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTimeIsToldInThePlacesZone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 40, 0, 0, time.UTC)
	abakan := site.Zone("Asia/Krasnoyarsk")
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{now.Add(-20 * time.Second), "только что"},
		{now.Add(-3 * time.Minute), "3 мин назад"},
		{now.Add(-2 * time.Hour), "2 ч назад"},
		{now.Add(-14 * time.Hour), "сегодня, 03:40"},
		{now.Add(-20 * time.Hour), "вчера, 21:40"},
		{now.Add(-72 * time.Hour), "19 ноября, 17:40"},
		{now.AddDate(-1, 0, 0), "22 ноября 2025, 17:40"},
		{time.Time{}, "неизвестно"},
	} {
		if got := spaced(site.Ago(c.at, now, abakan)); got != c.want {
			t.Errorf("Ago(%v) = %q, want %q", now.Sub(c.at), got, c.want)
		}
	}
	for d, want := range map[time.Duration]string{40 * time.Second: "40 с", 5 * time.Minute: "5 мин", 130 * time.Minute: "2 ч 10 мин", 72 * time.Hour: "3 дня"} {
		if got := spaced(site.Duration(d)); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}
