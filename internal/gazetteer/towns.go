package gazetteer

import (
	"fmt"
	"slices"
	"strings"

	"otklik/internal/place"
)

// town finds the settlement that a name or an OKTMO code means.
func (im *importer) town(name, typ string) found {
	key := name + "\x00" + typ
	if f, ok := im.towns[key]; ok {
		return f
	}
	f := im.findTown(strings.TrimSpace(name), typ)
	if len(im.towns) > 1<<16 { // a file of nonsense must not fill the memory
		clear(im.towns)
	}
	im.towns[key] = f
	return f
}

func (im *importer) findTown(name, typ string) found {
	if code := strings.ReplaceAll(name, " ", ""); place.RegionOf(code) != "" {
		return im.townByCode(code)
	}
	if typ == "" { // «г. Абакан», «с.Аскиз»
		spaced := strings.Fields(strings.ReplaceAll(name, ".", ". "))
		for n := min(3, len(spaced)-1); n > 0; n-- {
			if long, ok := place.SettlementType(strings.Join(spaced[:n], " ")); ok {
				typ, name = long, strings.Join(spaced[n:], " ")
				break
			}
		}
	} else if long, ok := place.SettlementType(typ); ok {
		typ = long
	}
	var all []*place.Place
	for _, k := range nameKeys(im.ix.analyzer, name) {
		for _, p := range im.ix.Named(k) {
			if p.Level == place.Settlement && (im.region == "" || p.Region == im.region) && !slices.Contains(all, p) && bears(p, name) {
				all = append(all, p)
			}
		}
	}
	if len(all) == 0 {
		return found{why: "населённого пункта " + quoted(name) + " нет в справочнике: укажите код ОКТМО или добавьте его строкой kind=settlement"}
	}
	if len(all) > 1 && typ != "" {
		same := slices.DeleteFunc(slices.Clone(all), func(p *place.Place) bool { return p.Type != typ })
		if len(same) > 0 {
			all = same
		}
	}
	if len(all) > 1 && im.home != nil { // of two villages the one around our city
		near := slices.DeleteFunc(slices.Clone(all), func(p *place.Place) bool { return p.Municipality != im.home.Municipality })
		if len(near) > 0 {
			all = near
		}
	}
	if len(all) > 1 { // «Пушкин» is the city before it is a village
		cities := slices.DeleteFunc(slices.Clone(all), func(p *place.Place) bool { return p.Population == 0 })
		if len(cities) == 1 {
			all = cities
		}
	}
	if len(all) > 1 {
		codes := make([]string, 0, 3)
		for _, p := range all[:min(3, len(all))] {
			codes = append(codes, p.ID)
		}
		return found{why: fmt.Sprintf("населённых пунктов с названием %s %d: укажите код ОКТМО (например, %s) или регион", quoted(name), len(all), strings.Join(codes, ", "))}
	}
	return found{p: all[0]}
}

// quoted puts a name from the file into a reason, cut when it is no name at all.
func quoted(name string) string {
	if r := []rune(name); len(r) > 60 {
		name = string(r[:60]) + "…"
	}
	return "«" + name + "»"
}

// bears reports whether the place is called so, by its name or an alias; a key
// alone may be another name's.
func bears(p *place.Place, name string) bool {
	want := place.Fold(strings.ReplaceAll(name, "-", " "))
	for _, n := range strings.Split(p.Name+";"+p.Aliases, ";") {
		if place.Fold(strings.ReplaceAll(n, "-", " ")) == want {
			return true
		}
	}
	return false
}

// townByCode finds a settlement by its code of 11 digits, or the only or largest
// settlement of a municipality by its code of 8.
func (im *importer) townByCode(code string) found {
	p, ok := im.ix.ByID(code)
	if !ok {
		return found{why: "кода ОКТМО нет в загруженных регионах"}
	}
	if p.Level == place.Settlement {
		return found{p: p}
	}
	var main *place.Place
	for _, c := range im.ix.Children(p.ID) {
		if c.Level == place.Settlement && (main == nil || c.Population > main.Population) {
			main = c
		}
	}
	if main == nil {
		return found{why: "у муниципалитета с этим кодом нет населённых пунктов в справочнике"}
	}
	return found{p: main}
}

// nearest returns the settlement around a point: the nearest of those whose
// reach the point lies within. A city reaches 15 km, other settlements 4 km.
func (im *importer) nearest(lat, lon float64) *place.Place {
	if im.near == nil {
		im.near = []*place.Place{}
		for _, region := range im.ix.regions {
			if im.region != "" && region != im.region {
				continue
			}
			held := im.ix.base.regions[region]
			for i := range held {
				if p, _ := im.ix.ByID(held[i].ID); p != nil && p.Level == place.Settlement && p.Known() {
					im.near = append(im.near, p)
				}
			}
		}
		im.near = append(im.near, im.ix.settlementsAdded(im.region)...)
	}
	var best *place.Place
	bestAway := 0.0
	for _, p := range im.near {
		if d := p.Lat - lat; d > 0.15 || d < -0.15 {
			continue
		}
		reach := 4000.0
		if p.Type == "город" {
			reach = 15000
		}
		if away := place.Distance(lat, lon, p.Lat, p.Lon); away <= reach && (best == nil || away < bestAway) {
			best, bestAway = p, away
		}
	}
	return best
}

// settlementsAdded returns the settlements with a point that the bundle lacks, by id.
func (ix *Index) settlementsAdded(region string) []*place.Place {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	var out []*place.Place
	for id, p := range ix.byID {
		if p.Level == place.Settlement && p.Known() && (region == "" || p.Region == region) && ix.base.byID(id) == nil {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *place.Place) int { return strings.Compare(a.ID, b.ID) })
	return out
}
