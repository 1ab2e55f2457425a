package gazetteer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/place"
)

// Levels of GAR's objects (AS_OBJECT_LEVELS).
const (
	garRegion     = 1
	garUrban      = 4 // a municipality inside of a district
	garCity       = 5
	garSettlement = 6
	garBlock      = 7 // planning structure: микрорайон, СНТ, квартал
	garStreet     = 8
)

// garOKTMO is the type of the parameter that holds the OKTMO code (AS_PARAM_TYPES).
const garOKTMO = 7

// garNoHouse are the types of buildings that nobody gives as an address:
// garages, cellars, boiler houses.
var garNoHouse = map[int64]bool{4: true, 6: true, 11: true, 12: true, 13: true}

// garHousePart spells the types of a house's additional numbers (AS_ADDHOUSE_TYPES).
var garHousePart = map[int64]string{1: "к", 2: "стр", 3: "соор", 4: "лит"}

// ImportGAR reads streets, blocks, settlements and houses from the state register
// of addresses (ГАР, once ФИАС): the archive as downloaded, folders of regions, or
// loose AS_*.XML files in any order. Rows that are not actual are passed over. A
// settlement is found by its OKTMO code, else by name and type; one that the
// bundle lacks is added. The register has no points.
//
// Regions are read one after another; of one, its objects and a dozen bytes a house
// are held. An import that was cut off is run again: it reads the tables again,
// saves only what is missing and adds nothing twice. A damaged table is
// fault.Invalid and names the file, line and byte; store may be nil.
func ImportGAR(ctx context.Context, ix *Index, store Store, names []string, o Options) (Report, error) {
	file := strings.Join(names, ", ")
	g := &garImport{}
	im, err := newImporter(ctx, ix, store, file, o, func() int64 { return g.done + g.at() })
	if err != nil {
		return Report{File: file}, err
	}
	g.importer = im
	files, closeAll, err := garFiles(names)
	defer closeAll()
	if err != nil {
		return im.report, err
	}
	for _, f := range files {
		im.total += f.size
	}
	asked := im.region
	for len(files) > 0 {
		n := 1
		for n < len(files) && files[n].group == files[0].group {
			n++
		}
		im.region = asked
		if err := g.group(files[:n]); err != nil {
			report, _ := im.finish()
			return report, err
		}
		files = files[n:]
	}
	return im.finish()
}

type garImport struct {
	*importer
	done    int64 // bytes of the tables read whole
	rows    *xmlRows
	objects []garObject
	byID    map[int64]int32
	houses  []garHouse // their objects, by id
	towns   map[int32]*place.Place
}

// A garObject is a region, settlement, block or street.
type garObject struct {
	id, parent int64
	name, typ  string
	oktmo      string
	level      int64
	place      string // the id of ours, once known
}

// A garHouse says on which object a house stands.
type garHouse struct {
	id     int64
	object int32
}

func (g *garImport) at() int64 {
	if g.rows == nil {
		return 0
	}
	return g.rows.off
}

// group reads the tables of one region.
func (g *garImport) group(files []garFile) error {
	g.objects, g.byID, g.houses, g.towns = nil, map[int64]int32{}, nil, map[int32]*place.Place{}
	has := func(k garKind) bool {
		return slices.ContainsFunc(files, func(f garFile) bool { return f.kind == k })
	}
	if !has(garObjects) {
		return fault.New(fault.Invalid, "gazetteer: %s: no table AS_ADDR_OBJ", files[0].group).At("file").
			Say("Рядом с файлом «" + files[0].name + "» нет таблицы AS_ADDR_OBJ_*.XML: без неё названия неизвестны.").
			Mend("give AS_ADDR_OBJ_*.XML, AS_ADM_HIERARCHY_*.XML (or AS_MUN_HIERARCHY), AS_ADDR_OBJ_PARAMS_*.XML and AS_HOUSES_*.XML of the region together")
	}
	if !has(garAdm) && !has(garMun) && !has(garParams) {
		return fault.New(fault.Invalid, "gazetteer: %s: no table AS_ADM_HIERARCHY, AS_MUN_HIERARCHY or AS_ADDR_OBJ_PARAMS", files[0].group).At("file").
			Say("Рядом с файлом «" + files[0].name + "» нет таблицы AS_ADM_HIERARCHY_*.XML или AS_MUN_HIERARCHY_*.XML: без неё неизвестно, где улицы лежат.").
			Mend("give the table of the hierarchy together with the others")
	}
	adm := has(garAdm)
	for _, step := range []struct {
		kind garKind
		row  func(string) error
	}{
		{garObjects, g.object},
		{garAdm, func(e string) error { return g.item(e, true) }},
		{garMun, func(e string) error { return g.item(e, !adm) }},
		{garParams, g.param},
	} {
		for _, f := range files {
			if f.kind == step.kind {
				if err := g.table(f, step.row); err != nil {
					return err
				}
			}
		}
		if step.kind == garObjects && !g.ours() {
			g.report.Skipped += len(g.objects)
			return nil
		}
	}
	if err := g.places(); err != nil {
		return err
	}
	slices.SortFunc(g.houses, func(a, b garHouse) int { return cmp.Compare(a.id, b.id) })
	for _, f := range files {
		if f.kind == garHouses {
			if err := g.table(f, g.house); err != nil {
				return err
			}
		}
	}
	return g.flush()
}

// table reads one table row by row.
func (g *garImport) table(f garFile, row func(element string) error) error {
	r, err := f.open()
	if err != nil {
		return fault.New(fault.Unavailable, "gazetteer: open %s: %w", f.name, err)
	}
	defer r.Close()
	g.rows = newXMLRows(f.name, r)
	defer func() { g.done, g.rows = g.done+f.size, nil }()
	for n := 1; ; n++ {
		element, err := g.rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := row(element); err != nil {
			return err
		}
		if n%(1<<16) == 0 {
			if err := g.ctx.Err(); err != nil {
				return err
			}
			g.tell()
		}
	}
}

// object reads a row of AS_ADDR_OBJ.
func (g *garImport) object(element string) error {
	x := g.rows
	level, id := x.number("LEVEL"), x.number("OBJECTID")
	if element != "OBJECT" || x.no("ISACTUAL") || x.no("ISACTIVE") || level < garRegion || level > garStreet || id == 0 {
		return nil
	}
	o := garObject{id: id, level: level, name: x.attr("NAME"), typ: x.attr("TYPENAME")}
	if at, ok := g.byID[id]; ok {
		g.objects[at] = o
		return nil
	}
	g.byID[id] = int32(len(g.objects))
	g.objects = append(g.objects, o)
	return nil
}

// ours reports whether the region of the tables is one of this installation, and
// narrows names to it.
func (g *garImport) ours() bool {
	for i := range g.objects {
		o := &g.objects[i]
		if o.level != garRegion {
			continue
		}
		r, err := FindRegion(o.typ + " " + o.name)
		if err != nil {
			if r, err = FindRegion(o.name); err != nil {
				return true
			}
		}
		if g.region != "" && g.region != r.ID || !slices.Contains(g.ix.regions, r.ID) {
			return false
		}
		g.region = r.ID
		clear(g.importer.towns)
		return true
	}
	return true
}

// item reads a row of a hierarchy: what lies where. houses tells that this
// hierarchy places houses too.
func (g *garImport) item(element string, houses bool) error {
	x := g.rows
	if element != "ITEM" || x.no("ISACTIVE") {
		return nil
	}
	id, parent := x.number("OBJECTID"), x.number("PARENTOBJID")
	if at, ok := g.byID[id]; ok {
		o := &g.objects[at]
		if o.parent == 0 && parent != id {
			o.parent = parent
		}
		if code := x.attr("OKTMO"); o.oktmo == "" && place.RegionOf(code) != "" {
			o.oktmo = code
		}
		return nil
	}
	if at, ok := g.byID[parent]; ok && houses && g.objects[at].level >= garUrban {
		g.houses = append(g.houses, garHouse{id, at})
	}
	return nil
}

// param reads a row of AS_ADDR_OBJ_PARAMS: the OKTMO code is the one we need.
func (g *garImport) param(element string) error {
	x := g.rows
	if element != "PARAM" || x.number("TYPEID") != garOKTMO || x.number("CHANGEIDEND") != 0 {
		return nil
	}
	if at, ok := g.byID[x.number("OBJECTID")]; ok {
		if code := x.attr("VALUE"); place.RegionOf(code) != "" {
			g.objects[at].oktmo = code
		}
	}
	return nil
}

// places takes the blocks and streets of the region, after their settlements.
func (g *garImport) places() error {
	for i := range g.objects {
		if g.objects[i].level == garCity || g.objects[i].level == garSettlement {
			g.town(int32(i))
		}
	}
	if err := g.flush(); err != nil {
		return err
	}
	for i := range g.objects {
		o := &g.objects[i]
		if o.level != garBlock && o.level != garStreet {
			continue
		}
		town, block := g.around(int32(i))
		if town == nil && o.oktmo != "" { // streets bear the code of their settlement, too
			town = g.importer.town(o.oktmo, "").p
		}
		switch {
		case o.name == "":
			g.reject(i+1, "нет названия: OBJECTID "+strconv.FormatInt(o.id, 10))
		case town == nil:
			g.reject(i+1, "неизвестно, в каком населённом пункте лежит «"+o.name+"»: OBJECTID "+strconv.FormatInt(o.id, 10))
		default:
			p := street(row{name: o.name, typ: strings.TrimPrefix(o.typ, "тер. "), kind: map[bool]string{true: "block"}[o.level == garBlock]}, town)
			if block != nil {
				// Every garden settlement has a first line: the block tells them apart.
				p.ID = place.StreetID(town.ID, block.name+" "+p.Name, p.Type)
				p.Aliases = block.name + " " + p.Name
			}
			o.place = p.ID
			g.put(p)
		}
		if err := g.record(); err != nil {
			return err
		}
	}
	return nil
}

// around returns the settlement that object i lies in, and the block between.
func (g *garImport) around(i int32) (town *place.Place, block *garObject) {
	for range 12 { // a hierarchy that runs in a circle must end
		at, ok := g.byID[g.objects[i].parent]
		if !ok {
			return nil, nil
		}
		o := &g.objects[at]
		if o.level == garBlock && block == nil {
			block = o
		}
		if o.level == garCity || o.level == garSettlement || o.level == garRegion {
			if town = g.town(at); town != nil {
				return town, block
			}
		}
		i = at
	}
	return nil, nil
}

// town finds the settlement that object i is, or adds it.
func (g *garImport) town(i int32) *place.Place {
	if p, ok := g.towns[i]; ok {
		return p
	}
	p := g.findTown(&g.objects[i])
	g.towns[i] = p
	if p != nil {
		g.objects[i].place = p.ID
	}
	return p
}

func (g *garImport) findTown(o *garObject) *place.Place {
	codes := []string{o.oktmo}
	if len(o.oktmo) == 8 {
		codes = append(codes, o.oktmo+"001")
	}
	for _, code := range codes {
		if p, ok := g.ix.ByID(code); ok && p.Level == place.Settlement {
			return p
		}
	}
	f := g.importer.town(o.name, o.typ)
	if f.p != nil && (o.oktmo == "" || len(f.p.ID) > 5 && f.p.ID[:5] == o.oktmo[:5] || o.level != garSettlement) {
		return f.p // the same municipality: the code is of another year
	}
	if o.level == garRegion || len(o.oktmo) != 11 {
		return f.p
	}
	rejected := g.report.Rejected
	g.takeSettlement(row{settlement: o.oktmo, name: o.name, typ: o.typ, kind: "settlement"})
	if p, ok := g.known(o.oktmo); ok && g.report.Rejected == rejected {
		return &p
	}
	return nil
}

// house reads a row of AS_HOUSES.
func (g *garImport) house(element string) error {
	x := g.rows
	if element != "HOUSE" || x.no("ISACTUAL") || x.no("ISACTIVE") {
		return nil
	}
	id := x.number("OBJECTID")
	at, ok := slices.BinarySearchFunc(g.houses, id, func(h garHouse, id int64) int { return cmp.Compare(h.id, id) })
	number := garNumber(x)
	switch {
	case !ok || g.objects[g.houses[at].object].place == "":
		g.report.Skipped++ // it stands where no street of ours is
	case garNoHouse[x.number("HOUSETYPE")]:
		g.report.Skipped++
	case number == "" || len(number) > 40:
		g.reject(x.line, "номер дома не читается: OBJECTID "+strconv.FormatInt(id, 10))
	default:
		on := g.objects[g.houses[at].object].place
		home, _ := g.known(on)
		settlement := home.Settlement
		if settlement == "" {
			settlement = home.ID
		}
		g.put(place.Place{ID: place.HouseID(on, number), Level: place.House, Name: number, Type: "дом",
			Region: home.Region, Municipality: home.Municipality, Settlement: settlement})
	}
	return g.record()
}

// garNumber writes a house number with its additional numbers: «12к3».
func garNumber(x *xmlRows) string {
	text := x.attr("HOUSENUM")
	for _, n := range [...]string{"1", "2"} {
		if add := x.attr("ADDNUM" + n); add != "" {
			text += " " + garHousePart[x.number("ADDTYPE"+n)] + " " + add
		}
	}
	return place.HouseNumber(text)
}
