package staff

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
)

// commonViews are the queues that everybody has.
var commonViews = []struct {
	name  string
	query Query
}{
	{"Открытые", Query{}},
	{"Новые", Query{State: []string{string(lifecycle.New)}}},
	{"Опасные", Query{Urgency: string(message.Danger)}},
	{"Взято мной", Query{Claimed: "me"}},
	{"Все", Query{All: true}},
	{"Уточнить", Query{Missing: true}},
	{"Без ответственного", Query{Agency: "none"}},
	{"На согласовании", Query{State: []string{string(lifecycle.Approval)}}},
}

func (s *Staff) views(ctx context.Context, me *account.Account, q Query) ([]ViewLink, error) {
	q.After, q.At = "", 0
	here := q.URL()
	links := make([]ViewLink, 0, len(commonViews)+4)
	for i := range commonViews {
		u := commonURLs[i]
		links = append(links, ViewLink{Name: commonViews[i].name, URL: u, Here: u == here})
	}
	saved, err := s.Cases().Accounts().Views(ctx, me.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range saved {
		u := "/desk"
		if v.Query != "" {
			u += "?" + v.Query
		}
		links = append(links, ViewLink{ID: v.ID, Name: v.Name, URL: u, Here: u == here})
	}
	return links, nil
}

var commonURLs = func() []string {
	urls := make([]string, len(commonViews))
	for i := range commonViews {
		urls[i] = commonViews[i].query.URL()
	}
	return urls
}()

func (s *Staff) saveView(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if name == "" || utf8.RuneCountInString(name) > 60 {
		return fault.New(fault.Invalid, "a view needs a name of up to 60 characters").At("name").Say("Дайте набору имя, до 60 знаков.")
	}
	values, err := url.ParseQuery(r.PostForm.Get("query"))
	if err != nil {
		return fault.New(fault.Invalid, "view query: %w", err).At("query")
	}
	q := parseQuery(values)
	v := account.View{Owner: who(r).ID, Name: name, Query: q.Values().Encode()}
	if err := s.Writer.Change(r.Context(), incident.People, func(tx incident.Tx) error { return tx.Accounts().SaveView(r.Context(), &v) }); err != nil {
		return err
	}
	say(w, Said{Good: "Набор «" + name + "» сохранён."})
	q.After, q.At = "", 0
	http.Redirect(w, r, q.URL(), http.StatusSeeOther)
	return nil
}

// view is the resource of a saved queue: everybody has only their own.
func (s *Staff) view() *site.Resource {
	return &site.Resource{Name: "view", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		saved, err := s.Cases().Accounts().Views(ctx, a.ID)
		if err != nil {
			return ctx, err
		}
		for _, v := range saved {
			if v.ID == id {
				return ctx, nil
			}
		}
		return ctx, fault.New(fault.NotFound, "view %d is none of account %d", id, a.ID)
	}}
}

func (s *Staff) deleteView(w http.ResponseWriter, r *http.Request) error {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err := s.Writer.Change(r.Context(), incident.People, func(tx incident.Tx) error {
		return tx.Accounts().DeleteView(r.Context(), who(r).ID, id)
	}); err != nil {
		return err
	}
	say(w, Said{Good: "Набор удалён."})
	http.Redirect(w, r, "/desk", http.StatusSeeOther)
	return nil
}

// applied names the filters in force, each with the way to drop it.
func (s *Staff) applied(q Query, agencies *agencyList) []Chip {
	var chips []Chip
	q.After, q.At = "", 0
	add := func(name string, drop func(*Query)) {
		next := q
		drop(&next)
		chips = append(chips, Chip{Name: name, URL: next.URL()})
	}
	if q.Q != "" {
		add("слова: "+q.Q, func(n *Query) { n.Q = "" })
	}
	for i, st := range q.State {
		add(lifecycle.State(st).Name(), func(n *Query) {
			n.State = append(append([]string{}, q.State[:i]...), q.State[i+1:]...)
		})
	}
	if q.Topic != "" {
		name := q.Topic
		if tp, ok := s.Topics().ByCode(topicCode(q.Topic)); ok {
			name = tp.Name
		}
		add(name, func(n *Query) { n.Topic = "" })
	}
	if q.Group != "" {
		add(q.Group, func(n *Query) { n.Group = "" })
	}
	if q.Agency != "" {
		name := "без ответственного"
		if id, err := strconv.ParseInt(q.Agency, 10, 64); err == nil {
			name = agencies.name(id)
		}
		add(name, func(n *Query) { n.Agency = "" })
	}
	if q.Centre != "" {
		add(s.placeName(q.Centre), func(n *Query) { n.Centre = "" })
	}
	if q.Urgency != "" {
		add("срочность: "+message.Urgency(q.Urgency).Name(), func(n *Query) { n.Urgency = "" })
	}
	if q.Channel != "" {
		add(message.Channel(q.Channel).Name(), func(n *Query) { n.Channel = "" })
	}
	switch q.Claimed {
	case "me":
		add("взято мной", func(n *Query) { n.Claimed = "" })
	case "free":
		add("никем не взято", func(n *Query) { n.Claimed = "" })
	}
	if q.Missing {
		add("нужно уточнить", func(n *Query) { n.Missing = false })
	}
	if q.Since != "" {
		add("с "+q.Since, func(n *Query) { n.Since = "" })
	}
	if q.Until != "" {
		add("по "+q.Until, func(n *Query) { n.Until = "" })
	}
	return chips
}

func (s *Staff) choices(me *account.Account, agencies *agencyList) Choices {
	c := Choices{States: lifecycle.States(), Channels: message.Channels()}
	for _, g := range s.Topics().Groups() {
		c.Groups = append(c.Groups, g.Name)
	}
	for _, a := range agencies.all {
		c.Agencies = append(c.Agencies, Choice{strconv.FormatInt(a.ID, 10), agencies.name(a.ID)})
	}
	c.Centres = s.centres(me.Place.Region)
	return c
}

func (s *Staff) centres(region string) []Choice {
	if s.Centres == nil || region == "" {
		return nil
	}
	var list []Choice
	for _, p := range s.Centres(region) {
		list = append(list, Choice{p.ID, p.Name})
	}
	return list
}
