package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/message"
	"otklik/internal/site"
)

// A Reading is what the machine sees in a text, as `otklik read` prints it.
// Spans are UTF-8 bytes of the text.
type Reading struct {
	Kind      string     `json:"kind" enum:"complaint,question,proposal,thanks,rumour,advertisement,announcement,noise"`
	Complaint bool       `json:"complaint"`
	Concrete  bool       `json:"concrete" doc:"It says what and where, decently"`
	Missing   []string   `json:"missing"`
	Urgency   string     `json:"urgency" enum:"normal,high,danger"`
	Obscene   bool       `json:"obscene"`
	Concerns  bool       `json:"concerns" doc:"Some watch says that it is ours"`
	Relevant  float64    `json:"relevant"`
	Outside   bool       `json:"outside" doc:"A plea outside any competence"`
	Topics    []Guess    `json:"topics" doc:"Best first; empty when the machine refuses to guess"`
	Places    []Found    `json:"places"`
	Personal  []Span     `json:"personal"`
	Evidence  []Evidence `json:"evidence"`
	Model     string     `json:"model,omitempty"`
}

// A Guess is a topic with a calibrated score.
type Guess struct {
	Topic
	Score float64 `json:"score"`
}

// A Found is a place that the text names.
type Found struct {
	Start        int     `json:"start"`
	End          int     `json:"end"`
	Text         string  `json:"text"`
	Type         string  `json:"type"`
	ID           string  `json:"id,omitempty"`
	Name         string  `json:"name,omitempty"`
	Region       string  `json:"region,omitempty"`
	Municipality string  `json:"municipality,omitempty"`
	Settlement   string  `json:"settlement,omitempty"`
	Street       string  `json:"street,omitempty"`
	House        string  `json:"house,omitempty"`
	Relation     string  `json:"relation,omitempty"`
	Lat          float64 `json:"lat,omitempty"`
	Lon          float64 `json:"lon,omitempty"`
	Score        float64 `json:"score"`
	Why          string  `json:"why,omitempty"`
}

// A Span is a stretch of personal data.
type Span struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Type  string `json:"type"`
}

// An Evidence says which words made the machine think so.
type Evidence struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	For   string `json:"for"`
	Why   string `json:"why"`
}

func (a *API) reading(text string, r *message.Reading) Reading {
	out := Reading{
		Kind: string(r.Kind), Complaint: r.Complaint, Concrete: r.Kind.Opens() && !r.Outside && r.Concrete(), Missing: orEmpty(r.Missing),
		Urgency: string(r.Urgency), Obscene: r.Obscene, Concerns: r.Concerns, Relevant: r.Relevant, Outside: r.Outside, Model: r.Model,
		Topics: []Guess{}, Places: []Found{}, Personal: []Span{}, Evidence: []Evidence{},
	}
	for _, g := range r.Topics {
		out.Topics = append(out.Topics, Guess{topicOf(a.Topics(), g.Code), g.Score})
	}
	for _, p := range r.Places {
		f := Found{Start: p.Start, End: p.End, Type: p.Type, ID: p.ID, Name: p.Name, Region: p.Region, Municipality: p.Municipality,
			Settlement: p.Settlement, Street: p.Street, House: p.House, Relation: p.Relation, Lat: p.Lat, Lon: p.Lon, Score: p.Score, Why: p.Why}
		if p.Start >= 0 && p.Start <= p.End && p.End <= len(text) {
			f.Text = strings.ToValidUTF8(text[p.Start:p.End], "")
		}
		out.Places = append(out.Places, f)
	}
	for _, p := range r.Personal {
		out.Personal = append(out.Personal, Span(p))
	}
	for _, e := range r.Evidence {
		out.Evidence = append(out.Evidence, Evidence(e))
	}
	return out
}

// textBody is how large a body with a resident's text may be, in bytes: 20,000
// characters, escaped.
const textBody = 256 << 10

// A ReadBody is a text to be read.
type ReadBody struct {
	Text string `json:"text" minLength:"1" maxLength:"20000"`
}

func (a *API) addRead() {
	op := huma.Operation{Method: http.MethodPost, Path: "/read", Summary: "The microscope: what the machine reads in a text", Tags: []string{"filing"},
		Description: "Nothing is kept.", MaxBodyBytes: textBody}
	add(a, op, site.Access{}, func(ctx context.Context, me *Caller, in *body[ReadBody]) (*body[Reading], error) {
		r, err := a.Read(ctx, me.Place.Region, in.Body.Text)
		if err != nil {
			return nil, err
		}
		return &body[Reading]{a.reading(in.Body.Text, r)}, nil
	})
}
