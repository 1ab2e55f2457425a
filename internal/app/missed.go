package app

import (
	"context"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/plan"
)

// lookPatience is how long the network may take to show one message.
const lookPatience = 10 * time.Second

// Missed implements site.Watcher.
func (a *App) Missed(ctx context.Context, who account.Actor, link string) (source.Missed, error) {
	var pages []string
	for _, c := range a.Config.VK {
		pages = append(pages, c.Page)
	}
	ref, thread, err := vk.ParseLink(link, pages...)
	if err != nil {
		return source.Missed{}, err
	}
	now := a.Now()
	zone := a.zoneOf(scope.Place{Region: who.Scope.Region, Centre: who.Scope.Centre})
	k := vk.Known{When: func(t time.Time) string { return site.DateTime(t, now, zone) }, Span: site.Duration}
	tx := a.DB.Reader()
	list, err := tx.Sources().Sources(ctx, who.Scope)
	if err != nil {
		return source.Missed{}, err
	}
	wall := vk.SourceID(ref.Owner)
	from := []string{wall}
	var number int64
	for _, s := range list {
		switch {
		case s.ID == wall:
			k.Wall, k.Paused, k.AddedAt, number = true, s.Paused, s.AddedAt, s.Number
		case s.Kind == source.VK && !strings.HasPrefix(s.ID, "vk:-"): // a search finds posts of any wall
			from = append(from, s.ID)
		}
	}
	var open int64
	for _, id := range from {
		if open, err = a.came(ctx, who, id, ref, &k); err != nil {
			return source.Missed{}, err
		}
		if k.Came {
			break
		}
	}
	if k.Wall && !k.Came {
		if err := a.unseen(ctx, who, wall, ref, thread, &k); err != nil {
			return source.Missed{}, err
		}
	}
	m := vk.Missed(ref, k)
	m.Source, m.Number, m.Incident = wall, number, open
	return m, nil
}

// came fills in what is kept of a message, and returns its incident.
func (a *App) came(ctx context.Context, who account.Actor, id string, ref vk.Ref, k *vk.Known) (open int64, err error) {
	tx := a.DB.Reader()
	m, err := tx.Messages().ByNative(ctx, id, ref.String())
	switch {
	case fault.Is(err, fault.NotFound):
		return 0, nil
	case err != nil:
		return 0, err
	}
	if !k.Wall && !who.Scope.Sees(m.Place) { // no business of theirs
		return 0, nil
	}
	k.Came, k.At, k.SeenAt = true, m.PublishedAt, m.SeenAt
	if !who.Scope.Sees(m.Place) {
		k.Incident = "другого центра"
		return 0, nil
	}
	if open, err = tx.Messages().Incident(ctx, m.ID); err != nil {
		return 0, err
	}
	if open != 0 {
		i, err := tx.Incidents().Incident(ctx, who.Scope, incident.ID(open))
		switch {
		case fault.Is(err, fault.NotFound):
			k.Incident = "другого центра"
			return 0, nil
		case err != nil:
			return 0, err
		}
		k.Incident = i.Number
		return open, nil
	}
	r, err := tx.Messages().Reading(ctx, m.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return 0, err
	}
	k.Verdict = verdict(m, r)
	return 0, nil
}

// verdict says why a message that is kept has no incident.
func verdict(m *message.Message, r *message.Reading) string {
	switch {
	case m.Event == message.Deleted:
		return "Его удалили в сети."
	case r == nil || m.Text == "":
		return "В нём нет слов, которые можно разобрать."
	case r.Outside:
		return "Разбор: просьба не по части властей."
	case !r.Kind.Opens():
		return "Разбор: это не обращение, а «" + r.Kind.Name() + "»."
	}
	return "Разбор: " + r.Kind.Name() + ". Сообщение сохранено как часть разговора."
}

// unseen fills in what is known of a message that is not kept: how its wall fares, what its
// cursor remembers, and what the network shows now.
func (a *App) unseen(ctx context.Context, who account.Actor, wall string, ref vk.Ref, thread int64, k *vk.Known) error {
	tx := a.DB.Reader()
	states, err := tx.Intake().Sources(ctx, who.Scope)
	if err != nil {
		return err
	}
	for _, st := range states {
		if st.ID == wall {
			k.Error, k.Since, k.ReadAt = st.Error, st.Since, st.ReadAt
		}
	}
	cursor, err := tx.Intake().Cursor(ctx, wall)
	if err != nil {
		return err
	}
	k.Memory = vk.Remember(cursor, ref)
	if ref.Comment == 0 {
		k.At = k.Memory.Born
	}
	if k.List, k.Counts, k.Pooled = a.visits(ref); k.Pooled && whole(who) {
		k.Rests = map[string][]vk.Rest{}
		for _, t := range a.pool.Tokens() {
			k.Rests[t.Name] = t.Rests
		}
	}
	eye, _ := a.Roster.Puller(wall).(interface {
		Look(ctx context.Context, ref vk.Ref, thread int64) (message.Message, bool, error)
	})
	if eye == nil || ref.Place != "wall" {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, lookPatience)
	defer stop()
	m, shown, err := eye.Look(ctx, ref, thread)
	if err != nil { // why it cannot be asked stands on the source's page
		return nil
	}
	k.Looked, k.Shown = true, shown
	if !shown {
		return nil
	}
	k.At = m.PublishedAt
	if s, ok := a.Roster.Of(wall); ok {
		one := []message.Message{m}
		a.Intake.Place(source.Connection{Puller: a.Roster.Puller(wall), Territory: s.Territory, Own: s.Own}, one)
		m = one[0]
	}
	switch r := a.Reader.Full(&m); {
	case m.Text == "":
		k.Verdict = "В нём нет слов, которые можно разобрать."
	case r.Concerns && r.Watch != "":
		k.Verdict = "По нынешним правилам его поймало бы правило наблюдения «" + r.Watch + "»."
	case r.Concerns:
		k.Verdict = "По нынешним правилам это обращение."
	case r.Kind != "":
		k.Verdict = "Разбор: «" + r.Kind.Name() + "», ни одно правило наблюдения не подошло."
	}
	return nil
}

func (a *App) visits(ref vk.Ref) (list, counts plan.Visit, pooled bool) {
	list, counts, _ = a.pool.Visits(ref.Owner, ref.Item)
	return list, counts, a.pool.Watches(ref.Owner)
}

// whole reports whether somebody sees the whole region: what tokens may do concerns them.
func whole(who account.Actor) bool { return who.Scope.Centre == "" && who.Scope.Agency == 0 }
