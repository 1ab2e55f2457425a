package talk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/message"
)

// A turn is one Next under way.
type turn struct {
	s     State
	in    Input
	f     Facts
	says  []Say
	deeds []Deed
	agree string // the consent that confirming gives; "" = none is asked for
}

// Next leads a talk on. consent names the consent that confirming gives, "" where none is
// asked for.
func Next(s State, in Input, f Facts, consent string) Out {
	if s.Step == "" {
		s.Step = Idle
	}
	s.Draft.Messages = slices.Clone(s.Draft.Messages)
	t := &turn{s: s, in: in, f: f, agree: consent}
	t.lead()
	return Out{State: t.s, Says: t.says, Deeds: t.deeds}
}

func (t *turn) lead() {
	if t.in.Silence {
		t.silence()
		return
	}
	if t.in.Danger && t.in.Pressed == "" {
		t.danger()
		return
	}
	if too, first := t.s.loud(t.in.At); too {
		t.flood(first)
		return
	}
	if t.in.Pressed == "" {
		t.number()
	}
	switch {
	case t.in.Pressed != "":
		t.press()
	case t.command():
	case t.in.mute():
		t.voice()
	default:
		t.heard()
	}
}

// number makes a press of a number that stands before one of the last buttons.
func (t *turn) number() {
	n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(t.in.Text), ".)"))
	if err == nil && n >= 1 && n <= len(t.s.Shown) && t.in.Files == 0 && t.s.Step != Where {
		t.in.Pressed = t.s.Shown[n-1].Data
		t.letGo(Chatter, t.in.Message)
	}
}

// flood keeps what one person writes far too much of.
func (t *turn) flood(first bool) {
	switch {
	case t.in.Pressed != "":
	case t.s.Step != Idle && len(t.s.Draft.Messages) > 0 && len(t.s.Draft.Messages) < draftMost, t.s.Step == Idle && t.in.Opens && !t.s.full(t.in.At):
		if t.s.Step == Idle {
			t.begin()
			t.s.Step = Where
		}
		t.gather()
	default:
		t.letGo(TooMany, t.in.Message)
	}
	if first {
		t.say(Say{Key: KeyFlood})
	}
}

// danger answers before anything else, and opens the incident at once.
func (t *turn) danger() {
	t.say(Say{Key: KeyDanger, Urgent: true})
	if t.s.Step == Which || t.s.Step == Number || t.s.Step == Why || t.s.Step == Idle {
		if t.s.Step == Why && t.s.Case != 0 {
			t.deed(Deed{Kind: Add, Incident: t.s.Case, Messages: []message.ID{t.in.Message}})
			t.rest()
			return
		}
		if t.s.Step != Which {
			t.begin()
		}
	}
	t.gather()
	t.s.Draft.Meant, t.s.Draft.Words = true, true
	if !t.s.Draft.Opened {
		t.s.Draft.Opened, t.s.Draft.Alone = true, true
		t.s.Sent++
		t.deed(Deed{Kind: Open, Messages: t.s.Draft.Messages, Spot: t.s.Draft.Spot, Early: true})
	}
	t.advance()
}

// voice answers what we cannot read.
func (t *turn) voice() {
	t.say(Say{Key: KeyVoice})
	if len(t.s.Draft.Messages) > 0 {
		t.gather()
		t.ask()
		return
	}
	t.letGo(Nothing, t.in.Message)
	if t.s.Step == Idle {
		t.menu(KeyMenu)
		return
	}
	t.ask()
}

// heard takes words, pictures and points.
func (t *turn) heard() {
	switch t.s.Step {
	case Idle:
		t.fresh()
	case Number:
		t.numbered()
	case Why:
		t.deed(Deed{Kind: Add, Incident: t.s.Case, Messages: []message.ID{t.in.Message}})
		t.say(Say{Key: KeyWhyTaken, Values: t.of(t.s.Case)})
		t.rest()
	case Which:
		t.gather()
		if t.s.Draft.Meant && len(t.f.Mine()) == 0 {
			t.advance()
			return
		}
		t.ask()
	case Where, Choose:
		t.place()
	default:
		was := t.s.Draft.Spot
		if t.gather(); was != nil && t.s.Draft.Spot != was { // a point: it is elsewhere after all
			t.s.Draft.Alone = t.s.Draft.Opened
		}
		t.advance()
	}
}

// fresh takes what comes while nothing is under way.
func (t *turn) fresh() {
	if _, typed, _ := t.f.Numbered(t.in.Text); typed && t.in.Files == 0 {
		t.numbered()
		return
	}
	if t.in.About != 0 {
		t.deed(Deed{Kind: Hear, Incident: t.in.About, Messages: []message.ID{t.in.Message}})
		t.say(Say{Key: KeyHeard, Values: t.of(t.in.About)})
		return
	}
	if t.in.Thanks || t.in.Contact && t.in.Text == "" {
		t.letGo(Chatter, t.in.Message)
		t.say(Say{Key: KeyThanks})
		return
	}
	if hello(t.in.Text) && t.in.Files == 0 && t.in.Point == nil {
		t.letGo(Chatter, t.in.Message)
		t.greet()
		return
	}
	if t.s.full(t.in.At) {
		t.letGo(TooMany, t.in.Message)
		t.say(Say{Key: KeyLimit})
		return
	}
	t.begin()
	t.gather()
	if mine := t.f.Mine(); len(mine) > 0 || t.s.Draft.Words && !t.s.Draft.Meant {
		t.to(Which)
		return
	}
	t.advance()
}

// numbered answers a number, or takes what is none as words.
func (t *turn) numbered() {
	c, typed, known := t.f.Numbered(t.in.Text)
	switch {
	case !typed && digits(t.in.Text) >= 6:
		t.letGo(Chatter, t.in.Message)
		t.say(Say{Key: KeyNumberBad})
		t.to(Number)
	case !typed:
		t.rest()
		t.fresh()
	case !known:
		t.letGo(Chatter, t.in.Message)
		t.say(Say{Key: KeyNumberUnknown})
		t.to(Number)
	default:
		t.letGo(Chatter, t.in.Message)
		t.rest()
		t.tell(c)
	}
}

// place takes what is said of the place.
func (t *turn) place() {
	d := &t.s.Draft
	t.gather()
	switch {
	case len(t.in.Spots) > 1 || d.NoSpot || d.Spot != nil:
		t.advance()
	case t.in.Text == "": // a picture meanwhile
		t.ask()
	default:
		if d.Asked++; d.Asked > 1 {
			d.NoSpot = true
			t.advance()
			return
		}
		t.to(Where)
	}
}

// begin begins a matter.
func (t *turn) begin() {
	t.s.Round++
	t.s.Draft, t.s.Case, t.s.Shown = Draft{}, 0, nil
}

// rest ends it.
func (t *turn) rest() {
	t.s.Round++
	t.s.Step, t.s.Draft, t.s.Case, t.s.Shown = Idle, Draft{}, 0, nil
}

// gather puts what came to the draft, or to the incident that is there already.
func (t *turn) gather() {
	d := &t.s.Draft
	if len(d.Messages) >= draftMost {
		t.letGo(TooMany, t.in.Message)
		return
	}
	d.Messages = append(d.Messages, t.in.Message)
	d.Words = d.Words || t.in.Text != ""
	d.Meant = d.Meant || t.in.Opens
	d.Files += t.in.Files
	if d.Opened {
		t.deed(Deed{Kind: Add, Incident: d.Incident, Messages: []message.ID{t.in.Message}})
	}
	if d.Spot != nil && t.in.Point == nil {
		return
	}
	switch len(t.in.Spots) {
	case 0:
	case 1:
		d.Spots = nil
		spot := &t.in.Spots[0]
		if !spot.Exact {
			d.Town = spot.Name
		}
		if spot.Exact || t.s.Step == Where && d.Asked > 0 {
			d.Spot = spot
			t.placed()
		}
	default:
		d.Spots = t.in.Spots[:min(len(t.in.Spots), 5)]
	}
}

// placed tells an incident that is there where it is.
func (t *turn) placed() {
	if d := &t.s.Draft; d.Opened && d.Spot != nil {
		t.deed(Deed{Kind: Place, Incident: d.Incident, Spot: d.Spot})
	}
}

// advance asks for the first thing that is missing.
func (t *turn) advance() {
	d := &t.s.Draft
	switch {
	case !d.Words:
		t.to(What)
	case d.Spot == nil && !d.NoSpot && len(d.Spots) > 1:
		t.to(Choose)
	case d.Spot == nil && !d.NoSpot:
		t.to(Where)
	case !d.Alone && d.Spot != nil && len(t.f.Alike(*d)) > 0:
		t.to(Near)
	case d.Files == 0 && !d.NoPhoto:
		t.to(Photo)
	case d.Opened:
		t.say(Say{Key: KeyOpenedDone, Values: map[string]string{VarNumber: "", VarPlace: d.where()}})
		t.rest()
	default:
		t.to(Confirm)
	}
}

func (d *Draft) where() string {
	if d.Spot != nil {
		return d.Spot.Name
	}
	return ""
}

// to goes to a step and asks its question.
func (t *turn) to(step Step) {
	t.s.Step = step
	t.ask()
}

func (t *turn) say(s Say) { t.says = append(t.says, s) }

func (t *turn) deed(d Deed) {
	d.Messages = slices.Clone(d.Messages)
	t.deeds = append(t.deeds, d)
}

func (t *turn) letGo(why string, ids ...message.ID) {
	if len(ids) > 0 {
		t.deed(Deed{Kind: LetGo, Messages: ids, Why: why})
	}
}

// of returns the values of one of the talk's incidents.
func (t *turn) of(id int64) map[string]string {
	for _, c := range t.f.Mine() {
		if c.ID == id {
			return c.values()
		}
	}
	return map[string]string{}
}

func (c *Case) values() map[string]string {
	return map[string]string{VarNumber: c.Number, VarTopic: c.Topic, VarPlace: c.Where, VarState: c.Phrase, VarAgency: c.Agency, VarDue: c.Due}
}

// Data is what a button carries: the round that it belongs to, and what it says.
func Data(round int, what string) string { return fmt.Sprintf("%d:%s", round, what) }

func digits(text string) (n int) {
	for _, r := range text {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}
