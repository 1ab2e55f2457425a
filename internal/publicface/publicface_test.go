package publicface_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/attachment"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/publicface"
	"otklik/internal/regime"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

func rule(t *testing.T) publicface.Rule {
	t.Helper()
	list, err := regime.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return publicface.New(append(list, regime.Regime{Code: "own", Private: true}))
}

func TestWhatIsNotShown(t *testing.T) {
	t.Parallel()
	r := rule(t)
	for name, c := range map[string]struct {
		change func(*incident.Incident)
		want   publicface.Reason
	}{
		"a comment that was accepted":           {func(*incident.Incident) {}, publicface.Shown},
		"solved and closed":                     {func(i *incident.Incident) { i.State, i.Outcome = lifecycle.Closed, lifecycle.Solved }, publicface.Shown},
		"an appeal under the law":               {func(i *incident.Incident) { i.Clock.Regime = "appeal59" }, publicface.Private},
		"a regime that a region made private":   {func(i *incident.Incident) { i.Clock.Regime = "own" }, publicface.Private},
		"nobody has looked":                     {func(i *incident.Incident) { i.State = lifecycle.New }, publicface.Unread},
		"another centre has looked":             {func(i *incident.Incident) { i.State, i.Channel = lifecycle.New, message.City }, publicface.Shown},
		"not considered":                        {func(i *incident.Incident) { i.State, i.Outcome = lifecycle.Closed, lifecycle.Refused }, publicface.Refused},
		"of another city, not considered":       {func(i *incident.Incident) { i.Channel, i.Outcome = message.City, lifecycle.Refused }, publicface.Refused},
		"joined to another one":                 {func(i *incident.Incident) { i.State, i.Outcome = lifecycle.Closed, lifecycle.Duplicate }, publicface.Duplicate},
		"history of another system":             {func(i *incident.Incident) { i.Clock.Regime, i.Channel = regime.Past, message.File }, publicface.Imported},
		"history that another city publishes":   {func(i *incident.Incident) { i.Clock.Regime, i.Channel = regime.Past, message.City }, publicface.Shown},
		"a rumour":                              {func(i *incident.Incident) { i.Kind = message.Rumour }, publicface.NoMatter},
		"an appeal from another city's portal":  {func(i *incident.Incident) { i.Clock.Regime, i.Channel = "appeal59", message.City }, publicface.Private},
		"a regime that is not written anywhere": {func(i *incident.Incident) { i.Clock.Regime = "gone" }, publicface.Shown},
	} {
		i := pit().Incident
		c.change(&i)
		if got := r.Hidden(&i); got != c.want {
			t.Errorf("%s: Hidden = %q, want %q", name, got, c.want)
		}
		face, ok := r.Face(&publicface.Case{Incident: i}, same)
		if ok != (c.want == publicface.Shown) || !ok && !reflect.DeepEqual(face, publicface.Face{}) {
			t.Errorf("%s: Face = %+v, %v", name, face, ok)
		}
	}
	edited := publicface.New([]regime.Regime{{Code: "appeal59"}})
	if got := edited.Hidden(&incident.Incident{Kind: message.Complaint, State: lifecycle.Triage, Clock: incident.Clock{Regime: "appeal59"}}); got != publicface.Private {
		t.Errorf("an appeal whose regime was edited: Hidden = %q", got)
	}
}

func same(s string) string { return s }

// pit is a comment under a post, accepted and handed over.
func pit() *publicface.Case {
	text := "Яма на Ленина 33, звоните Петрову 8-913-000-11-22"
	at := strings.Index(text, "8-9")
	return &publicface.Case{
		Incident: incident.Incident{
			ID: 7, Number: "12345678", State: lifecycle.Working, Topic: "roads.potholes", Group: "Дороги", Kind: message.Complaint, Channel: message.VK, Urgency: message.Danger,
			Place: scope.Place{Region: "95000000", Centre: "95701000", Agency: 3}, Proposed: 9, Executor: 5, ClaimedBy: 6, Settlement: "95701000001", Missing: []string{"place"},
			Address: incident.Address{PlaceID: "way/1", Settlement: "Абакан", Street: "улица Ленина", House: "33", Landmark: "подъезд 2", Lat: 53.72133, Lon: 91.44251, Radius: 50},
			Clock:   incident.Clock{Regime: "open", AnswerDue: day(20)}, OutcomeReason: "внутренняя причина", OpenedAt: day(10), UpdatedAt: day(12),
		},
		First: &message.Message{
			Channel: message.VK, Form: message.Comment, Text: text, AuthorName: "Сергей Петров", Author: "id77", Contact: "8-913-000-11-22", URL: "https://vk.example/wall-1_2", Source: "vk:-1", Native: "2",
		},
		Reading: &message.Reading{Personal: []message.Personal{{Start: at, End: len(text), Type: "phone"}}},
	}
}

func day(n int) time.Time { return time.Date(2026, 11, n, 9, 0, 0, 0, time.UTC) }

func TestWhoseWordsAreRepeated(t *testing.T) {
	t.Parallel()
	r := rule(t)
	masked := "Яма на Ленина 33, звоните Петрову [скрыто]"
	for name, c := range map[string]struct {
		change func(*publicface.Case)
		want   string
	}{
		"a comment: a search would find its author": {func(*publicface.Case) {}, ""},
		"sent to be published":                      {city, masked},
		"nobody has looked at it yet":               {func(c *publicface.Case) { city(c); c.Incident.State = lifecycle.New }, ""},
		"the author is named in it": {func(c *publicface.Case) { city(c); c.First.AuthorName = "Петрову" },
			"Яма на Ленина 33, звоните [скрыто] [скрыто]"},
		"obscene":                    {func(c *publicface.Case) { city(c); c.Reading.Obscene = true }, ""},
		"erased":                     {func(c *publicface.Case) { city(c); c.First.ErasedAt = day(11) }, ""},
		"taken back by its author":   {func(c *publicface.Case) { city(c); c.First.Gone = true }, ""},
		"never read for names":       {func(c *publicface.Case) { city(c); c.Reading = nil }, ""},
		"no message is left":         {func(c *publicface.Case) { city(c); c.First = nil }, ""},
		"about a person's own life":  {func(c *publicface.Case) { city(c); c.Incident.Topic = "health.care" }, ""},
		"written down from a call":   {func(c *publicface.Case) { c.First.Channel, c.First.Form = message.Phone, message.Card }, ""},
		"told on our portal":         {func(c *publicface.Case) { c.First.Channel, c.First.Form = message.Portal, message.Post }, masked},
		"told there as private":      {func(c *publicface.Case) { c.First.Channel, c.First.Form = message.Portal, message.Direct }, ""},
		"a letter":                   {func(c *publicface.Case) { c.First.Channel, c.First.Form = message.Mail, message.Direct }, ""},
		"pushed by another system":   {func(c *publicface.Case) { c.First.Channel, c.First.Form = message.Hook, message.Record }, ""},
		"a line of an imported file": {func(c *publicface.Case) { c.First.Channel, c.First.Form = message.File, message.Record }, ""},
	} {
		one := pit()
		c.change(one)
		f, ok := r.Face(one, same)
		if f.Words != c.want || !ok && one.Incident.State != lifecycle.New {
			t.Errorf("%s: Words = %q, want %q (shown %v)", name, f.Words, c.want, ok)
		}
	}
}

func city(c *publicface.Case) {
	c.Incident.Channel, c.First.Channel, c.First.Form = message.City, message.City, message.Record
}

func TestHowExactlyAPlaceIsShown(t *testing.T) {
	t.Parallel()
	r := rule(t)
	house := "Абакан, улица Ленина, 33, подъезд 2"
	for name, c := range map[string]struct {
		topic   topic.Code
		channel message.Channel
		form    message.Form
		want    string
		lat     float64
	}{
		"a pit, of a comment":         {"roads.potholes", message.VK, message.Comment, house, 53.72133},
		"a pit, told on the phone":    {"roads.potholes", message.Phone, message.Card, house, 53.72133},
		"a cold flat, of a comment":   {"housing.heating", message.VK, message.Comment, house, 53.72133},
		"a cold flat, on the phone":   {"housing.heating", message.Phone, message.Card, "Абакан, улица Ленина", 53.72},
		"a cold flat, in a talk":      {"housing.heating", message.VK, message.Direct, "Абакан, улица Ленина", 53.72},
		"a topic that nobody knows":   {topic.Undefined, message.Mail, message.Direct, "Абакан, улица Ленина", 53.72},
		"a doctor, of a comment":      {"health.doctor", message.VK, message.Comment, "Абакан", 0},
		"a pension, of another city":  {"social.pension", message.City, message.Record, "Абакан", 0},
		"a channel of later versions": {"housing.heating", "pigeon", message.Post, "Абакан, улица Ленина", 53.72},
	} {
		one := pit()
		one.Incident.Topic, one.Incident.Channel, one.First.Channel, one.First.Form = c.topic, c.channel, c.channel, c.form
		f, _ := r.Face(one, same)
		if got := f.Address.String(); got != c.want || f.Address.Lat != c.lat {
			t.Errorf("%s: Address = %q at %v, want %q at %v", name, got, f.Address.Lat, c.want, c.lat)
		}
	}
	one := pit()
	one.First = nil
	one.Incident.Topic = "housing.heating"
	if f, _ := r.Face(one, same); f.Address.House != "" {
		t.Errorf("nobody knows where the first message came from: Address = %q", f.Address)
	}
}

func TestWhichAnswersEverybodyReads(t *testing.T) {
	t.Parallel()
	r := rule(t)
	comment, call := &message.Message{Channel: message.VK, Form: message.Comment}, &message.Message{Channel: message.Phone, Form: message.Card}
	kept := attachment.Attachment{ID: 4, Ref: attachment.Ref{Kind: attachment.Photo}, State: attachment.Kept, File: attachment.File{Hash: "aa", Kind: attachment.Photo}}
	paper := attachment.Attachment{ID: 5, State: attachment.Kept, File: attachment.File{Hash: "bb", Kind: attachment.Document}}
	lost := attachment.Attachment{ID: 6, Ref: attachment.Ref{Kind: attachment.Photo}, State: attachment.Lost}
	c := pit()
	say := func(id reply.ID, s reply.State, p reply.Purpose, to *message.Message, text string) {
		c.Answers = append(c.Answers, publicface.Answer{Reply: reply.Reply{ID: id, State: s, Purpose: p, Text: text, Private: "лично: квартира 5", By: 5, PublishedAt: day(11)}, To: to, Files: []attachment.Attachment{kept, paper, lost}})
	}
	say(1, reply.Published, reply.Interim, comment, "Выехала бригада. Иванова А. Б.")
	say(2, reply.Draft, reply.Final, comment, "черновик")
	say(3, reply.Approved, reply.Final, comment, "ещё не отправлен")
	say(4, reply.Published, reply.Question, comment, "Где именно?")
	say(5, reply.Published, reply.Final, call, "сказано по телефону")
	say(6, reply.Published, reply.Final, nil, "Засыпали. Диспетчер 22-33-44")
	c.Answers[5].Cleared = "телефон диспетчера"
	say(7, reply.Published, reply.Final, comment, "")
	say(8, reply.Failed, reply.Final, comment, "не ушло")
	f, _ := r.Face(c, func(s string) string {
		return strings.NewReplacer("Иванова А. Б.", "[скрыто]", "22-33-44", "[скрыто]").Replace(s)
	})
	var got []string
	for _, s := range f.Said {
		got = append(got, s.Text)
	}
	if d := cmp.Diff([]string{"Выехала бригада. [скрыто]", "Засыпали. Диспетчер 22-33-44"}, got); d != "" {
		t.Errorf("Said: %s", d)
	}
	if list := f.Pictures(); len(list) != 2 || list[0].ID != kept.ID || f.Last().Reply != 6 {
		t.Errorf("Pictures = %+v", list)
	}
}

func TestWhenAnAnswerIsToBeExpected(t *testing.T) {
	t.Parallel()
	r := rule(t)
	for name, c := range map[string]struct {
		state    lifecycle.State
		promised time.Time
		want     time.Time
	}{
		"by the law":              {lifecycle.Working, time.Time{}, day(20)},
		"we promised a day":       {lifecycle.Working, day(25), day(25)},
		"answered":                {lifecycle.Answered, day(25), time.Time{}},
		"the first answer runs":   {lifecycle.Assigned, time.Time{}, day(13)},
		"a step within the house": {lifecycle.Triage, time.Time{}, time.Time{}},
		"closed, promise or none": {lifecycle.Closed, time.Time{}, time.Time{}},
	} {
		one := pit()
		one.Incident.State, one.Promised = c.state, c.promised
		switch k := &one.Incident.Clock; c.state {
		case lifecycle.Assigned:
			*k = incident.Clock{Regime: "open", Step: regime.First, Due: day(13)}
		case lifecycle.Triage:
			*k = incident.Clock{Regime: "open", Step: regime.Forward, Due: day(13)}
		}
		if f, _ := r.Face(one, same); !f.ExpectedAt.Equal(c.want) {
			t.Errorf("%s: ExpectedAt = %v, want %v", name, f.ExpectedAt, c.want)
		}
	}
}

func TestWhatWeAnsweredAboutAPersonsOwnLife(t *testing.T) {
	t.Parallel()
	c := pit()
	c.Answers = []publicface.Answer{{Reply: reply.Reply{ID: 1, State: reply.Published, Purpose: reply.Final, Text: "Выплата назначена."}, To: &message.Message{Channel: message.VK, Form: message.Comment}}}
	for code, n := range map[topic.Code]int{"roads.potholes": 1, "social.pension": 0, "health.doctor": 0} {
		c.Incident.Topic = code
		if f, ok := rule(t).Face(c, same); !ok || len(f.Said) != n {
			t.Errorf("%s: %d answers, want %d", code, len(f.Said), n)
		}
	}
}

// TestAFaceHoldsNothingElse: whatever is added to an incident is not shown by itself.
func TestAFaceHoldsNothingElse(t *testing.T) {
	t.Parallel()
	f, _ := rule(t).Face(pit(), same)
	want := publicface.Face{
		ID: 7, Number: "12345678", Topic: "roads.potholes", Group: "Дороги", Kind: message.Complaint, Urgent: true, Settlement: "95701000001", Centre: "95701000", Region: "95000000",
		Address: pit().Incident.Address, State: lifecycle.Working, Agency: 3, OpenedAt: day(10), UpdatedAt: day(12), ExpectedAt: day(20),
	}
	if d := cmp.Diff(want, f); d != "" {
		t.Errorf("the face of a pit: %s", d)
	}
}
