package desk_test

import (
	"fmt"
	"testing"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// tells hears one of the authors of a mass incident, or a neighbour, under the reply.
func (b *bench) tells(t *testing.T, i *incident.Incident, native, author string, v feedback.Voice) *incident.Incident {
	t.Helper()
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: native, Thread: "post", Event: message.Written, Revision: message.HashOf(v.Text), Text: v.Text,
			Author: author, SeenAt: noon, PublishedAt: noon}
		if _, err := tx.Messages().Keep(t.Context(), m, nil); err != nil {
			return err
		}
		_, err := b.Opener(tx, account.System()).Heard(t.Context(), feedback.Followed{Incident: int64(i.ID), Speaker: v.Speaker}, m, nil)
		return err
	}))
	return b.now(t, i.ID)
}

const gone, there = "Спасибо, свет дали, всё починили!", "Ничего не сделали, света нет."

// outageAnswered is a mass incident of so many authors that was answered.
func (b *bench) outageAnswered(t *testing.T, n int) *incident.Incident {
	t.Helper()
	i := b.outage(t, n)
	i = b.do(t, lifecycle.Curator, i, desk.Answer{Text: "Свет вернули, кабель заменён."})
	jobs := b.jobs(t)
	must(t, b.Published(t.Context(), jobs[len(jobs)-1], reply.Receipt{Native: "r", At: noon}))
	return b.now(t, i.ID)
}

// TestOneAuthorDoesNotSpeakForAMassIncident: the words of one verify an incident of one; of a
// mass incident as many as its quorum, and nobody against.
func TestOneAuthorDoesNotSpeakForAMassIncident(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	i := b.outageAnswered(t, 6)
	author := feedback.Voice{Speaker: feedback.Author, Text: gone}
	i = b.tells(t, i, "a", "author1", author)
	i = b.tells(t, i, "b", "author1", author) // twice is once
	if i.Verified() || i.State != lifecycle.Answered {
		t.Fatalf("one author verified what six wrote about: %s, %v", i.VerifiedHow, i.State)
	}
	for _, c := range []desk.Change{desk.Verify{How: "author"}, desk.Verify{How: "neighbour"}, desk.Close{Outcome: lifecycle.Solved, How: "author"}} {
		b.denies(t, lifecycle.Curator, i, c, fault.Conflict, "how")
	}
	i = b.tells(t, i, "c", "passer-by", feedback.Voice{Speaker: feedback.Neighbour, Text: gone})
	i = b.tells(t, i, "d", "author2", author)
	if i.Verified() {
		t.Fatal("two of six and a neighbour verified it")
	}
	i = b.tells(t, i, "e", "passer-by", feedback.Voice{Speaker: feedback.Neighbour, Text: there}) // waits for a person
	i = b.tells(t, i, "f", "author3", author)
	if i.Verified() {
		t.Fatal("three verified it while somebody objects")
	}
	waiting, err := b.db.Reader().Feedback().Waiting(t.Context(), scope.All(), 0, 10)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("waiting: %+v, %v", waiting, err)
	}
	i = b.do(t, lifecycle.Curator, i, desk.Weigh{Voice: waiting[0].ID, Meaning: feedback.Thanks}) // it meant another house
	if !i.Verified() || i.VerifiedHow != "author" {
		t.Fatalf("three of six and nobody against: verified %v", i.Verified())
	}
	i = b.tells(t, i, "g", "author4", feedback.Voice{Speaker: feedback.Author, Text: there})
	if i.State != lifecycle.Rework || i.Verified() {
		t.Fatalf("a refutation left it %s, verified %v", i.State, i.Verified())
	}
	// What was said before work began anew counts no more.
	i = b.do(t, lifecycle.Curator, i, desk.Answer{Text: "Свет вернули ещё раз, заменили второй кабель."})
	jobs := b.jobs(t)
	must(t, b.Published(t.Context(), jobs[len(jobs)-1], reply.Receipt{Native: "r", At: noon}))
	for k := range 2 {
		if i = b.tells(t, b.now(t, i.ID), fmt.Sprint("h", k), fmt.Sprint("author", k+1), author); i.Verified() {
			t.Fatalf("%d of six after the second answer verified it", k+1)
		}
	}
	if i = b.tells(t, i, "i", "author3", author); !i.Verified() {
		t.Fatal("three of six after the second answer did not verify it")
	}
}

// TestWhatBecomesMassIsProvenByMore: the word of one that verified an incident of one does not
// verify it for the many that join; a visit does.
func TestWhatBecomesMassIsProvenByMore(t *testing.T) {
	t.Parallel()
	for how, stays := range map[string]bool{"author": false, "neighbour": false, "inspector": true} {
		b := newBench(t)
		i := b.outage(t, 4)
		i = b.do(t, lifecycle.Curator, i, desk.Mass{Off: true})
		i = b.do(t, lifecycle.Curator, i, desk.Answer{Text: "Свет вернули."})
		jobs := b.jobs(t)
		must(t, b.Published(t.Context(), jobs[len(jobs)-1], reply.Receipt{Native: "r", At: noon}))
		i = b.do(t, lifecycle.Curator, b.now(t, i.ID), desk.Verify{How: how})
		i = b.do(t, lifecycle.Curator, i, desk.Mass{})
		if i.Verified() != stays {
			t.Errorf("verified by %s and then mass: verified %v", how, i.Verified())
		}
		history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
		must(t, err)
		if last := history[len(history)-1]; (last.Detail.Now == desk.Withdrawn) == stays {
			t.Errorf("%s: the history ends with %+v", how, last)
		}
	}
}
