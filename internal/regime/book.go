package regime

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"sync"

	"otklik/data/regimes"
	"otklik/internal/calendar"
	"otklik/internal/fault"
	"otklik/internal/place"
)

// A Book holds the regimes and the calendars in force. It never changes: an edit
// makes a new Book.
type Book struct {
	regimes []Regime
	docs    map[string]calendar.Document
	places  place.Names // zones and names of territories without a calendar of their own; may be nil

	mu        sync.Mutex
	calendars map[string]*calendar.Calendar // by territory, made when asked for
}

// NewBook checks the regimes and the calendars. The last regime is what holds when
// none fits; the documents must hold the country's. places may be nil.
func NewBook(list []Regime, docs []calendar.Document, places place.Names) (_ *Book, err error) {
	defer fault.Wrap(&err, "regime.NewBook")
	b := &Book{regimes: list, docs: map[string]calendar.Document{}, places: places, calendars: map[string]*calendar.Calendar{}}
	for k := range list {
		if err := list[k].Valid(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list[:k], func(r Regime) bool { return r.Code == list[k].Code }) {
			return nil, wrong("code", "regime "+string(list[k].Code)+" is there twice", "Регламент «"+string(list[k].Code)+"» записан дважды.")
		}
	}
	if !slices.ContainsFunc(list, func(r Regime) bool { return !r.Retired }) {
		return nil, wrong("regimes", "no regime is in force", "Не осталось ни одного действующего регламента.")
	}
	for _, d := range docs {
		b.docs[d.Territory] = d
	}
	if _, ok := b.docs[calendar.Country]; !ok {
		return nil, wrong("calendars", "the country has no calendar", "Нет календаря страны.")
	}
	for _, d := range docs { // all that people wrote must hold
		if _, err := b.build(d.Territory); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Shipped returns the bundled regimes.
func Shipped() ([]Regime, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(regimes.Shipped, &raw); err != nil {
		return nil, err
	}
	out := make([]Regime, len(raw))
	for k := range raw {
		var err error
		if out[k], err = Parse(raw[k]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ShippedBook returns what the product starts with.
func ShippedBook(places place.Names) (*Book, error) {
	list, err := Shipped()
	if err != nil {
		return nil, err
	}
	docs, err := calendar.Shipped()
	if err != nil {
		return nil, err
	}
	return NewBook(list, docs, places)
}

// Parse reads a regime from JSON and checks it; an unknown field is Invalid.
func Parse(b []byte) (r Regime, err error) {
	defer fault.Wrap(&err, "regime.Parse")
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, calendar.Unread("regime", "Запись регламента не прочитана", b, dec, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return r, wrong("regime", "something follows the regime", "После записи регламента стоит лишнее.")
	}
	return r, r.Valid()
}

// A Case is what is known of an incident when its regime is chosen.
type Case struct {
	Channel, Source, Kind string
	Fast                  bool // a ★ topic
}

// Choose returns the first regime in force that fits, else the last one in force.
func (b *Book) Choose(c Case) Code {
	fits := func(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }
	code := Code("")
	for k := range b.regimes {
		r := &b.regimes[k]
		if r.Retired || r.For.ByHand {
			continue
		}
		code = r.Code
		if fits(r.For.Channels, c.Channel) && fits(r.For.Sources, c.Source) && fits(r.For.Kinds, c.Kind) && (c.Fast || !r.For.Fast) {
			return code
		}
	}
	if code == "" { // all that are in force are chosen by hand
		for k := range b.regimes {
			if !b.regimes[k].Retired {
				code = b.regimes[k].Code
			}
		}
	}
	return code
}

// Regimes returns all regimes, in the order in which they are tried.
func (b *Book) Regimes() []Regime { return slices.Clone(b.regimes) }

// Regime returns the regime of a code; ok is false when there is none.
func (b *Book) Regime(code Code) (*Regime, bool) {
	k := slices.IndexFunc(b.regimes, func(r Regime) bool { return r.Code == code })
	if k < 0 {
		return nil, false
	}
	return &b.regimes[k], true
}

// Documents returns the calendars that people wrote, the country's first.
func (b *Book) Documents() []calendar.Document {
	out := make([]calendar.Document, 0, len(b.docs))
	for _, d := range b.docs {
		out = append(out, d)
	}
	slices.SortFunc(out, func(x, y calendar.Document) int {
		switch {
		case x.Territory == calendar.Country:
			return -1
		case y.Territory == calendar.Country:
			return 1
		case x.Name < y.Name:
			return -1
		}
		return 1
	})
	return out
}

// Calendar returns the calendar that holds in a municipality of a region, either of
// which may be "": its own, else the region's, else the country's in its zone.
func (b *Book) Calendar(region, centre string) *calendar.Calendar {
	for _, t := range []string{centre, region} {
		if t == "" {
			continue
		}
		if c, err := b.of(t); err == nil && c != nil {
			return c
		}
	}
	c, _ := b.of(calendar.Country) // it was made by NewBook
	return c
}

func (b *Book) of(territory string) (*calendar.Calendar, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.calendars[territory]; ok {
		return c, nil
	}
	c, err := b.build(territory)
	b.calendars[territory] = c
	return c, err
}

// build compiles the calendar of a territory; nil when it has nothing of its own.
func (b *Book) build(territory string) (*calendar.Calendar, error) {
	own, written := b.docs[territory]
	country := b.docs[calendar.Country]
	if territory == calendar.Country {
		return calendar.New(country, country)
	}
	base := country
	var at place.Place
	if b.places != nil {
		if p, ok := b.places.ByID(territory); ok {
			at = *p
		}
	}
	if at.Region != "" && at.Region != territory { // a municipality stands on its region
		if region, err := b.regional(at.Region); err == nil && region != nil {
			base = region.Document()
			if !written && (at.Zone == "" || at.Zone == base.Zone) {
				return region, nil
			}
			base.Territory = calendar.Country
		}
	}
	own.Territory = territory
	if own.Zone == "" {
		own.Zone = at.Zone
	}
	if own.Name == "" {
		own.Name = at.Name
	}
	if !written && own.Zone == "" {
		return nil, nil
	}
	return calendar.New(base, own)
}

// regional makes a region's calendar inside build, which holds the lock or runs alone.
func (b *Book) regional(region string) (*calendar.Calendar, error) {
	if c, ok := b.calendars[region]; ok {
		return c, nil
	}
	return b.build(region)
}
