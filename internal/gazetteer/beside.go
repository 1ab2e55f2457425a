package gazetteer

import "otklik/internal/place"

// Beside returns the street of a settlement whose house is nearest to a point, with the number
// of that house and how far it is, in metres; nil where no house is within most. Streets whose
// houses nobody knows take part with their own point, without a number: a long street's point
// says little, so it counts only where no house is found.
func (ix *Index) Beside(settlement string, lat, lon, most float64) (street *place.Place, number string, far float64) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	far = most
	var bare *place.Place
	least := most
	for _, s := range ix.byTown[settlement] {
		list := ix.houses[s.ID]
		for k := range list {
			if d := place.Distance(lat, lon, float64(list[k].lat), float64(list[k].lon)); d <= far {
				street, number, far = s, list[k].number, d
			}
		}
		if len(list) == 0 && s.Known() {
			if d := place.Distance(lat, lon, s.Lat, s.Lon); d <= least {
				bare, least = s, d
			}
		}
	}
	if street == nil {
		return bare, "", least
	}
	return street, number, far
}
