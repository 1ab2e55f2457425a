package gazetteer_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// A pbf writes OpenStreetMap's binary format, as osmium does: dense nodes, ways
// and relations in blocks of their own, packed with zlib.
type pbf struct {
	out     bytes.Buffer
	strings []string
	group   []byte
	plain   bool // blocks are not packed, nodes not dense
}

func number(m []byte, field int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(m, uint64(field)<<3), v)
}

func bytesField(m []byte, field int, b []byte) []byte {
	return append(binary.AppendUvarint(binary.AppendUvarint(m, uint64(field)<<3|2), uint64(len(b))), b...)
}

func zz(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

func (p *pbf) text(s string) uint64 {
	if len(p.strings) == 0 {
		p.strings = []string{""}
	}
	if i := slices.Index(p.strings, s); i >= 0 {
		return uint64(i)
	}
	p.strings = append(p.strings, s)
	return uint64(len(p.strings) - 1)
}

// A node, way or relation of a test; tags are key, value, key, value.
type thing struct {
	id       int64
	lat, lon float64
	refs     []int64
	tags     []string
}

func (p *pbf) nodes(list ...thing) {
	unit := func(v float64) int64 { return int64(math.Round(v * 1e7)) }
	if p.plain {
		for _, n := range list {
			m := number(nil, 1, zz(n.id))
			m = p.tags(m, n.tags)
			m = number(m, 8, zz(unit(n.lat)))
			m = number(m, 9, zz(unit(n.lon)))
			p.group = bytesField(p.group, 1, m)
		}
		p.block("OSMData")
		return
	}
	var ids, lats, lons, tags []byte
	var last thing
	for _, n := range list {
		ids = binary.AppendUvarint(ids, zz(n.id-last.id))
		lats = binary.AppendUvarint(lats, zz(unit(n.lat)-unit(last.lat)))
		lons = binary.AppendUvarint(lons, zz(unit(n.lon)-unit(last.lon)))
		for _, t := range n.tags {
			tags = binary.AppendUvarint(tags, p.text(t))
		}
		tags = append(tags, 0)
		last = n
	}
	m := bytesField(bytesField(bytesField(bytesField(nil, 1, ids), 8, lats), 9, lons), 10, tags)
	p.group = bytesField(p.group, 2, m)
	p.block("OSMData")
}

func (p *pbf) tags(m []byte, tags []string) []byte {
	var keys, values []byte
	for i := 0; i < len(tags); i += 2 {
		keys = binary.AppendUvarint(keys, p.text(tags[i]))
		values = binary.AppendUvarint(values, p.text(tags[i+1]))
	}
	return bytesField(bytesField(m, 2, keys), 3, values)
}

func deltas(list []int64) (out []byte) {
	last := int64(0)
	for _, v := range list {
		out = binary.AppendUvarint(out, zz(v-last))
		last = v
	}
	return out
}

func (p *pbf) ways(list ...thing) {
	for _, w := range list {
		m := p.tags(number(nil, 1, uint64(w.id)), w.tags)
		p.group = bytesField(p.group, 3, bytesField(m, 8, deltas(w.refs)))
	}
	p.block("OSMData")
}

func (p *pbf) relations(list ...thing) {
	for _, r := range list {
		m := p.tags(number(nil, 1, uint64(r.id)), r.tags)
		var roles, kinds []byte
		for range r.refs {
			roles = binary.AppendUvarint(roles, p.text("outer"))
			kinds = append(kinds, 1)
		}
		m = bytesField(bytesField(bytesField(m, 8, roles), 9, deltas(r.refs)), 10, kinds)
		p.group = bytesField(p.group, 4, m)
	}
	p.block("OSMData")
}

func (p *pbf) header(required ...string) {
	for _, r := range required {
		p.group = bytesField(p.group, 4, []byte(r))
	}
	p.blob("OSMHeader", p.group)
	p.group = nil
}

func (p *pbf) block(kind string) {
	var table []byte
	for _, s := range p.strings {
		table = bytesField(table, 1, []byte(s))
	}
	p.blob(kind, bytesField(bytesField(nil, 1, table), 2, p.group))
	p.group, p.strings = nil, nil
}

func (p *pbf) blob(kind string, data []byte) {
	var blob []byte
	if p.plain {
		blob = bytesField(nil, 1, data)
	} else {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(data)
		w.Close()
		blob = bytesField(number(nil, 2, uint64(len(data))), 3, z.Bytes())
	}
	head := number(bytesField(nil, 1, []byte(kind)), 3, uint64(len(blob)))
	p.out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(head))))
	p.out.Write(head)
	p.out.Write(blob)
}

// abaza is a map of one town.
func abaza(plain bool) []byte {
	p := &pbf{plain: plain}
	p.header("OsmSchema-V0.6", "DenseNodes")
	p.nodes(
		thing{id: 1, lat: 52.650, lon: 90.090, tags: []string{"place", "town", "name", "Абаза"}},
		thing{id: 2, lat: 52.651, lon: 90.091},
		thing{id: 3, lat: 52.652, lon: 90.092},
		thing{id: 4, lat: 52.653, lon: 90.093},
		thing{id: 5, lat: 52.6511, lon: 90.0911, tags: []string{"addr:street", "улица Ленина", "addr:housenumber", "16 А"}},
		thing{id: 6, lat: 52.654, lon: 90.094, tags: []string{"highway", "bus_stop", "name", "Рынок"}},
		thing{id: 7, lat: 52.655, lon: 90.095, tags: []string{"amenity", "public_bath", "name", "Центральная баня", "loc_name", "Банька"}},
		thing{id: 8, lat: 55.75, lon: 37.61, tags: []string{"amenity", "school", "name", "Школа 5"}},
	)
	p.ways(
		thing{id: 10, refs: []int64{2, 3, 4}, tags: []string{"highway", "residential", "name", "улица Ленина"}},
		thing{id: 11, refs: []int64{2, 3, 4, 2}, tags: []string{"building", "yes", "addr:street", "улица Ленина", "addr:housenumber", "18"}},
		thing{id: 12, refs: []int64{2, 3}, tags: []string{"waterway", "river", "name", "Абакан"}},
		thing{id: 13, refs: []int64{2, 3, 4, 2}},
		thing{id: 14, refs: []int64{77, 78}, tags: []string{"highway", "service", "name", "Пустая улица"}},
	)
	p.relations(
		thing{id: 20, refs: []int64{13}, tags: []string{"type", "multipolygon", "leisure", "park", "name", "Парк Победы"}},
		thing{id: 21, refs: []int64{13}, tags: []string{"type", "route", "name", "Маршрут 7"}},
	)
	return p.out.Bytes()
}

func TestImportOSM(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][]byte{"dense and packed": abaza(false), "plain": abaza(true)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ix, store := khakassia(t), &memory{}
			var last gazetteer.Progress
			o := gazetteer.Options{Region: "95", Progress: func(p gazetteer.Progress) { last = p }}
			got, err := gazetteer.ImportOSM(t.Context(), ix, store, "abaza.osm.pbf", bytes.NewReader(file), o)
			if err != nil {
				t.Fatal(err)
			}
			want := gazetteer.Report{File: "abaza.osm.pbf", Records: 9, Added: 6, Rejected: 2,
				Levels: map[place.Level]int{place.Street: 1, place.House: 2, place.Landmark: 3}}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(got, "Problems")); diff != "" {
				t.Errorf("%s\n%v", diff, got.Problems)
			}
			if last.Bytes != last.Total {
				t.Errorf("last progress %+v, want all", last)
			}
			said := fmt.Sprint(got.Problems)
			if !strings.Contains(said, "node 8: ") || !strings.Contains(said, "way 14: ") {
				t.Errorf("problems %s, want the school in another region and the way without nodes", said)
			}
			lenin := place.StreetID("95702000001", "Ленина", "улица")
			for id, lat := range map[string]float64{
				lenin: 52.652, place.HouseID(lenin, "16а"): 52.6511, place.HouseID(lenin, "18"): 52.6515,
				place.LandmarkID("95702000001", "Рынок", "остановка"): 52.654, place.LandmarkID("95702000001", "Центральная баня", "баня"): 52.655,
				place.LandmarkID("95702000001", "Парк Победы", "парк"): 52.6515,
			} {
				p, ok := ix.ByID(id)
				if !ok || math.Abs(p.Lat-lat) > 0.001 {
					t.Errorf("ByID(%s) = %+v, %v, want it at latitude %v", id, p, ok, lat)
				}
			}
			if got := find(ix, "баньки"); len(got) == 0 {
				t.Error("the bath-house is not found by what people call it")
			}
			again, err := gazetteer.ImportOSM(t.Context(), ix, store, "abaza.osm.pbf", bytes.NewReader(file), o)
			if err != nil || again.Added != 0 || again.Updated != 0 {
				t.Errorf("second import: %+v, %v, want nothing new", again, err)
			}
		})
	}
}

func TestImportOSMGoesOnWhereItWasCutOff(t *testing.T) {
	t.Parallel()
	p := &pbf{}
	p.header("OsmSchema-V0.6", "DenseNodes")
	p.nodes(thing{id: 1, lat: 52.65, lon: 90.09, tags: []string{"place", "town", "name", "Абаза"}})
	for b := range 4 {
		var list []thing
		for i := range 500 {
			n := b*500 + i
			list = append(list, thing{id: int64(10 + n), lat: 52.65 + float64(n)/1e5, lon: 90.09, tags: []string{"addr:street", "улица Ленина", "addr:housenumber", fmt.Sprint(n + 1)}})
		}
		p.nodes(list...)
	}
	file := p.out.Bytes()
	whole, store := &memory{}, &memory{}
	if _, err := gazetteer.ImportOSM(t.Context(), khakassia(t), whole, "a.pbf", bytes.NewReader(file), gazetteer.Options{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	_, err := gazetteer.ImportOSM(ctx, khakassia(t), store, "a.pbf", bytes.NewReader(file), gazetteer.Options{Progress: func(p gazetteer.Progress) {
		if p.Records >= 1024 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) || len(store.places) == 0 || len(store.places) >= len(whole.places) {
		t.Fatalf("cut off after %d of %d places: %v", len(store.places), len(whole.places), err)
	}
	ix := khakassia(t)
	if err := ix.Load(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	saved := len(store.places)
	rest, err := gazetteer.ImportOSM(t.Context(), ix, store, "a.pbf", bytes.NewReader(file), gazetteer.Options{})
	if err != nil || rest.Added != len(whole.places)-saved {
		t.Errorf("the second run added %d, %v; want %d", rest.Added, err, len(whole.places)-saved)
	}
	if len(store.places) != len(whole.places) {
		t.Errorf("in the end %d places, want %d", len(store.places), len(whole.places))
	}
}

func TestImportOSMNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	good := abaza(false)
	strange := &pbf{}
	strange.header("OsmSchema-V0.6", "NodesInTheSea")
	damaged := slices.Clone(good)
	damaged[len(damaged)-40] ^= 0xff
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"empty":              {nil, "empty"},
		"cut off":            {good[:len(good)-10], "cut off"},
		"a text":             {[]byte("<osm version='0.6'></osm>"), "no OSM PBF"},
		"damaged":            {damaged, "block at byte"},
		"an unknown feature": {strange.out.Bytes(), "NodesInTheSea"},
	} {
		_, err := gazetteer.ImportOSM(t.Context(), khakassia(t), nil, "abaza.osm.pbf", bytes.NewReader(c.file), gazetteer.Options{})
		if err == nil || fault.KindOf(err) != fault.Invalid || fault.Hint(err) == "" || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "abaza.osm.pbf") {
			t.Errorf("%s: error %v, want one that names the file, says %q and has a hint", name, err, c.says)
		}
	}
}

func FuzzImportOSM(f *testing.F) {
	f.Add(abaza(false))
	f.Add(abaza(true))
	ix, err := gazetteer.New(nil, "95")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = gazetteer.ImportOSM(t.Context(), ix, nil, "f.pbf", bytes.NewReader(file), gazetteer.Options{})
	})
}
