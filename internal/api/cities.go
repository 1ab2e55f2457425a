package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/envoy"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/topic"
)

// A City says what of our incidents another city takes (docs/channels/open311.md).
type City struct {
	Version  int               `json:"version"`
	Agency   int64             `json:"agency" doc:"Ours that stands for it: the incident is handed over to it; 0: nothing is handed there"`
	Topics   map[string]string `json:"topics" doc:"Code of a topic → code of a service"`
	Groups   map[string]string `json:"groups" doc:"Name of a group of topics → code of a service, for topics without their own"`
	Services []CityService     `json:"services"`
	AskedAt  *time.Time        `json:"asked_at,omitempty" doc:"When it told its services"`
	Proposed *CityProposal     `json:"proposed,omitempty" doc:"By names, to be checked by people; where nothing is saved"`
}

// A CityProposal is which services our topics are likely called there.
type CityProposal struct {
	Topics map[string]string `json:"topics"`
	Groups map[string]string `json:"groups"`
}

// A CityService is what a city takes requests about.
type CityService struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Asks bool   `json:"asks" doc:"It has attributes"`
}

// CityBody changes one, or asks the city.
type CityBody struct {
	Do      string            `json:"do,omitempty" enum:"save,ask" doc:"ask: it tells its services. Absent: save"`
	Version int               `json:"version,omitempty" minimum:"0" doc:"The version that you read; absent: whatever is stored"`
	Agency  int64             `json:"agency,omitempty" minimum:"0"`
	Topics  map[string]string `json:"topics,omitempty"`
	Groups  map[string]string `json:"groups,omitempty"`
}

// NeighbourBody hands an incident to another city, or says what is to become of a request.
type NeighbourBody struct {
	Seen
	Source  int64               `json:"source,omitempty" minimum:"0" doc:"Id of the city's source"`
	Service string              `json:"service,omitempty" maxLength:"200" doc:"Absent: the one that the topic is there"`
	Text    string              `json:"text,omitempty" doc:"Masked before it leaves; absent: the messages' words, masked"`
	Whole   bool                `json:"whole,omitempty" doc:"The residents' words as they are, personal data and all; noted in the audit"`
	Contact bool                `json:"contact,omitempty" doc:"The author agreed: name and contact go too"`
	Address string              `json:"address,omitempty" maxLength:"300" doc:"Absent: the incident's"`
	Media   string              `json:"media_url,omitempty" maxLength:"2000" doc:"Of a picture that is public where the message stands"`
	Asked   map[string][]string `json:"attributes,omitempty" doc:"Code of what the service asks → answers"`
	Do      string              `json:"do,omitempty" enum:"drop,again,found" doc:"Instead: of a request. drop: before it has left; again: it was not found there, send it (it is looked for once more); found: it stands there under number"`
	Request int64               `json:"request,omitempty" minimum:"0"`
	Number  string              `json:"number,omitempty" maxLength:"200"`
}

// A CityRequest is one incident handed to one city.
type CityRequest struct {
	ID        int64      `json:"id"`
	Source    string     `json:"source"`
	State     string     `json:"state" enum:"waiting,sending,seeking,unknown,refused,token,open,closed,dropped" doc:"seeking: the city may have it, it is looked for there; unknown: a person must look"`
	Service   string     `json:"service"`
	Name      string     `json:"service_name,omitempty"`
	Number    string     `json:"number,omitempty" doc:"There"`
	Contact   bool       `json:"contact" doc:"The author's name or contact went with it"`
	At        *time.Time `json:"at"`
	SentAt    *time.Time `json:"sent_at,omitempty"`
	Error     string     `json:"error,omitempty" doc:"In Russian, with the city's words"`
	Status    string     `json:"status,omitempty" doc:"In the city: open, closed"`
	Agency    string     `json:"agency,omitempty" doc:"Of the city"`
	Expected  *time.Time `json:"expected_at,omitempty"`
	UpdatedAt *time.Time `json:"updated_at,omitempty"`
	Notes     string     `json:"notes,omitempty" doc:"What the city says"`
}

func (b NeighbourBody) change(ctx context.Context, a *API, i *incident.Incident) (desk.Change, error) {
	if a.Envoy == nil {
		return nil, fault.New(fault.NotFound, "no cities")
	}
	names, ids := map[string]string{}, map[int64]string{}
	for _, s := range a.Envoy.Sources() {
		names[s.ID], ids[s.Number] = s.Name, s.ID
	}
	if b.Do != "" {
		c := desk.CitySays{Request: neighbour.ID(b.Request), Do: b.Do, Number: b.Number}
		if r, err := a.Cases().Neighbours().Request(ctx, caller(ctx).Scope(), c.Request); err == nil { // the desk says what is not there
			c.Name = names[r.Source]
		}
		return c, nil
	}
	return a.Envoy.Hand(ctx, caller(ctx).Actor(), i, envoy.Input{Source: ids[b.Source], Service: b.Service, Text: b.Text, Whole: b.Whole, Contact: b.Contact, Address: b.Address, Media: b.Media, Asked: b.Asked})
}

func (a *API) addCities() {
	act[NeighbourBody](a, "neighbour", lifecycle.Neighbour, "Hand it to another city by Open311, or say what is to become of that")
	if a.Envoy == nil {
		return
	}
	op := func(method, path, summary, tag string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{tag}}
	}
	of := a.ofSource()
	add(a, op(http.MethodGet, "/incidents/{id}/neighbours", "What of it went to other cities", "incidents"), site.Access{Right: lifecycle.SeeQueue, Of: a.ofIncident()}, func(ctx context.Context, me *Caller, in *idInput) (*body[[]CityRequest], error) {
		list, err := a.Cases().Neighbours().OfIncident(ctx, scope.All(), int64(loaded(ctx).ID))
		out := &body[[]CityRequest]{[]CityRequest{}}
		for k := range list {
			r := &list[k]
			out.Body = append(out.Body, CityRequest{ID: int64(r.ID), Source: r.Source, State: string(r.State), Service: r.Service, Name: r.Name, Number: r.Number, Contact: r.Contact, At: at(r.At), SentAt: at(r.SentAt), Error: r.Words.Error,
				Status: r.Standing.Status, Agency: r.Standing.Agency, Expected: at(r.Standing.ExpectedAt), UpdatedAt: at(r.Standing.UpdatedAt), Notes: r.Words.Notes})
		}
		return out, err
	})
	add(a, op(http.MethodGet, "/sources/{id}/city", "What of our incidents another city takes", "sources"), site.Access{Right: lifecycle.SeeSources, Of: of}, func(ctx context.Context, _ *Caller, _ *idInput) (*body[City], error) {
		c, err := a.city(ctx)
		return &body[City]{c}, err
	})
	add(a, op(http.MethodPost, "/sources/{id}/city", "Set up a city that takes incidents, or ask it for its services", "sources"), site.Access{Right: lifecycle.EditSources, Area: true, Of: of}, func(ctx context.Context, me *Caller, in *actInput[CityBody]) (*body[City], error) {
		id := ctx.Value(sourceKey{}).(*source.Source).ID
		var err error
		if in.Body.Do == "ask" {
			err = a.Envoy.Ask(ctx, me.Actor(), id)
		} else {
			c := &neighbour.City{Source: id, Version: in.Body.Version, Agency: in.Body.Agency, Topics: map[topic.Code]string{}, Groups: in.Body.Groups}
			for code, s := range in.Body.Topics {
				c.Topics[topic.Code(code)] = s
			}
			err = a.Envoy.Save(ctx, me.Actor(), c)
		}
		if err != nil {
			return nil, err
		}
		c, err := a.city(ctx)
		return &body[City]{c}, err
	})
}

func (a *API) city(ctx context.Context) (City, error) {
	c, err := a.Envoy.City(ctx, ctx.Value(sourceKey{}).(*source.Source).ID)
	if err != nil {
		return City{}, err
	}
	coded := func(m map[topic.Code]string) map[string]string {
		out := map[string]string{}
		for code, s := range m {
			out[string(code)] = s
		}
		return out
	}
	out := City{Version: c.Version, Agency: c.Agency, Topics: coded(c.Topics), Groups: map[string]string{}, Services: []CityService{}, AskedAt: at(c.AskedAt)}
	for g, s := range c.Groups {
		out.Groups[g] = s
	}
	for _, s := range c.Services {
		out.Services = append(out.Services, CityService{s.Code, s.Name, s.Asks})
	}
	if len(c.Topics)+len(c.Groups) == 0 && len(c.Services) > 0 {
		topics, groups := a.Envoy.Propose(c)
		out.Proposed = &CityProposal{coded(topics), groups}
	}
	return out, nil
}
