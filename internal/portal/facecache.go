package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"otklik/internal/fault"
	"otklik/internal/live"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// Bounds of the kept pages. A page is made anew when a case has changed, but no sooner than
// restful after it was made; after longest it is made anew all the same, for dates go by.
const (
	restful    = 3 * time.Second
	longest    = time.Minute
	mostKept   = 1024
	mostBytes  = 64 << 20
	mostMaking = 4 // pages that are made at one time: the rest waits its turn
)

// A shelf keeps public pages as they were made: each once per change, whoever asks. It
// holds what is the same for everybody, and never who asked.
type shelf struct {
	now    func() time.Time
	making chan struct{}

	mu     sync.Mutex
	events <-chan live.Event // nil: pages grow old by time alone
	change int               // rises when a case has changed
	use    int64             // rises with every look
	bytes  int
	kept   map[string]*keptPage
}

// A keptPage is a page with what is known of it.
type keptPage struct {
	page
	change int
	madeAt time.Time
	used   int64
	busy   chan struct{} // closed when the making has ended; nil: nobody makes it
}

// A page is an answer as it goes out.
type page struct {
	kind     string // of the content
	body, gz []byte
	etag     string
	modified time.Time // when it last became another one
}

func newShelf(hub *live.Hub, now func() time.Time) *shelf {
	s := &shelf{now: now, making: make(chan struct{}, mostMaking), kept: map[string]*keptPage{}}
	if hub != nil {
		s.events, _ = hub.Listen(scope.All())
	}
	return s
}

// changed takes in what the events say. They are read when somebody looks: what was lost
// of many says no more than the first one.
func (s *shelf) changed() {
	for {
		select {
		case <-s.events:
			s.change++
			for range len(s.events) {
				<-s.events
			}
		default:
			return
		}
	}
}

// of returns the page of the key, made by make where it is not kept or has grown old. While
// it is made anew, others get what is there.
func (s *shelf) of(ctx context.Context, key string, makeIt func(context.Context) (kind string, body []byte, err error)) (page, error) {
	for {
		s.mu.Lock()
		s.changed()
		now := s.now()
		k := s.kept[key]
		if k == nil {
			k = &keptPage{}
			s.kept[key] = k
		}
		s.use++
		k.used = s.use
		age := now.Sub(k.madeAt)
		there := k.etag != "" && age < 2*longest
		if there && (age < restful || age < longest && k.change == s.change || k.busy != nil) {
			p := k.page
			s.mu.Unlock()
			return p, nil
		}
		if busy := k.busy; busy != nil {
			s.mu.Unlock()
			select {
			case <-busy:
				continue
			case <-ctx.Done():
				return page{}, ctx.Err()
			}
		}
		k.busy = make(chan struct{})
		change := s.change
		s.mu.Unlock()
		return s.remake(ctx, key, k, change, makeIt)
	}
}

func (s *shelf) remake(ctx context.Context, key string, k *keptPage, change int, makeIt func(context.Context) (string, []byte, error)) (p page, err error) {
	made := false
	defer func() { // also after a panic: those who wait go on
		s.mu.Lock()
		defer s.mu.Unlock()
		close(k.busy)
		k.busy = nil
		if !made {
			if s.kept[key] == k {
				s.drop(key)
			}
			return
		}
		if k.etag == p.etag {
			p.modified = k.modified
		}
		if s.kept[key] == k {
			s.bytes += len(p.body) + len(p.gz) - len(k.body) - len(k.gz)
		}
		k.page, k.change, k.madeAt = p, change, s.now()
		for len(s.kept) > mostKept || s.bytes > mostBytes {
			if !s.evict() {
				break
			}
		}
	}()
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return page{}, ctx.Err()
	}
	kind, body, err := makeIt(ctx)
	if err != nil {
		return page{}, err
	}
	sum := sha256.Sum256(body)
	p = page{kind: kind, body: body, gz: site.Squeeze(body), etag: `W/"` + hex.EncodeToString(sum[:12]) + `"`, modified: s.now().UTC().Truncate(time.Second)}
	made = true
	return p, nil
}

// evict drops the page that nobody has looked at for longest; false when all are being made.
func (s *shelf) evict() bool {
	oldest, least := "", int64(0)
	for key, k := range s.kept {
		if k.busy == nil && (oldest == "" || k.used < least) {
			oldest, least = key, k.used
		}
	}
	if oldest != "" {
		s.drop(oldest)
	}
	return oldest != ""
}

func (s *shelf) drop(key string) {
	k := s.kept[key]
	s.bytes -= len(k.body) + len(k.gz)
	delete(s.kept, key)
}

// shelfOf returns where a page of a list is kept: who makes up cursors or agencies crowds out
// nothing but other pages of that sort.
func (p *Portal) shelfOf(q listQuery) *shelf {
	if q.After.Key != "" || q.Agency != 0 {
		return p.stack()
	}
	return p.shelf()
}

// serve answers with a kept page.
func (s *shelf) serve(w http.ResponseWriter, r *http.Request, key string, makeIt func(context.Context) (string, []byte, error)) error {
	p, err := s.of(r.Context(), key, makeIt)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=30")
	h.Set("ETag", p.etag)
	h.Set("Last-Modified", p.modified.Format(http.TimeFormat))
	h.Set("Vary", "Accept-Encoding")
	if unchanged(r, &p) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", p.kind)
	body := p.body
	if site.AcceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = p.gz
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the visitor may have left
	}
	return nil
}

// unchanged reports whether the visitor has the page already (RFC 9110, 13.1.2 and 13.1.3).
func unchanged(r *http.Request, p *page) bool {
	if match := r.Header.Get("If-None-Match"); match != "" {
		for one := range strings.SplitSeq(match, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(p.etag, "W/") {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !p.modified.After(since)
}

// html makes a page of the portal for everybody: in the theme of the visitor's system,
// signed in or not.
func (p *Portal) html(ctx context.Context, path, title string, body templ.Component, feeds ...site.Feed) (string, []byte, error) {
	var out bytes.Buffer
	doc := site.Doc{Title: title, Theme: "auto", Styles: []string{"portal.css"}, Body: "portal", Feeds: feeds}
	if err := site.Document(doc, p.framed(path, body)).Render(ctx, &out); err != nil {
		return "", nil, fault.New(fault.Unavailable, "render %s: %v", path, err)
	}
	return "text/html; charset=utf-8", out.Bytes(), nil
}
