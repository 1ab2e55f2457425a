// Package config reads and writes the one file that an installation has:
// otklik.json in its folder. Everything else that people set (agencies, rules,
// accounts) lives in the store and is edited on screen.
package config

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/feedback"
)

// Name is the file's name in the folder of an installation.
const Name = "otklik.json"

// A Config is what the file says.
type Config struct {
	Region string `json:"region"`         // OKTMO of the region, or "all"
	Title  string `json:"title"`          // «ЦУР Республики Хакасия»
	Listen string `json:"listen"`         // host:port
	Store  string `json:"store"`          // "otklik.db" (a file in the folder) or a postgres:// URL
	Secure bool   `json:"secure"`         // served over HTTPS: cookies are marked so
	Site   string `json:"site,omitempty"` // address under which residents see us: "https://otklik.example.ru"; "" = no links are given to them

	Proxy *Proxy `json:"proxy,omitempty"` // what stands before us; nil = nothing

	VK    []VK    `json:"vk,omitempty"`
	VKAPI VKAPI   `json:"vk_api,omitzero"`
	Hooks []Hook  `json:"hooks,omitempty"`
	Watch []Watch `json:"watch,omitempty"`
	Map   Map     `json:"map"`
	Model string  `json:"model,omitempty"` // file that `otklik train` made; "" = the shipped classifier
	Learn Learn   `json:"learn,omitzero"`
	Quiet *Quiet  `json:"quiet,omitempty"` // hours in which only what is urgent is published; nil = none

	Rating    Rating     `json:"rating,omitzero"`
	Assistant *Assistant `json:"assistant,omitempty"` // nil: none is asked
	Mail      *Mail      `json:"mail,omitempty"`      // how notices leave by mail; nil = they do not
	Bot       *Bot       `json:"telegram,omitempty"`  // the bot by which notices leave; nil = they do not
	Push      *Push      `json:"push,omitempty"`      // how notices reach browsers; nil = they do not
	Public    Public     `json:"public,omitzero"`     // what residents are told of what is read
	Talks     Talks      `json:"talks,omitzero"`      // the dialogue with residents in messengers
	Uploads   Uploads    `json:"uploads,omitzero"`    // what residents may send with a report
	Shield    Shield     `json:"shield,omitzero"`     // how much of what is abuse
	Letter    Letter     `json:"letter,omitzero"`     // the head of what is printed for residents
	Files     string     `json:"files,omitempty"`     // folder of pictures and documents; "" = "files" in the folder of the installation
}

// An Assistant is a language model inside the perimeter that speaks OpenAI's chat
// completions.
type Assistant struct {
	URL     string   `json:"url"`               // base of its API: "http://llm.internal:8000/v1"
	Model   string   `json:"model"`             // as the endpoint calls it
	Key     Secret   `json:"key,omitempty"`     // may be empty inside a perimeter
	Timeout Duration `json:"timeout,omitempty"` // of one question; 0 = 30s
}

func (a *Assistant) validate() error {
	if a == nil {
		return nil
	}
	u, err := url.Parse(a.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "":
		return fault.New(fault.Invalid, "assistant.url: is no address of an API").At("assistant.url").Mend(`write its base, for instance "http://llm.internal:8000/v1"; the key has a field of its own`)
	case strings.TrimSpace(a.Model) == "":
		return fault.New(fault.Invalid, "assistant.model: is empty").At("assistant.model").Mend("name the model as the endpoint calls it")
	case a.Timeout < 0 || time.Duration(a.Timeout) > 5*time.Minute:
		return fault.New(fault.Invalid, "assistant.timeout: %s is no time that a person waits", time.Duration(a.Timeout)).At("assistant.timeout").Mend(`write "30s"; five minutes at most`)
	case a.Key != "" && a.Key.Reveal() == "":
		return fault.New(fault.Invalid, "assistant.key: nothing is there").At("assistant.key").Mend(`set the variable of "env:NAME", or put the key into the file of "file:PATH", or remove the line`)
	}
	return nil
}

// A Public says what residents are told of what the centre reads.
type Public struct {
	Hidden  bool   `json:"hidden,omitempty"`  // no page names the sources
	Contact string `json:"contact,omitempty"` // whom to ask to take a place off or to add one: an address, a phone
	Closed  bool   `json:"closed,omitempty"`  // residents report nothing on the portal
	Consent string `json:"consent,omitempty"` // to the use of personal data (152-ФЗ); "" = the text that the product brings
	// Licence of the open data by name, and where it stands; "" is CC BY 4.0.
	Licence    string `json:"licence,omitempty"`
	LicenceURL string `json:"licence_url,omitempty"`
	// Widgets are buttons on sites of others by which residents report.
	Widgets []Widget `json:"widgets,omitempty"`
}

func (p Public) validate() error {
	if utf8.RuneCountInString(p.Contact) > 200 || strings.ContainsFunc(p.Contact, func(c rune) bool { return c < ' ' }) {
		return fault.New(fault.Invalid, "public.contact: is longer than a line of 200 characters").At("public.contact").Mend("write an address or a phone")
	}
	if utf8.RuneCountInString(p.Consent) > 10_000 {
		return fault.New(fault.Invalid, "public.consent: is longer than 10,000 characters").At("public.consent").Mend("write the text of the consent, or a sentence with the address where it stands")
	}
	if utf8.RuneCountInString(p.Licence) > 200 || strings.ContainsFunc(p.Licence, func(c rune) bool { return c < ' ' }) {
		return fault.New(fault.Invalid, "public.licence: is longer than a line of 200 characters").At("public.licence").Mend("write the name of the licence")
	}
	if err := validateWidgets(p.Widgets); err != nil {
		return err
	}
	if u, err := url.Parse(p.LicenceURL); p.LicenceURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" || p.Licence == "" || strings.ContainsAny(p.LicenceURL, " <>\"")) {
		return fault.New(fault.Invalid, "public.licence_url: is no https address, or public.licence does not name the licence").At("public.licence_url").Mend("write both: the name of the licence and its https address")
	}
	return nil
}

// A Rating says what follows from what residents think of the result.
type Rating struct {
	Negative   int `json:"negative,omitempty"`    // the highest mark that returns an incident, 1 to 4; absent = 3
	RepeatDays int `json:"repeat_days,omitempty"` // so soon after its closing a second complaint about the same place says that it was not solved; absent = 30

	MassAuthors int `json:"mass_authors,omitempty"` // so many authors of a mass incident confirm before it counts as solved; absent = 3
	MassPercent int `json:"mass_percent,omitempty"` // and so many of a hundred of its authors; absent = 5
}

// Quorum returns how many authors prove a mass incident solved.
func (r Rating) Quorum() feedback.Quorum {
	return feedback.Quorum{Authors: r.MassAuthors, Percent: r.MassPercent}
}

// Repeats returns RepeatDays as a duration, 0 when they are absent.
func (r Rating) Repeats() time.Duration { return time.Duration(r.RepeatDays) * 24 * time.Hour }

// Quiet hours are of the place's own time: from 22 to 8 is the night. Equal hours
// mean none.
type Quiet struct {
	From int `json:"from"` // hour, 0 to 23
	To   int `json:"to"`
}

// Ends returns when the quiet hours that hold now are over, the zero time when
// none do. now is in the place's zone.
func (q *Quiet) Ends(now time.Time) time.Time {
	if q == nil || q.From == q.To {
		return time.Time{}
	}
	y, m, d := now.Date()
	at := func(day, hour int) time.Time { return time.Date(y, m, day, hour, 0, 0, 0, now.Location()) }
	from, to := at(d, q.From), at(d, q.To)
	switch {
	case q.From < q.To && !now.Before(from) && now.Before(to):
		return to
	case q.From > q.To && now.Before(to):
		return to
	case q.From > q.To && !now.Before(from):
		return at(d+1, q.To)
	}
	return time.Time{}
}

func (q *Quiet) wrong() bool { return q != nil && (q.From < 0 || q.From > 23 || q.To < 0 || q.To > 23) }

// A Learn says when the product learns from people's decisions.
type Learn struct {
	Hour   *int `json:"hour,omitempty"`    // of the region's own time, 0 to 23; absent = 3
	Off    bool `json:"off,omitempty"`     // never by night; the button and the command go on to work
	ByHand bool `json:"by_hand,omitempty"` // a version that is not worse waits for a person
}

// At returns the hour.
func (l Learn) At() int {
	if l.Hour == nil {
		return 3
	}
	return *l.Hour
}

// A Proxy says which machines pass visitors on to us, and where they write the
// visitor's address. Without it everybody behind a proxy bears its address, and
// one who guesses passwords slows all of them down.
type Proxy struct {
	Trusted []string `json:"trusted"`          // addresses or networks: "127.0.0.1", "10.0.0.0/8"
	Header  string   `json:"header,omitempty"` // "" = X-Forwarded-For
}

// defaultHeader is where most proxies write the visitor's address.
const defaultHeader = "X-Forwarded-For"

// Networks returns the trusted networks and the header. A nil Proxy trusts nobody.
func (p *Proxy) Networks() (trusted []netip.Prefix, header string, err error) {
	if p == nil {
		return nil, "", nil
	}
	if len(p.Trusted) == 0 {
		return nil, "", fault.New(fault.Invalid, "proxy.trusted: is empty").At("proxy.trusted").
			Mend(`write the addresses of your proxies, for instance ["127.0.0.1"], or remove "proxy"`)
	}
	for i, s := range p.Trusted {
		net, err := netip.ParsePrefix(s)
		if a, aerr := netip.ParseAddr(s); aerr == nil {
			a = a.Unmap()
			net, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		field := fmt.Sprintf("proxy.trusted[%d]", i)
		switch {
		case err != nil:
			return nil, "", fault.New(fault.Invalid, "%s: %q is neither an address nor a network", field, s).At(field).
				Mend(`write an address, "127.0.0.1", or a network, "10.0.0.0/8"; names of machines are not looked up`)
		case net.Bits() == 0:
			return nil, "", fault.New(fault.Invalid, "%s: %q is everybody: any visitor could make up an address", field, s).At(field).
				Mend("name the addresses of your proxies alone")
		}
		trusted = append(trusted, net.Masked())
	}
	if header = http.CanonicalHeaderKey(p.Header); header == "" {
		header = defaultHeader
	}
	if header == "Forwarded" || strings.ContainsFunc(header, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return nil, "", fault.New(fault.Invalid, "proxy.header: %q is no header that holds an address alone", p.Header).At("proxy.header").
			Mend(`write "X-Forwarded-For" or "X-Real-IP", as your proxy sets it`)
	}
	return trusted, header, nil
}

// A VK is one community's wall.
type VK struct {
	Group          int64    `json:"group"` // positive id of the community
	Name           string   `json:"name"`
	ServiceToken   Secret   `json:"service_token"`             // reads
	CommunityToken Secret   `json:"community_token,omitempty"` // writes; without it replies go by hand
	Territory      string   `json:"territory,omitempty"`       // OKTMO that the wall speaks for
	Own            bool     `json:"own,omitempty"`             // an official page of ours: all its comments are ours
	Every          Duration `json:"every,omitempty"`
	PerSecond      float64  `json:"per_second,omitempty"`       // replies; 0 = 1
	PerDay         int      `json:"per_day,omitempty"`          // tries in 24 hours; 0 = no limit known
	Settle         Duration `json:"settle,omitempty"`           // how long a comment may take to be seen; 0 = 1m
	FloodRest      Duration `json:"flood_rest,omitempty"`       // how long to rest after the network's flood control; 0 = 5m
	Reads          float64  `json:"reads_per_second,omitempty"` // calls that the service token may make; 0 = 3
	Quiet          *Quiet   `json:"quiet,omitempty"`            // in place of the centre's
	URL            string   `json:"url,omitempty"`              // another host that speaks VK's API: where its methods are
	Page           string   `json:"page,omitempty"`             // and where its pages are
	Events         string   `json:"events,omitempty"`           // how VK tells of what happens in a community whose token is given: callback, longpoll; "" = the wall is only read
}

// A Hook is a system that pushes messages to us with a signature (Standard Webhooks).
type Hook struct {
	Name      string `json:"name"`   // the source's id becomes «hook:NAME»
	Secret    Secret `json:"secret"` // «whsec_…»
	Territory string `json:"territory,omitempty"`
	Stream    bool   `json:"stream,omitempty"`  // a whole public stream: the watches decide what is ours
	Open311   bool   `json:"open311,omitempty"` // it files by Open311 with the secret as api_key, and signs no calls

	Files []string `json:"files,omitempty"` // hosts that keep its pictures, which are fetched from there: "files.example.org"; none = nothing is fetched
}

// A Watch is a standing query beside the default one.
type Watch struct {
	Name      string `json:"name"`
	Query     string `json:"query"`
	Territory string `json:"territory,omitempty"` // OKTMO; "" = everywhere
}

// A Map switches on a background map; without it the product draws its own.
type Map struct {
	Style   string `json:"style,omitempty"`   // URL of a MapLibre style
	PMTiles string `json:"pmtiles,omitempty"` // file in the folder
}

// A Secret is a token. «env:NAME» reads it from the environment, «file:PATH» from a file. It never
// prints itself.
type Secret string

// Reveal returns the token itself.
func (s Secret) Reveal() string {
	if name, ok := strings.CutPrefix(string(s), "env:"); ok {
		return os.Getenv(name)
	}
	if path, ok := strings.CutPrefix(string(s), "file:"); ok {
		b, err := os.ReadFile(path)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(b))
	}
	return string(s)
}

// String hides the token.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "…"
}

// A Duration is written as «1m30s».
type Duration time.Duration

// UnmarshalJSON reads «1m30s».
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("%q is no duration; write it as \"90s\" or \"5m\"", s)
	}
	*d = Duration(v)
	return nil
}

// MarshalJSON writes «1m30s».
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// Load reads the configuration of the folder. Errors name the file, the line
// and the remedy.
func Load(dir string) (c Config, err error) {
	path := filepath.Join(dir, Name)
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, fault.New(fault.NotFound, "%s: there is no installation here", path).
			Say("В папке нет файла " + Name + ".").
			Mend("make one: otklik init --region Хакасия --dir " + dir)
	case err != nil:
		return c, fault.New(fault.Unavailable, "%s: %w", path, err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, fault.New(fault.Invalid, "%s:%d: %w", path, line(b, dec, err), err).Mend("mend the line; docs/configuration.md describes every field")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return c, fault.New(fault.Invalid, "%s: something stands behind the closing bracket", path).Mend("remove it")
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func line(b []byte, dec *json.Decoder, err error) int {
	at := dec.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		at = int64(len(b))
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	return 1 + bytes.Count(b[:min(int(at), len(b))], []byte("\n"))
}

// Validate says what is wrong with the configuration.
func (c *Config) Validate() error {
	bad := func(field, what, mend string) error {
		return fault.New(fault.Invalid, "%s: %s", field, what).At(field).Mend(mend)
	}
	if c.Region == "" {
		return bad("region", "is empty", `write the OKTMO code of the region, for instance "95000000", or "all"`)
	}
	if Secret(c.Store).Reveal() == "" {
		return bad("store", "is empty", `write "otklik.db", a postgres:// URL, or "env:NAME" and set the variable`)
	}
	if _, _, err := c.Proxy.Networks(); err != nil {
		return err
	}
	if err := c.Public.validate(); err != nil {
		return err
	}
	if err := c.Letter.validate(); err != nil {
		return err
	}
	if err := c.Uploads.validate(); err != nil {
		return err
	}
	if err := c.Shield.validate(); err != nil {
		return err
	}
	if err := c.Assistant.validate(); err != nil {
		return err
	}
	if err := c.VKAPI.validate(); err != nil {
		return err
	}
	for i, v := range c.VK {
		field := fmt.Sprintf("vk[%d]", i)
		switch {
		case v.Group <= 0:
			return bad(field+".group", "is not a positive number", "write the id of the community without the minus sign")
		case v.ServiceToken.Reveal() == "":
			return bad(field+".service_token", "is empty", `write the token or "env:NAME" and set the variable`)
		}
		switch {
		case v.PerDay < 0 || v.PerSecond < 0 || v.Reads < 0:
			return bad(field+".per_second", "and per_day, reads_per_second are not negative", "remove them for what VK bears")
		case v.Settle < 0 || v.FloodRest < 0:
			return bad(field+".settle", "and flood_rest are no negative times", `write "1m", or remove them`)
		case v.Quiet.wrong():
			return bad(field+".quiet", "has no hours of a day", `write {"from": 22, "to": 8}`)
		}
		switch u, err := url.Parse(c.Site); {
		case v.Events != "" && v.Events != "callback" && v.Events != "longpoll":
			return bad(field+".events", "is none of callback and longpoll", "write one of them, or remove it to read the wall alone")
		case v.Events != "" && v.CommunityToken.Reveal() == "":
			return bad(field+".events", "needs the community's token", "write community_token, or remove events")
		case v.Events == "callback" && (err != nil || u.Scheme != "https" || u.Host == "" || u.Port() != ""):
			return bad(field+".events", "is callback and site is no https address at the usual port", `write site, as "https://otklik.example.org", or "longpoll" here`)
		}
		if v.URL != "" {
			if u, err := url.Parse(v.URL); err != nil || u.Host == "" {
				return bad(field+".url", "is no address", `write it whole, as "https://api.vk.com"`)
			}
		}
	}
	for i, h := range c.Hooks {
		field := fmt.Sprintf("hooks[%d]", i)
		if h.Name == "" {
			return bad(field+".name", "is empty", "give the system a short name in Latin letters")
		}
		if _, err := h.Key(); err != nil {
			return bad(field+".secret", "is no secret of Standard Webhooks", `write "whsec_" and the key in base64`)
		}
	}
	if c.Quiet.wrong() {
		return bad("quiet", "has no hours of a day", `write {"from": 22, "to": 8}, or remove it`)
	}
	if field, what, mend := c.Mail.wrong(); field != "" {
		return bad(field, what, mend)
	}
	if field, what, mend := c.Push.wrong(); field != "" {
		return bad(field, what, mend)
	}
	if b := c.Bot; b != nil && b.Token.Reveal() == "" {
		return bad("telegram.token", "is empty", `write what @BotFather gave, or "env:NAME" and set the variable`)
	}
	if err := c.Talks.check(); err != nil {
		return err
	}
	if n := c.Rating.Negative; n < 0 || n > 4 {
		return bad("rating.negative", "is no mark that can be bad", "write a number from 1 to 4, or remove it: it is 3 then")
	}
	if n := c.Rating.RepeatDays; n < 0 || n > 365 {
		return bad("rating.repeat_days", "is no number of days", "write a number from 1 to 365, or remove it: it is 30 then")
	}
	if n := c.Rating.MassAuthors; n < 0 || n > 1000 {
		return bad("rating.mass_authors", "is no number of authors", "write a number from 1 to 1000, or remove it: it is 3 then")
	}
	if n := c.Rating.MassPercent; n < 0 || n > 100 {
		return bad("rating.mass_percent", "is no share", "write a number from 1 to 100, or remove it: it is 5 then")
	}
	if u, err := url.Parse(c.Site); c.Site != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.HasSuffix(c.Site, "/")) {
		return bad("site", "is no address of a site", `write it whole and without a slash at the end, as "https://otklik.example.ru"`)
	}
	if h := c.Learn.At(); h < 0 || h > 23 {
		return bad("learn.hour", "is no hour of a day", "write a number from 0 to 23, or remove it: it is 3 then")
	}
	if c.Map.Style != "" {
		if u, err := url.Parse(c.Map.Style); err != nil || u.Host == "" && !strings.HasPrefix(c.Map.Style, "/") {
			return bad("map.style", "is no address", "write the URL of a MapLibre style")
		}
	}
	return nil
}

// Key returns the key with which the system signs.
func (h Hook) Key() ([]byte, error) {
	key, ok := strings.CutPrefix(h.Secret.Reveal(), "whsec_")
	if !ok {
		return nil, fault.New(fault.Invalid, "the secret does not begin with whsec_")
	}
	b, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(b) < 16 {
		return nil, fault.New(fault.Invalid, "the secret is no base64 of 16 bytes or more")
	}
	return b, nil
}

// Reserve makes the folder of an installation, and is a Conflict when there is
// one in it already.
func Reserve(dir string) error {
	path := filepath.Join(dir, Name)
	if _, err := os.Stat(path); err == nil {
		return fault.New(fault.Conflict, "%s: there is an installation here already", path).
			Mend("choose another folder, or start this one: otklik serve --dir " + dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.New(fault.Unavailable, "%w", err).Mend("check the rights of the folder")
	}
	return nil
}

// Save writes the configuration whole or not at all.
func Save(dir string, c Config) error {
	path := filepath.Join(dir, Name)
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return fault.New(fault.Unavailable, "%w", err).Mend("check the rights and the free space of the folder")
	}
	return os.Rename(tmp, path)
}

// StoreURL returns the store's address, a file taken as standing in the folder.
func (c *Config) StoreURL(dir string) string {
	at := Secret(c.Store).Reveal()
	if strings.Contains(at, "://") || strings.HasPrefix(at, "sqlite:") || filepath.IsAbs(at) {
		return at
	}
	return filepath.Join(dir, at)
}
