package source

import (
	"context"
	"net/url"
	"time"
)

// A Sender is a system that pushes messages to us by the signed call (docs/intake.md): a
// source of the kind Hook.
type Sender struct {
	Source    string // «hook:portal»
	Number    int64  // in the address of its own
	Key, Was  []byte // of HMAC-SHA256; Was, the one before, is good until Until
	Until     time.Time
	Territory string // OKTMO that it speaks for; it may not push into others
	Stream    bool   // it pushes a whole public stream: the watches decide what is ours
	PerMinute int    // messages at most; 0 = no limit
	Paused    bool   // its calls are to come again later
	Open311   bool   // it files by Open311 (package georeport), its secret is its api_key; it signs no calls
}

// A Refusal is the last call of a sender that was not taken.
type Refusal struct {
	At       time.Time
	Sentence string // for people, in Russian
	Count    int    // of all since the program started
}

// Keys returns the keys by which its calls may be signed now.
func (s *Sender) Keys(now time.Time) [][]byte {
	if len(s.Was) > 0 && now.Before(s.Until) {
		return [][]byte{s.Key, s.Was}
	}
	return [][]byte{s.Key}
}

// A Receiver takes what a network pushes to us by calling our address.
type Receiver interface {
	// Receive reads one call. It stores nothing: the answer goes out after what the call
	// brought is on the disk. An Error of trouble Person is a call that the network did
	// not make (a wrong secret); one of trouble Permanent is no call of this network.
	Receive(ctx context.Context, c Call) (Received, error)
}

// A Call is what came in, its body read to the end.
type Call struct {
	Header func(name string) string // "" for none
	Query  url.Values
	Body   []byte
}

// A Received is what one call brought.
type Received struct {
	Batch         // Cursor and More mean nothing here
	ID     string // of the call at the network: a second one with it brings nothing; "" = none
	Answer string // body of the 200 that the network wants: «ok»
}
