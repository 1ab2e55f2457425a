package teach

import (
	"context"
	"fmt"

	"otklik/internal/account"
	"otklik/internal/classify"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
)

// Activate puts a version in force. It is asked once more about the pinned cases
// as they are now: one that is worse than the version in force is a Conflict, and
// so is one that was refused. Who wants an earlier one back whatever the cases say
// rolls the later one back.
func (t *Teacher) Activate(ctx context.Context, who account.Actor, s lesson.Subject, number int) (v lesson.Version, err error) {
	defer fault.Wrap(&err, "teach.Activate(%s, %d)", s, number)
	list, err := t.Versions(ctx, s)
	if err != nil {
		return v, err
	}
	active := 0
	for _, l := range list {
		if l.Number == number {
			v = l
		}
		if l.State == lesson.Active {
			active = l.Number
		}
	}
	switch {
	case v.Number == 0:
		return v, fault.New(fault.NotFound, "no version %d", number).Say("Такой версии нет.").Mend("see them: otklik models list --dir DIR")
	case v.State == lesson.Active:
		return v, fault.New(fault.Conflict, "version %d is active", number).Say("Эта версия уже действует.")
	case v.State == lesson.Refused:
		return v, fault.New(fault.Conflict, "version %d was refused", number).Say("Эту версию включить нельзя: она хуже на проверочных случаях.")
	}
	m, err := t.Model(ctx, s, number)
	if err != nil {
		return v, err
	}
	found, err := t.compare(ctx, s, active, m)
	if err != nil {
		return v, err
	}
	if found.worse {
		return v, fault.New(fault.Conflict, "version %d is worse than %d: %s", number, active, found.why).
			Say("Эту версию включить нельзя: она хуже той, что действует. " + found.why)
	}
	was := v
	err = t.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		v = was
		if err := t.retire(ctx, tx, list, active, lesson.Replaced, who); err != nil {
			return err
		}
		if err := tx.Lessons().Turn(ctx, &v, lesson.Active, who.ID, t.Now().UTC()); err != nil {
			return err
		}
		return t.note(ctx, tx, who, &v)
	})
	return v, err
}

func (t *Teacher) compare(ctx context.Context, s lesson.Subject, active int, m *classify.Model) (verdict, error) {
	all, err := t.decisions(ctx)
	if err != nil {
		return verdict{}, err
	}
	_, pinned := divide(all)
	if s == lesson.Executors {
		return t.compareExecutors(ctx, active, m, pinned)
	}
	taxonomy := t.Topics()
	next, err := classify.ForModel(t.Reader, taxonomy, m)
	if err != nil {
		return verdict{}, err
	}
	return t.compareTopics(ctx, taxonomy, active, next, pinned)
}

// RollBack takes the active version back and puts the one in force that it
// replaced, or what the program brought: its number is returned, 0 for the latter.
// It asks no cases: people may always go back.
func (t *Teacher) RollBack(ctx context.Context, who account.Actor, s lesson.Subject) (number int, err error) {
	defer fault.Wrap(&err, "teach.RollBack(%s)", s)
	list, err := t.Versions(ctx, s)
	if err != nil {
		return 0, err
	}
	var active, back lesson.Version
	for _, l := range list { // newest first: of equals the later one
		if l.State == lesson.Active {
			active = l
		}
		if l.State == lesson.Replaced && l.DecidedAt.After(back.DecidedAt) {
			back = l
		}
	}
	if active.Number == 0 {
		return 0, fault.New(fault.Conflict, "no version of %s is active", s).Say("Откатывать нечего: действует то, с чем пришла программа.")
	}
	err = t.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		v := active
		if err := tx.Lessons().Turn(ctx, &v, lesson.RolledBack, who.ID, t.Now().UTC()); err != nil {
			return err
		}
		if err := t.note(ctx, tx, who, &v); err != nil || back.Number == 0 {
			return err
		}
		to := back
		if err := tx.Lessons().Turn(ctx, &to, lesson.Active, who.ID, t.Now().UTC()); err != nil {
			return err
		}
		return t.note(ctx, tx, who, &to)
	})
	return back.Number, err
}

// Name returns the subject as people say it.
func Name(s lesson.Subject) string {
	if s == lesson.Executors {
		return "исполнители"
	}
	return "темы"
}

// Told says in a line what became of a version.
func Told(v *lesson.Version) string {
	f := &v.Figures
	head := fmt.Sprintf("%s, версия %d: ", Name(v.Subject), v.Number)
	tail := fmt.Sprintf("верных первым %d из %d, было %d; исправила %d, испортила %d", f.New.First, f.N(), f.Old.First, f.Gained, f.Broken)
	switch v.State {
	case lesson.Refused:
		return head + "не включена. " + v.Reason
	case lesson.Candidate:
		return head + "ждёт включения, " + tail
	}
	return head + "действует, " + tail
}
