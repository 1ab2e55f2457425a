package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/envoy"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/neighbour"
	"otklik/internal/site"
	"otklik/internal/source"
	"otklik/internal/topic"
)

// CityPage says what of our incidents another city takes, and how our topics are called there.
type CityPage struct {
	Chrome
	Name, Source string // page of the source
	MayEdit      bool
	Agency       string
	Version      int
	Asked        string // when it told its services; "" = never
	Services     []string
	Groups       []CityGroup
	Proposed     bool // nobody has saved what is shown
	Problem      string
	Handed       []CityView
	Lists        string
}

// A CityGroup is one group of our topics.
type CityGroup struct {
	Name, Service string
	Known         int // topics with a service of their own
	Topics        []CityTopic
}

// A CityTopic is one topic.
type CityTopic struct{ Code, Name, Service string }

// HandPage hands one incident to another city.
type HandPage struct {
	Chrome
	Number, URL string // of the incident
	Version     int
	Cities      []Choice
	City        string
	Services    []Choice
	Form        *envoy.Form
	In          envoy.Input
	MayPersonal bool
	Problem     string
}

// A CityView is one request to another city.
type CityView struct {
	ID                   neighbour.ID
	Name, State, Number  string
	Bad                  bool
	Facts                []string
	Error                string
	Drop, Again, Found   bool
	Incident, IncidentNo string
}

// CitiesView is what an incident's page shows of other cities.
type CitiesView struct {
	List []CityView
	Hand string // page that hands it over; "" = it cannot be now
}

func (s *Staff) cityRoutes() []site.Route {
	if s.Envoy == nil {
		return nil
	}
	see := site.Access{Right: lifecycle.SeeSources, Of: s.cityResource()}
	edit := site.Access{Right: lifecycle.EditSources, Area: true, Of: s.cityResource()}
	one := site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Neighbour, Of: s.incidentOf()}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/sources/{id}/city", Access: see, Handler: s.city},
		{Method: "POST", Pattern: "/desk/sources/{id}/city", Access: edit, Handler: s.saveCity},
		{Method: "POST", Pattern: "/desk/sources/{id}/city/ask", Access: edit, Handler: s.askCity},
		{Method: "GET", Pattern: "/desk/incidents/{id}/city", Access: one, Handler: s.handPage},
		{Method: "POST", Pattern: "/desk/incidents/{id}/city", Access: one, Handler: s.handToCity},
	}
}

var cityDeeds = []deed{{"city-says", lifecycle.Neighbour, "Сделано", "", "", "", func(s *Staff, r *http.Request) (desk.Change, error) {
	c := desk.CitySays{Request: neighbour.ID(number(r, "request")), Do: field(r, "do"), Number: field(r, "number")}
	if s.Envoy == nil {
		return nil, fault.New(fault.NotFound, "no cities")
	}
	q, err := s.Cases().Neighbours().Request(r.Context(), who(r).Scope(), c.Request)
	if err != nil {
		return nil, err
	}
	c.Name = s.cityNames()[q.Source]
	return c, nil
}}}

// cityResource is a source in the scope that is a city.
func (s *Staff) cityResource() *site.Resource {
	of := s.sourceResource()
	return &site.Resource{Name: "source of a city", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		ctx, err := of.Load(ctx, a, id)
		if one, _ := ctx.Value(sourceKeyCtx{}).(*source.Source); err == nil && one.Kind != source.City {
			err = fault.New(fault.NotFound, "source %d is no city", id).Say("Этот источник не умеет принимать инциденты: так умеют только системы Open311.")
		}
		return ctx, err
	}}
}

func (s *Staff) cityNames() map[string]string {
	names := map[string]string{}
	for _, one := range s.Envoy.Sources() {
		names[one.ID] = one.Name
	}
	return names
}

func (s *Staff) city(w http.ResponseWriter, r *http.Request) error {
	return s.showCity(w, r, http.StatusOK, "", r.URL.Query().Get("propose") != "")
}

// serviceTitle is how a service is written in the form, and read back.
func serviceTitle(v *neighbour.Service) string { return v.Name + " (" + v.Code + ")" }

func (s *Staff) showCity(w http.ResponseWriter, r *http.Request, status int, problem string, propose bool) error {
	ctx, me, one, now := r.Context(), who(r), loadedSource(r), s.Now()
	c, err := s.Envoy.City(ctx, one.ID)
	if err != nil {
		return err
	}
	zone := s.zone(one.Territory, me.Place.Region)
	p := &CityPage{Name: one.Name, Source: sourceURL(one.Number), MayEdit: s.Roster.MayEdit(me.Actor()), Version: c.Version, Problem: problem}
	if !c.AskedAt.IsZero() {
		p.Asked = site.DateTime(c.AskedAt, now, zone)
	}
	titles := map[string]string{}
	for k := range c.Services {
		titles[c.Services[k].Code] = serviceTitle(&c.Services[k])
		p.Services = append(p.Services, titles[c.Services[k].Code])
	}
	topics, groups := c.Topics, c.Groups
	if p.Proposed = len(c.Services) > 0 && (propose || len(topics)+len(groups) == 0); p.Proposed {
		topics, groups = s.Envoy.Propose(c)
	}
	p.Groups = cityGroups(s.Topics(), topics, groups, titles)
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return err
	}
	for _, a := range agencies.all {
		if a.ID == c.Agency {
			p.Agency = a.Name
		}
	}
	if status != http.StatusOK && r.Method == http.MethodPost && r.PostForm.Has("agency") {
		p.keep(r.PostForm)
	}
	list, err := s.Envoy.Handed(ctx, me.Scope(), one.ID, 20)
	if err != nil {
		return err
	}
	for k := range list {
		v := cityView(&list[k], one.Name, now, zone)
		v.Incident, v.IncidentNo = incidentURL(incident.ID(list[k].Incident)), "инцидент"
		if i, err := s.Cases().Incidents().Incident(ctx, me.Scope(), incident.ID(list[k].Incident)); err == nil {
			v.IncidentNo = "№ " + incident.Spoken(i.Number)
		}
		p.Handed = append(p.Handed, v)
	}
	if p.Lists, err = s.agencyOptions(ctx, me); err != nil {
		return err
	}
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, "Передача в город: "+one.Name, City(p))
}

func cityGroups(t *topic.Taxonomy, topics map[topic.Code]string, groups, titles map[string]string) (out []CityGroup) {
	at := map[string]int{}
	for _, one := range t.Topics {
		if one.Retired || one.Code == topic.Undefined {
			continue
		}
		k, ok := at[one.Group]
		if !ok {
			k, at[one.Group] = len(out), len(out)
			out = append(out, CityGroup{Name: one.Group, Service: titles[groups[one.Group]]})
		}
		g := &out[k]
		g.Topics = append(g.Topics, CityTopic{string(one.Code), one.Name, titles[topics[one.Code]]})
		if topics[one.Code] != "" {
			g.Known++
		}
	}
	return out
}

// keep shows again what was typed.
func (p *CityPage) keep(typed url.Values) {
	p.Agency, p.Proposed = typed.Get("agency"), false
	for k := range p.Groups {
		g := &p.Groups[k]
		g.Service = typed.Get("g:" + g.Name)
		for n := range g.Topics {
			g.Topics[n].Service = typed.Get("t:" + g.Topics[n].Code)
		}
	}
}

func (s *Staff) askCity(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	if err := s.Envoy.Ask(r.Context(), who(r).Actor(), loadedSource(r).ID); err != nil {
		return s.cityRefused(w, r, err)
	}
	say(w, Said{Good: "Список услуг города обновлён."})
	http.Redirect(w, r, sourceURL(loadedSource(r).Number)+"/city", http.StatusSeeOther)
	return nil
}

func (s *Staff) cityRefused(w http.ResponseWriter, r *http.Request, err error) error {
	sentence, ok := refusedSource(err)
	if !ok {
		return err
	}
	return s.showCity(w, r, site.Status(err), sentence, false)
}

func (s *Staff) saveCity(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	one := loadedSource(r)
	kept, err := s.Envoy.City(r.Context(), one.ID)
	if err != nil {
		return err
	}
	c := &neighbour.City{Source: one.ID, Version: int(number(r, "version")), Topics: map[topic.Code]string{}, Groups: map[string]string{}}
	if name := field(r, "agency"); name != "" {
		agencies, err := s.regionAgencies(r.Context(), who(r))
		if err != nil {
			return err
		}
		a := agencies.find(name)
		if a == nil {
			return s.cityRefused(w, r, fault.New(fault.Invalid, "no such agency").At("agency").Say("Такой организации нет в списке. Выберите из подсказки ту, что отвечает за этот город."))
		}
		c.Agency = a.ID
	}
	for name := range r.PostForm {
		kind, key, _ := strings.Cut(name, ":")
		title := field(r, name)
		if title == "" || kind != "g" && kind != "t" {
			continue
		}
		k := slices.IndexFunc(kept.Services, func(v neighbour.Service) bool { return serviceTitle(&v) == title || v.Code == title })
		if k < 0 {
			return s.cityRefused(w, r, fault.New(fault.Invalid, "no such service").Say("Услуги «"+title+"» у города нет: выберите из подсказки или оставьте поле пустым."))
		}
		if kind == "g" {
			c.Groups[key] = kept.Services[k].Code
		} else {
			c.Topics[topic.Code(key)] = kept.Services[k].Code
		}
	}
	if err := s.Envoy.Save(r.Context(), who(r).Actor(), c); err != nil {
		return s.cityRefused(w, r, err)
	}
	said := "Сохранено. Инциденты можно передавать в этот город."
	if c.Agency == 0 {
		said = "Сохранено. Пока не выбрана организация, инциденты в этот город не передаются."
	}
	say(w, Said{Good: said})
	http.Redirect(w, r, sourceURL(one.Number)+"/city", http.StatusSeeOther)
	return nil
}

// ready returns the cities that take incidents.
func (s *Staff) readyCities(ctx context.Context) (list []source.Source, err error) {
	names, cities, err := s.Envoy.Cities(ctx)
	for _, one := range names {
		if c := cities[one.ID]; err == nil && c.Agency != 0 {
			list = append(list, one)
		}
	}
	return list, err
}

func (s *Staff) handPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return s.showHand(w, r, http.StatusOK, &HandPage{City: q.Get("city"), In: envoy.Input{Service: q.Get("service")}})
}

func (s *Staff) showHand(w http.ResponseWriter, r *http.Request, status int, p *HandPage) error {
	ctx, me, i := r.Context(), who(r), loaded(r)
	list, err := s.readyCities(ctx)
	if err != nil {
		return err
	}
	p.Number, p.URL, p.Version, p.MayPersonal = incident.Spoken(i.Number), incidentURL(i.ID), i.Version, me.Role.Holds(lifecycle.SeePersonal)
	id := ""
	for _, one := range list {
		n := strconv.FormatInt(one.Number, 10)
		p.Cities = append(p.Cities, Choice{Value: n, Name: one.Name})
		if p.City == "" || p.City == n {
			p.City, id = n, one.ID
		}
	}
	if id == "" {
		return fault.New(fault.NotFound, "no city takes incidents").Say("Ни один соседний город ещё не настроен. Это делает администратор на странице источника Open311.")
	}
	if p.Form, err = s.Envoy.Form(ctx, me.Actor(), i, id, p.In.Service); err != nil {
		return err
	}
	for k := range p.Form.City.Services {
		v := &p.Form.City.Services[k]
		p.Services = append(p.Services, Choice{Value: v.Code, Name: v.Name})
	}
	if p.Problem == "" {
		p.In.Text, p.In.Address = p.Form.Text, p.Form.Address
	}
	p.Chrome = s.chrome(w, r, "queue")
	return s.page(w, r, status, "Передать в другой город", Hand(p))
}

func (s *Staff) handToCity(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	ctx, i := r.Context(), loaded(r)
	in := envoy.Input{Service: field(r, "service"), Text: field(r, "text"), Address: field(r, "address"), Media: field(r, "media"), Whole: field(r, "words") == "whole", Contact: field(r, "contact") != "", Asked: map[string][]string{}}
	for name, values := range r.PostForm {
		if code, ok := strings.CutPrefix(name, "a:"); ok {
			in.Asked[code] = values
		}
	}
	list, err := s.readyCities(ctx)
	if err != nil {
		return err
	}
	for _, one := range list {
		if n := strconv.FormatInt(one.Number, 10); field(r, "city") == n || field(r, "city") == "" && in.Source == "" {
			in.Source = one.ID
		}
	}
	change, err := s.Envoy.Hand(ctx, who(r).Actor(), i, in)
	if err == nil {
		_, err = s.Desk.Do(ctx, who(r).Actor(), i.ID, int(number(r, "version")), change)
	}
	if err != nil {
		sentence, ok := refusedSource(err)
		if !ok {
			return err
		}
		return s.showHand(w, r, site.Status(err), &HandPage{City: field(r, "city"), In: in, Problem: sentence})
	}
	say(w, Said{Good: "Передаётся в другой город. № " + incident.Spoken(i.Number) + "."})
	http.Redirect(w, r, incidentURL(i.ID)+"#cities", http.StatusSeeOther)
	return nil
}

// addCities tells how the incident fares in other cities.
func (s *Staff) addCities(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, now time.Time, zone *time.Location) error {
	if s.Envoy == nil {
		return nil
	}
	list, err := tx.Neighbours().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil {
		return err
	}
	v, names, busy := &CitiesView{}, s.cityNames(), false
	for k := range list {
		busy = busy || !list[k].State.Ended()
		one := cityView(&list[k], names[list[k].Source], now, zone)
		if !p.Can[lifecycle.Neighbour] {
			one.Drop, one.Again, one.Found = false, false, false
		}
		v.List = append(v.List, one)
	}
	if p.Can[lifecycle.Neighbour] && p.Can[lifecycle.HandOver] && !busy {
		ready, err := s.readyCities(ctx)
		if err != nil {
			return err
		}
		if len(ready) > 0 {
			v.Hand = incidentURL(i.ID) + "/city"
		}
	}
	if len(v.List) > 0 || v.Hand != "" {
		p.Cities = v
	}
	return nil
}

func cityView(r *neighbour.Request, name string, now time.Time, zone *time.Location) CityView {
	v := CityView{ID: r.ID, Name: name, State: r.State.Name(), Number: r.Number, Error: r.Words.Error, Bad: r.State == neighbour.Unknown || r.State == neighbour.Refused,
		Drop: r.State == neighbour.Waiting && r.TriedAt.IsZero(), Again: r.State == neighbour.Unknown || r.State == neighbour.Waiting && r.Words.Error != "", Found: r.State == neighbour.Unknown}
	if v.Name == "" {
		v.Name = "город, источник которого убран"
	}
	fact := func(format string, args ...any) { v.Facts = append(v.Facts, fmt.Sprintf(format, args...)) }
	fact("услуга «%s»", r.Name)
	if r.Contact {
		fact("с именем и контактом автора")
	}
	if !r.SentAt.IsZero() {
		fact("передано %s", site.DateTime(r.SentAt, now, zone))
	} else if r.State == neighbour.Waiting && r.NextAt.After(now) && r.Tries > 0 {
		fact("попробуем ещё раз %s", site.DateTime(r.NextAt, now, zone))
	}
	st := &r.Standing
	if st.Agency != "" {
		fact("отвечает: %s", st.Agency)
	}
	if !st.ExpectedAt.IsZero() && r.State != neighbour.Closed {
		fact("обещают к %s", st.ExpectedAt.In(zone).Format("02.01.2006"))
	}
	if !st.SeenAt.IsZero() {
		fact("спрашивали %s", site.DateTime(st.SeenAt, now, zone))
	}
	if r.Words.Notes != "" {
		fact("город пишет: «%s»", r.Words.Notes)
	}
	return v
}

func (p *HandPage) chosen(code, value string) bool { return slices.Contains(p.In.Asked[code], value) }

func (p *HandPage) first(code string) string {
	if v := p.In.Asked[code]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func inputType(datatype string) string {
	if datatype == "datetime" {
		return "datetime-local"
	}
	return "text"
}
