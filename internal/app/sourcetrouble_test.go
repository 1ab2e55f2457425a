package app_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/max/maxfake"
	"otklik/internal/source/ok"
	"otklik/internal/source/ok/okfake"
	"otklik/internal/source/telegram"
	"otklik/internal/source/telegram/telegramfake"
	"otklik/internal/source/vk/vkfake"
)

// networks are the centre's wall of VK, a group of OK and bots of Telegram and MAX.
type networks struct {
	*centre
	ok  *okfake.Fake
	tg  *telegramfake.Fake
	max *maxfake.Fake

	channel int64 // of MAX
}

func newNetworks(t *testing.T) *networks {
	t.Helper()
	n := &networks{centre: newCentre(t)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	n.ok, err = okfake.New(okfake.Options{Group: "5300", Name: "Двор", AppKey: "C", Token: "t", Secret: "s", Now: n.now})
	must(err)
	n.tg, err = telegramfake.New(telegramfake.Options{Token: "4001:AAE", Name: "otklik_bot", Channel: "Двор", Now: n.now})
	must(err)
	n.max, err = maxfake.New(maxfake.Options{Token: "max-token", Bot: 229, Name: "Отклик", Username: "otklik_bot", Now: n.now})
	must(err)
	n.channel = n.max.Channel("Двор")
	okAt, tgAt, maxAt := httptest.NewServer(n.ok), httptest.NewServer(n.tg), httptest.NewServer(n.max)
	t.Cleanup(okAt.Close)
	t.Cleanup(tgAt.Close)
	t.Cleanup(maxAt.Close)
	admin := account.Actor{ID: n.account(lifecycle.Admin), Role: lifecycle.Admin, Scope: scope.All()}
	for _, in := range []struct {
		id       string
		kind     source.Kind
		channel  message.Channel
		secret   string
		settings map[string]any
	}{
		{ok.SourceID("5300"), source.OK, message.OK, "C t s", map[string]any{"url": okAt.URL + "/fb.do", "publish": true}},
		{telegram.SourceID(4001), source.Telegram, message.Telegram, "4001:AAE", map[string]any{"api": tgAt.URL}},
		{"max:@otklik_bot", source.Max, message.Max, "max-token", map[string]any{"url": maxAt.URL + "/api", "long_poll": true, "chats": []int64{n.channel}}},
	} {
		settings, err := json.Marshal(in.settings)
		must(err)
		must(n.Roster.SaveKey(t.Context(), admin, &source.Key{Name: in.id, Kind: in.kind, Secret: in.secret}))
		must(n.Roster.Save(t.Context(), admin, &source.Source{ID: in.id, Kind: in.kind, Channel: in.channel, Name: in.id, Territory: "95701000", Settings: settings, Key: in.id}))
	}
	return n
}

// minute lets one minute of the product pass: each source is asked once, and what is due goes out.
func (n *networks) minute(t *testing.T) {
	t.Helper()
	n.clock.Add(60)
	n.tg.Post("Новости двора") // a bot that is told of something does not wait
	n.max.Post(n.channel, 0, "Новости двора")
	for _, con := range n.Connections() {
		if con.Puller != nil {
			_, _ = n.Intake.PollOnce(t.Context(), con) // what a network refuses stands in its state
		}
	}
	if _, err := n.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// said returns what the page says of each source that fails.
func (n *networks) said(t *testing.T) map[string]string {
	t.Helper()
	list, err := n.DB.Reader().Intake().Sources(t.Context(), scope.All())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, s := range list {
		if s.Error != "" {
			out[s.ID] = s.Error
		}
	}
	resting, err := desk.Resting(t.Context(), n.DB.Reader(), scope.All(), n.now())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range resting {
		id, _ := o.Of()
		out[id] += o.Sentence
	}
	return out
}

// A trouble of one network stands on the page of sources, in words, within a minute; other
// sources go on, and a reply that waits stays in the outbox until it can go.
func TestATroubleIsToldWithinAMinute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil  func(n *networks)
		source string // that the page speaks of
		says   string
		waits  bool // the reply
	}{
		"VK: the reading key is revoked":   {func(n *networks) { n.vk.Fail("wall.get", vkfake.Refuse, 5) }, "vk:-1001", "токен", false},
		"VK: the answering key is revoked": {func(n *networks) { n.vk.Fail("wall.createComment", vkfake.Refuse, 5) }, "vk:-1001", "токен", true},
		"VK: a captcha":                    {func(n *networks) { n.vk.Fail("wall.createComment", vkfake.Refuse, 14) }, "vk:-1001", "картинк", true},
		"OK: the session has ended":        {func(n *networks) { n.ok.Fail("", okfake.Trouble{Kind: okfake.Refuse, Code: 102}) }, "ok:5300", "ключ", false},
		"Telegram: the token is revoked":   {func(n *networks) { n.tg.Fail("", telegramfake.Refuse, 401) }, "telegram:4001", "токен", false},
		"MAX: the token is revoked": {func(n *networks) {
			n.max.Fail("", maxfake.Trouble{Kind: maxfake.Refuse, Code: 401, Word: "verify.token"})
		}, "max:@otklik_bot", "токен", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetworks(t)
			post := n.vk.PostAt(0, "Доброе утро, соседи", n.now().Add(-time.Hour))
			if _, err := n.vk.CommentAt(post, 0, n.vk.Person("Анна Петрова"), "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили", n.now().Add(-time.Minute)); err != nil {
				t.Fatal(err)
			}
			n.minute(t)
			if said := n.said(t); len(said) != 0 {
				t.Fatalf("before anything happened: %v", said)
			}
			row := n.queue(t)[0]
			if _, err := n.Desk.Do(t.Context(), n.operator(), row.ID, row.Version, desk.Answer{Text: "Яму засыплют до 25 ноября."}); err != nil {
				t.Fatal(err)
			}
			c.spoil(n)
			n.minute(t)
			said := n.said(t)
			if len(said) != 1 || !strings.Contains(strings.ToLower(said[c.source]), c.says) {
				t.Errorf("the page says %v", said)
			}
			published := func() bool {
				list, err := n.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(row.ID))
				if err != nil || len(list) != 1 {
					t.Fatalf("%d replies, %v", len(list), err)
				}
				return list[0].State == reply.Published
			}
			if published() == c.waits {
				t.Errorf("the reply is published: %v", published())
			}
			if !c.waits {
				return
			}
			n.minute(t)
			if published() {
				t.Error("the reply left before anybody saw to it")
			}
			if err := n.Desk.ResumeOutlet(t.Context(), n.operator(), c.source); err != nil {
				t.Fatal(err)
			}
			n.minute(t)
			if said := n.said(t); !published() || len(said) != 0 {
				t.Errorf("after a person saw to it: published %v, the page says %v", published(), said)
			}
		})
	}
}
