package staff

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"otklik/internal/account"
	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/talk"
)

// A DeskKeeper stores what people set up for the desk's work: ready checklists, and whom
// to ring. desk.Desk is one.
type DeskKeeper interface {
	SaveChecklist(ctx context.Context, who account.Actor, t checklist.Template) error
	SaveContacts(ctx context.Context, who account.Actor, centres []string, list []call.Contact) error
	SaveTalkText(ctx context.Context, who account.Actor, key talk.Key, words string) error
}

var _ DeskKeeper = (*desk.Desk)(nil)

// ChecklistsPage lists the ready checklists and edits one.
type ChecklistsPage struct {
	Chrome
	Rows    []ChecklistRow
	Groups  []string
	Lists   string
	Group   string // of the form
	Topic   string
	Items   string
	Edited  bool
	Problem string
}

// A ChecklistRow is one ready checklist.
type ChecklistRow struct {
	For, Edit   string
	Topic       string // name, for the form that takes it away
	Group       string
	Items       []string
	Fundamental bool // for all topics
}

// ContactsPage is whom to ring in one municipality, and what it inherits.
type ContactsPage struct {
	Chrome
	Centres   []Choice
	Centre    string
	Name      string // of the municipality, or the region
	Rows      []call.Contact
	Inherited []call.Contact
	Dangers   []call.Danger
	Regional  bool // may edit the region's own
	CSV       string
	Problem   string
}

func (s *Staff) settingUpRoutes() []site.Route {
	rules, contacts := site.Access{Right: lifecycle.EditRules, Whole: true}, site.Access{Right: lifecycle.EditAgencies, Area: true}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/checklists", Access: rules, Handler: s.checklists},
		{Method: "POST", Pattern: "/desk/checklists", Access: rules, Handler: s.saveChecklist},
		{Method: "GET", Pattern: "/desk/contacts", Access: contacts, Handler: s.contacts},
		{Method: "POST", Pattern: "/desk/contacts/{deed}", Access: contacts, Handler: s.saveContacts},
	}
}

func (s *Staff) checklists(w http.ResponseWriter, r *http.Request) error {
	p := &ChecklistsPage{Group: r.URL.Query().Get("group"), Topic: r.URL.Query().Get("topic"), Edited: r.URL.Query().Has("edit")}
	return s.showChecklists(w, r, http.StatusOK, p)
}

func (s *Staff) showChecklists(w http.ResponseWriter, r *http.Request, status int, p *ChecklistsPage) error {
	me := who(r)
	list, err := s.Cases().Checklists().Templates(r.Context(), me.Place.Region)
	if err != nil {
		return err
	}
	for _, t := range list {
		row := ChecklistRow{For: "Для всех тем", Group: t.Group, Items: t.Items, Fundamental: t.Topic == "" && t.Group == ""}
		switch {
		case t.Topic != "":
			row.Topic = s.topicTitle(t.Topic)
			row.For = "Тема «" + row.Topic + "»"
		case t.Group != "":
			row.For = "Группа «" + t.Group + "»"
		}
		row.Edit = "/desk/checklists?" + url.Values{"edit": {"1"}, "topic": {row.Topic}, "group": {row.Group}}.Encode() + "#edit"
		if p.Edited && p.Items == "" && row.Topic == p.Topic && row.Group == p.Group {
			p.Items = strings.Join(t.Items, "\n")
		}
		p.Rows = append(p.Rows, row)
	}
	for _, g := range s.Topics().Groups() {
		p.Groups = append(p.Groups, g.Name)
	}
	p.Lists = s.topicOptions()
	p.Chrome = s.chrome(w, r, "checklists")
	p.Here = "/desk/checklists"
	return s.page(w, r, status, "Списки дел", Checklists(p))
}

func (s *Staff) saveChecklist(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	p := &ChecklistsPage{Group: field(r, "group"), Topic: field(r, "topic"), Items: r.PostForm.Get("items"), Edited: true}
	t := checklist.Template{Group: p.Group, Items: strings.Split(strings.ReplaceAll(p.Items, "\r\n", "\n"), "\n")}
	good := "Список записан."
	if field(r, "drop") != "" {
		t.Items, good = nil, "Список убран."
	} else if strings.TrimSpace(p.Items) == "" {
		p.Problem = "Впишите хотя бы один пункт."
		return s.showChecklists(w, r, http.StatusUnprocessableEntity, p)
	}
	if p.Topic != "" {
		tp, ok := s.Topics().ByName(p.Topic)
		if !ok {
			p.Problem = "Такой темы нет в классификаторе. Выберите из подсказки или оставьте поле пустым."
			return s.showChecklists(w, r, http.StatusUnprocessableEntity, p)
		}
		t.Topic, t.Group = tp.Code, ""
	}
	if err := s.DeskKeeper.SaveChecklist(r.Context(), who(r).Actor(), t); fault.Is(err, fault.Invalid) {
		p.Problem = fault.Sentence(err)
		return s.showChecklists(w, r, http.StatusUnprocessableEntity, p)
	} else if err != nil {
		return err
	}
	say(w, Said{Good: good})
	http.Redirect(w, r, "/desk/checklists", http.StatusSeeOther)
	return nil
}

func (s *Staff) contacts(w http.ResponseWriter, r *http.Request) error {
	return s.showContacts(w, r, http.StatusOK, &ContactsPage{Centre: r.URL.Query().Get("centre")})
}

func (s *Staff) showContacts(w http.ResponseWriter, r *http.Request, status int, p *ContactsPage) error {
	me := who(r)
	p.Regional = me.Place.Centre == ""
	p.Centres = s.centres(me.Place.Region)
	if !p.Regional {
		p.Centre = me.Place.Centre
		p.Centres = slices.DeleteFunc(p.Centres, func(c Choice) bool { return c.Value != p.Centre })
	}
	p.Name = "Весь регион"
	if p.Centre != "" {
		k := slices.IndexFunc(p.Centres, func(c Choice) bool { return c.Value == p.Centre })
		if k < 0 && p.Regional {
			return fault.New(fault.NotFound, "municipality is not of this region").Say("Такого муниципалитета нет в этом регионе.")
		}
		p.Name = s.placeName(p.Centre)
	}
	book, err := s.Cases().Calls().Book(r.Context(), me.Place.Region)
	if err != nil {
		return err
	}
	had := p.Rows == nil
	for _, c := range book {
		switch {
		case c.Centre == p.Centre && had:
			p.Rows = append(p.Rows, c)
		case c.Centre == "" && p.Centre != "":
			p.Inherited = append(p.Inherited, c)
		}
	}
	for range 3 { // lines to write more into
		p.Rows = append(p.Rows, call.Contact{})
	}
	p.Dangers = call.Dangers()
	p.Chrome = s.chrome(w, r, "contacts")
	p.Here = "/desk/contacts"
	return s.page(w, r, status, "Телефоны служб", Contacts(p))
}

func (s *Staff) saveContacts(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	me := who(r)
	p := &ContactsPage{Centre: field(r, "centre")}
	centres, list := []string{p.Centre}, []call.Contact(nil)
	var err error
	switch r.PathValue("deed") {
	case "save":
		names, phones, dangers := r.PostForm["name"], r.PostForm["phone"], r.PostForm["danger"]
		for k := range min(len(names), len(phones), len(dangers)) {
			c := call.Contact{Name: names[k], Phone: phones[k], Danger: call.Danger(dangers[k]), Centre: p.Centre}
			if strings.TrimSpace(c.Name) == "" && strings.TrimSpace(c.Phone) == "" {
				continue
			}
			list = append(list, c)
		}
		p.Rows = append([]call.Contact{}, list...)
	case "import":
		p.CSV = r.PostForm.Get("csv")
		if list, err = call.ReadCSV(p.CSV, s.territoryOf(me.Place.Region)); err == nil && len(list) == 0 {
			err = fault.New(fault.Invalid, "an empty table").Say("Таблица пуста: вставьте строки «территория;название;телефон;опасность».")
		}
		centres = nil
		for _, c := range list {
			if !slices.Contains(centres, c.Centre) {
				centres = append(centres, c.Centre)
			}
		}
	default:
		return fault.New(fault.NotFound, "no such deed")
	}
	if err == nil {
		err = s.DeskKeeper.SaveContacts(r.Context(), me.Actor(), centres, list)
	}
	switch fault.KindOf(err) {
	case "":
	case fault.Invalid, fault.Forbidden:
		p.Problem = fault.Sentence(err)
		return s.showContacts(w, r, site.Status(err), p)
	default:
		return err
	}
	say(w, Said{Good: "Записано: " + site.Count(len(list), "телефон", "телефона", "телефонов") + "."})
	back := "/desk/contacts"
	if p.Centre != "" {
		back += "?" + url.Values{"centre": {p.Centre}}.Encode()
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// territoryOf finds a municipality of the region by its code or its name.
func (s *Staff) territoryOf(region string) func(string) (string, bool) {
	list := s.centres(region)
	return func(name string) (string, bool) {
		k := slices.IndexFunc(list, func(c Choice) bool { return c.Value == name || strings.EqualFold(c.Name, name) })
		if k < 0 {
			return "", false
		}
		return list[k].Value, true
	}
}
