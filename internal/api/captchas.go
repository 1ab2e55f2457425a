package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// A Captcha is what a network asks a person, to tell people from programs.
type Captcha struct {
	SourceID int64      `json:"source_id" doc:"It is answered by POST /sources/{id} with do: solve"`
	Name     string     `json:"name" doc:"Of that source"`
	Sources  int        `json:"sources" doc:"That wait for this answer: those with the same token"`
	Captcha  string     `json:"captcha" doc:"Its key at the network"`
	Link     string     `json:"link,omitempty" doc:"Where a person answers in a browser; then there is no picture, and solve without a code says that it is done"`
	At       *time.Time `json:"asked_at"`
	Picture  []byte     `json:"picture,omitempty" doc:"Base64; fetched by us from the network"`
	Type     string     `json:"media_type,omitempty" doc:"Of the picture"`
	Problem  string     `json:"problem,omitempty" doc:"Why there is no picture, in Russian"`
}

func (a *API) addCaptchas() {
	op := huma.Operation{Method: http.MethodGet, Path: "/source_captchas", Summary: "Captchas of networks that wait for a person, with their pictures", Tags: []string{"sources"}}
	op.Description = "A person reads them, never a machine. The pictures are fetched at each call and kept nowhere."
	add(a, op, site.Access{Right: lifecycle.EditSources, Area: true}, func(ctx context.Context, me *Caller, _ *nothing) (*body[[]Captcha], error) {
		out := &body[[]Captcha]{[]Captcha{}}
		r, ok := a.Roster.(site.Riddler)
		if !ok {
			return out, nil
		}
		list, err := r.Riddles(ctx, me.Actor())
		for _, w := range list {
			one := Captcha{SourceID: w.Source.Number, Name: w.Source.Name, Sources: w.Sources, Captcha: w.Key, Link: w.Link, At: at(w.At)}
			if w.Link == "" {
				var missing error
				if one.Picture, one.Type, missing = r.Picture(ctx, me.Actor(), w.Source.Number); missing != nil {
					one.Problem = fault.Sentence(missing)
				}
			}
			out.Body = append(out.Body, one)
		}
		return out, err
	})
}

// solve hands over what a person read in the picture.
func (a *API) solve(ctx context.Context, me *Caller, number int64, captcha, code string) error {
	r, ok := a.Roster.(site.Riddler)
	if !ok || captcha == "" {
		return fault.New(fault.Invalid, "no captcha is named").At("captcha").Say("Укажите captcha: её называет GET /source_captchas.")
	}
	return r.Solve(ctx, me.Actor(), number, captcha, code)
}
