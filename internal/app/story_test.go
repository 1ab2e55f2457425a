package app_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source/vk/vkfake"
)

const khakassia = "95000000"

// A centre is a whole product on a fake VK, with nothing running: the test
// takes each step itself.
type centre struct {
	*app.App
	vk    *vkfake.Fake
	clock atomic.Int64 // Unix seconds; the fake network reads it from its own goroutines
}

func (c *centre) now() time.Time { return time.Unix(c.clock.Load(), 0).UTC() }

func newCentre(t *testing.T) *centre {
	t.Helper()
	c := &centre{}
	c.clock.Store(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC).Unix())
	var err error
	if c.vk, err = vkfake.New(vkfake.Options{Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community", Now: c.now}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(c.vk)
	t.Cleanup(srv.Close)
	c.App, err = app.Open(t.Context(), app.Options{
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: c.now, Demo: &app.Demo{},
		Config: config.Config{Region: khakassia, Title: "ЦУР", Store: "otklik.db", VK: []config.VK{{
			Group: 1001, Name: "Наш Абакан", ServiceToken: "service", CommunityToken: "community",
			Territory: "95701000", URL: srv.URL + "/method/", Page: srv.URL + "/",
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

func (c *centre) operator() account.Actor {
	return account.Actor{ID: c.account(lifecycle.Operator), Name: "Ирина", Role: lifecycle.Operator, Scope: scope.OfRegion(khakassia)}
}

func (c *centre) account(role lifecycle.Role) account.ID {
	a := &account.Account{Login: string(role), Name: "Ирина", Role: role, Hash: "x", Place: scope.Place{Region: khakassia}}
	ctx := context.Background()
	err := c.DB.Change(ctx, incident.People, func(tx incident.Tx) error {
		if was, err := tx.Accounts().ByLogin(ctx, a.Login); err == nil {
			*a = *was
			return nil
		}
		return tx.Accounts().SaveAccount(ctx, a)
	})
	if err != nil {
		panic(err)
	}
	return a.ID
}

func (c *centre) poll(t *testing.T) {
	t.Helper()
	for _, con := range c.Connections() {
		for more := true; more; {
			var err error
			if more, err = c.Intake.PollOnce(t.Context(), con); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (c *centre) queue(t *testing.T) []incident.Row {
	t.Helper()
	page, err := c.DB.Reader().Incidents().Queue(t.Context(), scope.OfRegion(khakassia), incident.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Rows
}

// TestOneCommentFromTheWallToItsReply is the main job, end to end: a comment is
// polled, read, becomes an incident; a typed reply goes through the outbox and
// stands under the comment.
func TestOneCommentFromTheWallToItsReply(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	post := c.vk.PostAt(0, "Доброе утро, соседи", c.now().Add(-time.Hour))
	who := c.vk.Person("Анна Петрова")
	comment, err := c.vk.CommentAt(post, 0, who, "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили", c.now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	rows := c.queue(t)
	if len(rows) != 1 {
		t.Fatalf("queue has %d incidents, want 1", len(rows))
	}
	row := rows[0]
	if row.State != lifecycle.New || row.Group == "" || row.Address.Settlement != "Абаза" || row.Number == "" {
		t.Errorf("incident = %+v", row)
	}

	c.poll(t) // the network says the same again
	if n := len(c.queue(t)); n != 1 {
		t.Fatalf("after a second poll the queue has %d incidents", n)
	}

	i, err := c.Desk.Do(t.Context(), c.operator(), row.ID, row.Version, desk.Answer{Text: "Яму засыплют до 25 ноября."})
	if err != nil {
		t.Fatal(err)
	}
	if i.State != lifecycle.Approval {
		t.Errorf("state after the answer = %s", i.State)
	}
	if _, err := c.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.vk.Wrote(post); len(got) != 1 || got[0] != "Яму засыплют до 25 ноября." {
		t.Errorf("under the post stands %q", got)
	}
	_ = comment
	i, err = c.DB.Reader().Incidents().Incident(t.Context(), scope.All(), row.ID)
	if err != nil || i.State != lifecycle.Answered || i.AnsweredAt.IsZero() {
		t.Errorf("incident after the publication = %+v, %v", i, err)
	}
	replies, err := c.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(row.ID))
	if err != nil || len(replies) != 1 || replies[0].State != reply.Published || replies[0].URL == "" {
		t.Errorf("replies = %+v, %v", replies, err)
	}
	c.poll(t) // our own reply comes back from the wall
	if n := len(c.queue(t)); n != 1 {
		t.Errorf("our own reply opened an incident: the queue has %d", n)
	}
}

// TestAnInterruptedPublicationIsReadBack: the network wrote the reply, but its
// answer was lost. The reply stands there once, not twice.
func TestAnInterruptedPublicationIsReadBack(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	post := c.vk.PostAt(0, "Новости", c.now().Add(-time.Hour))
	if _, err := c.vk.CommentAt(post, 0, c.vk.Person("Олег"), "Когда уберут мусор во дворе Мира 12? Баки переполнены", c.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	row := c.queue(t)[0]
	if _, err := c.Desk.Do(t.Context(), c.operator(), row.ID, row.Version, desk.Answer{Text: "Вывезем сегодня."}); err != nil {
		t.Fatal(err)
	}
	c.vk.Fail("wall.createComment", vkfake.Lost, 0)
	if _, err := c.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if i, _ := c.DB.Reader().Incidents().Incident(t.Context(), scope.All(), row.ID); i.State != lifecycle.Approval {
		t.Errorf("state while the end is not known = %s", i.State)
	}
	c.clock.Add(3600)
	if _, err := c.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.vk.Wrote(post); len(got) != 1 {
		t.Errorf("the reply stands %d times", len(got))
	}
	if i, _ := c.DB.Reader().Incidents().Incident(t.Context(), scope.All(), row.ID); i.State != lifecycle.Answered {
		t.Errorf("state after the read-back = %s", i.State)
	}
}

// TestAReplyThatMayStandIsReadBackAtItsReapproval: the network wrote the reply, its
// answer was lost, and the thread could not be read for a day. The desk is told
// that the reply may stand; approved again, mended or not, it is not written twice.
func TestAReplyThatMayStandIsReadBackAtItsReapproval(t *testing.T) {
	t.Parallel()
	for name, wrote := range map[string]bool{"it stands": true, "it does not": false} {
		for _, again := range []string{"", "Вывезем завтра."} {
			t.Run(name+", approved again with "+again, func(t *testing.T) {
				t.Parallel()
				c := newCentre(t)
				post := c.vk.PostAt(0, "Новости", c.now().Add(-time.Hour))
				if _, err := c.vk.CommentAt(post, 0, c.vk.Person("Олег"), "Когда уберут мусор во дворе Мира 12? Баки переполнены", c.now().Add(-time.Minute)); err != nil {
					t.Fatal(err)
				}
				c.poll(t)
				row := c.queue(t)[0]
				if _, err := c.Desk.Do(t.Context(), c.operator(), row.ID, row.Version, desk.Answer{Text: "Вывезем сегодня."}); err != nil {
					t.Fatal(err)
				}
				c.vk.Fail("wall.createComment", map[bool]vkfake.Trouble{true: vkfake.Lost, false: vkfake.Garbage}[wrote], 0)
				for try := range 24 {
					if try > 0 {
						c.vk.Fail("wall.getComments", vkfake.Garbage, 0)
					}
					if _, err := c.Outbox.Step(t.Context()); err != nil {
						t.Fatal(err)
					}
					c.clock.Add(7200)
				}
				i, replies := c.answered(t, row.ID)
				r := replies[0]
				if i.State != lifecycle.Rework || r.State != reply.Failed || !strings.Contains(r.Reason, "Возможно, ответ уже стоит под сообщением") || strings.Contains(r.Reason, "не опубликован.") {
					t.Fatalf("after a day: %s, %+v", i.State, r)
				}
				if history, err := c.DB.Reader().Incidents().History(t.Context(), scope.All(), row.ID); err != nil || history[len(history)-1].Detail.Reason != r.Reason {
					t.Errorf("history = %+v, %v", history, err)
				}
				if _, err := c.Desk.Do(t.Context(), c.operator(), row.ID, i.Version, desk.Approve{Reply: r.ID, Text: again}); err != nil {
					t.Fatal(err)
				}
				if _, err := c.Outbox.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
				want := "Вывезем сегодня."
				if !wrote && again != "" {
					want = again
				}
				i, replies = c.answered(t, row.ID)
				if got := c.vk.Wrote(post); len(got) != 1 || got[0] != want {
					t.Errorf("under the post stands %q, want %q once", got, want)
				}
				if r := replies[0]; i.State != lifecycle.Answered || r.State != reply.Published || r.Text != want || r.URL == "" {
					t.Errorf("%s, %+v", i.State, r)
				}
				if said := strings.Contains(replies[0].Reason, "прежний текст"); said != (wrote && again != "") {
					t.Errorf("said of the mended words: %q", replies[0].Reason)
				}
			})
		}
	}
}

// answered returns the incident and its replies.
func (c *centre) answered(t *testing.T, id incident.ID) (*incident.Incident, []reply.Reply) {
	t.Helper()
	i, err := c.DB.Reader().Incidents().Incident(t.Context(), scope.All(), id)
	if err != nil {
		t.Fatal(err)
	}
	replies, err := c.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(id))
	if err != nil || len(replies) == 0 {
		t.Fatalf("replies = %+v, %v", replies, err)
	}
	return i, replies
}

func TestAPhoneCardGetsItsNumberAtOnce(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	i, err := c.Desk.File(t.Context(), c.operator(), desk.Card{Text: "Во дворе открыт люк, дети играют рядом", Address: "Абакан, Чертыгашева 33", Caller: "Мария", Phone: "+7 900 000-00-00"})
	if err != nil {
		t.Fatal(err)
	}
	if digits, err := incident.ParseNumber(i.Number); err != nil || digits != i.Number {
		t.Errorf("number = %q, %v", i.Number, err)
	}
	got, err := c.DB.Reader().Incidents().ByNumber(t.Context(), scope.OfRegion(khakassia), i.Number)
	if err != nil || got.ID != i.ID {
		t.Errorf("ByNumber = %+v, %v", got, err)
	}
	if _, err := c.DB.Reader().Incidents().ByNumber(t.Context(), scope.OfRegion("01000000"), i.Number); err == nil {
		t.Error("another region sees the card")
	}
}
