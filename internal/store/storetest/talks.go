package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/talk"
)

// talking proves that a talk is kept with what we say in it, in order, each line once.
func talking(t *testing.T, s Store) {
	var a, b *talk.Talk
	change(t, s, func(tx incident.Tx) (err error) {
		a, err = tx.Talks().Talk(ctx, "telegram:1", "501", here)
		must(t, err)
		b, err = tx.Talks().Talk(ctx, "telegram:1", "502", here)
		must(t, err)
		again, err := tx.Talks().Talk(ctx, "telegram:1", "501", here)
		must(t, err)
		if again.ID != a.ID || a.ID == b.ID {
			t.Fatalf("talks %d, %d, again %d", a.ID, b.ID, again.ID)
		}
		a.State = talk.State{Step: talk.Where, Round: 3, Draft: talk.Draft{Messages: []message.ID{7}, Words: true}}
		a.Due, a.At = morning.Add(time.Hour), morning
		return tx.Talks().SaveTalk(ctx, a)
	})
	got, err := s.Reader().Talks().ByID(ctx, a.ID)
	must(t, err)
	if diff := cmp.Diff(a, got); diff != "" {
		t.Errorf("ByID (-want +got):\n%s", diff)
	}
	_, err = s.Reader().Talks().ByID(ctx, 999)
	want(t, err, fault.NotFound)
	silent, err := s.Reader().Talks().Silent(ctx, morning.Add(time.Hour), 10)
	must(t, err)
	if diff := cmp.Diff([]talk.ID{a.ID}, silent); diff != "" {
		t.Error(diff)
	}

	say := func(of *talk.Talk, text string, edit func(*talk.Line)) {
		t.Helper()
		change(t, s, func(tx incident.Tx) error {
			l := talk.Line{Talk: of.ID, Round: 3, At: morning, Kind: talk.Spoke, Key: "what", Text: text, State: talk.Waiting, NextAt: morning}
			if edit != nil {
				edit(&l)
			}
			return tx.Talks().Write(ctx, &l)
		})
	}
	asks := func(l *talk.Line) { l.Asks, l.Buttons = true, [][]talk.Choice{{{Label: "Да", Data: "3:yes"}}} }
	say(a, "первое", nil)
	say(a, "вопрос", asks)
	change(t, s, func(tx incident.Tx) error { return tx.Talks().Supersede(ctx, a.ID) })
	say(a, "другой вопрос", asks)
	say(a, "112", func(l *talk.Line) { l.Urgent = true })
	say(b, "потом", func(l *talk.Line) { l.NextAt = morning.Add(time.Minute) })
	due, err := s.Reader().Talks().Due(ctx, morning)
	must(t, err)
	if diff := cmp.Diff([]string{"telegram:1"}, due); diff != "" {
		t.Error(diff)
	}
	take := func(at time.Time) (l *talk.Line) {
		t.Helper()
		err := s.Change(ctx, incident.Machine, func(tx incident.Tx) (err error) {
			l, err = tx.Talks().Take(ctx, "telegram:1", at)
			return err
		})
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		must(t, err)
		return l
	}
	settle := func(l *talk.Line, st talk.LineState) {
		t.Helper()
		l.State = st
		change(t, s, func(tx incident.Tx) error { return tx.Talks().Settle(ctx, l) })
	}
	var heard []string
	for range 3 {
		l := take(morning)
		if l == nil {
			t.Fatal("nothing is due")
		}
		if busy := take(morning); busy != nil {
			t.Errorf("%q was taken beside %q of the same talk", busy.Text, l.Text)
		}
		heard = append(heard, l.Text)
		if l.Source != "telegram:1" || l.Thread != "501" || l.Tries != 1 {
			t.Errorf("taken %+v", l)
		}
		settle(l, talk.Sent)
	}
	if diff := cmp.Diff([]string{"112", "первое", "другой вопрос"}, heard); diff != "" {
		t.Error(diff)
	}
	if l := take(morning.Add(time.Minute)); l == nil || l.Text != "потом" {
		t.Fatalf("taken %+v", l)
	}
	change(t, s, func(tx incident.Tx) error { // the program fell
		n, err := tx.Talks().Interrupted(ctx)
		if n != 1 {
			t.Errorf("%d interrupted", n)
		}
		return err
	})
	say(b, "никто не слышит", nil)
	change(t, s, func(tx incident.Tx) error {
		b.Blocked = morning
		must(t, tx.Talks().SaveTalk(ctx, b))
		return tx.Talks().Silence(ctx, b.ID, "остановил бота")
	})
	if l := take(morning.Add(time.Hour)); l != nil {
		t.Errorf("taken after silence: %+v", l)
	}
	stands, err := s.Reader().Talks().Stands(ctx, scope.OfRegion(khakassia))
	must(t, err)
	if diff := cmp.Diff([]talk.Stand{{Source: "telegram:1", Talks: 2, Blocked: 1, Unknown: 1}}, stands); diff != "" {
		t.Error(diff)
	}
	if far, _ := s.Reader().Talks().Stands(ctx, scope.OfRegion(perm)); len(far) != 0 {
		t.Errorf("another region sees %+v", far)
	}
}

// transcripts proves whom an incident tells, what its page shows, and that it is erased
// with the words.
func transcripts(t *testing.T, s Store) {
	m, r := letter(1, here)
	var i *incident.Incident
	var a *talk.Talk
	change(t, s, func(tx incident.Tx) (err error) {
		i = open(t, tx, 60, here, func(*incident.Incident) {})
		_, err = tx.Messages().Keep(ctx, m, r)
		must(t, err)
		a, err = tx.Talks().Talk(ctx, m.Source, "501", here)
		must(t, err)
		a.State = talk.State{Step: talk.Photo, Round: 2, Draft: talk.Draft{Spot: &talk.Spot{Name: "Абаза, улица Ленина"}}}
		a.Due = morning
		must(t, tx.Talks().SaveTalk(ctx, a))
		must(t, tx.Talks().Write(ctx, &talk.Line{Talk: a.ID, Round: 2, At: morning, Kind: talk.Said, Message: m.ID}))
		must(t, tx.Talks().Write(ctx, &talk.Line{Talk: a.ID, Round: 2, At: morning, Kind: talk.Spoke, Key: "confirm", Text: "Место: Ленина, 5", State: talk.Waiting, NextAt: morning, Buttons: [][]talk.Choice{{{Label: "Ленина, 5", Data: "2:spot:0"}}}}))
		must(t, tx.Talks().Write(ctx, &talk.Line{Talk: a.ID, Round: 1, At: morning, Kind: talk.Spoke, Key: "taken", Text: "Другое дело", State: talk.Sent}))
		must(t, tx.Talks().Belongs(ctx, a.ID, 2, int64(i.ID)))
		must(t, tx.Talks().About(ctx, a.ID, int64(i.ID), morning))
		return tx.Talks().About(ctx, a.ID, int64(i.ID), morning.Add(time.Hour)) // a second time changes nothing
	})
	lines, err := s.Reader().Talks().Lines(ctx, scope.All(), int64(i.ID), 100)
	must(t, err)
	if len(lines) != 2 || lines[0].Message != m.ID || lines[1].Text != "Место: Ленина, 5" || len(lines[1].Buttons) != 1 {
		t.Fatalf("lines %+v", lines)
	}
	_, err = s.Reader().Talks().Lines(ctx, scope.OfRegion(perm), int64(i.ID), 100)
	want(t, err, fault.NotFound)
	of, err := s.Reader().Talks().Of(ctx, int64(i.ID))
	must(t, err)
	mine, err := s.Reader().Talks().Incidents(ctx, a.ID, 5)
	must(t, err)
	if len(of) != 1 || of[0].ID != a.ID || len(mine) != 1 || mine[0] != int64(i.ID) {
		t.Errorf("Of = %+v, Incidents = %v", of, mine)
	}
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, At: morning, Place: here})
	})
	lines, err = s.Reader().Talks().Lines(ctx, scope.All(), int64(i.ID), 100)
	must(t, err)
	if len(lines) != 2 || lines[1].Text != "" || lines[1].Buttons != nil || lines[1].State != talk.Dead {
		t.Errorf("after erasing: %+v", lines)
	}
	got, err := s.Reader().Talks().ByID(ctx, a.ID)
	must(t, err)
	if got.State.Draft.Spot != nil || got.State.Round != 2 || !got.Due.IsZero() {
		t.Errorf("the state after erasing: %+v", got.State)
	}
}

// wording proves that texts of the talk are kept version by version.
func wording(t *testing.T, s Store) {
	save := func(region string, key talk.Key, words string) (e talk.Edit) {
		e = talk.Edit{Region: region, Key: key, Words: words, By: 3, At: morning}
		change(t, s, func(tx incident.Tx) error { return tx.Talks().SaveEdit(ctx, &e) })
		return e
	}
	save(khakassia, talk.KeyWhat, "Что стряслось?")
	second := save(khakassia, talk.KeyWhat, "Что произошло?")
	save(perm, talk.KeyWhat, "Чё?")
	save(khakassia, talk.KeyMenu, "")
	book, err := s.Reader().Talks().Book(ctx, khakassia)
	must(t, err)
	if diff := cmp.Diff(talk.Book{talk.KeyWhat: "Что произошло?", talk.KeyMenu: ""}, book); diff != "" {
		t.Error(diff)
	}
	edits, err := s.Reader().Talks().Edits(ctx, khakassia, talk.KeyWhat)
	must(t, err)
	if second.Number != 2 || len(edits) != 2 || !cmp.Equal(edits[0], second) {
		t.Errorf("versions %+v", edits)
	}
}
