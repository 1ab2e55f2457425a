package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"otklik/internal/fault"
	"otklik/internal/source"
)

// pollEvery is how often the demo reads its fake networks.
const pollEvery = 3 * time.Second

// siteEvery is how often it reads those that are pages.
const siteEvery = 5 * time.Second

// others are the networks beside VK, in the order in which pages and the greeting name
// them. To mount one more, write what returns it in a file of its own and name it here.
var others = []func() *Network{telegramChannel, telegramPages, maxChannel, okGroup, newsSite, forum}

// A Network is a community, a channel or a site of a fake network, with a page of its own.
type Network struct {
	Name  string // «Черногорск рядом»
	Sort  string // «Telegram»
	About string // for a visitor, in Russian: what can be seen and done there
	URL   string // with a slash at the end

	path string // its address below that of all networks, and its section of places.txt
	home string // town that it speaks for, "" = the whole region
	fake fake

	source source.Source // as an administrator keeps it, but for addresses; empty where the configuration names it
	secret string        // of its key; "" where none is needed

	// make makes the fake; the addresses are known.
	make func(n *Network, c circumstances) (fake, error)
	// settings are those of the source, with its addresses.
	settings func(n *Network) map[string]any
	// open opens its connector for the history, which asks the fake within this process.
	open func(s source.Source, key source.Key, in within) (source.Connection, error)
}

// A fake is a network as residents use it.
type fake interface {
	http.Handler
	// say lets a resident write where people talk: back says under which post, 0 = the newest.
	say(back int, author, words string) error
	// post gives them something to talk about: a line of places.txt.
	post(words string)
}

// errNothing is what a fake says where nothing stands yet that could be commented on.
var errNothing = errors.New("demo: there is no post yet")

// Circumstances are what a fake is made with.
type circumstances struct {
	now      func() time.Time
	snapshot string // file that keeps it; "" = memory alone
}

// A timepiece is the clock of the fakes: it shows the time of the history while that is
// lived, and then the present one. Pages tell the region's time.
type timepiece struct {
	past atomic.Pointer[time.Time]
	zone *time.Location
}

func (t *timepiece) now() time.Time {
	if past := t.past.Load(); past != nil {
		return past.In(t.zone)
	}
	return time.Now().In(t.zone)
}

func (t *timepiece) set(at time.Time) { t.past.Store(&at) }
func (t *timepiece) release()         { t.past.Store(nil) }

// nameNetworks says which networks there are and where their pages will be.
func (d *Demo) nameNetworks() {
	d.walls = vkWalls()
	for _, w := range d.walls {
		d.Networks = append(d.Networks, &w.Network)
	}
	for _, other := range others {
		d.others = append(d.others, other())
	}
	d.city = neighbourCity()
	d.visited = []*Network{peoplePages(), d.city, mailboxOf()}
	d.system = d.portalSystem()
	d.Networks = append(append(append(d.Networks, d.others...), d.system), d.visited...)
	for _, n := range d.Networks {
		n.URL = d.networksURL() + n.path + "/"
	}
}

// networksURL is the page that names all networks.
func (d *Demo) networksURL() string { return "http://" + d.networks.Addr().String() + "/" }

// openNetworks makes the fakes. In a folder that stays they are kept; fresh begins with
// empty ones.
func (d *Demo) openNetworks(fresh bool) (err error) {
	for _, n := range d.Networks {
		c := circumstances{now: d.clock.now}
		if !d.temporary {
			c.snapshot = filepath.Join(d.dir, n.path+".wall.json")
			if fresh {
				if err := os.RemoveAll(c.snapshot); err != nil { // of a start that was cut off
					return fault.New(fault.Unavailable, "%w", err).Mend("check the rights of the folder")
				}
			}
		}
		if n.fake, err = n.make(n, c); err != nil {
			return err
		}
	}
	return nil
}

// networkPages serves the networks, each under its own path.
func (d *Demo) networkPages() http.Handler {
	mux := http.NewServeMux()
	for _, n := range d.Networks {
		prefix := "/" + n.path
		mux.Handle(prefix+"/", http.StripPrefix(prefix, n.fake))
	}
	for _, w := range d.walls {
		mux.Handle(fmt.Sprintf("GET /%s/club%d", w.path, w.group), http.RedirectHandler("/"+w.path+"/", http.StatusSeeOther))
	}
	mux.HandleFunc("GET /{$}", d.fair)
	return mux
}

// Run serves until ctx ends, and returns after everything has ended.
func (d *Demo) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, d.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	networks := &http.Server{Handler: d.networkPages(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	var g, back errgroup.Group
	back.Go(func() error {
		defer cancel()
		if err := networks.Serve(d.networks); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	front := &doorbell{Listener: d.front, rung: make(chan struct{}, 1)}
	g.Go(func() error { defer cancel(); return d.App.Run(ctx, front) })
	g.Go(func() error { newTrickle(d, front.rung).run(ctx); return nil })
	err = g.Wait() // the networks go last: a reply under way is still published
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer done()
	if e := networks.Shutdown(stop); e != nil {
		err = errors.Join(err, networks.Close())
	}
	return errors.Join(err, back.Wait())
}

func hostPort(page string) (string, bool) {
	u, err := url.Parse(page)
	return u.Host, err == nil && u.Host != ""
}
