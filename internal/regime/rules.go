package regime

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"otklik/internal/calendar"
	"otklik/internal/fault"
	"otklik/internal/place"
)

// Rules are one version of all regimes and calendars, as stored.
type Rules struct {
	Version   int                 `json:"version"`
	Regimes   []Regime            `json:"regimes"`
	Calendars []calendar.Document `json:"calendars"` // the country's first
}

// ShippedRules returns version 1: what the product brings.
func ShippedRules() (*Rules, error) {
	list, err := Shipped()
	if err != nil {
		return nil, err
	}
	docs, err := calendar.Shipped()
	return &Rules{Version: 1, Regimes: list, Calendars: docs}, err
}

// ParseRules reads stored rules.
func ParseRules(b []byte) (*Rules, error) {
	r := &Rules{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("stored rules: %w", err)
	}
	return r, nil
}

// Book compiles the rules.
func (r *Rules) Book(places place.Names) (*Book, error) {
	return NewBook(r.Regimes, r.Calendars, places)
}

// An Edit changes one thing: a regime or a calendar is put in the place of the one with
// its code or territory, or added; Drop takes a territory's calendar away.
type Edit struct {
	Regime   *Regime
	Calendar *calendar.Document
	Drop     string // territory
}

// With returns the next version with the edit, checked whole; r itself when the edit
// changes nothing.
func (r *Rules) With(e Edit, places place.Names) (*Rules, error) {
	next := &Rules{Version: r.Version + 1, Regimes: slices.Clone(r.Regimes), Calendars: slices.Clone(r.Calendars)}
	if e.Regime != nil {
		k := slices.IndexFunc(next.Regimes, func(o Regime) bool { return o.Code == e.Regime.Code })
		if k >= 0 {
			next.Regimes[k] = *e.Regime
		} else { // a new one is tried first: the last one is what holds when none fits
			next.Regimes = slices.Insert(next.Regimes, 0, *e.Regime)
		}
	}
	if c := e.Calendar; c != nil {
		k := slices.IndexFunc(next.Calendars, func(o calendar.Document) bool { return o.Territory == c.Territory })
		if k >= 0 {
			next.Calendars[k] = *c
		} else {
			if err := known(c.Territory, places); err != nil {
				return nil, err
			}
			next.Calendars = append(next.Calendars, *c)
		}
	}
	if e.Drop != calendar.Country {
		k := slices.IndexFunc(next.Calendars, func(o calendar.Document) bool { return o.Territory == e.Drop })
		if k < 0 {
			return nil, fault.New(fault.NotFound, "territory %s has no calendar of its own", e.Drop).Say("У этой территории нет своего календаря.")
		}
		next.Calendars = slices.Delete(next.Calendars, k, k+1)
	}
	if len(next.Changes(r)) == 0 {
		return r, nil
	}
	_, err := next.Book(places)
	return next, err
}

// known is Invalid for a territory that no incident can lie in: its calendar would never be
// asked for.
func known(territory string, places place.Names) error {
	if places == nil {
		return nil
	}
	if p, ok := places.ByID(territory); !ok || p.Level != place.Region && p.Level != place.Municipality {
		return wrong("calendar.territory", fmt.Sprintf("territory %q is no region or municipality", territory),
			"Территории «"+territory+"» нет в справочнике. Нужен код ОКТМО региона или муниципалитета, например 95000000.")
	}
	return nil
}

// Changes says in words what became different since another version.
func (r *Rules) Changes(since *Rules) (said []string) {
	for k := range r.Regimes {
		now := &r.Regimes[k]
		n := slices.IndexFunc(since.Regimes, func(o Regime) bool { return o.Code == now.Code })
		switch {
		case n < 0:
			said = append(said, "Добавлен регламент «"+now.Name+"»")
		case !reflect.DeepEqual(*now, since.Regimes[n]):
			said = append(said, now.changes(&since.Regimes[n])...)
		}
	}
	for k := range r.Calendars {
		now := &r.Calendars[k]
		n := slices.IndexFunc(since.Calendars, func(o calendar.Document) bool { return o.Territory == now.Territory })
		switch {
		case n < 0:
			said = append(said, "Добавлен календарь «"+now.Name+"»")
		case !reflect.DeepEqual(*now, since.Calendars[n]):
			said = append(said, "Изменён календарь «"+now.Name+"»")
		}
	}
	for _, was := range since.Calendars {
		if !slices.ContainsFunc(r.Calendars, func(o calendar.Document) bool { return o.Territory == was.Territory }) {
			said = append(said, "Убран календарь «"+was.Name+"»")
		}
	}
	return said
}

// changes says what became different in a regime.
func (r *Regime) changes(was *Regime) (said []string) {
	name := "Регламент «" + r.Name + "»: "
	for k := range r.Steps {
		s := &r.Steps[k]
		n := slices.IndexFunc(was.Steps, func(o Step) bool { return o.Kind == s.Kind })
		if n >= 0 && was.Steps[n].Within != s.Within {
			said = append(said, name+s.Kind.Name()+", было "+AmountWords(was.Steps[n].Within)+", стало "+AmountWords(s.Within))
		}
	}
	if a, b := was.Pressure.Words(), r.Pressure.Words(); a != b {
		said = append(said, name+"давление, было "+a+", стало "+b)
	}
	switch {
	case r.Retired && !was.Retired:
		said = append(said, name+"больше не выбирается")
	case was.Retired && !r.Retired:
		said = append(said, name+"снова действует")
	}
	if len(said) == 0 {
		said = append(said, "Изменён регламент «"+r.Name+"»")
	}
	return said
}
