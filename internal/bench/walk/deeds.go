package walk

import (
	"fmt"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// most incidents and messages of a history.
const (
	mostIncidents = 4
	mostMessages  = 9
)

// one does one random thing.
func (w *Walker) one() error {
	switch p := w.rnd.IntN(100); {
	case (p < 5 || w.again && p < 20) && len(w.folds) < mostIncidents && w.native < mostMessages:
		return w.arrive()
	case p < 11:
		return w.follow()
	case p < 24:
		return w.publish()
	case p < 30:
		return w.machine(func() error { _, err := w.Escalate(w.ctx, 50); return err }, "escalate")
	case p < 32:
		if w.chance(50) { // it costs much, and is soon seen often enough
			return nil
		}
		w.book = 1 - w.book
		return w.machine(func() error {
			_, _, err := w.Recount(w.ctx, 0, 50, "Изменены регламенты")
			return err
		}, "recount")
	case p < 36:
		return w.promises()
	default:
		return w.person()
	}
}

// machine does something that no person does; it may not fail.
func (w *Walker) machine(do func() error, what string, args ...any) error {
	w.note(what, args...)
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return w.changed()
}

var (
	complaints = []string{"яма", "яма дом", "яма дом срочно", "снег", "снег дом", "опасно яма", "жалоба", "жалоба дом"}
	remarks    = []string{"refuted 0 0.95", "confirmed 0 0.95", "mark 2 0.95", "mark 5 0.95", "partly 0 0.9", "thanks 0 0.9", "new_matter 0 0.9", "refuted 0 0.4", "непонятно"}
)

func (w *Walker) message(text string) *message.Message {
	w.native++
	m := &message.Message{Source: wall, Channel: message.VK, Form: message.Comment, Native: fmt.Sprint(w.native), Thread: fmt.Sprint("t", w.rnd.IntN(3)), Event: message.Written,
		Revision: message.HashOf(text), Text: text, Author: []string{"anna", "boris"}[w.rnd.IntN(2)], SeenAt: w.now, PublishedAt: w.now.Add(-time.Duration(w.rnd.IntN(300)) * time.Minute), Place: scope.Place{Region: region}}
	if w.chance(15) {
		m.Source, m.Channel = letter, message.Phone
	}
	return m
}

// arrive opens an incident for a new message.
func (w *Walker) arrive() error {
	text := pick(w, complaints)
	if w.again && w.chance(90) {
		text = "яма дом"
	}
	m := w.message(text)
	return w.machine(func() error {
		return w.store.Change(w.ctx, incident.Machine, func(tx incident.Tx) error {
			r := w.read(m.Text)
			m.Place, _ = w.Stand(m, &r)
			if _, err := tx.Messages().Keep(w.ctx, m, &r); err != nil {
				return err
			}
			_, err := w.Opener(tx, account.System()).Open(w.ctx, m, &r)
			return err
		})
	}, "%s writes «%s»", m.Author, m.Text)
}

// follow brings one more message about an incident, or a change of one.
func (w *Walker) follow() error {
	i := w.any()
	if i.Outcome == lifecycle.Duplicate { // intake looks where its messages went
		return nil
	}
	text := pick(w, complaints)
	ended := !i.State.Open()
	if ended {
		text = pick(w, remarks)
	}
	m := w.message(text)
	if w.native > mostMessages { // one that is there says something else
		m.Native = fmt.Sprint(1 + w.rnd.IntN(mostMessages))
	}
	return w.machine(func() error {
		return w.store.Change(w.ctx, incident.Machine, func(tx incident.Tx) error {
			r := w.read(m.Text)
			m.Place, _ = w.Stand(m, &r)
			k, err := tx.Messages().Keep(w.ctx, m, &r)
			if err != nil || k.Duplicate {
				return err
			}
			o := w.Opener(tx, account.System())
			switch {
			case k.Incident != 0:
				return o.Changed(w.ctx, incident.ID(k.Incident), m, &r)
			case ended:
				_, err := o.Heard(w.ctx, feedback.Followed{Incident: int64(i.ID), Speaker: []feedback.Speaker{feedback.Author, feedback.Neighbour}[w.rnd.IntN(2)]}, m, &r)
				return err
			}
			return o.Attach(w.ctx, i.ID, m, &r)
		})
	}, "%s writes «%s» to %d", m.Author, text, i.ID)
}

// publish plays the outbox for what is due.
func (w *Walker) publish() error {
	var jobs []reply.Job
	err := w.store.Change(w.ctx, incident.Machine, func(tx incident.Tx) (err error) {
		w.now = w.now.Add(10 * time.Second)
		jobs, err = tx.Replies().Take(w.ctx, w.now, 3)
		return err
	})
	if err != nil {
		return err
	}
	for _, j := range jobs {
		j.Tries++
		end := w.rnd.IntN(10)
		if w.unsure && w.chance(50) {
			end = 2
		}
		err := w.machine(func() error {
			if j.Fanout != 0 {
				var f *reply.Fanout
				if err := w.store.View(func(tx incident.Tx) (err error) {
					f, err = tx.Fanouts().Fanout(w.ctx, scope.All(), j.Fanout)
					return err
				}); err != nil {
					return err
				}
				if f.State != reply.Running {
					return w.Withdrawn(w.ctx, j, f.State)
				}
			}
			switch end {
			case 0:
				return w.Unpublishable(w.ctx, j, "Комментарии закрыты.")
			case 1:
				j.Unclear = true
				return w.Unpublishable(w.ctx, j, "Площадка не отвечает.")
			case 2:
				return w.Uncertain(w.ctx, j, "Площадка не ответила.")
			}
			return w.Published(w.ctx, j, reply.Receipt{At: w.now, Native: fmt.Sprint("r", j.ID)})
		}, "job %d of reply %d ends as %d", j.ID, j.Reply, end)
		if err != nil {
			return err
		}
	}
	return nil
}

// promises lets a published reply promise something, and time come for what was promised.
func (w *Walker) promises() error {
	if w.chance(50) {
		return w.machine(func() error { _, err := w.Due(w.ctx, w.now); return err }, "promises are due")
	}
	i := w.any()
	return w.store.Change(w.ctx, incident.Machine, func(tx incident.Tx) error {
		list, err := tx.Replies().OfIncident(w.ctx, scope.All(), int64(i.ID))
		k := slices.IndexFunc(list, func(r reply.Reply) bool { return r.State == reply.Published })
		if err != nil || k < 0 {
			return err
		}
		until := w.now.Add(time.Duration(1+w.rnd.IntN(96)) * time.Hour)
		return tx.Promises().SavePromise(w.ctx, &promise.Promise{Incident: int64(i.ID), Reply: int64(list[k].ID), From: w.now, Until: until, State: promise.Open,
			MadeAt: w.now, RemindAt: w.now.Add(time.Hour), Place: i.Place})
	})
}

// any is one of the incidents.
func (w *Walker) any() incident.Incident { return w.folds[w.rnd.IntN(len(w.folds))].incident }

// person lets somebody do something: what the theme of the history is about, or whatever
// the state and the role allow; now and then what they do not allow.
func (w *Walker) person() error {
	i := w.any()
	a, role, ok := w.themed(&i)
	if !ok {
		role = pick(w, busy)
		actions := lifecycle.Actions(i.State, role)
		if len(actions) == 0 || w.chance(5) {
			actions = everything
		}
		a = pick(w, actions)
	}
	who := w.actor(role, &i)
	if i.Place.Agency == 0 && who.Scope.Agency != 0 && w.chance(90) { // it would not see the incident
		return nil
	}
	c, err := w.change(a, &i, who)
	if err != nil || c == nil {
		return err
	}
	if done, err := w.do(who, i.ID, c); err != nil || !done {
		return err
	}
	if m, ok := c.(desk.Merge); ok && w.chance(40) {
		if w.chance(50) {
			_, err = w.do(who, i.ID, desk.Undo{})
		} else {
			_, err = w.do(who, i.ID, desk.Split{Other: m.Others[0]})
		}
	}
	return err
}

// themed chooses an action of the history's theme that the state allows, and who may do it.
func (w *Walker) themed(i *incident.Incident) (lifecycle.Action, lifecycle.Role, bool) {
	if w.chance(35) {
		return "", "", false
	}
	a := pick(w, w.theme)
	if a == lifecycle.Deliver && w.unsure && i.State == lifecycle.Rework {
		return a, lifecycle.Curator, true
	}
	r := rules[a]
	if !slices.Contains(r.From, i.State) {
		return "", "", false
	}
	role := pick(w, r.By)
	if w.people[role] == nil { // the machine, the author
		return "", "", false
	}
	return a, role, true
}

var rules = func() map[lifecycle.Action]lifecycle.Rule {
	out := map[lifecycle.Action]lifecycle.Rule{}
	for _, r := range lifecycle.Table() {
		out[r.Action] = r
	}
	return out
}()

// themes are what histories are about: what is rare by chance happens in one of them.
var themes = [][]lifecycle.Action{
	{lifecycle.Decline, lifecycle.Decline, lifecycle.HandOver, lifecycle.HandOver, lifecycle.Decide, lifecycle.Decide, lifecycle.Take, lifecycle.Ask},
	{lifecycle.Submit, lifecycle.Approve, lifecycle.Approve, lifecycle.Return, lifecycle.HandOver, lifecycle.Take, lifecycle.Reopen},
	{lifecycle.HandOver, lifecycle.Submit, lifecycle.Return, lifecycle.Decline, lifecycle.Decline, lifecycle.Take, lifecycle.Decide},
	unsure,
	{lifecycle.Ask, lifecycle.Accept, lifecycle.Reject, lifecycle.HandOver, lifecycle.Correct, lifecycle.Undo},
	{lifecycle.Extend, lifecycle.Extend, lifecycle.Regime, lifecycle.Regime, lifecycle.Pause, lifecycle.Resume, lifecycle.Accept, lifecycle.HandOver, lifecycle.Approve},
	{lifecycle.Merge, lifecycle.Split, lifecycle.Undo, lifecycle.Attach, lifecycle.Detach, lifecycle.Accept},
	{lifecycle.Approve, lifecycle.Approve, lifecycle.Close, lifecycle.Reopen, lifecycle.Verify, lifecycle.Check, lifecycle.Hear, lifecycle.Weigh, lifecycle.Survey},
	{lifecycle.Approve, lifecycle.Close, lifecycle.Close, lifecycle.Link},
	{lifecycle.Mass, lifecycle.Approve, lifecycle.Approve, lifecycle.Deliver, lifecycle.Deliver},
	{lifecycle.Approve, lifecycle.Approve, lifecycle.KeepPromise, lifecycle.BreakPromise, lifecycle.MovePromise, lifecycle.DropPromise},
	{lifecycle.Accept, lifecycle.HandOver, lifecycle.Take, lifecycle.Claim, lifecycle.Release, lifecycle.Join, lifecycle.Leave, lifecycle.Relate, lifecycle.Called, lifecycle.Dismiss, lifecycle.Erase},
}

// unsure is the theme of a network that does not say whether a reply stands.
var unsure = []lifecycle.Action{lifecycle.Approve, lifecycle.Approve, lifecycle.Deliver, lifecycle.Deliver}

// busy are the roles of people, those who do most more often.
var busy = []lifecycle.Role{lifecycle.Operator, lifecycle.Operator, lifecycle.Operator, lifecycle.Curator, lifecycle.Curator, lifecycle.Curator, lifecycle.Centre, lifecycle.Phone,
	lifecycle.Coordinator, lifecycle.Coordinator, lifecycle.Executor, lifecycle.Executor, lifecycle.Approver, lifecycle.Approver, lifecycle.Controller, lifecycle.Analyst, lifecycle.Admin}

var everything = func() (out []lifecycle.Action) {
	for _, r := range lifecycle.Table() {
		out = append(out, r.Action)
	}
	return out
}()

func (w *Walker) actor(role lifecycle.Role, i *incident.Incident) account.Actor {
	list := w.people[role]
	if k := slices.IndexFunc(list, func(a account.Actor) bool { return a.Scope.Agency == i.Place.Agency }); k >= 0 && w.chance(85) {
		return list[k]
	}
	return pick(w, list)
}
