package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/checklist"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/shift"
	"otklik/internal/team"
)

func disputing(t *testing.T, s Store) {
	var ids []incident.ID
	change(t, s, func(tx incident.Tx) error {
		for n, mod := range []func(*incident.Incident){
			func(*incident.Incident) {}, func(i *incident.Incident) { i.Place.Centre = abaza },
			func(i *incident.Incident) { i.State = lifecycle.Closed }, func(*incident.Incident) {},
		} {
			ids = append(ids, open(t, tx, n, here, mod).ID)
		}
		for n, id := range ids {
			if err := tx.Disputes().SaveDispute(ctx, &incident.Dispute{Incident: id, Hops: 2, State: incident.ForArbiter, Since: morning.Add(-time.Duration(n) * time.Hour)}); err != nil {
				return err
			}
		}
		return tx.Disputes().SaveDispute(ctx, &incident.Dispute{Incident: ids[3], Hops: 3, State: incident.Arbitrated, Since: morning, DecidedAt: morning, DecidedBy: 7})
	})
	of := func(sc scope.Scope, state incident.DisputeState, want ...incident.ID) {
		t.Helper()
		list, err := s.Reader().Disputes().Disputes(ctx, sc, state, 10)
		must(t, err)
		var got []incident.ID
		for _, d := range list {
			got = append(got, d.Incident)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("disputes %s differ (-want +got):\n%s", state, diff)
		}
	}
	of(scope.All(), incident.ForArbiter, ids[1], ids[0]) // the one that waits longest first; the closed one not
	of(scope.OfCentre(khakassia, here.Centre), incident.ForArbiter, ids[0])
	of(scope.OfRegion(perm), incident.ForArbiter)
	of(scope.All(), incident.Arbitrated, ids[3])
	list, err := s.Reader().Disputes().Disputes(ctx, scope.All(), incident.Arbitrated, 10)
	must(t, err)
	if diff := cmp.Diff(incident.Dispute{Incident: ids[3], Hops: 3, State: incident.Arbitrated, Since: morning, DecidedAt: morning, DecidedBy: 7}, list[0]); diff != "" {
		t.Errorf("a dispute comes back changed:\n%s", diff)
	}
}

// colleagues: what stands around an incident comes back as it was written.
func colleagues(t *testing.T, s Store) {
	var i, other *incident.Incident
	note := team.Note{Who: 3, At: morning, Text: "Смотрите", Mentions: []account.ID{4, 5}}
	item := checklist.Item{Text: "Выехать", By: 3, At: morning, Due: morning.Add(time.Hour)}
	change(t, s, func(tx incident.Tx) error {
		i, other = open(t, tx, 1, here), open(t, tx, 2, here)
		note.Incident, item.Incident = int64(i.ID), int64(i.ID)
		must(t, tx.Team().AddNote(ctx, &note))
		must(t, tx.Checklists().SaveItem(ctx, &item))
		must(t, tx.Checklists().SaveTemplate(ctx, khakassia, checklist.Template{Group: "Дороги", Items: []string{"а", "б"}}))
		must(t, tx.Team().Join(ctx, &team.Member{Incident: int64(i.ID), Agency: 77, By: 3, At: morning}))
		must(t, tx.Team().Follow(ctx, team.Follow{Incident: int64(i.ID), Account: 4, At: morning}))
		must(t, tx.Team().Follow(ctx, team.Follow{Incident: int64(i.ID), Account: 4, At: morning})) // no harm
		must(t, tx.Shifts().SaveShift(ctx, &shift.Shift{Place: here, OpenedAt: morning, ClosedAt: morning.Add(time.Hour), ClosedBy: 3, Note: "Тихо", Figures: shift.Figures{Came: 4}}))
		return tx.Links().Link(ctx, &incident.Link{From: i.ID, To: other.ID, Kind: incident.Cause, By: 3, At: morning})
	})
	r := s.Reader()
	notes, err := r.Team().Notes(ctx, int64(i.ID))
	must(t, err)
	if diff := cmp.Diff([]team.Note{note}, notes); diff != "" {
		t.Errorf("notes differ (-want +got):\n%s", diff)
	}
	items, err := r.Checklists().Items(ctx, int64(i.ID))
	must(t, err)
	if diff := cmp.Diff([]checklist.Item{item}, items); diff != "" {
		t.Errorf("points differ (-want +got):\n%s", diff)
	}
	templates, err := r.Checklists().Templates(ctx, khakassia)
	must(t, err)
	if diff := cmp.Diff([]checklist.Template{{Group: "Дороги", Items: []string{"а", "б"}}}, templates); diff != "" {
		t.Errorf("templates differ (-want +got):\n%s", diff)
	}
	shifts, err := r.Shifts().Shifts(ctx, here, 3)
	must(t, err)
	if len(shifts) != 1 || shifts[0].Note != "Тихо" || shifts[0].Figures.Came != 4 || !shifts[0].AcceptedAt.IsZero() {
		t.Errorf("shifts = %+v", shifts)
	}
	if elsewhere, err := r.Shifts().Shifts(ctx, scope.Place{Region: khakassia}, 3); err != nil || len(elsewhere) != 0 {
		t.Errorf("shifts of the region = %+v, %v", elsewhere, err)
	}
	// Who helps sees the incident, and no other.
	helper := scope.OfAgency(khakassia, 77)
	_, err = r.Incidents().Incident(ctx, helper, i.ID)
	must(t, err)
	_, err = r.Incidents().Incident(ctx, helper, other.ID)
	want(t, err, fault.NotFound)
	_, err = r.Incidents().Incident(ctx, scope.OfAgency(perm, 77), i.ID)
	want(t, err, fault.NotFound)
	if ids, err := r.Team().Joined(ctx, 77, 5); err != nil || len(ids) != 1 {
		t.Errorf("helps with %v, %v", ids, err)
	}
	if ids, err := r.Team().Followed(ctx, 4, 5); err != nil || len(ids) != 1 {
		t.Errorf("follows %v, %v", ids, err)
	}
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Links().Link(ctx, &incident.Link{From: other.ID, To: i.ID, Kind: incident.Related})
	})
	want(t, err, fault.Conflict)
	err = s.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Team().Join(ctx, &team.Member{Incident: int64(i.ID), Agency: 77})
	})
	want(t, err, fault.Conflict)
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Team().Leave(ctx, int64(i.ID), 77, 0))
		must(t, tx.Team().Unfollow(ctx, int64(i.ID), 4))
		must(t, tx.Links().Unlink(ctx, other.ID, i.ID))
		return tx.Checklists().SaveTemplate(ctx, khakassia, checklist.Template{Group: "Дороги"})
	})
	for who, want := range map[account.ID]int{4: 1, 5: 1, 6: 0} {
		if list, err := r.Team().Naming(ctx, who, 9); err != nil || len(list) != want || want > 0 && list[0].Text != note.Text {
			t.Errorf("account %d is named in %+v, %v; want %d", who, list, err, want)
		}
	}
	_, err = r.Incidents().Incident(ctx, helper, i.ID)
	want(t, err, fault.NotFound)
	change(t, s, func(tx incident.Tx) error { return tx.Team().EraseNote(ctx, note.ID) })
	if notes, err = r.Team().Notes(ctx, int64(i.ID)); err != nil || len(notes) != 1 || notes[0].Text != "" || len(notes[0].Mentions) != 0 {
		t.Errorf("an erased note is %+v, %v", notes, err)
	}
	if list, err := r.Checklists().Templates(ctx, khakassia); err != nil || len(list) != 0 {
		t.Errorf("templates = %+v, %v", list, err)
	}
	if links, err := r.Links().LinksOf(ctx, i.ID); err != nil || len(links) != 0 {
		t.Errorf("links = %+v, %v", links, err)
	}
	if drafts, err := r.Replies().Drafts(ctx, scope.All(), 5); err != nil || len(drafts) != 0 {
		t.Errorf("drafts = %+v, %v", drafts, err)
	}
	if unclear, err := r.Replies().Unclear(ctx, scope.All(), 5); err != nil || len(unclear) != 0 {
		t.Errorf("unclear = %+v, %v", unclear, err)
	}
}
