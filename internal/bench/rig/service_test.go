package rig_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/lifecycle"
	"otklik/internal/source/vk/vkfake"
)

const khakassia = "95000000"

func published(t testing.TB, c *rig.Centre, id int64) bool {
	t.Helper()
	yes, err := rig.Published(t.Context(), c.Store(), id)
	if err != nil {
		t.Fatal(err)
	}
	return yes
}

func serve(t testing.TB, c *rig.Centre) *rig.Service {
	t.Helper()
	s, err := c.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// await asks again and again until the answer is yes, a minute at most.
func await(t testing.TB, what string, ask func() bool) {
	t.Helper()
	limit, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ask() {
		select {
		case <-limit.Done():
			t.Fatalf("a minute was not enough: %s", what)
		case <-tick.C:
		}
	}
}

// A sender pushes calls of its own, one after the other, as a good sender does:
// it sends a call that was not answered again, under the same id.
type sender struct {
	name  string
	rnd   *rand.Rand
	texts []rig.Text
	calls int
	open  []rig.Pushed // the call under way
	acked []string     // ids of messages whose call was answered
	first chan struct{}
}

// push pushes until the service is gone.
func (s *sender) push(t *testing.T, base string) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for {
		if len(s.open) == 0 {
			s.calls++
			for k := range 1 + s.rnd.IntN(5) {
				m := s.texts[s.rnd.IntN(len(s.texts))]
				s.open = append(s.open, rig.Pushed{ID: fmt.Sprintf("%s-%d-%d", s.name, s.calls, k), Text: m.Text, PublishedAt: m.PublishedAt})
			}
		}
		accepted, duplicate, err := rig.Push(t.Context(), client, base, fmt.Sprintf("%s-%d", s.name, s.calls), s.open)
		if err != nil {
			return
		}
		if accepted+duplicate != len(s.open) {
			t.Errorf("%d messages were pushed, the answer knows %d + %d", len(s.open), accepted, duplicate)
		}
		for _, m := range s.open {
			s.acked = append(s.acked, m.ID)
		}
		s.open = nil
		select {
		case s.first <- struct{}{}:
		default:
		}
	}
}

// TestWhatAPushWasAnsweredForIsThereOnce kills the service with SIGKILL while
// four systems push into it. Every message whose call was answered is in the
// store after the last start, exactly once.
func TestWhatAPushWasAnsweredForIsThereOnce(t *testing.T) {
	t.Parallel()
	kills, _ := soak(5)
	if testing.Short() {
		kills = 2
	}
	number := seed(t)
	rnd := rand.New(rand.NewPCG(number, 2))
	c := newCentre(t, khakassia, func(conf *config.Config) { conf.Hooks = []config.Hook{rig.Hook} })
	acks := make(chan struct{}, 1)
	senders := make([]*sender, 4)
	for k := range senders {
		senders[k] = &sender{name: fmt.Sprintf("s%d", k), rnd: rand.New(rand.NewPCG(number, uint64(10+k))), texts: rig.Texts(3, 500), first: acks}
	}
	for range kills {
		s := serve(t, c)
		select {
		case <-acks: // of the life before
		default:
		}
		var wg sync.WaitGroup
		for _, from := range senders {
			wg.Go(func() { from.push(t, s.URL) })
		}
		select {
		case <-acks:
		case <-time.After(time.Minute):
			t.Fatal("no call was answered in a minute")
		}
		<-time.After(time.Duration(rnd.Int64N(int64(400 * time.Millisecond)))) // the random moment
		s.Kill()
		wg.Wait()
	}
	s := serve(t, c)
	for _, from := range senders { // what was not answered is sent again
		if len(from.open) == 0 {
			continue
		}
		if _, _, err := rig.Push(t.Context(), http.DefaultClient, s.URL, fmt.Sprintf("%s-%d", from.name, from.calls), from.open); err != nil {
			t.Fatal(err)
		}
		for _, m := range from.open {
			from.acked = append(from.acked, m.ID)
		}
	}
	await(t, "the inbox is drained", func() bool { return census(t, c).Inbox == 0 })
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	got := census(t, c) // which fails when a message is there twice or in two histories
	total := 0
	for _, from := range senders {
		for _, id := range from.acked {
			total++
			if is, ok := got.Messages["hook:test "+id]; !ok || !strings.HasPrefix(is, "1 ") {
				t.Errorf("message %s was acknowledged; the store holds %q", id, is)
			}
		}
	}
	if len(got.Messages) != total {
		t.Errorf("the store holds %d messages, %d were acknowledged", len(got.Messages), total)
	}
	if got.Aside != 0 {
		t.Errorf("%d messages were set aside", got.Aside)
	}
	t.Logf("%d kills, %d messages acknowledged, %d incidents", kills, total, len(got.Incidents))
}

// A tripwire stands before a fake VK and holds the calls of wall.createComment.
type tripwire struct {
	*vkfake.Fake
	mu     sync.Mutex
	after  bool // hold the call after the wall has it, not before
	armed  bool
	caught chan struct{}
}

func (w *tripwire) arm(after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.after, w.caught = true, after, make(chan struct{})
}

func (w *tripwire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	hold := w.armed && strings.HasSuffix(r.URL.Path, "wall.createComment")
	after, caught := w.after, w.caught
	if hold {
		w.armed = false
	}
	w.mu.Unlock()
	if !hold {
		w.Fake.ServeHTTP(out, r)
		return
	}
	body, err := io.ReadAll(r.Body) // the server hears of a lost caller only after the body
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if after {
		w.Fake.ServeHTTP(httptest.NewRecorder(), r)
	}
	close(caught)
	<-r.Context().Done() // the answer never leaves: the caller is killed
}

// TestAKilledPublicationStandsOnce kills the service between the publication of
// a reply and its receipt, and just before the publication. After the next start
// the reply stands under the comment, once, also where the network forgets which
// calls it has seen.
func TestAKilledPublicationStandsOnce(t *testing.T) {
	t.Parallel()
	rounds, long := soak(4)
	if long {
		rounds = min(rounds, 20)
	}
	if testing.Short() {
		rounds = 2
	}
	fake, err := vkfake.New(vkfake.Options{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Guid: vkfake.GuidForgets})
	if err != nil {
		t.Fatal(err)
	}
	wall := &tripwire{Fake: fake}
	vk := httptest.NewServer(wall)
	defer vk.Close()
	c := newCentre(t, khakassia, func(conf *config.Config) {
		conf.VK = []config.VK{{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Territory: "95701000",
			Every: config.Duration(200 * time.Millisecond), URL: vk.URL + "/method/", Page: vk.URL + "/", Settle: config.Duration(200 * time.Millisecond)}}
	})
	if err := c.Hire(t.Context(), "irina", lifecycle.Operator); err != nil {
		t.Fatal(err)
	}
	who := fake.Person("Анна Петрова")
	s := serve(t, c)
	for k := range rounds {
		post := fake.Post(fake.Owner(), fmt.Sprintf("Новости дня, выпуск %d", k+1))
		text := fmt.Sprintf("По улице Пушкина, дом %d, в Абакане прорвало трубу, вода заливает двор", k+1)
		if _, err := fake.Comment(post, 0, who, text); err != nil {
			t.Fatal(err)
		}
		id := int64(k + 1)
		b, err := rig.SignIn(t.Context(), s.URL, "irina", rig.Person)
		if err != nil {
			t.Fatal(err)
		}
		page := fmt.Sprintf("/desk/incidents/%d", id)
		await(t, "the comment is an incident", func() bool {
			status, _, err := b.Get(t.Context(), page)
			return err == nil && status == http.StatusOK
		})
		after := k%2 == 0
		wall.arm(after)
		answer := fmt.Sprintf("Аварийная бригада уже на месте, заявка %d", k+1)
		status, body, err := b.Post(t.Context(), page+"/answer", url.Values{"text": {answer}, "override_reason": {"все заявки об одной аварии"}})
		if err != nil || status != http.StatusSeeOther && status != http.StatusOK {
			t.Fatalf("answer: %d %v\n%.2000s", status, err, body)
		}
		select {
		case <-wall.caught:
		case <-time.After(time.Minute):
			t.Fatalf("the reply was not sent in a minute\n%s", s.Log())
		}
		s.Kill()
		if n := len(fake.Wrote(post)); after && n != 1 || !after && n != 0 {
			t.Fatalf("when the service was killed %d replies stood there", n)
		}
		s = serve(t, c)
		await(t, "the publication has its receipt", func() bool { return published(t, c, id) })
		if got := fake.Wrote(post); len(got) != 1 || got[0] != answer {
			t.Errorf("round %d: under the post stands %q", k+1, got)
		}
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	got := census(t, c)
	if len(got.Incidents) != rounds {
		t.Errorf("%d comments became %d incidents", rounds, len(got.Incidents))
	}
}

// TestADeadHostKeepsNobodyWaiting connects two walls, one of which nobody
// answers for. The other is read, and the page of sources says in words what is
// wrong with the dead one.
func TestADeadHostKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	fake, err := vkfake.New(vkfake.Options{Group: 1001, Name: "Наш Абакан", ServiceToken: "service"})
	if err != nil {
		t.Fatal(err)
	}
	vk := httptest.NewServer(fake)
	defer vk.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close() // its port answers nobody now
	c := newCentre(t, khakassia, func(conf *config.Config) {
		for k, url := range []string{gone.URL, vk.URL} {
			conf.VK = append(conf.VK, config.VK{Group: int64(1000 + k), Name: fmt.Sprintf("Стена %d", k), ServiceToken: "service",
				Every: config.Duration(200 * time.Millisecond), URL: url + "/method/", Page: url + "/"})
		}
	})
	if err := c.Hire(t.Context(), "irina", lifecycle.Curator); err != nil {
		t.Fatal(err)
	}
	post := fake.Post(fake.Owner(), "Новости дня")
	if _, err := fake.Comment(post, 0, fake.Person("Анна Петрова"), "На улице Пушкина, дом 4, в Абакане прорвало трубу, вода заливает двор"); err != nil {
		t.Fatal(err)
	}
	s := serve(t, c)
	b, err := rig.SignIn(t.Context(), s.URL, "irina", rig.Person)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the living wall is read", func() bool {
		status, _, err := b.Get(t.Context(), "/desk/incidents/1")
		return err == nil && status == http.StatusOK
	})
	var page []byte
	await(t, "the page of sources tells of the dead wall", func() bool {
		status, p, err := b.Get(t.Context(), "/desk/sources")
		page = p
		return err == nil && status == http.StatusOK && strings.Contains(string(p), "Стена 0") && strings.Contains(string(p), "не отвечает")
	})
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{"service_token", "access_token=service"} {
		if strings.Contains(string(page)+s.Log(), secret) {
			t.Errorf("page or log show a token: %s", secret)
		}
	}
	if !strings.Contains(s.Log(), "source cannot be read") {
		t.Errorf("the log tells nothing of the dead wall:\n%s", s.Log())
	}
}
