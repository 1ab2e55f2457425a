package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"otklik/internal/agency"
	"otklik/internal/calendar"
	"otklik/internal/cluster"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lint"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// recentReplies is how many of an agency's last replies a draft is compared with.
const recentReplies = 30

// An Opinion is what the lint thinks of a draft, and from which score down its
// agency wants a reason.
type Opinion struct {
	lint.Report
	Bar int // 0: never
}

// NeedsReason reports whether the draft goes on with a reason only.
func (o *Opinion) NeedsReason() bool { return o.Score < o.Bar }

// Lint reads a draft of a reply to the incident as the resident will. It changes
// nothing and refuses nothing. ok is false where the desk has no lint.
func (d *Desk) Lint(ctx context.Context, tx incident.Tx, i *incident.Incident, text string, purpose reply.Purpose) (o Opinion, ok bool, err error) {
	if d.Options.Lint == nil || strings.TrimSpace(text) == "" {
		return o, false, nil
	}
	return d.read(ctx, tx, i, text, purpose, false)
}

// LintPrivate reads the part of a reply that is for its author alone.
func (d *Desk) LintPrivate(ctx context.Context, tx incident.Tx, i *incident.Incident, text string, purpose reply.Purpose) (o Opinion, ok bool, err error) {
	if d.Options.Lint == nil || strings.TrimSpace(text) == "" {
		return o, false, nil
	}
	return d.read(ctx, tx, i, text, purpose, true)
}

func (d *Desk) read(ctx context.Context, tx incident.Tx, i *incident.Incident, text string, purpose reply.Purpose, alone bool) (o Opinion, ok bool, err error) {
	defer fault.Wrap(&err, "desk.Lint(%d)", i.ID)
	c := lint.Case{Reply: d.Options.Lint.Text(text), Place: i.Address.String(), Purpose: purpose, Outcome: i.Outcome, When: d.when(i.Place, d.Now())}
	if t, ok := d.Topics().ByCode(i.Topic); ok && i.Group != "" {
		c.Topic = t.Name
	}
	m, err := tx.Messages().Message(ctx, scope.All(), i.First)
	switch {
	case fault.Is(err, fault.NotFound):
	case err != nil:
		return o, false, err
	default:
		c.Complaint = d.Options.Lint.Text(m.Text)
		c.Private = alone || private(m)
	}
	o.Bar = lint.Bar
	if i.Place.Agency != 0 {
		a, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil {
			return o, false, err
		}
		o.Bar = bar(a)
		texts, err := tx.Replies().Recent(ctx, i.Place.Agency, int64(i.ID), recentReplies)
		if err != nil {
			return o, false, err
		}
		for _, t := range texts {
			c.Recent = append(c.Recent, cluster.KeyOf(d.Options.Lint.Text(t)))
		}
	}
	o.Report = d.Options.Lint.Check(c)
	return o, true, nil
}

func bar(a *agency.Agency) int {
	switch {
	case a.LintBar == agency.NoLint:
		return 0
	case a.LintBar == 0:
		return lint.Bar
	}
	return a.LintBar
}

// when says at which moment and by which calendar a reply about a place promises.
func (d *Desk) when(p scope.Place, at time.Time) promise.Options {
	o := promise.Options{At: at.UTC()}
	if d.Zone != nil {
		o.At = at.In(d.Zone(p))
	}
	if d.Rules != nil {
		o.Days = workingDays{d.Rules().Calendar(p.Region, p.Centre)}
	}
	return o
}

// workingDays are those of the calendar by which deadlines are counted.
type workingDays struct{ c *calendar.Calendar }

// Working implements promise.Calendar. Noon is the same day in any zone of the place.
func (w workingDays) Working(day time.Time) bool {
	return w.c.Kind(day.Add(12*time.Hour)) != calendar.Off
}

// lint notes on the reply what the lint thinks of its words. Below the bar it goes
// on with a reason only, of its author or of who approves it; was is what stood on it before.
func (s *step) lint(r *reply.Reply, override string, was reply.Lint) error {
	o, ok, err := s.desk.Lint(s.ctx, s.tx, s.i, r.Text, r.Purpose)
	if r.Private != "" { // what stands before everybody only says that there is an answer
		o, ok, err = s.desk.LintPrivate(s.ctx, s.tx, s.i, r.Private, r.Purpose)
	}
	if err != nil || !ok {
		return err
	}
	r.Lint = reply.Lint{Read: true, Score: o.Score, Doubt: o.Suspicious(), Override: strings.TrimSpace(override)}
	for _, rule := range o.Rules() {
		r.Lint.Rules = append(r.Lint.Rules, string(rule))
	}
	if !o.NeedsReason() {
		r.Lint.Override = ""
		return nil
	}
	if r.Lint.Override == "" {
		r.Lint.Override = was.Override
	}
	if r.Lint.Override == "" {
		return fault.New(fault.Invalid, "the lint gives %d of 100, and no reason is given", o.Score).At("override_reason").
			Say(fmt.Sprintf("Ответ похож на отписку: %d из 100. %s Поправьте его или напишите, почему его всё же нужно отправить: причину увидит куратор.", o.Score, worst(o.Findings)))
	}
	r.Lint.Override, err = required(r.Lint.Override, "reason", "")
	return err
}

// worst says what the dearest finding says.
func worst(list []lint.Finding) string {
	k := 0
	for n := range list {
		if list[n].Cost > list[k].Cost {
			k = n
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[k].What
}

// linted adds to a line of history what the lint thought.
func linted(d incident.Detail, r *reply.Reply) incident.Detail {
	d.Override, d.Cleared, d.Private, d.Machine = r.Lint.Override, r.Cleared, r.Private != "", r.Machine
	return d
}
