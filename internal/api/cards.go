package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A CardBody is what somebody took down for a resident who phoned, came or wrote on paper.
type CardBody struct {
	Channel   string `json:"channel,omitempty" enum:"phone,counter,paper" doc:"How it came; absent: phone"`
	Attach    int64  `json:"attach,omitempty" minimum:"0" doc:"The open incident that it is about; absent: a new one is opened"`
	Text      string `json:"text" doc:"As spoken"`
	Caller    string `json:"caller,omitempty" maxLength:"200" doc:"Name"`
	Phone     string `json:"phone,omitempty" maxLength:"200"`
	Address   string `json:"address,omitempty" maxLength:"1000" doc:"As typed; read for places together with the text"`
	Topic     string `json:"topic,omitempty" doc:"Code; absent: as read"`
	Territory string `json:"territory,omitempty" doc:"OKTMO of the municipality; absent: as read"`
}

// A Filed is a card that has its number.
type Filed struct {
	Number   string   `json:"number" doc:"Eight digits" example:"93219322"`
	Spoken   string   `json:"spoken" doc:"The number as it is said" example:"932-193-22"`
	Incident Incident `json:"incident"`
}

func (a *API) addCards() {
	op := huma.Operation{Method: http.MethodPost, Path: "/cards", Summary: "File a card: the number is in the answer", Tags: []string{"filing"},
		DefaultStatus: http.StatusCreated, MaxBodyBytes: textBody}
	access := site.Access{Right: lifecycle.FileCards, Action: lifecycle.File}
	add(a, op, access, func(ctx context.Context, me *Caller, in *body[CardBody]) (*body[Filed], error) {
		i, err := a.Desk.File(ctx, me.Actor(), in.Body.card())
		if err != nil {
			return nil, err
		}
		return &body[Filed]{Filed{Number: i.Number, Spoken: incident.Spoken(i.Number), Incident: a.incident(me, i)}}, nil
	})
	listen := huma.Operation{Method: http.MethodPost, Path: "/cards/listen", Summary: "What a card would become, and the open incidents that it may be about", Tags: []string{"filing"},
		Description: "Nothing is kept. The text may be empty while only the number is known.", MaxBodyBytes: textBody}
	add(a, listen, access, func(ctx context.Context, me *Caller, in *body[CardBody]) (*body[Heard], error) {
		h, err := a.Desk.Listen(ctx, a.Cases(), me.Actor(), in.Body.card())
		if err != nil {
			return nil, err
		}
		i := &h.Case
		out := Heard{Kind: string(i.Kind), Topic: topicOf(a.Topics(), i.Topic), Urgency: string(i.Urgency), Missing: orEmpty(i.Missing), Centre: i.Place.Centre, Address: i.Address.String(),
			Agency: i.Proposed, Phone: h.Phone, Ask: h.Ask, Mine: []int64{}, Near: []int64{}}
		for k := range h.Mine {
			out.Mine = append(out.Mine, int64(h.Mine[k].ID))
		}
		for k := range h.Near {
			out.Near = append(out.Near, int64(h.Near[k].ID))
		}
		return &body[Heard]{out}, nil
	})
	a.addAsked(access)
	a.addRead()
}

// A Heard is what a card would become.
type Heard struct {
	Kind    string   `json:"kind" doc:"Empty before the first word"`
	Topic   Topic    `json:"topic"`
	Urgency string   `json:"urgency"`
	Missing []string `json:"missing"`
	Centre  string   `json:"centre,omitempty" doc:"OKTMO of the municipality"`
	Address string   `json:"address,omitempty"`
	Agency  int64    `json:"agency,omitempty" doc:"That routing proposes"`
	Phone   string   `json:"phone,omitempty" doc:"The caller's, as it is dialled: written down, or heard in the text"`
	Ask     string   `json:"ask,omitempty" doc:"The next question, in Russian"`
	Mine    []int64  `json:"mine" doc:"Open incidents of this caller, the number's before the name's"`
	Near    []int64  `json:"near" doc:"Other open incidents about the same at the same place"`
}

func (b *CardBody) card() desk.Card {
	return desk.Card{Channel: message.Channel(b.Channel), Attach: incident.ID(b.Attach), Text: b.Text, Caller: b.Caller, Phone: b.Phone, Address: b.Address,
		Topic: topic.Code(b.Topic), Territory: b.Territory}
}
