package message

import (
	"time"

	"otklik/internal/scope"
)

// An Erasure is a line of the ledger: the words of a message were taken away at
// its author's request, and never come back. It names the message as its network
// does, so that it holds for a backup in which the message has another id, or is
// not there yet. It holds no words.
type Erasure struct {
	Source string
	Native string
	At     time.Time
	Who    int64 // account; 0 for the command line
	Place  scope.Place
}

// Erased returns what stays of a reading when the words are gone: kinds, codes and
// spans as bare offsets. Names of places, houses and points go, and reasons too:
// they could tell what was written.
func (r *Reading) Erased() *Reading {
	left := *r
	left.Index, left.Places, left.Evidence = "", nil, nil
	for _, p := range r.Places {
		left.Places = append(left.Places, PlaceFound{Start: p.Start, End: p.End, Type: p.Type, Region: p.Region, Municipality: p.Municipality, SettlementID: p.SettlementID, Score: p.Score})
	}
	for _, e := range r.Evidence {
		left.Evidence = append(left.Evidence, Evidence{Start: e.Start, End: e.End, For: e.For})
	}
	return &left
}
