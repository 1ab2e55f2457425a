package mail_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"otklik/internal/fault"
	"otklik/internal/notify"
	"otklik/internal/notify/mail"
	"otklik/internal/notify/mail/mailtest"
)

func start(t *testing.T) (*mailtest.Server, *mail.Sender) {
	t.Helper()
	srv, err := mailtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv, &mail.Sender{Server: srv.Addr, From: "Отклик <otklik@example.ru>", User: "otklik", Password: "ключ", Roots: srv.Roots,
		Now: func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }}
}

var parcel = &notify.Parcel{Name: "notice-7", Subject: "Срок прошёл: первый ответ,\r\nBcc: evil@example.org и ещё 2", All: "https://otklik.example.ru/desk/notices", More: 2, Urgent: true,
	Lines: []notify.Line{{Text: "№ 022-362-73. Срок прошёл: первый ответ. Ямы. Абаза, улица Мира, 5.", URL: "https://otklik.example.ru/desk/incidents/42"}, {Text: ".точка в начале"}}}

func send(t *testing.T, s *mail.Sender, to string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return s.Send(ctx, to, parcel)
}

func TestALetterArrives(t *testing.T) {
	t.Parallel()
	srv, s := start(t)
	for range 2 {
		if err := send(t, s, "anna@example.ru"); err != nil {
			t.Fatal(err)
		}
	}
	got := srv.Letters()
	if len(got) != 2 || !got[0].Secret || got[0].User != "\x00otklik\x00ключ" || !strings.Contains(got[0].To, "<anna@example.ru>") {
		t.Fatalf("letters = %+v", got)
	}
	m, err := netmail.ReadMessage(strings.NewReader(got[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Срок прошёл: первый ответ, Bcc: evil@example.org и ещё 2" || m.Header.Get("Bcc") != "" {
		t.Errorf("subject %q, %v; Bcc %q", subject, err, m.Header.Get("Bcc"))
	}
	if from, err := m.Header.AddressList("From"); err != nil || from[0].Name != "Отклик" || from[0].Address != "otklik@example.ru" {
		t.Errorf("from %v, %v", from, err)
	}
	if id := m.Header.Get("Message-ID"); id != "<otklik-notice-7@example.ru>" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Importance") != "high" {
		t.Errorf("headers %v", m.Header)
	}
	for _, l := range strings.Split(got[0].Data, "\n") {
		if len(l) > 200 {
			t.Errorf("a line of %d bytes", len(l))
		}
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"№ 022-362-73. Срок прошёл", "https://otklik.example.ru/desk/incidents/42", "\n.точка в начале", "И ещё уведомлений: 2.", "/desk/notices/settings"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the letter lacks %q:\n%s", want, body)
		}
	}
}

func TestWaysToSignIn(t *testing.T) {
	t.Parallel()
	srv, s := start(t)
	srv.Offer("LOGIN", true)
	if err := send(t, s, "anna@example.ru"); err != nil {
		t.Fatal(err)
	}
	if got := srv.Letters(); got[0].User != "\x00otklik\x00ключ" {
		t.Errorf("user %q", got[0].User)
	}
	srv.Offer("PLAIN", false)
	if err := send(t, s, "anna@example.ru"); !fault.Is(err, fault.Unavailable) || len(srv.Letters()) != 1 {
		t.Errorf("without STARTTLS: %v, %d letters", err, len(srv.Letters()))
	}
	s.Secret, s.User = mail.Plain, ""
	if err := send(t, s, "anna@example.ru"); err != nil || srv.Letters()[1].Secret {
		t.Errorf("on the same machine: %v", err)
	}
}

func TestWhatAServerAnswers(t *testing.T) {
	t.Parallel()
	at := func(verb, answer string) func(string, string) string {
		return func(v, _ string) string {
			if v == verb {
				return answer
			}
			return ""
		}
	}
	for name, c := range map[string]struct {
		say   func(verb, arg string) string
		want  string // refusal, later, unclear
		taken int
	}{
		"no such mailbox":             {at("RCPT", "550 no such user anna@example.ru"), "refusal", 0},
		"a full mailbox":              {at("RCPT", "452 full"), "later", 0},
		"grey list":                   {at("RCPT", "451 come again"), "later", 0},
		"the relay is closed":         {at("RCPT", "554 relay denied"), "later", 0},
		"the sender is not accepted":  {at("MAIL", "550 who are you"), "later", 0},
		"a wrong password":            {at("AUTH", "535 no"), "later", 0},
		"the letter is not accepted":  {at(".", "554 spam"), "later", 0},
		"hangs up before the letter":  {at("DATA", "-"), "later", 0},
		"hangs up after the letter":   {at(".", "-"), "unclear", 1},
		"a greeting that is not SMTP": {at("EHLO", "500 what"), "later", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, s := start(t)
			srv.Answer(c.say)
			err := send(t, s, "anna@example.ru")
			var no *notify.Refusal
			got := "later"
			switch {
			case err == nil:
				got = "sent"
			case errors.As(err, &no):
				got = "refusal"
			case errors.Is(err, notify.ErrUnclear):
				got = "unclear"
			}
			if got != c.want || len(srv.Letters()) != c.taken {
				t.Errorf("%v: %s, %d letters; want %s, %d", err, got, len(srv.Letters()), c.want, c.taken)
			}
			if strings.Contains(err.Error(), "anna") || strings.Contains(err.Error(), "ключ") {
				t.Errorf("the error names the address or the password: %v", err)
			}
		})
	}
}

func TestBadAddressesAreNotSent(t *testing.T) {
	t.Parallel()
	srv, s := start(t)
	for _, to := range []string{"", "anna", "a@b.ru>\r\nRCPT TO:<x@y.ru", "Anna <anna@example.ru>"} {
		var no *notify.Refusal
		if err := send(t, s, to); !errors.As(err, &no) {
			t.Errorf("%q = %v", to, err)
		}
	}
	s.Server = "127.0.0.1:1"
	if err := send(t, s, "anna@example.ru"); !fault.Is(err, fault.Unavailable) || len(srv.Letters()) != 0 {
		t.Errorf("no server = %v", err)
	}
}
