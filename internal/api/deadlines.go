package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/calendar"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
	"otklik/internal/site"
)

// A Clock is what is due next on an incident.
type Clock struct {
	Regime  string     `json:"regime" doc:"Code of the set of limits"`
	Step    string     `json:"step,omitempty" enum:"accept,forward,first,final,confirm" doc:"What is due next; absent when nothing is"`
	State   string     `json:"state,omitempty" enum:"running,paused"`
	Due     *time.Time `json:"due,omitempty"`
	Overdue bool       `json:"overdue,omitempty"`
	Rung    int        `json:"rung,omitempty" doc:"How high the ladder was climbed: 1 executor, 2 coordinator, 3 head, 4 leader"`
}

// A Deadline is one step of the regime with its due time.
type Deadline struct {
	Step  string     `json:"step" enum:"accept,forward,first,final,confirm"`
	Name  string     `json:"name"`
	State string     `json:"state" enum:"waits,running,paused,met,missed,void"`
	Start *time.Time `json:"start,omitempty"`
	Due   *time.Time `json:"due,omitempty"`
	Done  *time.Time `json:"done,omitempty"`
	Late  bool       `json:"late,omitempty" doc:"Done after the due time"`
	Why   string     `json:"why" doc:"One Russian sentence that explains it"`
}

// A Rules is a version of all regimes and calendars.
type Rules struct {
	Version   int                 `json:"version"`
	Regimes   []regime.Regime     `json:"regimes"`
	Calendars []calendar.Document `json:"calendars" doc:"The country's first"`
}

// A RulesBody is an edit: one regime or calendar put in the place of the one with its code
// or territory.
type RulesBody struct {
	Version  int                `json:"version" minimum:"1" doc:"The version that you read. When another is in force, nothing is done and the answer is 409"`
	Regime   *regime.Regime     `json:"regime,omitempty"`
	Calendar *calendar.Document `json:"calendar,omitempty"`
	Drop     string             `json:"drop,omitempty" maxLength:"11" doc:"Territory whose own calendar goes"`
}

// A RulesPreview says what an edit would change.
type RulesPreview struct {
	Changes []string `json:"changes" doc:"In Russian, for people"`
	Looked  int      `json:"looked" doc:"Open incidents that were counted"`
	More    bool     `json:"more,omitempty"`
	Moved   int      `json:"moved" doc:"Get another due time"`
	Earlier int      `json:"earlier" doc:"Of these, an earlier one"`
	Overdue int      `json:"overdue" doc:"Would be overdue at once"`
}

// A BoardLine is one agency's line of the control board.
type BoardLine struct {
	Agency   int64 `json:"agency,omitempty" doc:"Absent: what no agency has"`
	Overdue  int   `json:"overdue"`
	Soon     int   `json:"soon" doc:"Due within the hours asked for"`
	Approval int   `json:"approval"`
	Returned int   `json:"returned"`
	Paused   int   `json:"paused"`
	Raised   int   `json:"raised" doc:"Overdue and told to a head or to the leaders"`
}

func clockOf(c *incident.Clock, now time.Time) *Clock {
	if c.Regime == "" {
		return nil
	}
	return &Clock{Regime: string(c.Regime), Step: string(c.Step), State: string(c.State), Due: at(c.Due), Overdue: c.Overdue(now), Rung: c.Rung}
}

func (b *RulesBody) edit() regime.Edit {
	return regime.Edit{Regime: b.Regime, Calendar: b.Calendar, Drop: b.Drop}
}

func (a *API) addDeadlines() {
	see := site.Access{Right: lifecycle.SeeQueue}
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	rules := site.Access{Right: lifecycle.EditRules, Whole: true}
	op := func(method, path, summary, tag string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{tag}, MaxBodyBytes: 1 << 20}
	}
	add(a, op(http.MethodGet, "/incidents/{id}/deadlines", "Every step of the regime with its due time, explained", "incidents"), one,
		func(ctx context.Context, me *Caller, _ *idInput) (*body[[]Deadline], error) {
			out := &body[[]Deadline]{[]Deadline{}}
			i := loaded(ctx)
			history, err := a.Cases().Incidents().History(ctx, me.Scope(), i.ID)
			if err != nil || a.Clocks == nil {
				return out, err
			}
			clocks, err := a.Clocks(i, history)
			if err != nil || clocks == nil {
				return out, err
			}
			for _, d := range clocks.List {
				out.Body = append(out.Body, Deadline{Step: string(d.Step), Name: d.Step.Name(), State: string(d.At(a.Now())), Start: at(d.Start), Due: at(d.Due), Done: at(d.Done), Late: d.Late, Why: d.Why})
			}
			return out, nil
		})
	add(a, op(http.MethodGet, "/control", "Open incidents by agency: overdue, due soon, waiting for approval, returned", "incidents"), see,
		func(ctx context.Context, me *Caller, in *struct {
			Hours int `query:"hours" minimum:"1" maximum:"720" default:"24" doc:"What is soon"`
		}) (*body[[]BoardLine], error) {
			now := a.Now()
			list, err := a.Cases().Clocks().Board(ctx, me.Scope(), now, now.Add(time.Duration(in.Hours)*time.Hour))
			out := &body[[]BoardLine]{[]BoardLine{}}
			for _, l := range list {
				out.Body = append(out.Body, BoardLine(l))
			}
			return out, err
		})
	add(a, op(http.MethodGet, "/regimes", "The regimes and calendars in force", "reference"), see, func(context.Context, *Caller, *nothing) (*body[Rules], error) {
		r := a.Keeper.Rules()
		return &body[Rules]{Rules{r.Version, r.Regimes, r.Calendars}}, nil
	})
	edit := op(http.MethodPost, "/regimes", "Edit a regime or a calendar: the answer is the version in force", "reference")
	edit.Description = "Due times of open incidents are counted anew within seconds; each that moves gets a line of history."
	edit.Responses = notFound(a)
	add(a, edit, rules, func(ctx context.Context, me *Caller, in *body[RulesBody]) (*body[Rules], error) {
		r, err := a.Keeper.EditRegimes(ctx, me.Actor(), in.Body.Version, in.Body.edit())
		if err != nil {
			return nil, err
		}
		return &body[Rules]{Rules{r.Version, r.Regimes, r.Calendars}}, nil
	})
	preview := op(http.MethodPost, "/regimes/preview", "What an edit would change; nothing is stored", "reference")
	preview.Responses = notFound(a)
	add(a, preview, rules, func(ctx context.Context, me *Caller, in *body[RulesBody]) (*body[RulesPreview], error) {
		p, err := a.Keeper.PreviewRegimes(ctx, me.Actor(), in.Body.edit())
		return &body[RulesPreview]{RulesPreview{orEmpty(p.Changes), p.Looked, p.More, p.Moved, p.Earlier, p.Overdue}}, err
	})
	add(a, op(http.MethodGet, "/regimes/versions", "Who changed regimes and calendars, when and how, newest first", "reference"), rules,
		func(ctx context.Context, _ *Caller, _ *nothing) (*body[[]TopicVersion], error) {
			list, err := a.Keeper.RulesVersions(ctx)
			out := &body[[]TopicVersion]{[]TopicVersion{}}
			for _, v := range list {
				out.Body = append(out.Body, TopicVersion{v.Version, at(v.At), int64(v.Who), orEmpty(v.Changes)})
			}
			return out, err
		})
	ical := op(http.MethodPost, "/calendars/ical", "Read an iCalendar file (RFC 5545): days and holidays for a calendar; nothing is stored", "reference")
	ical.Description = "Put what comes back into days and holidays of a calendar and send it to POST /regimes."
	add(a, ical, rules, func(_ context.Context, _ *Caller, in *body[ICalBody]) (*body[ICal], error) {
		got, err := calendar.ParseICal([]byte(in.Body.File))
		if err != nil {
			return nil, err
		}
		return &body[ICal]{ICal{orEmptyOf(got.Days), orEmptyOf(got.Holidays), got.Skipped}}, nil
	})
}

// An ICalBody holds a file.
type ICalBody struct {
	File string `json:"file" minLength:"1" maxLength:"1048576" doc:"The whole text of the .ics file"`
}

// An ICal is what an iCalendar file says.
type ICal struct {
	Days     []calendar.Day     `json:"days"`
	Holidays []calendar.Holiday `json:"holidays" doc:"Those that return every year without end"`
	Skipped  int                `json:"skipped" doc:"Cancelled events"`
}

func orEmptyOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
