package demo

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"otklik/internal/fault"
	"otklik/internal/source/vk/vkfake"
)

// pollEvery is how often the demo reads its fake networks.
const pollEvery = 3 * time.Second

// A Network is a community of the fake VK with a page of its own.
type Network struct {
	Name string
	URL  string // with a slash at the end
	Fake *vkfake.Fake

	group     int64
	path      string
	territory string // OKTMO that it speaks for
	home      string // town that it speaks for
	official  bool   // a page of the region itself: every comment is addressed to us
}

// nameNetworks says which communities there are and where their pages will be.
func (d *Demo) nameNetworks() {
	base := "http://" + d.networks.Addr().String() + "/"
	d.Networks = []*Network{
		{Name: "Наш Абакан", group: 1001, path: "nash-abakan", territory: "95701000", home: "Абакан"},
		{Name: "Хакасия на связи", group: 1002, path: "khakassia", territory: Region, official: true},
	}
	for _, n := range d.Networks {
		n.URL = base + n.path + "/"
	}
}

// openNetworks makes the fakes. In a folder that stays their walls are kept;
// fresh begins with empty ones.
func (d *Demo) openNetworks(fresh bool) (err error) {
	zone := krasnoyarsk()
	for _, n := range d.Networks {
		o := vkfake.Options{
			Group: n.group, Name: n.Name, Screen: n.path, ServiceToken: serviceToken, CommunityToken: communityToken,
			Now: func() time.Time { return time.Now().In(zone) }, // pages tell the region's time
		}
		if !d.temporary {
			o.Snapshot = filepath.Join(d.dir, n.path+".wall.json")
			if fresh {
				if err := os.RemoveAll(o.Snapshot); err != nil { // of a start that was cut off
					return fault.New(fault.Unavailable, "%w", err).Mend("check the rights of the folder")
				}
			}
		}
		if n.Fake, err = vkfake.New(o); err != nil {
			return err
		}
	}
	return nil
}

// networkPages serves the communities, each under its own path.
func (d *Demo) networkPages() http.Handler {
	mux := http.NewServeMux()
	for _, n := range d.Networks {
		prefix := "/" + n.path
		mux.Handle(prefix+"/", http.StripPrefix(prefix, n.Fake))
		mux.Handle(fmt.Sprintf("GET %s/club%d", prefix, n.group), http.RedirectHandler(prefix+"/", http.StatusSeeOther))
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="ru"><meta charset="utf-8"><title>Учебная сеть</title><h1>Учебная сеть</h1><ul>`)
		for _, n := range d.Networks {
			fmt.Fprintf(w, `<li><a href="%s/">%s</a></li>`, n.path, html.EscapeString(n.Name))
		}
		fmt.Fprint(w, "</ul></html>")
	})
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
