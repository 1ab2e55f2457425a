package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/shift"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A WorkShift is the work between two handovers.
type WorkShift struct {
	ID         int64        `json:"id,omitempty" doc:"Absent: the one under way"`
	OpenedAt   *time.Time   `json:"opened_at"`
	ClosedAt   *time.Time   `json:"closed_at,omitempty"`
	ClosedBy   int64        `json:"closed_by,omitempty"`
	AcceptedAt *time.Time   `json:"accepted_at,omitempty" doc:"Until it is taken over, the next one cannot be closed"`
	AcceptedBy int64        `json:"accepted_by,omitempty"`
	Note       string       `json:"note,omitempty" doc:"For the next one"`
	Figures    ShiftFigures `json:"figures"`
}

// ShiftFigures are the counts of a shift.
type ShiftFigures shift.Figures

// ShiftBody hands a shift over, or takes the last one over.
type ShiftBody struct {
	Do    string `json:"do" enum:"close,accept"`
	Note  string `json:"note,omitempty" doc:"To close: what the next one should know"`
	Shift int64  `json:"shift,omitempty" minimum:"0" doc:"To accept: which one"`
}

// A Checklist is the list with which incidents of a topic, a group or all may begin.
type Checklist struct {
	Topic string   `json:"topic,omitempty" doc:"Code"`
	Group string   `json:"group,omitempty" doc:"When there is no topic; neither: for all"`
	Items []string `json:"items" maxItems:"50" doc:"Empty: the list is taken away"`
}

func (a *API) addDesk() {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"desk"}}
	}
	see, edit := site.Access{Right: lifecycle.SeeQueue}, site.Access{Right: lifecycle.EditAgencies, Area: true}
	add(a, op(http.MethodGet, "/contacts", "Whom to ring when somebody is in danger"), see, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Contact], error) {
		return a.contacts(ctx, me)
	})
	add(a, op(http.MethodPost, "/contacts", "Replace whom to ring, by municipality"), edit, a.saveContacts)
	keep, rules := site.Access{Right: lifecycle.KeepShifts}, site.Access{Right: lifecycle.EditRules, Whole: true}
	add(a, op(http.MethodGet, "/shifts", "The shift under way and the ones before it, of the caller's own part of the region"), keep,
		func(ctx context.Context, me *Caller, _ *nothing) (*body[[]WorkShift], error) {
			return a.shifts(ctx, me)
		})
	add(a, op(http.MethodPost, "/shifts", "Hand the shift over with a note, or take the last one over"), keep, func(ctx context.Context, me *Caller, in *body[ShiftBody]) (*body[[]WorkShift], error) {
		var err error
		switch in.Body.Do {
		case "close":
			err = a.Desk.CloseShift(ctx, me.Actor(), me.Place, in.Body.Note)
		case "accept":
			err = a.Desk.AcceptShift(ctx, me.Actor(), me.Place, in.Body.Shift)
		default:
			err = fault.New(fault.Invalid, "do %q", in.Body.Do).At("do").Say("Смену сдают (close) или принимают (accept).")
		}
		if err != nil {
			return nil, err
		}
		return a.shifts(ctx, me)
	})
	add(a, op(http.MethodGet, "/checklists", "Lists with which incidents may begin"), rules, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Checklist], error) {
		return a.checklists(ctx, me)
	})
	add(a, op(http.MethodPost, "/checklists", "Store the list of a topic, of a group or of all; without items it is taken away"), rules,
		func(ctx context.Context, me *Caller, in *body[Checklist]) (*body[[]Checklist], error) {
			if err := a.Desk.SaveChecklist(ctx, me.Actor(), checklist.Template{Topic: topic.Code(in.Body.Topic), Group: in.Body.Group, Items: in.Body.Items}); err != nil {
				return nil, err
			}
			return a.checklists(ctx, me)
		})
}

// A Contact is whom to ring when somebody is in danger.
type Contact struct {
	Name   string `json:"name" maxLength:"100"`
	Phone  string `json:"phone" maxLength:"25"`
	Danger string `json:"danger,omitempty" enum:",gas,power,fire,lift,heat,manhole,collapse,dogs,children" doc:"Absent: of any"`
	Centre string `json:"centre,omitempty" doc:"OKTMO of the municipality; absent: the region, which the others inherit"`
}

// ContactsBody replaces the contacts of the municipalities that it names.
type ContactsBody struct {
	Centres  []string  `json:"centres,omitempty" maxItems:"200" doc:"Whose contacts are replaced; \"\" is the region. Absent: those that stand at the contacts"`
	Contacts []Contact `json:"contacts,omitempty" maxItems:"500"`
	CSV      string    `json:"csv,omitempty" doc:"Instead: lines of territory (OKTMO or empty), name, phone, danger"`
}

func (a *API) contacts(ctx context.Context, me *Caller) (*body[[]Contact], error) {
	list, err := a.Cases().Calls().Book(ctx, me.Place.Region)
	out := &body[[]Contact]{[]Contact{}}
	for _, c := range list {
		out.Body = append(out.Body, Contact{c.Name, c.Phone, string(c.Danger), c.Centre})
	}
	return out, err
}

func (a *API) saveContacts(ctx context.Context, me *Caller, in *body[ContactsBody]) (*body[[]Contact], error) {
	b := &in.Body
	centres, list := b.Centres, []call.Contact(nil)
	if b.CSV != "" {
		var err error
		list, err = call.ReadCSV(b.CSV, func(code string) (string, bool) {
			_, ok := a.Territory(code)
			return code, ok
		})
		if err != nil {
			return nil, err
		}
	}
	for _, c := range b.Contacts {
		list = append(list, call.Contact{Name: c.Name, Phone: c.Phone, Danger: call.Danger(c.Danger), Centre: c.Centre})
	}
	if centres == nil {
		for _, c := range list {
			if !slices.Contains(centres, c.Centre) {
				centres = append(centres, c.Centre)
			}
		}
	}
	if err := a.Desk.SaveContacts(ctx, me.Actor(), centres, list); err != nil {
		return nil, err
	}
	return a.contacts(ctx, me)
}

const shiftsTold = 20

func (a *API) shifts(ctx context.Context, me *Caller) (*body[[]WorkShift], error) {
	list, err := a.Cases().Shifts().Shifts(ctx, me.Place, shiftsTold)
	if err != nil {
		return nil, err
	}
	since := desk.ShiftStart(list, a.Now())
	figures, err := desk.Figures(ctx, a.Cases(), me.Scope(), since)
	out := &body[[]WorkShift]{[]WorkShift{{OpenedAt: at(since), Figures: ShiftFigures(figures)}}}
	for k := range list {
		s := &list[k]
		out.Body = append(out.Body, WorkShift{ID: s.ID, OpenedAt: at(s.OpenedAt), ClosedAt: at(s.ClosedAt), ClosedBy: int64(s.ClosedBy), AcceptedAt: at(s.AcceptedAt), AcceptedBy: int64(s.AcceptedBy), Note: s.Note, Figures: ShiftFigures(s.Figures)})
	}
	return out, err
}

func (a *API) checklists(ctx context.Context, me *Caller) (*body[[]Checklist], error) {
	list, err := a.Cases().Checklists().Templates(ctx, me.Place.Region)
	out := &body[[]Checklist]{[]Checklist{}}
	for _, t := range list {
		out.Body = append(out.Body, Checklist{string(t.Topic), t.Group, t.Items})
	}
	return out, err
}
