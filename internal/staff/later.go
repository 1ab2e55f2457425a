package staff

import (
	"net/http"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
)

// laterLayouts are how a date and time may be typed: as a browser's field sends it, and
// by hand where a browser has no such field.
var laterLayouts = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "02.01.2006 15:04"}

// later returns when the reply of the form is to leave, by the clock of the place:
// zero for at once. A moment that the clock skips is no moment.
func (s *Staff) later(r *http.Request, i *incident.Incident) (time.Time, error) {
	typed := field(r, "at")
	if typed == "" {
		return time.Time{}, nil
	}
	for _, layout := range laterLayouts {
		t, err := time.ParseInLocation(layout, typed, s.zone(i.Place.Centre, i.Place.Region))
		if err == nil && t.Format(layout) == typed {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "the time to leave cannot be read").At("at").
		Say("Такой даты и времени нет. Выберите их в поле «Отправить позже» или впишите так: 25.11.2026 18:00.")
}

func (s *Staff) answered(r *http.Request) (desk.Change, error) {
	at, err := s.later(r, loaded(r))
	return desk.Answer{Making: making(r), Text: field(r, "text"), Purpose: purpose(r), To: message.ID(number(r, "to")), Override: field(r, "override_reason"), At: at, Enclose: enclosed(r)}, err
}

func (s *Staff) approved(r *http.Request) (desk.Change, error) {
	at, err := s.later(r, loaded(r))
	return desk.Approve{Making: making(r), Reply: reply.ID(number(r, "reply")), Text: field(r, "text"), Override: field(r, "override_reason"), At: at}, err
}

// A LaterView is a reply that waits for its hour: it can leave now, or not at all.
type LaterView struct{ Now, Recall bool }

// keptAt returns the time that was typed into the form of one of the deeds.
func (p *IncidentPage) keptAt(deeds ...string) string {
	if slices.Contains(deeds, p.KeptFor) {
		return p.Kept.Get("at")
	}
	return ""
}

type laterOne struct {
	id reply.ID
	*LaterView
}

// later returns the buttons of a reply of the page, nil for none.
func (p *IncidentPage) later(id reply.ID) *LaterView {
	for _, l := range p.Later {
		if l.id == id {
			return l.LaterView
		}
	}
	return nil
}

// waits says what can be done with a reply whose job waits for its first try.
func waits(job *reply.Job, me *account.Account, now time.Time) *LaterView {
	if job.State != reply.Waiting || job.Tries > 0 || job.Unclear || !job.NextAt.After(now) || !lifecycle.May(me.Role, lifecycle.Deliver) {
		return nil
	}
	return &LaterView{Now: true, Recall: true}
}
