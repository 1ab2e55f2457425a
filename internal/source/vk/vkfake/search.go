package vkfake

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"otklik/internal/order"
)

// Searching: newsfeed.search over all that the network shows, wall.search on the wall. A post
// is found only when it is indexed, Options.IndexDelay after it was written, and newest first.
// The network has more than this wall: Elsewhere writes on another one.

// foundMost is how many posts one question shows, whatever there are.
const foundMost = 1000

// stray is a post on another wall than the fake's own.
type stray struct {
	Owner    int64    `json:"owner"`
	Name     string   `json:"name"` // of the community; of a person People tells
	ID       int64    `json:"id"`
	Date     int64    `json:"date"`
	Edited   int64    `json:"edited,omitempty"`
	Text     string   `json:"text"`
	Lat, Lon *float64 `json:",omitempty"`
	Deleted  bool     `json:"deleted,omitempty"`
}

// Elsewhere writes a post on another wall: owner is a person (of Person) on their own page,
// or a community (negative) of that name.
func (f *Fake) Elsewhere(owner int64, name, text string, at time.Time) (id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.elsewhere(&stray{Owner: owner, Name: name, Text: text, Date: at.Unix()})
}

// ElsewhereAt writes a post that carries a point.
func (f *Fake) ElsewhereAt(owner int64, name, text string, at time.Time, lat, lon float64) (id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.elsewhere(&stray{Owner: owner, Name: name, Text: text, Date: at.Unix(), Lat: &lat, Lon: &lon})
}

func (f *Fake) elsewhere(s *stray) int64 {
	f.state.Last++
	s.ID = f.state.Last
	if f.state.Strays = append(f.state.Strays, s); len(f.state.Strays) > maxPosts {
		f.state.Strays = f.state.Strays[1:]
	}
	f.save()
	return s.ID
}

// stray returns a post of another wall, or nil.
func (f *Fake) stray(id int64) *stray {
	for _, s := range f.state.Strays {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// A hit is a post that a search may show.
type hit struct {
	date  int64
	owner int64
	id    int64
	text  string
	lat   *float64
	lon   *float64
	json  map[string]any
	from  int64
}

// hits returns what is indexed. The caller holds the lock.
func (f *Fake) hits(all bool) (list []hit) {
	last := f.opts.Now().Add(-f.opts.IndexDelay).Unix()
	for _, q := range f.state.Posts {
		if !q.Deleted && q.Date <= last {
			list = append(list, hit{date: q.Date, owner: f.Owner(), id: q.ID, text: q.Text, json: f.postJSON(q), from: q.From})
		}
	}
	for _, s := range f.state.Strays {
		if all && !s.Deleted && s.Date <= last {
			list = append(list, hit{s.Date, s.Owner, s.ID, s.Text, s.Lat, s.Lon, f.strayJSON(s), s.Owner})
		}
	}
	return list
}

func (f *Fake) strayJSON(s *stray) map[string]any {
	m := f.postJSON(&post{ID: s.ID, From: s.Owner, Date: s.Date, Edited: s.Edited, Text: s.Text})
	m["owner_id"] = s.Owner
	if s.Lat != nil {
		m["geo"] = map[string]any{"type": "point", "coordinates": fmt.Sprintf("%g %g", *s.Lat, *s.Lon)}
	}
	return m
}

// fits reports whether a post holds all words of a question, in any form that begins alike.
func (h *hit) fits(words []string) bool {
	text := strings.ToLower(h.text)
	for _, w := range words {
		r := []rune(w)
		if n := len(r); n > 5 { // VK searches by word stems
			r = r[:n-2]
		}
		if !strings.Contains(text, string(r)) {
			return false
		}
	}
	return true
}

// near reports whether a post carries a point within some ten kilometres.
func (h *hit) near(lat, lon float64) bool {
	if h.lat == nil {
		return false
	}
	dx := (*h.lon - lon) * math.Cos(lat*math.Pi/180)
	return math.Hypot(dx, *h.lat-lat)*111 <= 10
}

func (f *Fake) newsfeedSearch(p params) (any, int) { return searchAll([]*Fake{f}, p) }

// searchAll is newsfeed.search over several communities. The caller holds the locks.
func searchAll(fakes []*Fake, p params) (any, int) {
	f := fakes[0]
	words := strings.Fields(strings.ToLower(p.text("q")))
	lat, badLat := strconv.ParseFloat(p.text("latitude"), 64)
	lon, badLon := strconv.ParseFloat(p.text("longitude"), 64)
	point := p.text("latitude") != "" || p.text("longitude") != ""
	offset := 0
	if from := p.text("start_from"); from != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(from, "page/"))
		if err != nil || n < 0 {
			return nil, 100
		}
		offset = n
	}
	if point && (badLat != nil || badLon != nil) || !point && len(words) == 0 {
		return nil, 100
	}
	start, end := p.int("start_time"), p.int("end_time")
	if start == 0 {
		start = f.opts.Now().Add(-24 * time.Hour).Unix()
	}
	var found []hit
	for _, one := range fakes {
		for _, h := range one.hits(true) {
			if h.date >= start && (end == 0 || h.date <= end) && h.fits(words) && (!point || h.near(lat, lon)) {
				found = append(found, h)
			}
		}
	}
	newest(found)
	total := len(found)
	found = found[:min(total, foundMost)]
	count := p.bounded("count", 30, 200)
	items := []any{}
	from := map[int64]bool{}
	for _, h := range part(found, offset, count) {
		items = append(items, h.json)
		from[h.owner], from[h.from] = true, true
	}
	answer := map[string]any{"items": items, "count": len(items), "total_count": total}
	if next := offset + len(items); next < len(found) && len(items) > 0 {
		answer["next_from"] = "page/" + strconv.Itoa(next)
	}
	f.people(fakes, p, answer, from)
	return answer, 0
}

// people adds the profiles and groups of a search, which stand on many walls.
func (f *Fake) people(fakes []*Fake, p params, answer map[string]any, from map[int64]bool) {
	if p.text("extended") != "1" {
		return
	}
	profiles, groups := []any{}, []any{}
	for id := range from {
		for k, one := range fakes {
			switch {
			case id == one.Owner():
				groups = append(groups, one.groupJSON())
			case id > 0 && (one.state.People[id] != "" || k == len(fakes)-1):
				profiles = append(profiles, one.userJSON(id))
			case id < 0:
				if name := one.strayName(id); name != "" {
					groups = append(groups, map[string]any{"id": -id, "name": name, "screen_name": "club" + strconv.FormatInt(-id, 10), "is_closed": 0, "type": "group"})
				}
				continue
			default:
				continue
			}
			break
		}
	}
	answer["profiles"], answer["groups"] = profiles, groups
}

func (f *Fake) strayName(owner int64) string {
	for _, s := range f.state.Strays {
		if s.Owner == owner && s.Name != "" {
			return s.Name
		}
	}
	return ""
}

func newest(list []hit) {
	order.By(list, func(a, b hit) int { return cmp.Or(cmp.Compare(b.date, a.date), cmp.Compare(b.id, a.id)) })
}

// wallSearch is wall.search: the wall alone, by offset.
func (f *Fake) wallSearch(p params) (any, int) {
	if p.int("owner_id") != f.Owner() {
		return nil, 15
	}
	words := strings.Fields(strings.ToLower(p.text("query")))
	if len(words) == 0 {
		return nil, 100
	}
	var found []hit
	for _, h := range f.hits(false) {
		if h.fits(words) && (p.text("owners_only") != "1" || h.from == f.Owner()) {
			found = append(found, h)
		}
	}
	newest(found)
	items := []any{}
	from := map[int64]bool{f.Owner(): true}
	for _, h := range part(found, int(p.int("offset")), p.bounded("count", 20, 100)) {
		items = append(items, h.json)
		from[h.from] = true
	}
	return f.extend(p, map[string]any{"count": len(found), "items": items}, from), 0
}

// manySearch answers newsfeed.search for several communities at once.
func manySearch(fakes []*Fake, w http.ResponseWriter, r *http.Request) {
	first := fakes[0]
	first.mu.Lock()
	first.counts["newsfeed.search"]++
	code := first.check("newsfeed.search", r)
	first.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	var answer any
	if code == 0 {
		for _, f := range fakes {
			f.mu.Lock()
			defer f.mu.Unlock()
		}
		answer, code = searchAll(fakes, params{r})
	}
	if code != 0 {
		_, _ = w.Write(encode(map[string]any{"error": refusal(code, "newsfeed.search", r)}))
		return
	}
	_, _ = w.Write(encode(map[string]any{"response": answer}))
}
