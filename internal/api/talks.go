package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/talk"
)

// A TalkLine is one line of the talk by which an incident came. A resident's words stand in
// the message that it names.
type TalkLine struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind" enum:"said,press,spoke,noted" doc:"said: the resident wrote; press: pressed a button; spoke: we said it; noted: what followed"`
	Key     string    `json:"key,omitempty" doc:"Which text we said, or which deed followed"`
	Message int64     `json:"message,omitempty"`
	Text    string    `json:"text,omitempty" doc:"What we said, or the label of the button; empty after erasing"`
	Buttons []string  `json:"buttons,omitempty"`
	State   string    `json:"state,omitempty" enum:"waiting,sending,sent,unknown,dead,dropped"`
}

// talkMost is how many lines of a talk are told at most.
const talkMost = 1000

func (a *API) addTalks() {
	one := site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}
	o := huma.Operation{Method: http.MethodGet, Path: "/incidents/{id}/talk", Summary: "The talk by which an incident came, oldest line first", Tags: []string{"incidents"}}
	add(a, o, one, func(ctx context.Context, me *Caller, _ *idInput) (*body[[]TalkLine], error) {
		lines, err := a.Cases().Talks().Lines(ctx, me.Scope(), int64(loaded(ctx).ID), talkMost)
		if err != nil {
			return nil, err
		}
		out := &body[[]TalkLine]{Body: []TalkLine{}}
		for k := range lines {
			out.Body = append(out.Body, talkLine(&lines[k]))
		}
		return out, nil
	})
}

func talkLine(l *talk.Line) TalkLine {
	out := TalkLine{At: l.At, Kind: string(l.Kind), Key: l.Key, Message: int64(l.Message), Text: l.Text, State: string(l.State)}
	for _, row := range l.Buttons {
		for _, c := range row {
			out.Buttons = append(out.Buttons, c.Label)
		}
	}
	return out
}
