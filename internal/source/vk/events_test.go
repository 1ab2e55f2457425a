package vk_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// A shelf is what the centre keeps: messages once by their revision, the last state of each,
// and the ids of calls.
type shelf struct {
	mu    sync.Mutex
	texts map[string]string // by native id; a deleted one is not here
	seen  map[string]bool
	calls map[string]bool
	wall  *vk.Wall
	down  bool // answers 503
	got   []message.Message
}

func newShelf(w *vk.Wall) *shelf {
	return &shelf{texts: map[string]string{}, seen: map[string]bool{}, calls: map[string]bool{}, wall: w}
}

func (s *shelf) take(list []message.Message) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range list {
		key := m.Native + m.Revision.Hash + m.Revision.Time.String() + string(m.Event)
		if s.seen[key] {
			continue
		}
		s.seen[key] = true
		n++
		s.got = append(s.got, m)
		if s.texts[m.Native] = m.Text; m.Event == message.Deleted {
			delete(s.texts, m.Native)
		}
	}
	return n
}

// ServeHTTP stands for our address.
func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	got, err := s.wall.Receive(r.Context(), source.Call{Header: r.Header.Get, Query: r.URL.Query(), Body: body})
	var e *source.Error
	switch {
	case s.down, err != nil && (!errors.As(err, &e) || e.Trouble == source.Later):
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case err != nil:
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if got.ID == "" || !s.calls[got.ID] {
		s.calls[got.ID] = true
		s.take(got.Messages)
	}
	_, _ = io.WriteString(w, got.Answer)
}

// poll reads until nothing is left, as intake does.
func (s *shelf) poll(t *testing.T, cursor []byte) []byte {
	t.Helper()
	for range 50 {
		b, err := s.wall.Poll(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		s.take(b.Messages)
		if cursor = b.Cursor; !b.More {
			return cursor
		}
	}
	t.Fatal("it never ends")
	return nil
}

func (s *shelf) want(t *testing.T, when string, texts ...string) {
	t.Helper()
	var got []string
	for _, text := range s.texts {
		got = append(got, text)
	}
	slices.Sort(got)
	slices.Sort(texts)
	if !slices.Equal(got, texts) {
		t.Errorf("%s: %q, want %q", when, got, texts)
	}
}

func TestVKCallsUs(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	s := newShelf(wall)
	ours := httptest.NewServer(s)
	defer ours.Close()
	wall.Events, wall.Hook = vk.Callback, ours.URL
	deliver := func(fails bool) int {
		t.Helper()
		n, err := fake.Deliver(t.Context(), ours.Client())
		if (err != nil) != fails {
			t.Fatalf("%d calls, %v", n, err)
		}
		return n
	}
	anna := fake.Person("Анна Петрова")
	post := fake.Post(0, "Что починить")
	cursor := s.poll(t, nil) // sets the server, and reads what there is
	s.want(t, "at first", "Что починить")
	first, err := fake.Comment(post, 0, anna, "Не горит фонарь")
	if err != nil {
		t.Fatal(err)
	}
	fake.Say(anna, "Куда писать про лифт?")
	if n := deliver(false); n != 2 {
		t.Errorf("%d calls were taken", n)
	}
	s.want(t, "two events", "Что починить", "Не горит фонарь", "Куда писать про лифт?")
	direct := s.got[len(s.got)-1]
	if direct.Form != message.Direct || !direct.Addressed || direct.AuthorName != "Анна Петрова" || direct.Thread == "" || direct.SeenAt.IsZero() {
		t.Errorf("the direct message: %+v", direct)
	}
	if m := s.got[len(s.got)-2]; m.AuthorName != "Анна Петрова" || m.Source != "vk:-1001" || m.Form != message.Comment {
		t.Errorf("the comment: %+v", m)
	}

	// The same calls again, and in the other order.
	second, _ := fake.Comment(post, first, anna, "И у нас")
	if err := fake.Edit(second, "И у нас темно"); err != nil {
		t.Fatal(err)
	}
	fake.Reverse()
	fake.Repeat()
	before := len(s.got)
	deliver(false)
	s.want(t, "reversed", "Что починить", "Не горит фонарь", "Куда писать про лифт?", "И у нас темно")
	if n := len(s.got) - before; n != 1 {
		t.Errorf("%d messages of an edit and its overtaken beginning", n)
	}

	// We are down: the call comes again. VK gives up: the reading finds it.
	s.down = true
	_ = fake.Delete(second)
	deliver(true)
	s.down = false
	deliver(false)
	s.want(t, "a deletion, at the second try", "Что починить", "Не горит фонарь", "Куда писать про лифт?")
	if _, err := fake.Comment(post, 0, anna, "Потерянное"); err != nil {
		t.Fatal(err)
	}
	fake.Lose()
	deliver(false)
	cursor = s.poll(t, cursor)
	s.want(t, "before it is time to read", "Что починить", "Не горит фонарь", "Куда писать про лифт?")
	clock.advance(11 * time.Minute)
	cursor = s.poll(t, cursor)
	s.want(t, "the wall is read", "Что починить", "Не горит фонарь", "Куда писать про лифт?", "Потерянное")

	// Somebody removes the server: it is set again, with another code, and the wall is read.
	fake.RemoveServers()
	if _, err := fake.Comment(post, 0, anna, "Без сервера"); err != nil {
		t.Fatal(err)
	}
	clock.advance(2 * time.Minute)
	s.poll(t, cursor)
	deliver(false)
	s.want(t, "a new server", "Что починить", "Не горит фонарь", "Куда писать про лифт?", "Потерянное", "Без сервера")
}

func TestCallsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	_, wall, _ := open(t, vkfake.Options{})
	for _, c := range []struct {
		name, body string
		trouble    source.Trouble
	}{
		{"no JSON", "<html>", source.Permanent},
		{"no event", "{}", source.Permanent},
		{"no secret", `{"type":"wall_reply_new","group_id":1001,"object":{"id":1}}`, source.Person},
		{"a wrong secret", `{"type":"wall_reply_new","group_id":1001,"secret":"x","object":{"id":1}}`, source.Person},
		{"a confirmation with a wrong secret", `{"type":"confirmation","group_id":1001,"secret":"x"}`, source.Person},
		{"another community", `{"type":"wall_reply_new","group_id":7,"secret":"` + wall.Secret() + `","object":{"id":1}}`, source.Permanent},
	} {
		_, err := wall.Receive(t.Context(), source.Call{Header: http.Header{}.Get, Body: []byte(c.body)})
		var e *source.Error
		if !errors.As(err, &e) || e.Trouble != c.trouble || strings.Contains(err.Error(), wall.Secret()) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	got, err := wall.Receive(t.Context(), source.Call{Header: http.Header{}.Get, Body: []byte(`{"type":"group_join","group_id":1001,"secret":"` + wall.Secret() + `","event_id":"e","object":{"user_id":1}}`)})
	if err != nil || got.Answer != "ok" || len(got.Messages) != 0 {
		t.Errorf("an event of another kind: %+v, %v", got, err)
	}
	if n := len(wall.Secret()); n == 0 || n > 50 {
		t.Errorf("a secret of %d characters", n)
	}
}

func TestLongPoll(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	wall.Events = vk.LongPoll
	s := newShelf(wall)
	anna := fake.Person("Анна Петрова")
	post := fake.Post(0, "Что починить")
	cursor := s.poll(t, nil)
	want := []string{"Что починить"}
	say := func(text string) {
		t.Helper()
		if _, err := fake.Comment(post, 0, anna, text); err != nil {
			t.Fatal(err)
		}
		want = append(want, text)
	}
	say("Не горит фонарь")
	calls := fake.Called("wall.get")
	cursor = s.poll(t, cursor)
	s.want(t, "an event", want...)
	if fake.Called("wall.get") != calls {
		t.Error("the wall was read for an event")
	}
	old, then := cursor, maps.Clone(s.texts)
	for _, c := range []struct {
		name string
		do   func()
		read bool // the wall is read for what may be lost
	}{
		{"the key runs out", fake.Expire, false},
		{"the history is lost in part", fake.Forget, true},
		{"all is lost", fake.Restart, true},
		{"the server knows nobody", func() { fake.Expire(); fake.Expire() }, false},
	} {
		say(c.name)
		c.do()
		calls := fake.Called("wall.get")
		cursor = s.poll(t, cursor)
		s.want(t, c.name, want...)
		if (fake.Called("wall.get") > calls) != c.read {
			t.Errorf("%s: the wall was read: %t", c.name, !c.read)
		}
	}
	// A process that was killed goes on from an older cursor, with nothing in mind.
	s = newShelf(&vk.Wall{
		Group: 1001, ServiceToken: serviceToken, CommunityToken: communityToken, BaseURL: wall.BaseURL, PageURL: wall.PageURL,
		HTTP: wall.HTTP, Limits: wall.Limits, Now: wall.Now, Events: vk.LongPoll,
	})
	s.texts = then
	s.poll(t, old)
	s.want(t, "resumed", want...)
}

// TestLongPollReturnsAtOnce when something comes.
func TestLongPollReturnsAtOnce(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{})
	wall.Events = vk.LongPoll
	s := newShelf(wall)
	cursor := s.poll(t, nil)
	wall.Wait = time.Minute
	go func() {
		for fake.Called("a_check") < 2 {
			time.Sleep(time.Millisecond)
		}
		fake.Say(fake.Person("Анна"), "Когда включат воду?")
	}()
	from := time.Now()
	b, err := wall.Poll(t.Context(), cursor)
	if err != nil || len(b.Messages) != 1 || b.Messages[0].Form != message.Direct || time.Since(from) > 30*time.Second {
		t.Errorf("%d messages after %v, %v", len(b.Messages), time.Since(from), err)
	}
}

func TestSettingsOfEvents(t *testing.T) {
	t.Parallel()
	reads, answers := source.Key{Secret: "r"}, source.Key{Secret: "a"}
	for _, c := range []struct {
		name, settings string
		answers        source.Key
		good           bool
	}{
		{"none", `{"group":1}`, answers, true},
		{"long poll", `{"group":1,"events":"longpoll"}`, answers, true},
		{"callback", `{"group":1,"events":"callback","hook":"https://centre.example/hooks/sources/3"}`, answers, true},
		{"callback without an address", `{"group":1,"events":"callback"}`, answers, false},
		{"callback without https", `{"group":1,"events":"callback","hook":"http://centre.example/"}`, answers, false},
		{"without the community's token", `{"group":1,"events":"longpoll"}`, source.Key{}, false},
		{"another word", `{"group":1,"events":"push"}`, answers, false},
	} {
		con, err := vk.Open(source.Source{ID: "vk:-1", Settings: json.RawMessage(c.settings)}, reads, c.answers, vk.Options{})
		if (err == nil) != c.good || (con.Receiver != nil) != (c.good && strings.Contains(c.settings, "callback")) {
			t.Errorf("%s: %v, receiver %t", c.name, err, con.Receiver != nil)
		}
	}
}
