package gazetteer

import (
	"encoding/json"
	"math"
)

// A geometry is that of RFC 7946; coordinates are longitude, latitude.
type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
	Geometries  []*geometry     `json:"geometries"`
}

// centre returns the point that stands for a geometry, and the length of lines in
// degrees (0 for points and areas).
func (g *geometry) centre() (lat, lon, length float64, ok bool) {
	if g == nil {
		return 0, 0, 0, false
	}
	var m mean
	g.gather(&m, 0)
	if m.weight <= 0 {
		return 0, 0, 0, false
	}
	lat, lon = m.lat/m.weight, m.lon/m.weight
	if math.IsNaN(lat) || math.IsNaN(lon) || math.IsInf(lat, 0) || math.IsInf(lon, 0) {
		return 0, 0, 0, false
	}
	return lat, lon, m.length, true
}

// mean is a weighted mean of points.
type mean struct{ lat, lon, weight, length float64 }

func (m *mean) add(lat, lon, weight float64) {
	m.lat += lat * weight
	m.lon += lon * weight
	m.weight += weight
}

// tiny is the weight of a shape without extent, so that it still has a centre.
const tiny = 1e-12

func (g *geometry) gather(m *mean, depth int) {
	switch g.Type {
	case "Point":
		if p, ok := read[[]float64](g); ok && len(p) >= 2 {
			m.add(p[1], p[0], tiny)
		}
	case "MultiPoint":
		ps, _ := read[[][]float64](g)
		for _, p := range ps {
			if len(p) >= 2 {
				m.add(p[1], p[0], tiny)
			}
		}
	case "LineString":
		line, _ := read[[][]float64](g)
		m.line(line)
	case "MultiLineString":
		lines, _ := read[[][][]float64](g)
		for _, line := range lines {
			m.line(line)
		}
	case "Polygon":
		rings, _ := read[[][][]float64](g)
		m.rings(rings)
	case "MultiPolygon":
		polygons, _ := read[[][][][]float64](g)
		for _, rings := range polygons {
			m.rings(rings)
		}
	case "GeometryCollection":
		if depth > 0 {
			return // nested collections are discouraged by the standard
		}
		for _, sub := range g.Geometries {
			if sub != nil {
				sub.gather(m, depth+1)
			}
		}
	}
}

func read[T any](g *geometry) (T, bool) {
	var v T
	err := json.Unmarshal(g.Coordinates, &v)
	return v, err == nil
}

// line adds a line: the middle of each piece, weighted by its length.
func (m *mean) line(line [][]float64) {
	for i, p := range line {
		if len(p) < 2 {
			continue
		}
		m.add(p[1], p[0], tiny)
		if i == 0 || len(line[i-1]) < 2 {
			continue
		}
		q := line[i-1]
		length := math.Hypot((p[0]-q[0])*math.Cos(p[1]*math.Pi/180), p[1]-q[1])
		m.add((p[1]+q[1])/2, (p[0]+q[0])/2, length)
		m.length += length
	}
}

// rings adds a polygon: the centroid of its outer ring, weighted by its area.
// Holes are passed over: they hardly move the middle of a yard.
func (m *mean) rings(rings [][][]float64) {
	if len(rings) == 0 {
		return
	}
	ring := rings[0]
	var lat, lon, area float64
	for i, p := range ring {
		if len(p) < 2 {
			return
		}
		m.add(p[1], p[0], tiny)
		q := ring[(i+1)%len(ring)]
		if len(q) < 2 {
			return
		}
		// Taken from the first corner: products of whole degrees would lose digits.
		px, py, qx, qy := p[0]-ring[0][0], p[1]-ring[0][1], q[0]-ring[0][0], q[1]-ring[0][1]
		cross := px*qy - qx*py
		area += cross
		lon += (px + qx) * cross
		lat += (py + qy) * cross
	}
	if math.Abs(area) > 1e-18 {
		m.add(lat/(3*area)+ring[0][1], lon/(3*area)+ring[0][0], math.Abs(area)/2)
	}
}
