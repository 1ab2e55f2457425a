package app_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/lifecycle"
	"otklik/internal/mapping"
	"otklik/internal/table"
)

// TestAnUploadedTableRuns: what a page brings goes through intake, is told of while it runs,
// and a second run adds nothing.
func TestAnUploadedTableRuns(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	who := account.System()
	const rows = "№;Дата;Текст сообщения;Статус;Ответ\n" +
		"1;01.03.2025;По улице Ленина в Абазе появилась яма, разбили колесо;Решено;Яму засыпали щебнем\n2;02.03.2025;Не горит фонарь у школы в Абазе, темно;В работе;\n3;;;Решено;\n"
	m := &mapping.Mapping{Name: "Инцидент", Columns: map[mapping.Field]string{mapping.Number: "№", mapping.Published: "Дата", mapping.Text: "Текст сообщения", mapping.Status: "Статус", mapping.Answer: "Ответ"}}
	run := func() table.Upload {
		t.Helper()
		u, err := c.Tables.Receive(who, "march.csv", strings.NewReader(rows))
		if err != nil {
			t.Fatal(err)
		}
		p, seen, err := c.Tables.Look(t.Context(), who, u.ID, nil, "", "")
		if err != nil || !p.Sure || len(seen) != 3 || seen[2].Error == "" {
			t.Fatalf("Look = %+v, %+v, %v", p.Guesses, seen, err)
		}
		if err := c.Tables.Start(t.Context(), who, u.ID, m, ""); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			u, err := c.Tables.Upload(who, u.ID)
			if err != nil || time.Now().After(end) {
				t.Fatalf("%+v, %v", u, err)
			}
			if u.State != table.Running {
				return u
			}
		}
	}
	u := run()
	if u.State != table.Done || u.Summary.Opened != 2 || u.Summary.Rejected != 1 || len(u.Rejected) != 1 || u.Rejected[0].Line != 4 {
		t.Errorf("the first run: %+v", u)
	}
	if err := c.Tables.Start(t.Context(), who, u.ID, m, ""); err == nil {
		t.Error("a table was run twice")
	}
	if u = run(); u.Summary.Duplicate != 2 || u.Summary.Kept != 0 {
		t.Errorf("the second run: %+v", u.Summary)
	}
	states := map[lifecycle.State]int{}
	for _, row := range c.queue(t) {
		states[row.State]++
	}
	if states[lifecycle.New] != 1 {
		t.Errorf("the queue holds %v", states)
	}
}
