package gazetteer

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"otklik/data/territories"
	"otklik/internal/fault"
	"otklik/internal/place"
)

// A regionLine is a line of regions.tsv.
type regionLine struct {
	place.Place
	counts Counts
}

// Counts says how many territories are bundled.
type Counts struct {
	Regions        int `json:"regions"`
	Municipalities int `json:"municipalities"` // districts, okrugs and inner municipalities of federal cities
	Secondary      int `json:"secondary"`      // municipalities inside districts
	Districts      int `json:"districts"`      // of cities
	Cities         int `json:"cities"`         // settlements that are cities; all have a point
	Settlements    int `json:"settlements"`    // cities included
}

func (c *Counts) add(d Counts) {
	c.Regions += d.Regions
	c.Municipalities += d.Municipalities
	c.Secondary += d.Secondary
	c.Districts += d.Districts
	c.Cities += d.Cities
	c.Settlements += d.Settlements
}

// CountEntries counts the territories of a region.
func CountEntries(entries []Entry) Counts {
	var c Counts
	for i := range entries {
		switch p := &entries[i].Place; {
		case p.Level == place.Region:
			c.Regions++
		case secondary(p):
			c.Secondary++
		case p.Level == place.Municipality:
			c.Municipalities++
		case p.Level == place.District:
			c.Districts++
		case p.Level == place.Settlement:
			c.Settlements++
			if p.Type == "город" {
				c.Cities++
			}
		}
	}
	return c
}

// RegionHeader names the columns of regions.tsv.
const RegionHeader = "oktmo\tname\ttype\tzone\tlat\tlon\tpopulation\taliases\tmunicipalities\tsecondary\tdistricts\tcities\tsettlements"

// RegionLine writes the line of regions.tsv for a region and its counts.
func RegionLine(p *place.Place, c Counts) string {
	return strings.Join([]string{
		p.ID, p.Name, p.Type, p.Zone, coordinate(p.Lat), coordinate(p.Lon), strconv.Itoa(p.Population), p.Aliases,
		strconv.Itoa(c.Municipalities), strconv.Itoa(c.Secondary), strconv.Itoa(c.Districts), strconv.Itoa(c.Cities), strconv.Itoa(c.Settlements),
	}, "\t")
}

var regionTable = sync.OnceValue(func() []regionLine {
	data, err := territories.Files.ReadFile("regions.tsv")
	if err != nil {
		panic("gazetteer: regions.tsv is not bundled: " + err.Error())
	}
	var out []regionLine
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if n == 0 || line == "" {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != strings.Count(RegionHeader, "\t")+1 {
			panic(fmt.Sprintf("gazetteer: regions.tsv line %d has %d columns", n+1, len(f)))
		}
		num := func(i int) int { v, _ := strconv.Atoi(f[i]); return v }
		deg := func(i int) float64 { v, _ := strconv.ParseFloat(f[i], 64); return v }
		out = append(out, regionLine{
			Place: place.Place{ID: f[0], Level: place.Region, Name: f[1], Type: f[2], Region: f[0], Zone: f[3],
				Lat: deg(4), Lon: deg(5), Population: num(6), Aliases: f[7]},
			counts: Counts{1, num(8), num(9), num(10), num(11), num(12)},
		})
	}
	return out
})

// Regions returns all bundled regions, ordered by name.
func Regions() []place.Place {
	out := make([]place.Place, 0, 90)
	for _, r := range regionTable() {
		out = append(out, r.Place)
	}
	slices.SortFunc(out, func(a, b place.Place) int { return byName(&a, &b) })
	return out
}

// Count returns how many territories are bundled for the region with the OKTMO
// code, or, with "", in all.
func Count(region string) Counts {
	var c Counts
	for _, r := range regionTable() {
		if region == "" || r.ID == region {
			c.add(r.counts)
		}
	}
	return c
}

// FindRegion returns the region that the name or code means: «Хакасия»,
// «Республика Хакасия», «респ. Хакасия», «Московская», "95", "95000000",
// "95000000000". Capitals, ё, order of
// words and punctuation make no difference. When there is none, the error is
// fault.Invalid and names the three nearest.
func FindRegion(nameOrCode string) (place.Place, error) {
	want := regionWords(nameOrCode)
	digits := strings.TrimSpace(nameOrCode)
	if len(digits) == 11 { // the code of a settlement; of a region itself it ends so
		digits = strings.TrimSuffix(digits, "000")
	}
	if want == "" {
		return place.Place{}, fault.New(fault.Invalid, "gazetteer: no region is named").At("region").
			Say("Регион не назван.").Mend("give a name or an OKTMO code, such as Хакасия, 95 or 95000000")
	}
	type near struct {
		p    place.Place
		away int
	}
	var others []near
	for _, r := range regionTable() {
		if digits == r.ID || len(digits) >= 2 && digits == strings.TrimRight(r.ID, "0") || len(digits) == 2 && digits+"000000" == r.ID {
			return r.Place, nil
		}
		best := 1 << 30
		for _, name := range regionNames(&r.Place) {
			have := regionWords(name)
			if have == want {
				return r.Place, nil
			}
			best = min(best, distance(want, have))
		}
		others = append(others, near{r.Place, best})
	}
	slices.SortStableFunc(others, func(a, b near) int { return cmp.Compare(a.away, b.away) })
	var names []string
	for _, o := range others[:3] {
		names = append(names, o.p.Full())
	}
	said := "«" + strings.Join(names, "», «") + "»"
	return place.Place{}, fault.New(fault.Invalid, "gazetteer: no region %q", nameOrCode).At("region").
		Say("Такого региона нет. Похожие: " + said + ".").
		Mend("nearest: " + strings.Join(names, ", ") + "; a name or an OKTMO code such as 95 or 95000000 will do")
}

// regionNames returns all ways to say a region's name.
func regionNames(p *place.Place) []string {
	names := []string{p.Full(), p.Type + " " + p.Name, p.Name} // no two regions share a name
	for a := range strings.SplitSeq(p.Aliases, ";") {
		if a != "" {
			names = append(names, a)
		}
	}
	return names
}

// regionShort spells out what people shorten in the names of regions.
var regionShort = map[string]string{
	"респ": "республика", "обл": "область", "кр": "край", "г": "город", "гор": "город",
	"ао": "автономный округ", "аобл": "автономная область", "авт": "автономный", "окр": "округ",
}

// regionWords brings a region's name to words in a fixed order.
func regionWords(name string) string {
	var words []string
	for w := range strings.FieldsFuncSeq(place.Fold(name), func(r rune) bool { return strings.ContainsRune(" .,-–—()/«»\"", r) }) {
		if long, ok := regionShort[w]; ok {
			w = long
		}
		words = append(words, strings.Fields(w)...)
	}
	if len(words) > 1 && words[0] == "город" {
		words = words[1:]
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// distance is the number of letters to change, add or drop (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := diagonal
			if x[i-1] != y[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(y)]
}

// Territories returns the bundled territories of a region (name or code), ordered
// by id.
func Territories(region string) ([]place.Place, error) {
	r, err := FindRegion(region)
	if err != nil {
		return nil, err
	}
	entries, err := Bundled(r.ID)
	if err != nil {
		return nil, err
	}
	out := make([]place.Place, len(entries))
	for i := range entries {
		out[i] = entries[i].Place
	}
	return out, nil
}

// Municipalities returns the districts and okrugs of a region (name or code),
// ordered by name.
func Municipalities(region string) ([]place.Place, error) {
	return filtered(region, func(p *place.Place) bool { return p.Level == place.Municipality && !secondary(p) })
}

// Settlements returns the settlements of a municipality (OKTMO code of 8 digits),
// ordered by name.
func Settlements(municipality string) ([]place.Place, error) {
	return filtered(place.RegionOf(municipality), func(p *place.Place) bool {
		return p.Level == place.Settlement && p.Municipality == municipality
	})
}

func filtered(region string, keep func(*place.Place) bool) ([]place.Place, error) {
	all, err := Territories(region)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(all, func(p place.Place) bool { return !keep(&p) })
	slices.SortFunc(out, func(a, b place.Place) int { return byName(&a, &b) })
	return out, nil
}

// aliasEntries reads aliases.tsv: the keys that each place is known by besides
// its name.
func aliasEntries(a Analyzer) map[string][]string {
	data, err := territories.Files.ReadFile("aliases.tsv")
	if err != nil {
		panic("gazetteer: aliases.tsv is not bundled: " + err.Error())
	}
	out := map[string][]string{}
	for line := range strings.SplitSeq(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) < 2 {
			continue
		}
		for id := range strings.SplitSeq(f[1], ";") {
			out[id] = append(out[id], nameKeys(a, f[0])...)
		}
	}
	return out
}
