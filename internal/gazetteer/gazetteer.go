// Package gazetteer finds places by name. It holds the bundled territories of
// Russia (region → municipality → settlement) and, on top of them, the streets,
// houses, landmarks and districts that an operator imports.
//
// Start with New: it gives an Index over all bundled territories, or over those
// of the regions named. Index.Load adds what the store holds; ImportCSV,
// ImportGeoJSON, ImportGAR (the state register of addresses) and ImportOSM bring
// more in. An Index is place.Names, the only thing that the
// rules which read places ask for.
//
// Regions, FindRegion and Territories answer questions about the bundled
// territories without an Index, as "otklik init" needs them.
package gazetteer

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"otklik/internal/place"
)

// A Store keeps imported places: streets, houses, landmarks, districts and
// settlements that the bundled territories lack.
type Store interface {
	// Places yields all imported places of the region (OKTMO code of 8 digits),
	// in any order.
	Places(ctx context.Context, region string) iter.Seq2[place.Place, error]
	// SavePlaces inserts places, or replaces those with the same id, in one
	// transaction.
	SavePlaces(ctx context.Context, places []place.Place) error
}

// An Index finds places by key and by id. It may be read by many while Add runs:
// a slice once handed out never changes, a later question sees the new places.
type Index struct {
	analyzer Analyzer
	regions  []string // OKTMO codes, in order
	whole    bool     // every bundled region is held
	base     base

	mu     sync.RWMutex
	byID   map[string]*place.Place // added places, houses aside
	byKey  table                   // for keys of added places: base and added together
	lists  [][]*place.Place        // the lists of byKey
	houses map[string][]house      // by street id, ordered by number
	nhouse int
	same   map[string]string         // strings that many added places share
	byTown map[string][]*place.Place // added streets by settlement

	sieve atomic.Pointer[sieve] // every key of base and byKey
}

var _ place.Names = (*Index)(nil)

// A house is kept small: a region has half a million of them.
type house struct {
	number   string
	lat, lon float32
}

// base is the bundled part of an index; it never changes.
type base struct {
	regions  map[string][]place.Place // by region code, each ordered by id
	also     map[string]*place.Place  // by codes of another year
	aliases  map[string][]string      // keys of aliases.tsv by id
	keys     table                    // key → its number
	starts   []uint32                 // the places of key n are postings[starts[n]:starts[n+1]]
	postings []*place.Place
}

// New returns an index over the bundled territories of the regions, each given by
// name or OKTMO code as FindRegion reads it; without any, over the whole country.
// a reads the names of places that are added later, and of the aliases; with nil
// such names are found as they are written only.
func New(a Analyzer, regions ...string) (*Index, error) {
	ix := &Index{
		analyzer: a,
		byID:     map[string]*place.Place{},
		houses:   map[string][]house{},
		byTown:   map[string][]*place.Place{},
		same:     map[string]string{},
	}
	for _, name := range regions {
		r, err := FindRegion(name)
		if err != nil {
			return nil, err
		}
		ix.regions = append(ix.regions, r.ID)
	}
	if len(regions) == 0 {
		ix.whole = true
		for _, r := range Regions() {
			ix.regions = append(ix.regions, r.ID)
		}
	}
	slices.Sort(ix.regions)
	ix.regions = slices.Compact(ix.regions)
	bundles, err := loadBundles(ix.regions)
	if err != nil {
		return nil, err
	}
	ix.base = newBase(ix.regions, bundles, aliasEntries(a))
	ix.sift()
	return ix, nil
}

// loadBundles reads the regions' territories, two at a time.
func loadBundles(regions []string) ([][]Entry, error) {
	bundles := make([][]Entry, len(regions))
	errs := make([]error, len(regions))
	var wg sync.WaitGroup
	free := make(chan struct{}, 4)
	for i, code := range regions {
		free <- struct{}{}
		wg.Go(func() {
			bundles[i], errs[i] = Bundled(code)
			<-free
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return bundles, nil
}

// newBase builds the index of the bundled places. Postings lie in one slice, in
// the order of keys, so that a country's index is a few large objects and not a
// hundred thousand small ones.
func newBase(codes []string, bundles [][]Entry, aliases map[string][]string) base {
	places, keys := 0, 0
	for _, b := range bundles {
		places += len(b)
		for i := range b {
			keys += len(b[i].Keys)
		}
	}
	bs := base{
		regions: make(map[string][]place.Place, len(codes)),
		also:    map[string]*place.Place{},
		aliases: aliases,
		keys:    newTable(keys * 3 / 5),
	}
	type pair struct {
		key uint32
		p   *place.Place
	}
	pairs := make([]pair, 0, keys)
	put := func(name string, p *place.Place) {
		key := place.KeyOf(name)
		n, ok := bs.keys.find(key)
		if !ok {
			n = uint32(bs.keys.used)
			bs.keys.set(key, n)
		}
		pairs = append(pairs, pair{n, p})
	}
	for i, b := range bundles {
		held := compacted(b)
		for j := range b {
			p := &held[j]
			for _, key := range b[j].Keys {
				put(key, p)
			}
			for _, code := range b[j].Also {
				bs.also[code] = p
			}
			for _, key := range aliases[p.ID] {
				if !slices.Contains(b[j].Keys, key) {
					put(key, p)
				}
			}
		}
		bs.regions[codes[i]] = held
	}
	bs.starts = make([]uint32, bs.keys.used+1)
	for _, pr := range pairs {
		bs.starts[pr.key+1]++
	}
	for i := 1; i < len(bs.starts); i++ {
		bs.starts[i] += bs.starts[i-1]
	}
	bs.postings = make([]*place.Place, len(pairs))
	next := slices.Clone(bs.starts)
	for _, pr := range pairs {
		bs.postings[next[pr.key]] = pr.p
		next[pr.key]++
	}
	return bs
}

// compacted copies the places of a bundle with their strings: those of the
// entries lie in one text with the keys, which would stay in memory.
func compacted(entries []Entry) []place.Place {
	held := make([]place.Place, len(entries))
	var text strings.Builder
	for i := range entries {
		p := &entries[i].Place
		text.WriteString(p.ID)
		text.WriteString(p.Name)
		text.WriteString(p.Aliases)
	}
	rest := text.String()
	cut := func(n int) (s string) {
		s, rest = rest[:n], rest[n:]
		return s
	}
	same := map[string]string{}
	for i := range entries {
		p := &held[i]
		*p = entries[i].Place
		p.ID, p.Name, p.Aliases = cut(len(p.ID)), cut(len(p.Name)), cut(len(p.Aliases))
		for _, s := range [...]*string{&p.Type, &p.Region, &p.Municipality, &p.Settlement, &p.Zone} {
			if *s == p.ID {
				*s = p.ID
				continue
			}
			if _, ok := same[*s]; !ok {
				c := strings.Clone(*s)
				same[c] = c
			}
			*s = same[*s]
		}
	}
	return held
}

func (b *base) keyed(key place.Key) []*place.Place {
	n, ok := b.keys.find(key)
	if !ok {
		return nil
	}
	lo, hi := b.starts[n], b.starts[n+1]
	return b.postings[lo:hi:hi]
}

func (b *base) byID(id string) *place.Place {
	held := b.regions[place.RegionOf(id)]
	i, ok := slices.BinarySearchFunc(held, id, func(p place.Place, id string) int { return strings.Compare(p.ID, id) })
	if ok {
		return &held[i]
	}
	return b.also[id]
}

// Named returns the places that bear the name, given as lemmas joined by blanks.
func (ix *Index) Named(lemmas string) []*place.Place { return ix.Keyed(place.KeyOf(lemmas)) }

// Keyed returns the places that bear the name, see place.Names.
func (ix *Index) Keyed(key place.Key) []*place.Place {
	if !ix.sieve.Load().passes(key) {
		return nil
	}
	ix.mu.RLock()
	n, ok := ix.byKey.find(key)
	var found []*place.Place
	if ok {
		found = ix.lists[n]
	}
	ix.mu.RUnlock()
	if ok {
		return found
	}
	return ix.base.keyed(key)
}

// StreetsOf returns the streets of a settlement, in the order in which they came;
// the slice is shared, never write to it.
func (ix *Index) StreetsOf(settlement string) []*place.Place {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.byTown[settlement]
}

// sift makes the sieve anew, with room for twice the keys; the caller holds the
// lock or is alone.
func (ix *Index) sift() {
	s := newSieve(ix.base.keys.used + 2*ix.byKey.used)
	for _, t := range [...]*table{&ix.base.keys, &ix.byKey} {
		for i, n := range t.lists {
			if n > 0 {
				s.add(t.keys[i])
			}
		}
	}
	ix.sieve.Store(s)
}

// ByID returns the place with the id: a territory by any of its OKTMO codes, an
// added place by the id that package place gives it, a house by place.HouseID.
func (ix *Index) ByID(id string) (*place.Place, bool) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	if p := ix.byIDLocked(id); p != nil {
		return p, true
	}
	if street, number, ok := place.StreetOfHouse(id); ok {
		return ix.house(street, number)
	}
	return nil, false
}

// byIDLocked finds any place but a house; the caller holds the lock. An added
// place stands before the bundled one of the same id.
func (ix *Index) byIDLocked(id string) *place.Place {
	if p, ok := ix.byID[id]; ok {
		return p
	}
	p := ix.base.byID(id)
	if p != nil && p.ID != id { // found by a code of another year
		if q, ok := ix.byID[p.ID]; ok {
			return q
		}
	}
	return p
}

// house finds a house of a street; the caller holds the lock.
func (ix *Index) house(street, number string) (*place.Place, bool) {
	i, ok := searchHouse(ix.houses[street], number)
	if !ok {
		return nil, false
	}
	h := ix.houses[street][i]
	p := place.Place{ID: place.HouseID(street, number), Level: place.House, Name: h.number, Type: "дом", Lat: float64(h.lat), Lon: float64(h.lon)}
	s := ix.byIDLocked(street)
	if s == nil { // a village without streets
		s = ix.byIDLocked(strings.TrimPrefix(street, "street:"))
	}
	if s != nil {
		p.Region, p.Municipality, p.Settlement = s.Region, s.Municipality, s.Settlement
		if p.Settlement == "" && s.Level == place.Settlement {
			p.Settlement = s.ID
		}
	}
	return &p, true
}

func searchHouse(hs []house, number string) (int, bool) {
	return slices.BinarySearchFunc(hs, number, func(h house, n string) int { return strings.Compare(h.number, n) })
}

// Holds returns the OKTMO codes of the regions that the index covers.
func (ix *Index) Holds() []string { return slices.Clone(ix.regions) }

// Children returns the territories right below the place with the id: the
// municipalities of a region, the settlements and municipalities of a
// municipality; streets, districts and landmarks of a settlement.
func (ix *Index) Children(id string) []*place.Place {
	parent, ok := ix.ByID(id)
	if !ok {
		return nil
	}
	var out []*place.Place
	held := ix.base.regions[parent.Region]
	ix.mu.RLock()
	for i := range held {
		if p := &held[i]; p.ID != parent.ID && parentOf(p) == parent.ID && ix.byID[p.ID] == nil {
			out = append(out, p)
		}
	}
	for _, p := range ix.byID {
		if p != parent && parentOf(p) == parent.ID {
			out = append(out, p)
		}
	}
	ix.mu.RUnlock()
	slices.SortFunc(out, byName)
	return out
}

// parentOf returns the id of the place that p lies in.
func parentOf(p *place.Place) string {
	switch p.Level {
	case place.Region:
		return ""
	case place.Municipality:
		if secondary(p) {
			return p.Municipality
		}
		return p.Region
	case place.Settlement:
		if p.Municipality == "" {
			return p.Region
		}
		return p.Municipality
	}
	for _, id := range []string{p.Settlement, p.Municipality} {
		if id != "" {
			return id
		}
	}
	return p.Region
}

func byName(a, b *place.Place) int {
	if c := strings.Compare(place.Fold(a.Name), place.Fold(b.Name)); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}
