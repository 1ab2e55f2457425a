package api_test

import (
	"context"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/regime"
	"otklik/internal/site"
)

// A keeper keeps the shipped rules and what was edited since.
type keeper struct {
	now  *regime.Rules
	list []site.Version
}

func (k *keeper) Rules() *regime.Rules {
	if k.now == nil {
		rules, err := regime.ShippedRules()
		if err != nil {
			panic(err)
		}
		k.now = rules
	}
	return k.now
}

func (k *keeper) Book() *regime.Book {
	b, err := k.Rules().Book(nil)
	if err != nil {
		panic(err)
	}
	return b
}

func (k *keeper) EditRegimes(_ context.Context, who account.Actor, version int, e regime.Edit) (*regime.Rules, error) {
	if version != k.Rules().Version {
		return nil, fault.New(fault.Conflict, "version").Say("изменились")
	}
	next, err := k.now.With(e, nil)
	if err == nil && next != k.now {
		k.list = append(k.list, site.Version{Version: next.Version, Who: who.ID, Changes: next.Changes(k.now)})
		k.now = next
	}
	return next, err
}

func (k *keeper) PreviewRegimes(_ context.Context, _ account.Actor, e regime.Edit) (p site.RulesPreview, err error) {
	next, err := k.Rules().With(e, nil)
	if err == nil {
		p.Changes, p.Looked, p.Moved = next.Changes(k.now), 10, 3
	}
	return p, err
}

func (k *keeper) RulesVersions(context.Context) ([]site.Version, error) { return k.list, nil }
