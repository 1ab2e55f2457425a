package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// chat returns a message that concerns nobody, of a thread.
func chat(n int, thread string) message.Message {
	return message.Message{
		Source: "vk:-1001", Channel: message.VK, Form: message.Comment, Native: fmt.Sprintf("9_%d", n), Thread: thread,
		Revision: message.Revision{Time: morning.Add(time.Duration(n) * time.Second)}, Event: message.Written,
		Text: fmt.Sprintf("Какая погода, %d", n), SeenAt: morning.Add(time.Duration(n) * time.Second), Place: here,
	}
}

func drop(t testing.TB, s Store, list ...message.Message) {
	t.Helper()
	change(t, s, func(tx incident.Tx) error { return tx.Ring().Drop(ctx, "run", list) })
}

// held returns the texts that the ring holds, newest first.
func held(t testing.TB, s Store, since time.Time) (texts []string) {
	t.Helper()
	list, err := s.Reader().Ring().Seen(ctx, scope.All(), since, 0)
	must(t, err)
	for _, one := range list {
		texts = append(texts, one.Message.Text)
	}
	return texts
}

func due(t testing.TB, s Store) []message.Dropped {
	t.Helper()
	list, err := s.Reader().Ring().Due(ctx, 100)
	must(t, err)
	return list
}

func ringBounds(t *testing.T, s Store) {
	long := chat(1, "9")
	long.Text = strings.Repeat("я", message.RingText)
	drop(t, s, long)
	if got := held(t, s, time.Time{}); len(got) != 0 {
		t.Errorf("a text over the limit is held: %d texts", len(got))
	}
	const over = 50
	list := make([]message.Message, 0, message.RingSize+over)
	for n := range message.RingSize + over {
		list = append(list, chat(n, ""))
	}
	for part := range slices.Chunk(list, 2500) {
		drop(t, s, part...)
	}
	drop(t, s, list[100:300]...) // once more: they are here already
	got := held(t, s, time.Time{})
	if len(got) != message.RingSize || got[0] != list[len(list)-1].Text || got[len(got)-1] != list[over].Text {
		t.Errorf("%d texts are held, from %q to %q; want the last %d", len(got), got[0], got[len(got)-1], message.RingSize)
	}
	if got := held(t, s, list[len(list)-3].SeenAt); len(got) != 3 {
		t.Errorf("%d texts since the last but two, want 3", len(got))
	}
	change(t, s, func(tx incident.Tx) error {
		n, err := tx.Ring().Forget(ctx, list[len(list)-3].SeenAt)
		if n != message.RingSize-3 {
			t.Errorf("%d forgotten, want all but three", n)
		}
		return err
	})
	if got := held(t, s, time.Time{}); len(got) != 3 {
		t.Errorf("%d texts are left, want 3", len(got))
	}
}

func ringDue(t *testing.T, s Store) {
	early, late := chat(1, "9"), chat(1, "9")
	late.Revision.Time, late.Text = late.Revision.Time.Add(time.Minute), "исправлено"
	other, bystander := chat(2, "9"), chat(3, "8")
	drop(t, s, late, other, bystander)
	drop(t, s, early, early) // arrives behind its edit
	if got, want := held(t, s, time.Time{}), []string{bystander.Text, other.Text, late.Text}; !slices.Equal(got, want) {
		t.Fatalf("the ring holds %q, want %q", got, want)
	}
	if got := due(t, s); len(got) != 0 {
		t.Fatalf("%d are due before anything happened", len(got))
	}
	change(t, s, func(tx incident.Tx) error { return tx.Ring().ClaimThread(ctx, early.Source, "9") })
	claimed := due(t, s)
	if len(claimed) != 2 || claimed[0].Message.Text != late.Text || claimed[0].Run != "run" || claimed[1].Message.Native != other.Native {
		t.Fatalf("due = %+v", claimed)
	}
	change(t, s, func(tx incident.Tx) error {
		if n, err := tx.Ring().Forget(ctx, morning.Add(24*time.Hour)); n != 1 || err != nil {
			t.Errorf("forgotten = %d, %v; want the bystander alone: what is due is ours", n, err)
		}
		again := other
		again.Revision.Time, again.Text = again.Revision.Time.Add(time.Minute), "ещё раз"
		must(t, tx.Ring().Drop(ctx, "run", []message.Message{again}))
		return tx.Ring().Remove(ctx, claimed)
	})
	if left := due(t, s); len(left) != 1 || left[0].Message.Text != "ещё раз" {
		t.Errorf("due after all was taken in = %+v, want the revision that came in between", left)
	}

	// What was kept leaves the ring; another revision of it is due; a deletion erases.
	a, b, c, d := chat(11, ""), chat(12, ""), chat(13, ""), chat(14, "")
	drop(t, s, a, b, c, d)
	ref := func(m message.Message, e message.Event, after time.Duration) message.Ref {
		return message.Ref{Native: m.Native, Event: e, Revision: message.Revision{Time: m.Revision.Time.Add(after)}}
	}
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Ring().Remove(ctx, due(t, s)))
		return tx.Ring().Kept(ctx, a.Source, []message.Ref{
			ref(a, message.Written, 0), ref(b, message.Written, -time.Minute), ref(c, message.Deleted, time.Minute), ref(d, message.Deleted, -time.Minute),
		})
	})
	if left := due(t, s); len(left) != 1 || left[0].Message.Native != b.Native {
		t.Errorf("due = %+v, want the edit of what was kept", left)
	}
	if got, want := held(t, s, time.Time{}), []string{d.Text, b.Text}; !slices.Equal(got, want) {
		t.Errorf("the ring holds %q, want %q", got, want)
	}
}

func ringSeen(t *testing.T, s Store) {
	there := scope.Place{Region: perm, Centre: lysva}
	mine, theirs := chat(100, ""), chat(101, "")
	theirs.Place = there
	drop(t, s, mine, theirs)
	var number incident.ID
	change(t, s, func(tx incident.Tx) error {
		number = open(t, tx, 1, here).ID // seen a minute after the morning: between the two dropped ones and before
		card, r := letter(2, here)
		card.Channel, card.Form = message.Phone, message.Card
		_, err := tx.Messages().Keep(ctx, card, r)
		must(t, err)
		lost, r := letter(3, here)
		_, err = tx.Messages().Keep(ctx, lost, r)
		must(t, err)
		lost.Event, lost.Text, lost.Revision.Time = message.Deleted, "", lost.Revision.Time.Add(time.Hour)
		_, err = tx.Messages().Keep(ctx, lost, nil)
		return err
	})
	list, err := s.Reader().Ring().Seen(ctx, scope.OfRegion(khakassia), morning, 10)
	must(t, err)
	if len(list) != 2 || list[0].Message.Native != mine.Native || list[0].Kept || !list[1].Kept || list[1].Incident != int64(number) || list[1].Message.ID == 0 {
		t.Errorf("seen = %+v, want the dropped one, then the kept one with its incident", list)
	}
	list, err = s.Reader().Ring().Seen(ctx, scope.OfRegion(perm), morning, 10)
	must(t, err)
	if len(list) != 1 || list[0].Message.Text != theirs.Text {
		t.Errorf("the other region sees %+v", list)
	}
	if list, err = s.Reader().Ring().Seen(ctx, scope.All(), morning, 2); len(list) != 2 || list[0].Message.Native != theirs.Native || err != nil {
		t.Errorf("the newest two = %+v, %v", list, err)
	}
	if list, err = s.Reader().Ring().Seen(ctx, scope.All(), morning.Add(90*time.Second), 0); len(list) != 2 || err != nil {
		t.Errorf("since after the kept one: %d, %v", len(list), err)
	}
}
