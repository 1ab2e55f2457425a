package vk

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"otklik/internal/fault"
)

// A Wall is a community's wall. Set Group and ServiceToken to read it,
// CommunityToken as well to answer on it. The rest has useful defaults.
type Wall struct {
	Group          int64  // positive number of the community
	ServiceToken   string // service key of an application: reads
	CommunityToken string // token of the community: writes; empty for a wall of others

	BaseURL string // of the methods, with a slash at the end; empty: API
	PageURL string // beginning of links for people, with a slash at the end; empty: Page

	Posts  int           // how many of the newest posts are watched; 0: 30, at most 100
	Calls  int           // calls in one Poll; 0: 20
	Reread time.Duration // how long a post whose comment count stands still is not read again; 0: 2 minutes, negative: always read

	PerSecond float64       // replies; 0: 1, negative: no limit
	PerDay    int           // tries in 24 hours; 0: no limit known
	Settle    time.Duration // how long a comment may take to be seen; 0: a minute
	FloodRest time.Duration // how long to rest after the network's flood control; 0: 5 minutes

	// Events says how VK tells of what happens in a community of ours: "", Callback or
	// LongPoll. Both want the community's token with the right to manage it.
	Events string
	Hook   string        // our address that VK calls
	Wait   time.Duration // how long a long poll waits, at most 90 s

	Boards bool // discussions are read, too

	// Talks says that private messages to the community are read, too, and that people are
	// told when they cannot be. With Events they come all the same where the token lets them.
	Talks bool

	HTTP   *http.Client     // nil: a client of our own
	Limits *Limits          // shared by walls with the same token; nil: our own
	Now    func() time.Time // nil: time.Now

	pool *Pool // nil: the tokens of the wall alone

	once sync.Once
	api  client

	mu     sync.Mutex
	names  Names           // of authors of events
	later  map[string]bool // comments of which an edit, a deletion or a restore has come
	looked time.Time       // when it was last seen that VK calls us
	code   string          // of the confirmation
	coded  time.Time
	mute   time.Time // until when private messages are not asked for, because the token may not
}

// ID returns the source id, «vk:-1001».
func (w *Wall) ID() string { return SourceID(w.owner()) }

func (w *Wall) owner() int64 { return -w.Group }

func (w *Wall) now() time.Time {
	if w.Now != nil {
		return w.Now()
	}
	return time.Now()
}

// client returns the client, made once.
func (w *Wall) client() *client {
	w.once.Do(func() {
		w.api = client{http: w.HTTP, base: w.BaseURL, limits: w.Limits}
		if w.api.http == nil {
			w.api.http = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
		}
		if w.api.base == "" {
			w.api.base = API
		}
		if w.api.limits == nil {
			w.api.limits = &Limits{}
		}
	})
	return &w.api
}

// read calls a reading method, with the service token or with any of the pool.
func (w *Wall) read(ctx context.Context, method string, params url.Values, out any) error {
	if w.pool != nil {
		return w.pool.call(ctx, method, params, out)
	}
	if w.Limits != nil && w.Limits.Pool != nil {
		if err := w.Limits.Pool.spent(ctx, w.ServiceToken, method); err != nil {
			return err
		}
	}
	return w.client().call(ctx, method, w.ServiceToken, false, params, out)
}

func (w *Wall) frame(names Names) Frame {
	return Frame{Source: w.ID(), Owner: w.owner(), Ours: w.CommunityToken != "", Page: w.PageURL, Names: names}
}

// A Group is what VK tells of a community.
type Group struct {
	ID     int64
	Name   string
	Screen string // screen name: the end of its address
	Closed bool   // its wall cannot be read
}

// Community asks VK for the community's name; it proves the service token too.
func (w *Wall) Community(ctx context.Context) (Group, error) {
	var out node
	err := w.read(ctx, "groups.getById", url.Values{"group_id": {strconv.FormatInt(w.Group, 10)}}, &out)
	if err != nil {
		return Group{}, err
	}
	type group struct {
		ID     number `json:"id"`
		Name   words  `json:"name"`
		Screen words  `json:"screen_name"`
		Closed number `json:"is_closed"`
	}
	var now struct {
		Groups []group `json:"groups"`
	}
	var groups []group
	if out.into(&now) {
		groups = now.Groups
	} else { // the shape of older versions
		groups = array[group](out)
	}
	if len(groups) == 0 {
		return Group{}, fault.New(fault.NotFound, "vk: no community %d", w.Group).Say("Такого сообщества нет во ВКонтакте: проверьте его номер.")
	}
	g := groups[0]
	return Group{ID: int64(g.ID), Name: string(g.Name), Screen: string(g.Screen), Closed: g.Closed != 0}, nil
}

func set(params url.Values, key string, n int64) { params.Set(key, strconv.FormatInt(n, 10)) }
