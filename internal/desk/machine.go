package desk

import (
	"context"
	"strings"

	"otklik/internal/account"
	"otklik/internal/assistant"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// An Assistant proposes words. It masks what it is told; see package assistant.
type Assistant interface {
	Draft(ctx context.Context, c assistant.Case) (string, error)
	Summary(ctx context.Context, c assistant.Case) (string, error)
	Name() string // of the model
}

// Assist asks the assistant for the draft of a reply (reply.MachineReply) or for a summary
// of the incident. What it proposes is kept as a machine's draft: it goes nowhere until
// a person sends it on.
func (d *Desk) Assist(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, kind string, purpose reply.Purpose) (m reply.MachineDraft, err error) {
	defer fault.Wrap(&err, "desk.Assist(%d, %s)", i.ID, kind)
	switch {
	case d.Options.Assistant == nil:
		return m, fault.New(fault.Conflict, "no assistant is configured").Say("Помощник не подключён. Его подключает администратор (docs/configuration.md).")
	case kind != reply.MachineReply && kind != reply.MachineSummary:
		return m, fault.New(fault.Invalid, "kind %q", kind).At("kind").Say("Помощник умеет предложить черновик или пересказать.")
	case !lifecycle.May(who.Role, lifecycle.Submit) && !lifecycle.May(who.Role, lifecycle.Approve):
		return m, fault.New(fault.Forbidden, "%s writes no replies", who.Role).Say("Помощника спрашивает тот, кто пишет ответы.")
	}
	c, err := d.told(ctx, tx, who, i, purpose)
	if err != nil {
		return m, err
	}
	m = reply.MachineDraft{Incident: int64(i.ID), Kind: kind, Model: d.Options.Assistant.Name(), By: who.ID, Place: i.Place}
	if kind == reply.MachineReply {
		m.Text, err = d.Options.Assistant.Draft(ctx, c)
	} else {
		m.Text, err = d.Options.Assistant.Summary(ctx, c)
	}
	if err != nil {
		return m, err
	}
	m.At = d.Now()
	return m, d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		if _, err := tx.Incidents().Incident(ctx, who.Scope, i.ID); err != nil {
			return err
		}
		return tx.Machines().SaveMachineDraft(ctx, &m)
	})
}

// told is what the assistant is told, before it masks it.
func (d *Desk) told(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, purpose reply.Purpose) (c assistant.Case, err error) {
	c.Place, c.Purpose = i.Address.String(), "окончательный"
	if purpose == reply.Interim {
		c.Purpose = "промежуточный, работа идёт"
	}
	if t, ok := d.Topics().ByCode(i.Topic); ok && i.Group != "" {
		c.Topic = t.Name
	}
	if i.Place.Agency != 0 {
		a, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil {
			return c, err
		}
		c.Agency, c.Contact = a.Name, a.Contact
	}
	messages, err := tx.Messages().OfIncident(ctx, who.Scope, int64(i.ID))
	if err != nil {
		return c, err
	}
	for _, m := range messages {
		if m.Gone || !m.ErasedAt.IsZero() {
			continue
		}
		c.Messages = append(c.Messages, m.Text)
		for _, name := range append(strings.Fields(m.AuthorName), m.Contact) {
			if len([]rune(name)) > 2 {
				c.Names = append(c.Names, name)
			}
		}
	}
	replies, err := tx.Replies().OfIncident(ctx, scope.All(), int64(i.ID))
	for k := range replies {
		if replies[k].State == reply.Published {
			c.Replies = append(c.Replies, replies[k].Text)
		}
	}
	return c, err
}

// byMachine notes what a person did with a machine's draft: one that stands in the text
// unchanged goes on only when somebody says so, or said so before an approver adds to it.
func (s *step) byMachine(r *reply.Reply, m Making) (how string, err error) {
	drafts, err := s.tx.Machines().MachineDrafts(s.ctx, int64(s.i.ID), 20)
	if err != nil {
		return "", err
	}
	text := strings.Join(strings.Fields(r.Text+" "+r.Private), " ")
	for _, d := range drafts {
		words := strings.Join(strings.Fields(d.Text), " ")
		switch {
		case d.Kind != reply.MachineReply || words == "":
		case strings.Contains(text, words) && !m.Accepted && r.Machine != reply.MachineAccepted:
			return "", fault.New(fault.Invalid, "machine draft %d unchanged", d.ID).At("accepted").
				Say("Это черновик машины без единой правки. Прочитайте его и поправьте или отметьте, что прочитали и отвечаете за каждое слово.")
		case strings.Contains(text, words):
			return reply.MachineAccepted, nil
		case d.ID == m.Draft || common(words, text) >= 0.5: // whether the page remembers the draft or not
			how = reply.MachineEdited
		}
	}
	if how == "" {
		return s.inherited(r)
	}
	return how, nil
}

// inherited says that words of a machine go on in a reply that its approver returned or
// corrects: most of the new words stand in the old ones.
func (s *step) inherited(r *reply.Reply) (string, error) {
	was := r
	if r.ID == 0 {
		list, err := s.tx.Replies().OfIncident(s.ctx, s.who.Scope, int64(s.i.ID))
		if err != nil || len(list) == 0 {
			return "", err
		}
		was = &list[len(list)-1]
		if was.State != reply.Returned && was.State != reply.Draft || was.Message != r.Message && r.Message != 0 { // 0: to all
			return "", nil
		}
	}
	if was.Machine == "" || was != r && common(was.Text+" "+was.Private, r.Text+" "+r.Private) < 0.5 {
		return "", nil
	}
	return reply.MachineEdited, nil
}

// common returns the share of the words of a text that stand in another one, 0 … 1.
func common(old, now string) float64 {
	stock, kept := map[string]int{}, 0
	for w := range strings.FieldsSeq(strings.ToLower(old)) {
		stock[w]++
	}
	words := strings.Fields(strings.ToLower(now))
	for _, w := range words {
		if stock[w] > 0 {
			stock[w]--
			kept++
		}
	}
	return float64(kept) / float64(max(1, len(words)))
}
