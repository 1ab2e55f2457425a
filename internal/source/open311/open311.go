// Package open311 reads the service requests of another city by Open311 (GeoReport v2): each
// request is a message with its place and picture, a closed one comes with what its city did.
//
// The interface tells of no news, it is asked for windows of time: a City reads the last
// weeks again and again, and all its days once a day. Intake knows what it had.
// Start with Open and Links.
package open311

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/fetch"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Settings are those of a source, as JSON.
type Settings struct {
	Endpoint     string `json:"endpoint"`               // of GeoReport v2: «https://city.example/open311/v2»
	Jurisdiction string `json:"jurisdiction,omitempty"` // jurisdiction_id, where one server serves many
	Format       string `json:"format,omitempty"`       // json (default) or xml
	Days         int    `json:"days,omitempty"`         // how far back it is read, 1 … 365; 30
	Zone         string `json:"zone,omitempty"`         // of times that name none; UTC without it
}

// Options are the assembly's.
type Options struct {
	Now   func() time.Time // nil: time.Now
	HTTP  *http.Client     // nil: one that asks no private network
	Inner bool             // HTTP and private networks are asked, too: the fake of the demo
	// Ours reports whether we posted the request whose words end with the key: it is no
	// message to us. Optional.
	Ours func(ctx context.Context, key string) (bool, error)
}

// Bounds of one call and of one Poll.
const (
	callTime  = 30 * time.Second
	bodyLimit = 16 << 20
	pageSize  = 100
	calls     = 10
	recent    = 7 * 24 * time.Hour  // is read again in each round
	window    = 14 * 24 * time.Hour // of one question; the interface allows 90 days
	ahead     = 24 * time.Hour      // a city whose clock is fast hides nothing
	fullEvery = 24 * time.Hour
)

// A City is another city's system.
type City struct {
	Source       string
	Endpoint     *url.URL
	Jurisdiction string
	XML          bool
	Days         int
	Zone         *time.Location
	Key          string // api_key, where reading wants one
	Now          func() time.Time
	HTTP         *http.Client
	Ours         func(ctx context.Context, key string) (bool, error)

	gauge source.Gauge
}

// ID implements source.Puller.
func (c *City) ID() string { return c.Source }

// Quotas implements source.Meter: the interface knows no limits, a city may tell us to wait.
func (c *City) Quotas() []source.Quota {
	q := c.gauge.Quota("запросы", 0, time.Hour, c.Now())
	q.Whose = "сервер города"
	return []source.Quota{q}
}

// Open returns the connection of a source. Replies go by hand: the interface has no answers
// to a request.
func Open(s source.Source, key source.Key, o Options) (source.Connection, error) {
	bad := func(text string) (source.Connection, error) {
		return source.Connection{}, fault.New(fault.Invalid, "source %s: %s", s.ID, text).At("settings").Say("Источник не подключить: " + text + ".").Mend("docs/channels/open311.md names the settings")
	}
	var set Settings
	dec := json.NewDecoder(bytes.NewReader(s.Settings))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&set); err != nil {
		return bad("настройки не читаются")
	}
	u, err := url.Parse(set.Endpoint)
	switch {
	case !strings.HasPrefix(s.ID, "open311:"):
		return bad("имя источника должно начинаться с open311:")
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && (u.Scheme != "http" || !o.Inner):
		return bad("endpoint: нужен адрес, который начинается с https://")
	case set.Format != "" && set.Format != "json" && set.Format != "xml":
		return bad("format: json или xml")
	case set.Days < 0 || set.Days > 365:
		return bad("days от 1 до 365")
	case len(set.Jurisdiction) > 200:
		return bad("jurisdiction длиннее 200 знаков")
	}
	zone, err := time.LoadLocation(cmp.Or(set.Zone, "UTC"))
	if err != nil {
		return bad("zone: такой зоны нет")
	}
	city := &City{Source: s.ID, Endpoint: u, Jurisdiction: set.Jurisdiction, XML: set.Format == "xml", Days: cmp.Or(set.Days, 30), Zone: zone, Key: key.Secret, Now: o.Now, HTTP: client(o), Ours: o.Ours}
	if city.Now == nil {
		city.Now = time.Now
	}
	return source.Connection{Puller: city, Name: s.Name, URL: cmp.Or(s.URL, set.Endpoint), Channel: message.City, Territory: s.Territory, Own: s.Own, Every: cmp.Or(s.Every, 5*time.Minute), FileHosts: []string{u.Hostname()}}, nil
}

// client returns what asks a city: a redirect may not lead elsewhere.
func client(o Options) *http.Client {
	if o.HTTP != nil {
		return o.HTTP
	}
	return &http.Client{
		Transport: &http.Transport{DialContext: fetch.Dialer(o.Inner).DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: callTime, MaxIdleConns: 4, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 3 || r.URL.Hostname() != via[0].URL.Hostname() || r.URL.Scheme != via[0].URL.Scheme {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

// get asks for one resource. Its errors repeat no address, which may hold the key.
func (c *City) get(ctx context.Context, path string, q url.Values) ([]byte, error) {
	u := c.Endpoint.JoinPath(path)
	if c.Jurisdiction != "" {
		q.Set("jurisdiction_id", c.Jurisdiction)
	}
	if c.Key != "" {
		q.Set("api_key", c.Key)
	}
	u.RawQuery = q.Encode()
	c.gauge.Spend(c.Now(), time.Hour)
	body, err := get(ctx, c.HTTP, u)
	var e *source.Error
	if errors.As(err, &e) && e.After > 0 {
		c.gauge.Rest(c.Now().Add(e.After))
	}
	return body, err
}

func get(ctx context.Context, client *http.Client, u *url.URL) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, source.Fail(source.Permanent, "Адрес города не годится.", "open311: the address is none")
	}
	req.Header.Set("User-Agent", "Otklik (Open311)")
	res, err := client.Do(req)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	defer res.Body.Close()
	if e := refused(res); e != nil {
		return nil, e
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	switch {
	case err != nil:
		return nil, unreached(ctx, err)
	case len(b) > bodyLimit:
		return nil, source.Fail(source.Later, "Система города прислала слишком большой ответ. Попробуем ещё раз.", "open311: an answer over %d bytes", bodyLimit)
	}
	return b, nil
}

func unreached(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, fetch.ErrInner):
		return source.Fail(source.Permanent, "Адрес ведёт во внутреннюю сеть: такие системы не читаем.", "open311: an inner address")
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	}
	return source.Fail(source.Later, "Система города не отвечает. Попробуем ещё раз.", "open311: no answer")
}

// refused turns a status into an error.
func refused(res *http.Response) error {
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	after := time.Duration(min(max(seconds, 0), 24*3600)) * time.Second
	fail := func(t source.Trouble, sentence string) error {
		e := source.Fail(t, sentence, "open311: HTTP %d", res.StatusCode)
		e.Code, e.After = res.StatusCode, after
		return e
	}
	switch s := res.StatusCode; {
	case s == http.StatusOK:
		return nil
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return fail(source.Person, "Система города не пускает нас. Проверьте ключ (api_key) и код юрисдикции.")
	case s == http.StatusNotFound || s == http.StatusGone:
		return fail(source.Permanent, "По этому адресу нет Open311, или нет такой юрисдикции. Проверьте ссылку.")
	case s == http.StatusTooManyRequests:
		if after == 0 {
			after = time.Minute
		}
		return fail(source.Later, "Система города просит обращаться реже. Подождём.")
	case s >= 300 && s < 400:
		return fail(source.Permanent, "Система города переехала на другой адрес. Добавьте источник по новой ссылке.")
	case s >= 500:
		return fail(source.Later, "У системы города сбой. Попробуем ещё раз.")
	}
	return fail(source.Permanent, fmt.Sprintf("Система города не приняла запрос: ответила %d.", res.StatusCode))
}
