package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// outage opens a mass incident with messages of n authors, the last of whom wrote to a
// source without a publisher.
func (b *bench) outage(t *testing.T, n int) *incident.Incident {
	t.Helper()
	var list []*incident.Incident
	for k := range n {
		must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
			m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: fmt.Sprint(k), Thread: fmt.Sprint("post", k), Event: message.Written,
				Text: fmt.Sprintf("На Мира %d, Абаза, нет света, яма тут ни при чём", k+1), Author: fmt.Sprint("author", k), SeenAt: noon, PublishedAt: noon}
			if k == n-1 {
				m.Source, m.Channel = "phone", message.Phone
			}
			m.Revision = message.HashOf(m.Text)
			r := read(m.Text)
			r.Places = append(r.Places, message.PlaceFound{Type: "house", Name: fmt.Sprint(k + 1), Street: "улица Мира", House: fmt.Sprint(k + 1), Settlement: "Абаза", Region: region, Municipality: abaza})
			m.Place, _ = b.Stand(m, &r)
			if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
				return err
			}
			i, err := b.Opener(tx, account.System()).Open(t.Context(), m, &r)
			list = append(list, i)
			return err
		}))
	}
	i := b.do(t, lifecycle.Operator, list[0], desk.Accept{HandOver: true})
	var others []incident.ID
	for _, o := range list[1:] {
		others = append(others, o.ID)
	}
	i = b.do(t, lifecycle.Curator, i, desk.Merge{Others: others})
	return b.do(t, lifecycle.Curator, i, desk.Mass{})
}

func (b *bench) deliveries(t *testing.T, i *incident.Incident) []reply.Job {
	t.Helper()
	list, err := b.db.Reader().Fanouts().Jobs(t.Context(), reply.JobFilter{Incident: int64(i.ID), Limit: 1000})
	must(t, err)
	return list
}

const outage = "Здравствуйте! На {{адрес}} свет вернётся {{срок}}: меняем кабель, сгоревший на подстанции."

func TestReplyToAllPromisesOnce(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.outage(t, 5)
	b.denies(t, lifecycle.Curator, i, desk.FanOut{Text: outage}, fault.Invalid, "due")
	b.denies(t, lifecycle.Curator, i, desk.FanOut{Text: outage, Due: "до {{срок}}"}, fault.Invalid, "due")
	b.denies(t, lifecycle.Curator, i, desk.FanOut{Text: outage + " {{имя}}", Due: "до 25 ноября"}, fault.Invalid, "text")
	b.denies(t, lifecycle.Curator, i, desk.FanOut{Text: outage + " {{", Due: "до 25 ноября"}, fault.Invalid, "text")
	b.denies(t, lifecycle.Curator, i, desk.FanOut{Text: outage, Due: "до 25 ноября", At: noon.Add(-time.Hour)}, fault.Invalid, "at")
	b.denies(t, lifecycle.Executor, i, desk.FanOut{Text: outage, Due: "до 25 ноября"}, fault.Forbidden, "")
	if len(b.deliveries(t, i)) != 0 || len(b.replies(t, i)) != 0 {
		t.Fatal("what was refused left something")
	}
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: outage, Due: "до 25 ноября"})
	r := b.replies(t, i)[0]
	if !strings.Contains(r.Text, "до 25 ноября") || !strings.Contains(r.Text, "{{адрес}}") || r.Message != 0 {
		t.Fatalf("the reply is %q to message %d", r.Text, r.Message)
	}
	jobs := b.deliveries(t, i)
	if len(jobs) != 5 || !strings.Contains(jobs[1].Text, "улица Мира, 2") || jobs[4].State != reply.ByHand {
		t.Fatalf("%d jobs, the second says %q, the last is %s", len(jobs), jobs[1].Text, jobs[4].State)
	}
	if n := len(b.promises(t, i)); n != 0 {
		t.Fatalf("%d promises before anything stands", n)
	}
	b.arrive(t)
	list := b.promises(t, i)
	if len(list) != 1 || !list[0].Until.Equal(time.Date(2026, 11, 25, 23, 59, 59, 0, krasnoyarsk)) || r.Text[list[0].Span.Start:list[0].Span.End] != "до 25 ноября" {
		t.Fatalf("promises of five threads: %+v, want one until 25 November", list)
	}
	i = must1(b.db.Reader().Incidents().Incident(t.Context(), scope.All(), i.ID))
	if i.State != lifecycle.Answered {
		t.Errorf("the incident is %s with one thread left to a person", i.State)
	}

	// It is moved: all are told by another reply to all, which makes no second promise.
	i = b.do(t, lifecycle.Curator, i, desk.MovePromise{Promise: list[0].ID, Until: time.Date(2026, 11, 27, 23, 59, 59, 0, krasnoyarsk), Reason: "кабель везут из Абакана"})
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: "Здравствуйте! На {{адрес}} свет вернётся {{срок}}: кабель везут из Абакана, извините за ожидание.", Due: "до 27 ноября"})
	b.arrive(t)
	if list = b.promises(t, i); len(list) != 2 || list[1].Before != list[0].ID || list[0].State != promise.Moved {
		t.Errorf("promises after the move was told: %+v", list)
	}
	if n := len(b.deliveries(t, i)); n != 10 {
		t.Errorf("%d replies to five authors, told twice", n)
	}
	tally, err := b.db.Reader().Promises().Tally(t.Context(), scope.All(), noon.Add(-time.Hour), noon)
	must(t, err)
	if len(tally) != 1 || tally[0].Made != 2 || tally[0].Moved != 1 {
		t.Errorf("the agency's word is counted by threads: %+v", tally)
	}
}

// A reply to all of which nothing goes by itself promises all the same.
func TestReplyToAllByHandPromises(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	o := b.Desk.Options
	o.Publishes = func(string) bool { return false }
	b.Desk = desk.New(o)
	i := b.outage(t, 3)
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: outage, Due: "до 25 ноября"})
	if list := b.promises(t, i); len(list) != 1 {
		t.Errorf("%d promises of a reply that people give by hand, want 1", len(list))
	}
	b.do(t, lifecycle.Curator, i, desk.Stands{Job: b.deliveries(t, i)[0].ID})
	if list := b.promises(t, i); len(list) != 1 {
		t.Errorf("%d promises after a person said that it stands, want 1", len(list))
	}
}

func TestTextsOfAPlan(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.outage(t, 4)
	plan := must1(b.Plan(t.Context(), b.db.Reader(), scope.All(), i, "Здравствуйте! Свет дадут {{срок|сегодня}}.", "", nil))
	texts := plan.Texts()
	if len(texts) != 1 || texts[0].Threads != 4 || texts[0].Text != "Здравствуйте! Свет дадут сегодня." || len(texts[0].Hand) != 1 || texts[0].Hand[0].Threads != 1 {
		t.Fatalf("texts = %+v", texts)
	}
	if want := []desk.ChannelCount{{message.VK, 3}, {message.Phone, 1}}; !slices.Equal(plan.Channels(), want) {
		t.Errorf("channels = %+v", plan.Channels())
	}
	plan = must1(b.Plan(t.Context(), b.db.Reader(), scope.All(), i, outage, "завтра", nil))
	if texts = plan.Texts(); len(texts) != 4 || plan.Sample(i.First) != plan.Targets[0].Text || !strings.Contains(texts[0].Text, "свет вернётся завтра") {
		t.Errorf("texts = %+v", texts)
	}
}

// A draft to all that was taken back cannot be approved as if it answered one message.
func TestDraftToAllIsApprovedToAll(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.outage(t, 3)
	const text = "Здравствуйте! На Мира свет вернётся 25 ноября: меняем сгоревший кабель подстанции."
	i = b.do(t, lifecycle.Executor, i, desk.Submit{Text: text})
	draft := b.replies(t, i)[0].ID
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: text, Reply: draft, At: noon.Add(time.Hour)})
	i = b.do(t, lifecycle.Curator, i, desk.Recall{Reply: draft})
	b.denies(t, lifecycle.Approver, i, desk.Approve{Reply: draft}, fault.Conflict, "")
	b.do(t, lifecycle.Curator, i, desk.FanOut{Text: text, Reply: draft})
	if n := len(b.replies(t, i)); n != 1 {
		t.Errorf("%d replies of one draft", n)
	}
}

func TestWhatIsTakenBackMovesNoOtherDraft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "яма у школы")
	i = b.do(t, lifecycle.Operator, i, desk.Reject{Reason: "вопрос другого региона"})
	i = b.do(t, lifecycle.Operator, i, desk.Survey{})
	survey := b.replies(t, i)[0].ID
	i = b.do(t, lifecycle.Curator, i, desk.Reopen{Reason: "вопрос наш"})
	i = b.do(t, lifecycle.Curator, i, desk.Submit{Text: "Яму у школы заделают до 20 ноября.", Purpose: reply.Final})
	if i.State != lifecycle.Approval {
		t.Fatalf("a draft was submitted: %s", i.State)
	}
	if i = b.do(t, lifecycle.Curator, i, desk.Recall{Reply: survey}); i.State != lifecycle.Approval {
		t.Errorf("after the question was taken back the draft stands in %s", i.State)
	}
}

// What was to go to the author of an erased message goes nowhere, also when the message
// has left the incident whose reply it was.
func TestErasingEndsAReplyToAllElsewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.outage(t, 3)
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: "Свет на Мира дали в 14:00.", At: noon.Add(time.Hour)})
	list, err := b.db.Reader().Messages().OfIncident(t.Context(), scope.All(), int64(i.ID))
	must(t, err)
	b.do(t, lifecycle.Curator, b.now(t, i.ID), desk.Detach{Message: list[1].ID})
	for _, m := range []message.ID{list[0].ID, list[2].ID, list[1].ID} {
		if now := b.now(t, i.ID); now.State != lifecycle.Approval {
			t.Fatalf("something of the reply is left, and the incident stands in %s", now.State)
		}
		of, err := b.db.Reader().Messages().Incident(t.Context(), m)
		must(t, err)
		if _, err := b.Do(t.Context(), b.people[lifecycle.Admin], incident.ID(of), 0, desk.Erase{Message: m}); err != nil {
			t.Fatal(err)
		}
	}
	if i = b.now(t, i.ID); i.State != lifecycle.Rework {
		t.Errorf("nothing of the reply is left, and the incident stands in %s", i.State)
	}
}
