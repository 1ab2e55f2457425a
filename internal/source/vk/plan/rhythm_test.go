package plan_test

import (
	"testing"
	"time"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/vk/plan"
)

// A wall where nobody writes is listed seldom, and by its plan's rhythm it is not late for a
// moment; once the plan stands still it is.
func TestASleepingWallIsNotLateByItsRhythm(t *testing.T) {
	t.Parallel()
	const sleeps = int64(-1)
	p := plan.New()
	posts := map[int64][]plan.Post{sleeps: {{ID: 1, Born: noon.AddDate(0, 0, -20)}}}
	p.Add(sleeps)
	p.Recall(sleeps, posts[sleeps], noon, noon)
	for owner := int64(-2); owner > -40; owner-- { // beside busy ones
		posts[owner] = []plan.Post{{ID: 3, Born: noon.Add(-time.Hour), Count: 40}, {ID: 2, Born: noon.Add(-5 * time.Hour), Count: 50}, {ID: 1, Born: noon.Add(-9 * time.Hour), Count: 60}, {ID: 4, Born: noon.Add(-12 * time.Hour), Count: 60}}
		p.Add(owner)
		p.Recall(owner, posts[owner], noon, noon)
	}
	read, longest, silent := noon, time.Duration(0), 0
	fare := func(now time.Time) source.Fare {
		last, next := p.Rhythm(sleeps, now)
		return source.FareBy(&source.Source{}, &message.SourceState{ReadAt: read}, source.Rhythm{Last: last, Next: next}, now)
	}
	end := noon.Add(24 * time.Hour)
	for now := noon; now.Before(end); now = now.Add(time.Minute) {
		a := p.Next(now, plan.Can{List: now.Minute()%2 == 0, Call: true})
		switch a.Kind {
		case plan.List:
			p.Listed(a.Wall, posts[a.Wall], func(int64) int { return 1000 }, now)
			if a.Wall == sleeps {
				longest, read = max(longest, now.Sub(read)), now
			}
		case plan.Counts:
			for _, k := range a.Posts {
				for _, s := range posts[k.Wall] {
					if s.ID == k.Post {
						p.Counted(k, s.Count, now)
					}
				}
			}
		case plan.Comments:
			p.Settle(plan.Known{Wall: a.Wall, Post: a.Post}, 1000)
		}
		if now.Sub(read) > 30*time.Minute {
			silent++
		}
		if got := fare(now); got != source.Good {
			t.Fatalf("%s after its beginning, %s after it was read: %q", now.Sub(noon), now.Sub(read), got)
		}
	}
	if longest < time.Hour || silent < 60 {
		t.Fatalf("the wall was read every %s at most and was silent for %d minutes: this proves nothing", longest, silent)
	}
	if got := fare(end.Add(24 * time.Hour)); got != source.Stale {
		t.Errorf("a day after the plan stood still: %q", got)
	}
}
