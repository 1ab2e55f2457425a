package staff

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
)

// A commonView is a queue that stands ready for a role.
type commonView struct {
	name  string
	query Query
}

var (
	openView     = commonView{"Открытые", Query{}}
	newView      = commonView{"Новые", Query{State: []string{string(lifecycle.New)}}}
	dangerView   = commonView{"Опасные", Query{Urgency: string(message.Danger)}}
	mineView     = commonView{"Взято мной", Query{Claimed: "me"}}
	allView      = commonView{"Все", Query{All: true}}
	missingView  = commonView{"Уточнить", Query{Missing: true}}
	nobodyView   = commonView{"Без ответственного", Query{Agency: "none"}}
	approvalView = commonView{"На согласовании", Query{State: []string{string(lifecycle.Approval)}}}
	handedView   = commonView{"Переданные", Query{State: []string{string(lifecycle.Assigned)}}}
	reworkView   = commonView{"Доработка", Query{State: []string{string(lifecycle.Rework)}}}
	doubtedView  = commonView{"Подозрительные ответы", Query{Doubted: true}}
	spamView     = commonView{"Похоже на спам", Query{Spam: true}}
	answeredView = commonView{"Проверить решение", Query{State: []string{string(lifecycle.Answered)}}}
)

// viewsOf returns the queues that stand ready for a role: only what its work knows.
func viewsOf(role lifecycle.Role) []commonView {
	switch role {
	case lifecycle.Coordinator, lifecycle.Executor:
		return []commonView{openView, handedView, mineView, dangerView, reworkView, approvalView, allView}
	case lifecycle.Approver:
		return []commonView{approvalView, doubtedView, openView, dangerView, reworkView, allView}
	case lifecycle.Controller:
		return []commonView{answeredView, doubtedView, openView, dangerView, reworkView, allView}
	case lifecycle.Curator:
		return []commonView{openView, newView, dangerView, mineView, allView, missingView, nobodyView, approvalView, doubtedView, spamView}
	case lifecycle.Analyst, lifecycle.Editor, lifecycle.Trainer, lifecycle.Leader:
		return []commonView{openView, newView, dangerView, nobodyView, approvalView, allView}
	}
	return []commonView{openView, newView, dangerView, mineView, allView, missingView, nobodyView, approvalView, spamView}
}

// Home returns the page that a role's work begins with.
func Home(role lifecycle.Role) string {
	switch role {
	case lifecycle.Phone:
		return "/desk/cards/new"
	case lifecycle.Approver:
		return "/desk/approvals"
	case lifecycle.Admin:
		return "/desk/sources"
	case lifecycle.Leader:
		return "/desk/figures"
	}
	return viewsOf(role)[0].query.URL()
}

func (s *Staff) views(ctx context.Context, me *account.Account, q Query) ([]ViewLink, error) {
	q.After, q.At = "", 0
	here := q.URL()
	var links []ViewLink
	for _, v := range viewsOf(me.Role) {
		u := v.query.URL()
		links = append(links, ViewLink{Name: v.name, URL: u, Here: u == here})
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
	http.Redirect(w, r, site.Local(r.PostForm.Get("back"), q.URL()), http.StatusSeeOther)
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
	if err := form(w, r); err != nil {
		return err
	}
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	saved, err := s.Cases().Accounts().Views(r.Context(), who(r).ID)
	if err != nil {
		return err
	}
	back := site.Local(r.PostForm.Get("back"), "/desk")
	said := Said{Good: "Набор удалён."}
	for _, v := range saved {
		if v.ID == id {
			said = Said{Good: "Набор «" + v.Name + "» удалён.", Undo: "/desk/views", UndoAs: "Вернуть",
				With: map[string]string{"name": v.Name, "query": v.Query, "back": back}}
		}
	}
	if err := s.Writer.Change(r.Context(), incident.People, func(tx incident.Tx) error {
		return tx.Accounts().DeleteView(r.Context(), who(r).ID, id)
	}); err != nil {
		return err
	}
	say(w, said)
	http.Redirect(w, r, back, http.StatusSeeOther) // the queue that was looked at
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
	if q.Crowd != 0 {
		add("похоже на массовое", func(n *Query) { n.Crowd = 0 })
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
	if k := slices.IndexFunc(resultChoices, func(c Choice) bool { return c.Value == q.Result }); k >= 0 {
		add(resultChoices[k].Name, func(n *Query) { n.Result = "" })
	}
	if q.Doubted {
		add("подозрительные ответы", func(n *Query) { n.Doubted = false })
	}
	if q.Spam {
		add("похоже на спам", func(n *Query) { n.Spam = false })
	}
	if q.Missing {
		add("нужно уточнить", func(n *Query) { n.Missing = false })
	}
	if q.Since != "" {
		add("с "+dayWords(q.Since, s.Now()), func(n *Query) { n.Since = "" })
	}
	if q.Until != "" {
		add("по "+dayWords(q.Until, s.Now()), func(n *Query) { n.Until = "" })
	}
	return chips
}

// dayWords returns «22 ноября» for a day of the URL.
func dayWords(day string, now time.Time) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return site.Date(t, now, time.UTC)
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
