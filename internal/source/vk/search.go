package vk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/source"
)

// A Search reads what the whole network, or one community, wrote with certain words or at a
// place: newsfeed.search, and wall.search where Group is set. It finds posts, never comments:
// VK searches those nowhere.
//
// What it finds has the native id and the source of the wall where it stands, so that a post
// which a watched wall brings too is one message. Posts on people's own pages have the source
// Pages.
//
// A post may be searched only some time after it was written, so each walk begins Overlap
// before the last one. Found posts are looked at again by wall.getById for edits and
// deletions, as long as they are young.
type Search struct {
	Native   string   // source id, «vksearch:…»
	Queries  []string // words, each a question of its own; none: the point alone
	Lat, Lon float64
	Point    bool  // Lat and Lon count
	Group    int64 // only this community's wall, positive; 0: the network

	ServiceToken string
	BaseURL      string
	PageURL      string
	HTTP         *http.Client
	Limits       *Limits
	Now          func() time.Time

	Every   time.Duration          // between two questions, where the quota lets more go; 0: a minute
	Overlap time.Duration          // how late VK may show a post; 0: an hour
	Back    time.Duration          // how old posts the first walk takes; 0: a day
	Reread  time.Duration          // how often a found post is looked at; 0: half an hour, the older the more seldom; negative: at each Poll
	Calls   int                    // in one Poll without a pool; 0: 20
	Ours    func(owner int64) bool // whether a community is ours: its own posts are no residents'

	pool *Pool // nil: the search's own token, as often as it is polled

	once sync.Once
	api  *client
}

// Pages is the source of posts on people's own pages.
const Pages = "vk:pages"

// What VK's search shows.
const (
	foundPage = 200  // posts in one answer of newsfeed.search
	wallPage  = 100  // of wall.search
	foundMost = 1000 // posts of one question; older ones are asked for by a window of time
)

// How long found posts are watched, and how many of them.
const (
	foundKept  = 3 * 24 * time.Hour
	foundCount = 2000
	relookMost = 100
)

// A hunt is the cursor of a Search.
type hunt struct {
	Asked map[string]*asking `json:"q,omitempty"` // by words
	Walls map[int64]*cursor  `json:"w,omitempty"` // found posts by owner; At is when each was looked at
}

// An asking is how far one question is walked.
type asking struct {
	Since int64   `json:"s,omitempty"` // all posts up to then were seen, Unix seconds
	Begun int64   `json:"b,omitempty"` // when the walk under way began; 0: none is
	From  string  `json:"f,omitempty"` // next page
	Until int64   `json:"u,omitempty"` // end of its window; 0: now
	Seen  int     `json:"n,omitempty"` // results of the window
	At    int64   `json:"a,omitempty"` // when it was last asked
	Hits  float64 `json:"h,omitempty"` // new posts an answer, the older the less they count
}

// ID implements source.Puller.
func (s *Search) ID() string { return s.Native }

func (s *Search) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func parseHunt(b []byte) *hunt {
	h := &hunt{}
	if len(b) > 0 && json.Unmarshal(b, h) != nil {
		h = &hunt{}
	}
	if h.Asked == nil {
		h.Asked = map[string]*asking{}
	}
	if h.Walls == nil {
		h.Walls = map[int64]*cursor{}
	}
	for q, a := range h.Asked {
		if a == nil {
			delete(h.Asked, q)
		}
	}
	for owner, w := range h.Walls {
		if w == nil {
			delete(h.Walls, owner)
			continue
		}
		raw, _ := json.Marshal(w)
		h.Walls[owner] = parseCursor(raw)
	}
	return h
}

// Poll asks one question, in a pool; without one all questions to their end.
func (s *Search) Poll(ctx context.Context, cur []byte) (source.Batch, error) {
	h := parseHunt(cur)
	now := s.now()
	r := &search{Search: s, hunt: h, now: now}
	calls := 1
	if s.pool == nil {
		if calls = s.Calls; calls <= 0 {
			calls = 20
		}
	}
	h.tidy(s.questions(), now)
	round := now.Unix()
	done := false
	for k := range calls {
		q := h.next(s.questions())
		if a := h.Asked[q]; k > 0 && a.Begun == 0 && a.At >= round {
			done = true
			break
		}
		if err := r.ask(ctx, q); err != nil {
			if k > 0 && ctx.Err() == nil { // what was read is good; the next Poll meets the error again
				break
			}
			return source.Batch{}, err
		}
	}
	if err := r.relook(ctx); err != nil && ctx.Err() != nil {
		return source.Batch{}, ctx.Err()
	} // what cannot be looked at again today is looked at tomorrow
	raw, err := json.Marshal(h)
	if err != nil {
		return source.Batch{}, err
	}
	return source.Batch{Messages: r.found, Found: r.places, Cursor: raw, More: s.pool == nil && !done && h.walking()}, nil
}

// questions returns what is asked: words, or the point alone.
func (s *Search) questions() []string {
	if len(s.Queries) == 0 {
		return []string{""}
	}
	return s.Queries
}

// tidy forgets questions that are asked no more and posts that have grown old.
func (h *hunt) tidy(questions []string, now time.Time) {
	for q := range h.Asked {
		if !slices.Contains(questions, q) {
			delete(h.Asked, q)
		}
	}
	for _, q := range questions {
		if h.Asked[q] == nil {
			h.Asked[q] = &asking{}
		}
	}
	oldest := now.Add(-foundKept).Unix()
	count := 0
	for owner, w := range h.Walls {
		for id, p := range w.Posts {
			if p.Date < oldest {
				delete(w.Posts, id)
			}
		}
		if count += len(w.Posts); len(w.Posts) == 0 {
			delete(h.Walls, owner)
		}
	}
	for ; count > foundCount; count-- { // a flood: the oldest go
		owner, id, date := int64(0), int64(0), int64(0)
		for o, w := range h.Walls {
			for n, p := range w.Posts {
				if date == 0 || p.Date < date {
					owner, id, date = o, n, p.Date
				}
			}
		}
		delete(h.Walls[owner].Posts, id)
	}
}

// next returns the question whose turn it is: a walk under way, or the one that waits
// longest, where those that find much wait less.
func (h *hunt) next(questions []string) string {
	best := questions[0]
	for _, q := range questions {
		a, b := h.Asked[q], h.Asked[best]
		switch {
		case a.Begun != 0 && b.Begun == 0, (a.Begun != 0) == (b.Begun != 0) && a.At < b.At:
			best = q
		}
	}
	return best
}

func (h *hunt) walking() bool {
	for _, a := range h.Asked {
		if a.Begun != 0 {
			return true
		}
	}
	return false
}

// A search is one Poll under way.
type search struct {
	*Search
	hunt   *hunt
	now    time.Time
	found  []message.Message
	places []source.Found
}

// ask asks one page of a question.
func (r *search) ask(ctx context.Context, q string) error {
	a := r.hunt.Asked[q]
	if a.Begun == 0 {
		a.Begun, a.From, a.Until, a.Seen = r.now.Unix(), "", 0, 0
	}
	start := a.Since - or(int64(r.Overlap), int64(time.Hour))/int64(time.Second)
	if a.Since == 0 {
		start = a.Begun - or(int64(r.Back), int64(24*time.Hour))/int64(time.Second)
	}
	method, params := "newsfeed.search", url.Values{"extended": {"1"}}
	if r.Group != 0 {
		method = "wall.search"
		params.Set("query", q)
		set(params, "owner_id", -r.Group)
		set(params, "count", wallPage)
		set(params, "offset", int64(a.Seen))
	} else {
		params.Set("q", q)
		set(params, "count", foundPage)
		set(params, "start_time", start)
		if a.Until != 0 {
			set(params, "end_time", a.Until)
		}
		if a.From != "" {
			params.Set("start_from", a.From)
		}
		if r.Point {
			params.Set("latitude", strconv.FormatFloat(r.Lat, 'f', -1, 64))
			params.Set("longitude", strconv.FormatFloat(r.Lon, 'f', -1, 64))
		}
	}
	var out struct {
		page
		Next words `json:"next_from"`
	}
	if err := r.call(ctx, method, params, &out); err != nil {
		var e *source.Error
		if a.From != "" && errors.As(err, &e) && e.Code == 100 { // the page is long forgotten: the walk begins anew
			a.Begun = 0
			return nil
		}
		return err
	}
	a.At = r.now.Unix()
	fresh, oldest := r.take(&out.page)
	a.Hits = a.Hits*0.9 + float64(fresh)*0.1
	a.Seen += len(out.Items)
	switch {
	case len(out.Items) == 0, oldest < start: // the window is walked
		a.end()
	case r.Group != 0:
	case a.Seen >= foundMost: // VK shows no more: the rest lies in an older window
		if a.Until == oldest {
			oldest--
		}
		a.From, a.Until, a.Seen = "", oldest, 0
	case out.Next == "":
		a.end()
	default:
		a.From = string(out.Next)
	}
	return nil
}

func (a *asking) end() { a.Since, a.Begun, a.From, a.Until, a.Seen = a.Begun, 0, "", 0, 0 }

// take takes a page in; it returns how many posts of it are new, and when the oldest was
// written.
func (r *search) take(out *page) (fresh int, oldest int64) {
	names := Names{}
	names.Add(out.Profiles, out.Groups)
	oldest = r.now.Unix()
	for _, raw := range slices.Backward(out.Items) { // oldest first
		var it item
		if json.Unmarshal(raw, &it) != nil {
			continue
		}
		if it.Date > 0 {
			oldest = min(oldest, int64(it.Date))
		}
		if r.post(&it, names) {
			fresh++
		}
	}
	return fresh, oldest
}

// post takes one post in and reports whether it is news.
func (r *search) post(it *item, names Names) bool {
	owner, id := or(int64(it.OwnerID), int64(it.SourceID)), or(int64(it.ID), int64(it.PostID))
	if owner == 0 || id == 0 || it.PostType == "reply" || it.PostType == "suggest" || it.PostType == "postpone" {
		return false
	}
	f := Frame{Source: foundIn(owner), Owner: owner, Page: r.PageURL, Names: names}
	f.Ours = r.Ours != nil && r.Ours(owner)
	m := post(it, f)
	w := r.hunt.Walls[owner]
	if w == nil {
		w = parseCursor(nil)
		r.hunt.Walls[owner] = w
		r.places = append(r.places, place(owner, names, r.PageURL))
	}
	news := w.seePost(&m, id, int64(it.replies().Count))
	if w.Posts[id].At = r.now.Unix(); !news {
		return false
	}
	m.SeenAt = r.now.UTC()
	r.found = append(r.found, m)
	return true
}

// foundIn is the source of what stands on a wall.
func foundIn(owner int64) string {
	if owner > 0 {
		return Pages
	}
	return SourceID(owner)
}

// place is what is proposed as a source: the community where something was found.
func place(owner int64, names Names, page string) source.Found {
	if page == "" {
		page = Page
	}
	f := source.Found{ID: foundIn(owner), Channel: message.VK, Proposed: true}
	if owner > 0 {
		f.Name = "Личные страницы ВКонтакте"
		return f
	}
	n := strconv.FormatInt(-owner, 10)
	f.URL = page + "club" + n
	if f.Name = strings.TrimSpace(names[owner]); f.Name == "" {
		f.Name = "Сообщество " + n
	}
	return f
}

// relook looks at found posts again, those first that were looked at longest ago: an edit is
// a new revision, and one that is twice not shown was deleted.
func (r *search) relook(ctx context.Context) error {
	type known struct{ owner, id int64 }
	var due []known
	for owner, w := range r.hunt.Walls {
		for id, p := range w.Posts {
			every := max(time.Duration(or(int64(r.Reread), int64(30*time.Minute))), r.now.Sub(time.Unix(p.Date, 0))/4)
			if since := r.now.Sub(time.Unix(p.At, 0)); p.At == 0 || since >= every || since < 0 || r.Reread < 0 {
				due = append(due, known{owner, id})
			}
		}
	}
	if len(due) == 0 {
		return nil
	}
	order.By(due, func(a, b known) int {
		pa, pb := r.hunt.Walls[a.owner].Posts[a.id], r.hunt.Walls[b.owner].Posts[b.id]
		switch {
		case pa.At != pb.At:
			return int(pa.At - pb.At)
		case a.owner != b.owner:
			return int(a.owner - b.owner)
		}
		return int(a.id - b.id)
	})
	due = due[:min(len(due), relookMost)]
	names := make([]string, len(due))
	for k, d := range due {
		names[k] = strconv.FormatInt(d.owner, 10) + "_" + strconv.FormatInt(d.id, 10)
	}
	var out page
	params := url.Values{"posts": {strings.Join(names, ",")}, "extended": {"1"}, "copy_history_depth": {"0"}}
	if err := r.read(ctx, "wall.getById", params, &out); err != nil {
		return err
	}
	shown := map[known]bool{}
	for _, raw := range out.Items {
		var it item
		if json.Unmarshal(raw, &it) == nil && !it.gone() {
			shown[known{int64(it.OwnerID), int64(it.ID)}] = true
		}
	}
	r.take(&out)
	for _, d := range due {
		p := r.hunt.Walls[d.owner].Posts[d.id]
		if p == nil {
			continue
		}
		p.At = r.now.Unix()
		if shown[d] {
			continue
		}
		was := p.Missed
		if rev, sure := p.losePost(); sure {
			ref := Ref{Place: "wall", Owner: d.owner, Item: d.id}
			r.found = append(r.found, message.Message{
				Source: foundIn(d.owner), Channel: message.VK, Form: message.Post, Native: ref.String(), SeenAt: r.now.UTC(),
				Revision: rev, Event: message.Deleted, URL: ref.Link(r.PageURL, 0), PublishedAt: unix(number(p.Date)),
			})
		} else if p.Missed != was {
			p.At = 0 // it may be a whim of the network: soon again
		}
	}
	return nil
}
