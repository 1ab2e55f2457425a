package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// A build gathers territories by id.
type build struct {
	places   map[string]*gazetteer.Entry
	villages map[string]bool // regions whose settlements are listed down to villages
	capitals map[string]string
	offsets  map[string]string // "UTC+7" of each city by id
	renamed  map[string]string // districts of the settlement lists that became okrugs: old code → code
	warnings []string
}

func newBuild() *build {
	return &build{places: map[string]*gazetteer.Entry{}, villages: map[string]bool{}, capitals: map[string]string{}, offsets: map[string]string{}, renamed: map[string]string{}}
}

func (b *build) put(p place.Place) *gazetteer.Entry {
	if old, ok := b.places[p.ID]; ok {
		return old
	}
	e := &gazetteer.Entry{Place: p}
	b.places[p.ID] = e
	return e
}

func (b *build) warn(format string, args ...any) {
	b.warnings = append(b.warnings, fmt.Sprintf(format, args...))
}

func readCSV(path string) ([]map[string]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = strings.TrimSpace(row[i])
		}
		out = append(out, m)
	}
	return out, nil
}

// regionTypes spells out the types of regions.
var regionTypes = map[string]string{
	"Респ": "республика", "край": "край", "обл": "область", "г": "город", "Аобл": "автономная область", "АО": "автономный округ", "Чувашия": "республика",
}

// regionNames mends the names of regions that carry their type or a second name.
var regionNames = map[string]struct{ name, aliases string }{
	"32000000": {"Кемеровская", "Кузбасс;Кемеровская область — Кузбасс"},
	"71800000": {"Ханты-Мансийский", "Югра;ХМАО;ХМАО-Югра;Ханты-Мансийский автономный округ — Югра"},
	"71900000": {"Ямало-Ненецкий", "ЯНАО;Ямал"},
	"77000000": {"Чукотский", "Чукотка"},
	"11800000": {"Ненецкий", "НАО"},
	"90000000": {"Северная Осетия — Алания", "Северная Осетия;Алания;Осетия;РСО-Алания"},
	"97000000": {"Чувашская", "Чувашия;Чувашская Республика — Чувашия"},
	"98000000": {"Саха (Якутия)", "Якутия;Саха"},
	"83000000": {"Кабардино-Балкарская", "Кабардино-Балкария;КБР"},
	"91000000": {"Карачаево-Черкесская", "Карачаево-Черкесия;КЧР"},
	"94000000": {"Удмуртская", "Удмуртия"},
	"96000000": {"Чеченская", "Чечня"},
	"80000000": {"Башкортостан", "Башкирия"},
	"92000000": {"Татарстан", "Татария"},
	"93000000": {"Тыва", "Тува"},
	"99000000": {"Еврейская", "ЕАО;Биробиджанская область"},
	"05000000": {"Приморский", "Приморье"},
	"30000000": {"Камчатский", "Камчатка"},
	"76000000": {"Забайкальский", "Забайкалье"},
	"07000000": {"Ставропольский", "Ставрополье"},
	"46000000": {"Московская", "Подмосковье"},
	"41000000": {"Ленинградская", "Ленобласть"},
	"64000000": {"Сахалинская", "Сахалин"},
	"57000000": {"Пермский", "Прикамье"},
	"40000000": {"Санкт-Петербург", "СПб;Питер;Петербург"},
}

func (b *build) readRegions(path string) error {
	rows, err := readCSV(path)
	if err != nil {
		return err
	}
	for _, r := range rows {
		typ, ok := regionTypes[r["type"]]
		if !ok {
			return fmt.Errorf("%s: region type %q", path, r["type"])
		}
		p := place.Place{ID: r["oktmo"], Level: place.Region, Name: r["name"], Type: typ, Region: r["oktmo"], Zone: zone(r["oktmo"], r["timezone"])}
		if mend, ok := regionNames[p.ID]; ok {
			p.Name, p.Aliases = mend.name, mend.aliases
		}
		b.put(p)
	}
	return nil
}

var (
	heading   = regexp.MustCompile(`^(Муниципальные|Городские|Сельские|Внутригородские|Межселенн|Населенные)`)
	bracketed = regexp.MustCompile(`\s*\(рабочий поселок\)|/$`)
)

// readMunicipal reads the municipalities of the classifier.
func (b *build) readMunicipal(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var rows map[string]string
	if err := json.Unmarshal(data, &rows); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	codes := make([]string, 0, len(rows))
	for code := range rows {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, full := range codes {
		code := full[:8]
		name := strings.Join(strings.Fields(bracketed.ReplaceAllString(rows[full], "")), " ")
		if heading.MatchString(name) || code[5] == '7' || code[5:] == "000" && strings.HasSuffix(code[2:5], "00") {
			continue
		}
		region := place.RegionOf(code)
		if _, ok := b.places[region]; !ok {
			return fmt.Errorf("%s: %s lies in no region", path, code)
		}
		p := place.Place{ID: code, Level: place.Municipality, Region: region, Municipality: code[:5] + "000"}
		if code[5:] == "000" {
			p.Name, p.Type = municipality(code, name)
		} else {
			p.Name, p.Type = insideMunicipality(code, name)
			if code[5] == '3' {
				p.Level, p.Settlement = place.District, code[:5]+"000001"
			}
		}
		p.Name = clean(p.Name)
		b.put(p)
	}
	return nil
}

// ethnic are the words between a district's name and its type that nobody says.
var ethnic = regexp.MustCompile(` (национальный|эвенкийский|немецкий|\().*$`)

// settlementWords are the types that the classifier writes out before a name.
var settlementWords = []string{
	"рабочий поселок (поселок городского типа)", "поселок городского типа", "рабочий поселок", "дачный поселок", "курортный поселок",
	"город-курорт", "город", "поселок", "посёлок", "село", "деревня", "станица", "хутор", "аул", "слобода", "станция",
}

// typed parts a name from the settlement type before it.
func typed(name string) (typ, bare string) {
	name = strings.TrimPrefix(name, "ЗАТО ")
	lower := strings.ToLower(name)
	for _, w := range settlementWords {
		if strings.HasPrefix(lower, w+" ") {
			bare = strings.TrimSpace(name[len(w):])
			if w == "город-курорт" {
				w = "город"
			}
			typ, _ = place.SettlementType(w)
			return typ, bare
		}
	}
	return "", name
}

// municipality reads the name of a district, an okrug or an inner municipality of
// a federal city.
func municipality(code, name string) (bare, typ string) {
	const district = "муниципальный район"
	lower := strings.ToLower(name)
	inner := code[2] == '3' || code[2] == '9' && code[:3] != "719"
	switch {
	case strings.HasSuffix(lower, " "+district):
		bare = strings.TrimSpace(name[:len(name)-len(district)])
		return ethnic.ReplaceAllString(bare, ""), district
	case strings.HasPrefix(lower, district+" "):
		return strings.TrimSpace(strings.TrimSuffix(name[len(district):], " район")), district
	case strings.HasPrefix(lower, "муниципальный округ "):
		bare = strings.TrimSpace(name[len("муниципальный округ "):])
		bare = strings.TrimPrefix(strings.TrimSuffix(bare, " округ"), "округ ")
		return bare, "муниципальный округ"
	case strings.HasSuffix(lower, " муниципальный округ"):
		return strings.TrimSpace(name[:len(name)-len(" муниципальный округ")]), "муниципальный округ"
	case strings.HasPrefix(lower, "поселение "):
		return name[len("поселение "):], "поселение"
	case strings.HasPrefix(lower, "городской округ "):
		return name[len("городской округ "):], "городской округ"
	}
	t, bare := typed(name)
	if inner && t != "" {
		return bare, t
	}
	return strings.TrimSuffix(bare, " район"), "городской округ"
}

// insideMunicipality reads the name of a municipality inside a district.
func insideMunicipality(code, name string) (bare, typ string) {
	for _, w := range []string{"сельсовет", "поссовет", "наслег", "волость", "сомон"} {
		if bare, ok := strings.CutSuffix(name, " "+w); ok {
			return strings.TrimSuffix(bare, " национальный"), w
		}
		for _, before := range []string{w + " ", strings.ToUpper(w[:2]) + w[2:] + " "} {
			if bare, ok := strings.CutPrefix(name, before); ok {
				return bare, w
			}
		}
	}
	if code[5] == '3' {
		return strings.TrimSuffix(name, " район"), "район"
	}
	if _, b := typed(name); b != name {
		// Remembered with its type until derive makes the settlement of it.
		name = strings.ToLower(name[:len(name)-len(b)]) + b
	}
	if code[5] == '1' {
		return name, "городское поселение"
	}
	return name, "сельское поселение"
}

// clean takes quotation marks off a name and spells out «им».
func clean(name string) string {
	name = strings.Trim(name, `"«» `)
	if rest, ok := strings.CutPrefix(name, "им "); ok {
		return "имени " + rest
	}
	return name
}

// readDistricts reads the districts that the lists of settlements, which are
// older, still have: "57 614 000;7;Горнозаводский муниципальный район;г …". One
// that became an okrug since leads to the okrug.
func (b *build) readDistricts(paths ...string) error {
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !utf8.Valid(data) {
			if data, err = charmap.Windows1251.NewDecoder().Bytes(data); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		for line := range strings.Lines(string(data)) {
			f := strings.Split(strings.TrimSpace(line), ";")
			if len(f) < 3 {
				continue
			}
			code := strings.ReplaceAll(f[0], " ", "")
			bare, ok := strings.CutSuffix(f[2], " муниципальный район")
			if len(code) != 8 || !ok || code[5:] != "000" || b.places[code] != nil {
				continue
			}
			if okrug := b.okrug(place.RegionOf(code), bare); okrug != nil {
				b.renamed[code] = okrug.ID
				okrug.Also = append(okrug.Also, code)
				b.warn("%s %s район is now %s %s", code, bare, okrug.ID, okrug.Name)
				continue
			}
			b.put(place.Place{ID: code, Level: place.Municipality, Name: bare, Type: "муниципальный район", Region: place.RegionOf(code), Municipality: code})
			b.warn("%s %s район: only in the list of settlements", code, bare)
		}
	}
	return nil
}

// okrug finds the okrug that a district became: the one whose name begins as the
// district's adjective does.
func (b *build) okrug(region, adjective string) *gazetteer.Entry {
	var found *gazetteer.Entry
	want := strings.TrimSuffix(place.Fold(adjective), "ский")
	for _, e := range b.places {
		if e.Region != region || e.Type != "городской округ" || e.ID != e.Municipality {
			continue
		}
		have := place.Fold(e.Name)
		if !strings.HasPrefix(have, want) && !strings.HasPrefix(want, have) {
			continue
		}
		if found == nil || len(e.Name) < len(found.Name) || len(e.Name) == len(found.Name) && e.ID < found.ID {
			found = e
		}
	}
	return found
}

// readSettlements reads the settlements of the regions that are listed down to
// villages: "57 604 403 101;5;с Тюндюк".
func (b *build) readSettlements(paths ...string) error {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = b.readSettlementLines(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func (b *build) readSettlementLines(r io.Reader) error {
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		f := strings.SplitN(sc.Text(), ";", 3)
		if len(f) != 3 {
			return fmt.Errorf("line %d: %d columns", n, len(f))
		}
		code := strings.ReplaceAll(strings.TrimSpace(f[0]), " ", "")
		if len(code) != 11 || strings.HasSuffix(code, "000") {
			continue
		}
		name := strings.Join(strings.Fields(f[2]), " ")
		if i := strings.Index(name, " (адм"); i > 0 {
			name = name[:i]
		}
		typ, bare := abbreviated(name)
		region := place.RegionOf(code)
		b.villages[region] = true
		district := code[:5] + "000"
		if now, ok := b.renamed[district]; ok {
			district = now
		}
		if b.places[district] == nil {
			return fmt.Errorf("line %d: %s lies in no municipality", n, code)
		}
		b.put(place.Place{ID: code, Level: place.Settlement, Name: clean(bare), Type: typ, Region: region, Municipality: district, Settlement: code})
	}
	return sc.Err()
}

// abbreviated parts a settlement's name from the short form of its type, of one
// word or two: «ж/д ст Орловка».
func abbreviated(name string) (typ, bare string) {
	words := strings.Fields(name)
	for n := min(2, len(words)-1); n > 0; n-- {
		if typ, ok := place.SettlementType(strings.Join(words[:n], " ")); ok {
			// «рзд п Лязгино», «д станции Сухое Озеро»: the type of what it stands at.
			rest := words[n:]
			for len(rest) > 1 && (slices.Contains([]string{"п", "с", "д", "ст", "станции", "разъезда", "рзд", "ж/д", "нп"}, rest[0])) {
				rest = rest[1:]
			}
			return typ, strings.Join(rest, " ")
		}
	}
	if len(words) > 2 && words[0] == "железнодорожная" {
		return "железнодорожная " + words[1], strings.Join(words[2:], " ")
	}
	return "населённый пункт", name
}

// readExtra reads territories that no source lists, kept by hand beside the
// output: id, name, type, latitude, longitude; «#» begins a remark.
func (b *build) readExtra(path string) error {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) < 3 || len(f[0]) != 11 {
			return fmt.Errorf("%s:%d: want id of 11 digits, name, type, latitude, longitude", path, n+1)
		}
		p := place.Place{ID: f[0], Level: place.Settlement, Name: f[1], Type: f[2], Region: place.RegionOf(f[0]), Municipality: f[0][:5] + "000", Settlement: f[0]}
		if b.places[p.Municipality] == nil {
			p.Municipality = ""
		}
		if len(f) >= 5 && f[3] != "" {
			if p.Lat, err = strconv.ParseFloat(f[3], 64); err == nil {
				p.Lon, err = strconv.ParseFloat(f[4], 64)
			}
			if err != nil {
				return fmt.Errorf("%s:%d: %w", path, n+1, err)
			}
		}
		b.put(p)
	}
	return nil
}
