package upload

import (
	"sync/atomic"

	"otklik/internal/fault"
)

// A why is a reason for which a file is not taken.
type why int

const (
	empty why = iota
	large
	unfit        // not a kind that we take, broken, cut off, a bomb
	infectedFile //
	limited      // the address sent too much
	whys
)

var whyNames = [whys]string{"empty", "too_large", "unfit", "infected", "limit"}

// counts are since the program started.
type counts struct {
	by   [whys]atomic.Int64
	away atomic.Int64 // times that the scanner could not say
}

func (c *counts) refused(w why) { c.by[w].Add(1) }

// refuse counts a refusal and says it.
func (u *Uploads) refuse(w why, sentence string) error {
	u.counts.refused(w)
	return fault.New(fault.Invalid, "upload refused: %s", whyNames[w]).At("file").Say(sentence)
}

// Refused returns how many files were not taken since the program started, by reason:
// empty, too_large, unfit, infected, limit.
func (u *Uploads) Refused() map[string]int64 {
	m := map[string]int64{}
	for k := range u.counts.by {
		m[whyNames[k]] = u.counts.by[k].Load()
	}
	return m
}
