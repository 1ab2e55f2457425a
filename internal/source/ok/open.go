package ok

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Settings are those of a group's source, as JSON. All may be absent.
type Settings struct {
	AppKey string `json:"application_key"` // public key of the application, where the key does not begin with it
	Secret string `json:"secret"`          // «session» (session_secret_key, default) or «application»: the last word of the key

	Publish bool `json:"publish"` // publish by the method that is no longer documented; else by hand
	Others  bool `json:"others"`  // comments under photos and videos, as the token's owner is told of them
	Topics  int  `json:"topics"`  // newest topics that are watched, 1 … 200; 30
	Reread  span `json:"reread"`  // how often all comments of a topic are read anew, «10m»
	Settle  span `json:"settle"`  // how long a comment may take to be seen, «1m»

	PerSecond float64 `json:"per_second"` // replies; 0.2
	PerDay    int     `json:"per_day"`    // 0: no limit

	URL  string `json:"url"`  // of the API; https://api.ok.ru/fb.do
	Page string `json:"page"` // beginning of links; https://ok.ru/
}

// A span is a time in JSON, «2m».
type span time.Duration

func (s *span) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no time such as \"2m\"", clip(text, 40))
	}
	*s = span(d)
	return nil
}

// Options are what the assembly gives to all groups.
type Options struct {
	Limits *Limits
	Now    func() time.Time
	HTTP   *http.Client
}

var digits = regexp.MustCompile(`^[0-9]{1,20}$`)

const threeWords = "Ключ Одноклассников — три слова через пробел: application_key, access_token и session_secret_key."

// Open returns the connection of a group. The key's secret is three words: application_key,
// access_token and session_secret_key; the first stands in the settings where there are two.
// Unless the settings say so the connection has no publisher: replies go by hand, and its
// Finder proves them.
func Open(s source.Source, key source.Key, o Options) (source.Connection, error) {
	var set Settings
	words := "Настройки группы Одноклассников записаны с ошибкой: сверьте их с описанием и исправьте."
	bad := func(format string, args ...any) (source.Connection, error) {
		err := fault.New(fault.Invalid, "source %s: "+format, append([]any{s.ID}, args...)...)
		return source.Connection{}, err.At("settings").Say(words).Mend("mend the settings of the source; docs/channels/ok.md names them")
	}
	if len(bytes.TrimSpace(s.Settings)) > 0 {
		dec := json.NewDecoder(bytes.NewReader(s.Settings))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&set); err != nil {
			return bad("settings: %w", err)
		}
	}
	group, ok := strings.CutPrefix(s.ID, "ok:")
	secret := strings.Fields(key.Secret)
	if len(secret) == 3 {
		set.AppKey, secret = secret[0], secret[1:]
	}
	if ok && (set.AppKey == "" || len(secret) != 2) {
		words = threeWords
	}
	switch {
	case !ok || !digits.MatchString(group):
		return bad("the id of a group of Odnoklassniki is ok:NUMBER")
	case set.AppKey == "":
		return bad("application_key is missing")
	case set.Secret != "" && set.Secret != "session" && set.Secret != "application":
		return bad("secret is session or application")
	case len(secret) != 2:
		return bad("the key must be three words: application_key, access_token and session_secret_key")
	case set.Topics < 0 || set.Topics > 200:
		return bad("topics is %d, and must be 1 to 200", set.Topics)
	case set.PerDay < 0:
		return bad("per_day is negative")
	}
	for _, a := range []string{set.URL, set.Page} {
		if u, err := url.Parse(a); a != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil) {
			return bad("an address is no https address")
		}
	}
	g := &Group{
		Group: group, Name: s.Name, AppKey: set.AppKey, AppSecret: set.Secret == "application", BaseURL: set.URL, PageURL: set.Page,
		HTTP: o.HTTP, Limits: o.Limits, Now: o.Now, Topics: set.Topics, Others: set.Others, Reread: time.Duration(set.Reread),
		Automatic: set.Publish, PerSecond: set.PerSecond, PerDay: set.PerDay, Settle: time.Duration(set.Settle),
	}
	g.Token, g.Secret = secret[0], secret[1]
	con := source.Connection{
		Puller: g, Finder: g, FileHosts: FileHosts, Name: cmp.Or(s.Name, "Группа в Одноклассниках"), URL: cmp.Or(s.URL, g.link(ref{})), Channel: message.OK, Territory: s.Territory, Own: s.Own,
		Every: cmp.Or(s.Every, time.Minute),
	}
	if g.Automatic {
		con.Publisher = g
	}
	return con, nil
}

// Links recognises links of Odnoklassniki. Ask is a connected group whose token may be
// used to find out what a short name is; it may be nil.
type Links struct{ Ask *Group }

const wants = "Нужен ключ, выпущенный под учётной записью администратора группы: application_key, access_token и session_secret_key через пробел."

// Recognise implements source.Recogniser. Known are ok.ru/group/NUMBER, …/topic/NUMBER,
// ok.ru/groupNUMBER, ok.ru/NAME, and the same at m.ok.ru and odnoklassniki.ru.
func (l Links) Recognise(ctx context.Context, link *url.URL) (*source.Guess, error) {
	host := strings.ToLower(link.Hostname())
	host = strings.TrimPrefix(strings.TrimPrefix(host, "www."), "m.")
	if host != "ok.ru" && host != "odnoklassniki.ru" {
		return nil, nil //nolint:nilnil // the contract of Recogniser: another network
	}
	g := &source.Guess{Source: source.Source{Kind: source.OK, Channel: message.OK}, Needs: wants}
	parts := strings.Split(strings.Trim(link.Path, "/"), "/")
	group := ""
	if len(parts) > 1 && parts[0] == "group" {
		group = parts[1]
	} else {
		group = strings.TrimPrefix(parts[0], "group")
	}
	if !digits.MatchString(group) {
		if group = ""; l.Ask != nil && parts[0] != "" && parts[0] != "profile" {
			var err error
			if group, err = l.Ask.resolve(ctx, Page+parts[0]); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case group != "":
		g.ID, g.Name, g.URL = SourceID(group), "Группа "+group, Page+"group/"+group
		if l.Ask != nil {
			at := *l.Ask
			at.Group = group
			if name, err := at.Info(ctx); err == nil && name != "" {
				g.Name = name
			}
		}
	case parts[0] == "profile" || parts[0] == "":
		g.Needs = "Это не группа: Отклик читает группы Одноклассников. Вставьте ссылку на группу."
	default:
		g.Name, g.URL = parts[0], Page+parts[0]
		g.Needs = "По короткому имени номер группы не виден: откройте в группе любую тему и вставьте ссылку на неё. " + wants
	}
	return g, nil
}

// resolve asks which group an address is of, "" for none.
func (g *Group) resolve(ctx context.Context, address string) (string, error) {
	var out struct {
		Type words `json:"type"`
		ID   ident `json:"objectId"`
		Text ident `json:"objectIdStr"`
	}
	if err := g.call(ctx, "url.getInfo", false, url.Values{"url": {address}}, &out); err != nil {
		return "", err
	}
	if id := string(cmp.Or(out.Text, out.ID)); strings.Contains(strings.ToUpper(string(out.Type)), "GROUP") && digits.MatchString(id) {
		return id, nil
	}
	return "", nil
}

var _ source.Recogniser = Links{}
