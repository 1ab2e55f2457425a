package rig_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/bench/rig"
	"otklik/internal/calendar"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/notice"
	"otklik/internal/regime"
	"otklik/internal/scope"
)

// sooner is how many times as fast the product's clock runs.
const sooner = 60

// A told person is one of those whom notices reach.
type told struct {
	id   account.ID
	mail string // "" for none
	chat int64  // 0 for none
}

// A noticeRig is a centre whose incidents fall due one after the other, with a coordinator
// in each of ten agencies and two operators, and the two ways by which they are told.
type noticeRig struct {
	*posts
	clock   quick
	centre  *rig.Centre
	service *rig.Service
	beside  *rig.Service // another process on the same database; nil for none
	db      *sql.DB      // reads beside the product
	people  []told
	due     int // incidents that fall due
	calls   int // messages that ask for a call
}

const apart = 60 * time.Millisecond // between two due times, by the world's clock

func newNoticeRig(t *testing.T, seed uint64, database string, due int) *noticeRig {
	t.Helper()
	n := &noticeRig{posts: newPosts(t, seed), clock: quick{time.Now(), sooner}, due: due}
	n.centre = newCentreAt(t, khakassia, database, func(conf *config.Config) {
		conf.Hooks = []config.Hook{rig.Hook}
		conf.Mail = &config.Mail{Server: n.mail.Addr, From: "Отклик <otklik@example.ru>", Secret: "none"}
		conf.Bot = &config.Bot{Token: botToken, URL: n.bot.URL}
	})
	n.centre.Bin, n.centre.Wrap = os.Args[0], []string{"env", asProduct + "=" + n.bot.URL, asClock + "=" + n.clock.String()}
	conf, err := config.Load(n.centre.Dir)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Options{Dir: n.centre.Dir, Config: conf, Log: slog.New(slog.DiscardHandler), Now: n.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	_, err = a.EditRegimes(t.Context(), account.Actor{Role: lifecycle.Admin, Scope: scope.All()}, a.Rules().Version, regime.Edit{Regime: &oneDay})
	if err != nil {
		t.Fatal(err)
	}
	agencies, err := a.DB.Reader().Agencies().Agencies(t.Context(), scope.All())
	if err != nil {
		t.Fatal(err)
	}
	at := func(k int) scope.Place {
		if k == 10 { // the centre's own: both operators are told
			return scope.Place{Region: khakassia}
		}
		return scope.Place{Region: khakassia, Agency: agencies[k].ID}
	}
	err = a.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		n.people = nil
		for k := range 12 {
			p := told{}
			if k%3 != 1 {
				p.mail = fmt.Sprintf("person%d@example.ru", k)
			}
			if k%3 != 0 {
				p.chat = int64(100 + k)
			}
			switch k { // two addresses that do not work
			case 6:
				p.mail = noMailbox
			case 7:
				p.chat = closedChat
			}
			who := &account.Account{Login: fmt.Sprintf("person%d", k), Name: "Ирина Соколова", Role: lifecycle.Coordinator, Hash: "x", Place: at(min(k, 10))}
			if k >= 10 {
				who.Role = lifecycle.Operator
			}
			if err := n.hire(t.Context(), tx, who, &p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	n.open(t, a, at)
	if n.db, err = n.centre.Tables(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.db.Close() })
	return n
}

// hire makes an account that chose no quiet hours, with its proved addresses.
func (n *noticeRig) hire(ctx context.Context, tx incident.Tx, who *account.Account, p *told) error {
	if err := tx.Accounts().SaveAccount(ctx, who); err != nil {
		return err
	}
	p.id = who.ID
	n.people = append(n.people, *p)
	c := notice.Default(who.ID)
	c.QuietFrom, c.QuietTo = 0, 0
	if err := tx.Posts().SaveChoice(ctx, c); err != nil {
		return err
	}
	for channel, to := range map[notice.Channel]string{notice.Mail: p.mail, notice.Telegram: fmt.Sprint(p.chat)} {
		if to == "" || to == "0" {
			continue
		}
		if err := tx.Posts().SaveAddress(ctx, &notice.Address{Account: who.ID, Channel: channel, To: to, State: notice.Good, At: n.clock.now()}); err != nil {
			return err
		}
	}
	return nil
}

// oneDay is a regime of one limit, of which the coordinator is told.
var oneDay = regime.Regime{Code: "rig_day", Name: "Сутки", For: regime.For{ByHand: true}, Steps: []regime.Step{{
	Kind: regime.Final, From: regime.Seen, Within: calendar.Amount{N: 24, Unit: calendar.Hours24}, Ladder: []regime.Rung{{Who: regime.Coordinator, By: calendar.Amount{Unit: calendar.Hours24}}},
}}}

// open opens the incidents that will fall due one after the other.
func (n *noticeRig) open(t *testing.T, a *app.App, at func(int) scope.Place) {
	t.Helper()
	ctx, from := t.Context(), n.clock.now()
	err := a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		for k := range n.due {
			due := from.Add(time.Duration(k) * apart * sooner).Truncate(time.Millisecond)
			opened := due.Add(-24 * time.Hour)
			m := &message.Message{Source: "hook:past", Channel: message.Hook, Form: message.Comment, Native: fmt.Sprint(k), Event: message.Written, Revision: message.Revision{Time: opened},
				Text: fmt.Sprintf("Яма у дома %d", k), PublishedAt: opened, SeenAt: opened, Place: at(k % 11)}
			r := &message.Reading{Concerns: true, Kind: message.Complaint, Complaint: true, Urgency: message.Normal, Index: a.Analyzer.Read(m.Text).Index()}
			if _, err := tx.Messages().Keep(ctx, m, r); err != nil {
				return err
			}
			i := &incident.Incident{State: lifecycle.Working, Urgency: r.Urgency, Kind: r.Kind, Channel: m.Channel, Place: m.Place, First: m.ID, PublishedAt: opened, OpenedAt: opened, UpdatedAt: opened,
				Clock: incident.Clock{Regime: oneDay.Code, ByHand: true, Step: regime.Final, State: regime.Running, Due: due, Alarm: due}}
			if err := tx.Incidents().Open(ctx, i); err != nil {
				return err
			}
			if err := tx.Incidents().Attach(ctx, i.ID, m.ID); err != nil {
				return err
			}
			if err := tx.Incidents().Record(ctx, &incident.Entry{Incident: i.ID, Version: i.Version, At: opened, Action: lifecycle.File, To: i.State, Detail: incident.Detail{Message: m.ID}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// danger pushes a message that asks for a call at once.
func (n *noticeRig) danger(t *testing.T) {
	t.Helper()
	n.calls++
	text := fmt.Sprintf("На улице Пушкина, дом %d, в Абакане стая бродячих собак напала на ребёнка, примите меры", n.calls)
	m := rig.Pushed{ID: fmt.Sprint(n.calls), Text: text, Author: fmt.Sprint("житель ", n.calls), PublishedAt: n.clock.now()}
	var wait sync.WaitGroup
	for _, s := range []*rig.Service{n.service, n.beside} { // a sender that asks both is answered once
		if s == nil {
			continue
		}
		wait.Go(func() {
			if _, _, err := rig.PushAt(t.Context(), http.DefaultClient, s.URL, fmt.Sprint("danger", n.calls), n.clock.now(), []rig.Pushed{m}); err != nil {
				t.Errorf("%v\n%s", err, s.Log())
			}
		})
	}
	wait.Wait()
}

// count asks a question whose answer is a number.
func (n *noticeRig) count(t *testing.T, query string) (k int) {
	t.Helper()
	if err := n.db.QueryRowContext(t.Context(), query).Scan(&k); err != nil {
		t.Fatal(err)
	}
	return k
}

// over reports whether everybody was told, one way or the other.
func (n *noticeRig) over(t *testing.T) bool {
	return n.count(t, `SELECT count(*) FROM notice WHERE kind = 'deadline'`) >= n.due+n.due/11 &&
		n.count(t, `SELECT count(*) FROM notice WHERE kind = 'call'`) >= 2*n.calls &&
		n.count(t, `SELECT count(*) FROM notice WHERE routed = 0`) == 0 &&
		n.count(t, `SELECT count(*) FROM notice_delivery WHERE state IN ('waiting', 'sending')`) == 0
}

// TestAKilledSenderOfNoticesTellsEverybodyOnce kills the product with SIGKILL again and
// again while escalations and calls make notices leave by mail and by Telegram, both slow,
// failing at random and not heard after accepting. Every notice that should leave is in
// one letter (which may have come twice, under one Message-ID), or once in the chat, or
// stands unknown there and is not sent again, or was given up with a sentence. A call may
// stand in a chat twice: twice is better than never.
func TestAKilledSenderOfNoticesTellsEverybodyOnce(t *testing.T) {
	t.Parallel()
	killSender(t, "", 6, false)
}

// TestAKilledSenderOfNoticesOnPostgreSQL does the same where the database lives on.
func TestAKilledSenderOfNoticesOnPostgreSQL(t *testing.T) {
	t.Parallel()
	killSender(t, postgres(t), 3, false)
}

// TestTwoProcessesOnOnePostgreSQLTellOnce lets two processes live on one database, of which
// now the one and now the other is killed: both take the same pushes in, both look at the
// clocks, one sends.
func TestTwoProcessesOnOnePostgreSQLTellOnce(t *testing.T) {
	t.Parallel()
	killSender(t, postgres(t), 4, true)
}

func killSender(t *testing.T, database string, few int, two bool) {
	t.Helper()
	kills, long := soak(few)
	if long {
		kills *= 2
	}
	if testing.Short() {
		kills = 2
	}
	number := seed(t)
	rnd := rand.New(rand.NewPCG(number, 21))
	n := newNoticeRig(t, number, database, 20*kills+40)
	for k := range kills {
		n.start(t, two)
		n.danger(t)
		from, enough := n.tried(), 1+rnd.IntN(24)
		for end := time.Now().Add(4 * time.Second); n.tried() < from+enough && time.Now().Before(end); {
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(time.Duration(rnd.Int64N(int64(25 * time.Millisecond)))) // the random moment, often inside of a try
		if k == kills-1 {
			n.quiet()
		}
		n.service.Kill()
	}
	n.start(t, two)
	for end := time.Now().Add(5 * time.Minute); !n.over(t); {
		if time.Now().After(end) {
			t.Fatalf("the notices do not end: %s\n%s", n.states(t), n.service.Log())
		}
		time.Sleep(50 * time.Millisecond)
	}
	n.judge(t, kills)
	for _, s := range []*rig.Service{n.service, n.beside} {
		if s == nil {
			continue
		}
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
	if got := census(t, n.centre); got.Aside != 0 || got.Inbox != 0 || len(got.Messages) != n.due+n.calls {
		t.Errorf("%d messages, %d set aside, %d in the inbox; want %d", len(got.Messages), got.Aside, got.Inbox, n.due+n.calls)
	}
}

// start starts the product again after a kill. Of two, the one that lived on is killed next.
func (n *noticeRig) start(t *testing.T, two bool) {
	t.Helper()
	if two && n.beside == nil {
		n.beside = serve(t, n.centre)
	}
	n.service = serve(t, n.centre)
	if two {
		n.service, n.beside = n.beside, n.service
	}
}

func (n *noticeRig) states(t *testing.T) string {
	var list []string
	rows, err := n.db.QueryContext(t.Context(), `SELECT channel || ' ' || state || ' ' || CAST(count(*) AS TEXT) FROM notice_delivery GROUP BY channel, state ORDER BY channel, state`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, ", ")
}
