package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

var north = scope.Place{Region: "95000000", Centre: "95701000"}

// faces proves that the database hides what publicface.Rule.Hidden hides, and nothing else.
func faces(t *testing.T, s Store) {
	rule := publicface.New([]regime.Regime{{Code: "secret", Private: true}})
	want := map[string]publicface.Reason{}
	at := map[string]*incident.Incident{}
	change(t, s, func(tx incident.Tx) error {
		clear(want)
		n := 0
		for _, state := range []lifecycle.State{lifecycle.New, lifecycle.Working, lifecycle.Closed} {
			for _, outcome := range append(lifecycle.Outcomes(), lifecycle.NoOutcome) {
				for _, code := range []regime.Code{"open", "secret", "appeal59", regime.Past, ""} {
					for _, channel := range []message.Channel{message.VK, message.City} {
						n++
						kind := []message.Kind{message.Complaint, message.Question, message.Complaint, message.Thanks}[n%4]
						i := open(t, tx, n, north, func(i *incident.Incident) {
							i.State, i.Outcome, i.Clock.Regime, i.Channel, i.Kind = state, outcome, code, channel, kind
						})
						want[i.Number], at[i.Number] = rule.Hidden(i), i
					}
				}
			}
		}
		return nil
	})
	shown := 0
	for number, why := range want {
		list, err := s.PublicCases(ctx, scope.All(), rule, publicface.Query{Numbers: []string{number}})
		must(t, err)
		if (len(list) == 1) != (why == publicface.Shown) {
			t.Errorf("%+v: %d rows, but Hidden = %q", at[number], len(list), why)
		}
		if why == publicface.Shown {
			shown++
		}
	}
	if all, err := s.PublicCases(ctx, scope.All(), rule, publicface.Query{}); err != nil || len(all) != shown || shown < 20 {
		t.Errorf("%d cases, %v; want %d", len(all), err, shown)
	}
	for sc, n := range map[scope.Scope]int{{}: 0, scope.OfRegion("01000000"): 0, scope.OfRegion(north.Region): shown} {
		if list, err := s.PublicCases(ctx, sc, rule, publicface.Query{}); err != nil || len(list) != n {
			t.Errorf("of %+v: %d cases, %v; want %d", sc, len(list), err, n)
		}
	}
}

// faceQueries proves the filters and what comes with a case.
func faceQueries(t *testing.T, s Store) {
	rule := publicface.New(nil)
	numbers := make([]string, 6)
	change(t, s, func(tx incident.Tx) error {
		for n := range numbers {
			i := open(t, tx, n, north, func(i *incident.Incident) {
				i.State = lifecycle.Working
				if n%2 == 1 {
					i.State, i.Topic = lifecycle.Closed, "waste.dump"
				}
				i.UpdatedAt = morning.Add(time.Duration(100-n) * time.Minute)
			})
			numbers[n] = i.Number
			for k, st := range []reply.State{reply.Published, reply.Draft} {
				r := &reply.Reply{Incident: int64(i.ID), Message: int64(i.First), Purpose: reply.Final, State: st, Text: fmt.Sprintf("ответ %d.%d", n, k), PublishedAt: morning, Place: north}
				must(t, tx.Replies().SaveReply(ctx, r))
			}
		}
		return nil
	})
	minute := func(n int) time.Time { return morning.Add(time.Duration(n) * time.Minute) }
	for name, c := range map[string]struct {
		q    publicface.Query
		want string
	}{
		"all, newest first":       {publicface.Query{}, "543210"},
		"opened since":            {publicface.Query{Since: minute(4)}, "54"},
		"opened until":            {publicface.Query{Until: minute(1)}, "10"},
		"between":                 {publicface.Query{Since: minute(2), Until: minute(3)}, "32"},
		"open":                    {publicface.Query{State: "open"}, "420"},
		"closed":                  {publicface.Query{State: "closed"}, "531"},
		"a topic":                 {publicface.Query{Topics: []topic.Code{"waste.dump"}}, "531"},
		"topics":                  {publicface.Query{Topics: []topic.Code{"waste.dump", "roads.potholes"}}, "543210"},
		"a page":                  {publicface.Query{Limit: 2, Offset: 2}, "32"},
		"behind the last page":    {publicface.Query{Limit: 2, Offset: 6}, ""},
		"changed, latest first":   {publicface.Query{ChangedSince: minute(97), ChangedUntil: minute(99)}, "123"},
		"by number, in any order": {publicface.Query{Numbers: []string{numbers[1], "00000000", numbers[4]}}, "41"},
	} {
		list, err := s.PublicCases(ctx, scope.All(), rule, c.q)
		must(t, err)
		got := ""
		for k := range list {
			got += list[k].Incident.Number
		}
		want := ""
		for _, d := range c.want {
			want += numbers[d-'0']
		}
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	list, err := s.PublicCases(ctx, scope.All(), rule, publicface.Query{})
	must(t, err)
	for k := range list {
		c, n := &list[k], len(list)-1-k
		if c.First == nil || c.Reading == nil || !strings.HasSuffix(c.First.Text, fmt.Sprint(n)) || len(c.Answers) != 1 || c.Answers[0].Text != fmt.Sprintf("ответ %d.0", n) || c.Answers[0].To == nil || c.Answers[0].To.Form != message.Comment {
			t.Errorf("what stands around case %d: %+v", n, c)
		}
	}
}
