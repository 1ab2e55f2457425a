package feedback_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"otklik/internal/feedback"
)

func TestHowManyOfAMassIncidentMustConfirm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q           feedback.Quorum
		asked, want int
	}{
		{asked: 0, want: 1}, {asked: 1, want: 1}, {asked: 2, want: 2}, {asked: 20, want: 3}, {asked: 60, want: 3}, {asked: 61, want: 4}, {asked: 1000, want: 50},
		{q: feedback.Quorum{Authors: 1, Percent: 1}, asked: 100, want: 1}, {q: feedback.Quorum{Percent: 100}, asked: 40, want: 40},
	} {
		if got := c.q.Needed(c.asked); got != c.want {
			t.Errorf("%+v of %d = %d, want %d", c.q, c.asked, got, c.want)
		}
	}
}

// voices draws what people say of one incident; Message is the speaker.
func voices(t *rapid.T) (list []feedback.Voice) {
	meanings := append(feedback.Meanings(), feedback.Confirmed, feedback.Confirmed, feedback.Confirmed)
	for k := range rapid.IntRange(0, 20).Draw(t, "voices") {
		v := feedback.Voice{ID: feedback.ID(k + 1), Message: int64(rapid.IntRange(1, 6).Draw(t, "who")), Meaning: rapid.SampledFrom(meanings).Draw(t, "meaning"),
			Speaker: rapid.SampledFrom([]feedback.Speaker{feedback.Author, feedback.Author, feedback.Neighbour}).Draw(t, "speaker"),
			State:   rapid.SampledFrom([]feedback.State{feedback.Waiting, feedback.Acted, feedback.Decided}).Draw(t, "state")}
		if v.Meaning == feedback.Mark {
			v.Mark = rapid.IntRange(1, 5).Draw(t, "mark")
		}
		list = append(list, v)
	}
	return list
}

func who(v *feedback.Voice) string { return fmt.Sprint(v.Message) }

func TestTheCrowdProvesAMassIncident(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := feedback.Quorum{Authors: rapid.IntRange(0, 5).Draw(t, "authors"), Percent: rapid.IntRange(0, 100).Draw(t, "percent")}
		asked := rapid.IntRange(6, 200).Draw(t, "asked")
		list := voices(t)
		c := q.Crowd(asked, list, who, 0)
		if c.Needed < 1 || c.Needed > asked || c.Confirmed < 0 || c.Against < 0 {
			t.Fatalf("%+v", c)
		}
		// Nobody counts twice: as many as confirm have said so, each once.
		said := map[int64]bool{}
		for k := range list {
			if v := &list[k]; v.Speaker == feedback.Author && v.Meaning == feedback.Confirmed && v.State != feedback.Waiting {
				said[v.Message] = true
			}
		}
		if c.Confirmed > len(said) || c.Proven() && len(said) < c.Needed {
			t.Fatalf("%+v of %d who said so", c, len(said))
		}
		// One word more of who has confirmed changes nothing.
		again := q.Crowd(asked, append(list, list...), who, 0)
		if again.Confirmed != c.Confirmed {
			t.Fatalf("said twice: %+v, once: %+v", again, c)
		}
		// Whoever refutes now ends the proof, and one's own confirmation brings it back no further than it was.
		no := append(list[:len(list):len(list)], feedback.Voice{Message: 1, Speaker: feedback.Author, Meaning: feedback.Refuted, State: feedback.Acted})
		if q.Crowd(asked, no, who, 0).Proven() {
			t.Fatal("proven against a refutation")
		}
		yes := q.Crowd(asked, append(no[:len(no):len(no)], feedback.Voice{Message: 1, Speaker: feedback.Author, Meaning: feedback.Confirmed, State: feedback.Acted}), who, 0)
		if yes.Against > c.Against || yes.Confirmed < c.Confirmed {
			t.Fatalf("after the word was taken back: %+v, before: %+v", yes, c)
		}
		// A neighbour's confirmation neither proves nor takes away.
		next := q.Crowd(asked, append(list[:len(list):len(list)], feedback.Voice{Message: 7, Speaker: feedback.Neighbour, Meaning: feedback.Confirmed, State: feedback.Acted}), who, 0)
		if *next != *c {
			t.Fatalf("a neighbour made %+v of %+v", next, c)
		}
		// More people who must be heard never make it easier.
		if q.Needed(asked+1) < c.Needed {
			t.Fatalf("of %d %d are enough, of one more %d", asked, c.Needed, q.Needed(asked+1))
		}
	})
}
