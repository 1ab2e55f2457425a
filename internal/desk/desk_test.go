package desk_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/audit"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/topic"
)

const (
	region = "95000000"
	abakan = "95701000"
	abaza  = "95702000"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// towns knows two municipalities.
type towns struct{}

func (towns) Keyed(place.Key) []*place.Place { return nil }
func (towns) ByID(id string) (*place.Place, bool) {
	if id == abakan || id == abaza {
		return &place.Place{ID: id, Level: place.Municipality, Region: region, Municipality: id}, true
	}
	return nil, false
}

type bench struct {
	*desk.Desk
	db               *store.DB
	told             []live.Event
	roads, utilities int64 // agencies
	people           map[lifecycle.Role]account.Actor
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	b := &bench{db: db, people: map[lifecycle.Role]account.Actor{}}
	b.Desk = desk.New(desk.Options{
		Store: db, Topics: topic.Default, Places: towns{}, Region: region, Now: func() time.Time { return noon },
		Read:      func(m *message.Message) message.Reading { return read(m.Text) },
		Publishes: func(source string) bool { return source == "vk:-1" },
		Tell:      func(e live.Event) { b.told = append(b.told, e) },
	})
	must(t, db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		for name, id := range map[string]*int64{"Дороги": &b.roads, "Сети": &b.utilities} {
			a := &agency.Agency{Name: name, Short: name, Place: scope.Place{Region: region}}
			if err := tx.Agencies().SaveAgency(t.Context(), a); err != nil {
				return err
			}
			*id = a.ID
		}
		for _, role := range lifecycle.Roles() {
			a := &account.Account{Login: string(role), Name: "Имя " + string(role), Role: role, Hash: "x", Place: scope.Place{Region: region}}
			switch role {
			case lifecycle.Coordinator, lifecycle.Executor, lifecycle.Approver:
				a.Place.Agency = b.roads
			case lifecycle.Centre:
				a.Place.Centre = abaza
			}
			if err := tx.Accounts().SaveAccount(t.Context(), a); err != nil {
				return err
			}
			b.people[role] = a.Actor()
		}
		return tx.Agencies().SaveRules(t.Context(), region, []agency.Rule{
			{Order: 1, Group: "Дороги", Territory: abaza, Agency: b.roads, Place: scope.Place{Region: region}},
			{Order: 2, Agency: b.utilities, Place: scope.Place{Region: region}},
		})
	}))
	return b
}

func read(text string) message.Reading {
	r := message.Reading{Concerns: true, Kind: message.Complaint, Complaint: true, Urgency: message.Normal, Index: strings.ToLower(text)}
	if strings.Contains(text, "яма") {
		t, _ := topic.Default().ByCode("roads.potholes")
		r.Topics = []message.TopicGuess{{Code: t.Code, Score: 0.9}}
	}
	if strings.Contains(text, "Абаза") {
		r.Places = []message.PlaceFound{{Type: "settlement", ID: abaza + "001", Name: "Абаза", Settlement: "Абаза", Region: region, Municipality: abaza}}
	}
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open takes a comment in, as intake does.
func (b *bench) open(t *testing.T, native, text string) *incident.Incident {
	t.Helper()
	var i *incident.Incident
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: native, Thread: "post", Event: message.Written,
			Revision: message.HashOf(text), Text: text, Author: "anna", SeenAt: noon, PublishedAt: noon}
		r := read(text)
		m.Place, _ = b.Stand(m, &r)
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		var err error
		i, err = b.Opener(tx, account.System()).Open(t.Context(), m, &r)
		return err
	}))
	return i
}

func (b *bench) do(t *testing.T, role lifecycle.Role, i *incident.Incident, c desk.Change) *incident.Incident {
	t.Helper()
	got, err := b.Do(t.Context(), b.people[role], i.ID, i.Version, c)
	if err != nil {
		t.Fatalf("%s by %s: %v", c.Action(), role, err)
	}
	return got
}

func TestRoutingProposesAndTheAgencySeesNothingYet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "Абаза, яма на дороге")
	if i.Proposed != b.roads || i.Rule == 0 || i.Place != (scope.Place{Region: region, Centre: abaza}) {
		t.Errorf("incident = %+v", i)
	}
	if _, err := b.db.Reader().Incidents().Incident(t.Context(), b.people[lifecycle.Executor].Scope, i.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the agency sees it before hand-over: %v", err)
	}
	i = b.do(t, lifecycle.Operator, i, desk.Accept{HandOver: true})
	if i.State != lifecycle.Assigned || i.Place.Agency != b.roads || i.AcceptedAt != noon {
		t.Errorf("after accept = %+v", i)
	}
	history, err := b.db.Reader().Incidents().History(t.Context(), b.people[lifecycle.Executor].Scope, i.ID)
	must(t, err)
	var actions []lifecycle.Action
	for _, e := range history {
		actions = append(actions, e.Action)
	}
	if want := []lifecycle.Action{lifecycle.File, lifecycle.Accept, lifecycle.HandOver}; !slices.Equal(actions, want) {
		t.Errorf("history = %v, want %v", actions, want)
	}
}

func TestTwoPeopleAtOneIncident(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "яма")
	b.do(t, lifecycle.Operator, i, desk.Claim{})
	_, err := b.Do(t.Context(), b.people[lifecycle.Curator], i.ID, i.Version, desk.Reject{Reason: "не наше"})
	if !fault.Is(err, fault.Conflict) || fault.Sentence(err) == "" {
		t.Errorf("the second of two = %v, want a conflict that people can read", err)
	}
	_, err = b.Do(t.Context(), b.people[lifecycle.Curator], i.ID, 0, desk.Claim{})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "Имя operator") {
		t.Errorf("claim of what is claimed = %v %q", err, fault.Sentence(err))
	}
}

// TestNothingIsHalfDone: a change that is refused leaves no trace.
func TestNothingIsHalfDone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i, other := b.open(t, "1", "яма"), b.open(t, "2", "ещё яма")
	long := strings.Repeat("я", 4001)
	bad := topic.Code("roads.ufo")
	for name, c := range map[string]struct {
		by     lifecycle.Role
		change desk.Change
		kind   fault.Kind
	}{
		"a reason is required":           {lifecycle.Operator, desk.Reject{Reason: " "}, fault.Invalid},
		"an empty reply":                 {lifecycle.Operator, desk.Answer{Text: "\n"}, fault.Invalid},
		"a reply that no network takes":  {lifecycle.Operator, desk.Answer{Text: long}, fault.Invalid},
		"a topic of no taxonomy":         {lifecycle.Operator, desk.Correct{Topic: &bad}, fault.Invalid},
		"an analyst may not decide":      {lifecycle.Analyst, desk.Accept{}, fault.Forbidden},
		"an executor of another agency":  {lifecycle.Executor, desk.Take{}, fault.NotFound},
		"a reply that does not exist":    {lifecycle.Operator, desk.Approve{Reply: 99}, fault.NotFound},
		"nothing to close yet":           {lifecycle.Operator, desk.Close{Outcome: lifecycle.Solved}, fault.Conflict},
		"an agency that does not exist":  {lifecycle.Operator, desk.HandOver{Agency: 99}, fault.NotFound},
		"a reply in another's thread":    {lifecycle.Operator, desk.Answer{Text: "Да", To: other.First}, fault.NotFound},
		"an executor who works nowhere":  {lifecycle.Operator, desk.HandOver{Agency: b.utilities, Executor: int64(b.people[lifecycle.Executor].ID)}, fault.Invalid},
		"the only message stays":         {lifecycle.Operator, desk.Detach{Message: i.First}, fault.Conflict},
		"a message that is attached":     {lifecycle.Operator, desk.Attach{Message: i.First}, fault.Conflict},
		"a correction that changes none": {lifecycle.Operator, desk.Correct{}, fault.Conflict},
	} {
		if _, err := b.Do(t.Context(), b.people[c.by], i.ID, i.Version, c.change); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
	got, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID)
	must(t, err)
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	if got.Version != 1 || got.State != lifecycle.New || len(history) != 1 || len(b.told) != 0 {
		t.Errorf("after refusals: version %d, state %s, %d lines, %d events", got.Version, got.State, len(history), len(b.told))
	}
}

func TestADraftIsReturnedMendedAndApproved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "Абаза, яма"), desk.Accept{HandOver: true})
	i = b.do(t, lifecycle.Executor, i, desk.Take{})
	i = b.do(t, lifecycle.Executor, i, desk.Submit{Text: "Ваше обращение рассмотрено."})
	r := b.replies(t, i)[0]
	i = b.do(t, lifecycle.Approver, i, desk.Return{Reply: r.ID, Reason: "Нет срока"})
	if i.State != lifecycle.Rework || b.replies(t, i)[0].State != reply.Returned {
		t.Errorf("after return: %s, %s", i.State, b.replies(t, i)[0].State)
	}
	i = b.do(t, lifecycle.Approver, i, desk.Approve{Reply: r.ID, Text: "Засыплем до 25 ноября."})
	r = b.replies(t, i)[0]
	if i.State != lifecycle.Approval || r.State != reply.Approved || r.Text != "Засыплем до 25 ноября." {
		t.Errorf("after approval: %s, %+v", i.State, r)
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Approver], i.ID, i.Version, desk.Approve{Reply: r.ID}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second approval = %v", err)
	}
}

func (b *bench) replies(t *testing.T, i *incident.Incident) []reply.Reply {
	t.Helper()
	list, err := b.db.Reader().Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	return list
}

func TestTheOutboxTellsTheDesk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "яма"), desk.Answer{Text: "Засыпали."})
	job := b.job(t)
	must(t, b.Unpublishable(t.Context(), job, "Комментарии закрыты."))
	i, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID)
	must(t, err)
	if r := b.replies(t, i)[0]; i.State != lifecycle.Rework || r.State != reply.Failed || r.Reason != "Комментарии закрыты." {
		t.Errorf("after the failure: %s, %+v", i.State, r)
	}
	i = b.do(t, lifecycle.Operator, i, desk.Approve{Reply: job.Reply})
	job = b.job(t)
	for range 2 { // told twice, noted once
		must(t, b.Published(t.Context(), job, reply.Receipt{Native: "c7", URL: "https://example.org/7", At: noon}))
	}
	i, err = b.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID)
	must(t, err)
	if r := b.replies(t, i)[0]; i.State != lifecycle.Answered || i.AnsweredAt != noon || r.State != reply.Published || r.URL == "" {
		t.Errorf("after the publication: %+v, %+v", i, r)
	}
	i = b.do(t, lifecycle.Operator, i, desk.Close{Outcome: lifecycle.Solved})
	i = b.do(t, lifecycle.Controller, i, desk.Verify{How: "photo"})
	if i.Phrase() != "решение подтверждено" {
		t.Errorf("phrase = %q", i.Phrase())
	}
	i = b.do(t, lifecycle.Controller, i, desk.Reopen{Reason: "Снова провалилось"})
	if i.State != lifecycle.Rework || i.Verified() || i.Outcome != "" || i.Reopened != 1 {
		t.Errorf("after reopening: %+v", i)
	}
}

// TestTheSameWordsInANewReplyAreReadBackToo: the first reply may stand; whoever
// writes it anew instead of approving it again must not publish it twice.
func TestTheSameWordsInANewReplyAreReadBackToo(t *testing.T) {
	t.Parallel()
	for text, unclear := range map[string]bool{"Засыпали  сегодня.": true, "Засыплем завтра.": false} {
		b := newBench(t)
		i := b.do(t, lifecycle.Operator, b.open(t, "1", "яма"), desk.Answer{Text: "Засыпали сегодня."})
		job := b.job(t)
		job.Unclear = true
		must(t, b.Unpublishable(t.Context(), job, ""))
		i, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID)
		must(t, err)
		b.do(t, lifecycle.Operator, i, desk.Answer{Text: text})
		if job := b.job(t); job.Unclear != unclear {
			t.Errorf("%q: read back first: %t, want %t", text, job.Unclear, unclear)
		}
	}
}

func (b *bench) job(t *testing.T) reply.Job {
	t.Helper()
	var jobs []reply.Job
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		jobs, err = tx.Replies().Take(t.Context(), noon, 10)
		return err
	}))
	if len(jobs) != 1 {
		t.Fatalf("%d jobs are due, want 1", len(jobs))
	}
	return jobs[0]
}

func TestMessagesMoveBetweenIncidents(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.open(t, "1", "яма у школы"), b.open(t, "2", "яма у школы, ещё одна")
	moved := two.First
	one = b.do(t, lifecycle.Operator, one, desk.Attach{Message: moved})
	two, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), two.ID)
	must(t, err)
	if one.Messages != 2 || two.Messages != 0 || two.State != lifecycle.Closed || two.Outcome != lifecycle.Duplicate {
		t.Errorf("after attach: %+v, %+v", one, two)
	}
	one = b.do(t, lifecycle.Operator, one, desk.Detach{Message: moved})
	owner, err := b.db.Reader().Messages().Incident(t.Context(), moved)
	must(t, err)
	if one.Messages != 1 || owner == int64(one.ID) || owner == 0 {
		t.Errorf("after detach: %+v, the message is of incident %d", one, owner)
	}
}

// What was closed keeps its messages and its outcome, however many it has; who
// wants a message of it elsewhere reopens it first.
func TestAClosedIncidentKeepsItsOutcome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	closed, other := b.open(t, "1", "яма у школы"), b.open(t, "2", "яма за школой")
	closed = b.do(t, lifecycle.Operator, closed, desk.Reject{Reason: "Частная дорога"})
	attach := func() error {
		_, err := b.Do(t.Context(), b.people[lifecycle.Operator], other.ID, 0, desk.Attach{Message: closed.First})
		return err
	}
	err := attach()
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), incident.Spoken(closed.Number)) {
		t.Fatalf("a message of a closed incident is taken out: %v, %q", err, fault.Sentence(err))
	}
	now, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), closed.ID)
	must(t, err)
	if now.Outcome != lifecycle.Refused || now.OutcomeReason != "Частная дорога" || now.Messages != 1 || now.Version != closed.Version {
		t.Errorf("the closed incident became %+v", now)
	}
	b.do(t, lifecycle.Operator, closed, desk.Reopen{Reason: "Дорога всё же общая"})
	must(t, attach())
	now, err = b.db.Reader().Incidents().Incident(t.Context(), scope.All(), closed.ID)
	must(t, err)
	if now.Outcome != lifecycle.Duplicate || now.State != lifecycle.Closed {
		t.Errorf("reopened and emptied it is %s, %s", now.State, now.Outcome)
	}
}

func TestErasingAtTheAuthorsRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "яма у школы")
	who := b.people[lifecycle.Curator]
	erase := func(by account.Actor, v int) (*incident.Incident, error) {
		return b.Do(t.Context(), by, i.ID, v, desk.Erase{Message: i.First})
	}
	for _, role := range lifecycle.Roles() {
		if role == lifecycle.Curator || role == lifecycle.Admin {
			continue
		}
		if _, err := erase(b.people[role], 0); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s erases: %v", role, err)
		}
	}
	i = b.do(t, lifecycle.Operator, i, desk.Answer{Text: "Анна, засыплем в четверг."})
	if _, err := erase(who, i.Version); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Sentence(err), "готовится ответ") {
		t.Errorf("a reply is under way, and the words go: %v", err)
	}
	must(t, b.Published(t.Context(), b.job(t), reply.Receipt{Native: "9"}))
	other := b.open(t, "2", "яма за школой")
	if _, err := b.Do(t.Context(), who, i.ID, 0, desk.Erase{Message: other.First}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a message of another incident is erased: %v", err)
	}
	i, err := erase(who, 0)
	must(t, err)
	m, err := b.db.Reader().Messages().Message(t.Context(), scope.All(), i.First)
	must(t, err)
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	trail, err := b.db.Reader().Audit().Entries(t.Context(), scope.All(), 1)
	must(t, err)
	if last := history[len(history)-1]; m.Text != "" || last.Action != lifecycle.Erase || last.Detail.Message != m.ID || i.State != lifecycle.Answered || trail[0].Deed != audit.Erased || trail[0].Who != who.ID {
		t.Errorf("after erasing: %q, %+v, %s, %+v", m.Text, last, i.State, trail[0])
	}
	if _, err := erase(who, 0); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second time: %v, want Conflict", err)
	}
	// What is of no incident is erased as well, by who may and sees it.
	var loose message.ID
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Native: "77", Event: message.Written, Revision: message.HashOf("спасибо"), Text: "спасибо", Place: scope.Place{Region: region}}
		_, err := tx.Messages().Keep(t.Context(), m, nil)
		loose = m.ID
		return err
	}))
	if err := b.Forget(t.Context(), b.people[lifecycle.Operator], loose); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator erases: %v", err)
	}
	if err := b.Forget(t.Context(), account.Actor{Role: lifecycle.Admin, Scope: scope.OfRegion("38000000")}, loose); !fault.Is(err, fault.NotFound) {
		t.Errorf("another region erases: %v", err)
	}
	must(t, b.Forget(t.Context(), b.people[lifecycle.Admin], loose))
	must(t, b.Forget(t.Context(), b.people[lifecycle.Admin], other.First)) // through its incident
}

func TestAReplyOnItsWayHoldsItsMessage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, other := b.open(t, "1", "яма у школы"), b.open(t, "2", "яма за школой")
	one = b.do(t, lifecycle.Operator, one, desk.Answer{Text: "Засыплем в четверг."})
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], other.ID, 0, desk.Attach{Message: one.First}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a message whose reply is under way moves: %v", err)
	}
}

func TestAnIncidentThatLosesItsFirstMessageHasAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	from, second, to := b.open(t, "1", "яма у школы"), b.open(t, "2", "яма у школы, ещё одна"), b.open(t, "3", "яма за школой")
	from = b.do(t, lifecycle.Operator, from, desk.Attach{Message: second.First})
	b.do(t, lifecycle.Operator, to, desk.Attach{Message: from.First})
	from, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), from.ID)
	must(t, err)
	if from.First != second.First || from.Messages != 1 {
		t.Errorf("first message is %d of %d, want %d of 1", from.First, from.Messages, second.First)
	}
}

func TestACardOfAMunicipalCentreStaysInIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i, err := b.File(t.Context(), b.people[lifecycle.Centre], desk.Card{Text: "Нет света на улице", Phone: "+7 900 000-00-00"})
	must(t, err)
	if i.Place.Centre != abaza || i.Number == "" || i.State != lifecycle.New {
		t.Errorf("card = %+v", i)
	}
	if _, err := b.File(t.Context(), b.people[lifecycle.Executor], desk.Card{Text: "а"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a card of an executor = %v", err)
	}
	if _, err := b.File(t.Context(), b.people[lifecycle.Phone], desk.Card{Text: "  "}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty card = %v", err)
	}
	i = b.do(t, lifecycle.Operator, i, desk.Answer{Text: "Фонарь починили."})
	if i.State != lifecycle.Answered {
		t.Errorf("an answer by hand leaves the card in %s", i.State)
	}
}
