package app_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source/telegram/telegramfake"
)

const hole = "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили"

// states returns how far the replies of the first incident of the queue have come.
func (n *networks) states(t *testing.T) (out []reply.State) {
	t.Helper()
	list, err := n.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(n.queue(t)[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	for k := range list {
		out = append(out, list[k].State)
	}
	return out
}

// A thread or a chat that does not let us answer is told on the page of sources within a
// minute, with what to do; the reply stays in the outbox and leaves once a person has opened
// it, while other sources and other threads go on.
func TestAClosedPlaceIsToldAndItsReplyWaits(t *testing.T) {
	t.Parallel()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		complain func(t *testing.T, n *networks) (shut func(closed bool), wrote func() []string)
		source   string // beginning of the id that the page speaks of
		says     string
		thread   bool // it concerns one thread: the reply leaves without a word of anybody
	}{
		"VK: comments of the post are closed": {func(t *testing.T, n *networks) (func(bool), func() []string) {
			post := n.vk.PostAt(0, "Доброе утро, соседи", n.now().Add(-time.Hour))
			_, err := n.vk.CommentAt(post, 0, n.vk.Person("Анна Петрова"), hole, n.now().Add(-time.Minute))
			must(t, err)
			return func(closed bool) { must(t, n.vk.CloseComments(post, closed)) }, func() []string { return n.vk.Wrote(post) }
		}, "vk:-1001", "закрыты: откройте", true},
		"MAX: comments of the post are off": {func(t *testing.T, n *networks) (func(bool), func() []string) {
			post := n.max.Post(n.channel, 0, "Доброе утро, соседи")
			n.minute(t)
			_, err := n.max.Comment(post, "", n.max.Person("Анна Петрова"), hole)
			must(t, err)
			return func(closed bool) { must(t, n.max.CloseComments(post, closed)) }, func() []string { return n.max.Wrote(post) }
		}, "max:", "выключены: включите", true},
		"OK: the topic takes no comments": {func(t *testing.T, n *networks) (func(bool), func() []string) {
			topic := n.ok.Topic(0, "Доброе утро, соседи")
			_, err := n.ok.Comment(topic, "", n.ok.Person("Анна Петрова"), hole)
			must(t, err)
			return func(closed bool) { must(t, n.ok.Close(topic, closed)) }, func() []string { return n.ok.Wrote(topic) }
		}, "ok:5300", "откройте её обсуждение", true},
		"Telegram: the bot is thrown out of the chat": {func(t *testing.T, n *networks) (func(bool), func() []string) {
			_, copied := n.tg.Post("Доброе утро, соседи")
			n.minute(t)
			_, err := n.tg.Comment(copied, n.tg.Person("Анна Петрова"), hole)
			must(t, err)
			return func(closed bool) { n.tg.Take(telegramfake.GroupID, !closed) }, func() []string { return n.tg.Wrote(telegramfake.GroupID) }
		}, "telegram:-", "верните", false},
		"Telegram: the bot may not write": {func(t *testing.T, n *networks) (func(bool), func() []string) {
			_, copied := n.tg.Post("Доброе утро, соседи")
			n.minute(t)
			_, err := n.tg.Comment(copied, n.tg.Person("Анна Петрова"), hole)
			must(t, err)
			return func(closed bool) { n.tg.Mute(telegramfake.GroupID, closed) }, func() []string { return n.tg.Wrote(telegramfake.GroupID) }
		}, "telegram:-", "разрешите", false},
		"MAX: the bot is thrown out of the channel": {func(t *testing.T, n *networks) (func(bool), func() []string) {
			post := n.max.Post(n.channel, 0, "Доброе утро, соседи")
			n.minute(t)
			_, err := n.max.Comment(post, "", n.max.Person("Анна Петрова"), hole)
			must(t, err)
			return func(closed bool) { n.max.Admit(n.channel, !closed) }, func() []string { return n.max.Wrote(post) }
		}, "max:", "администратор", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetworks(t)
			n.minute(t)
			shut, wrote := c.complain(t, n)
			n.minute(t)
			n.minute(t)
			if said := n.said(t); len(said) != 0 {
				t.Fatalf("before anything happened: %v", said)
			}
			row := n.queue(t)[0]
			_, err := n.Desk.Do(t.Context(), n.operator(), row.ID, row.Version, desk.Answer{Text: "Яму засыплют до 25 ноября."})
			must(t, err)
			shut(true)
			n.minute(t)
			said, told := n.said(t), ""
			for id, sentence := range said {
				if strings.HasPrefix(id, c.source) {
					told = id
				}
				if !strings.HasPrefix(id, c.source) || !strings.Contains(sentence, c.says) {
					t.Errorf("the page says of %s: %q", id, sentence)
				}
			}
			if told == "" {
				t.Fatalf("the page says %v", said)
			}
			for range 3 {
				n.minute(t)
				if got := n.states(t); len(got) != 1 || got[0] != reply.Approved || len(wrote()) != 0 {
					t.Fatalf("while it is closed the reply is %v, %q stand", got, wrote())
				}
			}
			// What somebody writes elsewhere meanwhile comes in and is answered.
			elsewhere := n.vk.PostAt(0, "Вторая запись", n.now().Add(-time.Minute))
			_, err = n.vk.CommentAt(elsewhere, 0, n.vk.Person("Пётр"), "На улице Щетинкина в Абакане третий день не вывозят мусор, баки переполнены", n.now())
			must(t, err)
			n.minute(t)
			for _, r := range n.queue(t) {
				if r.ID != row.ID {
					_, err := n.Desk.Do(t.Context(), n.operator(), r.ID, r.Version, desk.Answer{Text: "Баки вывезут сегодня."})
					must(t, err)
				}
			}
			n.minute(t)
			if got := n.vk.Wrote(elsewhere); len(got) != 1 {
				t.Errorf("elsewhere %q stand, want one answer", got)
			}
			shut(false)
			if !c.thread {
				must(t, n.Desk.ResumeOutlet(t.Context(), n.operator(), told))
			}
			for range 3 { // a thread that was closed for minutes is tried again within minutes
				n.minute(t)
			}
			if got := wrote(); len(got) != 1 || !strings.Contains(got[0], "25 ноября") {
				t.Errorf("after it was opened %q stand", got)
			}
			if said := n.said(t); len(said) != 0 {
				t.Errorf("after it was opened the page says %v", said)
			}
		})
	}
}
