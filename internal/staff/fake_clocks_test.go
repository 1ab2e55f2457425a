package staff_test

import (
	"context"
	"time"

	"otklik/internal/incident"
	"otklik/internal/scope"
)

// fakeClocks counts the board of the house.
type fakeClocks struct {
	incident.Clocks
	h *house
}

func (f fakeClocks) Board(_ context.Context, sc scope.Scope, now, soon time.Time) (out []incident.BoardLine, _ error) {
	at := map[int64]int{}
	for _, i := range f.h.incidents {
		if !sc.Sees(i.Place) || !i.State.Open() {
			continue
		}
		k, ok := at[i.Place.Agency]
		if !ok {
			k = len(out)
			at[i.Place.Agency] = k
			out = append(out, incident.BoardLine{Agency: i.Place.Agency})
		}
		switch due := i.Clock.Due; {
		case i.Clock.Overdue(now):
			out[k].Overdue++
		case !due.IsZero() && !due.After(soon):
			out[k].Soon++
		}
	}
	return out, nil
}
