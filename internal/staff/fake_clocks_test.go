package staff_test

import (
	"context"
	"slices"
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

// Figures counts incidents of the house as the store does, by their marks.
func (f fakeClocks) Figures(_ context.Context, sc scope.Scope, q incident.FigureQuery) (out []incident.Figures, _ error) {
	for _, i := range f.h.incidents {
		if !sc.Sees(i.Place) || i.OpenedAt.Before(q.Since) || !i.OpenedAt.Before(q.Until) || q.Agency != 0 && q.Agency != i.Place.Agency || q.Group != "" && q.Group != i.Group || q.Channel != "" && q.Channel != i.Channel {
			continue
		}
		var key incident.Figures
		switch q.By {
		case incident.ByGroup:
			key.Group = i.Group
		case incident.ByCentre:
			key.Centre = i.Place.Centre
		case incident.ByChannel:
			key.Channel, key.FirstAnswer, key.Solved = i.Channel, 26*time.Hour, 30*time.Minute
		default:
			key.Agency = i.Place.Agency
		}
		k := slices.IndexFunc(out, func(o incident.Figures) bool {
			return o.Agency == key.Agency && o.Group == key.Group && o.Centre == key.Centre && o.Channel == key.Channel
		})
		if k < 0 {
			k = len(out)
			out = append(out, key)
		}
		late := 0
		if due := i.Clock.AnswerDue; i.Mark() == incident.MarkRuns && !due.IsZero() && !due.After(q.Now) {
			late = 1
		}
		out[k].Count(i.Mark(), 1, late)
	}
	return out, nil
}
