package gazetteer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/place"
)

// Load adds the places that the store holds for the regions of the index.
func (ix *Index) Load(ctx context.Context, s Store) error {
	batch := make([]place.Place, 0, 1024)
	for _, region := range ix.regions {
		for p, err := range s.Places(ctx, region) {
			if err != nil {
				return fmt.Errorf("gazetteer: load places of %s: %w", region, err)
			}
			if batch = append(batch, p); len(batch) == cap(batch) {
				ix.Add(batch)
				batch = batch[:0]
			}
		}
	}
	ix.Add(batch)
	return nil
}

// Add puts places into the index and returns how many of them were new or said
// something new. The places are copied. A place whose id is there already is
// replaced: readers that hold the old one keep a consistent copy.
func (ix *Index) Add(places []place.Place) int {
	type job struct {
		p    *place.Place
		keys []place.Key
	}
	// Names are read outside the lock: the analyzer takes far longer than a map.
	jobs := make([]job, 0, len(places))
	for i := range places {
		p := places[i]
		j := job{p: &p}
		if p.Level != place.House {
			j.keys = ix.keysOf(&p)
		}
		jobs = append(jobs, j)
	}
	changed := 0
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for _, j := range jobs {
		if j.p.Level == place.House {
			if ix.addHouse(j.p) {
				changed++
			}
			continue
		}
		old := ix.byIDLocked(j.p.ID)
		if old != nil && *old == *j.p {
			continue
		}
		changed++
		if old != nil {
			ix.unlink(old)
		}
		ix.share(j.p)
		ix.byID[j.p.ID] = j.p
		if j.p.Level == place.Street {
			ix.settle(old, j.p)
		}
		for _, key := range j.keys {
			there := ix.namedLocked(key)
			if slices.Contains(there, j.p) {
				continue
			}
			ix.keep(key, there, j.p)
		}
	}
	return changed
}

// share keeps the strings that many places bear once: a store reads them anew for
// each. The caller holds the lock.
func (ix *Index) share(p *place.Place) {
	for _, s := range [...]*string{&p.Type, &p.Region, &p.Municipality, &p.Settlement, &p.Zone, (*string)(&p.Level)} {
		t, ok := ix.same[*s]
		if !ok {
			t = strings.Clone(*s)
			ix.same[t] = t
		}
		*s = t
	}
}

// settle lists a street in its settlement, in place of the old one if there is
// any; the caller holds the lock.
func (ix *Index) settle(old, p *place.Place) {
	list := ix.byTown[p.Settlement]
	if i := slices.Index(list, old); old != nil && i >= 0 {
		list = slices.Clone(list) // readers may hold the old one
		list[i] = p
	} else {
		list = append(list, p)
	}
	ix.byTown[p.Settlement] = list
}

// keep puts p behind the places that bear the key; the caller holds the lock.
func (ix *Index) keep(key place.Key, there []*place.Place, p *place.Place) {
	// A new slice each time: readers may hold the old one.
	list := make([]*place.Place, len(there)+1)
	list[copy(list, there)] = p
	ix.relist(key, list)
}

func (ix *Index) relist(key place.Key, list []*place.Place) {
	if n, ok := ix.byKey.find(key); ok {
		ix.lists[n] = list
		return
	}
	ix.byKey.set(key, uint32(len(ix.lists)))
	ix.lists = append(ix.lists, list)
	s := ix.sieve.Load()
	if ix.base.keys.used+ix.byKey.used > s.room {
		ix.sift()
		return
	}
	s.add(key)
}

// keysOf returns the keys of a place, those of the bundled aliases too.
func (ix *Index) keysOf(p *place.Place) []place.Key {
	names := append(KeysOf(ix.analyzer, p), ix.base.aliases[p.ID]...)
	keys := make([]place.Key, len(names))
	for i, n := range names {
		keys[i] = place.KeyOf(n)
	}
	return keys
}

func (ix *Index) namedLocked(key place.Key) []*place.Place {
	if n, ok := ix.byKey.find(key); ok {
		return ix.lists[n]
	}
	return ix.base.keyed(key)
}

// unlink takes a replaced place, added or bundled, out of the postings.
func (ix *Index) unlink(old *place.Place) {
	for _, key := range ix.keysOf(old) {
		there := ix.namedLocked(key)
		if i := slices.Index(there, old); i >= 0 {
			ix.relist(key, slices.Delete(slices.Clone(there), i, i+1))
		}
	}
}

func (ix *Index) addHouse(p *place.Place) bool {
	street, number, ok := place.StreetOfHouse(p.ID)
	if !ok {
		return false
	}
	hs := ix.houses[street]
	h := house{number, float32(p.Lat), float32(p.Lon)}
	i, ok := searchHouse(hs, number)
	switch {
	case ok && hs[i] == h:
		return false
	case ok:
		hs[i] = h
	default:
		ix.houses[street] = slices.Insert(hs, i, h)
		ix.nhouse++
	}
	return true
}

// Len returns how many places were added: houses, and all others.
func (ix *Index) Len() (houses, others int) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.nhouse, len(ix.byID)
}
