package app_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/ingest"
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
		if err := c.Tables.Start(t.Context(), who, u.ID, table.Run{Mapping: m}); err != nil {
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
	if err := c.Tables.Start(t.Context(), who, u.ID, table.Run{Mapping: m}); err == nil {
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

// TestTheNextExportBringsWhatIsNew: rows that are here say a later status, once, in whatever
// order and however often the exports come; history follows, and who works here is told.
func TestTheNextExportBringsWhatIsNew(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	m := &mapping.Mapping{Name: "Инцидент", Columns: map[mapping.Field]string{mapping.Number: "№", mapping.Text: "Текст", mapping.Status: "Статус", mapping.Answer: "Ответ", mapping.Agency: "Исполнитель", mapping.Answered: "Дата ответа"}}
	take := func(rows ...string) ingest.Summary {
		t.Helper()
		sum, err := c.Tables.Run(t.Context(), table.Take{Name: "a.csv", Mapping: m, Content: strings.NewReader("№;Текст;Статус;Ответ;Исполнитель;Дата ответа\n" + strings.Join(rows, "\n"))})
		if err != nil || !sum.Holds() {
			t.Fatalf("Run = %+v, %v", sum, err)
		}
		return sum
	}
	const pit, lamp = "По улице Ленина в Абазе появилась яма, разбили колесо", "Не горит фонарь у школы в Абазе, темно"
	march := []string{"1;" + pit + ";Ответ дан;Сделаем в мае;Мэрия;01.03.2025", "2;" + lamp + ";В работе;;;"}
	may := []string{"1;" + pit + ";Решено;Яму засыпали щебнем;Дорожники;05.05.2025", "2;" + lamp + ";Решено;Лампу заменили;Сети;06.05.2025", "2;" + lamp + ";Решено;Лампу заменили;Сети;06.05.2025"}
	if sum := take(march...); sum.Opened != 2 || sum.Renewed != 0 {
		t.Errorf("in March: %+v", sum)
	}
	if sum := take(may...); sum.Renewed != 2 || sum.Attached != 2 || sum.Duplicate != 1 {
		t.Errorf("in May: %+v", sum)
	}
	for name, rows := range map[string][]string{"May again": may, "March after May": march} {
		if sum := take(rows...); sum.Duplicate != sum.Read || sum.Renewed != 0 {
			t.Errorf("%s: %+v", name, sum)
		}
	}
	var out strings.Builder
	if err := c.Export(t.Context(), &out, app.CSV); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"closed,solved", "Яму засыпали щебнем", "2025-05-04T17:00:00Z", "Дорожники"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the history lacks %q:\n%s", want, out.String())
		}
	}
	for _, never := range []string{"Лампу заменили", "Сделаем в мае"} { // the first is for people to decide, the second was superseded
		if strings.Contains(out.String(), never) {
			t.Errorf("the export has %q", never)
		}
	}
	// An edited text with another status is both: a revision and news.
	if sum := take("1;" + pit + ", и не одно;Закрыто;Яму засыпали щебнем;Дорожники;05.05.2025"); sum.Renewed != 1 || sum.Kept != 1 || sum.Attached != 1 {
		t.Errorf("edited: %+v", sum)
	}
}
