package page

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/web"
)

// Settings are those of a page source, as JSON.
type Settings struct {
	URL     string          `json:"url"`               // list of threads, or one thread
	Recipe  json.RawMessage `json:"recipe"`            // see Recipe
	Zone    string          `json:"zone,omitempty"`    // of dates that name none, «Asia/Krasnoyarsk»; Moscow's without it
	Reread  Span            `json:"reread,omitempty"`  // how often a thread is read again at most, «30m»
	Threads int             `json:"threads,omitempty"` // that are watched, 1 … 500; 30
	Days    int             `json:"days,omitempty"`    // how long a thread is read that the list shows no more, 1 … 90; 7
	Calls   int             `json:"calls,omitempty"`   // pages in one go, 1 … 100; 10
}

// A Span is a time in JSON, «30m».
type Span time.Duration

// UnmarshalJSON reads «30m»; 0 and up to a month.
func (s *Span) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 31*24*time.Hour {
		return fault.New(fault.Invalid, "%q is no time such as \"30m\"", clip(text, 40))
	}
	*s = Span(d)
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (s Span) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).String()) }

// Options are what the assembly gives to every source of pages and feeds.
type Options struct {
	Web *web.Client // one for all
	Now func() time.Time
	// Eager reads every thread at each poll, however long nothing has happened there: the
	// fake sites of the demo, where a visitor waits.
	Eager bool
}

// Patience is how often a thread is read again at most.
func (o Options) Patience(set Span) time.Duration {
	if o.Eager {
		return -1
	}
	return time.Duration(set)
}

// Open returns the connection of a source. Replies go by hand: nobody lets a
// program write into a forum.
func Open(s source.Source, o Options) (source.Connection, error) {
	var set Settings
	if err := Strict(s.Settings, &set); err != nil {
		return source.Connection{}, Bad(s.ID, "настройки не читаются: "+clip(err.Error(), 120))
	}
	b := &Board{
		Source: s.ID, Channel: s.Channel, Web: o.Web, Now: o.Now, Reread: o.Patience(set.Reread), Threads: set.Threads, Days: set.Days, Calls: set.Calls,
	}
	var err error
	if b.URL, b.Zone, err = AddressAndZone(s.ID, set.URL, set.Zone); err != nil {
		return source.Connection{}, err
	}
	switch {
	case !strings.HasPrefix(s.ID, "page:"):
		return source.Connection{}, Bad(s.ID, "имя источника должно начинаться с page:")
	case set.Threads < 0 || set.Threads > 500 || set.Days < 0 || set.Days > 90 || set.Calls < 0 || set.Calls > 100:
		return source.Connection{}, Bad(s.ID, "threads от 1 до 500, days от 1 до 90, calls от 1 до 100")
	}
	if b.Recipe, err = ParseRecipe(set.Recipe); err != nil {
		return source.Connection{}, err
	}
	if s.Channel == "" {
		s.Channel = message.Forum
	}
	every := s.Every
	if every == 0 {
		every = 5 * time.Minute
	}
	page := s.URL
	if page == "" {
		page = set.URL
	}
	return source.Connection{Puller: b, Name: s.Name, URL: page, Channel: s.Channel, Territory: s.Territory, Own: s.Own, Every: every}, nil
}

// Strict reads settings and refuses what they do not know.
func Strict(raw json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// Bad returns the error of settings that cannot be used.
func Bad(id, text string) error {
	return fault.New(fault.Invalid, "source %s: %s", id, text).At("settings").Say("Источник не подключить: " + text + ".").Mend("docs/channels/feeds.md names the settings")
}

// AddressAndZone reads what every source of pages has.
func AddressAndZone(id, address, zone string) (*url.URL, *time.Location, error) {
	u := web.Address(nil, address)
	if u == nil || u.User != nil {
		return nil, nil, Bad(id, "url: нужен адрес страницы, который начинается с https:// или http://")
	}
	if zone == "" {
		return u, Moscow, nil
	}
	z, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return nil, nil, Bad(id, "zone: такого часового пояса нет, пример: Asia/Krasnoyarsk")
	}
	return u, z, nil
}

// Moscow is the zone of dates that name none.
var Moscow = time.FixedZone("MSK", 3*60*60)
