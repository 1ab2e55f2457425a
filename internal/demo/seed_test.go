package demo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/demo"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// TestTheHistoryIsTrue reads every incident of the history and checks that what
// it says of itself follows from what is stored beside it.
func TestTheHistoryIsTrue(t *testing.T) {
	t.Parallel()
	d, err := demo.Open(t.Context(), demo.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	t.Logf("history in %v, %s", d.Seeded.Round(time.Millisecond), memory())
	db, ctx := d.App.DB.Reader(), t.Context()
	watched(t, d)
	keepsItsWord(t, d)
	judged(t, d)
	outage(t, d)
	states, outcomes, channels, groups := map[lifecycle.State]int{}, map[lifecycle.Outcome]int{}, map[message.Channel]int{}, map[string]int{}
	perDay := map[string]int{}
	var all, several, obscene, verified, unverified, reopened, danger, deleted int
	for f := (incident.Filter{Order: incident.Oldest, Limit: 200}); ; {
		page, err := db.Incidents().Queue(ctx, scope.All(), f)
		if err != nil {
			t.Fatal(err)
		}
		for k := range page.Rows {
			i := &page.Rows[k]
			all++
			states[i.State]++
			outcomes[i.Outcome]++
			channels[i.Channel]++
			groups[i.Group]++
			perDay[i.OpenedAt.Format(time.DateOnly)]++
			several += count(i.Messages > 1)
			obscene += count(strings.Contains(fmt.Sprint(i.Missing), message.MissingDecency))
			danger += count(i.Urgency == message.Danger)
			reopened += count(i.Reopened > 0)
			deleted += count(i.Gone)
			if i.Outcome == lifecycle.Solved {
				verified += count(i.Verified())
				unverified += count(!i.Verified())
			}
			holds(t, db, i)
		}
		if f.After = page.Next; page.Next.Key == "" {
			break
		}
	}
	t.Logf("%d incidents: %v; outcomes %v; channels %v; several messages %d, obscene %d, danger %d, reopened %d, deleted %d; solved and verified %d, not %d",
		all, states, outcomes, channels, several, obscene, danger, reopened, deleted, verified, unverified)
	t.Logf("groups %v", groups)
	if all < 1200 || all > 1700 {
		t.Errorf("%d incidents, want three months of a region", all)
	}
	for _, s := range lifecycle.States() {
		if states[s] == 0 {
			t.Errorf("no incident is in state %s", s)
		}
	}
	for _, o := range []lifecycle.Outcome{lifecycle.Solved, lifecycle.Partly, lifecycle.Explained, lifecycle.Refused} {
		if outcomes[o] == 0 {
			t.Errorf("no incident has the outcome %s", o)
		}
	}
	for _, c := range []message.Channel{message.VK, message.Phone, message.Telegram, message.Hook} {
		if channels[c] < 30 {
			t.Errorf("%d incidents came by %s", channels[c], c)
		}
	}
	for what, n := range map[string]int{"several messages": several, "obscene words": obscene, "verification": verified, "solved, unverified": unverified, "reopening": reopened, "danger": danger} {
		if n < 3 {
			t.Errorf("%d incidents with: %s", n, what)
		}
	}
	most := 0
	for _, n := range perDay {
		most = max(most, n)
	}
	if most < 2*all/91 {
		t.Errorf("the busiest day has %d incidents of %d: the accident is not to be seen", most, all)
	}
}

// The board of results is of a region that answers and does not always solve.
func judged(t *testing.T, d *demo.Demo) {
	t.Helper()
	list, err := d.App.DB.Reader().Clocks().Figures(t.Context(), scope.OfRegion(demo.Region), incident.FigureQuery{By: incident.ByAgency, Since: time.Now().AddDate(0, -4, 0), Until: time.Now(), Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	var sum incident.Figures
	for k := range list {
		sum.Add(&list[k])
	}
	if sum.Judged < 500 || sum.InTime*10 < sum.Judged*2 || sum.InTime == sum.Judged || sum.Verified*10 < sum.Judged || sum.Verified > sum.InTime+sum.Judged/2 {
		t.Errorf("figures of the season: %+v", sum)
	}
	t.Logf("figures: %+v", sum)
}

// One outage has one reply that stands in every thread, with one promise that was kept.
func outage(t *testing.T, d *demo.Demo) {
	t.Helper()
	db := d.App.DB.Reader()
	for f := (incident.Filter{Order: incident.Newest, Limit: 200}); ; {
		page, err := db.Incidents().Queue(t.Context(), scope.All(), f)
		if err != nil {
			t.Fatal(err)
		}
		for k := range page.Rows {
			i := &page.Rows[k].Incident
			list, err := db.Fanouts().FanoutsOf(t.Context(), scope.All(), int64(i.ID))
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				continue
			}
			p, err := db.Fanouts().Progress(t.Context(), list[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if p.All < 20 || p.Sent != p.All || p.Proven != p.Sent || list[0].State != reply.Ended {
				t.Errorf("the reply to all is %s: %+v", list[0].State, p)
			}
			if promises, err := db.Promises().OfIncident(t.Context(), scope.All(), int64(i.ID)); err != nil || len(promises) != 1 || promises[0].State != promise.Kept {
				t.Errorf("it promised %+v, %v", promises, err)
			}
			voices, err := db.Feedback().OfIncident(t.Context(), scope.All(), int64(i.ID))
			if err != nil || len(voices) < 4 || !i.Verified() {
				t.Errorf("%d of those who wrote said what came of it, verified %t", len(voices), i.Verified())
			}
			return
		}
		if f.After = page.Next; page.Next.Key == "" {
			t.Fatal("there is no mass incident")
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// holds checks one incident against its history, messages and replies.
func holds(t *testing.T, db incident.Tx, i *incident.Row) {
	t.Helper()
	bad := func(format string, args ...any) {
		t.Helper()
		t.Errorf("incident %d (%s, %s): %s", i.ID, i.State, i.Channel, fmt.Sprintf(format, args...))
	}
	ctx := t.Context()
	trail, err := db.Incidents().History(ctx, scope.All(), i.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(trail) == 0 || trail[0].Action != lifecycle.File {
		bad("the history does not begin with its filing")
		return
	}
	last := trail[len(trail)-1]
	if last.To != i.State || last.Version != i.Version {
		bad("the history ends with %s at version %d, the incident is at %d", last.To, last.Version, i.Version)
	}
	for k := 1; k < len(trail); k++ {
		if trail[k].At.Before(trail[k-1].At) {
			bad("entry %d is earlier than the one before", k)
		}
	}
	messages, err := db.Messages().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) != i.Messages || i.Messages == 0 && i.Outcome != lifecycle.Duplicate {
		bad("%d messages are attached, it says %d", len(messages), i.Messages)
	}
	replies, err := db.Replies().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		t.Fatal(err)
	}
	published := 0
	for _, r := range replies {
		if r.State == reply.Published && r.Purpose != reply.Question {
			published++
			if i.Channel == message.VK && r.URL == "" && r.Message != 0 { // one to all stands in many threads
				bad("reply %d stands nowhere", r.ID)
			}
		}
		if strings.ContainsAny(r.Text, "{}") && r.Message != 0 {
			bad("reply %d has a slot that was not filled", r.ID)
		}
	}
	if (published > 0) != !i.AnsweredAt.IsZero() {
		bad("%d replies are published, answered at %v", published, i.AnsweredAt)
	}
	if i.State == lifecycle.Closed && (i.ClosedAt.IsZero() || i.Outcome == "") {
		bad("closed without time or outcome")
	}
	if i.UpdatedAt.After(time.Now()) {
		bad("changed in the future, at %v", i.UpdatedAt)
	}
	if !i.AnsweredAt.IsZero() && i.AnsweredAt.Before(i.OpenedAt) {
		bad("answered before it was opened")
	}
}

// watched checks that the saved queries parse, keep their examples, and have caught
// what the messages of the history say.
func watched(t *testing.T, d *demo.Demo) {
	t.Helper()
	list, err := d.App.Lookout.List(t.Context(), scope.OfRegion(demo.Region))
	if err != nil || len(list) != 6 {
		t.Fatalf("%d saved queries, %v", len(list), err)
	}
	for k := range list {
		w := &list[k]
		t.Logf("%s: %d hits, %d in seven days, used by %v", w.Name, w.Hits, w.Week(), w.UsedBy)
		if w.Broken != "" || w.Failing > 0 || (w.Hits == 0) == w.On {
			t.Errorf("%s: broken %q, %d examples fail, %d hits, on %v", w.Name, w.Broken, w.Failing, w.Hits, w.On)
		}
	}
	for _, name := range []string{"Дороги", "Вода"} { // those without a territory: a preview counts what was counted
		for k := range list {
			if list[k].Name != name {
				continue
			}
			q := list[k].Query
			p, err := d.App.Lookout.Try(t.Context(), account.System(), &q)
			if err != nil || p.Kept == 0 || int64(p.Kept) > list[k].Hits {
				t.Errorf("%s: the preview finds %+v, %v; %d were counted", name, p, err, list[k].Hits)
			}
		}
	}
}

// keepsItsWord checks that the calendar of promises has every sort of end in it.
func keepsItsWord(t *testing.T, d *demo.Demo) {
	t.Helper()
	list, err := d.App.DB.Reader().Promises().Calendar(t.Context(), scope.All(), promise.Filter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	states, overdue := map[promise.State]int{}, 0
	for k := range list {
		states[list[k].State]++
		overdue += count(list[k].Overdue(time.Now()))
	}
	t.Logf("promises: %v, overdue %d", states, overdue)
	for _, s := range []promise.State{promise.Open, promise.Kept, promise.Broken, promise.Moved} {
		if states[s] == 0 {
			t.Errorf("no promise is %s", s)
		}
	}
	if overdue == 0 || overdue*5 > len(list) {
		t.Errorf("%d of %d promises are overdue, want some and not many", overdue, len(list))
	}
	doubts, err := d.App.DB.Reader().Replies().Doubts(t.Context(), scope.All(), time.Time{})
	if err != nil || len(doubts) == 0 {
		t.Errorf("no reply of the demo was linted (%v)", err)
	}
}
