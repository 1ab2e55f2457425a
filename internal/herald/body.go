package herald

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

// A Call is the body of a call. Fields are only ever added.
type Call struct {
	Type      webhook.Event `json:"type"`
	Timestamp time.Time     `json:"timestamp"` // it happened
	Data      Data          `json:"data"`
}

// Data is what a call tells. The incident is as it stands when the call is made; change says
// what happened.
type Data struct {
	Sequence int64     `json:"sequence"` // rises from call to call of one incident
	Incident *Incident `json:"incident,omitempty"`
	Change   *Change   `json:"change,omitempty"`
	Messages []Message `json:"messages,omitempty"` // the first twenty
	Reply    *Reply    `json:"reply,omitempty"`
	Mark     int       `json:"mark,omitempty"` // 1 to 5
	Due      time.Time `json:"due,omitzero"`   // that has passed
}

// An Incident is a case of work.
type Incident struct {
	ID       int64   `json:"id"`
	Number   string  `json:"number"`
	Version  int     `json:"version"`
	State    string  `json:"state"`
	Status   string  `json:"status"` // in Russian
	Outcome  string  `json:"outcome,omitempty"`
	Verified bool    `json:"verified,omitempty"`
	Topic    *Named  `json:"topic,omitempty"`
	Agency   *Agency `json:"agency,omitempty"`
	Urgency  string  `json:"urgency"`
	Region   string  `json:"region,omitempty"` // OKTMO, as the next two
	Centre   string  `json:"centre,omitempty"`
	Place    string  `json:"place,omitempty"` // without a flat
	Lat      float64 `json:"lat,omitempty"`
	Lon      float64 `json:"lon,omitempty"`

	OpenedAt time.Time `json:"opened_at,omitzero"`
	DueAt    time.Time `json:"due_at,omitzero"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
}

// Named is a code with its Russian words.
type Named struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// An Agency is who answers.
type Agency struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// A Change is what happened.
type Change struct {
	Action string `json:"action"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Reason string `json:"reason,omitempty"` // official words
	How    string `json:"how,omitempty"`
}

// A Message is what somebody wrote. Name, contact and open words are there only where the
// webhook gets personal data.
type Message struct {
	Source      string    `json:"source"`
	ID          string    `json:"id"` // at the source
	Thread      string    `json:"thread,omitempty"`
	Parent      string    `json:"parent,omitempty"`
	URL         string    `json:"url,omitempty"`
	Text        string    `json:"text"`
	Author      string    `json:"author,omitempty"`
	Contact     string    `json:"contact,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
}

// A Reply is an official answer, or one that the receiver is to publish as the answer to To.
type Reply struct {
	Key     string `json:"key,omitempty"` // of reply.publish: what the receiver confirms
	Purpose string `json:"purpose"`
	Text    string `json:"text"`
	URL     string `json:"url,omitempty"`
	To      *To    `json:"to,omitempty"`
}

// To is the message that is answered.
type To struct {
	Source string `json:"source"`
	ID     string `json:"id"`
	Thread string `json:"thread,omitempty"`
	URL    string `json:"url,omitempty"`
}

const manyMessages = 20

// body writes a call. What it says of a person is read and, where it goes out as it is, noted
// in the audit before anything leaves.
func (h *Herald) body(ctx context.Context, w *webhook.Webhook, d *webhook.Delivery) (_ []byte, err error) {
	c := Call{Type: d.Event, Timestamp: d.At.UTC(), Data: Data{Sequence: d.ID, Due: d.Due}}
	if d.Incident != 0 {
		tx := h.Store.Reader()
		if err := h.tell(ctx, tx, w, d, &c.Data); err != nil {
			return nil, err
		}
	}
	return json.Marshal(c)
}

func (h *Herald) tell(ctx context.Context, tx incident.Tx, w *webhook.Webhook, d *webhook.Delivery, data *Data) error {
	i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(d.Incident))
	if err != nil {
		return err
	}
	if data.Incident, err = h.incident(ctx, tx, i); err != nil {
		return err
	}
	if d.Entry != 0 {
		history, err := tx.Incidents().History(ctx, scope.All(), i.ID)
		if err != nil {
			return err
		}
		for k := range history {
			if e := &history[k]; e.ID == d.Entry {
				data.Change = &Change{Action: string(e.Action), From: string(e.From), To: string(e.To), Reason: e.Detail.Reason, How: e.Detail.How}
				data.Mark = e.Detail.Mark
				if err := h.published(ctx, tx, e, data); err != nil {
					return err
				}
			}
		}
	}
	if d.Event == webhook.Publish {
		return h.toPublish(ctx, tx, d, data)
	}
	return h.messages(ctx, tx, w, i, data)
}

func (h *Herald) incident(ctx context.Context, tx incident.Tx, i *incident.Incident) (*Incident, error) {
	verified := !i.VerifiedAt.IsZero()
	out := &Incident{ID: int64(i.ID), Number: i.Number, Version: i.Version, State: string(i.State), Status: lifecycle.Phrase(i.State, i.Outcome, verified), Outcome: string(i.Outcome), Verified: verified,
		Urgency: string(i.Urgency), Region: i.Place.Region, Centre: i.Place.Centre, Place: h.Mask(notice.Flatless(i.Address.String())), Lat: i.Address.Lat, Lon: i.Address.Lon,
		OpenedAt: i.OpenedAt.UTC(), DueAt: i.Clock.Due, ClosedAt: i.ClosedAt}
	if t, ok := h.Topics().ByCode(i.Topic); ok && i.Topic != "" {
		out.Topic = &Named{string(t.Code), t.Name}
	}
	if i.Place.Agency != 0 {
		a, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if err == nil {
			out.Agency = &Agency{a.ID, a.Name}
		}
	}
	return out, nil
}

// published adds the reply that a line of history tells of.
func (h *Herald) published(ctx context.Context, tx incident.Tx, e *incident.Entry, data *Data) error {
	if e.Action != lifecycle.Publish || e.Detail.Reply == 0 {
		return nil
	}
	r, err := tx.Replies().Reply(ctx, scope.All(), reply.ID(e.Detail.Reply))
	if err != nil {
		return err
	}
	data.Reply = &Reply{Purpose: string(r.Purpose), Text: r.Text, URL: r.URL}
	return nil
}

// toPublish adds the words that the receiver publishes.
func (h *Herald) toPublish(ctx context.Context, tx incident.Tx, d *webhook.Delivery, data *Data) error {
	job, err := tx.Webhooks().JobOf(ctx, d.Key)
	if err != nil {
		return err
	}
	r, err := tx.Replies().Reply(ctx, scope.All(), job.Reply)
	if err != nil {
		return err
	}
	data.Reply = &Reply{Key: d.Key, Purpose: string(r.Purpose), Text: job.Text, To: &To{Source: job.Source, ID: job.Parent, Thread: job.Thread}}
	return nil
}

func (h *Herald) messages(ctx context.Context, tx incident.Tx, w *webhook.Webhook, i *incident.Incident, data *Data) error {
	list, err := tx.Messages().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return err
	}
	var read []audit.Entry
	for _, m := range list[:min(len(list), manyMessages)] {
		out := Message{Source: m.Source, ID: m.Native, Thread: m.Thread, Parent: m.Parent, URL: m.URL, PublishedAt: m.PublishedAt}
		switch {
		case m.Gone: // its author took it back: it is not passed on
		case w.Personal:
			out.Text, out.Author, out.Contact = m.Text, m.AuthorName, m.Contact
			read = append(read, audit.Entry{At: h.Now(), Deed: audit.ReadPersonal, Subject: fmt.Sprintf("message:%d", m.ID), Place: m.Place})
		default:
			out.Text = h.Mask(m.Text)
		}
		data.Messages = append(data.Messages, out)
	}
	if len(read) == 0 {
		return nil
	}
	return h.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		for _, e := range read {
			if err := tx.Audit().Record(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}
