package api_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/api"
	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/ingest"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/mapping"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/sheet"
	"otklik/internal/table"
	"otklik/internal/topic"
)

// yesTables has every table and every mapping.
type yesTables struct{}

func (yesTables) Uploads(account.Actor) ([]table.Upload, error) { return nil, nil }
func (yesTables) Upload(account.Actor, string) (table.Upload, error) {
	return table.Upload{State: table.Waiting}, nil
}
func (yesTables) Drop(account.Actor, string) error                                   { return nil }
func (yesTables) Mappings(context.Context) ([]mapping.Mapping, error)                { return nil, nil }
func (yesTables) Remove(context.Context, account.Actor, string) error                { return nil }
func (yesTables) Start(context.Context, account.Actor, string, table.Run) error      { return nil }
func (yesTables) Save(context.Context, account.Actor, string, mapping.Mapping) error { return nil }

func (yesTables) Mapping(context.Context, string) (*mapping.Mapping, error) {
	return &mapping.Mapping{}, nil
}

func (yesTables) Receive(account.Actor, string, io.Reader) (table.Upload, error) {
	return table.Upload{}, nil
}

func (yesTables) Look(context.Context, account.Actor, string, *mapping.Mapping, string, string) (mapping.Proposal, []table.Seen, error) {
	return mapping.Proposal{Sure: true}, nil, nil
}

func (yesTables) Export(_ context.Context, _ io.Writer, _ table.Export, begin func()) error {
	begin()
	return nil
}

// tables are the real ones over the world's store.
func (w *world) tables() *table.Tables {
	w.t.Helper()
	var mu sync.Mutex
	var kept []byte
	now := func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock }
	quiet := slog.New(slog.DiscardHandler)
	tb := table.New(table.Options{
		Intake: ingest.New(ingest.Options{Store: w.db, Desk: w.real, Now: now, Log: quiet, Tell: func(live.Event) {}, Key: func(string) cluster.Key { return cluster.Key{} },
			Read: func(m *message.Message) (message.Reading, *cluster.Key) { return judge(m), &cluster.Key{} }}),
		Store: w.db, Personal: personal, Desk: w.real, Read: func(m *message.Message) message.Reading { return judge(m) }, Words: analyzer(), Topics: topic.Default,
		Agencies: func(ctx context.Context) ([]agency.Agency, error) {
			return w.db.Reader().Agencies().Agencies(ctx, scope.OfRegion(khakassia))
		},
		Territory: func(name string) (string, error) {
			if name == "Абакан" || name == abakan {
				return abakan, nil
			}
			return "", fault.New(fault.Invalid, "unknown").At("territory").Say("Такой территории нет.")
		},
		Zone: func(string) *time.Location { return time.FixedZone("", 7*3600) },
		Load: func(context.Context) ([]byte, error) { mu.Lock(); defer mu.Unlock(); return kept, nil },
		Edit: func(_ context.Context, _ account.Actor, change func([]byte) ([]byte, error)) error {
			mu.Lock()
			defer mu.Unlock()
			b, err := change(kept)
			if err == nil {
				kept = b
			}
			return err
		},
		Region: khakassia, Dir: w.t.TempDir(), Now: now, Log: quiet,
	})
	w.t.Cleanup(func() { _ = tb.Close() })
	return tb
}

const letters2025 = "№;Дата;Текст сообщения;Автор;Статус;Ответ\n" +
	"1;01.03.2025;Абакан, на улице Мира яма, звоните " + phoneWords + ";Вера;Решено;Засыпали щебнем\n2;02.03.2025;Абакан, не горит фонарь у школы;Зоя;Синий;\n3;03.03.2025;;;Решено;\n"

// ran waits until a table has run.
func (w *world) ran(key, at string) answer {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		got := w.call(key, "GET", at, nil)
		if got.StatusCode != 200 || time.Now().After(end) {
			w.t.Fatalf("%d %s", got.StatusCode, got.raw)
		}
		if got.field("state") != "running" {
			return got
		}
	}
}

// What the page of tables does, a program does.
func TestProgramsBringTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tb := w.tables()
	w.serve(func(o *api.Options) { o.Tables = tb })
	_, key := w.person(lifecycle.Analyst, scope.Place{Region: khakassia})
	bring := func(name, content string) string {
		t.Helper()
		got := w.call(key, "POST", "/api/v1/tables?name="+url.QueryEscape(name), content, "Content-Type", "application/octet-stream")
		if got.StatusCode != 201 || got.field("state") != "waiting" || got.field("name") != name {
			t.Fatalf("POST = %d %s", got.StatusCode, got.raw)
		}
		return "/api/v1/tables/" + got.field("id").(string)
	}
	at := bring("март.csv", letters2025)
	got := w.call(key, "POST", at, `{"do":"look","territory":"Абакан"}`)
	if got.StatusCode != 200 || got.field("look.sure") != true || got.field("look.mapping.columns.text") != "Текст сообщения" || got.field("look.columns.0.field") != "number" ||
		got.field("look.rows.0.state") != "закрыто: решено (история)" && !strings.Contains(got.field("look.rows.0.state").(string), "решено") || got.field("look.unknown.0.name") != "Синий" || got.field("look.rows.2.error") == nil {
		t.Errorf("look = %d %s", got.StatusCode, got.raw)
	}
	if strings.Contains(string(got.raw), phoneWords) || strings.Contains(string(got.raw), "Вера") {
		t.Errorf("personal data is shown: %s", got.raw)
	}
	// It is mended, saved and run by name.
	m := got.field("look.mapping").(map[string]any)
	m["name"], m["statuses"] = "Инцидент", map[string]any{"Синий": "working"}
	if got = w.call(key, "POST", "/api/v1/mappings", m); got.StatusCode != 200 || got.field("saved_by") == nil || got.field("statuses.Синий") != "working" {
		t.Fatalf("save = %d %s", got.StatusCode, got.raw)
	}
	if got = w.call(key, "GET", "/api/v1/mappings", nil); got.field("0.name") != "Инцидент" {
		t.Errorf("mappings = %s", got.raw)
	}
	if got = w.call(key, "POST", at, `{"do":"run","map":"Инцидент","territory":"95701000","source":"portal"}`); got.StatusCode != 200 {
		t.Fatalf("run = %d %s", got.StatusCode, got.raw)
	}
	got = w.ran(key, at)
	if got.field("state") != "done" || got.field("summary.read") != 3.0 || got.field("summary.opened") != 2.0 || got.field("rejected.0.line") != 4.0 || got.field("rejected.0.reason") != "no_text" || got.field("lost") != nil {
		t.Errorf("done = %s", got.raw)
	}
	if again := w.call(key, "POST", at, `{"do":"run","map":"Инцидент"}`); again.StatusCode != 409 {
		t.Errorf("run twice = %d", again.StatusCode)
	}
	if again := w.call(key, "POST", at, `{"do":"look"}`); again.StatusCode != 409 {
		t.Errorf("looked at afterwards = %d %s", again.StatusCode, again.raw)
	}
	// Without a mapping it is proposed; the same rows of the same source are here already.
	at = bring("март.csv", letters2025)
	w.call(key, "POST", at, `{"do":"run","source":"portal"}`)
	if got = w.ran(key, at); got.field("summary.duplicate") != 1.0 || got.field("summary.renewed") != 1.0 { // «Синий» is another state now
		t.Errorf("again = %s", got.raw)
	}
	if got = w.call(key, "GET", "/api/v1/tables", nil); len(got.list) != 2 {
		t.Errorf("tables = %s", got.raw)
	}
	if got = w.call(key, "POST", at, `{"do":"drop"}`); got.StatusCode != 200 || w.call(key, "GET", at, nil).StatusCode != 404 {
		t.Errorf("drop = %d %s", got.StatusCode, got.raw)
	}
	if got = w.call(key, "DELETE", "/api/v1/mappings/"+url.PathEscape("Инцидент"), nil); got.StatusCode != 204 {
		t.Errorf("forget = %d %s", got.StatusCode, got.raw)
	}

	// What export writes comes back without a mapping.
	out := w.call(key, "GET", "/api/v1/incidents/export?format=xlsx", nil)
	at = bring("наше.xlsx", string(out.raw))
	if got = w.call(key, "POST", at, `{"do":"look"}`); got.field("look.own") != true || got.field("look.rows.0.line") != 2.0 {
		t.Errorf("own = %s", got.raw)
	}
	w.call(key, "POST", at, `{"do":"run"}`)
	if got = w.ran(key, at); got.field("summary.read") != 2.0 || got.field("summary.duplicate").(float64)+got.field("summary.attached").(float64) != 2.0 {
		t.Errorf("own again = %s", got.raw)
	}
}

func TestTablesThatCannotBeTakenSayWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tb := w.tables()
	w.serve(func(o *api.Options) { o.Tables = tb })
	_, key := w.person(lifecycle.Analyst, scope.Place{Region: khakassia})
	up := w.call(key, "POST", "/api/v1/tables?name=a.csv", "A;B;C\nа;б;в\n", "Content-Type", "application/octet-stream")
	at := "/api/v1/tables/" + up.field("id").(string)
	for name, c := range map[string]struct {
		method, path string
		body         any
		status       int
		says         string
	}{
		"no name":               {"POST", "/api/v1/tables", "a", 422, "name"},
		"an empty file":         {"POST", "/api/v1/tables?name=a", "", 422, "пуст"},
		"a cut workbook":        {"POST", "/api/v1/tables?name=a", "PK\x03\x04", 422, "обрывается"},
		"no such table":         {"GET", "/api/v1/tables/none", nil, 404, "два часа"},
		"no such deed":          {"POST", at, `{"do":"eat"}`, 422, "do"},
		"an unknown field":      {"POST", at, `{"do":"run","mapp":"a"}`, 422, "mapp"},
		"columns that are dark": {"POST", at, `{"do":"run"}`, 422, "столбц"},
		"no such mapping":       {"POST", at, `{"do":"run","map":"нет"}`, 404, "нет"},
		"two mappings":          {"POST", at, `{"do":"run","map":"а","mapping":{"columns":{"text":"B"}}}`, 422, "не обе"},
		"a missing column":      {"POST", at, `{"do":"look","mapping":{"columns":{"text":"Нет"}}}`, 422, "«Нет»"},
		"no text":               {"POST", at, `{"do":"run","mapping":{"columns":{"number":"A"}}}`, 422, "текст"},
		"a far territory":       {"POST", at, `{"do":"run","territory":"Марс","mapping":{"columns":{"text":"B"}}}`, 422, "территории"},
		"a mapping misspelt":    {"POST", "/api/v1/mappings", `{"name":"а","columns":{"text":"B"},"stauses":{}}`, 422, "stauses"},
		"nothing to forget":     {"DELETE", "/api/v1/mappings/none", nil, 404, "none"},
		"an unknown format":     {"GET", "/api/v1/incidents/export?format=doc", nil, 422, "format"},
		"a misspelt filter":     {"GET", "/api/v1/incidents/export?stat=new", nil, 422, "stat"},
		"paging":                {"GET", "/api/v1/incidents/export?after=x", nil, 422, "after"},
		"names without a right": {"GET", "/api/v1/incidents/export?personal=1", nil, 403, "персональные"},
	} {
		if got := w.call(key, c.method, c.path, c.body, "Content-Type", "application/json"); got.StatusCode != c.status || !strings.Contains(string(got.raw), c.says) || got.field("kind") == nil {
			t.Errorf("%s = %d %s, want %d with %q", name, got.StatusCode, got.raw, c.status, c.says)
		}
	}
}

func TestIncidentsGoOutAsAStream(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tb := w.tables()
	w.serve(func(o *api.Options) { o.Tables = tb })
	at := here
	for k := range 230 { // more than one page of the store
		at.Centre = []string{abakan, chernogor}[k%2]
		w.opened("=Абакан, яма, звоните "+phoneWords, at)
	}
	_, all := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	_, some := w.person(lifecycle.Centre, here)
	rows := func(key, query string) [][]string {
		t.Helper()
		got := w.call(key, "GET", "/api/v1/incidents/export"+query, nil)
		if got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/csv") {
			t.Fatalf("%s = %d %.300s", query, got.StatusCode, got.raw)
		}
		list, err := csv.NewReader(bytes.NewReader(got.raw)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	whole := rows(all, "")
	if len(whole) != 231 || len(rows(some, "")) != 116 || len(rows(all, "?centre="+chernogor)) != 116 || len(rows(all, "?state=closed")) != 1 {
		t.Errorf("rows: all %d", len(whole))
	}
	if text := whole[1][1]; !strings.HasPrefix(text, "'=Абакан") || strings.Contains(text, phoneWords) || len(whole[0]) != 23 {
		t.Errorf("a row = %q", whole[1])
	}
	if open := rows(all, "?personal=1"); open[0][23] != "author_name" || open[1][23] != "Вера Павлова" || !strings.Contains(open[1][1], phoneWords) {
		t.Errorf("an open row = %q", open[1])
	}
	book := w.call(all, "GET", "/api/v1/incidents/export?format=xlsx", nil)
	b, err := sheet.Open(bytes.NewReader(book.raw), int64(len(book.raw)), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	n := 0
	for _, err := range b.Rows(b.Sheets[0]) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != 231 {
		t.Errorf("the workbook has %d rows", n)
	}
	// What cannot be finished is cut off: no reader takes it for a whole one.
	srv := httptest.NewServer(w.handler)
	defer srv.Close()
	w.serve(func(o *api.Options) { o.Tables = cutTables{} })
	srv.Config.Handler = w.handler
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/api/v1/incidents/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+all)
	answer, err := srv.Client().Do(r)
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
	}
	if err == nil {
		t.Error("an export that failed looks whole")
	}
}

// cutTables fail in the middle.
type cutTables struct{ yesTables }

func (cutTables) Export(_ context.Context, w io.Writer, _ table.Export, begin func()) error {
	begin()
	_, _ = io.WriteString(w, strings.Repeat("id,text\n", 10_000))
	return fault.New(fault.Unavailable, "the disk is gone")
}
