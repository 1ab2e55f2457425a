package app_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/app"
	"otklik/internal/audit"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

const lift topic.Code = "housing.lift"

func (c *centre) analyst() account.Actor {
	return account.Actor{ID: c.account(lifecycle.Analyst), Name: "Инна", Role: lifecycle.Analyst, Scope: scope.OfRegion(khakassia)}
}

// read returns the topics that a text is read as.
func (c *centre) read(text string) map[topic.Code]bool {
	r := c.Reader.Full(&message.Message{Text: text, Addressed: true})
	codes := map[topic.Code]bool{}
	for _, g := range r.Topics {
		codes[g.Code] = true
	}
	return codes
}

const aboutLift = "Лифт не работает вторую неделю"

// A group that is renamed keeps its incidents and its routing rules; a topic that
// is moved takes its incidents along.
func TestARenamedGroupKeepsItsIncidentsAndRules(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	tp, _ := c.Topics().ByCode(lift)
	var i incident.Incident
	err := c.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		i = incident.Incident{State: lifecycle.New, Topic: lift, Group: tp.Group, OpenedAt: c.now(), UpdatedAt: c.now(), Place: scope.Place{Region: khakassia}}
		if err := tx.Incidents().Open(t.Context(), &i); err != nil {
			return err
		}
		return tx.Agencies().SaveRules(t.Context(), khakassia, []agency.Rule{{Order: 1, Group: tp.Group, Agency: 1, Place: scope.Place{Region: khakassia}}})
	})
	if err != nil {
		t.Fatal(err)
	}
	group := func() (string, string) {
		now, err := c.DB.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID)
		rules, rerr := c.DB.Reader().Agencies().Rules(t.Context(), khakassia)
		if err != nil || rerr != nil || now.Version != i.Version {
			t.Fatalf("%+v, %v, %v", now, err, rerr)
		}
		return now.Group, rules[0].Group
	}
	if _, err := c.EditTopics(t.Context(), c.analyst(), 1, topic.Edit{Rename: map[topic.Code]string{tp.GroupCode: "Дома и дворы"}}); err != nil {
		t.Fatal(err)
	}
	if of, rule := group(); of != "Дома и дворы" || rule != "Дома и дворы" {
		t.Errorf("renamed, the incident is of %q, the rule of %q", of, rule)
	}
	other := c.Topics().Groups()[0]
	tp, _ = c.Topics().ByCode(lift)
	tp.Group, tp.GroupCode = other.Name, other.Code
	if _, err := c.EditTopics(t.Context(), c.analyst(), 2, topic.Edit{Put: []topic.Topic{tp}}); err != nil {
		t.Fatal(err)
	}
	if of, rule := group(); of != other.Name || rule != "Дома и дворы" {
		t.Errorf("moved, the incident is of %q, the rule of %q", of, rule)
	}
}

func TestARetiredTopicIsNotReadAnyMoreAndOldIncidentsKeepIt(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	if !c.read(aboutLift)[lift] {
		t.Fatalf("the text is read as %v before the edit", c.read(aboutLift))
	}
	var old incident.Incident
	err := c.DB.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		m := &message.Message{Source: "phone:1", Channel: message.Phone, Form: message.Card, Native: "1", Event: message.Written, Text: aboutLift, PublishedAt: c.now(), SeenAt: c.now(), Place: scope.Place{Region: khakassia}}
		r := message.Reading{Kind: message.Complaint, Complaint: true, Topics: []message.TopicGuess{{Code: lift, Score: 1}}}
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		old = incident.Incident{State: lifecycle.New, Topic: lift, Group: "ЖКХ", Urgency: message.Normal, Kind: message.Complaint, Channel: message.Phone, First: m.ID, PublishedAt: c.now(), OpenedAt: c.now(), UpdatedAt: c.now(), Place: m.Place}
		return tx.Incidents().Open(t.Context(), &old)
	})
	if err != nil {
		t.Fatal(err)
	}
	next, err := c.EditTopics(t.Context(), c.analyst(), 1, topic.Edit{Retire: []topic.Code{lift}})
	if err != nil || next.Version != 2 || c.Topics() != next {
		t.Fatalf("EditTopics = %v, %v", next, err)
	}
	if c.read(aboutLift)[lift] {
		t.Error("a new reading gives a retired topic")
	}
	kept, err := c.DB.Reader().Incidents().Incident(t.Context(), scope.OfRegion(khakassia), old.ID)
	if err != nil || kept.Topic != lift {
		t.Errorf("the incident has topic %v, %v", kept, err)
	}
	if _, err := c.Desk.File(t.Context(), c.operator(), desk.Card{Text: aboutLift, Topic: lift}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a card with a retired topic = %v, want Invalid", err)
	}
	away, back := topic.Code("roads.parking"), lift
	if _, err := c.Desk.Do(t.Context(), c.operator(), old.ID, 0, desk.Correct{Topic: &away}); err != nil {
		t.Error(err)
	}
	if _, err := c.Desk.Do(t.Context(), c.operator(), old.ID, 0, desk.Correct{Topic: &back}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an incident was given a retired topic: %v", err)
	}
	if tp, ok := c.Topics().ByCode(kept.Topic); !ok || tp.Name == "" {
		t.Errorf("the name of a retired topic = %+v", tp)
	}
	if _, err := c.EditTopics(t.Context(), c.analyst(), 2, topic.Edit{Restore: []topic.Code{lift}}); err != nil || !c.read(aboutLift)[lift] {
		t.Errorf("a topic that was brought back is not read: %v", err)
	}
}

func TestEveryVersionOfTheTopicsIsKeptWithItsAuthor(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	who := c.analyst()
	dust := topic.Topic{Code: "roads.dust", Name: "Пыль", Group: "Дороги", GroupCode: "roads"}
	if list, err := c.TopicVersions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("versions before the first edit = %v, %v", list, err)
	}
	for n, e := range []topic.Edit{{Put: []topic.Topic{dust}}, {Retire: []topic.Code{"roads.dust"}}} {
		if _, err := c.EditTopics(t.Context(), who, n+1, e); err != nil {
			t.Fatal(err)
		}
	}
	if same, err := c.EditTopics(t.Context(), who, 3, topic.Edit{Retire: []topic.Code{"roads.dust"}}); err != nil || same.Version != 3 {
		t.Errorf("an edit that changes nothing = version %d, %v", same.Version, err)
	}
	list, err := c.TopicVersions(t.Context())
	if err != nil || len(list) != 3 || list[0].Version != 3 || list[0].Who != who.ID || !list[0].At.Equal(c.now()) || list[0].Changes[0] != "Тема «Пыль» выведена" || list[2].Who != 0 {
		t.Errorf("versions = %+v, %v", list, err)
	}
	for n, has := range map[int]bool{1: false, 2: true, 3: true} {
		v, err := c.TopicVersion(t.Context(), n)
		if err != nil {
			t.Fatalf("version %d: %v", n, err)
		}
		if tp, ok := v.ByCode("roads.dust"); ok != has || tp.Retired != (n == 3) {
			t.Errorf("version %d holds %+v", n, tp)
		}
	}
	if _, err := c.TopicVersion(t.Context(), 9); !fault.Is(err, fault.NotFound) {
		t.Errorf("version 9 = %v, want NotFound", err)
	}
	lines, err := c.DB.Reader().Audit().Entries(t.Context(), scope.OfRegion(khakassia), 10)
	if err != nil || len(lines) != 2 || lines[0].Subject != "taxonomy:3" || lines[0].Who != who.ID || lines[0].Deed != audit.Changed {
		t.Errorf("audit = %+v, %v", lines, err)
	}
}

func TestWhoEditsAnOlderVersionIsTold(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	if _, err := c.EditTopics(t.Context(), c.analyst(), 1, topic.Edit{Retire: []topic.Code{lift}}); err != nil {
		t.Fatal(err)
	}
	_, err := c.EditTopics(t.Context(), c.analyst(), 1, topic.Edit{Retire: []topic.Code{"roads.parking"}})
	if !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
		t.Errorf("an edit of an older version = %v, want Conflict with a sentence", err)
	}
	if tp, _ := c.Topics().ByCode("roads.parking"); tp.Retired {
		t.Error("a refused edit is in force")
	}
}

func TestOnlyWhoSeesTheWholeCentreEditsTopics(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	for _, who := range []account.Actor{
		{ID: 1, Role: lifecycle.Operator, Scope: scope.OfRegion(khakassia)},
		{ID: 1, Role: lifecycle.Admin, Scope: scope.OfCentre(khakassia, "95701000")},
		{ID: 1, Role: lifecycle.Admin, Scope: scope.OfAgency(khakassia, 1)},
		{ID: 1, Role: lifecycle.Admin, Scope: scope.OfRegion("38000000")},
		{ID: 1, Role: lifecycle.Admin},
	} {
		if _, err := c.EditTopics(t.Context(), who, 1, topic.Edit{Retire: []topic.Code{lift}}); !fault.Is(err, fault.Forbidden) || fault.Sentence(err) == "" {
			t.Errorf("edit by %s of %+v = %v, want Forbidden with a sentence", who.Role, who.Scope, err)
		}
	}
	if c.Topics().Version != 1 {
		t.Error("a refused edit made a version")
	}
}

// Two processes on one store: the one that did not edit learns of it when it
// would edit itself, and when it starts again.
func TestAnotherProcessLearnsOfAnEdit(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	open := func() *app.App {
		o := c.Options
		o.Config.VK = nil
		other, err := app.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = other.Close() })
		return other
	}
	running := open()
	if _, err := c.EditTopics(t.Context(), c.analyst(), 1, topic.Edit{Retire: []topic.Code{lift}}); err != nil {
		t.Fatal(err)
	}
	_, err := running.EditTopics(t.Context(), c.analyst(), 1, topic.Edit{Retire: []topic.Code{"roads.parking"}})
	if !fault.Is(err, fault.Conflict) || running.Topics().Version != 2 {
		t.Errorf("edit in the other process = %v, its version %d, want Conflict and 2", err, running.Topics().Version)
	}
	if _, err := running.EditTopics(t.Context(), c.analyst(), 2, topic.Edit{Retire: []topic.Code{"roads.parking"}}); err != nil {
		t.Errorf("the edit repeated: %v", err)
	}
	started := open()
	for _, g := range started.Reader.Full(&message.Message{Text: aboutLift, Addressed: true}).Topics {
		if g.Code == lift {
			t.Error("a process that started after the edit gives the retired topic")
		}
	}
	if started.Topics().Version != 3 {
		t.Errorf("version at the next start = %d, want 3", started.Topics().Version)
	}
}

// Readings and pages go on while the topics are edited; of two edits of one
// version one wins. The race run looks at this.
func TestEditsAndReadingsAtTheSameTime(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	who := c.analyst()
	ctx, stop := context.WithCancel(t.Context())
	var readers, editors sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				c.read(aboutLift)
				c.Topics().ByCode(lift)
			}
		})
	}
	errs := make([]error, 4)
	for n := range errs {
		editors.Go(func() {
			_, errs[n] = c.EditTopics(t.Context(), who, 1, topic.Edit{Put: []topic.Topic{{Code: topic.Code("roads.new_" + string(rune('a'+n))), Name: "Новая " + string(rune('а'+n)), Group: "Дороги", GroupCode: "roads"}}})
		})
	}
	editors.Wait()
	stop()
	readers.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
	}
	if won != 1 || c.Topics().Version != 2 {
		t.Errorf("%d edits of version 1 won, version is %d: %v", won, c.Topics().Version, errors.Join(errs...))
	}
}
