package gazetteer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"otklik/internal/fault"
)

// ImportOSM reads places from OpenStreetMap's binary format (.osm.pbf, zlib): the
// streets, houses, places, landmarks and stops that ImportGeoJSON knows by the
// same tags. A line or an area is kept by its centre, an outline of several pieces
// (relation) by the centre of those. Settlements are read first, since all else
// lies around one of them.
//
// The file is read in four passes of which each reads a part; blocks are held one
// at a time, beside them sixteen bytes for each node that a kept line needs and
// one centre for each street. An import that was cut off is run again: it saves
// only what is missing and adds nothing twice. A damaged file is fault.Invalid
// and names the block; problems name the element. store may be nil.
func ImportOSM(ctx context.Context, ix *Index, store Store, file string, r io.ReadSeeker, o Options) (Report, error) {
	m := &osmImport{file: file, r: r, wanted: map[int64]point{}}
	im, err := newImporter(ctx, ix, store, file, o, m.bytes)
	if err != nil {
		return Report{File: file}, err
	}
	m.importer = im
	m.lines = streetLines{im: im, streets: map[string]*streetLine{}}
	if m.size, err = r.Seek(0, io.SeekEnd); err != nil {
		return im.report, fault.New(fault.Unavailable, "gazetteer: read %s: %w", file, err)
	}
	im.total = 2 * m.size
	for _, pass := range []func() error{m.settlements, m.needs, m.nodes, m.ways, m.relations} {
		if err := pass(); err != nil {
			report, _ := im.finish()
			return report, err
		}
	}
	im.prefix = ""
	m.lines.take()
	m.done, m.pbf = im.total, nil
	return im.finish()
}

type osmImport struct {
	*importer
	file  string
	r     io.ReadSeeker
	size  int64
	lines streetLines

	pbf      *pbfReader
	done     int64 // of the passes before
	half     bool  // this pass reads what another one reads, too
	lastNode int64 // the end of the last block with nodes
	firstWay int64 // the first block with ways; -1: none
	lastWay  int64 // the end of the last

	outlines []outline
	wanted   map[int64]point // centres of the ways that outlines are made of
	ids      []int64         // of the nodes that lines need, in order
	at       []point         // where they are, in the same order
}

// A point is kept in units of 1e-7 degrees; the zero point is none.
type point struct{ lat, lon int32 }

func pointAt(lat, lon float64) point { return point{int32(lat * 1e7), int32(lon * 1e7)} }

func (p point) degrees() (lat, lon float64) { return float64(p.lat) / 1e7, float64(p.lon) / 1e7 }

// An outline is a relation that makes a place of several ways.
type outline struct {
	id   int64
	tags map[string]string
	ways []int64
}

// maxOuter bounds the pieces of an outline whose centre is taken.
const maxOuter = 16

func (m *osmImport) bytes() int64 {
	if m.pbf == nil {
		return m.done
	}
	if m.half {
		return m.done + m.pbf.off/2
	}
	return m.done + m.pbf.off
}

// scan reads the blocks from one byte to another; to < 0 means to the end.
func (m *osmImport) scan(from, to int64, half bool, v pbfVisitor, note func()) error {
	if _, err := m.r.Seek(from, io.SeekStart); err != nil {
		return fault.New(fault.Unavailable, "gazetteer: read %s: %w", m.file, err)
	}
	m.pbf = &pbfReader{file: m.file, r: m.r, next: from}
	m.half = half
	for to < 0 || m.pbf.next < to {
		err := m.pbf.block()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if note != nil {
			note()
		}
		if err := m.pbf.visit(v); err != nil {
			return err
		}
		if err := m.ctx.Err(); err != nil {
			return err
		}
		m.tell()
	}
	m.done, m.pbf = m.bytes(), nil
	return nil
}

// settlements takes the settlements, notes where nodes and ways stand and which
// relations are places.
func (m *osmImport) settlements() error {
	m.firstWay = -1
	err := m.scan(0, -1, false, pbfVisitor{
		node: func(e *pbfElement) error {
			if len(e.tags.pairs) == 0 || !settlementPlaces[e.tags.get("place")] {
				return nil
			}
			return m.rows("node", e.id, e.property, e.lat, e.lon, 0)
		},
		relation: func(e *pbfElement) error {
			if !e.named() || e.tags.get("type") != "multipolygon" || len(osmRows(e.property, 0, 0, 0)) == 0 {
				return nil
			}
			o := outline{id: e.id, tags: map[string]string{}}
			for i := 0; i+1 < len(e.tags.pairs); i += 2 {
				key := string(e.tags.text(e.tags.pairs[i]))
				o.tags[key] = e.property(key)
			}
			for i, way := range e.refs {
				if e.outer[i] && len(o.ways) < maxOuter {
					o.ways = append(o.ways, way)
					m.wanted[way] = point{}
				}
			}
			m.outlines = append(m.outlines, o)
			return nil
		},
	}, func() {
		nodes, ways, _ := m.pbf.holds()
		if nodes {
			m.lastNode = m.pbf.next
		}
		if ways {
			m.lastWay = m.pbf.next
			if m.firstWay < 0 {
				m.firstWay = m.pbf.off
			}
		}
	})
	m.near = nil // there are more settlements with points now
	return errors.Join(err, m.flush())
}

// corners chooses the nodes of a way whose mean stands for its centre.
func corners(refs []int64) []int64 {
	switch n := len(refs); {
	case n < 3:
		return refs
	case refs[0] == refs[n-1]:
		return []int64{refs[0], refs[n/2]}
	default:
		return []int64{refs[0], refs[n/2], refs[n-1]}
	}
}

// needs notes which nodes are needed.
func (m *osmImport) needs() error {
	if m.firstWay < 0 {
		return nil
	}
	err := m.scan(m.firstWay, m.lastWay, true, pbfVisitor{way: func(e *pbfElement) error {
		if _, ok := m.wanted[e.id]; ok || e.named() && len(osmRows(e.property, 0, 0, 0)) > 0 {
			m.ids = append(m.ids, corners(e.refs)...)
		}
		return nil
	}}, nil)
	slices.Sort(m.ids)
	m.ids = slices.Clip(slices.Compact(m.ids))
	m.at = make([]point, len(m.ids))
	return err
}

// nodes takes the places that are points and notes the nodes that are needed.
func (m *osmImport) nodes() error {
	next := 0 // nodes come in order, as a rule
	return m.scan(0, m.lastNode, false, pbfVisitor{node: func(e *pbfElement) error {
		for next < len(m.ids) && m.ids[next] < e.id {
			next++
		}
		if next < len(m.ids) && m.ids[next] == e.id {
			m.at[next] = pointAt(e.lat, e.lon)
		} else if i, ok := slices.BinarySearch(m.ids, e.id); ok {
			m.at[i] = pointAt(e.lat, e.lon)
		}
		if len(e.tags.pairs) == 0 || !e.named() || settlementPlaces[e.tags.get("place")] {
			return nil
		}
		return m.rows("node", e.id, e.property, e.lat, e.lon, 0)
	}}, nil)
}

// ways takes the places that are lines or areas.
func (m *osmImport) ways() error {
	if m.firstWay < 0 {
		return nil
	}
	return m.scan(m.firstWay, m.lastWay, true, pbfVisitor{way: func(e *pbfElement) error {
		_, wanted := m.wanted[e.id]
		kept := e.named() && len(osmRows(e.property, 0, 0, 0)) > 0
		if !wanted && !kept {
			return nil
		}
		centre, weight := m.centre(e.refs)
		if wanted {
			m.wanted[e.id] = centre
		}
		if !kept {
			return nil
		}
		if centre == (point{}) {
			m.prefix = fmt.Sprintf("way %d: ", e.id)
			m.reject(m.report.Records+1, "в файле нет точек этой линии")
			return m.record()
		}
		lat, lon := centre.degrees()
		return m.rows("way", e.id, e.property, lat, lon, weight)
	}}, nil)
}

// centre returns the mean of the corners that are known, and how many nodes the
// line has: longer pieces weigh more in the centre of a street.
func (m *osmImport) centre(refs []int64) (point, float64) {
	lat, lon, n := int64(0), int64(0), int64(0)
	for _, id := range corners(refs) {
		if i, ok := slices.BinarySearch(m.ids, id); ok && m.at[i] != (point{}) {
			lat, lon, n = lat+int64(m.at[i].lat), lon+int64(m.at[i].lon), n+1
		}
	}
	if n == 0 {
		return point{}, 0
	}
	return point{int32(lat / n), int32(lon / n)}, float64(max(1, len(refs)-1))
}

// relations takes the places that are made of several ways.
func (m *osmImport) relations() error {
	slices.SortFunc(m.outlines, func(a, b outline) int { return cmp.Compare(a.id, b.id) })
	for _, o := range m.outlines {
		lat, lon, n := 0.0, 0.0, 0.0
		for _, way := range o.ways {
			if p := m.wanted[way]; p != (point{}) {
				a, b := p.degrees()
				lat, lon, n = lat+a, lon+b, n+1
			}
		}
		if n == 0 {
			m.report.Skipped++ // cut out of a larger map: its lines are not in the file
			continue
		}
		if err := m.rows("relation", o.id, func(key string) string { return o.tags[key] }, lat/n, lon/n, 0); err != nil {
			return err
		}
	}
	return nil
}

// rows takes what an element says.
func (m *osmImport) rows(kind string, id int64, property func(string) string, lat, lon, weight float64) error {
	m.prefix = fmt.Sprintf("%s %d: ", kind, id)
	rows := osmRows(property, m.report.Records+1, lat, lon)
	if len(rows) == 0 {
		return nil
	}
	for _, r := range rows {
		if r.kind == "street" && weight > 0 {
			m.lines.piece(r, weight)
			continue
		}
		m.take(r)
	}
	return m.record()
}

// named reports whether an element may be a place: it has a name or an address.
func (e *pbfElement) named() bool {
	for i := 0; i+1 < len(e.tags.pairs); i += 2 {
		switch string(e.tags.text(e.tags.pairs[i])) {
		case "name", "name:ru", "addr:housenumber":
			return true
		}
	}
	return false
}

// property returns a tag as osmRows reads it.
func (e *pbfElement) property(key string) string {
	v := e.tags.get(key)
	if len(v) > 2000 {
		return ""
	}
	return strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(v, "\ufffd")))
}
