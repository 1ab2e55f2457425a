package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/notice"
	"otklik/internal/notify"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/topic"
)

const region = "95000000"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A box is a channel that keeps what was sent.
type box struct {
	mu     sync.Mutex
	sent   []notify.Parcel
	to     []string
	fails  func(to string) error
	hangs  func() // before it takes anything
	double bool   // readers see a parcel twice that was sent twice
}

func (b *box) Idempotent() bool { return !b.double }

func (b *box) Send(_ context.Context, to string, p *notify.Parcel) error {
	if b.hangs != nil {
		b.hangs()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent, b.to = append(b.sent, *p), append(b.to, to)
	if b.fails != nil {
		return b.fails(to)
	}
	return nil
}

func (b *box) take() (out []notify.Parcel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out, b.sent = b.sent, nil
	return out
}

type world struct {
	t  *testing.T
	db *store.DB
	*notify.Notifier
	mail, chat *box
	now        time.Time
	anna, boss account.ID
	i          *incident.Incident
	told       []live.Event
	n          int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"))
	must(t, err)
	t.Cleanup(func() { db.Close() })
	w := &world{t: t, db: db, mail: &box{}, chat: &box{double: true}, now: noon}
	w.restart()
	w.change(func(tx incident.Tx) error {
		for login, to := range map[string]struct {
			id   *account.ID
			role lifecycle.Role
		}{"anna": {&w.anna, lifecycle.Coordinator}, "boss": {&w.boss, lifecycle.Admin}} {
			a := &account.Account{Login: login, Name: login, Role: to.role, Hash: "x", Place: scope.Place{Region: region}}
			must(t, tx.Accounts().SaveAccount(t.Context(), a))
			*to.id = a.ID
		}
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "1", Event: message.Written, Revision: message.HashOf("x"),
			Text: "Тайные слова жителя", AuthorName: "Вера Тайная", Author: "v", SeenAt: noon, PublishedAt: noon, Place: scope.Place{Region: region}}
		_, err := tx.Messages().Keep(t.Context(), m, &message.Reading{Complaint: true})
		must(t, err)
		w.i = &incident.Incident{State: lifecycle.Assigned, Topic: "roads.potholes", Channel: message.VK, Urgency: message.Normal, Place: scope.Place{Region: region}, First: m.ID,
			Address: incident.Address{Settlement: "Абаза", Street: "улица Мира", House: "5, кв. 17, 8 900 000-11-22"}, OpenedAt: noon, UpdatedAt: noon}
		return tx.Incidents().Open(t.Context(), w.i)
	})
	return w
}

// restart makes the sender anew, as after a kill.
func (w *world) restart() {
	w.Notifier = notify.New(notify.Options{Store: w.db, Channels: map[notice.Channel]notify.Channel{notice.Mail: w.mail, notice.Telegram: w.chat}, Topics: topic.Default,
		Zone: func(scope.Place) *time.Location { return time.FixedZone("", 7*3600) }, Tell: func(e live.Event) { w.told = append(w.told, e) },
		Site: "https://otklik.example.ru", Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) change(fn func(tx incident.Tx) error) {
	w.t.Helper()
	must(w.t, w.db.Change(w.t.Context(), incident.People, fn))
}

func (w *world) reach(who account.ID, c notice.Channel, to string) {
	w.change(func(tx incident.Tx) error {
		return tx.Posts().SaveAddress(w.t.Context(), &notice.Address{Account: who, Channel: c, To: to, State: notice.Good, At: noon})
	})
}

func (w *world) notice(k notice.Kind) notice.ID {
	w.t.Helper()
	w.n++
	n := notice.Notice{Account: w.anna, Kind: k, Cause: fmt.Sprint("entry:", w.n), Incident: int64(w.i.ID), At: w.now}
	if k == notice.Deadline {
		n.What, n.Step, n.Due = notice.Soon, regime.First, w.now.Add(time.Hour)
	}
	w.change(func(tx incident.Tx) error { return tx.Notices().Write(w.t.Context(), []notice.Notice{n}) })
	list, err := w.db.Reader().Notices().Notices(w.t.Context(), w.anna, notice.Filter{Limit: 1})
	must(w.t, err)
	return list[0].ID
}

func (w *world) step(want int) {
	w.t.Helper()
	if n, err := w.Step(w.t.Context()); err != nil || n != want {
		w.t.Errorf("Step = %d, %v; want %d", n, err, want)
	}
}

// states counts deliveries by state.
func (w *world) states() string {
	w.t.Helper()
	tr, err := w.db.Reader().Posts().Trouble(w.t.Context(), scope.All(), time.Time{})
	must(w.t, err)
	var out []string
	for _, c := range tr.By {
		out = append(out, fmt.Sprintf("%s %s %d", c.Channel, c.State, c.N))
	}
	return strings.Join(out, ", ")
}

func TestWhatWaitsForOnePersonLeavesAsOneMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.notice(notice.Given)
	w.notice(notice.Deadline)
	for range 30 {
		w.notice(notice.Approval)
	}
	w.step(1)
	sent := w.mail.take()
	if len(sent) != 1 || len(sent[0].Lines) != 20 || sent[0].More != 12 || len(w.chat.take()) != 0 {
		t.Fatalf("sent %+v", sent)
	}
	p := sent[0]
	if want := "№ " + incident.Spoken(w.i.Number) + ". Подходит срок: первый ответ. Срок 23.11 в 20:00. "; !strings.HasPrefix(p.Lines[0].Text, want) {
		t.Errorf("first line %q, want %q…: what presses stands first", p.Lines[0].Text, want)
	}
	if p.Subject != "Подходит срок: первый ответ, № "+incident.Spoken(w.i.Number)+" и ещё 31" {
		t.Errorf("subject %q", p.Subject)
	}
	if p.Lines[0].URL != fmt.Sprintf("https://otklik.example.ru/desk/incidents/%d", w.i.ID) {
		t.Errorf("link %q", p.Lines[0].URL)
	}
	whole := fmt.Sprint(p)
	for _, secret := range []string{"Тайн", "Вера", "кв", "17", "900", "11-22", "anna"} {
		if strings.Contains(whole, secret) {
			t.Errorf("the message holds %q: %s", secret, whole)
		}
	}
	if !strings.Contains(whole, "улица Мира, 5.") {
		t.Errorf("the message names no place: %s", whole)
	}
	w.step(0)
	w.now = noon.Add(24 * time.Hour)
	w.restart()
	w.step(0)
	if got := w.states(); got != "mail sent 32" {
		t.Errorf("deliveries: %s", got)
	}
}

func TestQuietHoursHoldAllButCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.now = time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC) // 23:30 there
	w.notice(notice.Deadline)
	w.notice(notice.Call)
	w.step(1)
	if sent := w.mail.take(); len(sent) != 1 || len(sent[0].Lines) != 1 || !sent[0].Urgent || !strings.HasPrefix(sent[0].Subject, "Срочно. ") {
		t.Fatalf("by night %+v", sent)
	}
	w.now = time.Date(2026, 11, 24, 0, 59, 59, 0, time.UTC)
	w.step(0)
	w.now = w.now.Add(time.Second) // 8:00
	w.step(1)
	if sent := w.mail.take(); len(sent) != 1 || sent[0].Urgent {
		t.Errorf("in the morning %+v", sent)
	}
}

func TestWhatWasSeenInTheProductStaysThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.now = time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)
	w.notice(notice.Deadline)
	w.step(0)
	w.change(func(tx incident.Tx) error {
		_, err := tx.Notices().See(t.Context(), w.anna, 0, w.now)
		return err
	})
	w.now = w.now.Add(12 * time.Hour)
	w.step(1)
	if sent := w.mail.take(); len(sent) != 0 || w.states() != "mail spared 1" {
		t.Errorf("sent %+v, %s", sent, w.states())
	}
	w.notice(notice.Given)
	w.change(func(tx incident.Tx) error { // the incident has gone where Anna does not look
		a, err := tx.Accounts().Account(t.Context(), w.anna)
		must(t, err)
		a.Place.Agency = 99
		return tx.Accounts().SaveAccount(t.Context(), a)
	})
	w.step(1)
	if sent := w.mail.take(); len(sent) != 0 {
		t.Errorf("who does not see the incident gets %+v", sent)
	}
}

func TestChoiceDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.reach(w.anna, notice.Telegram, "5")
	c := notice.Default(w.anna)
	c.By[notice.Given] = []notice.Channel{notice.Telegram}
	c.By[notice.Mention] = nil
	must(t, w.Choose(t.Context(), w.anna, c))
	w.notice(notice.Given)
	w.notice(notice.Mention)
	w.step(1)
	if len(w.mail.take()) != 0 || len(w.chat.take()) != 1 {
		t.Errorf("deliveries: %s", w.states())
	}
	for name, bad := range map[string]func(*notice.Choice){
		"digest_hour": func(c *notice.Choice) { c.DigestHour = 24 },
		"quiet_from":  func(c *notice.Choice) { c.QuietFrom = -1 },
		"digest":      func(c *notice.Choice) { c.Digest = "weekly" },
		"digest_by":   func(c *notice.Choice) { c.Digest, c.DigestBy = notice.Morning, "pigeon" },
		"by":          func(c *notice.Choice) { c.By = map[notice.Kind][]notice.Channel{notice.Given: {"pigeon"}} },
	} {
		c := notice.Default(w.anna)
		bad(&c)
		err := w.Choose(t.Context(), w.anna, c)
		if e := new(fault.Error); !errors.As(err, &e) || e.Kind != fault.Invalid || e.Field != name || fault.Sentence(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFailures: what fails for a while comes again as the batch that it was, what fails
// for good is told to its owner and to the administrator.
func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.mail.fails = func(string) error { return errors.New("no route") }
	w.notice(notice.Given)
	w.step(1)
	first := w.mail.take()[0].Name
	w.step(0)
	w.notice(notice.Approval)
	w.mail.fails = nil
	w.now = w.now.Add(firstPause)
	w.step(2)
	names := map[string]int{}
	for _, p := range w.mail.take() {
		names[p.Name]++
	}
	if names[first] != 1 || len(names) != 2 {
		t.Errorf("messages %v, want %s and another one", names, first)
	}
	w.mail.fails = func(string) error { return &notify.Refusal{Why: "Ящика нет.", Err: errors.New("550")} }
	w.notice(notice.Given)
	w.step(1)
	if list, _ := w.db.Reader().Posts().Addresses(t.Context(), w.anna); list[0].State != notice.Broken || list[0].Why != "Ящика нет." {
		t.Errorf("the address = %+v", list)
	}
	for _, who := range []account.ID{w.anna, w.boss} {
		list, err := w.db.Reader().Notices().Notices(t.Context(), who, notice.Filter{Kind: notice.System, Limit: 9})
		if len(list) != 1 || err != nil || list[0].What != "mail" || list[0].Subject != int64(w.anna) {
			t.Errorf("account %d is told %+v, %v", who, list, err)
		}
	}
	if len(w.told) != 1 || len(w.told[0].For) != 2 {
		t.Errorf("open pages are told %+v", w.told)
	}
	w.mail.take()
	w.notice(notice.Given) // no address, nothing leaves
	w.step(0)
	if sent := w.mail.take(); len(sent) != 0 {
		t.Errorf("to a broken address went %+v", sent)
	}
}

const firstPause = 30 * time.Second

func TestASilentServerIsGivenUpAndToldOnceADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.mail.fails = func(string) error { return errors.New("no route") }
	w.notice(notice.Given)
	w.step(1)
	w.notice(notice.Given) // another message, given up on the same day
	for range 60 {
		w.now = w.now.Add(20 * time.Minute)
		if _, err := w.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.states(); got != "mail dead 2" {
		t.Errorf("deliveries: %s", got)
	}
	list, err := w.db.Reader().Notices().Notices(t.Context(), w.boss, notice.Filter{Kind: notice.System, Limit: 9})
	must(t, err)
	if len(list) != 1 {
		t.Errorf("the administrator is told %+v, want once", list)
	}
}

// TestAKillBetweenTakingAndSettling: what a mailbox knows by its name is sent again under
// it; a chat that would show it twice gets only what cannot wait.
func TestAKillBetweenTakingAndSettling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel notice.Channel
		kind    notice.Kind
		again   int
		end     string
	}{
		{notice.Mail, notice.Given, 1, "mail sent 1"},
		{notice.Telegram, notice.Given, 0, "telegram unknown 1"},
		{notice.Telegram, notice.Call, 1, "telegram sent 1"},
	} {
		t.Run(fmt.Sprint(c.channel, c.kind), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.reach(w.anna, c.channel, "5")
			w.notice(c.kind)
			w.dies(c.channel) // the process dies with the message on its way
			w.step(0)
			w.now = w.now.Add(3 * time.Minute)
			w.restart()
			w.step(1)
			if n := len(w.mail.take()) + len(w.chat.take()); n != c.again || w.states() != c.end {
				t.Errorf("after the restart %d were sent, %s; want %d, %s", n, w.states(), c.again, c.end)
			}
		})
	}
}

// dies takes a box as the sender does, and dies.
func (w *world) dies(c notice.Channel) {
	w.t.Helper()
	w.change(func(tx incident.Tx) error {
		list, err := tx.Posts().Unrouted(w.t.Context(), 10)
		must(w.t, err)
		for k := range list {
			must(w.t, tx.Posts().Route(w.t.Context(), list[k].ID, []notice.Delivery{{Account: w.anna, Channel: c, State: notice.Waiting, NextAt: w.now}}))
		}
		_, err = tx.Posts().Take(w.t.Context(), notice.Box{Account: w.anna, Channel: c}, w.now, w.now.Add(2*time.Minute), 10)
		return err
	})
}

func TestAMailboxIsProvedByItsCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, bad := range []string{"", "anna", "anna@host", "a@b.ru\r\nBcc: x@y.ru", "Anna <a@b.ru>", strings.Repeat("a", 250) + "@b.ru"} {
		if err := w.AddMail(t.Context(), w.anna, bad); !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
			t.Errorf("AddMail(%.20q) = %v", bad, err)
		}
	}
	must(t, w.AddMail(t.Context(), w.anna, " anna@example.ru "))
	if err := w.AddMail(t.Context(), w.anna, "anna@example.ru"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second code at once = %v", err)
	}
	list, err := w.db.Reader().Posts().Addresses(t.Context(), w.anna)
	must(t, err)
	if len(list) != 1 || list[0].State != notice.Unproved || list[0].Label != "a…@example.ru" || w.mail.to[0] != "anna@example.ru" {
		t.Fatalf("addresses %+v, sent to %v", list, w.mail.to)
	}
	id := list[0].ID
	subject := w.mail.take()[0].Subject
	code := subject[len(subject)-6:]
	wrong := "000000"
	if wrong == code {
		wrong = "000001"
	}
	w.notice(notice.Given)
	w.step(0) // nothing leaves to who has not proved it
	if err := w.Prove(t.Context(), w.boss, id, code); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else proves it: %v", err)
	}
	if err := w.Prove(t.Context(), w.anna, id, wrong); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), "4") {
		t.Errorf("a wrong code = %v (%s)", err, fault.Sentence(err))
	}
	must(t, w.Prove(t.Context(), w.anna, id, code))
	if by, err := w.Try(t.Context(), w.anna); err != nil || len(by) != 1 || len(w.mail.take()) != 1 {
		t.Errorf("Try = %v, %v", by, err)
	}
	if err := w.Drop(t.Context(), w.boss, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else drops it: %v", err)
	}
	must(t, w.Drop(t.Context(), w.anna, id))
	if _, err := w.Try(t.Context(), w.anna); !fault.Is(err, fault.Conflict) {
		t.Errorf("Try without an address = %v", err)
	}
}

func TestWrongCodesAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.AddMail(t.Context(), w.anna, "anna@example.ru"))
	subject := w.mail.take()[0].Subject
	code := subject[len(subject)-6:]
	list, err := w.db.Reader().Posts().Addresses(t.Context(), w.anna)
	must(t, err)
	for range 5 {
		_ = w.Prove(t.Context(), w.anna, list[0].ID, "нет")
	}
	if err := w.Prove(t.Context(), w.anna, list[0].ID, code); !fault.Is(err, fault.Conflict) {
		t.Errorf("after five wrong codes the right one = %v", err)
	}
	w.now = w.now.Add(2 * time.Minute)
	must(t, w.AddMail(t.Context(), w.anna, "anna@example.ru")) // a new code begins anew
	subject = w.mail.take()[0].Subject
	w.now = w.now.Add(time.Hour)
	if err := w.Prove(t.Context(), w.anna, list[0].ID, subject[len(subject)-6:]); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old code = %v", err)
	}
	w.mail.fails = func(string) error { return errors.New("no route") }
	if err := w.AddMail(t.Context(), w.anna, "other@example.ru"); !fault.Is(err, fault.Unavailable) || fault.Sentence(err) == "" {
		t.Errorf("a server that does not answer = %v", err)
	}
}
