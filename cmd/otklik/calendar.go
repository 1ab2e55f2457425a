package main

import (
	"context"
	"log/slog"
	"strings"

	"otklik/internal/app"
	"otklik/internal/calendar"
	"otklik/internal/fault"
	"otklik/internal/regime"
)

type calendarCommand struct {
	Import calendarImportCommand `cmd:"" help:"Add the holidays of an iCal file to a territory's calendar."`
}

type calendarImportCommand struct {
	Dir       string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Territory string `required:"" help:"Region or municipality: an OKTMO code or a name; «Россия» is the country's calendar." placeholder:"OKTMO"`
	Try       bool   `help:"Only say what would change."`
	JSON      bool   `name:"json" help:"Print what changed as one JSON object."`
	File      string `arg:"" name:"FILE" help:"The iCal file (.ics); - is standard input."`
}

func (calendarImportCommand) Help() string {
	return `Adds the all-day events of an iCal file (RFC 5545) to the calendar of a territory, which
it makes when there is none. An event is a day off; one whose name begins with «рабочий»
or «сокращённый» is such a day. Says how many due times of open incidents move. A file of
which one line cannot be counted is refused whole, with the line.

Example:
  otklik calendar import holidays.ics --dir centre --territory 95000000`
}

// Run imports.
func (c calendarImportCommand) Run(ctx context.Context, w world) error {
	b, err := small(w, c.File)
	if err != nil {
		return err
	}
	got, err := calendar.ParseICal(b)
	if err != nil {
		return inFile(err, c.File, "mend that line, or leave the event out of the file")
	}
	if len(got.Days)+len(got.Holidays) == 0 {
		return fault.New(fault.Invalid, "%s: no days", c.File).Say("В файле нет ни одного дня между 2015 и 2055 годом: менять нечего.").Mend("check that the events are all-day ones: DTSTART;VALUE=DATE:20260101")
	}
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	d, err := document(a, c.Territory)
	if err != nil {
		return err
	}
	d = d.With(got.Days, got.Holidays)
	return inFile(editRules(ctx, w, a, regime.Edit{Calendar: &d}, c.Try, c.JSON), c.File, "")
}

// document returns the calendar of a region, a municipality or the country, empty where
// there is none yet.
func document(a *app.App, territory string) (calendar.Document, error) {
	for _, d := range a.Rules().Calendars {
		if d.Territory == calendar.Country && strings.EqualFold(d.Name, territory) {
			return d, nil
		}
	}
	id, err := a.Territory(territory)
	if err != nil {
		return calendar.Document{}, err
	}
	p, ok := a.Places.ByID(id)
	if ok && p.Level != "region" && p.Level != "municipality" { // incidents of a settlement are counted by its municipality
		p, ok = a.Places.ByID(p.Municipality)
	}
	if !ok {
		return calendar.Document{}, fault.New(fault.Invalid, "territory %q is no region or municipality", territory).At("territory").
			Say("Календарь бывает у региона или муниципалитета, а «" + territory + "» ни то, ни другое.").Mend("name the municipality by its OKTMO code of eight digits")
	}
	for _, d := range a.Rules().Calendars {
		if d.Territory == p.ID {
			return d, nil
		}
	}
	return calendar.Document{Territory: p.ID, Name: p.Name}, nil
}
