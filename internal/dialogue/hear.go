package dialogue

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/ingest"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/talk"
)

// A hearing is one input of one talk, in its transaction.
type hearing struct {
	d    *Dialogue
	ctx  context.Context
	tx   incident.Tx
	o    *desk.Opener
	t    *talk.Talk
	m    *message.Message // nil of silence
	r    *message.Reading
	now  time.Time
	told ingest.Told

	round int
	early int64              // the incident that was opened before the talk was over
	of    *incident.Incident // that was opened or joined by this input
	mine  []talk.Case
	known bool  // mine is filled
	err   error // of a fact
}

// input says to the machine what came.
func (h *hearing) input() talk.Input {
	in := talk.Input{At: h.now, Message: h.m.ID, Text: h.m.Text, Pressed: h.m.Pressed, Files: len(h.m.Attachments), Point: h.m.Shared, Contact: h.m.Contact != ""}
	switch {
	case in.Pressed != "":
		in.Text, in.Files = "", 0
		if id := talk.Placed(in.Pressed); id != "" {
			in.Spots = h.named(id)
		}
		return in
	case in.Point != nil:
		in.Spots = h.around(*in.Point)
	}
	if h.r == nil {
		return in
	}
	in.Opens, in.Thanks, in.Danger = h.r.Kind.Opens() && !h.r.Outside, h.r.Kind == message.Thanks, h.r.Urgency == message.Danger
	if in.Point == nil {
		in.Spots = h.read()
	}
	if h.t.State.Step == talk.Idle || h.t.State.Step == "" {
		in.About = h.about()
	}
	return in
}

// followTime is how long after its answer words are heard as words about it.
const followTime = 60 * 24 * time.Hour

// about returns the finished incident that the words are surely about.
func (h *hearing) about() int64 {
	f, err := h.tx.Feedback().Follows(h.ctx, h.m.Source, h.m.Thread, h.m.Parent, h.m.Author, h.now.Add(-followTime))
	if err != nil || f.Incident == 0 || f.Speaker != feedback.Author || slices.ContainsFunc(h.Mine(), func(c talk.Case) bool { return c.Open && c.ID != f.Incident }) {
		h.fail(err)
		return 0
	}
	sure, err := h.o.Sure(h.ctx, f, h.m, h.r)
	h.fail(err)
	if !sure {
		return 0
	}
	return f.Incident
}

func (h *hearing) fail(err error) { h.err = cmp.Or(h.err, err) }

// run leads the talk on and does what follows, all in one transaction.
func (h *hearing) run(in talk.Input) error {
	before := h.t.State
	out := talk.Next(before, in, h, h.d.Consent)
	if h.err != nil {
		return h.err
	}
	h.round, h.early = before.Round, before.Draft.Incident
	if held := out.State.Draft.Messages; (before.Step == talk.Idle || before.Step == "") && out.State.Round > before.Round {
		h.round = before.Round + 1
	} else if h.m != nil && slices.Contains(held, h.m.ID) {
		h.round = out.State.Round
	}
	h.t.State = out.State
	if err := h.note(in, before); err != nil {
		return err
	}
	for k := range out.Deeds {
		if err := h.do(&out.Deeds[k]); err != nil {
			return err
		}
	}
	if err := h.speak(out.Says); err != nil {
		return err
	}
	if h.of != nil {
		if err := h.tx.Talks().Belongs(h.ctx, h.t.ID, h.round, int64(h.of.ID)); err != nil {
			return err
		}
	}
	h.t.At, h.t.Due = h.now, time.Time{}
	if h.t.State.Step != talk.Idle {
		h.t.Due = h.now.Add(h.d.Patience)
	}
	return h.tx.Talks().SaveTalk(h.ctx, h.t)
}

// note writes what the resident did into the transcript.
func (h *hearing) note(in talk.Input, before talk.State) error {
	if h.m == nil {
		return nil
	}
	l := talk.Line{Talk: h.t.ID, Round: h.round, At: h.now, Kind: talk.Said, Message: h.m.ID, Incident: h.early}
	if in.Pressed != "" {
		l.Kind, l.Text = talk.Press, "кнопка"
		for _, c := range before.Shown {
			if c.Data == in.Pressed {
				l.Text = c.Label
			}
		}
	}
	return h.tx.Talks().Write(h.ctx, &l)
}

// do does what follows from what came.
func (h *hearing) do(d *talk.Deed) error {
	var err error
	at := d.Incident
	switch d.Kind {
	case talk.Open:
		err = h.open(d)
	case talk.Return:
		err = h.giveBack(d)
	case talk.Join:
		if err = h.add(d.Incident, d.Messages); err == nil {
			h.d.counted.joined.Add(1)
			err = h.attend(d.Incident)
		}
	case talk.Add, talk.Hear:
		if at = cmp.Or(d.Incident, h.t.State.Draft.Incident); at != 0 {
			err = h.add(at, d.Messages)
		}
	case talk.Place:
		if at = cmp.Or(d.Incident, h.t.State.Draft.Incident); at != 0 && d.Spot != nil && len(d.Spot.Found) > 0 {
			err = h.o.Placed(h.ctx, incident.ID(at), d.Spot.Found)
		}
	case talk.Judge:
		h.d.counted.marks.Add(1)
		_, err = h.o.Marked(h.ctx, incident.ID(d.Incident), d.Mark)
	case talk.LetGo:
		if d.Why == talk.Cancelled {
			h.d.counted.cancelled.Add(1)
		}
		if d.Why == talk.Chatter {
			return nil
		}
	}
	if err != nil {
		return err
	}
	if h.of != nil && at == 0 {
		at = int64(h.of.ID)
	}
	return h.tx.Talks().Write(h.ctx, &talk.Line{Talk: h.t.ID, Round: h.round, At: h.now, Kind: talk.Noted, Key: string(d.Kind), Text: d.Why, Incident: at})
}

// letters returns the messages of a draft with their readings, without those that are gone.
func (h *hearing) letters(ids []message.ID) (ms []*message.Message, rs []*message.Reading, err error) {
	for _, id := range ids {
		m, r := h.m, h.r
		if h.m == nil || h.m.ID != id {
			if m, err = h.tx.Messages().Message(h.ctx, scope.All(), id); err != nil {
				return nil, nil, err
			}
			if r, err = h.tx.Messages().Reading(h.ctx, id); fault.Is(err, fault.NotFound) {
				r, err = nil, nil
			}
			if err != nil {
				return nil, nil, err
			}
		}
		if m.Gone || !m.ErasedAt.IsZero() {
			continue
		}
		ms, rs = append(ms, m), append(rs, r)
	}
	return ms, rs, nil
}

// open opens an incident for the messages; the first one that says something leads.
func (h *hearing) open(d *talk.Deed) error {
	ms, rs, err := h.letters(d.Messages)
	if err != nil || len(ms) == 0 {
		return err
	}
	lead := max(0, slices.IndexFunc(ms, func(m *message.Message) bool { return strings.TrimSpace(m.Text) != "" }))
	var spot []message.PlaceFound
	if d.Spot != nil {
		spot = d.Spot.Found
	}
	if h.of, err = h.o.Told(h.ctx, ms[lead], rs[lead], spot, nil); err != nil {
		return err
	}
	h.told.Opened = ms[lead]
	h.d.counted.opened.Add(1)
	for k := range ms {
		if k != lead {
			if err := h.o.Attach(h.ctx, h.of.ID, ms[k], rs[k]); err != nil {
				return err
			}
		}
	}
	if h.of, err = h.tx.Incidents().Incident(h.ctx, scope.All(), h.of.ID); err != nil {
		return err
	}
	if d.Early {
		h.t.State.Draft.Incident = int64(h.of.ID)
	}
	return h.attend(int64(h.of.ID))
}

// attend makes the talk hear how the incident comes on.
func (h *hearing) attend(id int64) error {
	h.known = false
	return h.tx.Talks().About(h.ctx, h.t.ID, id, h.now)
}

// add gives messages to an incident: to a finished one as words about it.
func (h *hearing) add(id int64, ids []message.ID) error {
	ms, rs, err := h.letters(ids)
	if err != nil {
		return err
	}
	for k, m := range ms {
		i, err := h.tx.Incidents().Incident(h.ctx, scope.All(), incident.ID(id))
		if err != nil {
			return err
		}
		h.of = i
		if i.State.Open() {
			err = h.o.Attach(h.ctx, i.ID, m, rs[k])
		} else {
			_, err = h.o.Heard(h.ctx, feedback.Followed{Incident: id, Speaker: feedback.Author}, m, rs[k])
		}
		if err != nil {
			return err
		}
		h.told.Attached = true
	}
	return nil
}

// giveBack lets what was told go on as any direct message does: to the author's open
// incident, else into one of its own where it reads so.
func (h *hearing) giveBack(d *talk.Deed) error {
	for _, c := range h.Mine() {
		if c.Open {
			if err := h.add(c.ID, d.Messages); err != nil {
				return err
			}
			return h.speak([]talk.Say{{Key: talk.KeyAdded, Values: map[string]string{talk.VarNumber: c.Number}}})
		}
	}
	_, rs, err := h.letters(d.Messages)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rs, func(r *message.Reading) bool { return r != nil && r.Kind.Opens() && !r.Outside }) {
		return h.speak([]talk.Say{{Key: talk.KeySilenceNothing}})
	}
	if err := h.open(d); err != nil {
		return err
	}
	return h.speak([]talk.Say{{Key: talk.KeySilence}})
}
