package desk

import (
	"context"
	"fmt"
	"strings"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

const nameLimit = 300 // characters of an agency's name

// SaveAgency stores an agency's name and settings. One that has open incidents, or
// that routing leads to, is not closed: somebody must answer (see MoveAll).
func (d *Desk) SaveAgency(ctx context.Context, who account.Actor, a *agency.Agency) (err error) {
	defer fault.Wrap(&err, "desk.SaveAgency(%d)", a.ID)
	if err := d.mayEdit(who, a.Place.Region); err != nil {
		return err
	}
	a.Name, a.Short, a.Contact = strings.TrimSpace(a.Name), clip(a.Short, 60), clip(a.Contact, nameLimit)
	if n := len([]rune(a.Name)); n == 0 || n > nameLimit {
		return fault.New(fault.Invalid, "agency name of %d characters", n).At("name").Say("Напишите название организации, до 300 знаков.")
	}
	if a.LintBar < agency.NoLint || a.LintBar > 100 {
		return fault.New(fault.Invalid, "lint bar %d", a.LintBar).At("lint").Say("Порог проверки ответов — от 0 до 100, или «без причины».")
	}
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		others, err := tx.Agencies().Agencies(ctx, scope.OfRegion(a.Place.Region))
		if err != nil {
			return err
		}
		for _, o := range others {
			if o.ID != a.ID && (strings.EqualFold(o.Name, a.Name) || a.Short != "" && strings.EqualFold(o.Short, a.Short)) {
				return fault.New(fault.Conflict, "agency %d has that name", o.ID).At("name").Say("Организация с таким названием уже есть: " + o.Name + ".")
			}
		}
		if a.Disabled && a.ID != 0 {
			if err := d.closable(ctx, tx, a); err != nil {
				return err
			}
		}
		if err := tx.Agencies().SaveAgency(ctx, a); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: d.Now(), Who: who.ID, Deed: audit.Changed, Subject: fmt.Sprintf("agency:%d", a.ID), Place: scope.Place{Region: a.Place.Region}})
	})
}

func (d *Desk) mayEdit(who account.Actor, region string) error {
	if !who.Role.Holds(lifecycle.EditAgencies) || who.Scope.Centre != "" || who.Scope.Agency != 0 || who.Scope.Region != "" && who.Scope.Region != region {
		return fault.New(fault.Forbidden, "account %d may not change agencies of region %s", who.ID, region).
			Say("Организации меняет администратор или куратор, который видит весь регион.")
	}
	return nil
}

// closable is a Conflict while work or routing leads to the agency.
func (d *Desk) closable(ctx context.Context, tx incident.Tx, a *agency.Agency) error {
	open, err := tx.Incidents().Count(ctx, scope.OfRegion(a.Place.Region), incident.Filter{Agency: a.ID, Open: true}, 1000)
	if err != nil {
		return err
	}
	rules, err := tx.Agencies().Rules(ctx, a.Place.Region)
	if err != nil {
		return err
	}
	led := 0
	for _, r := range rules {
		if r.Agency == a.ID {
			led++
		}
	}
	if open+led == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "agency %d has %d open incidents, %d rules lead to it", a.ID, open, led).
		Say(fmt.Sprintf("Закрыть «%s» нельзя: открытых инцидентов %d, правил маршрута %d. Сначала перенесите их в другую организацию одной кнопкой «Перенести всё».", a.Name, open, led))
}

// Moved says what MoveAll did.
type Moved struct {
	Done   []incident.ID
	Failed []NotDone
	Rules  int // routing rules that lead to the other agency now
}

// A NotDone is an incident to which a deed for many was not done, and why.
type NotDone struct {
	ID  incident.ID
	Err error
}

// moveStep is how many incidents MoveAll asks for at once.
const moveStep = 200

// MoveAll hands all open incidents of an agency over to another one, each in a
// transaction of its own, and turns the routing rules over. What is refused (a
// reply waits for approval there) is told by number.
func (d *Desk) MoveAll(ctx context.Context, who account.Actor, from, to int64, reason string) (m Moved, err error) {
	defer fault.Wrap(&err, "desk.MoveAll(%d, %d)", from, to)
	if reason, err = required(reason, "reason", "Напишите, почему всё переходит другой организации: это останется в истории."); err != nil {
		return m, err
	}
	if !lifecycle.May(who.Role, lifecycle.HandOver) {
		return m, fault.New(fault.Forbidden, "%s may not hand over", who.Role).Say("Перенести инциденты может куратор: попросите его открыть эту страницу.")
	}
	var source, target *agency.Agency
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		if source, err = tx.Agencies().Agency(ctx, from); err != nil {
			return err
		}
		if target, err = tx.Agencies().Agency(ctx, to); err != nil {
			return err
		}
		if err := d.mayEdit(who, source.Place.Region); err != nil {
			return err
		}
		switch {
		case from == to:
			return fault.New(fault.Invalid, "agency %d is moved to itself", from).At("agency").Say("Выберите другую организацию.")
		case target.Disabled || target.Place.Region != source.Place.Region:
			return fault.New(fault.Conflict, "agency %d is closed or of another region", to).At("agency").Say("Эта организация закрыта или из другого региона. Выберите другую.")
		}
		rules, err := tx.Agencies().Rules(ctx, source.Place.Region)
		if err != nil {
			return err
		}
		m.Rules = 0
		for k := range rules {
			if rules[k].Agency == from {
				rules[k].Agency = to
				m.Rules++
			}
		}
		if m.Rules == 0 {
			return nil
		}
		if err := tx.Agencies().SaveRules(ctx, source.Place.Region, rules); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: d.Now(), Who: who.ID, Deed: audit.Changed, Subject: "rules:" + source.Place.Region, Place: scope.Place{Region: source.Place.Region}})
	})
	if err != nil {
		return m, err
	}
	var ids []incident.ID
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		ids = nil
		f := incident.Filter{Agency: from, Open: true, Limit: moveStep}
		for {
			page, err := tx.Incidents().Queue(ctx, who.Scope, f)
			if err != nil {
				return err
			}
			for k := range page.Rows {
				ids = append(ids, page.Rows[k].ID)
			}
			if f.After = page.Next; f.After.Key == "" {
				return nil
			}
		}
	})
	if err != nil {
		return m, err
	}
	for _, id := range ids {
		_, err := d.Do(ctx, who, id, 0, HandOver{Agency: to, Reason: reason})
		switch fault.KindOf(err) {
		case "":
			m.Done = append(m.Done, id)
		case fault.Conflict, fault.Forbidden, fault.Invalid, fault.NotFound:
			m.Failed = append(m.Failed, NotDone{id, err})
		default:
			return m, err
		}
	}
	return m, nil
}
