package staff

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/incident"
	"otklik/internal/place"
)

// A Map is a small map drawn on the server: the region's border, named
// settlements, the point. It works without a script and asks no foreign host.
type Map struct {
	View     string // viewBox of the near view
	Outline  string // path of the border
	Points   []MapPoint
	X, Y     string // of the incident
	Radius   string // how exact the point is; "" for none
	Dot      string // radius of the point's own dot
	Stroke   string
	Scale    string // «10 км»
	ScaleX   string
	ScaleY   string
	ScaleEnd string
	Font     string
	Edge     bool   // the region's border runs through the view
	Words    string // the same in words, for people who do not see it
	Lat, Lon float64
	Tiles    Tiles
	Lib      MapAssets
}

// MapAssets are the URLs that the moving map loads.
type MapAssets struct{ Lib, Worker, PMTiles, CSS string }

// A MapPoint is a named settlement.
type MapPoint struct {
	X, Y, TextX, TextY, Name, Anchor string
}

// A border is a region's outline in kilometres, east and south of its middle.
type border struct {
	lat0, lon0, cos float64
	path            string
	lines           [][4]float64 // the border's segments: x, y, x, y
	settlements     []*place.Place
}

const kmPerDegree = 111.2

func (b *border) xy(lat, lon float64) (x, y float64) {
	return (lon - b.lon0) * b.cos * kmPerDegree, (b.lat0 - lat) * kmPerDegree
}

// borderOf draws the region once and keeps it.
func (s *Staff) borderOf(region string, lat, lon float64) *border {
	b, _ := s.borders.of(region, s.Now(), 24*time.Hour, func() (*border, error) {
		b := &border{lat0: lat, lon0: lon, cos: math.Cos(lat * math.Pi / 180)}
		if s.Outline != nil {
			b.path = b.draw(s.Outline(region))
		}
		if s.Settlements != nil {
			for _, p := range s.Settlements(region) {
				if p.Known() {
					b.settlements = append(b.settlements, p)
				}
			}
			slices.SortStableFunc(b.settlements, func(a, c *place.Place) int { return c.Population - a.Population })
		}
		return b, nil
	})
	return b
}

func (b *border) draw(o Outline) string {
	var out strings.Builder
	for _, ring := range o {
		lastX, lastY := math.Inf(1), math.Inf(1)
		for i, p := range ring {
			x, y := b.xy(p[1], p[0])
			if i > 0 && i < len(ring)-1 && math.Abs(x-lastX)+math.Abs(y-lastY) < .3 {
				continue // closer than a line is wide
			}
			if i == 0 {
				out.WriteByte('M')
			} else {
				out.WriteByte('L')
				b.lines = append(b.lines, [4]float64{lastX, lastY, x, y})
			}
			out.WriteString(km(x) + " " + km(y))
			lastX, lastY = x, y
		}
		out.WriteByte('Z')
	}
	return out.String()
}

// crosses reports whether the border runs through the box.
func (b *border) crosses(left, top, right, bottom float64) bool {
	for _, l := range b.lines {
		// Liang and Barsky: what is left of the segment after each side has cut it.
		from, to := 0.0, 1.0
		for _, side := range [4][2]float64{{l[0] - l[2], l[0] - left}, {l[2] - l[0], right - l[0]}, {l[1] - l[3], l[1] - top}, {l[3] - l[1], bottom - l[1]}} {
			switch p, q := side[0], side[1]; {
			case p == 0 && q < 0:
				from = 2
			case p < 0:
				from = max(from, q/p)
			case p > 0:
				to = min(to, q/p)
			}
		}
		if from <= to {
			return true
		}
	}
	return false
}

func km(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

// mapHalf is half of the near view's width, in kilometres.
const (
	mapHalfW, mapHalfH = 36.0, 15.0
	mapNames           = 9 // settlements named at most
)

// mapOf returns the map of an incident, nil when its point is not known.
func (s *Staff) mapOf(i *incident.Incident) *Map {
	a := &i.Address
	lat, lon, exact := a.Lat, a.Lon, true
	if lat == 0 && lon == 0 {
		exact = false
		p, ok := s.named(i.Settlement, i.Place.Centre)
		if !ok {
			return nil
		}
		lat, lon = p.Lat, p.Lon
	}
	b := s.borderOf(i.Place.Region, lat, lon)
	x, y := b.xy(lat, lon)
	m := &Map{View: fmt.Sprintf("%s %s %s %s", km(x-mapHalfW), km(y-mapHalfH), km(2*mapHalfW), km(2*mapHalfH)), Outline: b.path,
		X: km(x), Y: km(y), Dot: "0.9", Stroke: ".25", Font: "2.1", Lat: lat, Lon: lon, Tiles: s.Tiles}
	about := 0.0 // radius of the circle in kilometres
	switch {
	case !exact:
		about = 6
	case a.Radius >= 500:
		about = float64(a.Radius) / 1000
	}
	if about > 0 {
		m.Radius = km(about)
	}
	m.ScaleX, m.ScaleEnd, m.ScaleY, m.Scale = km(x-mapHalfW+2), km(x-mapHalfW+12), km(y+mapHalfH-2), "10\u00a0км"
	m.Edge = b.crosses(x-mapHalfW, y-mapHalfH, x+mapHalfW, y+mapHalfH)
	var boxes [][4]float64
	var near []string
	for _, p := range b.settlements {
		px, py := b.xy(p.Lat, p.Lon)
		if math.Abs(px-x) > mapHalfW-1.5 || math.Abs(py-y) > mapHalfH-1.5 {
			continue
		}
		anchor, tx := "start", px+.8
		if math.Hypot(px-x, py-y) < 2 { // beside the incident's own dot
			tx = x + 1.5
		}
		if about > 0 && math.Hypot(px-x, py-y) < about { // the name stands outside of the circle that says how exact the point is
			tx = x + about + .8
		}
		w := float64(len([]rune(p.Name))) * .8
		if px+w > x+mapHalfW-1 {
			anchor, tx = "end", px-.8
		}
		box := [4]float64{tx, py - 1.1, tx + w, py + 1.1}
		if anchor == "end" {
			box[0], box[2] = tx-w, tx
		}
		if slices.ContainsFunc(boxes, func(o [4]float64) bool { return box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3] }) {
			continue
		}
		boxes = append(boxes, box)
		m.Points = append(m.Points, MapPoint{X: km(px), Y: km(py), TextX: km(tx), TextY: km(py + .48), Name: p.Name, Anchor: anchor})
		near = append(near, p.Name)
		if len(m.Points) == mapNames {
			break
		}
	}
	m.Words = "Карта: " + a.String()
	if !exact {
		m.Words = "Карта: точное место неизвестно, показан " + s.placeName(i.Place.Centre)
	}
	if len(near) > 0 {
		m.Words += ". Рядом: " + strings.Join(near[:min(4, len(near))], ", ")
	}
	return m
}

// named returns the first of the territories that has a point.
func (s *Staff) named(oktmos ...string) (*place.Place, bool) {
	for _, o := range oktmos {
		if s.Names == nil || o == "" {
			continue
		}
		if p, ok := s.Names.ByID(o); ok && p.Known() {
			return p, true
		}
	}
	return nil, false
}
