package portal

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/publicface"
	"otklik/internal/site"
)

// A MapPage is a map drawn here, with all of it as a list beside.
type MapPage struct {
	Query   listQuery
	Title   string
	View    string // viewBox, in hundredths of a kilometre
	Border  string // path; "" = no outline is known
	Spots   []MapSpot
	Groups  []Choice
	Areas   []Choice
	Count   string
	More    bool // there are more open cases than the map counts
	Without int  // cases whose place is not known to a point
	List    string
}

// A MapSpot is a circle: cases near each other, or of one municipality.
type MapSpot struct {
	X, Y, R int
	N       int
	Name    string // in words, as the list beside says it
	URL     string // of the list beside, of a municipality's map, or of the case
	Font    int
	Cases   []CaseRow // of a square of several: the newest
}

// mostOnMap is how many open cases a map counts, the newest.
const mostOnMap = 4000

func (p *Portal) areaMap(w http.ResponseWriter, r *http.Request) error {
	q, err := p.listed(r.URL.Query())
	if err != nil {
		return err
	}
	q = listQuery{Centre: q.Centre, Group: q.Group}
	return p.shelfOf(q).serve(w, r, q.URL("/map"), func(ctx context.Context) (string, []byte, error) {
		v, err := p.mapPage(ctx, q)
		if err != nil {
			return "", nil, err
		}
		return p.html(ctx, "/map", v.Title, mapPage(v))
	})
}

func (p *Portal) mapPage(ctx context.Context, q listQuery) (*MapPage, error) {
	tx := p.Cases()
	n, err := p.names(ctx, tx)
	if err != nil {
		return nil, err
	}
	v := &MapPage{Query: q, Title: "Карта сообщений", List: q.URL("/list")}
	var faces []publicface.Face
	f := q.Filter(p.Now())
	f.Open, f.Limit = true, 1000
	rule := p.Face.Rule()
	total := 0
	for {
		page, err := p.shown(ctx, tx, f)
		if err != nil {
			return nil, err
		}
		for k := range page.Rows {
			if one, ok := p.coarse(rule, &page.Rows[k].Incident); ok {
				total++
				faces = append(faces, one)
			}
		}
		if page.Next.Key == "" {
			break
		}
		if total >= mostOnMap {
			v.More = true
			break
		}
		f.After = page.Next
	}
	v.Count = site.Count(total, "сообщение", "сообщения", "сообщений") + " в работе"
	p.draw(v, n, faces)
	for _, a := range p.Face.Areas {
		v.Areas = append(v.Areas, Choice{a.Code, a.Name, a.Code == q.Centre})
	}
	for _, g := range p.Topics().Groups() {
		v.Groups = append(v.Groups, Choice{g.Name, g.Name, g.Name == q.Group})
	}
	return v, nil
}

// A cluster is what a spot stands for.
type cluster struct {
	x, y  float64
	n     int
	point int // of those with a point
	area  string
	face  *publicface.Face
	cases []*publicface.Face // the newest ofSquare
}

// ofSquare is how many cases of a square the list beside names.
const ofSquare = 10

// perDegree is a degree of latitude in hundredths of a kilometre.
const perDegree = 11120.0

// draw projects (equirectangular, true at the middle latitude) and puts cases together: by
// municipality on the map of a region, by squares on the map of one.
func (p *Portal) draw(v *MapPage, n *names, faces []publicface.Face) {
	lat0, seen := 0.0, 0
	for k := range faces {
		if faces[k].Address.Lat != 0 {
			lat0, seen = lat0+faces[k].Address.Lat, seen+1
		}
	}
	if lat0 /= float64(max(seen, 1)); seen == 0 && len(p.Face.Outline) > 0 && len(p.Face.Outline[0]) > 0 {
		lat0 = p.Face.Outline[0][0][1]
	}
	squeeze := math.Cos(lat0 * math.Pi / 180)
	at := func(lat, lon float64) (x, y float64) { return lon * squeeze * perDegree, -lat * perDegree }
	box := bounds{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for k := range faces {
		if a := &faces[k].Address; a.Lat != 0 {
			box.add(at(a.Lat, a.Lon))
		}
	}
	if v.Query.Centre == "" {
		for _, ring := range p.Face.Outline {
			for _, c := range ring {
				box.add(at(c[1], c[0]))
			}
		}
	}
	if box.right < box.left {
		v.Without = len(faces)
		return
	}
	box.pad()
	v.View = fmt.Sprintf("0 0 %d %d", int(box.right-box.left), int(box.bottom-box.top))
	var path strings.Builder
	for _, ring := range p.Face.Outline {
		lastX, lastY := math.Inf(1), math.Inf(1)
		step := (box.right - box.left) / 500
		for i, c := range ring {
			x, y := at(c[1], c[0])
			if i > 0 && math.Abs(x-lastX)+math.Abs(y-lastY) < step {
				continue
			}
			path.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + strconv.Itoa(int(x-box.left)) + " " + strconv.Itoa(int(y-box.top)))
			lastX, lastY = x, y
		}
		path.WriteString("Z")
	}
	v.Border = path.String()
	clusters := map[string]*cluster{}
	cell := (box.right - box.left) / 12
	for k := range faces {
		a := &faces[k].Address
		key := faces[k].Centre
		if v.Query.Centre != "" {
			if a.Lat == 0 {
				v.Without++
				continue
			}
			x, y := at(a.Lat, a.Lon)
			key = fmt.Sprintf("%d.%d", int(x/cell), int(y/cell))
		}
		c := clusters[key]
		if c == nil {
			c = &cluster{area: faces[k].Centre, face: &faces[k]}
			clusters[key] = c
		}
		if c.n++; v.Query.Centre != "" && len(c.cases) < ofSquare {
			c.cases = append(c.cases, &faces[k])
		}
		if a.Lat != 0 {
			x, y := at(a.Lat, a.Lon)
			c.x, c.y, c.point = c.x+x, c.y+y, c.point+1
		}
	}
	for _, c := range clusters {
		if c.point == 0 {
			v.Without += c.n
			continue
		}
		v.Spots = append(v.Spots, p.spot(v, n, c, &box))
	}
	slices.SortFunc(v.Spots, func(a, b MapSpot) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name), a.X-b.X, a.Y-b.Y) })
	apart(v.Spots)
	for k := range v.Spots {
		if s := &v.Spots[k]; len(s.Cases) > 0 {
			s.URL = "#spot-" + strconv.Itoa(k)
		}
	}
}

// apart moves circles from each other until none covers another, the smaller one further.
func apart(spots []MapSpot) {
	for range 40 {
		moved := false
		for i := range spots {
			for j := i + 1; j < len(spots); j++ {
				a, b := &spots[i], &spots[j]
				dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
				far, want := math.Hypot(dx, dy), float64(a.R+b.R)*1.05
				if far >= want {
					continue
				}
				if far < 1 {
					dx, dy, far = 1, 0, 1
				}
				push := (want - far) / far
				share := float64(b.R) / float64(a.R+b.R)
				a.X, a.Y = a.X-int(dx*push*share), a.Y-int(dy*push*share)
				b.X, b.Y = b.X+int(math.Ceil(dx*push*(1-share))), b.Y+int(math.Ceil(dy*push*(1-share)))
				moved = true
			}
		}
		if !moved {
			return
		}
	}
}

func (p *Portal) spot(v *MapPage, n *names, c *cluster, box *bounds) MapSpot {
	wide := box.right - box.left
	s := MapSpot{X: int(c.x/float64(c.point) - box.left), Y: int(c.y/float64(c.point) - box.top), N: c.n, R: int(wide * min(.022+.006*math.Log2(float64(c.n)), .06)), Font: int(wide * .024)}
	q := v.Query
	switch {
	case c.n == 1:
		s.Name, s.URL = n.topic(c.face)+", "+p.where(c.face), "/list/"+c.face.Number
	case q.Centre == "":
		a, _ := p.area(c.area)
		s.Name = cmp.Or(a.Name, "Без территории")
		s.URL = q.URL("/map")
		if a.Code != "" {
			q.Centre = a.Code
			s.URL = q.URL("/map")
		}
	default:
		s.Name = "Около: " + p.where(c.face)
		for _, f := range c.cases {
			s.Cases = append(s.Cases, p.row(n, f))
		}
	}
	return s
}

type bounds struct{ left, top, right, bottom float64 }

func (b *bounds) add(x, y float64) {
	b.left, b.right, b.top, b.bottom = min(b.left, x), max(b.right, x), min(b.top, y), max(b.bottom, y)
}

// pad leaves room around, and gives a single point some country.
func (b *bounds) pad() {
	room := max((b.right-b.left)*.06, (b.bottom-b.top)*.06, 100)
	b.left, b.right, b.top, b.bottom = b.left-room, b.right+room, b.top-room, b.bottom+room
}
