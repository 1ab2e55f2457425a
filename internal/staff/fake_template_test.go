package staff_test

import (
	"context"
	"strings"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/precedent"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/template"
)

func (h *house) Templates() template.Store   { return fakeTemplates{h: h} }
func (h *house) Precedents() precedent.Store { return nil }
func (h *house) Sources() source.Store       { return fakeSources{h: h} }
func (h *house) Machines() reply.Machines    { return nil }

type fakeTemplates struct {
	template.Store
	h *house
}

func (f fakeTemplates) Templates(_ context.Context, sc scope.Scope) (out []template.Template, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, t := range f.h.templates {
		if scope.OfRegion(sc.Region).Sees(t.Place) && (t.Place.Agency == 0 || sc.Agency == 0 || sc.Agency == t.Place.Agency) {
			out = append(out, t)
		}
	}
	return out, nil
}

func (f fakeTemplates) Template(ctx context.Context, sc scope.Scope, id template.ID) (*template.Template, error) {
	list, _ := f.Templates(ctx, sc)
	for _, t := range list {
		if t.ID == id {
			return &t, nil
		}
	}
	return nil, fault.New(fault.NotFound, "template %d", id)
}

func (f fakeTemplates) Versions(_ context.Context, id template.ID) ([]template.Template, error) {
	return []template.Template{{ID: id, Version: 2, Name: "Яму заделали"}, {ID: id, Version: 1, Name: "Яма", Text: "Прежний текст про яму."}}, nil
}

func (f fakeTemplates) Tallies(context.Context, scope.Scope) (map[template.ID]template.Tally, error) {
	return map[template.ID]template.Tally{1: {Used: 12, Marks: 4, Mean: 4.25}}, nil
}

func (d *fakeDesk) SaveTemplate(_ context.Context, _ account.Actor, t *template.Template) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == nil {
		d.saved = *t
	}
	return d.fail
}

// Begin fills a template with what a test can foresee.
func (d *fakeDesk) Begin(ctx context.Context, who account.Actor, id incident.ID, of template.ID, loose bool) (b desk.Beginning, err error) {
	if of == 0 { // the table of routes calls with anything
		of = 1
	}
	t, err := d.h.Templates().Template(ctx, scope.OfRegion(khakassia), of)
	if err != nil {
		return b, err
	}
	values := map[string]string{"приветствие": "Здравствуйте!", "адрес": "улица Хлебная, 29"}
	b = desk.Beginning{Purpose: t.Kind.Purpose(), Template: t.ID, Version: t.Version}
	b.Text, b.Missing, err = t.Use(values, loose)
	return b, err
}

// precedents are solved incidents like any other.
var precedents = []desk.Likeness{
	{Precedent: precedent.Precedent{Incident: 7, Reply: 31, Verified: true, Mark: 4.5, At: clock.AddDate(0, 0, -3)}, Number: "111-22-333", Address: "Абакан, улица Мира, 5",
		Asked: "Второй день течёт труба, звоните [скрыто]", Text: "Здравствуйте! Трубу на улице Мира, 5 заменили 20 ноября, воду дали в 18:00."},
	{Precedent: precedent.Precedent{Incident: 8, Reply: 32, Mark: 5, At: clock.AddDate(0, -2, 0)}, Number: "111-22-444", Address: "Абакан, улица Ленина, 1",
		Asked: "Прорвало трубу у школы", Text: "[скрыто], здравствуйте! Течь устранили в тот же вечер, яму засыпали и заровняли."},
}

// shelved puts templates on the shelf: the region's, an agency's, one without a value, one out of use.
func (h *house) shelved() {
	region := scope.Place{Region: khakassia}
	h.templates = []template.Template{
		{ID: 1, Name: "Яму заделали", Kind: template.Final, Group: "Дороги", Text: "{{приветствие}} Яму по адресу {{адрес}} заделали {{впишите: число}}.", Version: 2, By: 2, At: clock, Place: region},
		{ID: 2, Name: "Работа идёт", Kind: template.Interim, Text: "{{приветствие}} По адресу {{адрес}} работает бригада.", Version: 1, Place: region},
		{ID: 3, Name: "С телефоном", Kind: template.Final, Text: "{{приветствие}}\nЗвоните: {{контакт}}.", Version: 1, Place: region},
		{ID: 4, Name: "Где это?", Kind: template.Question, Text: "{{приветствие}} Подскажите, где это?", Version: 1, Place: region},
		{ID: 5, Name: "Тепло дали", Kind: template.Final, Text: "Тепло дали.", Version: 1, Place: scope.Place{Region: khakassia, Agency: 2}},
		{ID: 6, Name: "Старый", Kind: template.Final, Text: "Принято к сведению.", Version: 1, Retired: true, Place: region},
		{ID: 7, Name: "Дорога частная", Kind: template.Reason, Group: "Дороги", Text: "Дорога по адресу {{адрес}} частная, её содержит {{впишите: кто}}.", Version: 1, Place: region},
		{ID: 8, Name: "Решает суд", Kind: template.Reason, Text: "Решает суд, телефон {{контакт}}.", Version: 1, Place: region},
		{ID: 9, Name: "Котельная частная", Kind: template.Reason, Group: "ЖКХ", Text: "Котельная частная.", Version: 1, Place: region},
	}
}

// Alike knows two solved incidents like any other.
func (d *fakeDesk) Alike(context.Context, incident.Tx, account.Actor, *incident.Incident) ([]desk.Likeness, error) {
	return d.alike, nil
}

func (d *fakeDesk) Basis(_ context.Context, _ incident.Tx, _ account.Actor, _ *incident.Incident, id reply.ID) (string, error) {
	for _, l := range d.alike {
		if l.Reply == int64(id) {
			return l.Text, nil
		}
	}
	if id == 0 { // the table of routes calls with anything
		return "слова", nil
	}
	return "", fault.New(fault.Invalid, "no basis").At("basis").Say("Такого ответа больше нет.")
}

// Discretion takes flats for personal data, in a thread that everybody reads.
func (d *fakeDesk) Discretion(_ context.Context, _ incident.Tx, i *incident.Incident, to message.ID, text string) (c desk.Discretion, err error) {
	c = desk.Discretion{Public: true, Sentence: "Здравствуйте! Ответили вам лично.", Direct: 901}
	if k := strings.Index(text, "кв. 12"); k >= 0 {
		c.Found = []personal.Found{{Span: russian.Span{Start: k, End: k + len("кв. 12")}, Type: personal.Flat}}
	}
	return c, nil
}

func (d *fakeDesk) PrivateLink(_ context.Context, _ account.Actor, _ incident.ID, of reply.ID) (string, error) {
	if of == 99 {
		return "", fault.New(fault.Conflict, "no private part").Say("У этого ответа нет личной части.")
	}
	return "https://centre.example/r/secret", nil
}

func (d *fakeDesk) LintPrivate(ctx context.Context, tx incident.Tx, i *incident.Incident, text string, purpose reply.Purpose) (desk.Opinion, bool, error) {
	return d.Lint(ctx, tx, i, text, purpose)
}

// Assist is a machine that says what it was asked.
func (d *fakeDesk) Assist(_ context.Context, _ incident.Tx, _ account.Actor, _ *incident.Incident, kind string, _ reply.Purpose) (reply.MachineDraft, error) {
	if kind == "broken" {
		return reply.MachineDraft{}, fault.New(fault.Unavailable, "away").Say("Помощник сейчас недоступен. Напишите ответ сами.")
	}
	return reply.MachineDraft{ID: 9, Kind: kind, Text: "Слова машины: " + kind}, nil
}
