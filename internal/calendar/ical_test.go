package calendar_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/calendar"
	"otklik/internal/fault"
)

func ics(events ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(events, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

func TestParseICal(t *testing.T) {
	t.Parallel()
	got, err := calendar.ParseICal(ics(
		event("UID:1", "DTSTART;VALUE=DATE:20260527", "SUMMARY:Курбан-\r\n байрам"),
		event("DTSTART;VALUE=DATE:20260703", "DTEND;VALUE=DATE:20260705", "SUMMARY:День республики\\, два дня",
			"BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM"),
		event("DTSTART;VALUE=DATE:20200622", "RRULE:FREQ=YEARLY", "SUMMARY:Праздник"),
		event("DTSTART;VALUE=DATE:20260412", "RRULE:FREQ=YEARLY;COUNT=2", "SUMMARY:Дважды"),
		event("DTSTART;VALUE=DATE:20261229", "CATEGORIES:SHORT", "SUMMARY:Короткий"),
		event("DTSTART;VALUE=DATE:20261219", "SUMMARY:Рабочий день (перенос)", "DURATION:P1D"),
		event("DTSTART;TZID=Asia/Krasnoyarsk:20260504T000000", "DTEND;TZID=Asia/Krasnoyarsk:20260505T000000", "SUMMARY:С полуночи"),
		event("DTSTART;VALUE=DATE:20260901", "STATUS:CANCELLED", "SUMMARY:Отменён"),
	))
	want := &calendar.Imported{
		Days: []calendar.Day{
			{Date: "2026-04-12", Kind: calendar.Off, Name: "Дважды"},
			{Date: "2026-05-04", Kind: calendar.Off, Name: "С полуночи"},
			{Date: "2026-05-27", Kind: calendar.Off, Name: "Курбан-байрам"},
			{Date: "2026-07-03", Kind: calendar.Off, Name: "День республики, два дня"},
			{Date: "2026-07-04", Kind: calendar.Off, Name: "День республики, два дня"},
			{Date: "2026-12-19", Kind: calendar.Work, Name: "Рабочий день (перенос)"},
			{Date: "2026-12-29", Kind: calendar.Short, Name: "Короткий"},
			{Date: "2027-04-12", Kind: calendar.Off, Name: "Дважды"},
		},
		Holidays: []calendar.Holiday{{On: "06-22", Name: "Праздник"}},
		Skipped:  1,
	}
	if err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("ParseICal: %v, diff %s", err, cmp.Diff(want, got))
	}
}

func TestABadICalNamesItsLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file []byte
		line string
	}{
		{[]byte("hello"), "Строка 1"},
		{[]byte(""), "Строка 1"},
		{[]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\n"), "нет END:VEVENT"},
		{ics(event("DTSTART:20260101T090000Z")), "Строка 4"},
		{ics(event("DTSTART;VALUE=DATE:20260230")), "Строка 4"},
		{ics(event("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=WEEKLY")), "Строка 5"},
		{ics(event("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY;BYDAY=1MO")), "Строка 5"},
		{ics(event("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260101")), "Строка 3"},
		{ics(event("SUMMARY:без даты")), "Строка 3"},
		{ics("END:VEVENT"), "Строка 3"},
		{ics(event("DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20500101")), "Строка 3"},
		{[]byte("BEGIN:VCALENDAR\n\xff"), "UTF-8"},
	} {
		_, err := calendar.ParseICal(c.file)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), c.line) {
			t.Errorf("ParseICal(%.60q) = %v, %q; want %q", c.file, err, fault.Sentence(err), c.line)
		}
	}
}

func FuzzParseICal(f *testing.F) {
	f.Add(ics(event("DTSTART;VALUE=DATE:20260527", "SUMMARY:Курбан-\r\n байрам", "RRULE:FREQ=YEARLY;UNTIL=20300101")))
	f.Add(ics(event("DTSTART;VALUE=DATE:20240229", "DURATION:P1W", "EXDATE;VALUE=DATE:20260101,20260102")))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := calendar.ParseICal(b)
		if err != nil {
			if fault.Sentence(err) == "" {
				t.Fatalf("no sentence: %v", err)
			}
			return
		}
		own := calendar.Document{Territory: "95000000", Name: "Х", Zone: "Asia/Krasnoyarsk", Days: got.Days, Holidays: got.Holidays}
		if _, err := calendar.New(country(t), own); err != nil { // what is read can be used
			t.Fatalf("New: %v", err)
		}
	})
}

func TestDaysOfAFileTakeThePlaceOfThoseOfTheirDate(t *testing.T) {
	t.Parallel()
	was := calendar.Document{Territory: "95000000", Days: []calendar.Day{{Date: "2026-07-03", Kind: calendar.Work, Name: "Было"}, {Date: "2026-09-01", Kind: calendar.Off}},
		Holidays: []calendar.Holiday{{On: "06-22", Name: "Было"}}}
	now := was.With([]calendar.Day{{Date: "2026-08-01", Kind: calendar.Off}, {Date: "2026-07-03", Kind: calendar.Off, Name: "Стало"}}, []calendar.Holiday{{On: "06-22", Name: "Стало"}})
	want := calendar.Document{Territory: "95000000", Days: []calendar.Day{{Date: "2026-07-03", Kind: calendar.Off, Name: "Стало"}, {Date: "2026-08-01", Kind: calendar.Off}, {Date: "2026-09-01", Kind: calendar.Off}},
		Holidays: []calendar.Holiday{{On: "06-22", Name: "Стало"}}}
	if diff := cmp.Diff(want, now); diff != "" {
		t.Error(diff)
	}
	if was.Days[0].Name != "Было" || was.Holidays[0].Name != "Было" || len(was.Days) != 2 {
		t.Errorf("With changed the document itself: %+v", was)
	}
}
