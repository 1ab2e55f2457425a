package gazetteer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/place"
)

// maxFeature bounds one feature of a GeoJSON file, in bytes.
const maxFeature = 16 << 20

// ImportGeoJSON reads places from a GeoJSON file (RFC 7946): a FeatureCollection,
// or features one after another, a line each. Properties are those of
// OpenStreetMap (name, highway, addr:street, addr:housenumber, addr:city, place,
// amenity and their like); docs/gazetteer.md lists what becomes of them. A line or
// an area is kept by its centre. One feature at a time is held, and one centre for
// each street. Otherwise it behaves as ImportCSV does; a problem's Line is the
// number of the feature.
func ImportGeoJSON(ctx context.Context, ix *Index, store Store, file string, r io.Reader, o Options) (Report, error) {
	limited := &budgetReader{r: r, left: maxFeature}
	im, err := newImporter(ctx, ix, store, file, o, func() int64 { return limited.n })
	if err != nil {
		return Report{File: file}, err
	}
	g := &geoReader{im: im, dec: json.NewDecoder(limited), limit: limited, lines: streetLines{im: im, streets: map[string]*streetLine{}}}
	if err := g.read(); err != nil {
		report, _ := im.finish()
		var f *fault.Error
		if errors.As(err, &f) {
			return report, err
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return report, err
		}
		if errors.Is(err, errBudget) {
			return report, fault.New(fault.TooLarge, "gazetteer: %s: feature %d is larger than 16 MB", file, im.report.Records+1).
				Say("Файл «" + file + "»: объект " + strconv.Itoa(im.report.Records+1) + " больше 16 МБ.").At("file").Mend("split or simplify it")
		}
		return report, fault.New(fault.Invalid, "gazetteer: %s: not GeoJSON near byte %d: %w", file, g.dec.InputOffset(), err).
			Say("Файл «" + file + "» повреждён или это не GeoJSON: читается только до объекта " + strconv.Itoa(im.report.Records) + ".").At("file").
			Mend("export it again as a FeatureCollection; what was read stays, a second import adds only the rest")
	}
	if im.report.Records == 0 {
		return im.report, badFile(file, "no features", "нет ни одного объекта (features)", "the file must be a GeoJSON FeatureCollection")
	}
	g.lines.take()
	return im.finish()
}

type geoReader struct {
	im    *importer
	dec   *json.Decoder
	limit *budgetReader
	lines streetLines
}

// streetLines gathers the pieces of all streets of a map.
type streetLines struct {
	im      *importer
	streets map[string]*streetLine
	order   []string
}

// A streetLine gathers the pieces of one street: maps draw a street as dozens of
// lines, and its point is the centre of them all.
type streetLine struct {
	row              row
	lat, lon, weight float64
}

// feature is a GeoJSON feature.
type feature struct {
	Type       string                     `json:"type"`
	Geometry   *geometry                  `json:"geometry"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func (g *geoReader) read() error {
	for {
		g.limit.left = maxFeature
		t, err := g.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if t != json.Delim('{') {
			return errors.New("a GeoJSON file begins with an object")
		}
		if err := g.object(); err != nil {
			return err
		}
	}
}

// object reads a FeatureCollection member by member, or a lone feature.
func (g *geoReader) object() error {
	lone := map[string]json.RawMessage{}
	for g.dec.More() {
		g.limit.left = maxFeature
		t, err := g.dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if name == "features" {
			if err := g.features(); err != nil {
				return err
			}
			continue
		}
		var value json.RawMessage
		if err := g.dec.Decode(&value); err != nil {
			return err
		}
		if name == "type" || name == "geometry" || name == "properties" {
			lone[name] = value
		}
	}
	if _, err := g.dec.Token(); err != nil {
		return err
	}
	if string(lone["type"]) == `"Feature"` {
		raw, err := json.Marshal(lone)
		if err != nil {
			return err
		}
		return g.feature(raw)
	}
	return nil
}

func (g *geoReader) features() error {
	t, err := g.dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return errors.New("features is no array")
	}
	for g.dec.More() {
		g.limit.left = maxFeature
		var raw json.RawMessage
		if err := g.dec.Decode(&raw); err != nil {
			return err
		}
		if err := g.feature(raw); err != nil {
			return err
		}
	}
	_, err = g.dec.Token()
	return err
}

// feature takes one feature: its shape may be wrong without harm to the rest.
func (g *geoReader) feature(raw []byte) error {
	n := g.im.report.Records + 1
	var f feature
	if err := json.Unmarshal(raw, &f); err != nil || f.Type != "Feature" {
		g.im.reject(n, "объект не читается как Feature")
		return g.im.record()
	}
	lat, lon, weight, ok := f.Geometry.centre()
	if !ok {
		g.im.reject(n, "у объекта нет координат, которые читаются")
		return g.im.record()
	}
	rows := osmRows(f.text, n, lat, lon)
	if len(rows) == 0 {
		g.im.report.Skipped++
	}
	for _, r := range rows {
		if r.kind == "street" && weight > 0 {
			g.lines.piece(r, weight)
			continue
		}
		g.im.take(r)
	}
	return g.im.record()
}

// text returns a property as text; numbers are written out, others are "".
func (f *feature) text(name string) string {
	raw := f.Properties[name]
	if len(raw) == 0 || len(raw) > 2000 {
		return ""
	}
	var s string
	if raw[0] == '"' {
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return strings.TrimSpace(strings.Map(printable, s))
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		return string(raw)
	}
	return ""
}

// piece adds a line to its street.
func (g *streetLines) piece(r row, weight float64) {
	town := r.settlement
	if town == "" && g.im.home == nil {
		p := g.im.nearest(r.lat, r.lon)
		if p == nil {
			g.im.take(r) // says why it cannot be taken
			return
		}
		town = p.ID
		r.settlement = town
	}
	key := place.Fold(town) + "\x00" + place.Fold(r.name)
	s, ok := g.streets[key]
	if !ok {
		s = &streetLine{row: r}
		g.streets[key] = s
		g.order = append(g.order, key)
	}
	s.row.aliases = joinAliases(s.row.aliases, r.aliases)
	s.lat += r.lat * weight
	s.lon += r.lon * weight
	s.weight += weight
}

// take takes the streets whose pieces were gathered.
func (g *streetLines) take() {
	for _, key := range g.order {
		s := g.streets[key]
		s.row.lat, s.row.lon = s.lat/s.weight, s.lon/s.weight
		g.im.take(s.row)
	}
}

// errBudget marks an object that is larger than may be held.
var errBudget = errors.New("object too large")

// budgetReader fails when more bytes are read than are left for one object.
type budgetReader struct {
	r       io.Reader
	n, left int64
}

func (b *budgetReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errBudget
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.n += int64(n)
	b.left -= int64(n)
	return n, err
}
