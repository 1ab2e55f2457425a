package staff_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/call"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/problem"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/staff"
	"otklik/internal/topic"
	"otklik/internal/webhook"
)

const (
	khakassia, kursk  = "95000000", "38000000"
	abakan, chernogor = "95701000", "95715000"
	password          = "длинный пароль"
)

var clock = time.Date(2026, time.November, 22, 10, 40, 0, 0, time.UTC) // 17:40 in Abakan

// Hashing is dear on purpose; the tests' accounts have a cheap hash, whose
// parameters stand in it.
var hash = sync.OnceValue(func() string {
	h, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		panic(err)
	}
	return h
})

// A world is a site with its pages over a house.
type world struct {
	released string // the source whose replies leave again
	*house
	desk    *fakeDesk
	school  *fakeSchool
	hub     *live.Hub
	posting *fakePosting
	keeper  *fakeKeeperOfDesk
	roster  *fakeRoster
	herald  fakeHerald
	staff   *staff.Staff
	site    *site.Site
	handler http.Handler
	closing chan struct{}
}

type territories map[string]*place.Place

func (t territories) Keyed(place.Key) []*place.Place { return nil }
func (t territories) ByID(id string) (*place.Place, bool) {
	p, ok := t[id]
	return p, ok
}

var land = territories{
	khakassia: {ID: khakassia, Level: place.Region, Name: "Республика Хакасия", Region: khakassia, Zone: "Asia/Krasnoyarsk"},
	abakan:    {ID: abakan, Level: place.Municipality, Name: "Абакан", Region: khakassia, Lat: 53.7213, Lon: 91.4425, Zone: "Asia/Krasnoyarsk", Population: 184000},
	chernogor: {ID: chernogor, Level: place.Municipality, Name: "Черногорск", Region: khakassia, Lat: 53.8237, Lon: 91.2841, Zone: "Asia/Krasnoyarsk", Population: 77000},
}

var towns = []*place.Place{
	land[abakan], land[chernogor],
	{Name: "Усть-Абакан", Lat: 53.8277, Lon: 91.3884, Population: 15000}, {Name: "Подсинее", Lat: 53.6613, Lon: 91.5575, Population: 5800},
	{Name: "Белый Яр", Lat: 53.6042, Lon: 91.3903, Population: 10000}, {Name: "Расцвет", Lat: 53.7006, Lon: 91.1892, Population: 3800},
}

func newWorld(t testing.TB) *world {
	t.Helper()
	h := &house{excerpts: map[incident.ID]string{}, messages: map[incident.ID][]*message.Message{}, readings: map[message.ID]*message.Reading{}, sessions: map[string]account.Session{}}
	w := &world{house: h, desk: &fakeDesk{h: h}, hub: live.NewHub(), closing: make(chan struct{})}
	h.agencies = []agency.Agency{
		{ID: 1, Name: "Управление коммунального хозяйства и транспорта Абакана", Short: "УКХТ Абакана", Contact: "тел. 8 (3902) 00-00-00", Place: scope.Place{Region: khakassia, Centre: abakan}},
		{ID: 2, Name: "Абаканские тепловые сети", Short: "Теплосети", Approval: true, Place: scope.Place{Region: khakassia, Centre: abakan}},
		{ID: 3, Name: "Администрация города Черногорска", Short: "Черногорск", Place: scope.Place{Region: khakassia, Centre: chernogor}},
	}
	h.rules = []agency.Rule{
		{ID: 1, Order: 1, Topic: topic.Default().Topics[0].Code, Territory: abakan, Agency: 1, Place: scope.Place{Region: khakassia}},
		{ID: 2, Order: 2, Group: topic.Default().Topics[0].Group, Agency: 2, Place: scope.Place{Region: khakassia}},
		{ID: 3, Order: 3, Agency: 3, Place: scope.Place{Region: khakassia}},
	}
	names := map[lifecycle.Role]string{lifecycle.Operator: "Ирина Соколова", lifecycle.Executor: "Пётр Кызласов", lifecycle.Curator: "Анна Майнагашева", lifecycle.Admin: "Олег Чертыков"}
	for n, role := range lifecycle.Roles() {
		name := names[role]
		if name == "" {
			name = "Работник " + role.Name()
		}
		h.accounts = append(h.accounts, &account.Account{ID: account.ID(n + 1), Login: string(role), Name: name, Role: role, Hash: hash(), Place: scope.Place{Region: khakassia}})
	}
	w.seed()
	w.site = site.New(site.Options{Cases: func() incident.Tx { return h }, Writer: h, Now: func() time.Time { return clock }, Title: "Республика Хакасия", Home: staff.Home,
		Demo: []site.DemoAccount{{Login: "operator", Password: password, Label: "Оператор", About: "разбирает очередь"}}})
	w.roster = &fakeRoster{h: h}
	w.staff = staff.New(staff.Options{Roster: w.roster, Webhooks: &w.herald, Pushers: func() []string { return []string{"hook:portal"} }, Watcher: &fakeWatcher{}, Site: w.site, Cases: func() incident.Tx { return h }, Writer: h, Desk: w.desk, Events: w.hub, Names: land,
		Centres:     func(string) []*place.Place { return []*place.Place{land[abakan], land[chernogor]} },
		Settlements: func(string) []*place.Place { return towns },
		Outline: func(string) staff.Outline {
			return staff.Outline{{{89.3, 51.3}, {90.6, 52.4}, {91.6, 53.3}, {91.9, 53.75}, {91.5, 54.4}, {90.2, 55.4}, {88.6, 54.4}, {88.9, 53.1}, {89.3, 51.3}}}
		},
		Lemmas: func(q string) (out [][]string) {
			for _, f := range strings.Fields(strings.ToLower(q)) {
				out = append(out, []string{f})
			}
			return out
		},
		Resume: func(_ context.Context, _ account.Actor, source string) error {
			w.released = source
			return nil
		},
		Now: func() time.Time { return clock }, Closing: w.closing})
	editor := &fakeEditor{mu: &h.mu, now: topic.Default()}
	w.staff.Topics, w.staff.Editor = editor.topics, editor
	w.school = &fakeSchool{}
	w.staff.School = w.school
	w.staff.Keeper = &fakeKeeper{}
	w.posting = &fakePosting{h: h}
	w.staff.Posting = w.posting
	w.keeper = &fakeKeeperOfDesk{h: h}
	w.staff.DeskKeeper = w.keeper
	w.staff.Clocks = desk.New(desk.Options{Rules: w.staff.Keeper.Book, Topics: topic.Default}).Clocks
	w.staff.Tables = fakeTables(t, h)
	w.staff.Envoy = fakeEnvoy(h)
	w.handler = w.site.Handler(w.staff.Routes())
	return w
}

// seed puts 60 incidents into the house. Number 1 is the one that tests look at.
func (w *world) seed() {
	topics := topic.Default().Topics
	texts := []string{
		"Во дворе дома по улице Чертыгашева, 33 третий день течёт труба, вода стоит до подъезда. Дети идут в школу по льду. Звоните: 8 900 000-11-22",
		"На перекрёстке у школы опять не работает светофор, утром едва не сбили ребёнка",
		"Когда уже вывезут мусор с площадки на Ленина? Контейнеры переполнены с выходных",
		"Спасибо за новый автобус, но по вечерам он ходит через раз, люди мёрзнут на остановке",
		"В подъезде нет света вторую неделю, управляющая компания отвечает «ждите»",
	}
	about := []topic.Code{"housing.pipe_burst", "roads.traffic_lights", "waste.containers", "transit.bus_class_number", "housing.entrance_repair"}
	states := []lifecycle.State{lifecycle.New, lifecycle.New, lifecycle.Triage, lifecycle.Assigned, lifecycle.Working, lifecycle.Approval, lifecycle.Rework, lifecycle.Asked}
	for n := 1; n <= 60; n++ {
		id := incident.ID(n)
		tp, ok := topic.Default().ByCode(about[(n-1)%len(about)])
		if !ok {
			panic("no topic " + about[(n-1)%len(about)])
		}
		i := &incident.Incident{ID: id, Number: incident.Number(int64(n)), Version: 3, State: states[(n-1)%len(states)], Topic: tp.Code, Group: tp.Group,
			Urgency: message.Normal, Kind: message.Complaint, Channel: message.VK, Place: scope.Place{Region: khakassia, Centre: abakan}, Settlement: "95701000001", Proposed: 1, Rule: 1,
			Address:  incident.Address{Settlement: "Абакан", Street: "улица Ленина", House: fmt.Sprint(n), Lat: 53.72, Lon: 91.44},
			Messages: 1, First: message.ID(n), OpenedAt: clock.Add(-time.Duration(n*n) * 7 * time.Minute), UpdatedAt: clock.Add(-time.Minute)}
		switch {
		case n%9 == 1:
			i.Urgency = message.Danger
		case n%7 == 2:
			i.Urgency = message.High
		}
		if n%5 == 3 {
			i.ClaimedBy = 1
		}
		if n%5 == 4 {
			i.ClaimedBy = 2
		}
		if n%6 == 0 {
			i.Missing, i.Address, i.Proposed = []string{message.MissingPlace}, incident.Address{}, 0
		}
		if n%4 == 0 {
			i.Channel = message.Phone
		}
		if !(i.State == lifecycle.New || i.State == lifecycle.Triage || i.State == lifecycle.Asked) {
			i.Place.Agency = 1
		}
		text := texts[(n-1)%len(texts)]
		w.incidents = append(w.incidents, i)
		w.excerpts[id] = text
		w.messages[id] = []*message.Message{{ID: message.ID(n), Source: "vk:-1", Channel: i.Channel, Form: message.Comment, Native: fmt.Sprint(n), URL: "https://vk.example/wall-1_" + fmt.Sprint(n),
			AuthorName: "Житель Примерный", Contact: "8 900 000-11-22", Text: text, PublishedAt: i.OpenedAt.Add(-5 * time.Minute), SeenAt: i.OpenedAt, Place: i.Place}}
		w.readings[message.ID(n)] = &message.Reading{Kind: message.Complaint, Urgency: i.Urgency, Complaint: true}
	}
	first := w.incidents[0]
	first.Address = incident.Address{Settlement: "Абакан", Street: "улица Чертыгашева", House: "33", Lat: 53.7213, Lon: 91.4425, Radius: 80}
	first.Messages = 2
	at := func(part string) (int, int) {
		start := strings.Index(texts[0], part)
		if start < 0 {
			panic("no such words: " + part)
		}
		return start, start + len(part)
	}
	r := w.readings[1]
	r.Topics = []message.TopicGuess{{Code: first.Topic, Score: 0.87}, {Code: topics[3].Code, Score: 0.41}, {Code: topics[12].Code, Score: 0.12}}
	s, e := at("улице Чертыгашева, 33")
	r.Places = []message.PlaceFound{{Start: s, End: e, Type: "house", Name: "улица Чертыгашева, 33", Settlement: "Абакан", Street: "улица Чертыгашева", House: "33", Score: 0.92, Why: "улица с таким названием есть только в Абакане"}}
	s, e = at("течёт труба")
	r.Evidence = append(r.Evidence, message.Evidence{Start: s, End: e, For: "topic", Why: "слова о течи трубы"})
	s, e = at("третий день течёт")
	r.Evidence = append(r.Evidence, message.Evidence{Start: s, End: e, For: "kind", Why: "беда длится: это жалоба"})
	s, e = at("Дети идут в школу по льду")
	r.Evidence = append(r.Evidence, message.Evidence{Start: s, End: e, For: "urgency", Why: "опасно для детей"})
	s, e = at("8 900 000-11-22")
	r.Personal = []message.Personal{{Start: s, End: e, Type: "phone"}}
	w.messages[1] = append(w.messages[1], &message.Message{ID: 901, Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "901", URL: "https://vk.example/wall-1_901", AuthorName: "Соседка",
		Text: "Подтверждаю, у нас то же самое <b>третий подъезд</b>", PublishedAt: clock.Add(-3 * time.Minute), SeenAt: clock.Add(-2 * time.Minute), Place: first.Place})
	w.readings[901] = &message.Reading{Kind: message.Complaint, Urgency: message.Normal}
	w.history = []incident.Entry{
		{ID: 1, Incident: 1, Version: 1, At: clock.Add(-7 * time.Minute), Action: lifecycle.File, To: lifecycle.New, Detail: incident.Detail{Message: 1}},
		{ID: 2, Incident: 1, Version: 2, At: clock.Add(-5 * time.Minute), Action: lifecycle.Attach, Detail: incident.Detail{Message: 901}},
		{ID: 3, Incident: 1, Version: 3, At: clock.Add(-3 * time.Minute), Who: 2, Action: lifecycle.Correct, Detail: incident.Detail{Field: "urgency", Was: "normal", Now: "danger"}},
	}
	w.history = append(w.history, pingPong...)
	w.disputes = []incident.Dispute{{Incident: 3, Hops: 2, State: incident.ForArbiter, Since: clock.Add(-2 * time.Hour)}}
	w.replies = []reply.Reply{
		{ID: 1, Incident: 6, Message: 6, State: reply.Draft, Purpose: reply.Final, Text: "Светофор отремонтируют до 25 ноября.", By: 4, CreatedAt: clock.Add(-time.Hour), Place: w.incidents[5].Place,
			Lint: reply.Lint{Read: true, Score: 38, Doubt: true, Rules: []string{"no_echo", "officialese"}, Override: "просил заявитель"}},
		{ID: 2, Incident: 1, State: reply.Published, Purpose: reply.Interim, Text: "Передали аварийной бригаде, она выезжает.", By: 1, CreatedAt: clock.Add(-4 * time.Minute), PublishedAt: clock.Add(-3 * time.Minute), URL: "https://vk.example/wall-1_999", Place: first.Place},
	}
	seventh := w.incidents[6]
	seventh.Messages = 2
	w.messages[7] = append(w.messages[7], &message.Message{ID: 907, Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "907", Text: "Убрали не всё, звоните 8 900 000-11-22 <b>",
		AuthorName: "Житель Примерный", PublishedAt: clock.Add(-2 * time.Hour), SeenAt: clock.Add(-2 * time.Hour), Place: seventh.Place})
	w.readings[907] = &message.Reading{Kind: message.Noise, Personal: []message.Personal{{Start: strings.Index("Убрали не всё, звоните 8 900 000-11-22", "8 900"), End: len("Убрали не всё, звоните 8 900 000-11-22"), Type: "phone"}}}
	w.voices = []feedback.Voice{
		{ID: 1, Incident: 7, Message: 907, Speaker: feedback.Author, Way: feedback.Words, Meaning: feedback.Partly, Sure: .7, State: feedback.Waiting, At: clock.Add(-2 * time.Hour),
			Evidence: []feedback.Evidence{{Start: 0, End: 12, Why: "сделано"}, {Start: 13, End: 24, Why: "не всё"}}, Place: seventh.Place},
		{ID: 2, Incident: 7, Speaker: feedback.Author, Way: feedback.Link, Meaning: feedback.Refuted, Mark: 2, Sure: 1, State: feedback.Acted, At: clock.Add(-time.Hour), Text: "Контейнер стоит полный", Place: seventh.Place},
	}
	w.problems = []problem.Problem{{ID: 3, Group: "ЖКХ", At: problem.Place{Settlement: "95701000001", Town: "Абакан", Street: "улица Чертыгашева", House: "33"}, State: problem.Open,
		Since: clock.Add(-412 * 24 * time.Hour), LastAt: clock, Incidents: 2, Scope: seventh.Place}}
	w.durable = map[problem.ID][]int64{3: {7, 15}}
	w.calls = []call.Call{
		{ID: 1, Incident: 7, Message: 7, Why: "запах или утечка газа", State: call.Waiting, At: clock.Add(-3 * time.Minute), Scope: seventh.Place},
		{ID: 2, Incident: 15, Message: 15, Why: "угроза жизни", State: call.Made, At: clock.Add(-5 * time.Hour), Whom: "ЕДДС, 112", Said: "Выехали", By: 1, MadeAt: clock.Add(-5 * time.Hour), Scope: seventh.Place},
	}
	w.closures = []feedback.Closure{
		{ID: 1, Incident: 7, Outcome: lifecycle.Solved, How: "none", By: 1, At: clock.Add(-48 * time.Hour), FalseAt: clock.Add(-47 * time.Hour), FalseWhy: feedback.Again, Repeat: 12, Place: seventh.Place},
		{ID: 2, Incident: 7, Outcome: lifecycle.Partly, How: "none", By: 1, At: clock.Add(-24 * time.Hour), Sampled: true, Place: seventh.Place},
	}
	w.promises = []promise.Promise{
		{ID: 1, Incident: 1, Reply: 2, Span: russian.Span{Start: 0, End: 16}, Until: clock.Add(50 * time.Hour), State: promise.Open, MadeAt: clock.Add(-3 * time.Minute), Place: first.Place},
		{ID: 2, Incident: 1, Reply: 2, Until: clock.Add(-20 * time.Hour), State: promise.Open, Checked: true, MadeAt: clock.Add(-300 * time.Hour), Place: first.Place},
		{ID: 3, Incident: 1, Reply: 2, Vague: true, Why: "день не назван", State: promise.Open, MadeAt: clock.Add(-3 * time.Minute), Place: first.Place},
		{ID: 4, Incident: 6, Reply: 1, Until: clock.Add(-70 * time.Hour), State: promise.Moved, MovedTo: 5, Reason: "мороз", Settled: clock.Add(-time.Minute), MadeAt: clock.Add(-300 * time.Hour), Place: w.incidents[5].Place},
		{ID: 5, Incident: 6, Reply: 1, Before: 4, Until: clock.Add(100 * time.Hour), State: promise.Open, Why: "перенесено", MadeAt: clock.Add(-time.Minute), Place: w.incidents[5].Place},
	}
	w.sources = []message.SourceState{
		{ID: "vk:-1", Channel: message.VK, Name: "Стена «Абакан. Новости»", URL: "https://vk.example/abakan", ReadAt: clock.Add(-40 * time.Second), Messages: 1240, Place: scope.Place{Region: khakassia}},
		{ID: "vk:-2", Channel: message.VK, Name: "Стена «Черногорск сегодня»", URL: "https://vk.example/chg", ReadAt: clock.Add(-3 * time.Hour), Messages: 311, Error: "ВКонтакте не принимает ключ доступа. Получите новый ключ и впишите его в настройки.", Place: scope.Place{Region: khakassia}},
	}
	w.kept = []source.Source{
		{ID: "vk:-1", Number: 1, Kind: source.VK, Channel: message.VK, Name: "Стена «Абакан. Новости»", Key: "приложение", Answer: "группа", Own: true, Version: 2, Territory: abakan, Place: scope.Place{Region: khakassia, Centre: abakan}},
		{ID: "vk:-2", Number: 2, Kind: source.VK, Channel: message.VK, Name: "Стена «Черногорск сегодня»", Key: "приложение", Version: 1, Place: scope.Place{Region: khakassia}},
	}
	w.sourceKeys = []source.Key{
		{Number: 1, Name: "приложение", Kind: source.VK, Secret: "vk1.secret", Sealed: []byte("vk1.sealed"), AddedAt: clock.AddDate(0, -1, 0), Place: scope.Place{Region: khakassia}},
		{Number: 2, Name: "группа", Kind: source.VK, Sealed: []byte("vk1.sealed"), AddedAt: clock.AddDate(0, -1, 0), Place: scope.Place{Region: khakassia}},
	}
	w.hooks = []webhook.Webhook{
		{ID: 1, Version: 1, Name: "Портал города", URL: "https://portal.example/in/token-of-theirs", Events: webhook.Events(), Source: "hook:portal", State: webhook.On, LastAt: clock.Add(-time.Minute), AddedAt: clock.AddDate(0, -1, 0), Place: scope.Place{Region: khakassia, Centre: abakan}},
		{ID: 2, Version: 1, Name: "Чат-бот", URL: "https://bot.example/in", Events: []webhook.Event{webhook.Marked}, State: webhook.Off, Why: "Получатель не принял ни одного вызова за пять суток.", FailingSince: clock.AddDate(0, 0, -5), Place: scope.Place{Region: khakassia}},
	}
	w.owed = []webhook.Delivery{
		{ID: 9, Webhook: 1, Event: webhook.Publish, Incident: 1, State: webhook.Waiting, Tries: 2, NextAt: clock.Add(time.Hour), Status: 503, Error: "Получатель занят, ответил 503.", At: clock.Add(-time.Minute)},
		{ID: 8, Webhook: 1, Event: webhook.Opened, Incident: 1, State: webhook.Sent, Status: 200, At: clock.Add(-time.Hour)},
		{ID: 7, Webhook: 1, Event: webhook.Test, State: webhook.Dead, Error: "Имя сервера не находится. Проверьте адрес.", At: clock.Add(-2 * time.Hour)},
	}
	w.hours = map[string][]source.Hour{"vk:-1": {{At: clock.Truncate(time.Hour).Add(-3 * time.Hour), Messages: 12, Kept: 2, Timed: 12, Lag: 8 * time.Minute}, {At: clock.Truncate(time.Hour), Messages: 4, Timed: 4, Lag: 2 * time.Minute}}}
	w.aside = []message.SetAside{{ID: 5, Source: "file:letters.csv", Line: 14, Reason: "too_large", Error: "record of 2 MB", At: clock.Add(-time.Hour), Place: scope.Place{Region: khakassia}}}
}

// A visitor is a browser without scripts.
type visitor struct {
	t       testing.TB
	handler http.Handler
	cookies map[string]*http.Cookie
	agent   string // what its browser calls itself; "" = nothing
}

func (w *world) visitor(t testing.TB) *visitor {
	return &visitor{t: t, handler: w.handler, cookies: map[string]*http.Cookie{}}
}

// as signs a new visitor in with the login.
func (w *world) as(t testing.TB, login string) *visitor {
	t.Helper()
	v := w.visitor(t)
	r := v.post("/signin", url.Values{"login": {login}, "password": {password}})
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in as %s = %d, want 303", login, r.StatusCode)
	}
	return v
}

func (v *visitor) do(r *http.Request) *http.Response {
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	if v.agent != "" {
		r.Header.Set("User-Agent", v.agent)
	}
	rec := httptest.NewRecorder()
	v.handler.ServeHTTP(rec, r)
	res := rec.Result()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		} else {
			v.cookies[c.Name] = c
		}
	}
	return res
}

func (v *visitor) get(path string) *http.Response {
	return v.do(httptest.NewRequest("GET", path, nil))
}

func (v *visitor) post(path string, form url.Values) *http.Response {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

// page gets a page that must be there.
func (v *visitor) page(path string) *html.Node {
	v.t.Helper()
	r := v.get(path)
	if r.StatusCode != http.StatusOK {
		v.t.Fatalf("GET %s = %d, want 200", path, r.StatusCode)
	}
	return parse(v.t, r)
}

func parse(t testing.TB, r *http.Response) *html.Node {
	t.Helper()
	n, err := html.Parse(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func all(n *html.Node, sel string) []*html.Node {
	return cascadia.QueryAll(n, cascadia.MustCompile(sel))
}

// text returns the words of what the selector finds, blanks folded.
func text(n *html.Node, sel string) string {
	var b strings.Builder
	for _, found := range all(n, sel) {
		var walk func(*html.Node)
		walk = func(n *html.Node) {
			if n.Type == html.TextNode {
				b.WriteString(n.Data + " ")
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
		walk(found)
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " ")
}

func attr(n *html.Node, sel, name string) string {
	for _, found := range all(n, sel) {
		for _, a := range found.Attr {
			if a.Key == name {
				return a.Val
			}
		}
	}
	return ""
}

// plain returns all text of a node as it stands.
func plain(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	s := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s += plain(c)
	}
	return s
}
