package lookout

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// A Failing is a query that does not keep its examples, and is therefore not saved.
type Failing struct {
	Failures []watch.Failure
	fault    *fault.Error
}

func (e *Failing) Error() string { return e.fault.Error() }

// Unwrap gives the fault: kind Invalid, field "examples".
func (e *Failing) Unwrap() error { return e.fault }

// Save stores a draft as a new query (ID 0) or as the next version of one, and
// puts it in force. q.Version is the version that its author saw, 0 for
// "whatever is stored"; another one is a Conflict. A draft that does not keep
// its examples is a *Failing unless anyway is set, which the audit records. A
// draft that changes nothing makes no version.
//
// Personal data in examples, but names, is covered with asterisks before they
// are stored: an analyst may watch for an official, and needs nobody's phone.
func (l *Lookout) Save(ctx context.Context, who account.Actor, q *standing.Query, anyway bool) error {
	if err := l.allowed(who); err != nil {
		return err
	}
	l.tidy(q)
	if err := q.Check(); err != nil {
		return err
	}
	err := l.Store.Change(ctx, incident.People, func(tx incident.Tx) error { return l.save(ctx, tx, who, q, anyway) })
	if err != nil {
		return err
	}
	return l.Load(ctx)
}

// tidy puts a draft into the form in which it is compared and stored.
func (l *Lookout) tidy(q *standing.Query) {
	q.Name = strings.Join(strings.Fields(q.Name), " ")
	q.Text = strings.TrimRight(strings.ReplaceAll(q.Text, "\r\n", "\n"), " \n\t") // columns count from where its author began
	q.Note = strings.TrimSpace(strings.ReplaceAll(q.Note, "\r\n", "\n"))
	slices.Sort(q.Territories)
	q.Territories = slices.Compact(q.Territories)
	slices.Sort(q.Channels)
	q.Channels = slices.Compact(q.Channels)
	kept := q.Examples[:0]
	for _, e := range q.Examples {
		if e.Text = strings.TrimSpace(e.Text); e.Text != "" {
			kept = append(kept, standing.Example{Text: l.covered(e.Text), Must: e.Must})
		}
	}
	if q.Examples = kept; len(kept) == 0 {
		q.Examples = nil
	}
	if len(q.Territories) == 0 {
		q.Territories, q.Unplaced = nil, false
	}
	if len(q.Channels) == 0 {
		q.Channels = nil
	}
}

// covered puts an asterisk in place of each letter of personal data, but names.
func (l *Lookout) covered(text string) string {
	var b strings.Builder
	at := 0
	for _, p := range l.Personal(text) {
		if p.Type == "name" || p.Start < at || p.End > len(text) {
			continue
		}
		b.WriteString(text[at:p.Start])
		for range []rune(text[p.Start:p.End]) {
			b.WriteByte('*')
		}
		at = p.End
	}
	return b.String() + text[at:]
}

func (l *Lookout) save(ctx context.Context, tx incident.Tx, who account.Actor, q *standing.Query, anyway bool) error {
	list, err := tx.Standing().Queries(ctx, scope.All())
	if err != nil {
		return err
	}
	was, err := l.before(ctx, tx, who, q)
	if err != nil {
		return err
	}
	if err := l.listens(q); err != nil {
		return err
	}
	if err := named(list, was, q); err != nil {
		return err
	}
	var failures []watch.Failure
	if was == nil || q.On || q.Text != was.Text || q.Name != was.Name { // a broken one can still be turned off
		if _, failures, err = l.parse(list, was, q); err != nil {
			return err
		}
	}
	q.Text = strings.TrimSpace(q.Text)
	if was != nil && q.Same(was) {
		*q = *was
		return nil
	}
	if len(failures) > 0 && !anyway {
		return &Failing{failures, fault.New(fault.Invalid, "%d examples are not kept", len(failures)).At("examples").
			Say("Не сохранено: запрос не проходит свои примеры. Исправьте запрос или пример, или сохраните всё равно.").Mend("send anyway: true to save it all the same")}
	}
	q.ChangedBy, q.ChangedAt = who.ID, l.Now().UTC()
	if err := tx.Standing().SaveQuery(ctx, q); err != nil {
		return err
	}
	subject := fmt.Sprintf("standing:%d:%d", q.ID, q.Version)
	if len(failures) > 0 {
		subject += ":examples_fail"
	}
	return l.record(ctx, tx, who, subject, q.Place)
}

func (l *Lookout) record(ctx context.Context, tx incident.Tx, who account.Actor, subject string, at scope.Place) error {
	return tx.Audit().Record(ctx, audit.Entry{At: l.Now(), Who: who.ID, Deed: audit.Changed, Subject: subject, Place: at})
}

// before returns the query that a draft changes, nil for a new one, and gives the
// draft what its author does not edit.
func (l *Lookout) before(ctx context.Context, tx incident.Tx, who account.Actor, q *standing.Query) (*standing.Query, error) {
	if q.ID == 0 {
		q.Owner, q.Version, q.Place = who.ID, 0, l.of(who)
		return nil, nil
	}
	was, err := tx.Standing().Query(ctx, who.Scope, q.ID)
	if err != nil {
		return nil, err
	}
	if err := l.Changeable(who, was.Place); err != nil {
		return nil, err
	}
	if q.Version == 0 {
		q.Version = was.Version
	}
	if q.Version != was.Version {
		return nil, changed(was, q.Version)
	}
	q.Owner, q.Place, q.Hits, q.LastHit = was.Owner, was.Place, was.Hits, was.LastHit
	return was, nil
}

func changed(was *standing.Query, seen int) error {
	return fault.New(fault.Conflict, "standing query %d is at version %d, the edit is of version %d", was.ID, was.Version, seen).
		Say("Правило только что изменил кто-то ещё. Посмотрите, каким оно стало, и внесите правку снова.").Mend("read it again, and repeat with its version")
}

// channels checks the kinds of sources of a draft.
func (l *Lookout) channels(q *standing.Query) error {
	for _, c := range q.Channels {
		if !slices.Contains(message.Channels(), message.Channel(c)) {
			return fault.New(fault.Invalid, "no such channel").At("channels").Say("Такого вида источников нет. Выберите из списка.")
		}
	}
	return nil
}

// named checks the name of a draft against the queries that one text may name
// beside it. Two municipal centres may use the same name: neither sees the other's.
func named(list []standing.Query, was, q *standing.Query) error {
	key := standing.Key(q.Name)
	for k := range list {
		o := &list[k]
		if o.ID == q.ID || standing.Key(o.Name) != key || !standing.Reaches(o.Place, q.Place) && !standing.Reaches(q.Place, o.Place) {
			continue
		}
		say := "Правило с таким именем уже есть. Назовите это иначе: по имени правила ссылаются друг на друга."
		if o.Place.Centre != q.Place.Centre && q.Place.Centre == "" {
			say = "Правило с таким именем есть у муниципального центра. Назовите это иначе: по имени правила ссылаются друг на друга."
		}
		return fault.New(fault.Invalid, "another query has the name").At("name").Say(say)
	}
	if was == nil || standing.Key(was.Name) == key {
		return nil
	}
	if users := usersOf(list, was); len(users) > 0 {
		return fault.New(fault.Invalid, "%d queries name it", len(users)).At("name").
			Say("Переименовать нельзя: на «@" + standing.Key(was.Name) + "» ссылаются " + quoted(users) + ". Сначала поправьте их.")
	}
	return nil
}

// parse parses a draft among the others, sees that none of them breaks by it,
// and runs its examples.
func (l *Lookout) parse(list []standing.Query, was, q *standing.Query) (*watch.Query, []watch.Failure, error) {
	after := func(at scope.Place) watch.Names { // what a query there could name, were the draft stored
		names := namesOf(list, at)
		if was != nil {
			delete(names, standing.Key(was.Name))
		}
		names[standing.Key(q.Name)] = q.Text
		return names
	}
	parsed, err := watch.ParseWith(l.Reader, q.Text, after(q.Place))
	if err != nil {
		return nil, nil, err
	}
	var broken []string
	for k := range list {
		o := &list[k]
		if o.ID == q.ID || !standing.Reaches(q.Place, o.Place) || len(watch.Mentions(o.Text)) == 0 {
			continue
		}
		if _, err := watch.ParseWith(l.Reader, o.Text, after(o.Place)); err == nil {
			continue
		}
		if _, err := watch.ParseWith(l.Reader, o.Text, namesOf(list, o.Place)); err == nil {
			broken = append(broken, o.Name)
		}
	}
	if len(broken) > 0 {
		return nil, nil, fault.New(fault.Invalid, "%d other queries would break", len(broken)).At("query").
			Say("С таким запросом перестали бы читаться правила, которые на него ссылаются: " + quoted(broken) + ".")
	}
	return parsed, l.examine(parsed, q), nil
}

// examine runs the examples of a draft.
func (l *Lookout) examine(parsed *watch.Query, q *standing.Query) []watch.Failure {
	if len(q.Examples) == 0 {
		return nil
	}
	examples := make([]watch.Example, len(q.Examples))
	for k, e := range q.Examples {
		examples[k] = watch.Example{Text: e.Text, Match: e.Must}
	}
	return watch.Check(l.Reader, parsed, examples)
}

// Drop removes a query for good, with its versions, examples and counts. It is
// Invalid while others name it, a Conflict when its version is another (0: any).
func (l *Lookout) Drop(ctx context.Context, who account.Actor, id standing.ID, version int) error {
	if err := l.allowed(who); err != nil {
		return err
	}
	err := l.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		q, err := tx.Standing().Query(ctx, who.Scope, id)
		if err != nil {
			return err
		}
		if version != 0 && version != q.Version {
			return changed(q, version)
		}
		if err := l.Changeable(who, q.Place); err != nil {
			return err
		}
		list, err := tx.Standing().Queries(ctx, scope.All())
		if err != nil {
			return err
		}
		if users := usersOf(list, q); len(users) > 0 {
			return fault.New(fault.Invalid, "%d queries name it", len(users)).At("name").
				Say("Удалить нельзя: на «@" + standing.Key(q.Name) + "» ссылаются " + quoted(users) + ". Сначала поправьте их.")
		}
		if err := tx.Standing().DropQuery(ctx, id); err != nil {
			return err
		}
		return l.record(ctx, tx, who, fmt.Sprintf("standing:%d:dropped", id), q.Place)
	})
	if err != nil {
		return err
	}
	return l.Load(ctx)
}

// Switch turns a query on or off. Versions are as with Save.
func (l *Lookout) Switch(ctx context.Context, who account.Actor, id standing.ID, version int, on bool) (*standing.Query, error) {
	if err := l.allowed(who); err != nil {
		return nil, err
	}
	q, err := l.Store.Reader().Standing().Query(ctx, who.Scope, id)
	if err != nil {
		return nil, err
	}
	if version != 0 {
		q.Version = version
	}
	q.On = on
	return q, l.Save(ctx, who, q, true) // its examples are as they were
}
