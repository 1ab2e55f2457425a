package talk

import (
	"strconv"
	"strings"

	"otklik/internal/feedback"
)

// What buttons say. Those of a question carry its round, the others hold at any time.
const (
	sayNew, sayStatus, sayHelp, sayPerson = "new", "status", "help", "person"
	sayCancel, sayGoOn, sayAnew           = "cancel", "goon", "anew"
	sayYes, sayNo, sayTo                  = "yes", "no", "to"
	saySpot, sayOther, sayLeave           = "spot", "other", "leave"
	sayMe, sayApart                       = "me", "apart"
	sayNoPhoto, sayDone                   = "nophoto", "done"
	saySend, sayMove                      = "send", "move"
	sayCase, sayMark, sayPlace            = "case", "mark", "place"
)

// press takes a press of a button.
func (t *turn) press() {
	first, rest, _ := strings.Cut(t.in.Pressed, ":")
	if round, err := strconv.Atoi(first); err == nil {
		if round != t.s.Round || t.s.Step == Idle {
			t.say(Say{Key: KeyStale})
			if t.s.Step != Idle {
				t.ask()
			}
			return
		}
		what, arg, _ := strings.Cut(rest, ":")
		n, _ := strconv.Atoi(arg)
		if !t.answer(what, n) {
			t.ask()
		}
		return
	}
	switch first {
	case sayNew:
		t.anew()
	case sayStatus:
		t.status()
	case sayHelp:
		t.help()
	case sayPerson:
		t.person()
	case sayCase:
		id, _ := strconv.ParseInt(rest, 10, 64)
		c, ok := among(t.f.Mine(), id)
		if !ok {
			t.say(Say{Key: KeyStale})
			return
		}
		if t.s.Step == Number {
			t.rest()
		}
		t.tell(c)
	case sayMark:
		id, mark, _ := strings.Cut(rest, ":")
		n, _ := strconv.Atoi(mark)
		of, _ := strconv.ParseInt(id, 10, 64)
		t.mark(of, n)
	case sayPlace:
		id, _, _ := strings.Cut(rest, ":")
		of, _ := strconv.ParseInt(id, 10, 64)
		c, ok := among(t.f.Mine(), of)
		if !ok || !c.Open || len(t.in.Spots) != 1 {
			t.say(Say{Key: KeyStale})
			return
		}
		t.deed(Deed{Kind: Place, Incident: of, Spot: &t.in.Spots[0]})
		t.say(Say{Key: KeyPlaceTaken, Values: map[string]string{VarNumber: c.Number, VarPlace: t.in.Spots[0].Name}})
	default:
		t.say(Say{Key: KeyStale})
	}
}

func among(list []Case, id int64) (Case, bool) {
	for _, c := range list {
		if c.ID == id {
			return c, true
		}
	}
	return Case{}, false
}

// answer takes an answer to the question that stands. It is false for one that this
// question does not know.
func (t *turn) answer(what string, n int) bool {
	d := &t.s.Draft
	switch {
	case what == sayCancel:
		t.cancel()
	case what == sayGoOn:
		t.ask()
	case what == sayAnew:
		t.anew()
	case t.s.Step == Which && what == sayYes:
		d.Meant = true
		t.advance()
	case t.s.Step == Which && what == sayNo:
		t.letGo(Chatter, d.Messages...)
		t.rest()
		t.menu(KeyMenu)
	case t.s.Step == Which && what == sayTo:
		c, ok := among(t.f.Mine(), int64(n))
		if !ok {
			return false
		}
		t.deed(Deed{Kind: Add, Incident: c.ID, Messages: d.Messages})
		t.say(Say{Key: KeyAdded, Values: c.values()})
		t.rest()
	case t.s.Step == Choose && what == saySpot:
		if n < 0 || n >= len(d.Spots) {
			return false
		}
		spot := d.Spots[n]
		d.Spot, d.Spots = &spot, nil
		t.placed()
		t.advance()
	case t.s.Step == Choose && what == sayOther:
		d.Spots = nil
		t.to(Where)
	case (t.s.Step == Where || t.s.Step == Choose) && what == sayLeave:
		d.NoSpot, d.Spots = true, nil
		t.advance()
	case t.s.Step == Near && what == sayMe:
		c, ok := among(t.f.Alike(*d), int64(n))
		if !ok { // it was closed meanwhile
			t.advance()
			return true
		}
		t.consent()
		t.deed(Deed{Kind: Join, Incident: c.ID, Messages: d.Messages})
		t.say(Say{Key: KeyJoined, Values: c.values()})
		t.rest()
	case t.s.Step == Near && what == sayApart:
		d.Alone = true
		t.advance()
	case t.s.Step == Photo && (what == sayNoPhoto || what == sayDone):
		d.NoPhoto = true
		t.advance()
	case t.s.Step == Confirm && what == saySend:
		t.send()
	case t.s.Step == Confirm && what == sayMove:
		d.Spot, d.NoSpot, d.Asked = nil, false, 0
		t.to(Where)
	default:
		return false
	}
	return true
}

// send opens the incident.
func (t *turn) send() {
	t.consent()
	t.s.full(t.in.At) // the day that it counts to
	t.s.Sent++
	t.deed(Deed{Kind: Open, Messages: t.s.Draft.Messages, Spot: t.s.Draft.Spot})
	t.say(Say{Key: KeyTaken, Values: map[string]string{VarNumber: "", VarPlace: t.s.Draft.where()}})
	t.rest()
}

// consent is given by confirming.
func (t *turn) consent() {
	if t.agree != "" && t.s.Agreed != t.agree {
		t.s.Agreed = t.agree
		t.deed(Deed{Kind: Agree, Why: t.agree})
	}
}

// cancel drops what was begun.
func (t *turn) cancel() {
	d := t.s.Draft
	switch {
	case d.Opened:
		t.say(Say{Key: KeyCancelOpened, Values: map[string]string{VarNumber: ""}})
	case d.Empty():
		t.say(Say{Key: KeyCancelNothing})
	default:
		t.letGo(Cancelled, d.Messages...)
		t.say(Say{Key: KeyCancelled})
	}
	t.rest()
}

// anew begins a new matter; what was begun before is dropped by the resident's own word.
func (t *turn) anew() {
	if !t.s.Draft.Opened {
		t.letGo(Cancelled, t.s.Draft.Messages...)
	}
	if t.s.full(t.in.At) {
		t.say(Say{Key: KeyLimit})
		t.rest()
		return
	}
	t.begin()
	t.s.Draft.Meant = true
	t.to(What)
}

// mark takes a mark. A bad one asks why.
func (t *turn) mark(of int64, n int) {
	c, ok := among(t.f.Mine(), of)
	if !ok || n < 1 || n > 5 || !c.Marks {
		t.say(Say{Key: KeyMarkLate})
		return
	}
	t.deed(Deed{Kind: Judge, Incident: of, Mark: n})
	values := c.values()
	values[VarMark] = strconv.Itoa(n)
	switch {
	case !feedback.Bad(n, c.Worst):
		t.say(Say{Key: KeyMarkGood, Values: values})
		if t.s.Step == Idle {
			t.s.Shown = nil
		}
	case t.s.Step == Idle:
		t.begin()
		t.s.Step, t.s.Case = Why, of
		t.question(Say{Key: KeyMarkBad, Values: values, Also: KeyWhy}, t.row(Choice{"Ничего не добавлять", sayCancel}))
	default: // another matter is under way
		t.say(Say{Key: KeyMarkBad, Values: values})
		t.ask()
	}
}
