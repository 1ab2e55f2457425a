package app_test

import (
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/agency"
	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/source/max/maxfake"
	"otklik/internal/source/telegram/telegramfake"
	"otklik/internal/source/vk/vkfake"
	"otklik/internal/talk"
)

// A phone is a resident in front of the talk's page of a fake network.
type phone struct {
	page string // address of the pages
	name string
	said func() []string // by the bot, oldest first
	send func(text string, photos int)

	says    func(t *testing.T, text string)                          // where the page has another form
	presses func(t *testing.T, label string) (again func(), ok bool) // where its buttons have
}

// write sends words by the page's form.
func (p *phone) write(t *testing.T, text string) {
	t.Helper()
	if p.says != nil {
		p.says(t, text)
		return
	}
	p.post(t, url.Values{"author": {p.name}, "text": {text}})
}

func (p *phone) post(t *testing.T, form url.Values) {
	t.Helper()
	res, err := http.PostForm(p.page+"/say", form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the page answers %d to %v", res.StatusCode, form)
	}
}

var (
	formOf   = regexp.MustCompile(`(?s)<form[^>]*>.*?</form>`)
	underOf  = regexp.MustCompile(`name="under" value="([^"]*)"`)
	buttonOf = regexp.MustCompile(`name="data" value="([^"]*)">([^<]*)<`)
)

// press presses the newest button with the label.
func (p *phone) press(t *testing.T, label string) (again func()) {
	t.Helper()
	if p.presses != nil {
		again, ok := p.presses(t, label)
		if !ok {
			t.Fatalf("no button %q; the community said %q", label, p.said())
		}
		return again
	}
	res, err := http.Get(p.page + "/bot?as=" + url.QueryEscape(p.name))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	forms := formOf.FindAllString(string(b), -1)
	for _, f := range slices.Backward(forms) {
		under := underOf.FindStringSubmatch(f)
		for _, b := range buttonOf.FindAllStringSubmatch(f, -1) {
			if got := html.UnescapeString(b[2]); under != nil && (got == label || len(label) > 3 && strings.HasPrefix(got, label)) {
				form := url.Values{"author": {p.name}, "under": {under[1]}, "data": {html.UnescapeString(b[1])}}
				p.post(t, form)
				return func() { p.post(t, form) }
			}
		}
	}
	t.Fatalf("no button %q; the bot said %q", label, p.said())
	return nil
}

// A network is a fake messenger connected to a centre.
type network struct {
	*centre
	source string
	anna   phone
	block  func()
	other  func(name string) *phone
	vkAPI  config.VKAPI
}

func openTalks(t *testing.T, kind source.Kind) *network {
	t.Helper()
	n := &network{centre: &centre{}}
	n.clock.Store(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Unix())
	var handler http.Handler
	var settings func(base string) string
	secret, id := "4001:token", "telegram:4001"
	switch kind {
	case source.Telegram:
		f, err := telegramfake.New(telegramfake.Options{Token: secret, Name: "otklik_bot", Channel: "Двор", Now: n.now})
		if err != nil {
			t.Fatal(err)
		}
		who := f.Person("Анна")
		handler = f
		settings = func(base string) string { return `{"api":"` + base + `"}` }
		n.anna.said = func() []string { return f.Wrote(who) }
		n.anna.send = func(text string, photos int) {
			if photos == 1 {
				_, err = f.Photo(who, who, text, []byte("picture"))
			} else {
				f.Album(who, who, text, photos)
			}
		}
		n.block = func() { f.Block(who) }
		n.other = func(name string) *phone {
			p := n.anna
			id := f.Person(name)
			p.name, p.said = name, func() []string { return f.Wrote(id) }
			return &p
		}
	case source.VK:
		f, err := vkfake.New(vkfake.Options{Group: 1001, Name: "Отклик", ServiceToken: "service", CommunityToken: secret, Now: n.now})
		if err != nil {
			t.Fatal(err)
		}
		handler, id = f, "vk:-1001"
		settings = func(base string) string {
			n.vkAPI = config.VKAPI{URL: base + "/method/", Page: base + "/"}
			return `{"group":1001,"talks":true}`
		}
		n.anna = onVK(f, f.Person("Анна"), &n.anna.page)
	default:
		f, err := maxfake.New(maxfake.Options{Token: "max-token", Bot: 229, Name: "Отклик", Now: n.now})
		if err != nil {
			t.Fatal(err)
		}
		secret, id = "max-token", "max:@otklik_bot"
		who := f.Person("Анна")
		handler = f
		settings = func(base string) string { return `{"url":"` + base + `/api"}` }
		n.anna.said = func() []string { return f.Said(who) }
		n.anna.send = func(text string, photos int) {
			var list []any
			for range photos {
				list = append(list, map[string]any{"type": "image", "payload": map[string]any{"photo_id": 1, "token": "t", "url": "https://i.oneme.ru/1.webp"}})
			}
			f.Say(who, text, list...)
		}
		n.block = func() { f.Stop(who) }
	}
	var gate atomic.Pointer[http.Handler]
	gate.Store(&handler)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*gate.Load()).ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	n.source, n.anna.page, n.anna.name = id, srv.URL, "Анна"

	set := settings(srv.URL)
	dir := t.TempDir()
	n.reopen(t, dir, nil)
	box, err := seal.Keyed(filepath.Join(dir, seal.Name))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		if err := tx.Sources().SaveKey(t.Context(), &source.Key{Name: "бот", Kind: kind, Sealed: box.Seal("бот", secret), AddedAt: n.now(), Place: scope.Place{Region: khakassia}}); err != nil {
			return err
		}
		reads, answers := "бот", ""
		if kind == source.VK { // another key reads the wall
			reads, answers = "чтение", "бот"
			if err := tx.Sources().SaveKey(t.Context(), &source.Key{Name: "чтение", Kind: kind, Sealed: box.Seal("чтение", "service"), AddedAt: n.now(), Place: scope.Place{Region: khakassia}}); err != nil {
				return err
			}
		}
		return tx.Sources().SaveSource(t.Context(), &source.Source{ID: id, Kind: kind, Channel: message.Channel(kind), Name: "Бот", Key: reads, Answer: answers, Own: kind == source.VK, Settings: json.RawMessage(set), AddedAt: n.now(), Place: scope.Place{Region: khakassia}})
	}); err != nil {
		t.Fatal(err)
	}
	if err := n.Roster.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

// reopen opens the product on a folder; before is closed first, if there is one.
func (n *network) reopen(t *testing.T, dir string, before *app.App) {
	t.Helper()
	if before != nil {
		if err := before.Close(); err != nil {
			t.Fatal(err)
		}
	}
	a, err := app.Open(t.Context(), app.Options{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Now: n.now, Demo: &app.Demo{},
		Config: config.Config{Region: khakassia, Title: "ЦУР", Store: "otklik.db", VKAPI: n.vkAPI, Talks: config.Talks{Consent: "https://centre.example/consent", Contact: "8 800 000-00-00"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	n.App = a
	t.Cleanup(func() { _ = a.Close() })
}

// turn takes in what was written and says what is due.
func (n *network) turn(t *testing.T) {
	t.Helper()
	n.clock.Add(3)
	n.poll(t)
	for {
		k, err := n.Dialogue.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if k == 0 {
			return
		}
	}
}

// heard turns and checks what the bot says last.
func (n *network) heard(t *testing.T, want ...string) {
	t.Helper()
	before := len(n.anna.said())
	n.turn(t)
	said := strings.Join(n.anna.said()[before:], "\n")
	for _, w := range want {
		if !strings.Contains(said, w) {
			t.Fatalf("the bot said %q, want %q", said, w)
		}
	}
}

// TestAComplaintFromTheFirstWordsToTheSecondAnswer walks a complaint through the
// messengers, VK's private messages and the whole product: taken in by steps, answered, marked badly, reopened.
func TestAComplaintFromTheFirstWordsToTheSecondAnswer(t *testing.T) {
	t.Parallel()
	for _, kind := range []source.Kind{source.Telegram, source.Max, source.VK} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			n := openTalks(t, kind)
			n.anna.write(t, "На дороге огромная яма, колесо пробили") // nobody pressed «Начать»
			n.heard(t, "Где это?")
			n.anna.write(t, "Абаза, улица Ленина")
			n.heard(t, "Есть фото?")
			n.anna.send("вот она", 2)
			n.heard(t, "Абаза", "2 файла", "https://centre.example/consent")
			if rows := n.queue(t); len(rows) != 0 {
				t.Fatalf("%d incidents before it was confirmed", len(rows))
			}
			again := n.anna.press(t, "Отправить")
			n.heard(t, "Принято", "Номер обращения")
			again() // pressed twice
			n.heard(t, "не действует")
			rows := n.queue(t)
			if len(rows) != 1 {
				t.Fatalf("%d incidents, want 1", len(rows))
			}
			i := rows[0].Incident
			if i.Address.Settlement != "Абаза" || i.Address.Street == "" || slices.Contains(i.Missing, message.MissingPlace) || i.Messages != 3 {
				t.Errorf("the incident is at %q, misses %v, has %d messages", i.Address, i.Missing, i.Messages)
			}
			first, err := n.DB.Reader().Messages().Message(t.Context(), scope.All(), i.First)
			if err != nil || first.Text != "На дороге огромная яма, колесо пробили" {
				t.Errorf("it begins with %+v, %v", first, err)
			}
			n.anna.write(t, incident.Spoken(i.Number))
			n.heard(t, "получено")

			n.do(t, i.ID, desk.Accept{})
			n.do(t, i.ID, desk.HandOver{Agency: n.agency(t)})
			n.heard(t, "передано")
			n.answer(t, i.ID, "Яму засыпали 21 ноября, фото у нас есть. Спасибо, что сообщили о ней.")
			n.heard(t, "Всё ли решено?")
			if said := n.anna.said(); !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "Яму засыпали") }) {
				t.Errorf("the answer is not in the talk: %q", said)
			}
			n.anna.press(t, "2")
			n.heard(t, "вернули в работу", "Что осталось не так?")
			n.anna.write(t, "Яма на том же месте")
			n.heard(t, "передали тем, кто занимается")
			got := n.queue(t)[0]
			if got.State != lifecycle.Rework || got.Reopened != 1 || got.Messages != 4 {
				t.Errorf("after the mark: %s, reopened %d times, %d messages", got.State, got.Reopened, got.Messages)
			}
			voices, err := n.DB.Reader().Feedback().OfIncident(t.Context(), scope.All(), int64(i.ID))
			if err != nil || len(voices) != 1 || voices[0].Mark != 2 || voices[0].Way != feedback.Buttons || voices[0].Reply == 0 {
				t.Errorf("voices %+v, %v", voices, err)
			}
			n.answer(t, i.ID, "Яму засыпали ещё раз 23 ноября, асфальт уложили. Извините за ожидание.")
			n.heard(t, "Всё ли решено?")
			n.anna.press(t, "5")
			n.heard(t, "Спасибо за оценку")
			if got := n.queue(t)[0]; !got.Verified() {
				t.Errorf("after the best mark nothing is verified: %s", got.State)
			}
			lines, err := n.DB.Reader().Talks().Lines(t.Context(), scope.OfRegion(khakassia), int64(i.ID), 500)
			if err != nil || len(lines) < 12 || lines[0].Kind != talk.Said || lines[0].Message != i.First {
				t.Errorf("the transcript has %d lines, the first is %+v, %v", len(lines), lines[0], err)
			}
		})
	}
}

func (n *network) do(t *testing.T, id incident.ID, c desk.Change) {
	t.Helper()
	if _, err := n.Desk.Do(t.Context(), n.operator(), id, 0, c); err != nil {
		t.Fatal(err)
	}
}

func (n *network) agency(t *testing.T) int64 {
	t.Helper()
	a := &agency.Agency{Name: "Администрация Абазы", Short: "Абаза", Place: scope.Place{Region: khakassia}}
	if err := n.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error { return tx.Agencies().SaveAgency(t.Context(), a) }); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

// answer publishes a final reply.
func (n *network) answer(t *testing.T, id incident.ID, text string) {
	t.Helper()
	n.do(t, id, desk.Answer{Text: text, Override: "проверено"})
	n.clock.Add(60)
	if k, err := n.Outbox.Step(t.Context()); err != nil || k != 1 {
		t.Fatalf("the outbox took %d jobs: %v", k, err)
	}
}

// TestAVisitorsPageHasAllThatAPhoneSends: pictures, an album, a place and a voice message
// are sent by the pages of the fakes, and the talk takes each.
func TestAVisitorsPageHasAllThatAPhoneSends(t *testing.T) {
	t.Parallel()
	for _, kind := range []source.Kind{source.Telegram, source.Max} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			n := openTalks(t, kind)
			street := place.Place{ID: place.StreetID("95701000001", "Придуманная", "улица"), Level: place.Street, Name: "Придуманная", Type: "улица", Region: khakassia, Municipality: "95701000", Settlement: "95701000001", Lat: 53.73, Lon: 91.45}
			n.Places.Add([]place.Place{street, {ID: place.HouseID(street.ID, "5"), Level: place.House, Name: "5", Type: "дом", Region: khakassia, Municipality: "95701000", Settlement: "95701000001", Lat: 53.7212, Lon: 91.4425}})
			by := func(button, text string) {
				t.Helper()
				n.anna.post(t, url.Values{"author": {n.anna.name}, "text": {text}, button: {"1"}})
			}
			by("start", "")
			n.heard(t, "Напишите, что случилось")
			by("voice", "")
			n.heard(t, "не умеем читать")
			by("album", "Огромная яма на дороге, колесо пробили")
			n.heard(t, "Где это?")
			by("place", "")
			n.heard(t, "Абакан, улица Придуманная, точка на карте рядом с домом 5", "3 файла", "Отправить?")
			by("photo", "и ещё с другой стороны")
			n.heard(t, "4 файла")
			n.anna.press(t, "Отправить")
			n.heard(t, "Принято")
			i := n.queue(t)[0].Incident
			if i.Address.Lat == 0 || i.Address.Street != "улица Придуманная" || i.Address.House != "" || i.Settlement == "" || i.Messages != 3 || slices.Contains(i.Missing, message.MissingPlace) {
				t.Errorf("the incident is at %+v (%s), misses %v, %d messages", i.Address, i.Settlement, i.Missing, i.Messages)
			}
		})
	}
}
