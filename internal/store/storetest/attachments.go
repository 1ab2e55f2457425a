package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// bringing proves that what a message came with is kept with it, once, is seen where
// the message is seen, and goes with it.
func bringing(t *testing.T, s Store) {
	m, r := letter(7, here)
	m.Attachments = []attachment.Ref{
		{Kind: attachment.Photo, Name: "photo-1_2", URL: "https://a.example/1.jpg", Title: "двор"},
		{Kind: attachment.Photo, Name: "photo-1_2", URL: "https://a.example/other.jpg"},
		{Kind: attachment.Video, URL: "https://vk.example/video1"},
		{},
	}
	keep(t, s, m, r)
	edit := *m
	edit.Revision = message.Revision{Time: m.Revision.Time.Add(time.Minute)}
	edit.Attachments = []attachment.Ref{{Kind: attachment.Photo, Name: "photo-1_2", URL: "https://a.example/1.jpg?again"}, {Kind: attachment.Photo, URL: "https://a.example/2.jpg"}}
	keep(t, s, &edit, r)
	list, err := s.Reader().Attachments().OfMessages(ctx, int64(m.ID))
	must(t, err)
	var got []string
	for _, a := range list {
		got = append(got, string(a.Ref.Kind)+" "+string(a.State)+" "+a.URL)
	}
	want3 := []string{"photo wanted https://a.example/1.jpg", "video linked https://vk.example/video1", "photo wanted https://a.example/2.jpg"}
	if diff := cmp.Diff(want3, got); diff != "" {
		t.Errorf("attachments differ:\n%s", diff)
	}
	if list[0].Title != "двор" || list[0].Place != here || list[0].Source != m.Source {
		t.Errorf("the first is %+v", list[0])
	}
	see := func(sc scope.Scope) fault.Kind {
		_, err := s.Reader().Attachments().Attachment(ctx, sc, list[0].ID)
		return fault.KindOf(err)
	}
	for sc, kind := range map[scope.Scope]fault.Kind{scope.All(): "", scope.OfCentre(khakassia, abakan): "", scope.OfCentre(khakassia, abaza): fault.NotFound, scope.OfRegion(perm): fault.NotFound, {}: fault.NotFound} {
		if got := see(sc); got != kind {
			t.Errorf("of no incident, as %v: %q, want %q", sc, got, kind)
		}
	}
	var i *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		return tx.Incidents().Attach(ctx, i.ID, m.ID)
	})
	there := scope.OfAgency(khakassia, 5)
	if got := see(there); got != fault.NotFound {
		t.Errorf("an agency that has not got the incident sees the picture: %q", got)
	}
	change(t, s, func(tx incident.Tx) error {
		now, err := tx.Incidents().Incident(ctx, scope.All(), i.ID)
		must(t, err)
		now.Place.Agency = 5
		return tx.Incidents().Save(ctx, now)
	})
	if got := see(there); got != "" {
		t.Errorf("the agency that has it does not: %q", got)
	}
	if list, err := s.Reader().Attachments().OfIncident(ctx, there, int64(i.ID)); len(list) != 3 || err != nil || list[0].Incident != int64(i.ID) {
		t.Errorf("OfIncident = %+v, %v", list, err)
	}
	_, err = s.Reader().Attachments().OfIncident(ctx, scope.OfRegion(perm), int64(i.ID))
	want(t, err, fault.NotFound)

	wanted := func(now time.Time, sources ...string) (ids []attachment.ID) {
		list, err := s.Reader().Attachments().Wanted(ctx, sources, now, 10)
		must(t, err)
		for _, a := range list {
			ids = append(ids, a.ID)
		}
		return ids
	}
	if got := wanted(morning, "vk:-9"); got != nil || wanted(morning) != nil {
		t.Errorf("wanted of another source: %v", got)
	}
	if got := wanted(morning, m.Source); len(got) != 2 {
		t.Errorf("wanted %v, want the two pictures", got)
	}
	a := list[0]
	a.Tries, a.Next = 1, morning.Add(time.Hour)
	b := list[2]
	b.State, b.File = attachment.Kept, attachment.File{Hash: "aa", Small: "ab", Kind: attachment.Photo, Type: "image/jpeg", Bytes: 10, Width: 4, Height: 3, TakenAt: morning, Lat: 53, Lon: 91}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Attachments().Save(ctx, &a))
		return tx.Attachments().Save(ctx, &b)
	})
	if got := wanted(morning, m.Source); got != nil {
		t.Errorf("wanted before its time: %v", got)
	}
	if got := wanted(morning.Add(time.Hour), m.Source); !slices.Equal(got, []attachment.ID{a.ID}) {
		t.Errorf("wanted %v, want %d", got, a.ID)
	}
	kept, err := s.Reader().Attachments().Attachment(ctx, scope.All(), b.ID)
	must(t, err)
	b.Incident, b.Place = int64(i.ID), scope.Place{Region: khakassia, Centre: abakan, Agency: 5}
	if diff := cmp.Diff(&b, kept); diff != "" {
		t.Errorf("what is kept differs:\n%s", diff)
	}
	held := func(hash string) bool {
		h, err := s.Reader().Attachments().Held(ctx, []string{hash, "zz"})
		must(t, err)
		return h[hash] && !h["zz"]
	}
	if !held("aa") || !held("ab") {
		t.Error("the bytes of a row are not held")
	}
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, At: morning, Place: here})
	})
	if list, err := s.Reader().Attachments().OfMessages(ctx, int64(m.ID)); len(list) != 0 || err != nil {
		t.Errorf("after erasing: %v, %v", list, err)
	}
	if held("aa") {
		t.Error("the bytes of an erased message are held")
	}
	gone, err := s.Reader().Attachments().Forgotten(ctx, 10)
	must(t, err)
	if !slices.Equal(gone, []string{"aa", "ab"}) {
		t.Errorf("forgotten %v", gone)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Attachments().Gone(ctx, gone) })
	if gone, err := s.Reader().Attachments().Forgotten(ctx, 10); len(gone) != 0 || err != nil {
		t.Errorf("forgotten twice: %v, %v", gone, err)
	}
	_, err = s.Reader().Attachments().Attachment(ctx, scope.All(), b.ID)
	want(t, err, fault.NotFound)
}

// showing proves what goes with replies: in order, reachable by its link while the reply
// stands or goes, gone with the words of the one who wrote.
func showing(t *testing.T, s Store) {
	var i *incident.Incident
	var r reply.Reply
	list := make([]attachment.Attachment, 3)
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		for k := range list {
			list[k] = attachment.Attachment{Incident: int64(i.ID), Ref: attachment.Ref{Kind: attachment.Photo, Title: "снимок"}, State: attachment.Kept, Part: attachment.After,
				File: attachment.File{Hash: "h" + string(rune('0'+k)), Kind: attachment.Photo, Type: "image/jpeg", Bytes: 5, Width: 4, Height: 3}, By: 7, At: morning, Place: here}
			must(t, tx.Attachments().Add(ctx, &list[k]))
		}
		r = reply.Reply{Incident: int64(i.ID), Message: int64(i.First), Purpose: reply.Final, State: reply.Draft, Text: "Сделали", Place: here}
		must(t, tx.Replies().SaveReply(ctx, &r))
		must(t, tx.Attachments().Enclose(ctx, int64(r.ID), khakassia, []attachment.ID{list[0].ID, list[1].ID}))
		must(t, tx.Attachments().Enclose(ctx, int64(r.ID), khakassia, []attachment.ID{list[2].ID, list[0].ID}))
		return tx.Attachments().Publish(ctx, "secret", int64(r.ID), khakassia)
	})
	with, err := s.Reader().Attachments().Enclosed(ctx, int64(i.ID))
	must(t, err)
	if diff := cmp.Diff([]attachment.Attachment{list[2], list[0]}, with[int64(r.ID)]); diff != "" {
		t.Errorf("enclosed differ:\n%s", diff)
	}
	see := func(secret string) (n int, kind fault.Kind) {
		g, err := s.Reader().Attachments().Gallery(ctx, secret)
		if err == nil {
			n = len(g.Files)
		}
		return n, fault.KindOf(err)
	}
	if n, k := see("secret"); k != fault.NotFound {
		t.Errorf("a draft is seen by its link: %d", n)
	}
	r.State = reply.Published
	change(t, s, func(tx incident.Tx) error { return tx.Replies().SaveReply(ctx, &r) })
	if n, k := see("secret"); n != 2 || k != "" {
		t.Errorf("the page has %d, %q", n, k)
	}
	if _, k := see("other"); k != fault.NotFound {
		t.Errorf("a guessed link = %q", k)
	}
	change(t, s, func(tx incident.Tx) error { return tx.Attachments().Remove(ctx, list[0].ID) })
	if n, _ := see("secret"); n != 1 {
		t.Errorf("after one was removed the page has %d", n)
	}
	c := feedback.Closure{Incident: int64(i.ID), Outcome: lifecycle.Solved, How: "photo", At: morning, Photo: int64(list[2].ID), Place: here}
	change(t, s, func(tx incident.Tx) error { return tx.Feedback().Close(ctx, &c) })
	if got, err := s.Reader().Feedback().LastClosure(ctx, int64(i.ID)); err != nil || got.Photo != c.Photo {
		t.Errorf("LastClosure = %+v, %v", got, err)
	}
	m, _ := letter(1, here)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, At: morning, Place: here})
	})
	if _, k := see("secret"); k != fault.NotFound {
		t.Errorf("the page outlives the words it answers: %q", k)
	}
	if left, err := s.Reader().Attachments().OfIncident(ctx, scope.All(), int64(i.ID)); len(left) != 0 || err != nil {
		t.Errorf("nobody who wrote is left, and %d pictures of the place are; %v", len(left), err)
	}
}
