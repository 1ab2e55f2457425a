package calendar_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"otklik/internal/calendar"
	"otklik/internal/fault"
)

func country(t interface{ Fatal(...any) }) calendar.Document {
	docs, err := calendar.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return docs[0]
}

// of compiles the country's calendar with some fields changed.
func of(t interface{ Fatal(...any) }, change func(*calendar.Document)) *calendar.Calendar {
	own := calendar.Document{Territory: "95000000", Name: "Хакасия", Zone: "Asia/Krasnoyarsk"}
	if change != nil {
		change(&own)
	}
	c, err := calendar.New(country(t), own)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at(c *calendar.Calendar, s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, c.Location())
	if err != nil {
		panic(err)
	}
	return t
}

// TestTheYearHasItsOfficialNorm compares with the published norms of a 40-hour week.
func TestTheYearHasItsOfficialNorm(t *testing.T) {
	t.Parallel()
	eight := of(t, func(d *calendar.Document) { d.Day = &calendar.Hours{From: "09:00", To: "17:00"} })
	for _, c := range []struct{ year, days, hours int }{{2025, 247, 1972}, {2026, 247, 1972}} {
		from, to := time.Date(c.year, 1, 1, 0, 0, 0, 0, eight.Location()), time.Date(c.year+1, 1, 1, 0, 0, 0, 0, eight.Location())
		if got := eight.Work(from, to); got != time.Duration(c.hours)*time.Hour {
			t.Errorf("Work(%d) = %v, want %d hours", c.year, got, c.hours)
		}
		if got := eight.Days(from.AddDate(0, 0, -1), to.AddDate(0, 0, -1), calendar.WorkDay); got != c.days {
			t.Errorf("Days(%d) = %d, want %d", c.year, got, c.days)
		}
	}
}

func TestKindsOfDays(t *testing.T) {
	t.Parallel()
	c := of(t, nil)
	for day, want := range map[string]calendar.Kind{
		"2026-01-09": calendar.Off,   // moved from Saturday the 3rd
		"2026-01-12": calendar.Work,  //
		"2026-03-09": calendar.Off,   // 8 March is a Sunday
		"2026-04-30": calendar.Short, //
		"2026-05-11": calendar.Off,   // 9 May is a Saturday
		"2026-11-03": calendar.Short, //
		"2026-12-30": calendar.Work,  // before a day off that is no holiday
		"2026-12-31": calendar.Off,   // moved from Sunday 4 January
		"2027-02-22": calendar.Short, // by the Labour Code alone
		"2027-05-03": calendar.Off,   //
		"2029-06-11": calendar.Short, // a year without its decree
	} {
		if got := c.Kind(at(c, day+" 12:00")); got != want {
			t.Errorf("Kind(%s) = %s, want %s", day, got, want)
		}
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	plain := of(t, nil)
	lunch := of(t, func(d *calendar.Document) {
		d.Day = &calendar.Hours{From: "09:00", To: "18:00", LunchFrom: "13:00", LunchTo: "14:00"}
	})
	night := of(t, func(d *calendar.Document) {
		d.Day, d.Weekend = &calendar.Hours{From: "20:00", To: "08:00"}, []string{}
	})
	for _, x := range []struct {
		c          *calendar.Calendar
		from, want string
		n          int
		unit       calendar.Unit
	}{
		{plain, "2026-11-20 17:40", "2026-11-23 17:40", 9, calendar.WorkHour}, // the sentence of DOMAIN.md §4
		{plain, "2026-11-20 09:00", "2026-11-20 18:00", 9, calendar.WorkHour},
		{plain, "2026-11-20 18:00", "2026-11-23 10:00", 1, calendar.WorkHour}, // after work counts from the next morning
		{plain, "2026-11-21 03:00", "2026-11-23 10:00", 1, calendar.WorkHour},
		{plain, "2026-11-03 16:30", "2026-11-05 09:30", 1, calendar.WorkHour}, // a short day ends at 17
		{lunch, "2026-11-20 12:30", "2026-11-20 14:30", 1, calendar.WorkHour}, // lunch is no work
		{lunch, "2026-11-20 13:30", "2026-11-20 15:00", 1, calendar.WorkHour},
		{lunch, "2026-11-20 12:00", "2026-11-20 13:00", 1, calendar.WorkHour},
		{night, "2026-11-20 23:00", "2026-11-21 03:00", 4, calendar.WorkHour}, // past midnight
		{night, "2026-11-20 09:00", "2026-11-20 21:00", 1, calendar.WorkHour},
		{night, "2026-11-20 07:00", "2026-11-20 23:00", 4, calendar.WorkHour},
		{plain, "2026-11-20 17:40", "2026-11-21 17:40", 24, calendar.Hours24},
		{plain, "2026-11-20 17:40", "2026-12-01 18:00", 7, calendar.WorkDay},
		{plain, "2026-11-21 12:00", "2026-11-23 18:00", 1, calendar.WorkDay}, // Saturday: Monday is the first
		{plain, "2026-11-20 10:00", "2026-12-20 18:00", 30, calendar.CalDay},
		{plain, "2026-11-20 10:00", "2026-11-20 10:00", 0, calendar.WorkDay},
		{night, "2026-11-20 10:00", "2026-11-21 23:59", 1, calendar.WorkDay},
	} {
		got, err := x.c.Add(at(x.c, x.from), calendar.Amount{N: x.n, Unit: x.unit})
		if err != nil || !got.Equal(at(x.c, x.want)) {
			t.Errorf("Add(%s, %d %s, %s) = %v, %v, want %s", x.from, x.n, x.unit, x.c.HoursText(), got, err, x.want)
		}
	}
}

func TestZonesDiffer(t *testing.T) {
	t.Parallel()
	abakan := of(t, nil)
	kaliningrad := of(t, func(d *calendar.Document) { d.Zone = "Europe/Kaliningrad" })
	seen := time.Date(2026, 11, 20, 10, 30, 0, 0, time.UTC) // 17:30 in Абакан, 12:30 in Калининград
	a, _ := abakan.Add(seen, calendar.Amount{N: 1, Unit: calendar.WorkHour})
	b, _ := kaliningrad.Add(seen, calendar.Amount{N: 1, Unit: calendar.WorkHour})
	if want := at(abakan, "2026-11-23 09:30"); !a.Equal(want) {
		t.Errorf("Абакан: %v, want %v", a, want)
	}
	if want := at(kaliningrad, "2026-11-20 13:30"); !b.Equal(want) {
		t.Errorf("Калининград: %v, want %v", b, want)
	}
}

func TestAZoneWithSummerTimeCounts(t *testing.T) {
	t.Parallel()
	c := of(t, func(d *calendar.Document) {
		d.Zone, d.Day = "Europe/Berlin", &calendar.Hours{From: "00:00", To: "24:00"}
		d.Weekend = []string{}
	})
	if got := c.Work(at(c, "2026-03-29 00:00"), at(c, "2026-03-30 00:00")); got != 23*time.Hour { // clocks go forward
		t.Errorf("Work = %v, want 23h", got)
	}
}

func TestDoubtIsSaid(t *testing.T) {
	t.Parallel()
	c := of(t, nil)
	for _, x := range []struct{ from, to, want string }{
		{"2026-02-01 10:00", "2026-03-01 10:00", ""},
		{"2026-12-25 10:00", "2027-01-15 10:00", "проверьте"},
		{"2029-02-01 10:00", "2029-03-01 10:00", "на 2029 год не загружен"},
	} {
		if got := c.Doubt(at(c, x.from), at(c, x.to)); x.want == "" && got != "" || !strings.Contains(got, x.want) {
			t.Errorf("Doubt(%s, %s) = %q, want %q in it", x.from, x.to, got, x.want)
		}
	}
	docs, err := calendar.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs[1:] {
		d.Zone = "Europe/Moscow"
		r, err := calendar.New(docs[0], d)
		if err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		for _, x := range d.Days {
			if got := r.Doubt(at(r, x.Date+" 10:00"), at(r, x.Date+" 12:00")); !strings.Contains(got, "вашего региона") {
				t.Errorf("%s: Doubt(%s) = %q", d.Name, x.Date, got)
			}
		}
	}
}

func TestABadDocumentSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*calendar.Document){
		"zone":           func(d *calendar.Document) { d.Zone = "Asia/Абакан" },
		"day":            func(d *calendar.Document) { d.Day = &calendar.Hours{From: "9", To: "18:00"} },
		"weekend":        func(d *calendar.Document) { d.Weekend = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} },
		"holidays[0].on": func(d *calendar.Document) { d.Holidays = []calendar.Holiday{{On: "02-30", Name: "x"}} },
		"days[0]":        func(d *calendar.Document) { d.Days = []calendar.Day{{Date: "2026-02-30", Kind: calendar.Off}} },
		"years[0].moves[0]": func(d *calendar.Document) {
			d.Years = []calendar.Year{{Year: 2028, Moves: []calendar.Move{{From: "2028-01-03", To: "2028-01-04"}}}}
		},
		"years[0].year": func(d *calendar.Document) { d.Years = []calendar.Year{{Year: 1999}} },
	} {
		own := calendar.Document{Territory: "95000000", Name: "Хакасия", Zone: "Asia/Krasnoyarsk"}
		change(&own)
		_, err := calendar.New(country(t), own)
		if !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v (%q)", name, err, fault.Sentence(err))
		}
	}
}

func TestDatesOutsideAreRefused(t *testing.T) {
	t.Parallel()
	c := of(t, nil)
	for _, from := range []time.Time{{}, time.Unix(0, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2055, 12, 31, 12, 0, 0, 0, time.UTC)} {
		for _, u := range calendar.Units() {
			if got, err := c.Add(from, calendar.Amount{N: 40, Unit: u}); !fault.Is(err, fault.Invalid) {
				t.Errorf("Add(%v, 40 %s) = %v, %v; want Invalid", from, u, got, err)
			}
		}
	}
}

// shapes are calendars that differ in all that a calendar can differ in.
func shapes(t interface{ Fatal(...any) }) []*calendar.Calendar {
	return []*calendar.Calendar{
		of(t, nil),
		of(t, func(d *calendar.Document) {
			d.Day = &calendar.Hours{From: "08:30", To: "17:30", LunchFrom: "12:00", LunchTo: "13:00"}
		}),
		of(t, func(d *calendar.Document) {
			d.Zone, d.Day = "Asia/Kamchatka", &calendar.Hours{From: "20:00", To: "08:00", LunchFrom: "01:00", LunchTo: "02:00"}
		}),
		of(t, func(d *calendar.Document) { d.Day, d.Weekend = &calendar.Hours{From: "00:00", To: "24:00"}, []string{} }),
		of(t, func(d *calendar.Document) { d.Zone, d.Weekend = "Europe/Kaliningrad", []string{"sun"} }),
	}
}

func moment(t *rapid.T, name string) time.Time {
	return time.Unix(rapid.Int64Range(1_450_000_000, 2_650_000_000).Draw(t, name), rapid.Int64Range(0, 999_999_999).Draw(t, name+"ns")).UTC()
}

func TestCountingHasItsLaws(t *testing.T) {
	t.Parallel()
	list := shapes(t)
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(list).Draw(t, "calendar")
		u := rapid.SampledFrom(calendar.Units()).Draw(t, "unit")
		from := moment(t, "from")
		a, b := rapid.IntRange(0, 120).Draw(t, "a"), rapid.IntRange(0, 120).Draw(t, "b")
		add := func(from time.Time, n int) time.Time {
			to, err := c.Add(from, calendar.Amount{N: n, Unit: u})
			if err != nil {
				t.Fatalf("Add(%v, %d %s): %v", from, n, u, err)
			}
			return to
		}
		whole, parts := add(from, a+b), add(add(from, a), b)
		if !whole.Equal(parts) {
			t.Fatalf("additive: Add(%d+%d %s) = %v, in two steps %v", a, b, u, whole, parts)
		}
		if b > 0 && add(from, a).After(whole) {
			t.Fatalf("monotone in the amount: %d → %v, %d → %v", a, add(from, a), a+b, whole)
		}
		later := from.Add(time.Duration(rapid.Int64Range(0, int64(200*time.Hour)).Draw(t, "later")))
		if a > 0 && add(later, a).Before(add(from, a)) {
			t.Fatalf("monotone in the start: %v → %v, %v → %v", from, add(from, a), later, add(later, a))
		}
		switch u { // Between undoes Add
		case calendar.WorkHour:
			if got := c.Work(from, whole); got != time.Duration(a+b)*time.Hour {
				t.Fatalf("Work(from, Add(from, %d)) = %v", a+b, got)
			}
		case calendar.CalDay, calendar.WorkDay:
			if got := c.Days(from, whole, u); a+b > 0 && got != a+b {
				t.Fatalf("Days(from, Add(from, %d %s)) = %d", a+b, u, got)
			}
		}
	})
}

func TestAddUndoesWork(t *testing.T) {
	t.Parallel()
	list := shapes(t)
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(list).Draw(t, "calendar")
		from := moment(t, "from")
		to := from.Add(time.Duration(rapid.Int64Range(1, int64(2000*time.Hour)).Draw(t, "for")))
		worked := c.Work(from, to)
		got, err := c.AddWork(from, worked)
		if err != nil || got.After(to) || c.Work(got, to) != 0 {
			t.Fatalf("AddWork(from, Work(from, to)) = %v, %v; to = %v", got, err, to)
		}
		back, err := c.AddWork(to, -worked)
		if err != nil || worked > 0 && (back.Before(from) || c.Work(from, back) != 0) {
			t.Fatalf("AddWork(to, -Work) = %v, %v; from = %v", back, err, from)
		}
		mid := from.Add(to.Sub(from) / 3)
		if c.Work(from, mid)+c.Work(mid, to) != worked || c.Work(to, from) != -worked {
			t.Fatalf("Work is not additive at %v", mid)
		}
	})
}

// TestTheTableAgreesWithAWalk counts hour by hour what the table counts at once.
func TestTheTableAgreesWithAWalk(t *testing.T) {
	t.Parallel()
	c := of(t, func(d *calendar.Document) {
		d.Day = &calendar.Hours{From: "09:00", To: "18:00", LunchFrom: "13:00", LunchTo: "14:00"}
	})
	from := at(c, "2025-12-20 00:00")
	walked := time.Duration(0)
	for x := from; x.Before(at(c, "2027-02-01 00:00")); x = x.Add(time.Hour) {
		h := x.Hour()
		if k := c.Kind(x); k != calendar.Off && h >= 9 && h != 13 && (h < 17 || h == 17 && k == calendar.Work) {
			walked += time.Hour
		}
		if got := c.Work(from, x.Add(time.Hour)); got != walked {
			t.Fatalf("Work until %v = %v, walked %v", x, got, walked)
		}
	}
}

func BenchmarkTenThousandDueTimes(b *testing.B) {
	c := of(b, nil)
	from := at(c, "2026-11-20 17:40")
	for b.Loop() {
		for k := range 10_000 {
			if _, err := c.Add(from.Add(time.Duration(k)*time.Minute), calendar.Amount{N: 9, Unit: calendar.WorkHour}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		of(b, nil).Kind(time.Unix(1_700_000_000, 0))
	}
}
