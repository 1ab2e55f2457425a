package app

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/source/vk"
)

// openSources opens what the centre reads: the sources of the configuration's file and
// those that the administrator keeps.
func (a *App) openSources(ctx context.Context) error {
	box, err := seal.Keyed(filepath.Join(a.Dir, seal.Name))
	if err != nil {
		return err
	}
	limits := &vk.Limits{} // of all tokens: two walls with one token share its allowance
	for _, c := range a.Config.VK {
		limits.Reads = max(limits.Reads, c.Reads)
	}
	if a.Demo != nil {
		limits.PerSecond = -1
	}
	a.pool = &vk.Pool{Limits: limits, BaseURL: a.Config.VKAPI.URL, Now: a.Now, Ledger: spending{a.DB}}
	if a.Demo != nil { // a visitor waits, and the fake counts nothing
		a.pool.Asks = 1000 * vk.SearchesPerDay
	}
	spent, err := a.DB.Reader().Sources().Spent(ctx)
	if err != nil {
		return err
	}
	a.pool.Recall(spent)
	limits.Pool = a.pool
	senders, err := a.fixedSenders()
	if err != nil {
		return err
	}
	a.Roster = roster.New(roster.Options{
		Store: a.DB, Box: box, Kinds: a.kinds(limits), Fixed: append(a.fixedSources(limits), senders...), Read: a.Intake.Follow, Take: a.takeBack,
		Stand: a.standOf, Places: a.Places, Now: a.Now, Log: a.Log,
	})
	return a.Roster.Load(ctx)
}

// takeBack takes in what a source gave of its past.
func (a *App) takeBack(ctx context.Context, c source.Connection, list []message.Message, also func(incident.Tx, int) error) error {
	_, err := a.Intake.Back(ctx, c, list, also)
	return err
}

// standOf returns the region and the centre of a territory.
func (a *App) standOf(territory string) scope.Place {
	p, _ := a.Desk.Stand(&message.Message{Territory: territory}, nil)
	return scope.Place{Region: p.Region, Centre: p.Centre}
}

// kinds are the connectors.
func (a *App) kinds(limits *vk.Limits) map[source.Kind]roster.Connector {
	feeds, pages := a.siteKinds()
	return map[source.Kind]roster.Connector{
		source.Feed: feeds,
		source.Page: pages,
		source.VK: {
			Fields: vk.Fields,
			Set:    vk.Set,
			Keyed:  true,
			Open: func(s source.Source, reads, answers source.Key) (source.Connection, error) {
				return vk.Open(s, reads, answers, a.vkOptions(limits))
			},
			Recognise: vk.Recogniser{Ask: a.askVK, Limits: limits},
		},
		source.VKSearch: a.searchKind(limits),
		source.Telegram: a.telegramKind(),
		source.Preview:  a.previewKind(),
		source.Max:      a.maxKind(),
		source.City:     a.cityKind(),
		source.Mail:     a.mailKind(),
		source.OK:       a.okKind(),
		source.Hook:     hookKind(),
	}
}

// askVK returns some token by which VK answers what any token may ask, and where: that of
// the configuration's file goes to no other host than the file names.
func (a *App) askVK() (token, base string) {
	if t := a.Roster.Secret(source.VK); t != "" || len(a.Config.VK) == 0 {
		return t, a.Config.VKAPI.URL
	}
	return a.Config.VK[0].ServiceToken.Reveal(), cmp.Or(a.Config.VK[0].URL, a.Config.VKAPI.URL)
}

// vkOptions are what all walls and searches that people keep are opened with.
func (a *App) vkOptions(limits *vk.Limits) vk.Options {
	return vk.Options{Limits: limits, Now: a.Now, Wait: longPoll, BaseURL: a.Config.VKAPI.URL, PageURL: a.Config.VKAPI.Page}
}

// fixedSources are the walls of the configuration's file.
func (a *App) fixedSources(limits *vk.Limits) (list []roster.Fixed) {
	for _, c := range a.Config.VK {
		c.URL, c.Page = cmp.Or(c.URL, a.Config.VKAPI.URL), cmp.Or(c.Page, a.Config.VKAPI.Page)
		wall := &vk.Wall{
			Group: c.Group, ServiceToken: c.ServiceToken.Reveal(), CommunityToken: c.CommunityToken.Reveal(),
			BaseURL: c.URL, PageURL: c.Page, Limits: limits, Now: a.Now,
			PerSecond: c.PerSecond, PerDay: c.PerDay, Settle: time.Duration(c.Settle), FloodRest: time.Duration(c.FloodRest),
			Events: c.Events, Wait: longPoll,
		}
		if a.Demo != nil && wall.PerSecond == 0 {
			wall.PerSecond = -1
		}
		f := roster.Fixed{Source: source.Source{
			ID: wall.ID(), Kind: source.VK, Channel: message.VK, Name: cmp.Or(c.Name, fmt.Sprintf("Сообщество %d", c.Group)),
			URL: fmt.Sprintf("%sclub%d", cmp.Or(c.Page, vk.Page), c.Group), Territory: c.Territory, Own: c.Own, Every: time.Duration(c.Every),
		}}
		f.Open = func(s source.Source) source.Connection { return a.fixedWall(wall, c, s) }
		list = append(list, f)
	}
	return list
}

// fixedWall connects a wall of the configuration's file as one that people keep is: its
// community tells of what happens, or it is read in turn with other walls of others.
func (a *App) fixedWall(wall *vk.Wall, c config.VK, s source.Source) source.Connection {
	con := source.Connection{Puller: wall, Asker: wall.Asker(), Channel: message.VK, Name: s.Name, URL: s.URL, Territory: s.Territory, Own: s.Own, Every: s.Every, FileHosts: vk.FileHosts}
	if wall.CommunityToken != "" {
		con.Publisher, con.Speaker = wall, wall
	}
	if u, err := url.Parse(c.URL); a.Demo != nil && err == nil { // the fake network keeps its own
		con.FileHosts = []string{u.Hostname()}
	}
	switch {
	case c.Events == vk.Callback:
		con.Receiver = wall
		if at := a.hookOf(s); wall.Hook != at { // the number stays: it is set once, before any loop
			wall.Hook = at
		}
	case c.Events == vk.LongPoll:
		con.Every = cmp.Or(con.Every, time.Second)
	case !c.Own && c.URL == a.Config.VKAPI.URL && c.Every == 0 && wall.ServiceToken != "": // the pool asks there, and in its own rhythm
		a.pool.Token("файл настроек, "+s.Name, wall.ServiceToken)
		con.Puller = a.pool.Watch(wall)
	}
	return con
}

// publisher returns what publishes replies to the messages of a source, nil where they go by hand.
func (a *App) publisher(id string) source.Publisher {
	if p := a.Options.Publishers[id]; p != nil {
		return p
	}
	if p := a.Roster.Publisher(id); p != nil {
		return p
	}
	return a.Herald.Publisher(id)
}

// reloadSources puts in force what an account found.
func (a *App) reloadSources(ctx context.Context) {
	go func() { // a loop that reads cannot wait for its own end
		if err := a.Roster.Load(context.WithoutCancel(ctx)); err != nil {
			a.Log.Warn("sources cannot be loaded", "error", err)
		}
	}()
}
