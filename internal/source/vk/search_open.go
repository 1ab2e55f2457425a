package vk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// SearchSettings are those of a search, as JSON.
type SearchSettings struct {
	Queries []string `json:"queries,omitempty"` // words, each a question of its own: at most SearchQueries
	Lat     *float64 `json:"lat,omitempty"`     // with Lon: only posts that carry a point near this one
	Lon     *float64 `json:"lon,omitempty"`
	Group   int64    `json:"group,omitempty"` // only this community's wall
}

// Bounds of a search.
const (
	SearchQueries = 20
	queryLimit    = 200 // characters
)

// tidy makes equal searches equal.
func (s *SearchSettings) tidy() {
	var out []string
	for _, q := range s.Queries {
		if q = strings.Join(strings.Fields(q), " "); q != "" && !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	s.Queries = out
}

// wrong says what is wrong with a search; nil for a good one.
func (s *SearchSettings) wrong() error {
	bad := func(what, sentence string) error {
		return fault.New(fault.Invalid, "search: %s", what).At("settings").Say(sentence)
	}
	switch {
	case (s.Lat == nil) != (s.Lon == nil):
		return bad("half a point", "У места две координаты: впишите и широту, и долготу.")
	case s.Lat != nil && !(*s.Lat >= -90 && *s.Lat <= 90 && *s.Lon >= -180 && *s.Lon <= 180):
		return bad("no point on Earth", "Таких координат нет: широта от −90 до 90, долгота от −180 до 180.")
	case len(s.Queries) == 0 && s.Lat == nil:
		return bad("neither words nor a point", "Впишите, что искать: слова или место.")
	case len(s.Queries) > SearchQueries:
		return bad("too many queries", fmt.Sprintf("Строк поиска может быть не больше %d: каждая расходует суточный запас запросов.", SearchQueries))
	case s.Group < 0 || s.Group > 0 && (len(s.Queries) == 0 || s.Lat != nil):
		return bad("of a community by place", "На стене сообщества ищут по словам, без места.")
	case slices.ContainsFunc(s.Queries, func(q string) bool { return utf8.RuneCountInString(q) > queryLimit }):
		return bad("a long query", fmt.Sprintf("Строка поиска длиннее %d знаков. Сократите её.", queryLimit))
	}
	return nil
}

// OpenSearch makes the connection of a search; reads is a service key or a user's token.
func OpenSearch(s source.Source, reads source.Key, o Options) (source.Connection, error) {
	var set SearchSettings
	dec := json.NewDecoder(bytes.NewReader(s.Settings))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&set); err != nil {
		return source.Connection{}, fault.New(fault.Invalid, "source %s: %w", s.ID, err).At("settings").Say("Настройки поиска не читаются: уберите его и добавьте заново.")
	}
	set.tidy()
	if err := set.wrong(); err != nil {
		return source.Connection{}, err
	}
	search := &Search{
		Native: s.ID, Queries: set.Queries, Group: set.Group, ServiceToken: reads.Secret, Limits: o.Limits, Now: o.Now, Every: s.Every,
		BaseURL: o.BaseURL, PageURL: o.PageURL, Ours: o.Ours,
	}
	if set.Lat != nil {
		search.Lat, search.Lon, search.Point = *set.Lat, *set.Lon, true
	}
	var puller source.Puller = search
	if o.Limits != nil && o.Limits.Pool != nil {
		o.Limits.Pool.Token(reads.Name, reads.Secret)
		puller = o.Limits.Pool.Search(search)
	}
	return source.Connection{
		Puller: puller, Asker: search.Asker(), Name: s.Name, URL: s.URL, Channel: message.VK, Territory: s.Territory, Every: s.Every, FileHosts: o.fileHosts(),
	}, nil
}

// SearchLink is the address of a search, as VK shows it to people; SearchLinks reads it.
func SearchLink(s SearchSettings) string {
	s.tidy()
	q := url.Values{}
	for _, words := range s.Queries {
		q.Add("q", words)
	}
	if s.Lat != nil && s.Lon != nil {
		q.Set("lat", strconv.FormatFloat(*s.Lat, 'f', -1, 64))
		q.Set("lon", strconv.FormatFloat(*s.Lon, 'f', -1, 64))
	}
	if s.Group != 0 {
		q.Set("group", strconv.FormatInt(s.Group, 10))
	}
	return Page + "search/statuses?" + q.Encode()
}

// searched returns the search that a link of VK's leads to; nil for another link.
func searched(link *url.URL) *SearchSettings {
	switch strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(link.Hostname()), "www."), "m.") {
	case "vk.com", "vk.ru", "vkontakte.ru":
	default:
		return nil
	}
	q, path := link.Query(), strings.Trim(link.Path, "/")
	name, rest, _ := strings.Cut(path, "/")
	s := &SearchSettings{}
	switch {
	case name == "search", name == "feed" && q.Get("section") == "search", name == "al_feed.php":
		s.Queries = append(append(q["q"], q["c[q]"]...), q["q[]"]...)
	case strings.HasPrefix(name, "wall-") && rest == "" && q.Get("search") != "" && q.Get("q") != "": // within a community
		s.Queries = q["q"]
		s.Group, _ = strconv.ParseInt(strings.TrimPrefix(name, "wall-"), 10, 64)
	default:
		return nil
	}
	if n, err := strconv.ParseInt(q.Get("group"), 10, 64); err == nil {
		s.Group = n
	}
	for key, to := range map[string]**float64{"lat": &s.Lat, "lon": &s.Lon} {
		if q.Get(key) == "" {
			continue
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(q.Get(key), ",", "."), 64)
		if err != nil {
			n = 1000 // of no point: wrong says so
		}
		*to = &n
	}
	s.tidy()
	return s
}

// SearchLinks recognises links to VK's search.
type SearchLinks struct{}

// Recognise implements source.Recogniser.
func (SearchLinks) Recognise(_ context.Context, link *url.URL) (*source.Guess, error) {
	s := searched(link)
	if s == nil {
		return nil, nil
	}
	if err := s.wrong(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	g := &source.Guess{Source: source.Source{
		ID: string(source.VKSearch) + ":" + hex.EncodeToString(sum[:8]), Kind: source.VKSearch, Channel: message.VK, Name: s.name(), URL: SearchLink(*s), Settings: raw,
	}}
	return g, nil
}

// name of a search that nobody named yet.
func (s *SearchSettings) name() string {
	name := "Поиск ВКонтакте"
	if s.Group != 0 {
		name += " в сообществе " + strconv.FormatInt(s.Group, 10)
	}
	switch {
	case len(s.Queries) == 0:
		return name + " у места"
	case len(s.Queries) == 1:
		name += ": «" + s.Queries[0] + "»"
	default:
		name += fmt.Sprintf(": «%s» и ещё %d", s.Queries[0], len(s.Queries)-1)
	}
	return string([]rune(name)[:min(utf8.RuneCountInString(name), 150)])
}
