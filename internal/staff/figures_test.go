package staff_test

import (
	"encoding/csv"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
)

// judged gives the house an agency that answers in time and hardly ever solves.
func (w *world) judged() {
	one := w.incidents[0]
	for k := range 10 {
		i := *one
		i.ID, i.Number, i.State, i.Outcome, i.Place.Agency, i.Group = incident.ID(500+k), incident.Number(int64(500+k)), lifecycle.Answered, "", 1, "Дороги"
		i.OpenedAt = clock.Add(-48 * time.Hour)
		i.Clock.AnswerDue, i.Clock.AnswerAt = clock.Add(-24*time.Hour), clock.Add(-30*time.Hour)
		switch k {
		case 0, 1:
			i.VerifiedAt = clock
		case 8:
			i.Clock.AnswerAt = clock.Add(-time.Hour) // late
		case 9:
			i.OpenedAt = clock.AddDate(0, -1, 0) // in October
		}
		w.incidents = append(w.incidents, &i)
	}
}

// "Answered in time" never stands without "verified solved", both of one denominator, and
// each number leads to the incidents behind it.
func TestFiguresOfLeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.incidents = w.incidents[:1]
	w.judged()
	w.incidents = w.incidents[1:]
	v := w.as(t, "leader")
	p := v.page("/desk/figures")
	if got := text(p, "h1"); got != "Итоги: ноябрь 2026" {
		t.Errorf("the board is of %q", got)
	}
	got := text(p, ".board tbody tr")
	for _, want := range []string{"88 % 8 из 9 не в срок: 1", "22 % 2 из 9 не проверено: 7", "было 100 %", "было 0 %"} {
		if !strings.Contains(got, want) {
			t.Errorf("the line says %q, want %q", got, want)
		}
	}
	links := map[string]bool{}
	for _, a := range all(p, ".board tbody td a") {
		for _, at := range a.Attr {
			if at.Key == "href" {
				u, err := url.Parse(at.Val)
				if err != nil || u.Path != "/desk" || u.Query().Get("since") != "2026-11-01" || u.Query().Get("until") != "2026-11-30" || u.Query().Get("agency") != "1" || u.Query().Get("all") != "1" {
					t.Errorf("a number leads to %q", at.Val)
				}
				links[u.Query().Get("result")] = true
			}
		}
	}
	for _, r := range []string{"in_time", "late", "verified", "unverified"} {
		if !links[r] {
			t.Errorf("no number leads to %q", r)
		}
	}
	for path, want := range map[string]string{
		"/desk/figures?period=week":                           "Итоги: 16–22 ноября 2026",
		"/desk/figures?period=week&from=2026-10-01":           "Итоги: 28 сентября — 4 октября 2026",
		"/desk/figures?period=quarter&by=group":               "Итоги: 4-й квартал 2026",
		"/desk/figures?from=2026-10-15&by=centre":             "Итоги: октябрь 2026",
		"/desk/figures?from=2026-02-31&period=decade&by=gold": "Итоги: ноябрь 2026",
		"/desk/figures?from=9999-99-99&agency=x&group=%00":    "Итоги: ноябрь 2026",
	} {
		if got := text(v.page(path), "h1"); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	p = v.page("/desk/figures?by=group&agency=1")
	if got := text(p, "main"); !strings.Contains(got, "Только: Дороги") && !strings.Contains(got, "показать всё") || !strings.Contains(text(p, ".board tbody th"), "Дороги") {
		t.Errorf("narrowed to an agency: %q", got)
	}
	if got := text(v.page("/desk/figures?from=2020-01-01"), ".empty h2"); got != "За этот срок ничего не поступало" {
		t.Errorf("an empty month says %q", got)
	}
	if attr(v.page("/desk/figures?from=2026-10-01"), "a[href*='2026-11-01']", "href") == "" {
		t.Error("nothing leads on from October")
	}
	if r := w.as(t, "executor").get("/desk/figures"); r.StatusCode != 403 {
		t.Errorf("an executor sees the board: %d", r.StatusCode)
	}
}

func TestFiguresAsATable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.incidents = w.incidents[:1]
	w.judged()
	w.incidents = w.incidents[1:]
	w.agencies[0].Short = "=СУММ(A1)"
	r := w.as(t, "leader").get("/desk/figures.csv?by=agency&period=month&from=2026-11-01")
	body, err := io.ReadAll(r.Body)
	if err != nil || !strings.HasPrefix(string(body), "\ufeff") || !strings.Contains(r.Header.Get("Content-Disposition"), "itogi-agency-2026-11-01.csv") {
		t.Fatalf("%q %v", body, err)
	}
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(body), "\ufeff")))
	c.Comma = ';'
	rows, err := c.ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := strings.Join(rows[1], "|"); got != "2026-11-01|2026-11-30|'=СУММ(A1)|9|0|0|9|8|88|2|22" {
		t.Errorf("the row says %s", got)
	}
	if head := strings.Join(rows[0], "|"); !strings.Contains(head, "ответили в срок, %|решение проверено|") {
		t.Errorf("the head says %s", head)
	}
}

// By channel the board says whether those who ring or write on paper wait longer.
func TestFiguresByChannelTellHowLongPeopleWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.incidents = w.incidents[:1]
	w.judged()
	w.incidents = w.incidents[1:]
	for k, i := range w.incidents {
		if i.Channel = message.VK; k < 3 {
			i.Channel = message.Paper
		}
	}
	v := w.as(t, "leader")
	p := v.page("/desk/figures?by=channel")
	lines := map[string]string{}
	for _, tr := range all(p, ".board tbody tr") {
		lines[text(tr, "th")] = strings.ReplaceAll(strings.Join(textsOf(tr, "td"), " "), "\u00a0", " ")
	}
	if got := lines["бумага"]; !strings.Contains(got, "33 % 26 ч 30 мин") {
		t.Errorf("paper: %q of %q", got, lines)
	}
	if got := attr(p, ".board tbody td a", "href"); !strings.Contains(got, "channel=vk") {
		t.Errorf("a number leads to %q", got)
	}
	r := v.get("/desk/figures.csv?by=channel")
	rows := csv.NewReader(r.Body)
	rows.Comma = ';'
	list, err := rows.ReadAll()
	if err != nil || len(list) != 4 || len(list[0]) != 14 || list[2][2] != "бумага" || list[2][12] != "1560" || list[2][13] != "30" || list[3][12] != "" {
		t.Errorf("%v: %q", err, list)
	}
	if got := text(v.page("/desk/figures?by=agency&channel=paper"), "main"); !strings.Contains(got, "бумага") || strings.Contains(got, "Первый ответ") {
		t.Errorf("narrowed: %.300q", got)
	}
	if got := text(v.page("/desk/figures?by=channel&channel=%3Cb%3E"), "h1"); got != "Итоги: ноябрь 2026" {
		t.Errorf("a channel that is none: %q", got)
	}
}
