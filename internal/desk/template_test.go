package desk_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/audit"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/template"
)

func (b *bench) template(t *testing.T, role lifecycle.Role, x template.Template) template.Template {
	t.Helper()
	must(t, b.SaveTemplate(t.Context(), b.people[role], &x))
	return x
}

func TestTemplatesHaveOwners(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ours := b.template(t, lifecycle.Curator, template.Template{Name: "Общий", Kind: template.Final, Text: "Готово.", Place: scope.Place{Region: region}})
	own := b.template(t, lifecycle.Coordinator, template.Template{Name: "Дорожный", Kind: template.Final, Text: "Заделали.", Place: scope.Place{Region: region, Agency: b.roads}})
	for _, c := range []struct {
		name string
		role lifecycle.Role
		x    template.Template
		kind fault.Kind
	}{
		{"an agency's head changes its own", lifecycle.Approver, own, ""},
		{"an agency does not change the region's", lifecycle.Coordinator, ours, fault.Forbidden},
		{"an agency makes none for the region", lifecycle.Coordinator, template.Template{Name: "а", Kind: template.Final, Text: "б", Place: scope.Place{Region: region}}, fault.Forbidden},
		{"nor for another agency", lifecycle.Coordinator, template.Template{Name: "а", Kind: template.Final, Text: "б", Place: scope.Place{Region: region, Agency: b.utilities}}, fault.Forbidden},
		{"an executor changes none", lifecycle.Executor, own, fault.Forbidden},
		{"a version that is gone", lifecycle.Curator, own, fault.Conflict}, // the head was first
		{"a topic that is not there", lifecycle.Curator, template.Template{Name: "а", Kind: template.Final, Text: "б", Topic: "weather", Place: scope.Place{Region: region}}, fault.Invalid},
		{"an unknown variable", lifecycle.Curator, template.Template{Name: "а", Kind: template.Final, Text: "{{тел}}", Place: scope.Place{Region: region}}, fault.Invalid},
		{"an agency that is not there", lifecycle.Curator, template.Template{Name: "а", Kind: template.Final, Text: "б", Place: scope.Place{Region: region, Agency: 99}}, fault.NotFound},
		{"a template that is not there", lifecycle.Curator, template.Template{ID: 99, Name: "а", Kind: template.Final, Text: "б"}, fault.NotFound},
	} {
		x := c.x
		if err := b.SaveTemplate(t.Context(), b.people[c.role], &x); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want kind %q", c.name, err, c.kind)
		}
	}
	lines, err := b.db.Reader().Audit().Entries(t.Context(), scope.All(), 50)
	must(t, err)
	if len(lines) != 3 {
		t.Errorf("%d lines of audit for 3 edits", len(lines))
	}
}

func TestATemplateIsFilledWithWhatIsKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := b.template(t, lifecycle.Curator, template.Template{Name: "Всё", Kind: template.Interim, Place: scope.Place{Region: region},
		Text: "{{приветствие}} {{номер}} {{тема}} {{адрес}} {{орган}} {{контакт|112}} {{сегодня}} {{срок|скоро}}"})
	theirs := b.template(t, lifecycle.Curator, template.Template{Name: "Чужой", Kind: template.Final, Text: "Да.", Place: scope.Place{Region: region, Agency: b.utilities}})
	i := b.open(t, "1", "Абаза, яма")
	_, err := b.Begin(t.Context(), b.people[lifecycle.Operator], i.ID, all.ID, false)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), "{{орган}}: инцидент никому не передан") {
		t.Errorf("before the hand-over: %v (%s)", err, fault.Sentence(err))
	}
	i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
	got, err := b.Begin(t.Context(), b.people[lifecycle.Operator], i.ID, all.ID, false)
	want := "Здравствуйте! " + incident.Spoken(i.Number) + " Ямы и выбоины на дороге Абаза Дороги 112 20 ноября скоро"
	if err != nil || got.Text != want || got.Purpose != "interim" || got.Version != 1 {
		t.Errorf("Begin = %+v, %v; want %q", got, err, want)
	}
	for name, id := range map[string]template.ID{"of another agency": theirs.ID, "that is not there": 99} {
		if _, err := b.Begin(t.Context(), b.people[lifecycle.Operator], i.ID, id, true); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a template %s: %v", name, err)
		}
		if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Answer{Text: "Яму заделали 19 ноября.", Making: desk.Making{Template: id}}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an answer that began with one %s: %v", name, err)
		}
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, desk.Submit{Text: "Яму {{впишите: что сделали}}."}); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), "что сделали") {
		t.Errorf("a blank left: %v (%s)", err, fault.Sentence(err))
	}
	b.do(t, lifecycle.Operator, i, desk.Answer{Text: "Яму заделали 19 ноября.", Making: desk.Making{Template: all.ID}})
	if r := b.replies(t, i)[0]; r.Template != int64(all.ID) || r.TemplateVersion != 1 {
		t.Errorf("the reply remembers template %d/%d", r.Template, r.TemplateVersion)
	}
}

// A name stands in a private talk only, and that it was looked at is in the audit.
func TestTheAuthorsNameIsForPrivateTalks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form message.Form
		name string
		role lifecycle.Role
		want string
		read int
	}{
		{message.Comment, "Мария Петрова", lifecycle.Operator, "Здравствуйте!", 0},
		{message.Direct, "Мария Петрова", lifecycle.Operator, "Здравствуйте, Мария!", 1},
		{message.Card, "Петрова Мария Ивановна", lifecycle.Operator, "Здравствуйте, Мария Ивановна!", 1},
		{message.Direct, "Магазин «Всё для дома» на Мира", lifecycle.Operator, "Здравствуйте!", 0},
		{message.Direct, "Мария Петрова", lifecycle.Approver, "Здравствуйте!", 0}, // may not see names
	} {
		b := newBench(t)
		x := b.template(t, lifecycle.Curator, template.Template{Name: "Привет", Kind: template.Final, Text: "{{приветствие}}", Place: scope.Place{Region: region}})
		i := b.open(t, "1", "Абаза, яма")
		must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
			m, err := tx.Messages().Message(t.Context(), scope.All(), i.First)
			if err != nil {
				return err
			}
			m.Form, m.AuthorName, m.Revision = c.form, c.name, message.Revision{Time: noon.Add(time.Hour)}
			_, err = tx.Messages().Keep(t.Context(), m, nil)
			return err
		}))
		i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
		got, err := b.Begin(t.Context(), b.people[c.role], i.ID, x.ID, false)
		if err != nil || got.Text != c.want {
			t.Errorf("%s %q by %s: %q, %v; want %q", c.form, c.name, c.role, got.Text, err, c.want)
		}
		lines, err := b.db.Reader().Audit().Entries(t.Context(), scope.All(), 50)
		must(t, err)
		n := 0
		for _, l := range lines {
			if l.Deed == audit.ReadPersonal {
				n++
			}
		}
		if n != c.read {
			t.Errorf("%s %q by %s: %d looks noted, want %d", c.form, c.name, c.role, n, c.read)
		}
	}
}

// A reason begins a refusal and nothing else; what it leaves open is filled in first.
func TestAReasonBeginsNoReply(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	x := b.template(t, lifecycle.Curator, template.Template{Name: "Частная", Kind: template.Reason, Text: "Дорога ({{адрес}}) частная,\nеё содержит {{впишите: кто}}.", Place: scope.Place{Region: region}})
	i := b.open(t, "1", "Абаза, яма")
	got, err := b.Begin(t.Context(), b.people[lifecycle.Operator], i.ID, x.ID, false)
	if want := "Дорога (Абаза) частная, её содержит {{впишите: кто}}."; err != nil || got.Text != want || got.Purpose != "" {
		t.Errorf("Begin = %+v, %v; want %q", got, err, want)
	}
	b.denies(t, lifecycle.Operator, i, desk.Reject{Reason: got.Text}, fault.Invalid, "reason")
	b.denies(t, lifecycle.Operator, i, desk.Reject{Reason: "Пишет [скрыто]"}, fault.Invalid, "reason")
	b.denies(t, lifecycle.Operator, i, desk.Answer{Text: "Яму заделали 19 ноября.", Making: desk.Making{Template: x.ID}}, fault.Invalid, "template")
	if i = b.now(t, i.ID); i.State != lifecycle.New || len(b.replies(t, i)) != 0 {
		t.Errorf("what was refused left %s and %d replies", i.State, len(b.replies(t, i)))
	}
	i = b.do(t, lifecycle.Operator, i, desk.Reject{Reason: strings.Replace(got.Text, "{{впишите: кто}}", "садовое товарищество", 1)})
	if i.OutcomeReason != "Дорога (Абаза) частная, её содержит садовое товарищество." {
		t.Errorf("the reason is %q", i.OutcomeReason)
	}
}
