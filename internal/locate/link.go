package locate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// named returns the places of the level that tokens first to last name, under
// any combination of the lemmas of their words.
func (r *reader) named(first, last int, level place.Level) []*place.Place {
	if r.names == nil {
		return nil
	}
	r.keys = r.keysOf(r.keys[:0], first, last, 0)
	var out []*place.Place
	for _, key := range r.keys {
		out = r.collect(out, key, level)
	}
	return out
}

// collect adds the places of the level that bear the key.
func (r *reader) collect(out []*place.Place, key place.Key, level place.Level) []*place.Place {
	for _, p := range r.names.Keyed(key) {
		if p.Level == level && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

const maxKeys = 64 // combinations of lemmas that are tried for one name

// keysOf adds every key of tokens first to last that begins with prefix.
func (r *reader) keysOf(keys []place.Key, first, last int, prefix place.Key) []place.Key {
	for first <= last && r.tok[first].Kind == russian.Punct {
		first++
	}
	switch {
	case len(keys) >= maxKeys:
		return keys
	case first > last:
		return append(keys, prefix)
	case len(r.tok[first].Forms) == 0: // a number
		return r.keysOf(keys, first+1, last, prefix.And(russian.Term(r.norm(first))))
	}
	for _, term := range r.tok[first].Terms() {
		keys = r.keysOf(keys, first+1, last, prefix.And(term))
	}
	r.nominatives(first, func(term uint64) { keys = r.keysOf(keys, first+1, last, prefix.And(term)) })
	return keys
}

// within reports whether p lies in the territory that the context names: its
// settlement, its municipality or its region.
func (r *reader) within(p *place.Place) bool {
	h := &r.hint
	switch {
	case h.Settlement != "" && (p.Settlement == h.Settlement || p.ID == h.Settlement):
		return true
	case h.Municipality != "" && p.Municipality == h.Municipality:
		return true
	case h.Region != "" && p.Region == h.Region:
		return true
	}
	return false
}

// link asks the gazetteer what the found spans mean: settlements and districts
// first, so that streets are looked up where they lie.
func (r *reader) link() {
	for k := range r.found {
		switch r.found[k].Type {
		case District:
			r.linkDistrict(k)
		}
	}
	// First those whose name only one place bears: they tell where the others lie.
	for _, sure := range [...]bool{true, false} {
		for k := range r.found {
			if r.found[k].Type == Settlement && r.refs[k].entry == nil && r.found[k].Settlement == "" {
				r.linkSettlement(k, sure)
			}
		}
	}
	r.recall()
	r.towns, r.streets = r.order(r.towns, Settlement), r.order(r.streets, Street)
	for k := range r.found {
		f := &r.found[k]
		if f.Type == Settlement {
			continue
		}
		town, name, why := r.townOf(f)
		if f.SettlementID == "" && name != "" {
			f.Settlement = name
			f.Why += why
			if town != nil {
				f.SettlementID = cmp.Or(town.Settlement, town.ID)
			}
		}
		switch f.Type {
		case Street:
			r.linkStreet(k, town)
		case Landmark, Stop, Road:
			r.linkLandmark(k, town)
		}
	}
	for k := range r.found {
		f := &r.found[k]
		if f.Type != House {
			if f.Type == Stretch {
				r.streetOfStretch(f)
			}
			f.Radius = radius(f)
			continue
		}
		if s := r.refs[k].street; s >= 0 {
			st := &r.found[s]
			f.Street, f.Settlement, f.SettlementID = st.Name, st.Settlement, st.SettlementID
			if st.Type == District {
				f.Street = ""
			}
			f.Lat, f.Lon = st.Lat, st.Lon
			if st.Type == Street && st.ID != "" {
				f.Why += ", улица есть в справочнике"
				if p, ok := r.names.ByID(place.HouseID(st.ID, f.House)); ok {
					f.ID, f.Lat, f.Lon = p.ID, p.Lat, p.Lon
					f.Score = math.Min(1, f.Score+0.1)
					f.Why += ", и дом тоже"
				}
			}
		} else {
			f.Score = 0.4
			r.linkLoneHouse(f)
		}
		f.Radius = radius(f)
	}
}

// rank orders the places that one name may mean. Context comes first, then
// population; the scores are shares of certainty and do not exceed 1 in sum.
func (r *reader) rank(places []*place.Place, typ, exact string) []Candidate {
	out := make([]Candidate, 0, len(places))
	sum := 0.0
	for _, p := range places {
		w := (1 + math.Sqrt(float64(p.Population))) * r.toldBefore(p)
		h := &r.hint
		switch {
		case h.Settlement != "" && (p.ID == h.Settlement || p.Settlement == h.Settlement):
			w *= 1e6
		case h.Municipality != "" && p.Municipality == h.Municipality:
			w *= 1e5
		case h.Region != "" && p.Region == h.Region:
			w *= 1e4
		}
		if exact != "" && strings.EqualFold(p.Name, exact) {
			w *= 30
		}
		if typ != "" {
			if p.Type == typ || strings.Contains(p.Type, typ) {
				w *= 20
			} else if p.Type != "" {
				w /= 5
			}
		}
		sum += w
		out = append(out, Candidate{Place: p, Score: w})
	}
	for k := range out {
		out[k].Score /= sum
	}
	slices.SortStableFunc(out, func(a, b Candidate) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return strings.Compare(a.Place.ID, b.Place.ID)
	})
	return out
}

// settle writes the best of the candidates into f; the more namesakes compete
// with it, the lower the score. Two cases are left open, with the candidates
// named: a small place outside of the territory that the context gives, and
// namesakes of which none stands out.
func (r *reader) settle(f *Found, c []Candidate) *place.Place {
	if len(c) == 0 {
		return nil
	}
	p := c[0].Place
	if len(c) > 1 {
		f.Score *= 0.4 + 0.6*c[0].Score
		f.Candidates = c[:min(5, len(c)):min(5, len(c))]
	}
	if len(c) > 1 && (r.hint.Known() && !r.within(p) && r.toldBefore(p) == 1 && p.Population < 50000 || c[0].Score < 0.4) {
		f.Score = math.Min(f.Score, 0.5)
		f.Candidates = c[:min(5, len(c)):min(5, len(c))]
		return nil
	}
	f.ID, f.Name, f.Lat, f.Lon = p.ID, p.Name, p.Lat, p.Lon
	return p
}

// linkSettlement looks settlement k up; with sure it leaves those alone that
// have namesakes.
func (r *reader) linkSettlement(k int, sure bool) {
	f, ref := &r.found[k], &r.refs[k]
	places := r.named(ref.first, ref.last, place.Settlement)
	if ref.first == ref.last && r.reads(ref.first, russian.Adj) {
		// «в Московском» is the town of Московский, «московский парк» is Moscow's.
		noun := ref.last+1 < len(r.tok) && f.Span.End == r.tok[ref.last].End && r.gram(ref.last+1).Has(russian.Noun)
		if like := slices.Collect(func(yield func(*place.Place) bool) {
			for _, p := range places {
				if isAdjectiveName(p.Name) != noun && !yield(p) {
					return
				}
			}
		}); len(like) > 0 {
			places = like
		}
	}
	if sure && len(places) != 1 {
		return
	}
	c := r.rank(places, f.Kind, r.src[r.tok[ref.first].Start:r.tok[ref.last].End])
	p := r.settle(f, c)
	ref.entry = p
	if p == nil {
		f.Settlement = f.Name
		f.Score = math.Min(f.Score, 0.7)
		switch {
		case len(c) == 0:
			f.Why += "; в справочнике нет"
		case r.hint.Known():
			f.Why += "; в справочнике только в других местах"
		default:
			f.Why += fmt.Sprintf("; одноимённых %d, ни одно не выделяется", len(c))
		}
		return
	}
	if sure && r.hint.Region == "" {
		r.hint.Region = p.Region
	}
	f.Kind, f.Settlement, f.SettlementID = p.Type, p.Name, p.Settlement
	if f.SettlementID == "" {
		f.SettlementID = p.ID
	}
	switch {
	case len(c) == 1:
		f.Score = math.Min(1, f.Score+0.1)
		f.Why += "; одно такое место в справочнике"
	case r.toldBefore(p) > 1:
		f.Why += fmt.Sprintf("; из %d одноимённых выбрано то, о котором говорили раньше", len(c))
	case r.within(p):
		f.Why += fmt.Sprintf("; из %d одноимённых выбрано здешнее", len(c))
	default:
		f.Why += fmt.Sprintf("; из %d одноимённых выбрано по типу и населению", len(c))
	}
}

// linkDistrict looks for a municipality («Железногорский район») or a district
// of a city.
func (r *reader) linkDistrict(k int) {
	f, ref := &r.found[k], &r.refs[k]
	if r.names == nil {
		return
	}
	var places []*place.Place
	kind := russian.Term(f.Kind)
	r.keys = r.keysOf(r.keys[:0], ref.first, ref.last, 0)
	for _, key := range r.keys {
		for _, k := range [...]place.Key{key, key.And(kind)} {
			if f.Kind != "микрорайон" && f.Kind != "квартал" {
				places = r.collect(places, k, place.Municipality)
			}
			places = r.collect(places, k, place.District)
		}
	}
	name := f.Name
	if r.hint.Region != "" {
		// Every second town has a «Центральный район»: only one from here counts.
		places = slices.DeleteFunc(places, func(p *place.Place) bool { return !r.within(p) })
	}
	c := r.rank(places, f.Kind, "")
	p := r.settle(f, c)
	ref.entry = p
	if p == nil {
		return
	}
	f.Name = name
	if len(c) == 1 || c[0].Score > 0.8 {
		if r.hint.Region == "" {
			r.hint.Region = p.Region
		}
		if p.Level == place.Municipality && r.hint.Municipality == "" {
			r.hint.Municipality = p.Municipality
		}
	}
	f.Why += "; есть в справочнике"
}

// townOf returns the settlement that f lies in: the nearest one that the text
// names, or that of the context, with the reason to add. A settlement that the
// gazetteer lacks has a name only.
func (r *reader) townOf(f *Found) (p *place.Place, name, why string) {
	if k := r.nearest(r.towns, f.Span); k >= 0 {
		if p = r.refs[k].entry; p == nil {
			return nil, r.found[k].Name, ""
		}
		return p, p.Name, "; " + p.Name + " названо в тексте"
	}
	if r.home != nil {
		return r.home, r.home.Name, "; " + r.home.Name + r.homeWhy
	}
	return nil, "", ""
}

// order lists the found places of a type by their start.
func (r *reader) order(list []int, t Type) []int {
	list = list[:0]
	for k := range r.found {
		if r.found[k].Type == t {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b int) int { return r.found[a].Span.Start - r.found[b].Span.Start })
	return list
}

// nearest returns which of the listed places lies nearest to span; -1 for none.
func (r *reader) nearest(list []int, span russian.Span) int {
	at, _ := slices.BinarySearchFunc(list, span.Start, func(k, start int) int { return r.found[k].Span.Start - start })
	best := -1
	for _, i := range [...]int{at - 1, at} {
		if i >= 0 && i < len(list) && (best < 0 || gap(span, r.found[list[i]].Span) < gap(span, r.found[best].Span)) {
			best = list[i]
		}
	}
	return best
}

func gap(a, b russian.Span) int {
	if a.Start >= b.End {
		return a.Start - b.End
	}
	if b.Start >= a.End {
		return b.Start - a.End
	}
	return 0
}

// namedStreets returns the streets that ref names; the ordinal of «2-й переулок
// Мира» stands before or behind the name in registers.
func (r *reader) namedStreets(ref *ref) []*place.Place {
	if ref.ordinal == "" || r.names == nil {
		return r.named(ref.first, ref.last, place.Street)
	}
	var out []*place.Place
	ordinal := russian.Term(ref.ordinal)
	r.keys = r.keysOf(r.keys[:0], ref.first, ref.last, place.Key(ordinal))
	for _, key := range r.keys {
		out = r.collect(out, key, place.Street)
	}
	r.keys = r.keysOf(r.keys[:0], ref.first, ref.last, 0)
	for _, key := range r.keys {
		out = r.collect(out, key.And(ordinal), place.Street)
	}
	return out
}

// linkStreet looks the street up in its settlement, or else in the territory of
// the context; a street of another town is no candidate.
func (r *reader) linkStreet(k int, town *place.Place) {
	f, ref := &r.found[k], &r.refs[k]
	places := r.namedStreets(ref)
	if len(places) == 0 {
		r.linkMisspelt(k, town)
		return
	}
	places = slices.DeleteFunc(places, func(p *place.Place) bool {
		if town != nil {
			return p.Settlement != town.ID && p.Settlement != town.Settlement
		}
		return (r.hint.Municipality != "" || r.hint.Region != "") && !r.within(p)
	})
	c := r.rank(places, f.Kind, "")
	p := r.settle(f, c)
	if p == nil {
		return
	}
	ref.entry = p
	if f.Kind == "" {
		f.Kind = p.Type
	}
	if f.SettlementID == "" && (len(c) == 1 || c[0].Score > 0.8) {
		f.SettlementID = p.Settlement
		if s, ok := r.names.ByID(p.Settlement); ok {
			f.Settlement = s.Name
		}
	}
	if len(c) == 1 {
		f.Score = math.Min(1, f.Score+0.1)
	}
	f.Why += "; есть в справочнике"
}

func (r *reader) linkLandmark(k int, town *place.Place) {
	f, ref := &r.found[k], &r.refs[k]
	if ref.last < ref.first {
		return
	}
	places := r.named(ref.first, ref.last, place.Landmark)
	if len(places) == 0 {
		return
	}
	places = slices.DeleteFunc(places, func(p *place.Place) bool {
		if town != nil {
			return p.Settlement != "" && p.Settlement != town.ID && p.Settlement != town.Settlement
		}
		return (r.hint.Municipality != "" || r.hint.Region != "") && !r.within(p)
	})
	name := f.Name
	c := r.rank(places, "", "")
	if p := r.settle(f, c); p != nil {
		ref.entry = p
		f.Name = name
		f.Score = math.Min(1, f.Score+0.1)
		f.Why += "; есть в справочнике"
	}
}

// streetOfStretch gives a stretch the street that it is a piece of: the one
// right before it.
func (r *reader) streetOfStretch(f *Found) {
	at, _ := slices.BinarySearchFunc(r.streets, f.Span.Start, func(k, start int) int { return r.found[k].Span.Start - start })
	if at == 0 {
		return
	}
	if s := &r.found[r.streets[at-1]]; gap(s.Span, f.Span) < 40 {
		f.Street = s.Name
	}
}
