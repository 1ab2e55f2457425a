package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
)

// yesRoster does what it is asked to.
type yesRoster struct{}

func (yesRoster) MayEdit(account.Actor) bool { return true }
func (yesRoster) Recognise(context.Context, account.Actor, string) (*source.Guess, error) {
	return &source.Guess{Source: source.Source{ID: "vk:-9", Kind: source.VK, Channel: message.VK, Name: "Двор"}}, nil
}
func (yesRoster) Save(context.Context, account.Actor, *source.Source) error         { return nil }
func (yesRoster) Pause(context.Context, account.Actor, int64, bool) error           { return nil }
func (yesRoster) Remove(context.Context, account.Actor, int64) error                { return nil }
func (yesRoster) SaveKey(context.Context, account.Actor, *source.Key) error         { return nil }
func (yesRoster) RemoveKey(context.Context, account.Actor, int64) error             { return nil }
func (yesRoster) Keyed() []source.Kind                                              { return nil }
func (yesRoster) Back(context.Context, account.Actor, int64, int) error             { return nil }
func (yesRoster) StopBack(context.Context, account.Actor, int64) error              { return nil }
func (yesRoster) NoPast(*source.Source) string                                      { return "" }
func (yesRoster) Proposed(context.Context, account.Actor) ([]source.Mention, error) { return nil, nil }
func (yesRoster) Never(context.Context, account.Actor, string) error                { return nil }
func (yesRoster) Try(context.Context, account.Actor, source.Source) ([]message.Message, error) {
	return nil, nil
}

// wall keeps a source and a key of the same number, and returns it.
func (w *world) wall(at scope.Place) int64 {
	w.t.Helper()
	s := source.Source{ID: "vk:-1", Kind: source.VK, Channel: message.VK, Name: "Стена", Settings: []byte(`{"group":1}`), Place: at}
	k := source.Key{Name: "приложение", Kind: source.VK, Sealed: []byte("x"), Place: at}
	w.change(func(tx incident.Tx) error {
		if err := tx.Sources().SaveSource(w.t.Context(), &s); err != nil {
			return err
		}
		return tx.Sources().SaveKey(w.t.Context(), &k)
	})
	if s.Number != k.Number {
		w.t.Fatalf("numbers %d and %d", s.Number, k.Number)
	}
	return s.Number
}

// A talk is a wall of two comments; a token that ends with an x is revoked.
type talk struct{ id, token string }

func (p talk) ID() string { return p.id }
func (p talk) Poll(context.Context, []byte) (source.Batch, error) {
	if strings.HasSuffix(p.token, "x") {
		return source.Batch{}, source.Fail(source.Person, "Ключ отозван: получите новый.", "vk: 5")
	}
	return source.Batch{Messages: []message.Message{{Text: "Звоните " + phoneWords, PublishedAt: noon}, {Text: "Вчера", PublishedAt: noon.AddDate(0, 0, -1)}}}, nil
}

// Quotas tells that half of a day's calls went.
func (p talk) Quotas() []source.Quota {
	return []source.Quota{{Name: "списки", Whose: "ключ чтения", Allowed: 5000, Per: 24 * time.Hour, Used: 2500, Back: noon}, {Name: "запросы", Allowed: 3, Per: time.Second, Peak: 2, Until: noon, Ours: true}}
}

// Rhythm is an hour.
func (p talk) Rhythm() (source.Rhythm, bool) {
	return source.Rhythm{Last: noon.Add(-time.Hour), Next: noon}, true
}

type talks struct{}

func (talks) Recognise(_ context.Context, u *url.URL) (*source.Guess, error) {
	if u.Hostname() != "vk.example" {
		return nil, nil
	}
	return &source.Guess{Source: source.Source{ID: "vk:-" + strings.Trim(u.Path, "/"), Kind: source.VK, Channel: message.VK, Name: "Двор", Settings: []byte(`{"group":7}`)}, Needs: "Нужен ключ."}, nil
}

// keeps puts a real roster under the API.
func (w *world) keeps(asks ...source.Asker) {
	w.t.Helper()
	box, err := seal.Keyed(filepath.Join(w.t.TempDir(), seal.Name))
	if err != nil {
		w.t.Fatal(err)
	}
	r := roster.New(roster.Options{
		Store: w.db, Box: box, Places: land, Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler),
		Stand: func(territory string) scope.Place {
			if territory == khakassia {
				territory = ""
			}
			return scope.Place{Region: khakassia, Centre: territory}
		},
		Kinds: map[source.Kind]roster.Connector{source.VK: {Keyed: true, Recognise: talks{}, Open: func(s source.Source, reads, _ source.Key) (source.Connection, error) {
			if strings.Contains(string(s.Settings), "posts") {
				return source.Connection{}, fault.New(fault.Invalid, "settings").At("settings").Say("Настройки сообщества не читаются.")
			}
			c := source.Connection{Puller: talk{s.ID, reads.Secret}, Name: s.Name, Channel: s.Channel}
			if len(asks) > 0 {
				c.Asker = asks[0]
			}
			return c, nil
		}}},
		Read: func(ctx context.Context, _ source.Connection) { <-ctx.Done() },
	})
	w.serve(func(o *api.Options) { o.Roster = r })
}

func TestASourceIsKeptByProgramsFromItsLinkToItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keeps()
	_, admin := w.person(lifecycle.Admin, scope.Place{Region: khakassia})
	post := func(path string, b any, want int) answer {
		t.Helper()
		a := w.call(admin, "POST", "/api/v1"+path, b)
		if a.StatusCode != want {
			t.Fatalf("POST %s %v = %d %s, want %d", path, b, a.StatusCode, a.raw, want)
		}
		return a
	}
	key := post("/source_keys", map[string]any{"kind": "vk", "name": "чтение", "secret": "vk1.secret"}, 200)
	if strings.Contains(string(key.raw), "vk1.secret") || key.field("name") != "чтение" {
		t.Errorf("a key: %s", key.raw)
	}
	if got := post("/sources", map[string]any{"do": "look", "link": "https://vk.example/7"}, 200); got.field("needs") != "Нужен ключ." || got.field("source.source") != "vk:-7" || got.field("source.id") != nil {
		t.Errorf("a look: %s", got.raw)
	}
	tried := post("/sources", map[string]any{"do": "try", "link": "https://vk.example/7", "key": "чтение"}, 200)
	if tried.field("found") != 2.0 || strings.Contains(string(tried.raw), phoneWords) || !strings.HasPrefix(fmt.Sprint(tried.field("sample.0.text")), "Звоните *") {
		t.Errorf("a trial: %s", tried.raw)
	}
	if list := w.call(admin, "GET", "/api/v1/sources", nil); len(list.list) != 0 {
		t.Errorf("looking kept something: %s", list.raw)
	}
	added := post("/sources", map[string]any{"link": "https://vk.example/7", "key": "чтение", "territory": abakan, "every": "1m"}, 200)
	path := fmt.Sprintf("/sources/%v", added.field("source.id"))
	if added.field("source.every") != "1m0s" || added.field("source.territory") != abakan || added.field("source.state") != "good" || added.field("source.settings.group") != 7.0 {
		t.Errorf("added: %s", added.raw)
	}
	w.change(func(tx incident.Tx) error {
		if err := tx.Sources().Count(t.Context(), "vk:-7", source.Hour{At: noon.Truncate(time.Hour), Messages: 3, Timed: 3, Lag: 30 * time.Second}); err != nil {
			return err
		}
		return tx.Intake().Note(t.Context(), message.SourceState{ID: "vk:-7", Channel: message.VK, Error: "Ключ отозван.", Since: noon, Place: here})
	})
	got := w.call(admin, "GET", "/api/v1"+path, nil)
	if got.field("state") != "bad" || got.field("error") != "Ключ отозван." || got.field("failing_since") != noon.Format(time.RFC3339) || got.field("hours.23") != 3.0 || got.field("lag_seconds") != 10.0 {
		t.Errorf("how it fares: %s", got.raw)
	}
	if got.field("quota.0.used") != 2500.0 || got.field("quota.0.per_seconds") != 86400.0 || got.field("quota.1.peak") != 2.0 || got.field("quota.1.ours") != true || got.field("quota.1.until") != noon.Format(time.RFC3339) || got.field("next_at") != noon.Format(time.RFC3339) {
		t.Errorf("its quota and its plan: %s", got.raw)
	}
	changed := post(path, map[string]any{"do": "save", "version": 1, "name": "Двор на Лесной", "every": "", "settings": map[string]any{"group": 123456789}}, 200)
	if changed.field("source.name") != "Двор на Лесной" || changed.field("source.every") != nil || changed.field("source.territory") != abakan || !strings.Contains(string(changed.raw), `"group":123456789`) {
		t.Errorf("changed: %s", changed.raw)
	}
	if got := post(path, map[string]any{"do": "pause"}, 200); got.field("source.state") != "paused" {
		t.Errorf("paused: %s", got.raw)
	}
	if got := post(path, map[string]any{"do": "resume"}, 200); got.field("source.state") != "bad" {
		t.Errorf("resumed: %s", got.raw)
	}
	if keys := w.call(admin, "GET", "/api/v1/source_keys", nil); keys.field("0.used") != 1.0 || strings.Contains(string(keys.raw), "secret") {
		t.Errorf("keys: %s", keys.raw)
	}
	if got := post(path, map[string]any{"do": "back", "days": 7}, 409); !strings.Contains(fmt.Sprint(got.field("detail")), "прошлое не прочитать") {
		t.Errorf("a past that there is not: %s", got.raw)
	}
	w.change(func(tx incident.Tx) error {
		return tx.Sources().AskBack(t.Context(), &source.Backfill{Source: "vk:-7", State: source.BackRuns, Since: noon.AddDate(0, 0, -10), AskedAt: noon, Reached: noon.AddDate(0, 0, -5), Messages: 9})
	})
	if got := w.call(admin, "GET", "/api/v1"+path, nil); got.field("past.share") != 0.5 || got.field("past.state") != "running" || got.field("past.messages") != 9.0 {
		t.Errorf("a past under way: %s", got.raw)
	}
	if got := post(path, map[string]any{"do": "stop_back"}, 200); got.field("source.past.state") != "stopped" {
		t.Errorf("a past that was stopped: %s", got.raw)
	}
	w.change(func(tx incident.Tx) error {
		return tx.Sources().Mention(t.Context(), source.Mention{Link: "https://vk.com/dvor", Count: 5, Example: "https://vk.example/wall-1_2", First: noon, Last: noon, Place: here})
	})
	if got := w.call(admin, "GET", "/api/v1/sources/mentioned", nil); got.field("0.link") != "https://vk.com/dvor" || got.field("0.count") != 5.0 || got.field("0.centre") != abakan {
		t.Errorf("what is mentioned: %s", got.raw)
	}
	if got := post("/sources/mentioned", map[string]any{"never": "https://vk.com/dvor"}, 200); len(got.list) != 0 {
		t.Errorf("never: %s", got.raw)
	}
	post("/sources/mentioned", map[string]any{"never": "https://vk.com/other"}, 404)
	post("/sources/mentioned", map[string]any{}, 422)
	forget := fmt.Sprintf("/api/v1/source_keys/%v", key.field("id"))
	if got := w.call(admin, "DELETE", forget, nil); got.StatusCode != 409 {
		t.Errorf("a key in use is forgotten: %d %s", got.StatusCode, got.raw)
	}
	post(path, map[string]any{"do": "remove"}, 200)
	if got := w.call(admin, "GET", "/api/v1"+path, nil); got.StatusCode != 404 {
		t.Errorf("a removed source = %d", got.StatusCode)
	}
	if got := w.call(admin, "DELETE", forget, nil); got.StatusCode != 204 {
		t.Errorf("forgetting a key = %d %s", got.StatusCode, got.raw)
	}
}

func TestBadInputAboutSources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keeps()
	_, admin := w.person(lifecycle.Admin, scope.Place{Region: khakassia})
	_, head := w.person(lifecycle.Centre, scope.Place{Region: khakassia, Centre: chernogor})
	_, operator := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	for _, k := range []string{"чтение", "отозван"} {
		secret := map[string]string{"чтение": "s", "отозван": "sx"}[k]
		if got := w.call(admin, "POST", "/api/v1/source_keys", map[string]any{"kind": "vk", "name": k, "secret": secret}); got.StatusCode != 200 {
			t.Fatalf("%d %s", got.StatusCode, got.raw)
		}
	}
	if got := w.call(admin, "POST", "/api/v1/sources", map[string]any{"link": "https://vk.example/1", "key": "чтение", "territory": abakan}); got.StatusCode != 200 || got.field("source.id") != 1.0 {
		t.Fatalf("%d %s", got.StatusCode, got.raw)
	}
	const link = `"link":"https://vk.example/7","key":"чтение"`
	for _, c := range []struct {
		who, path, body string
		status          int
		field, says     string
	}{
		{admin, "/sources", `{}`, 422, "link", "Вставьте ссылку"},
		{admin, "/sources", `{"link":"ftp://vk.example/1"}`, 422, "link", "не адрес"},
		{admin, "/sources", `{"link":"https://elsewhere.example/"}`, 422, "link", "не узнаёт"},
		{admin, "/sources", `{"link":"https://vk.example/7"}`, 422, "key", "Выберите ключ"},
		{admin, "/sources", `{"link":"https://vk.example/1","key":"чтение"}`, 409, "", "уже добавлен"},
		{admin, "/sources", `{` + link + `,"every":"часто"}`, 422, "every", "30s"},
		{admin, "/sources", `{` + link + `,"every":"1s"}`, 422, "every", "от раза в 5 секунд"},
		{admin, "/sources", `{` + link + `,"territory":"00000000"}`, 422, "territory", "нет"},
		{admin, "/sources", `{` + link + `,"name":" "}`, 422, "name", "Назовите"},
		{admin, "/sources", `{` + link + `,"do":"pause"}`, 422, "do", "add, look или try"},
		{admin, "/sources", `{` + link + `,"do":"burn"}`, 422, "do", ""},
		{admin, "/sources", `{` + link + `,"settings":{"posts":1000}}`, 422, "settings", "не читаются"},
		{admin, "/sources", `{` + link + `,"settings":[1]}`, 422, "settings", ""},
		{admin, "/sources", `{"do":"try","link":"https://vk.example/7","key":"отозван"}`, 503, "", "Ключ отозван"},
		{admin, "/sources", `{"unknown":1}`, 422, "unknown", ""},
		{admin, "/sources/1", `{"do":"add"}`, 422, "do", "save"},
		{admin, "/sources/1", `{"do":"save","version":9,"name":"Двор"}`, 409, "", "тем временем"},
		{admin, "/sources/1", `{"do":"solve","code":"кот"}`, 422, "captcha", "source_captchas"},
		{admin, "/sources/1", `{"do":"solve","captcha":"7","code":"кот"}`, 409, "", "ничего не спрашивает"},
		{admin, "/sources", `{` + link + `,"do":"solve"}`, 422, "do", ""},
		{admin, "/sources/1", `{"do":"back","days":91}`, 422, "days", ""},
		{admin, "/sources/1", `{"do":"back"}`, 422, "days", "от 1 до 90"},
		{admin, "/sources/1", `{"do":"stop_back"}`, 409, "", "никто не читает"},
		{admin, "/sources", `{` + link + `,"do":"back"}`, 422, "do", ""},
		{admin, "/sources/9", `{"do":"pause"}`, 404, "", ""},
		{head, "/sources", `{` + link + `}`, 422, "territory", "своего муниципалитета"},
		{head, "/sources", `{` + link + `,"territory":"` + abakan + `"}`, 403, "", ""},
		{head, "/sources/1", `{"do":"pause"}`, 404, "", ""},
		{operator, "/sources/1", `{"do":"pause"}`, 403, "", ""},
		{operator, "/source_keys", `{"kind":"vk","name":"a","secret":"b"}`, 403, "", ""},
		{admin, "/source_keys", `{"kind":"fax","name":"a","secret":"b"}`, 422, "kind", "Выберите сеть"},
		{admin, "/source_keys", `{"kind":"vk","name":"a","secret":" "}`, 422, "secret", "Вставьте сам ключ"},
		{admin, "/source_keys", `{"kind":"vk","name":"a","secret":"a\nb"}`, 422, "secret", "одной строкой"},
	} {
		got := w.call(c.who, "POST", "/api/v1"+c.path, c.body)
		if field, _ := got.field("field").(string); got.StatusCode != c.status || field != c.field || !strings.Contains(fmt.Sprint(got.field("detail")), c.says) {
			t.Errorf("%s %s = %d %s, want %d at %q", c.path, c.body, got.StatusCode, got.raw, c.status, c.field)
		}
	}
	list := w.call(operator, "GET", "/api/v1/sources", nil)
	if len(list.list) != 1 || list.field("0.settings") != nil {
		t.Errorf("what an operator sees: %s", list.raw)
	}
	if strings.Contains(w.log.String(), "vk1") {
		t.Error("a secret is in the log")
	}
}
