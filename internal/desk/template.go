package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/personal"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/template"
)

// SaveTemplate stores a new template or the next version of one: of the region by
// who sees all of it, of an agency by its coordinator or head too.
func (d *Desk) SaveTemplate(ctx context.Context, who account.Actor, t *template.Template) (err error) {
	defer fault.Wrap(&err, "desk.SaveTemplate(%d)", t.ID)
	if err := t.Check(); err != nil {
		return err
	}
	if t.Topic != "" {
		if tp, ok := d.Topics().ByCode(t.Topic); !ok || tp.Retired {
			return fault.New(fault.Invalid, "topic %q is not in the taxonomy", t.Topic).At("topic").Say("Такой темы нет в классификаторе. Выберите из списка.")
		}
	}
	return d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		if t.ID != 0 { // the owner stays
			old, err := tx.Templates().Template(ctx, who.Scope, t.ID)
			if err != nil {
				return err
			}
			t.Place, t.Code = old.Place, old.Code
		} else if t.Place.Agency != 0 {
			a, err := tx.Agencies().Agency(ctx, t.Place.Agency)
			if err != nil {
				return err
			}
			t.Place = scope.Place{Region: a.Place.Region, Centre: a.Place.Centre, Agency: a.ID}
		}
		if !MayEditTemplate(who, t.Place) {
			return fault.New(fault.Forbidden, "account %d may not edit templates of agency %d", who.ID, t.Place.Agency).
				Say("Общие шаблоны меняет тот, кто видит весь регион; шаблоны организации — её координатор и руководитель.")
		}
		t.By, t.At = who.ID, d.Now()
		if err := tx.Templates().SaveTemplate(ctx, t); err != nil {
			return err
		}
		return tx.Audit().Record(ctx, audit.Entry{At: t.At, Who: who.ID, Deed: audit.Changed, Subject: fmt.Sprintf("template:%d", t.ID), Place: t.Place})
	})
}

// MayEditTemplate reports whether somebody may edit the templates that stand at the place.
func MayEditTemplate(who account.Actor, at scope.Place) bool {
	return who.Role.Holds(lifecycle.EditTemplates) && who.Scope.Sees(at)
}

// A Beginning is a text that a reply begins with.
type Beginning struct {
	Text     string
	Purpose  reply.Purpose
	Template template.ID
	Version  int
	Missing  []string // variables that became blanks
}

// Begin puts what is known of the incident into a template. Where something is not
// known it is Invalid and says what, unless loose: then those places become blanks.
// Nothing of the incident is changed.
func (d *Desk) Begin(ctx context.Context, who account.Actor, id incident.ID, of template.ID, loose bool) (b Beginning, err error) {
	defer fault.Wrap(&err, "desk.Begin(%d, template %d)", id, of)
	err = d.Store.Change(ctx, incident.People, func(tx incident.Tx) error {
		i, err := tx.Incidents().Incident(ctx, who.Scope, id)
		if err != nil {
			return err
		}
		t, err := d.usable(ctx, tx, i, of)
		if err != nil {
			return err
		}
		values, err := d.values(ctx, tx, who, i, reply.Uses(t.Text, template.VarGreeting))
		if err != nil {
			return err
		}
		b = Beginning{Purpose: t.Kind.Purpose(), Template: t.ID, Version: t.Version}
		b.Text, b.Missing, err = t.Use(values, loose)
		return err
	})
	return b, err
}

// usable returns a template that replies to the incident may begin with.
func (d *Desk) usable(ctx context.Context, tx incident.Tx, i *incident.Incident, id template.ID) (*template.Template, error) {
	sc := scope.OfRegion(i.Place.Region)
	t, err := tx.Templates().Template(ctx, sc, id)
	if fault.Is(err, fault.NotFound) || err == nil && (t.Retired || t.Place.Agency != 0 && t.Place.Agency != i.Place.Agency) {
		return nil, fault.New(fault.Invalid, "template %d is not for incident %d", id, i.ID).At("template").Say("Такого шаблона для этого инцидента нет. Выберите из списка.")
	}
	return t, err
}

// values are what variables of a template stand for. A name in the greeting of a
// private talk is a look at personal data: it is noted.
func (d *Desk) values(ctx context.Context, tx incident.Tx, who account.Actor, i *incident.Incident, greets bool) (map[string]string, error) {
	zone := time.UTC
	if d.Zone != nil {
		zone = d.Zone(i.Place)
	}
	v := map[string]string{
		reply.VarNumber: incident.Spoken(i.Number), reply.VarAddress: i.Address.String(),
		template.VarToday: regime.DayMonth(d.Now().In(zone)), template.VarGreeting: "Здравствуйте!",
	}
	if !i.Clock.Due.IsZero() {
		v[reply.VarDue] = regime.DayMonth(i.Clock.Due.In(zone))
	}
	if t, ok := d.Topics().ByCode(i.Topic); ok && i.Group != "" {
		v[reply.VarTopic] = t.Name
	}
	if i.Place.Agency != 0 {
		a, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil {
			return nil, err
		}
		v[reply.VarAgency], v[template.VarContact] = a.Name, a.Contact
	}
	if !greets || !who.Role.Holds(lifecycle.SeePersonal) {
		return v, nil
	}
	m, err := tx.Messages().Message(ctx, scope.All(), i.First)
	if fault.Is(err, fault.NotFound) {
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	if name := calledBy(m.AuthorName); name != "" && private(m) {
		v[template.VarGreeting] = "Здравствуйте, " + name + "!"
		return v, tx.Audit().Record(ctx, audit.Entry{At: d.Now(), Who: who.ID, Deed: audit.ReadPersonal, Subject: fmt.Sprintf("message:%d", m.ID), Place: m.Place})
	}
	return v, nil
}

// private reports whether a reply to the message is read by its author alone.
func private(m *message.Message) bool { return m.Form == message.Direct || m.Form == message.Card }

// calledBy returns how a person is called by a name as a network or a card has it:
// «Мария Ивановна» of «Петрова Мария Ивановна», «Мария» of «Мария Петрова».
func calledBy(name string) string {
	words := strings.Fields(name)
	for k, w := range words {
		if k > 0 && (strings.HasSuffix(w, "вич") || strings.HasSuffix(w, "вна") || strings.HasSuffix(w, "чна")) {
			return words[k-1] + " " + w
		}
	}
	if len(words) == 0 || len(words) > 3 {
		return ""
	}
	return words[0]
}

// A Making says how the words of a reply came to be.
type Making struct {
	Template template.ID // that they began with; 0 = none
	Private  string      // what of the reply is for its author alone
	Cleared  string      // why what looks like personal data is none
	Draft    int64       // reply.MachineDraft that they began with; 0 = none
	Accepted bool        // a machine's words go on unchanged: somebody read them and answers for them
}

// made notes on a new reply how its words came to be.
func (s *step) made(r *reply.Reply, m Making) error {
	if err := finished(r.Text, "text"); err != nil {
		return err
	}
	if err := s.privately(r, m); err != nil {
		return err
	}
	var err error
	if r.Machine, err = s.byMachine(r, m); err != nil {
		return err
	}
	if m.Template == 0 {
		return nil
	}
	t, err := s.desk.usable(s.ctx, s.tx, s.i, m.Template)
	if err != nil {
		return err
	}
	if t.Kind == template.Reason {
		return fault.New(fault.Invalid, "template %d is a reason of refusal", t.ID).At("template").Say("«" + t.Name + "» — причина для «Отказать», ответ с неё не начинают. Выберите другой шаблон.")
	}
	r.Template, r.TemplateVersion = int64(t.ID), t.Version
	return nil
}

// finished is Invalid while something in the text of the field is still to be filled in.
func finished(text, field string) error {
	if f := reply.Fill(text, nil, nil); len(f.Blanks) > 0 {
		return fault.New(fault.Invalid, "the reply has %d blanks", len(f.Blanks)).At(field).
			Say("В тексте осталось незаполненное место: " + text[f.Blanks[0].Start:f.Blanks[0].End] + ". Впишите вместо скобок свои слова.")
	}
	if strings.Contains(text, personal.Hidden) {
		return fault.New(fault.Invalid, "the reply holds what a mask left").At(field).
			Say("В тексте осталось «" + personal.Hidden + "»: так закрыты чужие личные данные. Уберите это или впишите своё.")
	}
	return nil
}
