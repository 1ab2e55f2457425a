package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/mail"
	"otklik/internal/source/mail/mailfake"
)

// A mailbox that OAuth lets in: the refresh token that the provider changes is kept sealed; when
// the access is withdrawn the page of sources says so in words, and a reply waits until somebody
// has entered another token.
func TestAWithdrawnGrantIsTold(t *testing.T) {
	t.Parallel()
	m := &mailroom{centre: newCentre(t)}
	var err error
	if m.mail, err = mailfake.New(mailfake.Options{Address: mailbox, Now: m.now, OAuth: &mailfake.OAuth{Client: "otklik", Secret: "app", Refresh: "refresh-0", Rotate: true}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.mail.Close() })
	web := httptest.NewServer(m.mail)
	t.Cleanup(web.Close)
	admin := account.Actor{ID: m.account(lifecycle.Admin), Role: lifecycle.Admin, Scope: scope.All()}
	set, err := json.Marshal(mail.Settings{IMAP: m.mail.IMAP(), SMTP: m.mail.SMTP(), IMAPTLS: "none", SMTPTLS: "none", OAuthClient: "otklik", OAuthURL: web.URL + "/token"})
	if err != nil {
		t.Fatal(err)
	}
	key := func(secret string) {
		t.Helper()
		if err := m.Roster.SaveKey(t.Context(), admin, &source.Key{Name: mailbox, Kind: source.Mail, Secret: secret}); err != nil {
			t.Fatal(err)
		}
	}
	key("refresh-0 app")
	if err := m.Roster.Save(t.Context(), admin, &source.Source{ID: "mail:" + mailbox, Kind: source.Mail, Channel: message.Mail, Name: "Почта", Territory: "95701000", Settings: set, Key: mailbox}); err != nil {
		t.Fatal(err)
	}
	m.mail.Write(mailfake.Draft{From: "anna@pochta.example", Subject: "Яма", Text: "По улице Ленина в Абазе в районе центральной бани появилась яма, уже колесо пробили."})
	m.read(t)
	row := m.queue(t)[0]
	keys, err := m.DB.Reader().Sources().Keys(t.Context(), scope.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if secret, err := m.Roster.Box.Open(k.Name, k.Sealed); k.Name == mailbox && (err != nil || secret != "refresh-1 app") {
			t.Errorf("the changed token is not kept: %v", err)
		}
	}

	m.mail.Refuse(http.StatusBadRequest, "invalid_grant")
	m.mail.Expire()
	m.clock.Add(7200)
	if _, err := m.Desk.Do(t.Context(), m.operator(), row.ID, row.Version, desk.Answer{Text: "Яму засыплют до 25 ноября."}); err != nil {
		t.Fatal(err)
	}
	n := &networks{centre: m.centre}
	step := func() {
		t.Helper()
		m.clock.Add(60)
		m.mail.Deliver("From: robot@pochta.example\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n") // who is told of something does not wait
		for _, con := range m.Roster.Connections() {
			if con.Puller.ID() == "mail:"+mailbox {
				_, _ = m.Intake.PollOnce(t.Context(), con) // what is refused stands in its state
			}
		}
		if _, err := m.Outbox.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	m.mail.Fail("imap", "") // the connection that was kept ends
	step()
	step()
	if said := n.said(t)["mail:"+mailbox]; !strings.Contains(said, "отозван или истёк") || strings.Contains(said, "refresh-") {
		t.Errorf("the page says %q", said)
	}
	if list := m.replies(t, row.ID); list[0].State == reply.Published || len(m.mail.Got("anna@pochta.example")) != 0 {
		t.Errorf("the reply is %s", list[0].State)
	}
	m.mail.Refuse(0, "")
	key("refresh-1 app")
	if err := m.Desk.ResumeOutlet(t.Context(), m.operator(), "mail:"+mailbox); err != nil {
		t.Fatal(err)
	}
	step()
	step()
	if said := n.said(t)["mail:"+mailbox]; said != "" || len(m.mail.Got("anna@pochta.example")) != 1 {
		t.Errorf("after another token the page says %q, %d letters arrived", said, len(m.mail.Got("anna@pochta.example")))
	}
}
