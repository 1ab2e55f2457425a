package publicface

import (
	"math"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

// A Case is all that a Face is made of, as the store has it.
type Case struct {
	Incident incident.Incident
	First    *message.Message // the first message with its words; nil when none is left
	Reading  *message.Reading // of it; nil when it was not read
	Answers  []Answer         // oldest first
	Promised time.Time        // the first day that a published reply promised and that is not settled
}

// An Answer is a reply of ours with what it answers.
type Answer struct {
	reply.Reply
	To    *message.Message // form and channel alone; nil for a reply to all messages
	Files []attachment.Attachment
}

// A Face is what everybody may see of a case. It names no author, no source and nobody of
// the staff, and what is not in it is not shown.
type Face struct {
	ID         incident.ID
	Number     string
	Topic      topic.Code
	Group      string
	Kind       message.Kind
	Urgent     bool
	Settlement string // OKTMO
	Centre     string // OKTMO of the municipality
	Region     string
	Address    incident.Address // as exact as Near says; Lat, Lon 0, 0 = no point
	Near       Nearness
	Words      string // masked words of the first message; "" = none may be shown
	State      lifecycle.State
	Outcome    lifecycle.Outcome
	Verified   bool
	Agency     int64 // that the case was handed to; 0 = none
	OpenedAt   time.Time
	UpdatedAt  time.Time
	ClosedAt   time.Time // zero while it is not closed
	ExpectedAt time.Time // what we promised, else the due time of the answer; zero once answered
	Said       []Said    // public answers, oldest first
}

// Open reports whether the work goes on.
func (f *Face) Open() bool { return f.State.Open() }

// Last returns the last public answer, nil for none.
func (f *Face) Last() *Said {
	if len(f.Said) == 0 {
		return nil
	}
	return &f.Said[len(f.Said)-1]
}

// Pictures returns the released pictures, those of the last answer first.
func (f *Face) Pictures() (out []attachment.Attachment) {
	for k := len(f.Said) - 1; k >= 0; k-- {
		out = append(out, f.Said[k].Pictures...)
	}
	return out
}

// A Said is one public answer.
type Said struct {
	Reply    reply.ID
	Purpose  reply.Purpose
	Text     string
	At       time.Time
	Pictures []attachment.Attachment // that stand in public with it
}

// Face returns what everybody may see of a case; false when that is nothing. mask covers
// personal data in official words that nobody looked through for it.
func (r Rule) Face(c *Case, mask func(string) string) (f Face, ok bool) {
	if r.Hidden(&c.Incident) != Shown {
		return f, false
	}
	return Of(c, mask), true
}

// Of returns the face of a case whatever Hidden says: for whoever sent the case to us
// and holds its number. What a hidden case may not show to all it does not show to them.
func Of(c *Case, mask func(string) string) Face {
	i := &c.Incident
	f := Face{
		ID: i.ID, Number: i.Number, Topic: i.Topic, Group: i.Group, Kind: i.Kind, Urgent: i.Urgency == message.Danger, Settlement: i.Settlement, Centre: i.Place.Centre,
		Region: i.Place.Region, State: i.State, Outcome: i.Outcome, Verified: i.Verified(), Agency: i.Place.Agency, OpenedAt: i.OpenedAt, UpdatedAt: i.UpdatedAt, ClosedAt: i.ClosedAt,
	}
	f.Near = Near(i, c.First == nil || Alone(c.First))
	f.Address = blurred(i.Address, f.Near)
	f.Words = words(i, c.First, c.Reading)
	if i.State.Open() {
		f.ExpectedAt = expected(c)
	}
	for k := range c.Answers {
		if f.Near == Town { // what became of a person's own life
			break
		}
		if s, ok := said(&c.Answers[k], mask); ok {
			f.Said = append(f.Said, s)
		}
	}
	return f
}

// expected returns by when an answer is to be expected: what we promised, else when the final
// answer is due, else the step of an answer that runs. Steps within the house are nobody's business.
func expected(c *Case) time.Time {
	k := &c.Incident.Clock
	switch {
	case !c.Promised.IsZero():
		return c.Promised
	case !k.AnswerDue.IsZero():
		return k.AnswerDue
	case k.Step == regime.First || k.Step == regime.Final:
		return k.Due
	}
	return time.Time{}
}

// words returns the words of a message that may stand in public. Only what was sent to be
// published is repeated, after somebody of the staff has accepted it.
func words(i *incident.Incident, m *message.Message, r *message.Reading) string {
	switch {
	case m == nil || r == nil, m.Gone, !m.ErasedAt.IsZero(), r.Obscene, i.State == lifecycle.New:
		return ""
	case m.Channel != message.City && m.Channel != message.Portal, Alone(m), Near(i, false) == Town:
		return ""
	}
	spans := make([]russian.Span, 0, len(r.Personal)+1)
	for _, p := range r.Personal {
		spans = append(spans, russian.Span{Start: p.Start, End: p.End})
	}
	for _, own := range []string{m.AuthorName, m.Contact} {
		for from := 0; own != ""; {
			at := strings.Index(m.Text[from:], own)
			if at < 0 {
				break
			}
			spans = append(spans, russian.Span{Start: from + at, End: from + at + len(own)})
			from += at + len(own)
		}
	}
	return personal.Mask(m.Text, spans)
}

// said returns a reply as everybody may read it; false when it is not for everybody.
func said(a *Answer, mask func(string) string) (s Said, ok bool) {
	switch {
	case a.State != reply.Published || a.Purpose != reply.Final && a.Purpose != reply.Interim && a.Purpose != reply.Notice:
		return s, false
	case a.To != nil && Alone(a.To), a.Text == "": // what its author alone has read, what was erased
		return s, false
	}
	s = Said{Reply: a.ID, Purpose: a.Purpose, Text: a.Text, At: a.PublishedAt}
	if a.Cleared == "" { // nobody has said that what looks personal is not
		s.Text = mask(s.Text)
	}
	for k := range a.Files {
		if a.Files[k].Picture() {
			s.Pictures = append(s.Pictures, a.Files[k])
		}
	}
	return s, true
}

// half a kilometre and more, in degrees of our latitudes.
const coarse = 0.01

// blurred returns an address as exact as near says.
func blurred(a incident.Address, near Nearness) incident.Address {
	switch near {
	case Exact:
		return a
	case Street:
		out := incident.Address{Settlement: a.Settlement, Street: a.Street}
		if a.Lat != 0 || a.Lon != 0 {
			out.Lat, out.Lon, out.Radius = math.Round(a.Lat/coarse)*coarse, math.Round(a.Lon/coarse)*coarse, max(a.Radius, 1000)
		}
		return out
	}
	return incident.Address{Settlement: a.Settlement}
}
