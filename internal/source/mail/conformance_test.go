package mail_test

import (
	"net"
	"sync"
	"testing"
	"time"

	"otklik/internal/mailer"
	"otklik/internal/source/mail"
	"otklik/internal/source/mail/mailfake"
	"otklik/internal/source/sourcetest"
)

const (
	centre   = "cur@otklik.example"
	password = "тайна-приложения-7"
	resident = "anna@pochta.example"
)

var secret = []byte("secret of the installation, long")

// A clock is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(time.Second)
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// open returns a fake service and the centre's mailbox on it.
func open(t *testing.T, o mailfake.Options) (*mailfake.Fake, *mail.Box, *clock) {
	t.Helper()
	c := &clock{t: time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)}
	o.Address, o.Password, o.Now = centre, password, c.now
	f, err := mailfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	f.Mailbox(resident, "")
	return f, box(f, o.KeepSent, c), c
}

func box(f *mailfake.Fake, sent string, c *clock) *mail.Box {
	return &mail.Box{
		Source: mail.SourceID(centre), Name: "Центр управления регионом", Address: centre, IMAP: f.IMAP(), Secret: mailer.Plain, User: centre, Password: password, Sent: sent, Key: secret, Now: c.now,
		SMTP: &mailer.Server{Addr: f.SMTP(), User: centre, Password: password, Secret: mailer.Plain},
	}
}

func dead(t *testing.T) *mail.Box {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	return &mail.Box{Source: "mail:a@b.example", Address: "a@b.example", IMAP: l.Addr().String(), Secret: mailer.Plain, Key: secret}
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mailfake.Options{
		"the server keeps what it sends": {KeepSent: "Отправленные"},
		"nothing keeps what was sent":    {},
		"without IDLE":                   {Bare: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sourcetest.Run(t, func(t *testing.T) *sourcetest.Network { return network(t, o) })
		})
	}
}

func network(t *testing.T, o mailfake.Options) *sourcetest.Network {
	f, b, clock := open(t, o)
	cannot := map[sourcetest.Lack]string{
		sourcetest.NoEdit:    "a letter that was sent never changes",
		sourcetest.NoDelete:  "a letter that somebody takes out of our mailbox was said all the same",
		sourcetest.NoRestore: "see deletions",
		sourcetest.NoKey:     "SMTP takes a letter with a known Message-ID once more",
		sourcetest.NoLink:    "letters have no address on the web",
	}
	if o.KeepSent == "" {
		cannot[sourcetest.NoBack] = "SMTP tells nothing of what was sent before"
	}
	write := func(d mailfake.Draft) string {
		d.From, d.Name = resident, "Анна Петрова"
		return f.Write(d)
	}
	return &sourcetest.Network{
		Puller: b, Publisher: b, Dead: dead(t), Cannot: cannot, Secrets: []string{password, string(secret)},
		Post: func(text string) string { return write(mailfake.Draft{Text: text}) },
		Comment: func(parent, text string) string {
			return write(mailfake.Draft{Text: text, To: parent, Subject: "Re: "})
		},
		Delete:  f.Remove,
		Wrote:   f.Wrote,
		Advance: clock.advance,
		Spoil: func(s sourcetest.Spoil, write bool) {
			protocol := "imap"
			if write {
				protocol = "smtp"
			}
			f.Fail(protocol, map[sourcetest.Spoil]mailfake.Trouble{
				sourcetest.Lost: mailfake.Lost, sourcetest.Down: mailfake.Down, sourcetest.Later: mailfake.Busy, sourcetest.Permanent: mailfake.Nobody, sourcetest.Person: mailfake.Wrong,
				sourcetest.Garbage: mailfake.Garbage, sourcetest.Huge: mailfake.Huge, sourcetest.Odd: mailfake.Odd,
			}[s])
		},
	}
}
