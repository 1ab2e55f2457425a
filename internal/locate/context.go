package locate

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// maxRecalled bounds how many places of the thread and of the author are asked.
const maxRecalled = 8

// recall chooses the settlement in which streets are looked up when the text names
// none: that of the thread, of the source, of the author, in this order. An author
// who wrote from outside of the source's region says nothing.
func (r *reader) recall() {
	if r.names == nil {
		return
	}
	if r.home = r.settlementAmong(r.hint.Thread); r.home != nil {
		r.homeWhy = ": о нём говорят в ветке"
		return
	}
	if r.hint.Settlement != "" {
		if p, ok := r.names.ByID(r.hint.Settlement); ok {
			r.home, r.homeWhy = p, ": по месту источника"
			return
		}
	}
	if p := r.settlementAmong(r.hint.Author); p != nil && (r.hint.Region == "" || p.Region == r.hint.Region) &&
		(r.hint.Municipality == "" || p.Municipality == r.hint.Municipality) {
		r.home, r.homeWhy = p, ": о нём автор писал раньше"
	}
}

// settlementAmong returns the settlement of the first of the places that has one.
func (r *reader) settlementAmong(ids []string) *place.Place {
	for _, id := range ids[:min(len(ids), maxRecalled)] {
		p, ok := r.names.ByID(id)
		if !ok {
			continue
		}
		if p.Level == place.Settlement {
			return p
		}
		if s, ok := r.names.ByID(p.Settlement); ok && p.Settlement != "" {
			return s
		}
	}
	return nil
}

// toldBefore is how much more likely a place is because the thread or the author
// named it, or its settlement, before; 1 when nobody did.
func (r *reader) toldBefore(p *place.Place) float64 {
	w := 1.0
	for n, ids := range [...][]string{r.hint.Thread, r.hint.Author} {
		for _, id := range ids[:min(len(ids), maxRecalled)] {
			if street, _, ok := place.StreetOfHouse(id); ok {
				id = street
			}
			switch {
			case id == p.ID:
				w = max(w, [...]float64{1e8, 1e6}[n])
			case p.Settlement != "" && settlementOf(id) == p.Settlement:
				w = max(w, [...]float64{1e7, 1e5}[n])
			}
		}
	}
	return w
}

// settlementOf returns the OKTMO code inside of an id: «street:95702000001:…».
func settlementOf(id string) string {
	if _, rest, ok := strings.Cut(id, ":"); ok {
		id, _, _ = strings.Cut(rest, ":")
	}
	return id
}

// linkLoneHouse links a house without a street: to the village that the text names
// right before it, or to the street of which the thread speaks.
func (r *reader) linkLoneHouse(f *Found) {
	if r.names == nil {
		return
	}
	if k := r.nearest(r.towns, f.Span); k >= 0 {
		town := r.refs[k].entry
		f.Settlement = r.found[k].Name
		if town == nil {
			return
		}
		f.SettlementID, f.Lat, f.Lon = cmp.Or(town.Settlement, town.ID), town.Lat, town.Lon
		if p, ok := r.names.ByID(place.HouseID(town.ID, f.House)); ok {
			f.ID, f.Score = p.ID, 0.8
			f.Why += "; в " + town.Name + " такой дом есть в справочнике"
			if p.Known() {
				f.Lat, f.Lon = p.Lat, p.Lon
			}
		}
		return
	}
	for _, id := range r.hint.Thread[:min(len(r.hint.Thread), maxRecalled)] {
		if street, _, ok := place.StreetOfHouse(id); ok {
			id = street
		}
		s, ok := r.names.ByID(id)
		if !ok || s.Level != place.Street {
			continue
		}
		f.Street, f.SettlementID, f.Lat, f.Lon = s.Name, s.Settlement, s.Lat, s.Lon
		f.Score = 0.5
		f.Why = "номер дома; улица — та, о которой говорят в ветке"
		if p, ok := r.names.ByID(place.HouseID(s.ID, f.House)); ok {
			f.ID, f.Score = p.ID, 0.65
			if p.Known() {
				f.Lat, f.Lon = p.Lat, p.Lon
			}
		}
		return
	}
}

// maxSlips bounds the misspelt streets of one text that are looked for.
const maxSlips = 4

// linkMisspelt looks for the street whose name differs from what was read by one
// letter, among those of the settlement; of two that do none is taken.
func (r *reader) linkMisspelt(k int, town *place.Place) {
	all, ok := r.names.(interface {
		StreetsOf(settlement string) []*place.Place
	})
	f, ref := &r.found[k], &r.refs[k]
	if !ok || town == nil || r.slips >= maxSlips {
		return
	}
	strange := false
	for i := ref.first; i <= ref.last; i++ {
		strange = strange || r.gram(i).Has(russian.Guessed)
	}
	if !strange || len(f.Name) < 10 {
		return
	}
	r.slips++
	var best *place.Place
	want := []rune(place.Fold(f.Name))
	for _, p := range all.StreetsOf(cmp.Or(town.Settlement, town.ID)) {
		if d := len(p.Name) - len(f.Name); d < -3 || d > 3 || !oneOff([]rune(place.Fold(p.Name)), want) {
			continue
		}
		if best != nil {
			return
		}
		best = p
	}
	if best == nil {
		return
	}
	f.Why += fmt.Sprintf("; в справочнике «%s»: разница в одной букве", best.Name)
	f.ID, f.Name, f.Lat, f.Lon, f.Kind = best.ID, best.Name, best.Lat, best.Lon, cmp.Or(f.Kind, best.Type)
	f.Score = math.Max(0.3, f.Score-0.1)
	ref.entry = best
}

// radius says how far from the point of a place the trouble may lie, in metres:
// half of what such places measure, and more where a relation leads away from it.
func radius(f *Found) float64 {
	if f.Lat == 0 && f.Lon == 0 {
		return 0
	}
	var m float64
	switch f.Type {
	case House:
		if m = 500; f.ID != "" { // its own point; else that of its street
			m = 30
		}
	case Stop:
		m = 50
	case Landmark:
		m = 100
	case Street, Stretch, Intersection:
		m = 700
	case Road:
		m = 5000
	case District:
		m = 1500
	default:
		if m = 1500; f.Kind == "город" {
			m = 6000
		}
	}
	switch f.Relation {
	case Near, Behind, Opposite, Before, Through, Between:
		m += 70
	}
	return m
}
