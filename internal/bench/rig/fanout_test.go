package rig_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source/vk/vkfake"
)

// sameTrouble is what everybody writes.
const sameTrouble = "На улице Пушкина, дом 12, в Абакане третий день нет света, диспетчер не отвечает"

// A fanoutRig is a mass incident about which people wrote in three networks, and the product
// that answers all of them.
type fanoutRig struct {
	*networks
	centre  *rig.Centre
	service *rig.Service
	two     bool         // processes live on the database
	beside  *rig.Service // the other one
	db      *sql.DB      // reads beside the product
	token   string
	id      int64
	people  int // times that a person saw to a captcha
}

// newFanoutRig lets so many people write, and others what they write, and takes their messages
// in, as the product does, on a SQLite file or on a database of PostgreSQL.
func newFanoutRig(t *testing.T, number uint64, database string, people int, others ...string) *fanoutRig {
	t.Helper()
	fake, err := vkfake.New(vkfake.Options{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Guid: vkfake.GuidForgets})
	if err != nil {
		t.Fatal(err)
	}
	f := &fanoutRig{networks: newNetworks(number, fake), token: "a token of the test"}
	server := httptest.NewUnstartedServer(f.networks)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // connections break on purpose
	server.Start()
	t.Cleanup(server.Close)
	f.centre = newCentreAt(t, khakassia, database, func(conf *config.Config) {
		conf.VK = []config.VK{{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Territory: "95701000", Own: true, Every: config.Duration(time.Hour),
			URL: server.URL + "/method/", Page: server.URL + "/", Settle: config.Duration(300 * time.Millisecond), FloodRest: config.Duration(200 * time.Millisecond), PerSecond: 500, Reads: 1000}}
	})
	f.centre.Bin, f.centre.Wrap = os.Args[0], []string{"env", asProduct + "=" + server.URL}
	for k := range people / 2 {
		post := f.post(k / 40)
		if _, err := fake.Comment(post, 0, fake.Person(fmt.Sprintf("Житель %d", k)), sameTrouble); err != nil {
			t.Fatal(err)
		}
	}
	for k, text := range others {
		if _, err := fake.Comment(f.post(0), 0, fake.Person(fmt.Sprintf("Сосед %d", k)), text); err != nil {
			t.Fatal(err)
		}
	}
	f.prepare(t, server.URL, people)
	if f.db, err = f.centre.Tables(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.db.Close() })
	return f
}

// post returns the k-th post of the wall.
func (f *fanoutRig) post(k int) int64 {
	for len(f.wall.Posts()) <= k {
		f.wall.Post(f.wall.Owner(), fmt.Sprintf("Новости дня, выпуск %d", len(f.wall.Posts())))
	}
	posts := f.wall.Posts() // newest first
	return posts[len(posts)-1-k]
}

// prepare takes the messages in and makes the curator's token.
func (f *fanoutRig) prepare(t *testing.T, networks string, people int) {
	t.Helper()
	ctx := t.Context()
	conf, err := config.Load(f.centre.Dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(ctx, app.Options{Dir: f.centre.Dir, Config: conf, Log: slog.New(slog.DiscardHandler), Publishers: outlets(networks)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	wall := a.Connections()[0].Puller
	for cursor, more := []byte(nil), true; more; {
		b, err := wall.Poll(ctx, cursor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Intake.Take(ctx, b.Messages, func(tx incident.Tx) error { return tx.Intake().SetCursor(ctx, wall.ID(), b.Cursor, time.Now()) }); err != nil {
			t.Fatal(err)
		}
		cursor, more = b.Cursor, b.More
	}
	var batch []message.Message
	for k := range people - people/2 {
		network := []string{"keyed", "blind"}[k%2]
		native := fmt.Sprint(k + 1)
		batch = append(batch, message.Message{Source: network + ":1", Channel: message.Telegram, Form: message.Comment, Native: native, Thread: native, Event: message.Written, Revision: message.HashOf(sameTrouble),
			Text: sameTrouble, Author: "a" + native, AuthorName: "Житель", PublishedAt: time.Now(), SeenAt: time.Now(), Addressed: true})
	}
	if _, err := a.Intake.Take(ctx, batch, nil); err != nil {
		t.Fatal(err)
	}
	f.id = 1
	i, err := a.DB.Reader().Incidents().Incident(ctx, scope.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if i.Messages != people {
		t.Fatalf("%d people wrote the same, the incident has %d messages", people, i.Messages)
	}
	if err := f.centre.Hire(ctx, "irina", lifecycle.Curator); err != nil {
		t.Fatal(err)
	}
	err = a.DB.Change(ctx, incident.People, func(tx incident.Tx) error {
		who, err := tx.Accounts().ByLogin(ctx, "irina")
		if err != nil {
			return err
		}
		return tx.Accounts().SaveToken(ctx, &account.Token{Owner: who.ID, Name: "испытание", Created: time.Now(), Expires: time.Now().Add(24 * time.Hour)}, f.token)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// start starts the product. Of two processes, the one that lived on is killed next.
func (f *fanoutRig) start(t *testing.T) {
	t.Helper()
	if f.two && f.beside == nil {
		f.beside = serve(t, f.centre)
	}
	f.service = serve(t, f.centre)
	if f.two {
		f.service, f.beside = f.beside, f.service
	}
}

// ask calls the product's API as the curator.
func (f *fanoutRig) ask(t *testing.T, method, path string, in, out any) int {
	t.Helper()
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), method, f.service.URL+"/api/v1"+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+f.token)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", method, path, err, f.service.Log())
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil && res.StatusCode < 300 {
		if err := json.Unmarshal(b, out); err != nil {
			t.Fatalf("%s: %v\n%.500s", path, err, b)
		}
	}
	if res.StatusCode >= 500 || res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusUnprocessableEntity || res.StatusCode == http.StatusBadRequest {
		t.Fatalf("%s %s: %d\n%.1000s", method, path, res.StatusCode, b)
	}
	return res.StatusCode
}

// release sees to the captchas that the product says it waits for, as a person does.
func (f *fanoutRig) release(t *testing.T) {
	t.Helper()
	var list []struct {
		Source string
		Waits  bool
	}
	f.ask(t, http.MethodGet, "/outlets", nil, &list)
	for _, o := range list {
		if !o.Waits {
			continue
		}
		network, _, _ := strings.Cut(o.Source, ":")
		f.seen(strings.Replace(network, "vk", "wall", 1))
		if code := f.ask(t, http.MethodPost, "/outlets/release", map[string]string{"source": o.Source}, nil); code != http.StatusOK {
			t.Errorf("releasing %s: %d", o.Source, code)
		}
		f.people++
	}
}

// states counts the jobs of the fan-out.
func (f *fanoutRig) states(t *testing.T) map[string]int {
	t.Helper()
	rows, err := f.db.QueryContext(t.Context(), `SELECT state, count(*) FROM job WHERE fanout <> 0 GROUP BY state`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			t.Fatal(err)
		}
		out[state] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// over reports whether nothing of the fan-out is left to leave.
func (f *fanoutRig) over(t *testing.T) bool {
	s := f.states(t)
	return s["waiting"]+s["sending"]+s["held"] == 0
}

// TestAKilledFanOutStandsOnceInEachThread kills the product with SIGKILL again and again
// while it answers everybody who wrote about a mass incident, in networks that time out
// after accepting, fail at random, go away for a moment, and meet texts that are alike with
// flood control and captchas. Where a thread can be read back, and where a key is known,
// each thread has its reply exactly once; where neither is so, what nobody knows stands
// unknown and is never sent again by itself. Nothing is lost. A pause holds over a kill.
func TestAKilledFanOutStandsOnceInEachThread(t *testing.T) {
	t.Parallel()
	killFanOut(t, "", 6, 48, false)
}

// TestAKilledFanOutOnPostgreSQL does the same where the database is another process, which
// lives on.
func TestAKilledFanOutOnPostgreSQL(t *testing.T) {
	t.Parallel()
	killFanOut(t, postgres(t), 3, 24, false)
}

// TestTwoProcessesOnOnePostgreSQLPublishOnce lets two processes live on one database, of
// which now the one and now the other is killed: one publishes, the other takes over.
func TestTwoProcessesOnOnePostgreSQLPublishOnce(t *testing.T) {
	t.Parallel()
	killFanOut(t, postgres(t), 4, 24, true)
}

func killFanOut(t *testing.T, database string, kills, people int, two bool) {
	t.Helper()
	if n, long := soak(0); long {
		kills, people = 2*n, 1000
	}
	if testing.Short() {
		kills, people = 2, 24
	}
	number := seed(t)
	rnd := rand.New(rand.NewPCG(number, 9))
	f := newFanoutRig(t, number, database, people)
	f.two = two
	f.start(t)
	if code := f.ask(t, http.MethodPost, "/incidents/1/fanouts", map[string]any{"text": "Бригада {{орган|энергетиков}} работает по адресу {{адрес|ваш адрес}}, обращение {{номер}}.", "override_reason": "авария одна на всех"}, nil); code != http.StatusOK {
		t.Fatalf("the fan-out began with %d", code)
	}
	share, done := max(1, people/kills), 0
	for ; done < kills && !f.over(t); done++ {
		if done > 0 {
			f.start(t)
		}
		if done == kills/2 {
			f.pauseOverAKill(t)
		}
		f.some(t, 1+rnd.IntN(share+1))
		time.Sleep(time.Duration(rnd.Int64N(int64(25 * time.Millisecond)))) // the random moment, often inside of a call
		f.service.Kill()
	}
	f.start(t)
	deadline := time.Now().Add(5 * time.Minute)
	for !f.over(t) {
		f.release(t)
		if time.Now().After(deadline) {
			t.Fatalf("the fan-out does not end: %v\n%s", f.states(t), f.service.Log())
		}
		time.Sleep(20 * time.Millisecond)
	}
	f.judge(t, done, people)
	for _, s := range []*rig.Service{f.service, f.beside} {
		if s == nil {
			continue
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
}

// some waits until the networks were asked so many times more, a few seconds at most.
func (f *fanoutRig) some(t *testing.T, n int) {
	t.Helper()
	from := f.asked()
	for end := time.Now().Add(8 * time.Second); f.asked() < from+n && time.Now().Before(end) && !f.over(t); {
		if len(f.asks()) > 0 {
			f.release(t)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// pauseOverAKill pauses the fan-out, kills the product, sees that nothing leaves after the
// next start, and resumes it.
func (f *fanoutRig) pauseOverAKill(t *testing.T) {
	t.Helper()
	if code := f.ask(t, http.MethodPost, "/incidents/1/actions/deliver", map[string]any{"how": "pause", "fanout": 1}, nil); code != http.StatusOK {
		t.Fatalf("pause: %d", code)
	}
	f.service.Kill()
	f.start(t)
	var before int
	await(t, "what was under way when it was paused has ended", func() bool { before = f.asked(); return f.states(t)["sending"] == 0 && f.states(t)["waiting"] == 0 })
	time.Sleep(1500 * time.Millisecond)
	if n := f.asked(); n != before {
		t.Errorf("%d replies left while the fan-out was paused", n-before)
	}
	if code := f.ask(t, http.MethodPost, "/incidents/1/actions/deliver", map[string]any{"how": "resume", "fanout": 1}, nil); code != http.StatusOK {
		t.Fatalf("resume: %d", code)
	}
}

// judge compares what stands in the networks with what the product says of each thread.
func (f *fanoutRig) judge(t *testing.T, kills, people int) {
	t.Helper()
	rows, err := f.db.QueryContext(t.Context(), `SELECT source, parent, state, proof, tries FROM job WHERE fanout <> 0`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var jobs, sent, proven, unknown, standing, doubled, lost int
	for rows.Next() {
		var source, parent, state, proof string
		var tries int
		if err := rows.Scan(&source, &parent, &state, &proof, &tries); err != nil {
			t.Fatal(err)
		}
		network, _, _ := strings.Cut(source, ":")
		if network == "vk" {
			network = "wall"
			parent = strings.TrimLeft(parent[strings.LastIndex(parent, "_")+1:], "r")
		}
		n := f.under(network, parent)
		jobs++
		standing += n
		if n > 1 {
			doubled++
			t.Errorf("%s: %d replies stand under message %s (%s, proof %q, %d tries)", source, n, parent, state, proof, tries)
		}
		switch {
		case state == "sent" && n == 0, state != "sent" && state != "unknown":
			lost++
			t.Errorf("%s: job of message %s is %s, %d replies stand there", source, parent, state, n)
		case state == "unknown" && network != "blind":
			t.Errorf("%s: message %s is unknown, though the network can be asked", source, parent)
		}
		switch state {
		case "sent":
			sent++
			if proof == "receipt" || proof == "read_back" {
				proven++
			}
		case "unknown":
			unknown++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if jobs != people {
		t.Errorf("%d jobs for %d people", jobs, people)
	}
	var state struct {
		Fanouts []struct {
			State    string
			Progress struct{ Sent, Proven, Unknown int }
		}
	}
	f.ask(t, http.MethodGet, "/incidents/1/fanouts", nil, &state)
	if p := state.Fanouts[0].Progress; p.Sent != sent || p.Unknown != unknown || state.Fanouts[0].State != "done" {
		t.Errorf("the desk shows %+v", state)
	}
	b, err := rig.SignIn(t.Context(), f.service.URL, "irina", rig.Person)
	if err != nil {
		t.Fatal(err)
	}
	_, page, err := b.Get(t.Context(), "/desk/incidents/1")
	if err != nil || unknown > 0 && !strings.Contains(string(page), "Неизвестно, отправлено ли") {
		t.Errorf("the page does not show what is unknown: %v", err)
	}
	t.Logf("fan-out: %d kills, %d threads, %d calls; sent %d, proven %d, unknown %d, doubled %d, lost %d; %d stand in the networks; a person saw to %d captchas; troubles: %s",
		kills, jobs, f.asked(), sent, proven, unknown, doubled, lost, standing, f.people, fmt.Sprint(f.counted()))
}

func (n *networks) counted() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.troubles)
}
