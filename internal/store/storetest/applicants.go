package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/applicant"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// applicants proves that a link leads to its applicant alone, that an applicant goes where
// their message goes, and that nothing of it is left when the words are erased.
func applicants(t *testing.T, s Store) {
	var here1, there *incident.Incident
	var m *message.Message
	one := &applicant.Applicant{Nonce: "n1", Contact: "d1", News: true, Consent: "v1", Told: 3, At: morning}
	two := &applicant.Applicant{Nonce: "n2", Contact: "d1", Joined: true, At: morning.Add(time.Minute)}
	change(t, s, func(tx incident.Tx) error {
		here1, there = open(t, tx, 1, here), open(t, tx, 2, here)
		var err error
		m, err = tx.Messages().Message(ctx, scope.All(), here1.First)
		must(t, err)
		one.Message, two.Message = int64(here1.First), int64(there.First)
		one.Place, two.Place = m.Place, m.Place
		must(t, tx.Applicants().Add(ctx, "secret-1", one))
		must(t, tx.Applicants().Add(ctx, "secret-2", two))
		if err := tx.Applicants().Add(ctx, "secret-3", &applicant.Applicant{Message: one.Message, Nonce: "n3", At: morning}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second applicant of a message: %v", err)
		}
		one.News, one.Judged, one.Told, one.WithdrawnAt = false, 8, 9, morning.Add(time.Hour)
		return tx.Applicants().Save(ctx, one)
	})
	store := func() applicant.Store { return s.Reader().Applicants() }
	get := func(secret string) *applicant.Applicant {
		a, err := store().BySecret(ctx, secret)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		must(t, err)
		return a
	}
	if diff := cmp.Diff(one, get("secret-1")); diff != "" {
		t.Errorf("BySecret (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"", "secret-3", "n1", "SECRET-1"} {
		if a := get(secret); a != nil {
			t.Errorf("BySecret(%q) = %+v", secret, a)
		}
	}
	list := func(l []applicant.Applicant, err error) (out []applicant.ID) {
		must(t, err)
		for _, a := range l {
			out = append(out, a.ID)
		}
		return out
	}
	check := func(name string, got []applicant.ID, want ...applicant.ID) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	check("of the contact", list(store().OfContact(ctx, "d1", 10)), two.ID, one.ID)
	check("of no contact", list(store().OfContact(ctx, "", 10)))
	check("of the incident", list(store().OfIncident(ctx, int64(here1.ID))), one.ID)
	unaware := func(now time.Time) []applicant.ID { return list(store().Unaware(ctx, now, 10)) }
	note := func(id incident.ID) (entry int64) { // a line of history
		change(t, s, func(tx incident.Tx) error {
			must(t, tx.Incidents().Record(ctx, &incident.Entry{Incident: id, Version: 1, At: morning, Action: lifecycle.Accept}))
			h, err := tx.Incidents().History(ctx, scope.All(), id)
			must(t, err)
			entry = h[len(h)-1].ID
			return nil
		})
		return entry
	}
	last := note(there.ID)
	note(here1.ID)
	check("who wants no news", unaware(morning))
	save := func(a *applicant.Applicant) {
		change(t, s, func(tx incident.Tx) error { return tx.Applicants().Save(ctx, a) })
	}
	two.News, two.Telling, two.Tries, two.NextAt = true, last, 2, morning.Add(time.Hour)
	save(two)
	check("before the next try", unaware(morning))
	check("due", unaware(morning.Add(time.Hour)), two.ID)
	if diff := cmp.Diff(two, get("secret-2")); diff != "" {
		t.Errorf("a letter on its way (-want +got):\n%s", diff)
	}
	two.Told, two.Telling, two.Tries, two.NextAt = last, 0, 0, time.Time{}
	save(two)
	check("who knows all", unaware(morning.Add(time.Hour)))
	one.News = true // and has taken it back
	save(one)
	check("who has taken it back", unaware(morning.Add(time.Hour)))
	change(t, s, func(tx incident.Tx) error { // a merge takes the message along
		must(t, tx.Incidents().Detach(ctx, here1.ID, here1.First))
		return tx.Incidents().Attach(ctx, there.ID, here1.First)
	})
	check("after a merge", list(store().OfIncident(ctx, int64(there.ID))), one.ID, two.ID)

	v := &feedback.Voice{Incident: int64(there.ID), Speaker: feedback.Author, Way: feedback.Link, Meaning: feedback.Refuted, Sure: 1, State: feedback.Acted, At: morning,
		Reasons: []feedback.Reason{feedback.NobodyCame, feedback.TooLate}}
	change(t, s, func(tx incident.Tx) error { return tx.Feedback().Hear(ctx, v) })
	heard, err := s.Reader().Feedback().Voice(ctx, scope.All(), v.ID)
	must(t, err)
	if diff := cmp.Diff(v.Reasons, heard.Reasons); diff != "" {
		t.Errorf("Reasons (-want +got):\n%s", diff)
	}

	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: m.Place, At: morning})
	})
	if a := get("secret-1"); a != nil {
		t.Errorf("the link of erased words leads to %+v", a)
	}
	check("of the contact, after erasing", list(store().OfContact(ctx, "d1", 10)), two.ID)
}
