package app_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/config"
	"otklik/internal/desk"
	"otklik/internal/scope"
)

// suspected files a report, a time after the form was opened, and returns why it looks like spam.
func (w *window) suspected(t *testing.T, text string, later time.Duration, last ...string) []string {
	t.Helper()
	w.open(t, "GET", "/report", nil)
	w.next(t, "where", "text", text)
	w.next(t, "who")
	w.clock.Add(int64(later / time.Second))
	w.next(t, "file", last...)
	n := numbered.FindStringSubmatch(w.body)
	if n == nil {
		t.Fatalf("%d: no number:\n%s", w.code, main(w.body))
	}
	list, err := w.DB.Reader().Suspicions().SuspicionsOf(t.Context(), scope.All(), w.numbered(t, n[1]).ID)
	if err != nil {
		t.Fatal(err)
	}
	var why []string
	for k := range list {
		why = append(why, list[k].Reasons...)
	}
	return why
}

func TestProgramsThatFillInTheFormAreLookedAt(t *testing.T) {
	t.Parallel()
	const long = " Просим отремонтировать до первого снега, иначе мы не проедем ни на работу, ни в школу."
	for _, c := range []struct {
		name  string
		later time.Duration
		last  []string
		want  []string
	}{
		{"a resident", time.Minute, nil, nil},
		{"a program that fills every field", time.Minute, []string{"website", "https://example.com"}, []string{"trap"}},
		{"a program that does not wait", time.Second, nil, []string{"hasty"}},
		{"a stamp that was made up", time.Second, []string{"made", "zzz.0123456789abcdef"}, nil},
	} {
		w := newWindow(t)
		if got := w.suspected(t, pitText+"."+long, c.later, c.last...); !slices.Equal(got, c.want) {
			t.Errorf("%s: looks like spam by %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhoAsksForHintsTooOftenStillReports(t *testing.T) {
	t.Parallel()
	w := newWindow(t, func(c *config.Config) { c.Shield.Steps = 2 })
	for k := range 3 {
		w.open(t, "GET", "/report", nil)
		w.next(t, "where", "text", pitText)
		if k < 2 {
			w.says(t, "Абаза, Ленина, 4")
		}
	}
	w.says(t, "Подсказки сейчас не покажем", "Адрес или ориентир")
	w.next(t, "who")
	w.next(t, "file")
	if numbered.FindString(w.body) == "" {
		t.Errorf("%d: no number:\n%s", w.code, main(w.body))
	}
}

func TestARefusalNamesNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	number, link := w.report(t, pitText)
	if _, err := w.Desk.Do(t.Context(), w.operator(), w.numbered(t, number).ID, 0, desk.Reject{Reason: "Уже пишет сосед, его телефон +7 900 123-45-67"}); err != nil {
		t.Fatal(err)
	}
	w.open(t, "GET", link, nil)
	w.says(t, "не рассматривается: Уже пишет сосед")
	if strings.Contains(w.body, "123-45-67") {
		t.Errorf("the page says somebody's telephone:\n%s", main(w.body))
	}
}

// A patient is a recorder whose connection takes deadlines.
type patient struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (p *patient) SetWriteDeadline(t time.Time) error { p.until = t; return nil }

func TestWhoReadsByDropsKeepsNobodyFromTheData(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	w.report(t, pitText)
	for _, path := range []string{"/opendata/cases.csv", "/opendata/cases.geojson"} {
		rec := &patient{ResponseRecorder: httptest.NewRecorder()}
		began := time.Now()
		w.handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		if wait := rec.until.Sub(began); rec.Code != 200 || wait <= 0 || wait > 5*time.Minute {
			t.Errorf("GET %s = %d, may be read for %s, want some time, five minutes at most", path, rec.Code, wait)
		}
	}
}
