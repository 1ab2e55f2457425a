package mail_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"otklik/internal/mailer"
	"otklik/internal/source/mail"
)

// serveIMAP serves a mailbox by a server that is not ours.
func serveIMAP(t *testing.T, conf *tls.Config, caps imap.CapSet) (addr string, u *imapmemserver.User) {
	t.Helper()
	mem := imapmemserver.New()
	u = imapmemserver.NewUser(centre, password)
	mem.AddUser(u)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: caps, Logger: log.New(io.Discard, "", 0), TLSConfig: conf, InsecureAuth: conf == nil,
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close() })
	return l.Addr().String(), u
}

func appendLetter(t *testing.T, u *imapmemserver.User, folder, letter string) {
	t.Helper()
	if _, err := u.Append(folder, strings.NewReader(string(crlf(letter))), &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

// Our client reads a mailbox of a server that others wrote, by both revisions of IMAP.
func TestAnotherServer(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	for name, caps := range map[string]imap.CapSet{
		"IMAP4rev1": {imap.CapIMAP4rev1: {}},
		"IMAP4rev2": {imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const folder = "Жалобы & вопросы"
			secure, u := serveIMAP(t, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, caps)
			for _, f := range []string{"INBOX", folder} {
				if err := u.Create(f, nil); err != nil {
					t.Fatal(err)
				}
			}
			b := &mail.Box{Source: mail.SourceID(centre), Address: centre, IMAP: secure, Secret: mailer.StartTLS, User: centre, Password: password, Roots: roots, Key: secret, SMTP: nobody{}, Folders: []string{folder}}
			appendLetter(t, u, "INBOX", plainLetter("1@x", "Нет света на Мира, 3"))
			appendLetter(t, u, folder, plainLetter("2@x", "Яма на Лесной"))
			got, cursor := natives(t, b, nil)
			if got != "1@x 2@x" {
				t.Fatalf("the first reading brings %q", got)
			}
			if got, _ := natives(t, b, cursor); got != "" {
				t.Errorf("nothing new, and it brings %q", got)
			}
			appendLetter(t, u, folder, plainLetter("3@x", "Не чистят снег"))
			if got, cursor = natives(t, b, cursor); got != "3@x" {
				t.Errorf("then it brings %q", got)
			}
			// The folder was made anew: its numbers are others.
			if err := u.Delete(folder); err != nil {
				t.Fatal(err)
			}
			if err := u.Create(folder, nil); err != nil {
				t.Fatal(err)
			}
			appendLetter(t, u, folder, plainLetter("2@x", "Яма на Лесной"))
			appendLetter(t, u, folder, plainLetter("4@x", "Не вывозят мусор"))
			if got, _ = natives(t, b, cursor); got != "2@x 4@x" {
				t.Errorf("of a folder that was made anew it brings %q", got)
			}
			_, err := (&mail.Box{Source: b.Source, Address: centre, IMAP: secure, Secret: mailer.StartTLS, User: centre, Password: "другой", Roots: roots, Key: secret, SMTP: nobody{}}).Poll(t.Context(), nil)
			if _, said := sentence(t, err); !strings.Contains(said, "не принимает адрес или пароль") {
				t.Errorf("a wrong password: %q", said)
			}
		})
	}
}

// A letter that comes while we wait is brought by that server's IDLE.
func TestAnotherServerWakesUs(t *testing.T) {
	t.Parallel()
	bare, u := serveIMAP(t, nil, imap.CapSet{imap.CapIMAP4rev1: {}})
	if err := u.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	appendLetter(t, u, "INBOX", plainLetter("1@x", "Нет света на Мира, 3"))
	b := &mail.Box{Source: mail.SourceID(centre), Address: centre, Secret: mailer.Plain, User: centre, Password: password, Key: secret, SMTP: nobody{}, Wait: 10 * time.Minute}
	var waits <-chan struct{}
	b.IMAP, waits = overhear(t, bare, "+ ")
	batch, err := b.Poll(t.Context(), nil)
	if err != nil || len(batch.Messages) != 1 {
		t.Fatalf("%+v, %v", batch, err)
	}
	came := make(chan string, 1)
	go func() {
		next, err := b.Poll(t.Context(), batch.Cursor)
		if err != nil || len(next.Messages) != 1 {
			came <- "nothing"
			return
		}
		came <- next.Messages[0].Native
	}()
	<-waits
	appendLetter(t, u, "INBOX", plainLetter("2@x", "Не вывозят мусор"))
	if got := <-came; got != "2@x" {
		t.Errorf("while it waited came %q", got)
	}
}
