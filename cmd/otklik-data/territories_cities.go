package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// readCities reads the cities with their points. Their codes are of 2021, the
// municipal classifier is older: a city whose municipality was made in between is
// put into the municipality that it came from, and both codes lead to it.
func (b *build) readCities(path string) error {
	rows, err := readCSV(path)
	if err != nil {
		return err
	}
	for _, r := range rows {
		name := r["city"]
		if name == "" {
			name = r["settlement"]
		}
		if name == "" { // «г Воскресенск», itself an area
			name = r["area"]
		}
		region := place.RegionOf(pad(r["oktmo"]))
		if name == "" { // a federal city
			name = r["region"]
		}
		lat, err1 := strconv.ParseFloat(r["geo_lat"], 64)
		lon, err2 := strconv.ParseFloat(r["geo_lon"], 64)
		population, err3 := strconv.Atoi(r["population"])
		if err1 != nil || err2 != nil || err3 != nil {
			return fmt.Errorf("%s: %s: point or population does not read", path, r["address"])
		}
		e := b.city(region, name, r)
		e.Lat, e.Lon, e.Population = lat, lon, population
		e.Zone = zone(region, r["timezone"])
		b.offsets[e.ID] = r["timezone"]
		if r["capital_marker"] == "2" || b.places[region].Type == "город" {
			b.capitals[region] = e.ID
		}
	}
	return nil
}

// pad makes a settlement's code of 11 digits of a municipality's of 8: the city
// of an okrug or of an urban settlement is its settlement 001.
func pad(code string) string {
	switch {
	case len(code) != 8:
		return code
	case strings.HasSuffix(code, "000000"):
		return code + "000" // a federal city
	}
	return code + "001"
}

// city finds or makes the entry of a city.
func (b *build) city(region, name string, r map[string]string) *gazetteer.Entry {
	code := pad(r["oktmo"])
	if e, ok := b.places[code]; ok {
		if place.Fold(e.Name) == place.Fold(name) {
			return e
		}
		b.warn("%s is %s in the classifier, %s in the list of cities", code, e.Name, name)
		code = b.free(code)
	}
	district := code[:5] + "000"
	if strings.HasSuffix(code, "000000000") {
		district = ""
	} else if _, ok := b.places[district]; !ok {
		old := b.formerly(region, name, r)
		if old == nil {
			// A municipality that the classifier does not have under any code.
			typ := "городской округ"
			if code[2] == '5' {
				typ = "муниципальный округ"
			}
			b.put(place.Place{ID: district, Level: place.Municipality, Name: name, Type: typ, Region: region, Municipality: district})
			b.warn("%s %s: made from the list of cities", district, name)
		} else {
			was := b.places[old.Municipality]
			// Only the city that the new municipality is named after says what it was.
			if strings.HasSuffix(code, "001") && !slices.Contains(was.Also, district) {
				was.Also = append(was.Also, district)
			}
			oldCode := pad(old.ID)
			e, ok := b.places[oldCode]
			if !ok || place.Fold(e.Name) != place.Fold(name) {
				if oldCode[5:8] == "000" { // only the district is known
					oldCode = code
				}
				e = b.put(place.Place{ID: oldCode, Level: place.Settlement, Name: name, Type: "город", Region: region, Municipality: old.Municipality, Settlement: oldCode})
			}
			e.Type = "город"
			if e.ID != code {
				e.Also = append(e.Also, code)
			}
			return e
		}
	}
	// The classifier may list the city under another number, or in the district
	// around it. No region has two cities of one name.
	if e := b.cityNamed(region, name); e != nil {
		if e.Municipality == district || !e.Known() {
			e.Also = append(e.Also, code)
			return e
		}
	}
	return b.put(place.Place{ID: code, Level: place.Settlement, Name: name, Type: "город", Region: region, Municipality: district, Settlement: code})
}

func (b *build) cityNamed(region, name string) *gazetteer.Entry {
	for _, e := range b.places {
		if e.Level == place.Settlement && e.Type == "город" && e.Region == region && place.Fold(e.Name) == place.Fold(name) {
			return e
		}
	}
	return nil
}

// free returns the next code of a city that is not taken.
func (b *build) free(code string) string {
	for n := 1; ; n++ {
		c := fmt.Sprintf("%s%03d", code[:8], n)
		if _, ok := b.places[c]; !ok {
			return c
		}
	}
}

// formerly finds where the classifier has a city, or the district around it,
// that the list of cities knows under a newer code.
func (b *build) formerly(region, name string, r map[string]string) *place.Place {
	ids := slices.Sorted(maps.Keys(b.places))
	for _, want := range []func(*place.Place) bool{
		func(p *place.Place) bool { // the city itself
			return p.Level == place.Settlement && p.Type == "город" && place.Fold(p.Name) == place.Fold(name)
		},
		func(p *place.Place) bool { // the urban settlement of its name
			_, bare := typed(p.Name)
			return p.Level == place.Municipality && p.ID != p.Municipality && p.Type == "городское поселение" && place.Fold(bare) == place.Fold(name)
		},
		func(p *place.Place) bool { // its district
			return p.Level == place.Municipality && p.ID == p.Municipality && r["area"] != "" && place.Fold(p.Name) == place.Fold(r["area"])
		},
		func(p *place.Place) bool { // the urban settlement named after the city: «Кудымкарское»
			return p.Level == place.Municipality && p.Type == "городское поселение" && strings.HasPrefix(place.Fold(p.Name), stem(name))
		},
		func(p *place.Place) bool { // the okrug of its name
			return p.Level == place.Municipality && p.ID == p.Municipality && strings.HasPrefix(place.Fold(p.Name), stem(name))
		},
	} {
		for _, id := range ids {
			if p := &b.places[id].Place; p.Region == region && want(p) {
				return p
			}
		}
	}
	return nil
}

// stem cuts a name to what its adjective begins with.
func stem(name string) string {
	r := []rune(place.Fold(name))
	return string(r[:max(4, len(r)-2)])
}

// orphans moves municipalities whose district became an okrug into the okrug, and
// drops those whose district the classifier has under no code: lines left over
// from districts that were dissolved.
func (b *build) orphans() {
	for _, id := range slices.Sorted(maps.Keys(b.places)) {
		e := b.places[id]
		if e.Level != place.Municipality || b.places[e.Municipality] != nil {
			continue
		}
		if now, ok := b.renamed[e.Municipality]; ok {
			e.Municipality = now
			continue
		}
		b.warn("%s %s: its district is gone, dropped", id, e.Name)
		delete(b.places, id)
	}
}

// derive makes settlements of municipalities that bear a settlement's name, in
// regions whose settlements are not listed. The centre of a municipality has a
// fixed number in the classifier: 001 a city, 051 an urban-type and 101 a rural
// settlement (so in 7,112 of the 7,128 municipalities where both are listed).
func (b *build) derive() {
	for _, id := range slices.Sorted(maps.Keys(b.places)) {
		e := b.places[id]
		if e.Level != place.Municipality {
			continue
		}
		typ, bare := typed(e.Name)
		inner := e.ID == e.Municipality && (e.Type == "город" || strings.HasSuffix(e.Type, "посёлок"))
		if e.ID != e.Municipality {
			e.Name = clean(bare) // «село Казым» → «Казым»
		}
		if b.villages[e.Region] {
			continue
		}
		switch {
		case inner:
			typ = e.Type
		case e.ID == e.Municipality:
			continue
		case typ == "" && (e.Type == "городское поселение" || e.Type == "сельское поселение") && !neuter(bare):
			typ = "населённый пункт"
			if e.Type == "городское поселение" {
				typ = "посёлок"
			}
		}
		if typ == "" || typ == "город" && b.cityNamed(e.Region, bare) != nil || b.holds(e.ID[:8], e.Municipality, bare) {
			continue
		}
		number := map[string]string{"город": "001", "рабочий посёлок": "051", "посёлок городского типа": "051", "дачный посёлок": "051", "курортный посёлок": "051"}[typ]
		if number == "" {
			number = "101"
			if e.Type == "городское поселение" {
				number = "051"
			}
		}
		code := e.ID + number
		b.put(place.Place{ID: code, Level: place.Settlement, Name: clean(bare), Type: typ, Region: e.Region, Municipality: e.Municipality, Settlement: code})
	}
}

// neuter reports whether the name is an adjective that agrees with «поселение»
// and so names no settlement by itself: «Анучинское», «Усойское эвенкийское».
func neuter(name string) bool {
	last := name[strings.LastIndexByte(name, ' ')+1:]
	return strings.HasSuffix(last, "ое") || strings.HasSuffix(last, "ее") || strings.HasSuffix(last, "-е") || strings.HasSuffix(last, "ье")
}

// holds reports whether the municipality, or its district, has a settlement of
// the name already.
func (b *build) holds(code, district, name string) bool {
	for _, n := range []string{"001", "051", "101"} {
		if _, ok := b.places[code+n]; ok {
			return true
		}
	}
	for _, e := range b.places {
		if e.Level == place.Settlement && e.Municipality == district && place.Fold(e.Name) == place.Fold(name) {
			return true
		}
	}
	return false
}

// locate gives municipalities and regions the point of their main city, the main
// city the adjective of its district («лысьвенский»), and every territory its
// time zone.
func (b *build) locate() {
	main := map[string]*gazetteer.Entry{}
	for _, id := range slices.Sorted(maps.Keys(b.places)) {
		e := b.places[id]
		if e.Level != place.Settlement || !e.Known() {
			continue
		}
		for _, holder := range []string{e.Municipality, e.Region, e.ID[:8]} {
			if old := main[holder]; holder != "" && (old == nil || old.Population < e.Population) {
				main[holder] = e
			}
		}
	}
	for region, id := range b.capitals {
		main[region] = b.places[id]
	}
	for _, e := range b.places {
		if e.Level != place.Settlement && main[e.ID] != nil {
			e.Lat, e.Lon = main[e.ID].Lat, main[e.ID].Lon
		}
		if city := main[e.ID]; city != nil && city.Aliases == "" && e.ID == e.Municipality && gazetteer.Adjectival(e.Name) &&
			strings.HasPrefix(place.Fold(e.Name), string([]rune(place.Fold(city.Name))[:3])) && place.Fold(e.Name) != place.Fold(city.Name) {
			city.Aliases = e.Name
		}
	}
	for _, e := range b.places {
		if e.Zone != "" {
			continue
		}
		e.Zone = b.places[e.Region].Zone
		if city := main[e.Municipality]; city != nil && b.offsets[city.ID] != "" {
			e.Zone = zone(e.Region, b.offsets[city.ID])
		} else if m := b.places[e.Municipality]; m != nil {
			if z, ok := districtZones[e.Region+" "+m.Name]; ok {
				e.Zone = z
			}
		}
	}
}
