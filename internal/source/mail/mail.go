// Package mail is a mailbox as a source: letters come in by IMAP, replies go out by SMTP
// into the same thread.
//
// A letter is named by its Message-ID. A reply of ours has a Message-ID that nobody can
// guess and that is bound to the thread and to whom it went (see secret.go): only who
// received it can answer it, so a sender's address alone, which anybody can write, neither
// rates nor reopens an incident. Letters of machines (auto.go) open nothing and get no
// answer; a report that our letter could not be delivered is told to the desk.
//
// Read takes a letter apart and never fails; Box reads the mailbox and answers; Open makes a
// Box of a source as people keep it.
package mail

import (
	"context"
	"crypto/tls"
	"sync"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
)

// A Box is one mailbox.
type Box struct {
	Source   string // «mail:cur@example.ru»
	Name     string // before the address in our letters
	Address  string // ours; may be one of several
	Aliases  []string
	IMAP     string // host:port
	Secret   string // mailer.TLS when empty
	User     string
	Password string
	OAuth    Tokens   // lets us in in place of the password; nil: the password does
	Folders  []string // read beside INBOX
	Sent     string   // where the server itself keeps what it sends for us; "" = it does not
	Back     time.Duration
	SMTP     Sender
	Key      []byte      // of our Message-IDs
	Roots    *tls.Config // nil: the system's
	Now      func() time.Time
	Wait     time.Duration // how long Poll waits for news
	PerDay   int
	PerHour  int

	// Numbered returns the Message-ID of the first letter of the incident whose public number
	// is told, "" for none. Nil: numbers in subjects mean nothing.
	Numbered func(ctx context.Context, number string) (string, error)

	// NumberOf returns the public number of an incident, for the subject of our answer. Nil: it
	// has none.
	NumberOf func(ctx context.Context, incident int64) (string, error)

	mu   sync.Mutex // of the connection that polls
	conn *conn
	rest *time.Timer    // closes it when nobody polls
	bad  map[string]int // letters that the server does not give, by how often
}

// Tokens give access to a mailbox by OAuth 2.
type Tokens interface {
	// Token returns an access token, another one than the one that was refused. Its errors are
	// source.Errors.
	Token(ctx context.Context, refused string) (string, error)
}

// A Sender hands letters over. mailer.Server is one.
type Sender interface {
	Send(ctx context.Context, from, to string, letter []byte) error
}

// ID implements source.Puller.
func (b *Box) ID() string { return b.Source }

func (b *Box) now() time.Time {
	if b.Now != nil {
		return b.Now().UTC()
	}
	return time.Now().UTC()
}

// ours reports whether an address is ours.
func (b *Box) ours(address string) bool {
	if address == b.Address {
		return true
	}
	for _, a := range b.Aliases {
		if a == address {
			return true
		}
	}
	return false
}

// channel of every letter.
const channel = message.Mail

var (
	_ source.Puller    = (*Box)(nil)
	_ source.Publisher = (*Box)(nil)
)
