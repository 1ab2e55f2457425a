package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/template"
)

// TemplatesPage is where reply templates are seen and edited.
type TemplatesPage struct {
	Chrome
	Rows      []TemplateRow
	Retired   int
	Owners    []Choice // whose a new one may be
	Groups    []string
	Lists     string
	Variables [][2]string
	Problem   string
	Kept      url.Values
	KeptFor   template.ID // whose form keeps what was typed; 0 = the new one
}

// A TemplateRow is one template.
type TemplateRow struct {
	template.Template
	For, Owner, Used, Made string
	TopicName              string
	Edit                   bool
	Versions               []TemplateVersion
}

// A TemplateVersion is one version as it was.
type TemplateVersion struct{ Head, Name, Text string }

// Value returns what was typed into a field of a template's form, else otherwise.
func (p *TemplatesPage) Value(id template.ID, name, otherwise string) string {
	if p.Problem != "" && p.KeptFor == id && p.Kept.Has(name) {
		return p.Kept.Get(name)
	}
	return otherwise
}

func (s *Staff) templates(w http.ResponseWriter, r *http.Request) error {
	return s.showTemplates(w, r, http.StatusOK, &TemplatesPage{})
}

func (s *Staff) showTemplates(w http.ResponseWriter, r *http.Request, status int, p *TemplatesPage) error {
	ctx, me, tx, now := r.Context(), who(r), s.Cases(), s.Now()
	list, err := tx.Templates().Templates(ctx, me.Scope())
	if err != nil {
		return err
	}
	tallies, err := tx.Templates().Tallies(ctx, me.Scope())
	if err != nil {
		return err
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return err
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	for pass := range 2 { // those out of use stand last
		for _, t := range list {
			if t.Retired != (pass == 1) {
				continue
			}
			row := TemplateRow{Template: t, Used: usedWords(t.Kind, tallies[t.ID]), TopicName: topicName(s.Topics(), t.Topic), Owner: "весь регион",
				Edit: desk.MayEditTemplate(me.Actor(), t.Place), For: "любая тема", Made: madeBy(&t, people.names, now, zone)}
			switch {
			case t.Topic != "":
				row.For = row.TopicName
			case t.Group != "":
				row.For = "группа «" + t.Group + "»"
			}
			if t.Place.Agency != 0 {
				row.Owner = agencies.name(t.Place.Agency)
			}
			if t.Version > 1 {
				versions, err := tx.Templates().Versions(ctx, t.ID)
				if err != nil {
					return err
				}
				for k := range versions[1:] {
					v := &versions[k+1]
					row.Versions = append(row.Versions, TemplateVersion{fmt.Sprintf("Версия %d, %s", v.Version, madeBy(v, people.names, now, zone)), v.Name, v.Text})
				}
			}
			if t.Retired {
				p.Retired++
			}
			p.Rows = append(p.Rows, row)
		}
	}
	if desk.MayEditTemplate(me.Actor(), scope.Place{Region: me.Place.Region}) {
		p.Owners = append(p.Owners, Choice{"0", "весь регион"})
	}
	for _, a := range agencies.all {
		if !a.Disabled && desk.MayEditTemplate(me.Actor(), scope.Place{Region: a.Place.Region, Centre: a.Place.Centre, Agency: a.ID}) {
			p.Owners = append(p.Owners, Choice{fmt.Sprint(a.ID), a.Name})
		}
	}
	for _, g := range s.Topics().Groups() {
		p.Groups = append(p.Groups, g.Name)
	}
	p.Lists, p.Variables = s.topicOptions(), template.Variables()
	p.Chrome = s.chrome(w, r, "templates")
	p.Here = "/desk/templates"
	return s.page(w, r, status, "Шаблоны ответов", Templates(p))
}

func usedWords(kind template.Kind, t template.Tally) string {
	switch {
	case kind == template.Reason: // no reply remembers it
		return "в отказах не считаем"
	case t.Used == 0:
		return "ещё не использован"
	}
	s := "использован " + site.Count(t.Used, "раз", "раза", "раз")
	if t.Marks > 0 {
		s += ", средняя оценка " + strings.Replace(fmt.Sprintf("%.1f", t.Mean), ".", ",", 1) + " (" + site.Count(t.Marks, "оценка", "оценки", "оценок") + ")"
	}
	return s
}

func madeBy(t *template.Template, people map[account.ID]string, now time.Time, zone *time.Location) string {
	if t.By == 0 {
		return "пришёл с программой"
	}
	return people[t.By] + ", " + site.DateTime(t.At, now, zone)
}

// editTemplate adds a template, makes the next version of one, takes it out of use or
// brings it back.
func (s *Staff) editTemplate(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	id := template.ID(number(r, "template"))
	t, err := s.typedTemplate(r, r.PathValue("deed"), id)
	if err == nil {
		err = s.Desk.SaveTemplate(r.Context(), who(r).Actor(), t)
	}
	switch fault.KindOf(err) {
	case "":
		say(w, Said{Good: "Сохранено: «" + t.Name + "»."})
		http.Redirect(w, r, "/desk/templates", http.StatusSeeOther)
		return nil
	case fault.Conflict, fault.Invalid, fault.Forbidden:
		return s.showTemplates(w, r, site.Status(err), &TemplatesPage{Kept: r.PostForm, KeptFor: id, Problem: orElse(fault.Sentence(err), "Это не получилось.")})
	}
	return err
}

func (s *Staff) typedTemplate(r *http.Request, deed string, id template.ID) (*template.Template, error) {
	t := &template.Template{Place: scope.Place{Region: who(r).Place.Region, Agency: number(r, "owner")}}
	if deed != "add" {
		old, err := s.Cases().Templates().Template(r.Context(), who(r).Scope(), id)
		if err != nil {
			return nil, err
		}
		t = old
		t.Version = int(number(r, "version"))
	}
	switch deed {
	case "add", "change":
	case "retire":
		t.Retired = true
		return t, nil
	case "restore":
		t.Retired = false
		return t, nil
	default:
		return nil, fault.New(fault.NotFound, "no such deed")
	}
	t.Name, t.Kind, t.Group, t.Text, t.Topic = field(r, "name"), template.Kind(field(r, "kind")), field(r, "group"), field(r, "text"), ""
	if name := field(r, "topic"); name != "" {
		tp, ok := s.Topics().ByName(name)
		if !ok {
			return nil, fault.New(fault.Invalid, "no such topic").At("topic").Say("Такой темы нет в классификаторе. Наберите две буквы и выберите из подсказки.")
		}
		t.Topic = tp.Code
	}
	return t, nil
}

// addTemplates offers what a reply to the incident may begin with.
func (s *Staff) addTemplates(ctx context.Context, tx incident.Tx, i *incident.Incident, p *IncidentPage) error {
	list, err := tx.Templates().Templates(ctx, scope.OfRegion(i.Place.Region))
	if err != nil {
		return err
	}
	for _, t := range template.For(list, i.Topic, i.Group, i.Place.Agency) {
		c := Choice{fmt.Sprint(t.ID), t.Kind.Name() + ": " + t.Name}
		switch t.Kind {
		case template.Question:
			p.AskTemplates = append(p.AskTemplates, c)
		case template.Reason:
			p.ReasonTemplates = append(p.ReasonTemplates, Choice{c.Value, t.Name})
		default:
			p.Templates = append(p.Templates, c)
		}
	}
	return nil
}

// begin puts a template into the form of the reply, behind what was typed; nothing is kept.
func (s *Staff) begin(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	i := loaded(r)
	b, err := s.Desk.Begin(r.Context(), who(r).Actor(), i.ID, template.ID(number(r, "template")), field(r, "loose") != "")
	status := http.StatusOK
	if err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Forbidden {
			return err
		}
		status = site.Status(err)
	}
	p, perr := s.incidentPage(r.Context(), who(r), i)
	if perr != nil {
		return perr
	}
	p.Kept, p.KeptFor = r.PostForm, "lint"
	into, until := "text", "с ними ответ не уйдёт"
	if field(r, "refusal") != "" {
		p.KeptFor, into, until = "reject", "reason", "с ними отказать нельзя"
	}
	typed := strings.TrimSpace(p.Kept.Get(into))
	if field(r, "question") != "" {
		p.KeptFor = "ask"
		if typed == strings.TrimSpace(p.AskText) { // ours: another question takes its place
			typed = ""
		}
	}
	if err != nil {
		p.Problem, p.Loose = fault.Sentence(err), true
	} else {
		if into == "text" {
			p.Kept.Set("purpose", string(b.Purpose))
			p.Kept.Set("began", fmt.Sprint(b.Template))
			typed += "\n\n"
		}
		p.Kept.Set(into, strings.TrimSpace(typed+" "+b.Text))
		p.Begun = "Шаблон вставлен. "
		if strings.Contains(b.Text, "{{") {
			p.Begun += "Впишите своё вместо того, что стоит в скобках {{ }}: " + until + "."
		} else {
			p.Begun += "Проверьте и поправьте под этот случай."
		}
	}
	p.Back = queueOf(r.PostForm.Get("back"))
	return s.showIncident(w, r, status, p)
}

// typed returns what was typed into a field of the reply's form, or of the question's.
func (p *IncidentPage) typed(form, name string) string {
	switch p.KeptFor {
	case "submit", "answer", "lint":
		if form == "reply" {
			return p.Kept.Get(name)
		}
	case form:
		return p.Kept.Get(name)
	}
	return ""
}

// making returns how the words of a form's reply came to be.
func making(r *http.Request) desk.Making {
	return desk.Making{Template: template.ID(number(r, "began")), Private: field(r, "private"), Cleared: field(r, "cleared"), Draft: number(r, "machine"), Accepted: field(r, "accepted") != ""}
}
