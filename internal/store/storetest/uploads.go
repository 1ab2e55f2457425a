package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// uploads proves that a file is given once and whole, is due while its attachment is wanted,
// and goes with an erased message.
func uploads(t *testing.T, s Store) {
	one := &attachment.Upload{Seal: "one", Size: 700, Title: "двор.jpg", At: morning}
	var a attachment.Attachment
	change(t, s, func(tx incident.Tx) error {
		i := open(t, tx, 1, here)
		u := tx.Uploads()
		must(t, u.Begin(ctx, one))
		must(t, u.Begin(ctx, &attachment.Upload{Seal: "two", Size: 50, At: morning}))
		a = attachment.Attachment{Message: int64(i.First), State: attachment.Wanted, Ref: attachment.Ref{Kind: attachment.Photo, Name: "upload:one"}, At: morning, Place: i.Place}
		must(t, tx.Attachments().Add(ctx, &a))
		if err := u.Take(ctx, "one", a.ID, here.Region); !fault.Is(err, fault.Conflict) {
			t.Errorf("half an upload was taken: %v", err)
		}
		one.Kind, one.TakenAt, one.Lat, one.Lon, one.Title = attachment.Photo, morning.Add(-time.Hour), 53.5, 91.25, "двор.png"
		return u.Whole(ctx, one)
	})
	u := s.Reader().Uploads()
	got, err := u.Upload(ctx, "one")
	must(t, err)
	if diff := cmp.Diff(one, got); diff != "" {
		t.Errorf("Upload (-want +got):\n%s", diff)
	}
	if bytes, unscanned, err := u.Load(ctx); bytes != 750 || unscanned != 0 || err != nil {
		t.Errorf("Load = %d, %d, %v", bytes, unscanned, err)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Uploads().Take(ctx, "one", a.ID, here.Region) })
	change(t, s, func(tx incident.Tx) error {
		if err := tx.Uploads().Take(ctx, "one", a.ID, here.Region); !fault.Is(err, fault.Conflict) {
			t.Errorf("an upload was taken twice: %v", err)
		}
		return nil
	})
	if _, unscanned, err := u.Load(ctx); unscanned != 1 || err != nil {
		t.Errorf("unscanned = %d, %v", unscanned, err)
	}
	if due, err := u.Due(ctx, morning, 5); len(due) != 1 || due[0].Attachment != a.ID || due[0].Region != here.Region || err != nil {
		t.Errorf("Due = %+v, %v", due, err)
	}
	if stale, err := u.Stale(ctx, morning.Add(time.Hour), 5); !cmp.Equal(stale, []string{"two"}) || err != nil {
		t.Errorf("Stale = %v, %v", stale, err)
	}
	if known, err := u.Here(ctx, []string{"one", "two", "three"}); !cmp.Equal(known, map[string]bool{"one": true, "two": true}) || err != nil {
		t.Errorf("Here = %v, %v", known, err)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Attachments().Remove(ctx, a.ID) })
	if stale, err := u.Stale(ctx, morning.Add(-time.Hour), 5); !cmp.Equal(stale, []string{"one"}) || err != nil {
		t.Errorf("Stale after the attachment is gone = %v, %v: its bytes would stay", stale, err)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Uploads().Drop(ctx, "one", "two", "none") })
	if stale, err := u.Stale(ctx, morning.Add(time.Hour), 5); len(stale) != 0 || err != nil {
		t.Errorf("Stale after everything is dropped = %v, %v", stale, err)
	}
	for _, seal := range []string{"one", "two"} {
		if _, err := u.Upload(ctx, seal); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s is still here: %v", seal, err)
		}
	}
}

// suspicions proves that a mark leads the queue to its incident until a person settles it,
// inside of the scope only.
func suspicions(t *testing.T, s Store) {
	var i *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		open(t, tx, 2, here)
		q := &incident.Suspicion{Message: int64(i.First), Reasons: []string{"links", "trap"}, At: morning, Place: i.Place}
		must(t, tx.Suspicions().Suspect(ctx, q))
		return tx.Suspicions().Suspect(ctx, &incident.Suspicion{Message: int64(i.First), Reasons: []string{"flood"}, At: morning, Place: i.Place})
	})
	queue := func(sc scope.Scope) (ids []incident.ID) {
		t.Helper()
		p, err := s.Reader().Incidents().Queue(ctx, sc, incident.Filter{Suspect: true})
		must(t, err)
		for k := range p.Rows {
			ids = append(ids, p.Rows[k].ID)
		}
		return ids
	}
	all := scope.OfRegion(khakassia)
	if got := queue(all); !cmp.Equal(got, []incident.ID{i.ID}) {
		t.Errorf("the queue of what looks like spam = %v, want %d", got, i.ID)
	}
	if got := queue(scope.OfRegion(perm)); len(got) != 0 {
		t.Errorf("another region sees %v", got)
	}
	if n, err := s.Reader().Suspicions().Suspects(ctx, all, 10); n != 1 || err != nil {
		t.Errorf("Suspects = %d, %v", n, err)
	}
	if _, err := s.Reader().Suspicions().SuspicionsOf(ctx, scope.OfRegion(perm), i.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("from another region: %v", err)
	}
	change(t, s, func(tx incident.Tx) error {
		if _, err := tx.Suspicions().Settle(ctx, scope.OfRegion(perm), i.ID, 7, true, morning); !fault.Is(err, fault.NotFound) {
			t.Errorf("another region settles: %v", err)
		}
		messages, err := tx.Suspicions().Settle(ctx, all, i.ID, 7, true, morning.Add(time.Hour))
		if !cmp.Equal(messages, []int64{int64(i.First)}) {
			t.Errorf("Settle = %v, %v", messages, err)
		}
		return err
	})
	list, err := s.Reader().Suspicions().SuspicionsOf(ctx, all, i.ID)
	must(t, err)
	if len(list) != 1 || !list[0].Spam || list[0].By != 7 || !cmp.Equal(list[0].Reasons, []string{"links", "trap"}) || !list[0].Settled.Equal(morning.Add(time.Hour)) {
		t.Errorf("SuspicionsOf = %+v", list)
	}
	if got := queue(all); len(got) != 0 {
		t.Errorf("settled, and still in the queue: %v", got)
	}
}
