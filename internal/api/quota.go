package api

import (
	"time"

	"otklik/internal/site"
	"otklik/internal/source"
)

// A Quota is what may be asked of a network within a time, and how much of that went.
type Quota struct {
	Name    string     `json:"name" doc:"Of what is counted, in Russian"`
	Whose   string     `json:"whose,omitempty" doc:"That the limit is for, in Russian"`
	Allowed int        `json:"allowed" doc:"0: nobody names a limit"`
	Per     int        `json:"per_seconds"`
	Used    int        `json:"used" doc:"Within the last such time"`
	Peak    int        `json:"peak,omitempty" doc:"Most within such a time in the last hour, of those that are a minute or less"`
	Back    *time.Time `json:"back_at,omitempty" doc:"When the first of them count no more"`
	Until   *time.Time `json:"until,omitempty" doc:"The network told us to wait"`
	Free    bool       `json:"free,omitempty" doc:"A play network: nothing holds us to it"`
	Ours    bool       `json:"ours,omitempty" doc:"The network names no limit, this is our own"`
}

func quotaOf(q *source.Quota) Quota {
	return Quota{q.Name, q.Whose, q.Allowed, int(q.Per.Seconds()), q.Used, q.Peak, at(q.Back), at(q.Until), q.Free, q.Ours}
}

func (a *API) quotas(id string) (out []Quota) {
	list := site.SourceQuotas(a.Roster, id)
	for k := range list {
		out = append(out, quotaOf(&list[k]))
	}
	return out
}

func (a *API) next(id string) *time.Time {
	if f, ok := a.Roster.(site.SourceFares); ok {
		if r, planned := f.Rhythm(id); planned {
			return at(r.Next)
		}
	}
	return nil
}
