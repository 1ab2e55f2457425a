package app

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/source/max"
	"otklik/internal/source/ok"
)

// maxKind opens bots of MAX. MAX calls us where the centre has an address that it can call.
func (a *App) maxKind() roster.Connector {
	limits := perKey[max.Limits]{make: func() *max.Limits { return &max.Limits{Off: a.Demo != nil} }}
	return roster.Connector{
		Keyed:     true,
		Recognise: max.Links{},
		Open: func(s source.Source, key, _ source.Key) (source.Connection, error) {
			places, err := a.placesOf(s.ID)
			if err != nil {
				return source.Connection{}, err
			}
			return max.Open(s, key, max.Options{Hook: a.hookOf(s), Limits: limits.of(key.Secret), Now: a.Now, Wait: longPoll, Places: places})
		},
	}
}

// okKind opens groups of Odnoklassniki.
func (a *App) okKind() roster.Connector {
	limits := perKey[ok.Limits]{make: func() *ok.Limits { return &ok.Limits{Off: a.Demo != nil} }}
	return roster.Connector{
		Keyed:     true,
		Recognise: okLinks{a},
		Open: func(s source.Source, key, _ source.Key) (source.Connection, error) {
			return ok.Open(s, key, ok.Options{Limits: limits.of(key.Secret), Now: a.Now})
		},
	}
}

// okLinks asks OK what a short name is, where some group is connected.
type okLinks struct{ a *App }

func (l okLinks) Recognise(ctx context.Context, link *url.URL) (*source.Guess, error) {
	for _, c := range l.a.Roster.Connections() {
		if g, is := c.Puller.(*ok.Group); is {
			return ok.Links{Ask: g}.Recognise(ctx, link)
		}
	}
	return ok.Links{}.Recognise(ctx, link)
}

// hookOf returns the address at which a network calls us for a source, "" where we have
// none that it would call: MAX wants https at the usual port.
func (a *App) hookOf(s source.Source) string {
	u, err := url.Parse(a.Config.Site)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Port() != "" || s.Number <= 0 {
		return ""
	}
	return strings.TrimSuffix(a.Config.Site, "/") + fmt.Sprintf("/hooks/sources/%d", s.Number)
}

// placesOf returns the sources that an account has found.
func (a *App) placesOf(id string) (out []string, err error) {
	list, err := a.DB.Reader().Sources().Sources(context.Background(), scope.All())
	for _, s := range list {
		if s.Via == id {
			out = append(out, s.ID)
		}
	}
	return out, err
}

// perKey keeps one thing for each secret: sources that share one share its allowance.
type perKey[T any] struct {
	make func() *T
	mu   sync.Mutex
	all  map[string]*T
}

func (p *perKey[T]) of(secret string) *T {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]*T{}
	}
	if p.all[secret] == nil {
		p.all[secret] = p.make()
	}
	return p.all[secret]
}
