package vk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Settings are those of a community's wall, as JSON.
type Settings struct {
	Group int64 `json:"group"`           // positive number of the community
	Posts int   `json:"posts,omitempty"` // newest posts that are watched, at most 100; 0 = 30

	// Events: how VK tells of what happens in a community whose token answers: "callback"
	// (it calls our address), "longpoll" (we wait), "" = the wall is only read.
	Events string `json:"events,omitempty"`
	Boards bool   `json:"boards,omitempty"` // discussions are read, too
	Talks  bool   `json:"talks,omitempty"`  // private messages to the community are read; with events they come by themselves
	Hook   string `json:"hook,omitempty"`   // address of this source from outside, https://…/hooks/sources/12, for "callback" where the assembly knows none
}

// Options are what the assembly gives to all walls.
type Options struct {
	Limits *Limits // shared by all
	Now    func() time.Time
	Hook   string        // our address that VK calls with this source's events; "" = the settings'
	Wait   time.Duration // how long a long poll may wait; 0 = it does not

	BaseURL, PageURL string                 // another network that speaks VK's API; "" = VK itself
	Ours             func(owner int64) bool // whether a community is one of ours
}

// fileHosts are where the network keeps files.
func (o *Options) fileHosts() []string {
	if o.BaseURL == "" {
		return FileHosts
	}
	var out []string
	for _, address := range []string{o.BaseURL, o.PageURL} {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" && !slices.Contains(out, u.Hostname()) {
			out = append(out, u.Hostname())
		}
	}
	return out
}

// Open makes the connection of a source: reads is a service key or a user's token, answers
// the community's token, zero where replies go by hand. who answers may be told of events, too. Where
// the limits have a Pool it reads the walls of others, with the keys of all walls.
func Open(s source.Source, reads, answers source.Key, o Options) (source.Connection, error) {
	var set Settings
	dec := json.NewDecoder(bytes.NewReader(s.Settings))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&set); err != nil || set.Group <= 0 || set.Posts < 0 || set.Posts > 100 {
		return source.Connection{}, fault.New(fault.Invalid, "source %s: settings are no group and posts", s.ID).At("settings").
			Say("Настройки сообщества не читаются: нужны номер сообщества и сколько записей смотреть, не больше ста.")
	}
	wall := &Wall{
		Group: set.Group, Posts: set.Posts, ServiceToken: reads.Secret, CommunityToken: answers.Secret,
		BaseURL: o.BaseURL, PageURL: o.PageURL, Limits: o.Limits, Now: o.Now, Events: set.Events, Talks: set.Talks, Boards: set.Boards, Hook: cmp.Or(o.Hook, set.Hook), Wait: o.Wait,
	}
	wrong := func(format, sentence string) (source.Connection, error) {
		return source.Connection{}, fault.New(fault.Invalid, "source %s: "+format, s.ID).At("settings").Say(sentence)
	}
	if set.Talks && wall.CommunityToken == "" {
		return wrong("talks without the community's token", "Личные сообщения читаются по ключу сообщества: выберите его как ключ для ответов.")
	}
	switch set.Events {
	case "":
	case Callback, LongPoll:
		if reads.Secret == answers.Secret { // VK lets a community's token read no wall: events alone
			wall.ServiceToken = ""
		}
		if wall.CommunityToken == "" {
			return wrong("events without the community's token", "События приходят по ключу сообщества: выберите его как ключ для ответов.")
		}
		if u, err := url.Parse(wall.Hook); set.Events == Callback && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
			return wrong("hook is no https address", "Для вызовов от ВКонтакте нужен адрес этого источника снаружи (https), параметр hook.")
		}
	default:
		return wrong("events is none of callback and longpoll", "Параметр events: callback или longpoll.")
	}
	var puller source.Puller = wall
	if o.Limits != nil && o.Limits.Pool != nil && reads.Secret != answers.Secret {
		o.Limits.Pool.Token(reads.Name, reads.Secret)
		if !s.Own && set.Events == "" {
			puller = o.Limits.Pool.Watch(wall)
		}
	}
	c := source.Connection{Puller: puller, Name: s.Name, URL: s.URL, Channel: message.VK, Territory: s.Territory, Own: s.Own, Every: s.Every, FileHosts: o.fileHosts()}
	c.Asker = wall.Asker()
	if wall.CommunityToken != "" {
		c.Publisher, c.Speaker = wall, wall
	}
	switch set.Events {
	case Callback:
		c.Receiver = wall
	case LongPoll:
		c.Every = cmp.Or(c.Every, time.Second)
	}
	return c, nil
}

// A Recogniser knows links to communities. Where the link holds a short name it asks VK
// with the token, which may be empty: then the link is told to need a key.
type Recogniser struct {
	Ask    func() (token, base string) // base: where the methods are that know the token; "" = API
	Limits *Limits
}

var (
	numbered = regexp.MustCompile(`^(?:club|public|event|wall-|board|topic-|photo-|video-|clip-|albums?-|videos-|clips-|market-)(\d{1,18})(?:_\w+)?$`)
	personal = regexp.MustCompile(`^(?:id|wall|photo|video|clip|albums?|videos|clips)\d+(?:_\w+)?$`)
)

// named returns the part of a link to VK that names whose it is: a thing that is open above a
// page goes before the page.
func named(link *url.URL) string {
	q := link.Query()
	for _, over := range []string{q.Get("w"), q.Get("z")} {
		if over, _, _ = strings.Cut(over, "/"); numbered.MatchString(over) || personal.MatchString(over) {
			return over
		}
	}
	name, _, _ := strings.Cut(strings.Trim(link.Path, "/"), "/")
	if sel, ours := strings.CutPrefix(q.Get("sel"), "-"); name == "im" && ours {
		return "club" + sel
	}
	if article, ok := strings.CutPrefix(name, "@"); ok {
		name, _, _ = strings.Cut(article, "-")
	}
	return name
}

// Recognise implements source.Recogniser.
func (r Recogniser) Recognise(ctx context.Context, link *url.URL) (*source.Guess, error) {
	switch strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(link.Hostname()), "www."), "m.") {
	case "vk.com", "vk.ru", "vkontakte.ru":
	default:
		return nil, nil
	}
	if searched(link) != nil { // of another kind
		return nil, nil
	}
	name := named(link)
	bad := func(sentence string) error {
		return fault.New(fault.Invalid, "the link names no community").At("link").Say(sentence)
	}
	switch {
	case personal.MatchString(name):
		return nil, bad("Это страница человека, а Отклик читает сообщества. Вставьте ссылку на группу или публичную страницу.")
	case name == "" || name == "feed" || name == "im" || name == "search":
		return nil, bad("По этой ссылке не видно, какое это сообщество: откройте его и вставьте адрес его страницы.")
	}
	token, base := r.Ask()
	wall := &Wall{ServiceToken: token, BaseURL: base, Limits: r.Limits}
	if m := numbered.FindStringSubmatch(name); m != nil {
		wall.Group, _ = strconv.ParseInt(m[1], 10, 64)
	}
	switch {
	case wall.Group == 0 && wall.ServiceToken == "":
		return nil, bad("По короткому имени сообщество можно узнать только с ключом ВКонтакте. Добавьте ключ приложения или вставьте ссылку вида vk.com/club123.")
	case wall.Group == 0:
		var found struct {
			Type string `json:"type"`
			ID   number `json:"object_id"`
		}
		var out node // an unknown name gives an empty list
		if err := wall.read(ctx, "utils.resolveScreenName", url.Values{"screen_name": {name}}, &out); err != nil {
			return nil, err
		}
		if !out.into(&found) || found.Type != "group" && found.Type != "page" && found.Type != "event" {
			return nil, fault.New(fault.NotFound, "the short name is of no community").At("link").Say("Такого сообщества во ВКонтакте нет. Ссылка на страницу человека источником быть не может.")
		}
		wall.Group = int64(found.ID)
	}
	g := &source.Guess{Source: source.Source{
		ID: SourceID(-wall.Group), Kind: source.VK, Channel: message.VK, Name: "Сообщество " + strconv.FormatInt(wall.Group, 10), URL: Page + "club" + strconv.FormatInt(wall.Group, 10),
	}}
	boards := strings.HasPrefix(name, "board") || strings.HasPrefix(name, "topic-")
	g.Settings, _ = json.Marshal(Settings{Group: wall.Group, Boards: boards && numbered.MatchString(name)})
	if wall.ServiceToken == "" {
		g.Needs = "Нужен ключ: сервисный ключ приложения ВКонтакте."
		return g, nil
	}
	info, err := wall.Community(ctx)
	if err != nil {
		return nil, err
	}
	if g.Name = info.Name; info.Closed {
		g.Needs = "Сообщество закрытое: его стену можно прочитать только с ключом самого сообщества."
	}
	return g, nil
}
