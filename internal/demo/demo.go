// Package demo is the whole product on an invented Хакасия: agencies and staff
// of every role, three months of history, and fake networks on which residents go
// on writing while somebody looks at it.
//
// Open makes everything ready; Demo.Run lives until its context ends. The
// history is not inserted but lived: Seed sends invented messages through the
// real intake and invented decisions through the real desk, under a clock of its
// own, so that whatever a screen shows is true of the data below it.
//
// Nothing here is a real resident's words, and no person or company is real.
// Names of places, ministries and town administrations are.
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/config"
	"otklik/internal/fault"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/store"
)

// Region is the demo's region, Республика Хакасия.
const Region = "95000000"

// HookSecret signs calls to POST /hooks/messages in the demo.
const HookSecret = "whsec_ZGVtby1kZW1vLWRlbW8tZGVtbw=="

// Open311Key is the api_key of the demo's own Open311 (docs/open311.md).
const Open311Key = "whsec_ZGVtby1vcGVuMzExLWRlbW8tb3BlbjMxMQ=="

// defaultAddr is where the demo listens when nobody says otherwise.
const defaultAddr = "127.0.0.1:8080"

// Options says how to run the demo.
type Options struct {
	Dir  string // kept and used again; "" is a temporary folder that is removed at the end
	Addr string // host:port; "" is 127.0.0.1:8080, or a free port when that is taken
	Log  *slog.Logger
	// First is how soon the first live comment arrives; 0 is four seconds.
	First time.Duration
	// Apart makes what learns in a process of its own for a folder; nil learns inside.
	Apart func(dir string) func(context.Context, account.ID) ([]byte, error)
	// LearnAfter is how soon the first versions are learnt; 0 is not by itself.
	LearnAfter time.Duration
}

// A Demo is the product with its fake networks, ready to run.
type Demo struct {
	App      *app.App
	Networks []*Network    // of VK first
	Notes    []string      // what a person should know of this start
	Seeded   time.Duration // how long it took to make the history; 0 when it was there

	walls     []*Wall
	others    []*Network
	visited   []*Network // have no part in the history
	city      *Network   // one of them, to which incidents are handed
	system    *Network   // pushes and is called; no source of its own
	clock     timepiece
	opts      Options
	dir       string
	temporary bool
	front     net.Listener
	networks  net.Listener
	release   func() error // of the lock of the database; nil before it is held
}

// Open makes the demo ready: ports, configuration, store, history.
func Open(ctx context.Context, o Options) (d *Demo, err error) {
	d = &Demo{opts: o, dir: o.Dir, clock: timepiece{zone: krasnoyarsk()}}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
			d = nil
		}
	}()
	if d.opts.Log == nil {
		d.opts.Log = slog.New(slog.DiscardHandler)
	}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "otklik-demo-*"); err != nil {
			return d, fault.New(fault.Unavailable, "%w", err).Mend("name a folder with --dir")
		}
		d.temporary = true
	} else if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return d, fault.New(fault.Unavailable, "%w", err).Mend("check the rights of the folder")
	}
	was, err := d.before()
	if err != nil {
		return d, err
	}
	if err := d.listen(was); err != nil {
		return d, err
	}
	d.nameNetworks()
	c := d.config()
	if d.release, err = store.Hold(c.StoreURL(d.dir)); err != nil { // before the configuration of a running one is written over
		return d, err
	}
	if err := config.Save(d.dir, c); err != nil {
		return d, err
	}
	defer debug.FreeOSMemory() // dictionaries and three months in a few seconds leave much behind
	options := app.Options{Dir: d.dir, Config: c, Log: d.opts.Log, Grace: app.Grace, Demo: &app.Demo{SignIns: signIns(), Networks: d.networksURL(), LearnAfter: o.LearnAfter}}
	if o.Apart != nil {
		options.Apart = o.Apart(d.dir)
	}
	d.App, err = app.Open(ctx, options)
	if err != nil {
		return d, err
	}
	if _, err := d.App.Places.AddBundledStreets(ctx, d.App.DB); err != nil {
		return d, err
	}
	accounts, err := d.App.DB.Reader().Accounts().Accounts(ctx, scope.All())
	if err != nil {
		return d, err
	}
	if err := d.openNetworks(len(accounts) == 0); err != nil {
		return d, err
	}
	began := time.Now()
	if len(accounts) == 0 {
		if err := Seed(ctx, d.App, Stage{d.walls, d.others, d.networkPages(), &d.clock}, began); err != nil {
			return d, err
		}
		d.Seeded = time.Since(began)
	}
	return d, d.keepSources(ctx, began.AddDate(0, 0, -days))
}

// before returns the configuration that an earlier start left in the folder.
func (d *Demo) before() (config.Config, error) {
	c, err := config.Load(d.dir)
	if fault.Is(err, fault.NotFound) {
		return config.Config{}, nil
	}
	if err == nil && (len(c.VK) == 0 || c.VK[0].ServiceToken != serviceToken) {
		return c, fault.New(fault.Conflict, "%s holds an installation that is no demo", d.dir).
			Say("В этой папке настоящая установка, демо её не тронет.").Mend("name another folder, or start it: otklik serve --dir " + d.dir)
	}
	return c, err
}

// listen opens both ports. Links in the history lead to the networks' port, so
// a folder that is used again asks for the one that it had.
func (d *Demo) listen(was config.Config) (err error) {
	if d.front, err = net.Listen("tcp", cmp.Or(d.opts.Addr, defaultAddr)); err != nil && d.opts.Addr == "" {
		if d.front, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
			d.Notes = append(d.Notes, fmt.Sprintf("Порт 8080 занят, поэтому выбран свободный: %s.", d.front.Addr()))
		}
	}
	if err != nil {
		return fault.New(fault.Unavailable, "%w", err).Mend("choose another address with --addr, for instance --addr 127.0.0.1:0")
	}
	host, _, _ := net.SplitHostPort(d.front.Addr().String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	if len(was.VK) > 0 {
		if old, ok := hostPort(was.VK[0].Page); ok {
			if d.networks, err = net.Listen("tcp", old); err == nil {
				return nil
			}
			d.Notes = append(d.Notes, "Порт учебной сети занят, ссылки на старые записи не откроются.")
		}
	}
	if d.networks, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return fault.New(fault.Unavailable, "%w", err)
	}
	return nil
}

// Tokens of the fake networks.
const (
	serviceToken   = "demo-service"
	communityToken = "demo-community"
)

func (d *Demo) config() config.Config {
	c := config.Config{
		Region: Region, Title: "Республика Хакасия (демо)", Listen: d.front.Addr().String(), Store: "otklik.db", Site: d.Address(),
		Hooks: []config.Hook{{Name: "demo", Secret: HookSecret, Territory: Region}, {Name: "open311", Secret: Open311Key, Territory: Region, Open311: true}},
	}
	c.Letter = config.Letter{Lines: []string{"655017, Абакан, улица Учебная, 1 (адрес вымышлен)", "телефон 8 (3902) 00-00-00, по будням с 9 до 18"}, Signed: "Руководитель центра И. И. Учебный"}
	c.Public.Widgets = []config.Widget{
		{Mark: "gkh-abakan", Agency: offices[4].name, Sites: []string{"http://" + d.networks.Addr().String()}}, // as if it had its site among the networks
		{Mark: "vk-abakan"},
	}
	for _, n := range d.walls {
		c.VK = append(c.VK, config.VK{
			Group: n.group, Name: n.Name, ServiceToken: serviceToken, CommunityToken: communityToken,
			Territory: n.territory, Own: n.official, Every: config.Duration(pollEvery), URL: n.URL + "method/", Page: n.URL,
		})
	}
	for _, n := range d.visited {
		if n.source.Kind == source.VKSearch {
			c.VKAPI = config.VKAPI{URL: n.URL + "method/", Page: n.URL}
		}
	}
	return c
}

// Address is where the product is, «http://127.0.0.1:8080».
func (d *Demo) Address() string { return "http://" + d.front.Addr().String() }

// Close ends a demo that does not run. It may be called more than once.
func (d *Demo) Close() error {
	var errs []error
	for _, l := range []*net.Listener{&d.front, &d.networks} {
		if *l != nil {
			if err := (*l).Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
			*l = nil
		}
	}
	if d.App != nil {
		errs = append(errs, d.App.Close())
	}
	for _, n := range d.visited {
		if p, ok := n.fake.(post); ok {
			errs = append(errs, p.Close())
			n.fake = nil
		}
	}
	if d.release != nil {
		errs = append(errs, d.release())
		d.release = nil
	}
	if d.temporary {
		errs = append(errs, os.RemoveAll(d.dir))
	}
	return errors.Join(errs...)
}
