package regime_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/calendar"
	"otklik/internal/fault"
	"otklik/internal/regime"
)

var abakan = sync.OnceValue(func() *calendar.Calendar {
	docs, err := calendar.Shipped()
	if err != nil {
		panic(err)
	}
	c, err := calendar.New(docs[0], calendar.Document{Territory: "95000000", Name: "Хакасия", Zone: "Asia/Krasnoyarsk"})
	if err != nil {
		panic(err)
	}
	return c
})

func shipped(t interface{ Fatal(...any) }, code regime.Code) *regime.Regime {
	list, err := regime.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for k := range list {
		if list[k].Code == code {
			return &list[k]
		}
	}
	t.Fatal("no regime " + code)
	return nil
}

// at reads «11-20 17:40» of 2026, or a whole date, in Хакасия.
func at(s string) time.Time {
	loc, err := time.LoadLocation("Asia/Krasnoyarsk")
	if err != nil {
		panic(err)
	}
	if len(s) < 16 {
		s = "2026-" + s
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		panic(err)
	}
	return t
}

func ev(when string, what regime.What) regime.Event { return regime.Event{At: at(when), What: what} }

func history(seen string, events ...regime.Event) *regime.History {
	return &regime.History{Seen: at(seen), Events: events}
}

func clocks(t *testing.T, h *regime.History, code regime.Code) map[regime.Kind]regime.Deadline {
	t.Helper()
	list, err := regime.Deadlines(h, shipped(t, code), abakan())
	if err != nil {
		t.Fatal(err)
	}
	out := map[regime.Kind]regime.Deadline{}
	for _, d := range list {
		out[d.Step] = d
	}
	return out
}

func TestADueTimeExplainsItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		h    *regime.History
		code regime.Code
		step regime.Kind
		want string
	}{
		{history("11-20 17:30", ev("11-20 17:40", regime.WasAccepted)), "open", regime.First, // DOMAIN.md §4, word for word
			"принято пт 17:40 → срок пн 17:40: 9 рабочих часов (день 9–18), календарь Хакасия, регламент «Открытые источники», п. 2"},
		{history("11-20 17:30"), "open", regime.First,
			"срок пойдёт, когда будет принят инцидент: 9 рабочих часов (день 9–18), календарь Хакасия, регламент «Открытые источники», п. 2"},
		{history("11-20 09:00", ev("11-20 10:00", regime.WasAccepted), ev("11-20 11:00", regime.Raised)), "open", regime.First,
			"повышенная важность пт 11:00 → срок пт 15:00: 4 рабочих часа (день 9–18), календарь Хакасия, регламент «Открытые источники», п. 2"},
		{history("11-20 09:00", ev("11-20 10:00", regime.WasAccepted), ev("11-20 12:00", regime.Asked), ev("11-20 14:00", regime.Told)), "open", regime.First,
			"принято пт 10:00 → срок пн 12:00: 9 рабочих часов (день 9–18), календарь Хакасия, регламент «Открытые источники», п. 2; часы стояли 2 ч"},
		{history("11-20 09:00", ev("11-20 10:00", regime.WasAccepted), ev("11-23 09:30", regime.GaveInterim)), "open", regime.Final,
			"промежуточный ответ 23 ноября 09:30 → срок 2 декабря 18:00: 7 рабочих дней, календарь Хакасия, регламент «Открытые источники», п. 3"},
		{history("10-20 09:00"), "pos", regime.Final,
			"поступило 20 октября 09:00 → срок 19 ноября 18:00: 30 календарных дней, календарь Хакасия, регламент «ПОС», п. 1; срок доработки: проверьте по акту вашего региона"},
	} {
		if got := clocks(t, c.h, c.code)[c.step].Why; got != c.want {
			t.Errorf("Why:\n got %s\nwant %s", got, c.want)
		}
	}
}

// TestKnownFailuresOfOthers are the mistakes that ticket systems make with deadlines.
func TestKnownFailuresOfOthers(t *testing.T) {
	t.Parallel()
	accepted := ev("11-16 10:00", regime.WasAccepted) // Monday; nine hours later: Tuesday 10:00
	for _, c := range []struct {
		name   string
		code   regime.Code
		h      *regime.History
		step   regime.Kind
		state  regime.State // on Wednesday at noon
		due    string       // "" = none
		alarms int          // still to come or overdue
	}{
		{"the first answer is late", "open", history("11-16 09:30", accepted), regime.First, regime.Missed, "11-17 10:00", 4},
		{"an update of an answer restarts nothing", "open",
			history("11-16 09:30", accepted, ev("11-16 15:00", regime.GaveInterim), ev("11-17 15:00", regime.GaveInterim)), regime.First, regime.Met, "11-17 10:00", 0},
		{"the final answer counts from the first interim one", "open",
			history("11-16 09:30", accepted, ev("11-16 15:00", regime.GaveInterim), ev("11-17 15:00", regime.GaveInterim)), regime.Final, regime.Running, "11-25 18:00", 4},
		{"nobody is told after the answer", "open",
			history("11-16 09:30", accepted, ev("11-16 15:00", regime.GaveAnswer)), regime.First, regime.Met, "11-17 10:00", 0},
		{"nor after a late one", "open",
			history("11-16 09:30", accepted, ev("11-18 09:00", regime.GaveAnswer)), regime.First, regime.Met, "11-17 10:00", 0},
		{"the author's words let the clock go on", "open",
			history("11-16 09:30", accepted, ev("11-16 11:00", regime.Asked), ev("11-16 13:00", regime.Told)), regime.First, regime.Missed, "11-17 12:00", 4},
		{"while the author is asked the clock stands", "open",
			history("11-16 09:30", accepted, ev("11-16 11:00", regime.Asked)), regime.First, regime.Paused, "11-24 17:00", 4},
		{"what was merged alarms nobody", "open",
			history("11-16 09:30", accepted, ev("11-16 12:00", regime.Ended)), regime.First, regime.Void, "11-17 10:00", 0},
		{"what was split runs again", "open",
			history("11-16 09:30", accepted, ev("11-16 12:00", regime.Ended), ev("11-18 10:00", regime.Revived)), regime.First, regime.Missed, "11-17 10:00", 4},
		{"who was told is not told again", "open",
			history("11-16 09:30", accepted, regime.Event{At: at("11-17 10:00"), What: regime.Escalated, Step: regime.First, Who: regime.Coordinator}), regime.First, regime.Missed, "11-17 10:00", 3},
		{"a return counts from itself", "open",
			history("11-09 09:30", ev("11-09 10:00", regime.WasAccepted), ev("11-09 15:00", regime.GaveAnswer), ev("11-17 12:00", regime.Returned)), regime.Final, regime.Running, "11-26 18:00", 4},
		{"a return does not take the first answer away", "open",
			history("11-09 09:30", ev("11-09 10:00", regime.WasAccepted), ev("11-09 15:00", regime.GaveAnswer), ev("11-17 12:00", regime.Returned)), regime.First, regime.Met, "11-10 10:00", 0},
		{"refused and taken up again counts from then", "open",
			history("11-09 09:30", ev("11-09 10:00", regime.WasAccepted), ev("11-09 15:00", regime.Ended), ev("11-18 11:00", regime.Returned)), regime.First, regime.Running, "11-19 11:00", 4},
		{"raised late is not late at once", "open",
			history("11-18 09:00", ev("11-18 09:00", regime.WasAccepted), ev("11-18 11:30", regime.Raised)), regime.First, regime.Running, "11-18 15:30", 4},
		{"lowered again has its full time", "open",
			history("11-18 09:00", ev("11-18 09:00", regime.WasAccepted), ev("11-18 09:30", regime.Raised), ev("11-18 10:30", regime.Lowered)), regime.First, regime.Running, "11-18 18:00", 4},
		{"an extension holds", "appeal59",
			history("10-12 09:30", ev("10-12 10:00", regime.WasAccepted), regime.Event{At: at("11-02 10:00"), What: regime.Extended, Step: regime.Final, Until: at("11-30 18:00")}), regime.Final, regime.Running, "11-30 18:00", 4},
		{"the author's month is not ours to be late with", "pos",
			history("09-01 09:30", ev("09-02 10:00", regime.GaveAnswer)), regime.Confirm, regime.Missed, "10-02 18:00", 0},
		{"a last day without work ends before it", "pos", history("10-23 09:30"), regime.Final, regime.Running, "11-20 18:00", 4},
	} {
		h := c.h
		list, err := regime.Deadlines(h, shipped(t, c.code), abakan())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if d.Step != c.step {
				continue
			}
			if got := d.At(at("11-18 12:00")); got != c.state || c.due != "" && !d.Due.Equal(at(c.due)) {
				t.Errorf("%s: %s, due %v; want %s, due %s\n%s", c.name, got, d.Due, c.state, c.due, d.Why)
			}
			alarms, err := regime.Alarms(h, []regime.Deadline{d}, abakan())
			if err != nil || len(alarms) != c.alarms {
				t.Errorf("%s: %d alarms (%v), want %d", c.name, len(alarms), err, c.alarms)
			}
		}
	}
}

// Lunch is no work, and a shift that goes past midnight is one: as the calendar counts, so
// does every deadline, and who is told before it.
func TestDeadlinesKnowLunchAndTheNightShift(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hours    calendar.Hours
		weekend  []string
		accepted string
		due      string // nine working hours later
		before   string // it runs
		after    string // it is missed
	}{
		"lunch":                    {calendar.Hours{From: "09:00", To: "18:00", LunchFrom: "13:00", LunchTo: "14:00"}, nil, "11-16 12:30", "11-17 14:30", "11-17 14:29", "11-17 14:31"},
		"taken in at lunch":        {calendar.Hours{From: "09:00", To: "18:00", LunchFrom: "13:00", LunchTo: "14:00"}, nil, "11-16 13:20", "11-17 15:00", "11-17 14:59", "11-17 15:01"},
		"a shift past midnight":    {calendar.Hours{From: "20:00", To: "08:00"}, []string{}, "11-16 23:00", "11-17 08:00", "11-17 07:59", "11-17 08:01"},
		"over the end of a shift":  {calendar.Hours{From: "20:00", To: "08:00"}, []string{}, "11-17 02:00", "11-17 23:00", "11-17 22:59", "11-17 23:01"},
		"at night there is a meal": {calendar.Hours{From: "20:00", To: "08:00", LunchFrom: "01:00", LunchTo: "02:00"}, []string{}, "11-16 22:00", "11-17 08:00", "11-17 07:59", "11-17 08:01"},
	} {
		docs, err := calendar.Shipped()
		if err != nil {
			t.Fatal(err)
		}
		cal, err := calendar.New(docs[0], calendar.Document{Territory: "95000000", Name: "Хакасия", Zone: "Asia/Krasnoyarsk", Day: &c.hours, Weekend: c.weekend})
		if err != nil {
			t.Fatal(err)
		}
		h := history(c.accepted, ev(c.accepted, regime.WasAccepted))
		list, err := regime.Deadlines(h, shipped(t, "open"), cal)
		if err != nil {
			t.Fatal(err)
		}
		for k := range list {
			d := &list[k]
			if d.Step != regime.First {
				continue
			}
			if !d.Due.Equal(at(c.due)) || d.At(at(c.before)) != regime.Running || d.At(at(c.after)) != regime.Missed {
				t.Errorf("%s: due %v, %s at %s and %s at %s; want %s\n%s", name, d.Due, d.At(at(c.before)), c.before, d.At(at(c.after)), c.after, c.due, d.Why)
			}
		}
	}
}

func TestALadderClimbs(t *testing.T) {
	t.Parallel()
	h := history("11-16 09:30", ev("11-16 10:00", regime.WasAccepted), ev("11-16 10:05", regime.WasForwarded))
	list, err := regime.Deadlines(h, shipped(t, "open"), abakan())
	if err != nil {
		t.Fatal(err)
	}
	alarms, err := regime.Alarms(h, list, abakan())
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		who regime.Who
		at  string
	}{{regime.Executor, "11-16 17:00"}, {regime.Coordinator, "11-17 10:00"}, {regime.Head, "11-17 14:00"}, {regime.Leader, "11-19 18:00"}}
	if len(alarms) != len(want) {
		t.Fatalf("%d alarms, want %d: %+v", len(alarms), len(want), alarms)
	}
	for k, w := range want {
		if alarms[k].Who != w.who || !alarms[k].At.Equal(at(w.at)) {
			t.Errorf("alarm %d: %s at %v, want %s at %s", k, alarms[k].Who, alarms[k].At, w.who, w.at)
		}
	}
}

func TestNextIsWhatIsDueFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		h    *regime.History
		step regime.Kind
		ok   bool
	}{
		{history("11-16 09:30"), regime.Forward, true},
		{history("11-16 09:30", ev("11-16 10:00", regime.WasAccepted), ev("11-16 10:05", regime.WasForwarded)), regime.First, true},
		{history("11-16 09:30", ev("11-16 10:00", regime.WasAccepted), ev("11-16 10:05", regime.GaveInterim)), regime.Final, true},
		{history("11-16 09:30", ev("11-16 10:00", regime.WasAccepted), ev("11-16 10:05", regime.GaveAnswer)), "", false},
	} {
		list, err := regime.Deadlines(c.h, shipped(t, "open"), abakan())
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := regime.Next(list); ok != c.ok || ok && got.Step != c.step {
			t.Errorf("Next(%+v) = %s, %v; want %s, %v", c.h.Events, got.Step, ok, c.step, c.ok)
		}
	}
}

func TestANetworksWrongClockGivesNoEarlierDeadline(t *testing.T) {
	t.Parallel()
	r := *shipped(t, "pos")
	r.Steps = []regime.Step{{Kind: regime.Final, From: regime.Published, Within: calendar.Amount{N: 24, Unit: calendar.Hours24}}}
	h := &regime.History{Seen: at("11-16 09:30"), Published: at("11-18 09:30")}
	list, err := regime.Deadlines(h, &r, abakan())
	if err != nil || !list[0].Due.Equal(at("11-17 09:30")) {
		t.Errorf("due %v, %v: a message from the future counts from when it was seen", list[0].Due, err)
	}
}

func TestABadRegimeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ json, field string }{
		{`{"code":"A b"}`, "code"},
		{`{"code":"a"}`, "name"},
		{`{"code":"a","name":"А"}`, "steps"},
		{`{"code":"a","name":"А","steps":[{"kind":"first","from":"seen","within":{"n":0,"unit":"hours"}}]}`, "steps[0].within"},
		{`{"code":"a","name":"А","steps":[{"kind":"first","from":"seen","within":{"n":1,"unit":"weeks"}}]}`, "steps[0].within"},
		{`{"code":"a","name":"А","steps":[{"kind":"first","from":"birth","within":{"n":1,"unit":"days"}}]}`, "steps[0].from"},
		{`{"code":"a","name":"А","steps":[{"kind":"first","from":"seen","within":{"n":1,"unit":"days"},"ladder":[{"who":"boss"}]}]}`, "ladder[0]"},
		{`{"code":"a","name":"А","steps":[{"kind":"first","from":"seen","within":{"n":1,"unit":"days"}}],"extension":{"step":"final","most":{"n":1,"unit":"days"},"times":1}}`, "extension"},
		{`{"code":"a","nome":"А"}`, "nome"},
		{`{} {}`, "regime"},
	} {
		_, err := regime.Parse([]byte(c.json))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.field) || fault.Sentence(err) == "" {
			t.Errorf("Parse(%s) = %v (%q), want %s", c.json, err, fault.Sentence(err), c.field)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	b, err := regime.ShippedBook(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		c    regime.Case
		want regime.Code
	}{
		{regime.Case{Channel: "vk"}, "open"}, {regime.Case{Channel: "vk", Fast: true}, "open"}, {regime.Case{Channel: "phone"}, "open"},
		{regime.Case{Channel: "pos"}, "pos"}, {regime.Case{Channel: "pos", Fast: true}, "pos_fast"}, {regime.Case{Channel: "portal"}, "portal"},
	} {
		if got := b.Choose(c.c); got != c.want {
			t.Errorf("Choose(%+v) = %s, want %s", c.c, got, c.want)
		}
	}
	if got := b.Calendar("92000000", "").Name(); got != "Татарстан" {
		t.Errorf("Calendar(92000000) = %s", got)
	}
	if got := b.Calendar("95000000", "95701000").Name(); got != "Россия" {
		t.Errorf("Calendar(95000000) without places = %s", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"code":"a","name":"А","for":{},"steps":[{"kind":"first","from":"seen","within":{"n":9,"unit":"work_hours"},"ladder":[{"who":"head","before":true,"by":{"n":1,"unit":"work_days"}}]}],"pause":{"author":true}}`))
	h := history("11-16 09:30", ev("11-16 10:00", regime.WasAccepted), ev("11-16 11:00", regime.Asked))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := regime.Parse(b)
		if err != nil {
			if fault.Sentence(err) == "" {
				t.Fatalf("no sentence: %v", err)
			}
			return
		}
		list, err := regime.Deadlines(h, &r, abakan()) // what is accepted can be counted
		if err == nil {
			_, err = regime.Alarms(h, list, abakan())
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	})
}
