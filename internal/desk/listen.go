package desk

import (
	"context"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/clarify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/topic"
)

// A Hearing is what a card would become if it were filed as it stands: for the operator
// who types while somebody speaks. Nothing of it is kept.
type Hearing struct {
	Case    incident.Incident // topic, urgency, kind, missing, place, address and proposed agency
	Phone   string            // as it is dialled: the caller's, written down or heard in the text; "" for none
	Ask     string            // the next question in whole words; "" when all is said
	Mine    []incident.Row    // open incidents of that number and that name, at most listenRows
	Near    []incident.Row    // other open incidents about the same at the same place
	Reading message.Reading
}

const (
	listenRows = 5
	listenDays = 90 // how far back an open incident near by is looked for
)

// Listen reads a card that is being taken down. A card without a text is heard as well:
// the caller's number comes before their first word.
func (d *Desk) Listen(ctx context.Context, tx incident.Tx, who account.Actor, c Card) (h *Hearing, err error) {
	defer fault.Wrap(&err, "desk.Listen")
	if !lifecycle.May(who.Role, lifecycle.File) {
		_, err := lifecycle.Next("", lifecycle.File, who.Role)
		return nil, err
	}
	silent := strings.TrimSpace(c.Text) == ""
	if silent {
		c.Text = "."
	}
	m, err := d.card(who, &c)
	if err != nil {
		return nil, err
	}
	h = &Hearing{}
	r := &h.Reading
	if !silent {
		*r = d.Read(m)
		heardAs(m, r)
		if t, ok := d.Topics().ByCode(c.Topic); ok && !t.Retired && c.Topic != topic.Undefined {
			r.Topics = append([]message.TopicGuess{{Code: c.Topic, Score: 1}}, r.Topics...)
			r.Missing = without(r.Missing, message.MissingTopic)
		}
	}
	i := &h.Case
	i.Topic, i.Urgency, i.Kind, i.Missing, i.Channel = r.Topic(), r.Urgency, r.Kind, r.Missing, m.Channel
	if t, ok := d.Topics().ByCode(i.Topic); ok && i.Topic != topic.Undefined {
		i.Group = t.Group
	}
	i.Place, i.Settlement, i.Address = d.stand(m, r)
	h.Phone = message.Dialled(m.Contact)
	if !silent {
		if err := d.propose(ctx, tx, i, nil); err != nil {
			return nil, err
		}
		h.Ask = clarify.Aloud(clarify.Case{Missing: i.Missing, Address: i.Address, Places: r.Places}, func(id string) (*place.Place, bool) { return d.Places.ByID(id) })
	}
	return h, d.known(ctx, tx, who, m, h)
}

// known finds what a caller may be speaking of: their own open incidents, and those of
// others about the same.
func (d *Desk) known(ctx context.Context, tx incident.Tx, who account.Actor, m *message.Message, h *Hearing) error {
	list, err := tx.Calls().OpenOf(ctx, who.Scope, m.Contact, m.AuthorName, listenRows)
	if err != nil {
		return err
	}
	if number, err := incident.ParseNumber(m.Text); err == nil { // they say the number of what they filed
		if i, err := tx.Incidents().ByNumber(ctx, who.Scope, number); err == nil && i.State != lifecycle.Closed {
			list = append([]int64{int64(i.ID)}, without64(list, int64(i.ID))...)
		} else if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	ids := make([]incident.ID, len(list))
	mine := map[incident.ID]bool{}
	for k, id := range list {
		ids[k] = incident.ID(id)
		mine[ids[k]] = true
	}
	if len(ids) > 0 {
		if h.Mine, err = tx.Incidents().Rows(ctx, who.Scope, ids); err != nil {
			return err
		}
	}
	i := &h.Case
	if i.Topic == "" || i.Topic == topic.Undefined || i.Settlement == "" || i.Address.Street == "" && i.Address.Landmark == "" {
		return nil // a whole town's potholes are no help
	}
	near, err := tx.Incidents().Near(ctx, who.Scope, incident.Near{Topic: i.Topic, Settlement: i.Settlement, Street: i.Address.Street, Landmark: landmark(i), House: i.Address.House,
		Since: d.Now().Add(-listenDays * 24 * time.Hour), OnlyOpen: true, Limit: 2 * listenRows})
	for k := range near {
		if !mine[near[k].ID] && len(h.Near) < listenRows {
			h.Near = append(h.Near, near[k])
		}
	}
	return err
}

func without64(list []int64, one int64) (out []int64) {
	for _, n := range list {
		if n != one {
			out = append(out, n)
		}
	}
	return out
}

// landmark is what finds others where no street is known.
func landmark(i *incident.Incident) string {
	if i.Address.Street != "" {
		return ""
	}
	return i.Address.Landmark
}
