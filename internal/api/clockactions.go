package api

import (
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/regime"
)

// Bodies of what people do to the clocks of an incident.
type (
	ExtendBody struct {
		Seen
		Until  string `json:"until" format:"date" doc:"The new last date, a working day, in the incident's own time" example:"2026-12-25"`
		Reason string `json:"reason"`
		Notice string `json:"notice,omitempty" doc:"What the author is told, published where the author wrote; required where the regime says so"`
	}
	PauseBody struct {
		Seen
		Reason string `json:"reason" doc:"What is waited for"`
	}
	ResumeBody struct {
		Seen
		Reason string `json:"reason,omitempty"`
	}
	RegimeBody struct {
		Seen
		Regime string `json:"regime" doc:"Code of a regime in force" example:"appeal59"`
		Reason string `json:"reason"`
	}
)

func (b ExtendBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	until, err := ParseDay(b.Until)
	return desk.Extend{Until: until, Reason: b.Reason, Notice: b.Notice}, err
}

func (b PauseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Pause{Reason: b.Reason}, nil
}

func (b ResumeBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Resume{Reason: b.Reason}, nil
}

func (b RegimeBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.SetRegime{Regime: regime.Code(b.Regime), Reason: b.Reason}, nil
}

// ParseDay reads a date; noon of it, so that it is the same day in every zone of the country.
func ParseDay(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fault.New(fault.Invalid, "%q is no date", s).At("until").Say("Такой даты не бывает: " + s + ". Нужно так: 2026-12-25.")
	}
	return t.Add(6 * time.Hour), nil // 06:00 UTC is 8 to 18 o'clock from Калининград to Камчатка
}

func (a *API) addClockActions() {
	act[ExtendBody](a, "extend", lifecycle.Extend, "Give more time, before the time is over, where the regime allows it")
	act[PauseBody](a, "pause", lifecycle.Pause, "Make the clocks stand, with a reason")
	act[ResumeBody](a, "resume", lifecycle.Resume, "Let clocks go on that a person stopped")
	act[RegimeBody](a, "regime", lifecycle.Regime, "Put the incident under another regime")
}
