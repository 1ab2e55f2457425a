package source

import (
	"context"
	"net/url"
)

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
