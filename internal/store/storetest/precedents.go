package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/precedent"
	"otklik/internal/scope"
)

// serving proves that precedents are found by words, topic and place inside the scope,
// while their incident is finished, and are gone when its words are erased.
func serving(t *testing.T, s Store) {
	done := func(i *incident.Incident) {
		i.State, i.Outcome, i.VerifiedAt = lifecycle.Closed, lifecycle.Solved, morning
		i.Settlement, i.Address.Street, i.Address.House = "95701000001", "улица Мира", "5"
	}
	var words, place, far, working, other *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		words, place = open(t, tx, 1, here, done), open(t, tx, 2, here, done)
		far = open(t, tx, 3, scope.Place{Region: perm, Centre: lysva}, done)
		working = open(t, tx, 4, here)
		other = open(t, tx, 5, scope.Place{Region: khakassia, Centre: abaza}, done)
		for _, p := range []struct {
			i     *incident.Incident
			terms []int64
		}{{words, []int64{-7, 8, 9}}, {place, []int64{50}}, {far, []int64{-7, 8}}, {working, []int64{-7, 8}}, {other, []int64{8}}} {
			must(t, tx.Precedents().Keep(ctx, precedent.Precedent{Incident: int64(p.i.ID), Reply: 70 + int64(p.i.ID), Topic: p.i.Topic, Settlement: p.i.Settlement, Mark: 4.5, At: morning, Place: p.i.Place}, p.terms))
		}
		return nil
	})
	find := func(sc scope.Scope, q precedent.Query) map[int64]float64 {
		t.Helper()
		q.Region = khakassia
		list, err := s.Reader().Precedents().Candidates(ctx, sc, q)
		must(t, err)
		got := map[int64]float64{}
		for _, p := range list {
			got[p.Incident] = p.Shared
		}
		return got
	}
	id := func(i *incident.Incident) int64 { return int64(i.ID) }
	all := scope.OfRegion(khakassia)
	got := find(all, precedent.Query{Terms: []int64{-7, 8, 1000}})
	if len(got) != 2 || got[id(words)] != 1 || got[id(other)] <= 0 || got[id(other)] >= 0.6 {
		t.Errorf("by words: %v", got)
	}
	for name, c := range map[string]struct {
		sc   scope.Scope
		q    precedent.Query
		want []int64
	}{
		"not itself":        {all, precedent.Query{Terms: []int64{-7}, Not: id(words)}, nil},
		"of the centre":     {scope.OfCentre(khakassia, abaza), precedent.Query{Terms: []int64{8}}, []int64{id(other)}},
		"of nobody":         {scope.Scope{}, precedent.Query{Terms: []int64{8}}, nil},
		"by topic":          {all, precedent.Query{Topic: words.Topic, Settlement: words.Settlement}, []int64{id(words), id(place), id(other)}},
		"of no other topic": {all, precedent.Query{Topic: "housing.lift"}, nil},
		"nothing asked":     {all, precedent.Query{}, nil},
	} {
		got := find(c.sc, c.q)
		same := len(got) == len(c.want)
		for _, id := range c.want {
			_, ok := got[id]
			same = same && ok
		}
		if !same {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	list, err := s.Reader().Precedents().Candidates(ctx, all, precedent.Query{Region: khakassia, Terms: []int64{9}})
	want := []precedent.Precedent{{Incident: id(words), Reply: 70 + id(words), Topic: words.Topic, Settlement: "95701000001", Street: "улица Мира", House: "5", Verified: true, Mark: 4.5, At: morning, Place: here, Shared: 1}}
	if diff := cmp.Diff(want, list); diff != "" || err != nil {
		t.Errorf("Candidates: %v, differ:\n%s", err, diff)
	}

	change(t, s, func(tx incident.Tx) error { // again, with other words
		must(t, tx.Precedents().Keep(ctx, list[0], []int64{77}))
		return tx.Precedents().Forget(ctx, id(place))
	})
	if got := find(all, precedent.Query{Terms: []int64{9, 50}}); len(got) != 0 {
		t.Errorf("words that are gone find %v", got)
	}
	if got := find(all, precedent.Query{Terms: []int64{77}}); len(got) != 1 {
		t.Errorf("the new word finds %v", got)
	}
	unknown, err := s.Reader().Precedents().Unknown(ctx, 0, 10)
	if diff := cmp.Diff([]int64{id(place)}, unknown); diff != "" || err != nil {
		t.Errorf("Unknown: %v, differ:\n%s", err, diff)
	}
	change(t, s, func(tx incident.Tx) error {
		marked := open(t, tx, 6, here, func(i *incident.Incident) { i.State, i.AnsweredAt = lifecycle.Answered, morning })
		v := feedback.Voice{Incident: id(marked), Speaker: feedback.Author, Way: feedback.Link, Meaning: feedback.Mark, Mark: 5, State: feedback.Acted, Place: here}
		must(t, tx.Feedback().Hear(ctx, &v))
		m, _ := letter(1, here)
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: here, At: morning})
	})
	if unknown, err = s.Reader().Precedents().Unknown(ctx, id(place), 10); err != nil || len(unknown) != 1 {
		t.Errorf("Unknown behind one: %v, %v", unknown, err)
	}
	if got := find(all, precedent.Query{Terms: []int64{77}}); len(got) != 0 {
		t.Errorf("after its words were erased it is found: %v", got)
	}
}
