package staff_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"otklik/internal/fault"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// fakeSources keeps sources and keys in memory.
type fakeSources struct {
	source.Store
	h *house
}

func (f fakeSources) Sources(_ context.Context, sc scope.Scope) (out []source.Source, _ error) {
	for _, s := range f.h.kept {
		if sc.Sees(s.Place) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b source.Source) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func (f fakeSources) Source(_ context.Context, sc scope.Scope, number int64) (*source.Source, error) {
	for _, s := range f.h.kept {
		if s.Number == number && sc.Sees(s.Place) {
			return &s, nil
		}
	}
	return nil, fault.New(fault.NotFound, "source %d", number)
}

func (f fakeSources) Keys(_ context.Context, sc scope.Scope) (out []source.Key, _ error) {
	for _, k := range f.h.sourceKeys {
		if sc.Sees(k.Place) {
			out = append(out, k)
		}
	}
	return out, nil
}

func (f fakeSources) Hours(_ context.Context, _ scope.Scope, id string, _ time.Time) (map[string][]source.Hour, error) {
	if id == "" {
		return f.h.hours, nil
	}
	return map[string][]source.Hour{id: f.h.hours[id]}, nil
}
