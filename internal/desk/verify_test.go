package desk_test

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/cluster"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/followup"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/russian"
	"otklik/internal/scope"
)

// hearing is a bench whose desk reads follow-ups.
func hearing(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	a, err := russian.New()
	must(t, err)
	j, err := followup.New(a)
	must(t, err)
	b.Follow = func(text string, c followup.Context) followup.Opinion { return j.Read(a.Read(text), c) }
	b.Key = func(text string) cluster.Key { return cluster.KeyOf(a.Read(text)) }
	return b
}

// answered opens an incident and publishes a reply to it.
func (b *bench) answered(t *testing.T, native string) *incident.Incident {
	t.Helper()
	i := b.open(t, native, "яма, письмо "+native)
	i = b.do(t, lifecycle.Operator, i, desk.Answer{Text: "Яму заделали."})
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		list, err := tx.Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
		if err != nil {
			return err
		}
		list[0].Native = "r" + native
		return tx.Replies().SaveReply(t.Context(), &list[0])
	}))
	jobs := b.jobs(t)
	must(t, b.Published(t.Context(), jobs[len(jobs)-1], reply.Receipt{Native: "r" + native, At: noon}))
	return b.now(t, i.ID)
}

func (b *bench) jobs(t *testing.T) (jobs []reply.Job) {
	t.Helper()
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		jobs, err = tx.Replies().Take(t.Context(), noon.AddDate(0, 0, 1), 10)
		return err
	}))
	return jobs
}

func (b *bench) now(t *testing.T, id incident.ID) *incident.Incident {
	t.Helper()
	i, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), id)
	must(t, err)
	return i
}

// says is a further comment under the reply, as intake hands it over.
func (b *bench) says(t *testing.T, i *incident.Incident, native, author, text string) (*incident.Incident, bool) {
	t.Helper()
	heard := false
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: native, Thread: "post", Event: message.Written,
			Revision: message.HashOf(text), Text: text, Author: author, SeenAt: noon, PublishedAt: noon, Place: i.Place}
		list, err := tx.Replies().OfIncident(t.Context(), scope.All(), int64(i.ID))
		if err != nil {
			return err
		}
		m.Parent = list[0].Native
		r := message.Reading{Kind: message.Noise}
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		f, err := tx.Feedback().Follows(t.Context(), m.Source, m.Thread, m.Parent, m.Author, noon.AddDate(0, -1, 0))
		if err != nil || f.Incident != int64(i.ID) {
			t.Fatalf("Follows = %+v, %v", f, err)
		}
		heard, err = b.Opener(tx, account.System()).Heard(t.Context(), f, m, &r)
		return err
	}))
	return b.now(t, i.ID), heard
}

func (b *bench) voices(t *testing.T, id incident.ID) []feedback.Voice {
	t.Helper()
	list, err := b.db.Reader().Feedback().OfIncident(t.Context(), scope.All(), int64(id))
	must(t, err)
	return list
}

func TestWhatTheAuthorSaysUnderTheReply(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		author, text string
		state        lifecycle.State
		verified     bool
		heard        bool
		voice        feedback.State
		meaning      feedback.Meaning
		mark         int
		messages     int
	}{
		"nothing was done":           {"anna", "Ничего не сделали, яма на месте", lifecycle.Rework, false, true, feedback.Acted, feedback.Refuted, 0, 2},
		"it is done":                 {"anna", "Спасибо, заделали!", lifecycle.Answered, true, true, feedback.Acted, feedback.Confirmed, 0, 2},
		"a bad mark":                 {"anna", "2", lifecycle.Rework, false, true, feedback.Acted, feedback.Mark, 2, 2},
		"a good mark proves nothing": {"anna", "5", lifecycle.Answered, false, true, feedback.Acted, feedback.Mark, 5, 2},
		"thanks for the answer":      {"anna", "Спасибо за ответ", lifecycle.Answered, false, true, feedback.Acted, feedback.Thanks, 0, 2},
		"done in part":               {"anna", "Сделали, но не всё", lifecycle.Answered, false, true, feedback.Waiting, feedback.Partly, 0, 2},
		"something else":             {"anna", "Передайте Сергею Петровичу", lifecycle.Answered, false, true, feedback.Waiting, feedback.Unsure, 0, 2},
		"a neighbour says no":        {"boris", "Неправда, никто ничего не делал", lifecycle.Answered, false, true, feedback.Waiting, feedback.Refuted, 0, 1},
		"a neighbour says yes":       {"boris", "Да, заделали, спасибо", lifecycle.Answered, false, true, feedback.Acted, feedback.Confirmed, 0, 1},
		"a neighbour's mark":         {"boris", "1", lifecycle.Answered, false, false, "", "", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hearing(t)
			i, heard := b.says(t, b.answered(t, "1"), "2", c.author, c.text)
			if i.State != c.state || i.Verified() != c.verified || heard != c.heard || i.Messages != c.messages {
				t.Errorf("state %s, verified %t, heard %t, %d messages; want %s, %t, %t, %d", i.State, i.Verified(), heard, i.Messages, c.state, c.verified, c.heard, c.messages)
			}
			list := b.voices(t, i.ID)
			if !c.heard {
				if len(list) != 0 {
					t.Errorf("voices: %+v", list)
				}
				return
			}
			if len(list) != 1 || list[0].State != c.voice || list[0].Meaning != c.meaning || list[0].Mark != c.mark {
				t.Errorf("voices: %+v", list)
			}
			if c.state == lifecycle.Rework && (i.Reopened != 1 || i.Outcome != "") {
				t.Errorf("reopened %d times, outcome %q", i.Reopened, i.Outcome)
			}
		})
	}
}

func TestAPersonWeighsWhatIsNotSure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		author, text string
		meaning      feedback.Meaning
		want         fault.Kind
		state        lifecycle.State
		verified     bool
	}{
		"not solved":             {"anna", "Сделали, но не всё", feedback.Refuted, "", lifecycle.Rework, false},
		"solved":                 {"anna", "Сделали, но не всё", feedback.Confirmed, "", lifecycle.Answered, true},
		"nothing follows":        {"anna", "Передайте Сергею Петровичу", feedback.Thanks, "", lifecycle.Answered, false},
		"a neighbour refutes":    {"boris", "Неправда, никто ничего не делал", feedback.Refuted, "", lifecycle.Rework, false},
		"a decision is required": {"anna", "Передайте Сергею Петровичу", feedback.Unsure, fault.Invalid, lifecycle.Answered, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hearing(t)
			i, _ := b.says(t, b.answered(t, "1"), "2", c.author, c.text)
			v := b.voices(t, i.ID)[0]
			_, err := b.Do(t.Context(), b.people[lifecycle.Controller], i.ID, i.Version, desk.Weigh{Voice: v.ID, Meaning: c.meaning})
			if fault.KindOf(err) != c.want {
				t.Fatalf("Weigh = %v, want %q", err, c.want)
			}
			if i = b.now(t, i.ID); i.State != c.state || i.Verified() != c.verified {
				t.Errorf("state %s, verified %t", i.State, i.Verified())
			}
			if err != nil {
				return
			}
			if _, err := b.Do(t.Context(), b.people[lifecycle.Controller], i.ID, 0, desk.Weigh{Voice: v.ID, Meaning: c.meaning}); !fault.Is(err, fault.Conflict) {
				t.Errorf("a second decision = %v, want a Conflict", err)
			}
		})
	}
}

func TestANeighboursOtherMatterLeavesWhereverItStands(t *testing.T) {
	t.Parallel()
	for name, moved := range map[string]bool{"it stands in none": false, "somebody attached it here": true} {
		b := hearing(t)
		i, _ := b.says(t, b.answered(t, "1"), "2", "boris", "Ничего не сделали, всё как было.")
		v := b.voices(t, i.ID)[0]
		if moved {
			i = b.do(t, lifecycle.Curator, i, desk.Attach{Message: message.ID(v.Message)})
		}
		i = b.do(t, lifecycle.Curator, i, desk.Weigh{Voice: v.ID, Meaning: feedback.NewMatter})
		of, err := b.db.Reader().Messages().Incident(t.Context(), message.ID(v.Message))
		must(t, err)
		if of == 0 || of == int64(i.ID) || i.Messages != 1 {
			t.Errorf("%s: the message is of incident %d, this one is %d with %d messages", name, of, i.ID, i.Messages)
		}
	}
}

func TestAnotherMatterBecomesAnIncidentOfItsOwn(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	i, _ := b.says(t, b.answered(t, "1"), "2", "anna", "А когда на Пушкина почините тротуар?")
	v := b.voices(t, i.ID)[0]
	if v.Meaning != feedback.NewMatter || v.State != feedback.Waiting {
		t.Fatalf("voice: %+v", v)
	}
	i = b.do(t, lifecycle.Curator, i, desk.Weigh{Voice: v.ID, Meaning: feedback.NewMatter})
	of := int64(0)
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		of, err = tx.Messages().Incident(t.Context(), message.ID(v.Message))
		return err
	}))
	if of == 0 || of == int64(i.ID) || i.Messages != 1 {
		t.Errorf("the message is of incident %d, the old one has %d messages", of, i.Messages)
	}
}

func TestClosingSaysHowItIsKnown(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	i := b.do(t, lifecycle.Curator, b.answered(t, "1"), desk.Close{Outcome: lifecycle.Solved, How: "photo"})
	if !i.Verified() || i.VerifiedHow != "photo" {
		t.Errorf("verified %t by %q", i.Verified(), i.VerifiedHow)
	}
	j := b.do(t, lifecycle.Curator, b.answered(t, "2"), desk.Close{Outcome: lifecycle.Solved})
	if j.Verified() {
		t.Error("what nobody looked at is verified")
	}
	waiting, err := b.db.Reader().Feedback().Sampled(t.Context(), scope.All(), 10)
	must(t, err)
	if len(waiting) == 0 || waiting[len(waiting)-1].Incident != int64(j.ID) || waiting[len(waiting)-1].How != desk.NotKnown {
		t.Fatalf("the controller's sample: %+v", waiting)
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Curator], b.answered(t, "3").ID, 0, desk.Close{Outcome: lifecycle.Solved, How: "guess"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown way = %v", err)
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Controller], j.ID, 0, desk.Check{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a check without a reason = %v", err)
	}
	j = b.do(t, lifecycle.Controller, j, desk.Check{Reason: "Яма на месте, был 20 ноября"})
	c, err := b.db.Reader().Feedback().LastClosure(t.Context(), int64(j.ID))
	must(t, err)
	if j.State != lifecycle.Rework || c.FalseWhy != feedback.ByCheck {
		t.Errorf("state %s, closure %+v", j.State, c)
	}
	if _, err := b.Do(t.Context(), b.people[lifecycle.Executor], i.ID, 0, desk.Check{Solved: true}); err == nil {
		t.Error("an executor checks")
	}
}

func TestALinkJudgesOnce(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	b.Site = "https://centre.example"
	i := b.do(t, lifecycle.Curator, b.answered(t, "1"), desk.Close{Outcome: lifecycle.Solved})
	link, err := b.Invite(t.Context(), b.people[lifecycle.Curator], i.ID)
	must(t, err)
	secret, ok := strings.CutPrefix(link, "https://centre.example/r/")
	if !ok || len(secret) < 20 {
		t.Fatalf("link %q", link)
	}
	for _, bad := range []desk.Verdict{{}, {Mark: 6}, {Meaning: "nonsense"}, {Meaning: feedback.NewMatter}, {Mark: 1, Text: strings.Repeat("я", 2001)}} {
		if _, err := b.Judged(t.Context(), secret, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("Judged(%+v) = %v", bad, err)
		}
	}
	if _, err := b.Judged(t.Context(), "other", desk.Verdict{Mark: 2}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown link = %v", err)
	}
	if again, err := b.Judged(t.Context(), secret, desk.Verdict{Meaning: feedback.Refuted, Mark: 2, Text: "Яма на месте"}); err != nil || !again {
		t.Fatalf("Judged = %t, %v; want that the work begins anew", again, err)
	}
	if i = b.now(t, i.ID); i.State != lifecycle.Rework {
		t.Errorf("state %s", i.State)
	}
	if v := b.voices(t, i.ID); len(v) != 1 || v[0].Text != "Яма на месте" || v[0].Way != feedback.Link || v[0].Mark != 2 {
		t.Errorf("voices: %+v", v)
	}
	if _, err := b.Judged(t.Context(), secret, desk.Verdict{Mark: 5}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second time = %v", err)
	}
	j := b.do(t, lifecycle.Curator, b.answered(t, "2"), desk.Close{Outcome: lifecycle.Solved})
	link, err = b.Invite(t.Context(), b.people[lifecycle.Curator], j.ID)
	must(t, err)
	now := b.Now
	b.Now = func() time.Time { return now().AddDate(0, 2, 0) }
	if _, err := b.Judged(t.Context(), strings.TrimPrefix(link, "https://centre.example/r/"), desk.Verdict{Mark: 5}); !fault.Is(err, fault.Conflict) {
		t.Errorf("after two months = %v", err)
	}
}

func TestTheAuthorIsAsked(t *testing.T) {
	t.Parallel()
	b := hearing(t)
	i := b.do(t, lifecycle.Curator, b.answered(t, "1"), desk.Close{Outcome: lifecycle.Solved})
	i = b.do(t, lifecycle.Curator, i, desk.Survey{})
	jobs := b.jobs(t)
	if i.State != lifecycle.Closed || len(jobs) != 1 {
		t.Fatalf("state %s, %d jobs", i.State, len(jobs))
	}
	must(t, b.Published(t.Context(), jobs[0], reply.Receipt{Native: "q1", At: noon}))
	if i = b.now(t, i.ID); i.State != lifecycle.Closed {
		t.Errorf("after it was published: %s", i.State)
	}
	if strings.Contains(jobs[0].Text, "/r/") {
		t.Error("a link for one stands where everybody reads it")
	}
}

func TestASecondComplaintSoonAfterShowsAFalseClosure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		house string
		later time.Duration
		false bool
	}{
		"the same house, a week later": {"5", 7 * 24 * time.Hour, true},
		"another house":                {"7", 7 * 24 * time.Hour, false},
		"the same house, months later": {"5", 70 * 24 * time.Hour, false},
		"written before it was closed": {"5", -time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hearing(t)
			first := b.at(t, "1", "яма у подъезда", "улица Мира", "5", noon)
			first = b.do(t, lifecycle.Operator, first, desk.Answer{Text: "Заделали."})
			must(t, b.Published(t.Context(), b.jobs(t)[0], reply.Receipt{Native: "r1", At: noon}))
			first = b.do(t, lifecycle.Curator, b.now(t, first.ID), desk.Close{Outcome: lifecycle.Solved, How: "photo"})
			now := b.Now
			b.Now = func() time.Time { return now().Add(max(c.later, 0)) }
			second := b.at(t, "2", "опять яма у подъезда", "улица Мира", c.house, noon.Add(c.later))
			closure, err := b.db.Reader().Feedback().LastClosure(t.Context(), int64(first.ID))
			must(t, err)
			if got := closure.FalseWhy == feedback.Again && closure.Repeat == int64(second.ID); got != c.false {
				t.Errorf("closure %+v, want false %t", closure, c.false)
			}
		})
	}
}
