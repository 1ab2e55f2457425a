package gazetteer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/place"
)

// Options say how to read a file of places.
type Options struct {
	// Region (name or code) narrows the settlements that a name may mean.
	Region string
	// Settlement (name or code) is where rows without a settlement lie.
	Settlement string
	// Replace lets the file's points win over those that are known already.
	Replace bool
	// Size of the file in bytes, for Progress; 0 where it is not known.
	Size int64
	// Progress, when set, is told after every 512 records and at the end.
	Progress func(Progress)
}

// Progress says how far an import is.
type Progress struct {
	File    string
	Bytes   int64 // read so far
	Total   int64 // to be read; 0 where it is not known
	Records int
}

// A Report says what an import did. Records = those that brought something or
// were known + Skipped + Rejected.
type Report struct {
	File     string              `json:"file"`
	Records  int                 `json:"records"`  // rows or features read
	Added    int                 `json:"added"`    // places that were new
	Updated  int                 `json:"updated"`  // places that gained a point or an alias
	Skipped  int                 `json:"skipped"`  // features that are no place of ours: a river, a footpath
	Rejected int                 `json:"rejected"` // rows that could not be taken
	Levels   map[place.Level]int `json:"levels"`   // new places by level
	Problems []Problem           `json:"problems"` // the first of the rejected
}

// A Problem is a row that could not be taken.
type Problem struct {
	Line   int    `json:"line"`   // of the file, from 1; of a GeoJSON file the number of the feature
	Reason string `json:"reason"` // for people, in Russian
}

// maxProblems bounds the problems that a report tells one by one.
const maxProblems = 20

// batchSize is how many records are saved in one transaction.
const batchSize = 512

// An importer carries one import.
type importer struct {
	ctx    context.Context
	ix     *Index
	store  Store
	opts   Options
	region string       // code, or ""
	home   *place.Place // opts.Settlement
	report Report
	prefix string       // of reasons: which element of the file is meant, where lines do not tell
	read   func() int64 // bytes read so far
	total  int64        // to be read; 0 where it is not known

	batch   []place.Place
	pending map[string]int // position in batch by id
	towns   map[string]found
	near    []*place.Place // settlements with points, for features without an address
}

// found is what a settlement's name was found to mean.
type found struct {
	p   *place.Place
	why string // why not, in Russian
}

func newImporter(ctx context.Context, ix *Index, store Store, file string, o Options, read func() int64) (*importer, error) {
	im := &importer{
		ctx: ctx, ix: ix, store: store, opts: o, read: read,
		pending: map[string]int{}, towns: map[string]found{}, total: o.Size,
		report: Report{File: file, Levels: map[place.Level]int{}},
	}
	if o.Region != "" {
		r, err := FindRegion(o.Region)
		if err != nil {
			return nil, err
		}
		im.region = r.ID
	}
	if o.Settlement != "" {
		f := im.town(o.Settlement, "")
		if f.p == nil {
			return nil, fault.New(fault.Invalid, "gazetteer: import %s: settlement %q", file, o.Settlement).
				Say("Не понятно, где находится населённый пункт по умолчанию: " + f.why + ".").At("settlement").
				Mend("give the OKTMO code of 8 or 11 digits")
		}
		im.home = f.p
	}
	return im, nil
}

// A row is one record of a file, whatever its format.
type row struct {
	line           int
	settlement     string // name or OKTMO code
	settlementType string
	kind           string // "", street, house, district, landmark, settlement
	name           string // of a street, district, landmark
	typ            string
	house          string
	lat, lon       float64
	aliases        string
}

// reject counts a row that could not be taken.
func (im *importer) reject(line int, reason string) {
	im.report.Rejected++
	if len(im.report.Problems) < maxProblems {
		im.report.Problems = append(im.report.Problems, Problem{line, im.prefix + reason})
	}
}

// record counts one record and saves when enough have come together.
func (im *importer) record() error {
	im.report.Records++
	if im.report.Records%batchSize != 0 {
		return nil
	}
	if err := im.flush(); err != nil {
		return err
	}
	im.tell()
	return nil
}

func (im *importer) tell() {
	if im.opts.Progress != nil {
		im.opts.Progress(Progress{im.report.File, im.read(), im.total, im.report.Records})
	}
}

// flush saves the batch and puts it into the index. What is saved is in the
// index and the other way round, so that an import that was cut off may simply be
// run again.
func (im *importer) flush() error {
	if err := im.ctx.Err(); err != nil {
		return err
	}
	if len(im.batch) == 0 {
		return nil
	}
	if im.store != nil {
		if err := im.store.SavePlaces(im.ctx, im.batch); err != nil {
			return fmt.Errorf("gazetteer: import %s: save: %w", im.report.File, err)
		}
	}
	im.ix.Add(im.batch)
	im.batch = im.batch[:0]
	clear(im.pending)
	return nil
}

// finish saves the rest.
func (im *importer) finish() (Report, error) {
	err := im.flush()
	im.tell()
	return im.report, err
}

// take turns a row into places.
func (im *importer) take(r row) {
	if why := badPoint(r.lat, r.lon); why != "" {
		im.reject(r.line, why)
		return
	}
	town, why := im.home, "не указан населённый пункт"
	switch {
	case r.kind == "settlement":
		im.takeSettlement(r)
		return
	case r.settlement != "":
		f := im.town(r.settlement, r.settlementType)
		town, why = f.p, f.why
	case town == nil && r.lat != 0:
		if town = im.nearest(r.lat, r.lon); town == nil {
			why = "не указан населённый пункт, и рядом с точкой нет известного"
		}
	}
	if town == nil {
		im.reject(r.line, why)
		return
	}
	if r.name == "" {
		im.reject(r.line, "нет названия")
		return
	}
	p := street(r, town)
	if r.house == "" || r.kind == "landmark" {
		p.Lat, p.Lon = r.lat, r.lon
		im.put(p)
		return
	}
	number := place.HouseNumber(r.house)
	if number == "" || len(number) > 40 {
		im.reject(r.line, "номер дома не читается")
		return
	}
	im.put(p) // the street, without a point: the point is the house's
	im.put(place.Place{
		ID: place.HouseID(p.ID, number), Level: place.House, Name: number, Type: "дом",
		Region: p.Region, Municipality: p.Municipality, Settlement: p.Settlement, Lat: r.lat, Lon: r.lon,
	})
}

// street makes the place of a row that is no settlement and no house: a street, a
// district or a landmark of the settlement.
func street(r row, town *place.Place) place.Place {
	p := place.Place{
		Level: place.Street, Name: r.name, Type: r.typ, Aliases: r.aliases,
		Region: town.Region, Municipality: town.Municipality, Settlement: town.Settlement,
	}
	if p.Settlement == "" && town.Level == place.Settlement {
		p.Settlement = town.ID
	}
	within := town.ID
	switch r.kind {
	case "landmark":
		p.Level = place.Landmark
		p.ID = place.LandmarkID(within, p.Name, p.Type)
	case "district":
		p.Level = place.District
		if p.Type == "" {
			p.Type = "район"
		}
		p.ID = place.DistrictID(within, p.Name, p.Type)
	case "block": // of the register: a block whatever its type
		p.Level = place.District
		if long, ok := place.StreetType(p.Type); ok {
			p.Type = long
		} else if p.Type == "" {
			p.Type = "территория"
		}
		p.ID = place.DistrictID(within, p.Name, p.Type)
	default:
		p.Name, p.Type = streetName(p.Name, p.Type)
		p.ID = place.StreetID(within, p.Name, p.Type)
		if blockTypes[p.Type] {
			p.Level = place.District
			p.ID = place.DistrictID(within, p.Name, p.Type)
		}
	}
	return p
}

// blockTypes are the types whose houses are numbered without a street.
var blockTypes = map[string]bool{"микрорайон": true, "квартал": true, "территория": true, "садовое товарищество": true, "городок": true}

// takeSettlement adds a settlement that the bundle lacks (the code must be given)
// or gives a known one its point.
func (im *importer) takeSettlement(r row) {
	typ, ok := place.SettlementType(r.typ)
	if !ok {
		typ = r.typ
	}
	code := r.settlement
	if len(code) == 11 && place.RegionOf(code) != "" {
		if _, known := im.known(code); !known {
			if r.name == "" || typ == "" {
				im.reject(r.line, "у нового населённого пункта нет названия или типа")
				return
			}
			p := place.Place{ID: code, Level: place.Settlement, Name: r.name, Type: typ, Region: place.RegionOf(code), Settlement: code,
				Lat: r.lat, Lon: r.lon, Aliases: r.aliases}
			if m, ok := im.ix.ByID(code[:5] + "000"); ok {
				p.Municipality, p.Zone = m.ID, m.Zone
			} else if region, ok := im.ix.ByID(p.Region); ok {
				p.Zone = region.Zone
			} else {
				im.reject(r.line, "код ОКТМО не из загруженных регионов")
				return
			}
			im.put(p)
			return
		}
	} else if r.name != "" {
		code = r.name
	}
	f := im.town(code, typ)
	if f.p == nil {
		im.reject(r.line, f.why)
		return
	}
	p := *f.p
	p.Lat, p.Lon = r.lat, r.lon
	im.put(p)
}

// known finds a place in the batch or in the index.
func (im *importer) known(id string) (place.Place, bool) {
	if i, ok := im.pending[id]; ok {
		return im.batch[i], true
	}
	if p, ok := im.ix.ByID(id); ok {
		return *p, true
	}
	return place.Place{}, false
}

// put adds a place to the batch unless it says nothing new. A place keeps the
// point that it has: a street's pieces, or two imports, never pull it to and fro.
func (im *importer) put(p place.Place) {
	old, ok := im.known(p.ID)
	if ok {
		merged := old
		if p.Known() && (!old.Known() || im.opts.Replace && !samePoint(&old, &p)) {
			merged.Lat, merged.Lon = p.Lat, p.Lon
		}
		merged.Aliases = joinAliases(old.Aliases, p.Aliases)
		if merged == old {
			return
		}
		p = merged
	}
	if i, pending := im.pending[p.ID]; pending {
		im.batch[i] = p
		return
	}
	if ok {
		im.report.Updated++
	} else {
		im.report.Added++
		im.report.Levels[p.Level]++
	}
	im.pending[p.ID] = len(im.batch)
	im.batch = append(im.batch, p)
}

// samePoint reports whether two points are the same within a few metres, which
// is what a house's point is kept to.
func samePoint(p, q *place.Place) bool {
	return place.Distance(p.Lat, p.Lon, q.Lat, q.Lon) < 3
}

// joinAliases adds the aliases that are not there yet.
func joinAliases(have, more string) string {
	if more == "" {
		return have
	}
	var list []string
	for _, s := range strings.Split(have+";"+more, ";") {
		if s = strings.Join(strings.Fields(s), " "); s != "" && !slices.ContainsFunc(list, func(t string) bool { return place.Fold(t) == place.Fold(s) }) {
			list = append(list, s)
		}
	}
	return strings.Join(list, ";")
}

// streetName parts a street's name from a type written with it, «ул. Ленина»,
// «Мира пр-кт», and spells the type out; a street without a type is an «улица».
func streetName(name, typ string) (string, string) {
	name = strings.Join(strings.Fields(name), " ")
	if long, ok := place.StreetType(typ); ok {
		typ = long
	}
	words := strings.Fields(strings.ReplaceAll(name, ".", ". "))
	if typ == "" && len(words) > 1 {
		if long, ok := place.StreetType(words[0]); ok {
			return strings.Join(words[1:], " "), long
		}
		if long, ok := place.StreetType(words[len(words)-1]); ok {
			return strings.Join(words[:len(words)-1], " "), long
		}
	}
	if typ == "" {
		typ = "улица"
	}
	return name, typ
}

// badPoint says in Russian what is wrong with a point; 0, 0 is none at all.
func badPoint(lat, lon float64) string {
	switch {
	case lat == 0 && lon == 0:
		return ""
	case inRussia(lat, lon):
		return ""
	case inRussia(lon, lat):
		return "точка вне России: похоже, широта и долгота переставлены"
	}
	return "точка вне России"
}

// inRussia is a coarse box: 41–82° north, 19° east to 168° west.
func inRussia(lat, lon float64) bool {
	return lat >= 41 && lat <= 82 && (lon >= 19 && lon <= 180 || lon >= -180 && lon <= -168)
}
