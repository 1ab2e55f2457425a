package plan_test

import (
	"testing"
	"time"

	"otklik/internal/source/vk/plan"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// town is a plan of walls that were listed at noon, each with one post of an hour ago.
func town(counts ...int) *plan.Plan {
	p := plan.New()
	for k, n := range counts {
		owner := -int64(k + 1)
		p.Add(owner)
		p.Recall(owner, []plan.Post{{ID: 1, Born: noon.Add(-time.Hour), Count: n}}, noon, noon)
	}
	return p
}

func TestNewWallsAreListedFirst(t *testing.T) {
	p := town(5)
	p.Add(-2)
	if a := p.Next(noon.Add(time.Hour), plan.Can{List: true, Call: true}); a.Kind != plan.List || a.Wall != -2 {
		t.Errorf("asked %+v, want the list of the new wall", a)
	}
	if a := p.Next(noon.Add(time.Hour), plan.Can{List: true}); a.Kind != plan.List || a.Wall != -1 {
		t.Errorf("asked %+v, want the other wall", a)
	}
	if a := p.Next(noon.Add(time.Hour+time.Second), plan.Can{List: true}); a.Kind != plan.Nothing {
		t.Errorf("asked %+v within a second", a)
	}
}

func TestCommentsOnlyWhereCountsGrew(t *testing.T) {
	p := town(5, 5, 5)
	at := noon.Add(time.Minute)
	a := p.Next(at, plan.Can{Call: true})
	if a.Kind != plan.Counts || len(a.Posts) != 3 {
		t.Fatalf("asked %+v, want the counts of all three in one call", a)
	}
	for _, k := range a.Posts {
		n := 5
		if k.Wall == -2 {
			n = 7
		}
		p.Counted(k, n, at)
	}
	a = p.Next(at.Add(time.Second), plan.Can{Call: true})
	if a.Kind != plan.Comments || a.Wall != -2 || a.Post != 1 {
		t.Fatalf("asked %+v, want the comments of the post that grew", a)
	}
	p.Read(plan.Known{Wall: -2, Post: 1}, 7, at)
	if a = p.Next(at.Add(time.Second), plan.Can{Call: true}); a.Kind != plan.Nothing {
		t.Errorf("asked %+v, though nothing grew", a)
	}
}

// One comment under a quiet post is read before one under a busy post: under the first
// nobody else will write while we wait.
func TestWhatWillGrowWaits(t *testing.T) {
	p := town(0, 0, 0)
	for s := range 60 { // one gets a comment every ten seconds and is read each time
		at := noon.Add(time.Duration(s) * 10 * time.Second)
		p.Counted(plan.Known{Wall: -2, Post: 1}, s, at)
		p.Read(plan.Known{Wall: -2, Post: 1}, s, at)
	}
	at := noon.Add(10 * time.Minute)
	for _, owner := range []int64{-1, -2, -3} {
		p.Counted(plan.Known{Wall: owner, Post: 1}, map[int64]int{-1: 1, -2: 60, -3: 0}[owner], at)
	}
	a := p.Next(at, plan.Can{Call: true})
	if a.Kind != plan.Comments || a.Wall != -1 {
		t.Fatalf("asked %+v, want the quiet post's one comment", a)
	}
	p.Read(plan.Known{Wall: -1, Post: 1}, 1, at)
	if b := p.Next(at, plan.Can{Call: true}); b.Kind != plan.Comments || b.Wall != -2 || b.Gain >= a.Gain {
		t.Errorf("asked %+v after %+v, want the busy post at a lower worth", b, a)
	}
}

// What little is to be gained is left to grow: a small pool does not spend its day on it.
func TestNoCallForNothing(t *testing.T) {
	p := town(1, 2, 3)
	calls := 0
	for s := range 3600 {
		at := noon.Add(time.Duration(s) * time.Second)
		a := p.Next(at, plan.Can{Call: true})
		if a.Kind == plan.Counts {
			calls++
		}
		for _, k := range a.Posts {
			p.Counted(k, p.Count(k), at)
		}
	}
	if calls == 0 || calls > 120 {
		t.Errorf("%d calls in an hour for three silent posts", calls)
	}
}

// A burst makes its post be asked many times as often as the others within two looks, and
// a sleeping post is asked all the same.
func TestBurstRaisesTheRateAtOnce(t *testing.T) {
	counts := make([]int, 1000)
	p := town(counts...)
	hot := plan.Known{Wall: -7, Post: 1}
	looks, total := map[plan.Known]int{}, 0
	for s := range 3600 {
		at := noon.Add(time.Duration(s) * time.Second)
		a := p.Next(at, plan.Can{Call: s%10 == 0})
		for _, k := range a.Posts {
			n := 0
			if k == hot {
				n = s / 5
			}
			if s > 600 {
				looks[k]++
			}
			p.Counted(k, n, at)
		}
		if a.Kind == plan.Comments {
			p.Read(plan.Known{Wall: a.Wall, Post: a.Post}, s/5, at)
		}
		total += len(a.Posts)
	}
	if mean := total / 1000; looks[hot] < 4*mean {
		t.Errorf("the hot post was looked at %d times, the others %d times", looks[hot], mean)
	}
	if len(looks) != 1000 {
		t.Errorf("%d posts were forgotten", 1000-len(looks))
	}
}

func TestLostPostIsAskedNoMore(t *testing.T) {
	p := town(1, 1)
	at := noon.Add(time.Hour)
	p.Counted(plan.Known{Wall: -1, Post: 1}, -1, at)
	if a := p.Next(at, plan.Can{Call: true}); len(a.Posts) != 1 || a.Posts[0].Wall != -2 {
		t.Errorf("asked %+v", a)
	}
	p.Remove(-2)
	if a := p.Next(at.Add(time.Hour), plan.Can{Call: true, List: true}); a.Kind != plan.List || a.Wall != -1 || p.Walls() != 1 {
		t.Errorf("asked %+v, want the list, which tells whether the post is deleted", a)
	}
}

// In no 24 hours a purse lets more go than the day allows, whatever the curve and whenever
// VK's day begins.
func TestPurseHoldsInAny24Hours(t *testing.T) {
	p := plan.Purse{PerDay: 5000}
	var spent []int
	for m := range 3 * 24 * 60 {
		at := noon.Add(time.Duration(m) * time.Minute)
		busy, n := 0.3+float64(m/60%24)/15, 0
		for p.Ready(at, busy) && n < 1000 {
			p.Spend(at, 1)
			n++
		}
		spent = append(spent, n)
	}
	sum := 0
	most := 0
	for m, n := range spent {
		if sum += n; m >= 1440 {
			sum -= spent[m-1440]
		}
		most = max(most, sum)
	}
	if most > 5000 || most < 4500 {
		t.Errorf("the busiest 24 hours had %d calls, want nearly 5000", most)
	}
	p.Empty(noon.Add(72 * time.Hour))
	if p.Left(noon.Add(72*time.Hour+time.Minute)) != 0 || p.Ready(noon.Add(72*time.Hour+time.Minute), 1) {
		t.Error("an empty purse pays")
	}
	if p.Left(noon.Add(97*time.Hour)) != 5000 {
		t.Error("a purse does not fill again")
	}
}

// What bench/walls measured is what the estimate says, and less lag costs more.
func TestTokensForALag(t *testing.T) {
	town := plan.Town{Walls: 2000, Posts: 40000, Comments: 300000, Lists: 5000, Calls: 86400}
	if n := plan.Tokens(town, 40*time.Second); n != 3 {
		t.Errorf("the measured lag costs %d tokens, want 3", n)
	}
	if a, b := plan.Tokens(town, 10*time.Second), plan.Tokens(town, 10*time.Minute); a <= 3 || b >= 3 || b < 1 {
		t.Errorf("10 s cost %d tokens, 10 min %d", a, b)
	}
}
