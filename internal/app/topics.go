package app

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/store"
	"otklik/internal/topic"
)

// Topics returns the taxonomy in force.
func (a *App) Topics() *topic.Taxonomy { return a.taxonomy.Load() }

func (a *App) storedTaxonomy(ctx context.Context) (*topic.Taxonomy, error) {
	b, err := a.DB.Setting(ctx, a.region(), string(taxonomies))
	switch {
	case fault.Is(err, fault.NotFound):
		return topic.Default(), nil
	case err != nil:
		return nil, err
	}
	return topic.Parse(b)
}

// MayEditTopics reports whether somebody may edit the classifier: the right to
// edit rules, and sight of all that this centre works on, because there is one
// classifier for all of it.
func (a *App) MayEditTopics(who account.Actor) bool {
	return (who.Role == lifecycle.System || who.Role.Holds(lifecycle.EditRules)) && scope.OfRegion(a.region()).Within(who.Scope)
}

// EditTopics applies an edit to the version of the taxonomy that its author
// saw, stores the next version with a line of audit, and puts it in force: pages
// and readings that begin from now on use it. It is a Conflict when another
// version is in force by now, Forbidden for who may not. An edit that changes
// nothing returns the taxonomy as it is.
func (a *App) EditTopics(ctx context.Context, who account.Actor, version int, e topic.Edit) (*topic.Taxonomy, error) {
	if !a.MayEditTopics(who) {
		return nil, fault.New(fault.Forbidden, "account %d may not edit the taxonomy", who.ID).
			Say("Классификатор тем один на всех, кто работает в этом центре. Менять его может аналитик, куратор или администратор, который видит центр целиком.")
	}
	a.editing.Lock()
	defer a.editing.Unlock()
	was, err := a.storedTaxonomy(ctx)
	if err != nil {
		return nil, err
	}
	if was.Version != a.Topics().Version { // another process edited it
		if err := a.adopt(was); err != nil {
			return nil, err
		}
	}
	if was.Version != version {
		return nil, edited(was.Version, version)
	}
	next, err := was.With(e)
	if err != nil || next == was {
		return next, err
	}
	topics, err := a.classifier(next)
	if err != nil {
		return nil, err
	}
	err = a.DB.Change(ctx, incident.People, func(tx incident.Tx) error { return a.saveTaxonomy(ctx, tx, who, was, next) })
	if fault.Is(err, fault.Conflict) {
		return nil, edited(next.Version, version)
	}
	if err != nil {
		return nil, err
	}
	a.Reader.Judge(topics)
	a.taxonomy.Store(next)
	return next, nil
}

func edited(now, seen int) error {
	return fault.New(fault.Conflict, "version %d of the taxonomy is there, the edit is of version %d", now, seen).
		Say("Классификатор только что изменил кто-то ещё. Посмотрите, каким он стал, и повторите.").
		Mend("see what was changed: otklik topics versions; then repeat")
}

// adopt puts a stored version in force.
func (a *App) adopt(t *topic.Taxonomy) error {
	topics, err := a.classifier(t)
	if err != nil {
		return err
	}
	a.Reader.Judge(topics)
	a.taxonomy.Store(t)
	return nil
}

func (a *App) saveTaxonomy(ctx context.Context, tx incident.Tx, who account.Actor, was, next *topic.Taxonomy) error {
	if err := a.keep(ctx, tx, taxonomies, who, edition{was.Version, was}, edition{next.Version, next}, next.Changes(was)); err != nil {
		return err
	}
	return store.Regroup(ctx, tx, a.region(), was, next)
}

// TopicVersions returns the versions of the taxonomy, newest first; none before
// the first edit.
func (a *App) TopicVersions(ctx context.Context) ([]site.Version, error) {
	return a.kept(ctx, taxonomies)
}

// TopicVersion returns one version of the taxonomy as it was.
func (a *App) TopicVersion(ctx context.Context, n int) (*topic.Taxonomy, error) {
	if t := a.Topics(); t.Version == n {
		return t, nil
	}
	b, err := a.DB.Setting(ctx, a.region(), taxonomies.version(n))
	if err != nil {
		return nil, err
	}
	return topic.Parse(b)
}
