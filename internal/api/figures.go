package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
)

// FigureLine counts incidents of one agency, topic group, municipality or channel. Both
// "in_time" and "verified" are parts of "judged".
type FigureLine struct {
	Agency   int64  `json:"agency,omitempty" doc:"0: no agency has them"`
	Group    string `json:"group,omitempty"`
	Centre   string `json:"centre,omitempty" doc:"OKTMO of a municipality"`
	Channel  string `json:"channel,omitempty" enum:"vk,ok,telegram,max,news,forum,mail,open311,file,hook,phone,portal,counter,paper"`
	Came     int    `json:"came" doc:"Opened in the time, without duplicates"`
	Refused  int    `json:"refused" doc:"Not considered"`
	Waits    int    `json:"waits" doc:"Their time runs or stands: they are not judged yet"`
	Judged   int    `json:"judged" doc:"The denominator: an answer was given, or was due by now"`
	InTime   int    `json:"in_time" doc:"The answer that holds was given in time"`
	Verified int    `json:"verified" doc:"Somebody saw that it is solved"`

	FirstAnswer int `json:"first_answer_minutes,omitempty" doc:"By channel alone: half of the people had a first reply in that time; absent: nobody has one"`
	Solved      int `json:"solved_minutes,omitempty" doc:"By channel alone: half of what was seen to be solved took no longer; absent: nothing was"`
}

type figuresInput struct {
	By     string    `query:"by" enum:"agency,group,centre,channel" default:"agency"`
	Since  time.Time `query:"since" doc:"Opened at or after; absent: 30 days before until"`
	Until  time.Time `query:"until" doc:"Opened before; absent: now"`
	Agency int64     `query:"agency" minimum:"0"`
	Group  string    `query:"group" maxLength:"200"`
	Centre string    `query:"centre" maxLength:"20"`

	Channel string `query:"channel" enum:"vk,ok,telegram,max,news,forum,mail,open311,file,hook,phone,portal,counter,paper"`
}

// minutes rounds down, to one at least.
func minutes(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return max(int(d/time.Minute), 1)
}

func (a *API) addFigures() {
	op := huma.Operation{Method: http.MethodGet, Path: "/figures", Summary: "Answered in time beside verified solved, by agency, topic group, municipality or channel", Tags: []string{"incidents"}}
	op.Description = "The incidents behind a number: GET /incidents with since, until and result."
	add(a, op, site.Access{Right: lifecycle.SeeControl}, func(ctx context.Context, me *Caller, in *figuresInput) (*body[[]FigureLine], error) {
		if in.Until.IsZero() {
			in.Until = a.Now()
		}
		if in.Since.IsZero() {
			in.Since = in.Until.AddDate(0, 0, -30)
		}
		if !in.Until.After(in.Since) {
			return nil, fault.New(fault.Invalid, "until is not after since").At("until").Say("Конец срока не позже его начала.")
		}
		list, err := a.Cases().Clocks().Figures(ctx, me.Scope(), incident.FigureQuery{By: incident.Split(in.By), Since: in.Since, Until: in.Until, Now: a.Now(), Agency: in.Agency, Group: in.Group, Centre: in.Centre, Channel: message.Channel(in.Channel)})
		out := &body[[]FigureLine]{[]FigureLine{}}
		for _, f := range list {
			out.Body = append(out.Body, FigureLine{Agency: f.Agency, Group: f.Group, Centre: f.Centre, Channel: string(f.Channel), Came: f.Came, Refused: f.Refused, Waits: f.Waits,
				Judged: f.Judged, InTime: f.InTime, Verified: f.Verified, FirstAnswer: minutes(f.FirstAnswer), Solved: minutes(f.Solved)})
		}
		return out, err
	})
}
