package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A CardBody is what somebody took down for a resident who phoned, came or wrote on paper.
type CardBody struct {
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
		b := in.Body
		i, err := a.Desk.File(ctx, me.Actor(), desk.Card{Text: b.Text, Caller: b.Caller, Phone: b.Phone, Address: b.Address,
			Topic: topic.Code(b.Topic), Territory: b.Territory})
		if err != nil {
			return nil, err
		}
		return &body[Filed]{Filed{Number: i.Number, Spoken: incident.Spoken(i.Number), Incident: a.incident(me, i)}}, nil
	})
	a.addRead()
}
