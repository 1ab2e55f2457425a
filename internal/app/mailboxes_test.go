package app_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/mail"
	"otklik/internal/source/mail/mailfake"
)

// A mailroom is a centre with a mailbox on a fake service, added as an administrator does.
type mailroom struct {
	*centre
	mail *mailfake.Fake
}

const mailbox = "cur@otklik.example"

func newMailroom(t *testing.T) *mailroom {
	t.Helper()
	c := newCentre(t)
	m := &mailroom{centre: c}
	var err error
	if m.mail, err = mailfake.New(mailfake.Options{Address: mailbox, Password: "app password", Now: c.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.mail.Close() })
	noDNS := func(context.Context, string) ([]string, error) { return []string{"mx.otklik.example."}, nil }
	g, err := mail.Recogniser{Options: mail.Options{MX: noDNS}}.Recognise(t.Context(), &url.URL{Scheme: "mailto", Opaque: mailbox})
	if err != nil || g.ID != "mail:"+mailbox || g.Needs == "" {
		t.Fatalf("Recognise = %+v, %v", g, err)
	}
	admin := account.Actor{ID: c.account(lifecycle.Admin), Role: lifecycle.Admin, Scope: scope.All()}
	s := g.Source
	s.Territory, s.Key = "95701000", mailbox
	if err := c.Roster.SaveKey(t.Context(), admin, &source.Key{Name: mailbox, Kind: source.Mail, Secret: "app password"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Roster.SetFields(&s, map[string]string{"imap": m.mail.IMAP(), "smtp": m.mail.SMTP()}); err != nil {
		t.Fatal(err)
	}
	var set mail.Settings
	if err := json.Unmarshal(s.Settings, &set); err != nil {
		t.Fatal(err)
	}
	set.IMAPTLS, set.SMTPTLS = "none", "none"
	if s.Settings, err = json.Marshal(set); err != nil {
		t.Fatal(err)
	}
	if err := c.Roster.Save(t.Context(), admin, &s); err != nil {
		t.Fatal(err)
	}
	return m
}

// read reads the mailbox once.
func (m *mailroom) read(t *testing.T) {
	t.Helper()
	m.clock.Add(60)
	for _, con := range m.Roster.Connections() {
		if con.Puller.ID() != "mail:"+mailbox {
			continue
		}
		if _, err := m.Intake.PollOnce(t.Context(), con); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("the mailbox is not connected")
}

// answer answers an incident and sends what is due.
func (m *mailroom) answer(t *testing.T, row incident.Row, text string) {
	t.Helper()
	m.clock.Add(600)
	if _, err := m.Desk.Do(t.Context(), m.operator(), row.ID, row.Version, desk.Answer{Text: text}); err != nil {
		t.Fatal(err)
	}
	m.clock.Add(60)
	if _, err := m.Outbox.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (m *mailroom) replies(t *testing.T, id incident.ID) []reply.Reply {
	t.Helper()
	list, err := m.DB.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(id))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (m *mailroom) state(t *testing.T, id incident.ID) lifecycle.State {
	t.Helper()
	i, err := m.DB.Reader().Incidents().Incident(t.Context(), scope.All(), id)
	if err != nil {
		t.Fatal(err)
	}
	return i.State
}

// A letter becomes an incident, the answer stands in the resident's mailbox in the same
// thread, and «не убрали» of the author, and of nobody else, brings it back.
func TestALetterAndItsThread(t *testing.T) {
	t.Parallel()
	m := newMailroom(t)
	const anna = "anna@pochta.example"
	first := m.mail.Write(mailfake.Draft{From: anna, Name: "Анна Петрова", Subject: "Яма на дороге", Text: "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили.\n-- \nАнна", Picture: photo(t, 400)})
	m.read(t)
	rows := m.queue(t)
	if len(rows) != 1 || rows[0].Address.Settlement != "Абаза" {
		t.Fatalf("queue: %+v", rows)
	}
	row := rows[0]
	list, err := m.DB.Reader().Messages().OfIncident(t.Context(), scope.All(), int64(row.ID))
	if err != nil || len(list) != 1 || list[0].Contact != anna || list[0].Channel != "mail" || strings.Contains(list[0].Text, "Анна") || list[0].Author == anna {
		t.Fatalf("message: %+v, %v", list, err)
	}
	if _, err := m.Fetcher.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := m.DB.Reader().Attachments().OfIncident(t.Context(), scope.All(), int64(row.ID))
	if err != nil || len(files) != 1 || files[0].State != attachment.Kept || files[0].Width == 0 {
		t.Fatalf("attachments: %+v, %v", files, err)
	}

	m.answer(t, row, "Яму засыпали сегодня.\r\nBcc: thief@evil.example")
	got := m.mail.Got(anna)
	if len(got) != 1 || !strings.Contains(got[0].Text, "Яму засыпали") || got[0].Subject != "Re: Яма на дороге [№ "+incident.Spoken(row.Number)+"]" || got[0].Refs[0] != first || got[0].From != mailbox {
		t.Fatalf("in the resident's mailbox: %+v", got)
	}
	if s := m.state(t, row.ID); s != lifecycle.Answered {
		t.Fatalf("state %s", s)
	}

	// Somebody who knows the resident's address and letter, and not ours.
	m.mail.Write(mailfake.Draft{From: anna, Name: "Анна Петрова", Subject: "Re: Яма на дороге", Text: "Не убрали! Яма на месте, ничего не сделано.", To: first})
	m.mail.Write(mailfake.Draft{From: anna, Name: "Анна Петрова", Subject: "Обращение " + incident.Spoken(row.Number), Text: "Не убрали! Яма на месте, ничего не сделано."})
	// Their client dropped the thread; and a server gave it other ids.
	m.mail.Write(mailfake.Draft{From: anna, Name: "Анна Петрова", Subject: got[0].Subject, Text: "Не убрали! Яма на месте, и рядом вторая."})
	m.mail.Deliver("From: <" + anna + ">\r\nTo: <" + mailbox + ">\r\nSubject: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(got[0].Subject)) + "?=\r\nMessage-ID: <exchange-2@x>\r\nReferences: <exchange-1@x>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nНе убрали! Третий день ждём.\r\n")
	// Machines.
	m.mail.Deliver("From: <" + anna + ">\r\nTo: <" + mailbox + ">\r\nSubject: x\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <auto@x>\r\nIn-Reply-To: <" + got[0].ID + ">\r\n\r\nНе убрали! Я в отпуске.\r\n")
	m.read(t)
	if s := m.state(t, row.ID); s != lifecycle.Answered {
		t.Errorf("a forged sender brought the incident to %s", s)
	}
	if n := len(m.queue(t)); n != 1 {
		t.Errorf("%d incidents", n)
	}
	if n := m.Intake.LeftOut()["auto"]; n != 1 {
		t.Errorf("%d automatic letters counted", n)
	}

	m.mail.Write(mailfake.Draft{From: anna, Name: "Анна Петрова", Subject: "Re: Яма на дороге", Text: "Не убрали! Яма на месте, ничего не сделано.\n\n> Яму засыпали сегодня.", To: got[0].ID})
	m.read(t)
	if s := m.state(t, row.ID); s != lifecycle.Rework {
		t.Errorf("after the author's words the incident is %s", s)
	}
	if n := len(m.queue(t)); n != 1 {
		t.Errorf("%d incidents", n)
	}
}

// An answer that did not arrive is told, once, and by the report about our own letter alone.
func TestALetterThatDidNotArrive(t *testing.T) {
	t.Parallel()
	m := newMailroom(t)
	const gone = "gone@pochta.example"
	m.mail.Write(mailfake.Draft{From: gone, Subject: "Фонарь", Text: "На улице Ленина в Абазе у дома 5 третью неделю не горит фонарь"})
	m.read(t)
	m.mail.Mailbox(gone, "gone")
	rows := m.queue(t)
	if len(rows) != 1 {
		t.Fatalf("%d incidents", len(rows))
	}
	m.answer(t, rows[0], "Фонарь починили.")
	if list := m.replies(t, rows[0].ID); list[0].State != reply.Published {
		t.Fatalf("replies: %+v", list)
	}
	m.read(t)
	list := m.replies(t, rows[0].ID)
	if list[0].State != reply.Failed || !strings.HasPrefix(list[0].Reason, "Не доставлено: ящика нет.") {
		t.Errorf("reply: %s, %q", list[0].State, list[0].Reason)
	}
	history, err := m.DB.Reader().Incidents().History(t.Context(), scope.All(), rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, e := range history {
		if e.Detail.How == desk.HowBounced {
			told++
		}
	}
	if err := m.Desk.Bounced(t.Context(), "mail:"+mailbox, list[0].Native, "Не доставлено: ящика нет."); err != nil || told != 1 {
		t.Errorf("a second report: %v; told %d times", err, told)
	}
	if err := m.Desk.Bounced(t.Context(), "mail:"+mailbox, "otklik.unknown", "Не доставлено"); err == nil {
		t.Error("a report about no letter of ours is taken")
	}
}

// A process that ends between reading and storing reads the same letters again, and one that
// stored them does not: each letter is one message.
func TestLettersAfterAKill(t *testing.T) {
	t.Parallel()
	m := newMailroom(t)
	for k := range 5 {
		m.mail.Write(mailfake.Draft{From: "anna@pochta.example", Subject: "Письмо", Text: "На улице Ленина в Абазе у дома " + string(rune('1'+k)) + " яма"})
	}
	con := m.Roster.Connections()
	for _, c := range con { // read, and never stored
		if c.Puller.ID() == "mail:"+mailbox {
			if _, err := c.Puller.Poll(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.read(t)
	m.mail.Renumber("INBOX") // the provider moved the mailbox
	m.mail.Write(mailfake.Draft{From: "anna@pochta.example", Subject: "Письмо", Text: "На улице Ленина в Абазе у дома 9 яма"})
	m.read(t)
	s := m.Intake.Counted()
	if s.Kept != 6 || s.Duplicate != 5 {
		t.Errorf("kept %d, duplicates %d", s.Kept, s.Duplicate)
	}
}
