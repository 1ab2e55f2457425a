package gazetteer

import (
	"context"
	"fmt"
	"slices"

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
		keys []string
	}
	// Names are read outside the lock: the analyzer takes far longer than a map.
	jobs := make([]job, 0, len(places))
	for i := range places {
		p := places[i]
		j := job{p: &p}
		if p.Level != place.House {
			j.keys = KeysOf(ix.analyzer, &p)
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
		ix.byID[j.p.ID] = j.p
		for _, key := range append(j.keys, ix.base.aliases[j.p.ID]...) {
			there := ix.namedLocked(key)
			if slices.Contains(there, j.p) {
				continue
			}
			// A new slice each time: readers may hold the old one.
			ix.byKey[key] = append(slices.Clip(slices.Clone(there)), j.p)
		}
	}
	return changed
}

func (ix *Index) namedLocked(key string) []*place.Place {
	if there, ok := ix.byKey[key]; ok {
		return there
	}
	return ix.base.named(key)
}

// unlink takes a replaced place, added or bundled, out of the postings.
func (ix *Index) unlink(old *place.Place) {
	for _, key := range append(KeysOf(ix.analyzer, old), ix.base.aliases[old.ID]...) {
		there := ix.namedLocked(key)
		if i := slices.Index(there, old); i >= 0 {
			ix.byKey[key] = slices.Delete(slices.Clone(there), i, i+1)
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
