package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// decisions proves what is learnt from: what people decided, never what they
// refused, and nothing that was erased or deleted.
func decisions(t *testing.T, s Store) {
	var ids []incident.ID
	var erased *message.Message
	accepted := func(i *incident.Incident) { i.State, i.AcceptedAt = lifecycle.Triage, morning }
	change(t, s, func(tx incident.Tx) error {
		ids = nil
		for n, mod := range []func(*incident.Incident){
			func(*incident.Incident) {}, // 0: nobody has looked
			accepted,                    // 1: with the machine's topic
			func(i *incident.Incident) { accepted(i); i.Topic = "waste.collection" }, // 2: corrected
			func(i *incident.Incident) {
				i.State, i.AcceptedAt, i.Outcome = lifecycle.Closed, morning, lifecycle.Refused
			}, // 3
			accepted, // 4: its words are erased below
			accepted, // 5: corrected there and back
			func(i *incident.Incident) { accepted(i); i.Topic = topic.Undefined },                                  // 6
			func(i *incident.Incident) { accepted(i); i.State, i.Place.Agency = lifecycle.Working, 9 },             // 7: taken by an agency
			func(i *incident.Incident) { accepted(i); i.State, i.Place.Agency = lifecycle.Assigned, 9 },            // 8: handed over, nobody took it
			func(i *incident.Incident) { accepted(i); i.Place.Centre = abaza },                                     // 9: elsewhere
			func(i *incident.Incident) { accepted(i) },                                                             // 10: deleted at its network
			func(i *incident.Incident) { i.Topic = "waste.collection" },                                            // 11: corrected by the machine, not accepted
			func(i *incident.Incident) { accepted(i); i.Outcome, i.State = lifecycle.Duplicate, lifecycle.Closed }, // 12
		} {
			ids = append(ids, open(t, tx, n, here, mod).ID)
		}
		correct := func(n int, who int64, field, was, now string) {
			e := incident.Entry{Incident: ids[n], Version: 1, At: morning, Action: lifecycle.Correct, From: lifecycle.New, To: lifecycle.New,
				Detail: incident.Detail{Field: field, Was: was, Now: now}}
			e.Who = 5
			if who == 0 {
				e.Who = 0
			}
			must(t, tx.Incidents().Record(ctx, &e))
		}
		correct(2, 5, "topic", "roads.potholes", "roads.lighting")
		correct(2, 5, "topic", "roads.lighting", "waste.collection")
		correct(5, 5, "topic", "roads.potholes", "waste.collection")
		correct(5, 5, "topic", "waste.collection", "roads.potholes")
		correct(1, 5, "urgency", "normal", "high")
		correct(11, 0, "topic", "roads.potholes", "waste.collection")
		m, _ := letter(4, here)
		erased = m
		must(t, tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: here, At: morning}))
		gone, _ := letter(10, here)
		gone.Event, gone.Text, gone.Revision.Time = message.Deleted, "", morning.Add(time.Hour)
		_, err := tx.Messages().Keep(ctx, gone, nil)
		return err
	})
	got, err := s.Reader().Lessons().Decisions(ctx, scope.OfCentre(khakassia, abakan), 100)
	must(t, err)
	text := func(n int) string { m, _ := letter(n, here); return m.Text }
	want := []lesson.Decision{
		{Incident: int64(ids[8]), Text: text(8), Topic: "roads.potholes", Centre: abakan},
		{Incident: int64(ids[7]), Text: text(7), Topic: "roads.potholes", Centre: abakan, Agency: 9},
		{Incident: int64(ids[5]), Text: text(5), Topic: "roads.potholes", Centre: abakan},
		{Incident: int64(ids[2]), Text: text(2), Topic: "waste.collection", Corrected: true, Centre: abakan},
		{Incident: int64(ids[1]), Text: text(1), Topic: "roads.potholes", Centre: abakan},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decisions differ (-want +got):\n%s", diff)
	}
	if got, err := s.Reader().Lessons().Decisions(ctx, scope.OfRegion(khakassia), 2); err != nil || len(got) != 2 || got[0].Incident != int64(ids[9]) {
		t.Errorf("the last two of the region = %+v, %v", got, err)
	}
	if got, err := s.Reader().Lessons().Decisions(ctx, scope.Scope{}, 2); err != nil || len(got) != 0 {
		t.Errorf("nobody's scope sees %d decisions, %v", len(got), err)
	}
	for _, d := range got {
		if strings.Contains(d.Text, erased.Text) {
			t.Error("an erased text is learnt from")
		}
	}
	kept, err := s.Reader().Lessons().Kept(ctx, scope.All(), "roads.potholes", abakan, 10)
	if err != nil || len(kept) != 1 || kept[0] != 9 {
		t.Errorf("Kept = %v, %v; want agency 9 once", kept, err)
	}
	for _, other := range []scope.Scope{scope.OfRegion(perm), scope.OfCentre(khakassia, abaza), {}} {
		if kept, err := s.Reader().Lessons().Kept(ctx, other, "roads.potholes", "", 10); err != nil || len(kept) != 0 {
			t.Errorf("Kept of another scope = %v, %v", kept, err)
		}
	}
}

// learnt proves that versions are numbered once, that one of a subject is active,
// and that all of a change happens or nothing.
func learnt(t *testing.T, s Store) {
	make := func(n int, state lesson.State) *lesson.Version {
		return &lesson.Version{Place: scope.Place{Region: khakassia}, Subject: lesson.Topics, Number: n, State: state, MadeAt: morning, MadeBy: 3, DecidedAt: morning,
			DecidedBy: 3, Before: n - 1, Shipped: 2400, Corrected: 40, Confirmed: 300, Data: "ab12", Reason: "причина",
			Figures: lesson.Figures{Old: lesson.Score{First: 80, Three: 90}, New: lesson.Score{First: 85, Three: 91}, Own: 60, Shipped: 40, Gained: 7, Broken: 2,
				By: []lesson.Shift{{Label: "roads.potholes", Gained: 7, Broken: 2, GainedIn: []int64{4}, BrokenIn: []int64{13}}}}}
	}
	add := func(v *lesson.Version) error {
		return s.Change(ctx, incident.People, func(tx incident.Tx) error {
			return tx.Lessons().Add(ctx, v, []byte{0, 1, byte(v.Number)})
		})
	}
	turn := func(v *lesson.Version, to lesson.State) error {
		c := *v
		err := s.Change(ctx, incident.People, func(tx incident.Tx) error { c = *v; return tx.Lessons().Turn(ctx, &c, to, 7, morning.Add(time.Hour)) })
		if err == nil {
			*v = c
		}
		return err
	}
	active := func(want int) {
		t.Helper()
		if n, err := s.Reader().Lessons().ActiveNumber(ctx, khakassia, lesson.Topics); err != nil || n != want {
			t.Errorf("active is %d, %v; want %d", n, err, want)
		}
	}
	active(0)
	one, two := make(1, lesson.Active), make(2, lesson.Candidate)
	must(t, add(one))
	must(t, add(two))
	want(t, add(make(2, lesson.Refused)), fault.Conflict)
	want(t, add(make(3, lesson.Active)), fault.Conflict) // another is
	elsewhere, executors := make(1, lesson.Active), make(1, lesson.Active)
	elsewhere.Place.Region, executors.Subject = perm, lesson.Executors
	must(t, add(elsewhere))
	must(t, add(executors))
	active(1)
	stale := *two
	want(t, turn(two, lesson.Active), fault.Conflict)
	active(1)
	must(t, turn(one, lesson.Replaced))
	must(t, turn(two, lesson.Active))
	active(2)
	want(t, turn(&stale, lesson.Active), fault.Conflict)
	err := s.Change(ctx, incident.People, func(tx incident.Tx) error {
		c := *two
		must(t, tx.Lessons().Turn(ctx, &c, lesson.RolledBack, 7, morning))
		return tx.Lessons().Turn(ctx, &stale, lesson.Active, 7, morning) // fails: it is no candidate any more
	})
	want(t, err, fault.Conflict)
	active(2)

	got, err := s.Reader().Lessons().Versions(ctx, khakassia, lesson.Topics)
	must(t, err)
	if diff := cmp.Diff([]lesson.Version{*two, *one}, got); diff != "" {
		t.Errorf("Versions differ (-want +got):\n%s", diff)
	}
	b, err := s.Reader().Lessons().Model(ctx, khakassia, lesson.Topics, 2)
	if err != nil || string(b) != "\x00\x01\x02" {
		t.Errorf("Model(2) = %q, %v", b, err)
	}
	_, err = s.Reader().Lessons().Model(ctx, khakassia, lesson.Topics, 9)
	want(t, err, fault.NotFound)
	_, err = s.Reader().Lessons().Model(ctx, "", lesson.Topics, 1)
	want(t, err, fault.NotFound)

	for n, c := range []struct {
		region, night string
		want          bool
	}{{khakassia, "2026-11-22", true}, {khakassia, "2026-11-22", false}, {khakassia, "2026-11-21", false}, {khakassia, "2026-11-23", true}, {"", "2026-11-22", true}} {
		var got bool
		change(t, s, func(tx incident.Tx) (err error) {
			got, err = tx.Lessons().ClaimNight(ctx, c.region, c.night)
			return err
		})
		if got != c.want {
			t.Errorf("claim %d of %s = %v", n, c.night, got)
		}
	}
}
