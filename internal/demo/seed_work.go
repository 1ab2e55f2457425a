package demo

import (
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// urgentKeys are worked on in hours.
var urgentKeys = []string{"danger", "burst", "heat", "power"}

// allTheSame is why a reply of the demo goes out although the lint doubts it.
const allTheSame = "Больше сказать пока нечего, автор ждёт ответа"

// spots are the sections whose trouble has a spot that somebody must go to.
var spots = oneOf("roads", "snow", "heat", "burst", "water", "sewage", "house", "waste", "light", "power", "dogs", "playground", "green", "danger", "vague", "obscene")

// topics are what an operator gives to a message whose topic the machine would
// not name.
var topics = map[string]topic.Code{
	"roads": "roads.potholes", "snow": "roads.snow", "heat": "housing.heating", "burst": "housing.heating", "water": "housing.no_cold_water",
	"sewage": "housing.sewage_blockage", "house": "housing.building_upkeep", "bills": "housing.bills", "waste": "waste.collection",
	"light": "roads.lighting", "power": "power.quality", "transit": "transit.schedule", "health": "health.queue", "education": "education.process",
	"dogs": "safety.stray_animals", "playground": "improvement.playground_state", "green": "improvement.greenery_care", "social": "social.state_aid",
	"telecom": "telecom.support", "ecology": "ecology.air", "danger": "safety.public_spaces", "culture": "culture.institutions", "trade": "trade.kiosks",
	"vague": "improvement.territory_cleaning", "obscene": "roads.potholes", "question": "improvement.public_space", "proposal": "improvement.proposal",
}

// begin plans the first look at a new incident.
func (h *history) begin(c *story) error {
	h.cases = append(h.cases, c)
	if err := h.sent(c); err != nil {
		return err
	}
	if h.now.Sub(h.clock) < 100*time.Minute {
		return nil // the operator has not come to it yet
	}
	wait := 4*time.Minute + h.about(75*time.Minute)
	if slices.Contains(urgentKeys, c.key) {
		wait = 2*time.Minute + h.about(12*time.Minute)
		h.plan(h.clock.Add(wait), func() error { return h.look(c) })
		return nil
	}
	h.plan(h.atWork(h.clock.Add(wait), true), func() error { return h.look(c) })
	return nil
}

// is loads the incident and reports whether it stands in one of the states.
func (h *history) is(c *story, states ...lifecycle.State) (*incident.Incident, bool, error) {
	i, err := h.tx.Incidents().Incident(h.ctx, scope.All(), c.id)
	if err != nil {
		return nil, false, err
	}
	return i, slices.Contains(states, i.State), nil
}

func (h *history) do(who account.Actor, c *story, change desk.Change) error {
	if _, err := h.desk.Do(h.ctx, who, c.id, 0, change); err != nil {
		return err
	}
	if err := h.publish(c); err != nil {
		return err
	}
	switch change.(type) {
	case desk.Answer, desk.Approve:
		return h.promised(c)
	}
	return nil
}

// sorter is who sorts new incidents at that place.
func (h *history) sorter(i *incident.Incident) account.Actor {
	switch {
	case i.Place.Centre == h.people.towns["Черногорск"] && h.chance(70):
		return h.actor("centre")
	case h.chance(12):
		return h.actor("curator")
	}
	return h.actor("operator")
}

// look is the first look at a new incident.
func (h *history) look(c *story) error {
	i, ok, err := h.is(c, lifecycle.New)
	if !ok || err != nil {
		return err
	}
	who := h.sorter(i)
	if h.chance(25) {
		if err := h.do(who, c, desk.Claim{}); err != nil {
			return err
		}
		h.clock = h.clock.Add(20 * time.Second)
	}
	where := slices.Contains(i.Missing, message.MissingPlace) && spots(c.key)
	switch {
	case slices.Contains([]string{"spam", "chat", "rumour", "thanks"}, c.key):
		return h.do(who, c, desk.Reject{Reason: h.replies.refusal(h.r)})
	case c.key == "obscene" && h.chance(45), h.chance(3):
		return h.do(who, c, desk.Reject{Reason: h.replies.refusal(h.r)})
	case (where || c.key == "obscene") && h.chance(70):
		return h.ask(who, c)
	case where && h.chance(15):
		return nil // nobody knows where; it waits
	}
	return h.accept(who, c)
}

// accept sorts the incident and hands it over.
func (h *history) accept(who account.Actor, c *story) error {
	i, ok, err := h.is(c, lifecycle.New, lifecycle.Asked)
	if !ok || err != nil {
		return err
	}
	code := topics[c.key]
	switch {
	case i.Topic == topic.Undefined && code != "" && h.chance(97):
		if err := h.do(who, c, desk.Correct{Topic: &code}); err != nil {
			return err
		}
	case c.key == "danger" && i.Urgency != message.Danger && h.chance(70):
		danger := message.Danger
		if err := h.do(who, c, desk.Correct{Urgency: &danger}); err != nil {
			return err
		}
	}
	h.clock = h.clock.Add(15*time.Second + h.upTo(time.Minute))
	if slices.Contains([]string{"question", "proposal"}, c.key) && h.chance(45) { // the operator knows the answer
		if err := h.do(who, c, desk.Accept{}); err != nil {
			return err
		}
		h.clock = h.clock.Add(time.Minute)
		if err := h.do(h.actor("operator"), c, desk.Answer{Text: h.replies.text(h, c, '='), Override: allTheSame}); err != nil {
			return err
		}
		h.after(c, '=')
		return nil
	}
	if h.accepted++; h.accepted%11 == 0 { // accepted, and left for later
		if err := h.do(who, c, desk.Accept{}); err != nil {
			return err
		}
		h.plan(h.atWork(h.clock.Add(26*time.Hour+h.about(20*time.Hour)), false), func() error { return h.handOver(c) })
		return nil
	}
	if err := h.do(who, c, desk.Accept{HandOver: true}); err != nil {
		return err
	}
	return h.handed(c)
}

// handOver gives an accepted incident to whom routing proposes.
func (h *history) handOver(c *story) error {
	i, ok, err := h.is(c, lifecycle.Triage)
	if !ok || err != nil {
		return err
	}
	if err := h.do(h.sorter(i), c, desk.HandOver{}); err != nil {
		return err
	}
	return h.handed(c)
}

// ask asks the author for what is missing, and waits.
func (h *history) ask(who account.Actor, c *story) error {
	if err := h.do(who, c, desk.Ask{Text: h.replies.text(h, c, '?'), Override: allTheSame}); err != nil {
		return err
	}
	if c.writes != nil && h.chance(58) {
		h.plan(h.clock.Add(5*time.Minute+h.about(3*time.Hour)), func() error { return h.told(c) })
		return nil
	}
	h.plan(h.atWork(h.clock.Add(7*24*time.Hour+h.upTo(48*time.Hour)), false), func() error {
		if _, ok, err := h.is(c, lifecycle.Asked); !ok || err != nil || h.chance(35) {
			return err
		}
		return h.do(h.actor("operator"), c, desk.Reject{Reason: "На уточняющий вопрос автор не ответил за семь дней."})
	})
	return nil
}

// told is the author's answer to the question; the operator writes the place down.
func (h *history) told(c *story) error {
	w, ok := h.talk["place"].deal(h.clock)
	if !ok || c.writes == nil {
		return nil
	}
	if _, ok, err := h.is(c, lifecycle.Asked); !ok || err != nil {
		return err
	}
	if err := c.writes(h.voice.write(w, c.at, "")); err != nil {
		return err
	}
	h.plan(h.atWork(h.clock.Add(3*time.Minute+h.about(40*time.Minute)), true), func() error {
		i, ok, err := h.is(c, lifecycle.Asked)
		if !ok || err != nil {
			return err
		}
		who := h.actor("operator")
		if to, address, found, err := h.where(c); err != nil {
			return err
		} else if found && address != i.Address {
			change := desk.Correct{Address: &address}
			if to.Centre != "" {
				change.Centre = &to.Centre
			}
			if err := h.do(who, c, change); err != nil {
				return err
			}
		}
		return h.accept(who, c)
	})
	return nil
}

// where is the place that the last message of the incident names.
func (h *history) where(c *story) (p scope.Place, a incident.Address, found bool, err error) {
	list, err := h.tx.Messages().OfIncident(h.ctx, scope.All(), int64(c.id))
	if err != nil || len(list) < 2 {
		return p, a, false, err
	}
	last := list[len(list)-1]
	r, err := h.tx.Messages().Reading(h.ctx, last.ID)
	if err != nil || len(r.Places) == 0 {
		return p, a, false, err
	}
	p, a = h.stand(last, r)
	return p, a, true, nil
}

// crew is who works for the agency that has the incident.
func (h *history) crew(i *incident.Incident) crew { return h.people.staff[i.Place.Agency] }

// handed plans the work at the agency.
func (h *history) handed(c *story) error {
	wait := h.about(5 * time.Hour)
	urgent := slices.Contains(urgentKeys, c.key)
	if urgent {
		wait = h.about(40 * time.Minute)
	}
	at := h.clock.Add(10*time.Minute + wait)
	if h.given++; !urgent && h.given%9 == 0 { // it lies in somebody's tray
		at = at.Add(50 * time.Hour)
	}
	if !urgent {
		at = h.atWork(at, false)
	}
	h.plan(at, func() error {
		i, ok, err := h.is(c, lifecycle.Assigned)
		if !ok || err != nil {
			return err
		}
		if passed, err := h.disown(c, i); passed || err != nil {
			return err
		}
		if h.chance(4) && c.rounds == 0 { // not theirs
			others := h.people.staff
			to := i.Place.Agency%int64(len(others)) + 1
			if err := h.do(h.actor("operator"), c, desk.HandOver{Agency: to, Reason: "Территория не в нашем ведении, передаём по подведомственности."}); err != nil {
				return err
			}
		}
		return h.work(c)
	})
	return nil
}

// work is the executor's: take, do, write what was done.
func (h *history) work(c *story) error {
	i, ok, err := h.is(c, lifecycle.Assigned, lifecycle.Rework)
	if !ok || err != nil {
		return err
	}
	if i.Place.Agency == 0 { // the operator answered it without an agency, and it came back
		if err := h.do(h.actor("operator"), c, desk.HandOver{}); err != nil {
			return err
		}
		return h.handed(c)
	}
	if err := h.do(h.crew(i).executor, c, desk.Take{}); err != nil {
		return err
	}
	last := 30*time.Hour + h.about(70*time.Hour)
	switch {
	case c.rounds > 0:
		last = h.about(30 * time.Hour)
	case slices.Contains(urgentKeys, c.key):
		last = 3*time.Hour + h.about(9*time.Hour)
	case h.chance(9):
		last = 12*24*time.Hour + h.about(20*24*time.Hour) // it drags on
	}
	if last > 4*24*time.Hour && h.chance(55) {
		h.plan(h.atWork(h.clock.Add(last/4), false), func() error {
			if _, ok, err := h.is(c, lifecycle.Working); !ok || err != nil {
				return err
			}
			return h.do(h.actor("operator"), c, desk.Answer{Text: h.replies.text(h, c, 'i'), Purpose: reply.Interim, Override: allTheSame})
		})
	}
	h.plan(h.atWork(h.clock.Add(last), false), func() error { return h.submit(c) })
	return nil
}

// submit sends the executor's reply for approval.
func (h *history) submit(c *story) error {
	i, ok, err := h.is(c, lifecycle.Working)
	if !ok || err != nil {
		return err
	}
	kind := '+'
	switch n := h.r.IntN(100); {
	case n < 17 && c.rounds == 0:
		kind = '~'
	case n < 38:
		kind = '='
	}
	if kind != '~' {
		kind = h.replies.best(c, kind)
	}
	if err := h.do(h.crew(i).executor, c, desk.Submit{Text: h.replies.text(h, c, kind), Override: allTheSame}); err != nil {
		return err
	}
	wait := 15*time.Minute + h.about(8*time.Hour)
	if h.chance(10) {
		wait += 48 * time.Hour
	}
	h.plan(h.atWork(h.clock.Add(wait), false), func() error { return h.approve(c, kind) })
	return nil
}

// approve decides on the draft.
func (h *history) approve(c *story, kind rune) error {
	i, ok, err := h.is(c, lifecycle.Approval)
	if !ok || err != nil {
		return err
	}
	list, err := h.tx.Replies().OfIncident(h.ctx, scope.All(), int64(c.id))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(r reply.Reply) bool { return r.State == reply.Draft })
	if at < 0 {
		return nil
	}
	who := h.crew(i).approver
	if who.Role != lifecycle.Approver {
		who = h.actor("operator")
	}
	if kind == '~' && h.chance(40) || h.chance(4) {
		if who.Role != lifecycle.Approver {
			who = h.actor("controller")
		}
		why := pick(h.r, "Напишите, что сделано и когда.", "Нет срока. Укажите дату.", "Это отписка: ответьте на вопрос жителя.", "Проверьте адрес, в ответе другой дом.")
		if err := h.do(who, c, desk.Return{Reply: list[at].ID, Reason: why}); err != nil {
			return err
		}
		c.rounds++
		h.plan(h.atWork(h.clock.Add(h.about(7*time.Hour)), false), func() error { return h.work(c) })
		return nil
	}
	if err := h.do(who, c, desk.Approve{Reply: list[at].ID, Override: allTheSame}); err != nil {
		return err
	}
	h.after(c, kind)
	return nil
}
