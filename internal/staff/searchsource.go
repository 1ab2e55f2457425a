package staff

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/place"
	"otklik/internal/site"
)

// SearchSourcePage is where a search of VK is put together.
type SearchSourcePage struct {
	Chrome
	Centres            []Choice
	Territory          string
	Words, Lat, Lon    string
	Group              string
	Proposed, OwnPlace bool // the words are proposed by us; somebody of a municipal centre
	Problem            string
}

// wordsProposed is how many names of settlements are proposed: each costs its share of the
// day's questions.
const wordsProposed = 10

// searchSource shows the form; with a territory its settlements are proposed as words.
func (s *Staff) searchSource(w http.ResponseWriter, r *http.Request) error {
	p := &SearchSourcePage{Territory: r.URL.Query().Get("territory")}
	if mine := who(r).Place.Centre; mine != "" {
		p.Territory = mine
	}
	if p.Territory != "" {
		p.Words = strings.Join(s.placeWords(who(r).Place.Region, p.Territory), "\n")
		p.Proposed = p.Words != ""
	}
	return s.showSearchSource(w, r, http.StatusOK, p)
}

// placeWords returns the settlements of a municipality, the biggest first: those that write
// of a place name it.
func (s *Staff) placeWords(region, centre string) (words []string) {
	if s.Settlements == nil {
		return nil
	}
	var towns []*place.Place
	for _, p := range s.Settlements(region) {
		if p.Municipality == centre || p.ID == centre {
			towns = append(towns, p)
		}
	}
	slices.SortStableFunc(towns, func(a, b *place.Place) int { return cmp.Compare(b.Population, a.Population) })
	for _, p := range towns {
		if len(words) < wordsProposed && !slices.Contains(words, p.Name) {
			words = append(words, p.Name)
		}
	}
	return words
}

// addSearchSource takes the form to the page where any new source is named and tried.
func (s *Staff) addSearchSource(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	p := &SearchSourcePage{Territory: field(r, "territory"), Words: field(r, "words"), Lat: field(r, "lat"), Lon: field(r, "lon"), Group: field(r, "group")}
	if mine := who(r).Place.Centre; mine != "" {
		p.Territory = mine
	}
	link := p.link()
	g, err := s.Roster.Recognise(r.Context(), who(r).Actor(), link)
	if err != nil {
		sentence, ok := refusedSource(err)
		if !ok {
			return err
		}
		p.Problem = sentence
		return s.showSearchSource(w, r, site.Status(err), p)
	}
	if g == nil {
		return fault.New(fault.Invalid, "a search is no source here")
	}
	next := s.guessPage(g, link)
	next.Form.Territory = p.Territory
	return s.showSource(w, r, http.StatusOK, next, &g.Source)
}

// link is the search's address at VK: by it a search is recognised like any other source.
func (p *SearchSourcePage) link() string {
	q := url.Values{}
	for line := range strings.Lines(p.Words) {
		if line = strings.TrimSpace(line); line != "" {
			q.Add("q", line)
		}
	}
	for key, v := range map[string]string{"lat": p.Lat, "lon": p.Lon} {
		if v != "" {
			q.Set(key, v)
		}
	}
	group := p.Group[strings.LastIndexByte(p.Group, '/')+1:]
	for _, before := range []string{"club", "public", "event", "-"} {
		group = strings.TrimPrefix(group, before)
	}
	if group != "" {
		q.Set("group", group)
	}
	return "https://vk.com/search/statuses?" + q.Encode()
}

func (s *Staff) showSearchSource(w http.ResponseWriter, r *http.Request, status int, p *SearchSourcePage) error {
	me := who(r)
	p.OwnPlace = me.Place.Centre != ""
	for _, c := range s.centres(me.Place.Region) {
		if !p.OwnPlace || c.Value == me.Place.Centre {
			p.Centres = append(p.Centres, c)
		}
	}
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, "Поиск ВКонтакте", SearchSource(p))
}
