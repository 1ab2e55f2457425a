package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"otklik/internal/assistant"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// A parrot is an assistant that knows one answer.
type parrot struct{ told assistant.Case }

func (p *parrot) Draft(_ context.Context, c assistant.Case) (string, error) {
	p.told = c
	return "Здравствуйте! Яму в Абазе заделают до 25 ноября, бригада выезжает утром.", nil
}
func (p *parrot) Summary(context.Context, assistant.Case) (string, error) {
	return "Речь о яме.", nil
}
func (p *parrot) Name() string { return "попугай" }

func TestAMachinesDraftNeverGoesByItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "Абаза, яма")
	ask := func(who lifecycle.Role, kind string) (reply.MachineDraft, error) {
		return b.Assist(t.Context(), b.db.Reader(), b.people[who], i, kind, reply.Final)
	}
	if _, err := ask(lifecycle.Operator, reply.MachineReply); fault.KindOf(err) != fault.Conflict {
		t.Errorf("without an assistant: %v", err)
	}
	p := &parrot{}
	b.Options.Assistant = p
	for name, c := range map[string]struct {
		who  lifecycle.Role
		kind string
		want fault.Kind
	}{"a leader": {lifecycle.Leader, reply.MachineReply, fault.Forbidden}, "another kind": {lifecycle.Operator, "poem", fault.Invalid}} {
		if _, err := ask(c.who, c.kind); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := ask(lifecycle.Operator, reply.MachineReply)
	if err != nil || m.ID == 0 || m.Model != "попугай" || len(p.told.Messages) != 1 {
		t.Fatalf("Assist = %+v, %v, told %+v", m, err, p.told)
	}
	if n := len(b.replies(t, i)) + len(b.jobs(t)); n != 0 {
		t.Errorf("asking left %d replies and jobs", n)
	}
	do := func(c desk.Change) error {
		_, err := b.Do(t.Context(), b.people[lifecycle.Operator], i.ID, 0, c)
		return err
	}
	for name, text := range map[string]string{"as it is": m.Text, "with other spaces": " " + m.Text + "\n", "with words around it": "Добрый день.\n\n" + m.Text + " Пишите."} {
		for _, c := range []desk.Change{desk.Answer{Text: text}, desk.Submit{Text: text, Making: desk.Making{Draft: m.ID}}} {
			if err := do(c); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s, %s: %v, want a refusal", name, c.Action(), err)
			}
		}
	}
	how := func() string {
		t.Helper()
		history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
		must(t, err)
		return history[len(history)-1].Detail.Machine
	}
	must(t, do(desk.Submit{Text: m.Text, Making: desk.Making{Draft: m.ID, Accepted: true}}))
	if how() != reply.MachineAccepted {
		t.Errorf("the history says %q", how())
	}
	must(t, do(desk.Answer{Text: "Здравствуйте! Яму в Абазе заделали 19 ноября.", Making: desk.Making{Draft: m.ID}}))
	if how() != reply.MachineEdited {
		t.Errorf("the history says %q of what a person changed", how())
	}
	if list := b.replies(t, i); list[0].Machine != reply.MachineAccepted || list[len(list)-1].Machine != reply.MachineEdited {
		t.Errorf("the replies are %q and %q", list[0].Machine, list[len(list)-1].Machine)
	}
	other := b.open(t, "2", "Абаза, другая яма")
	if _, err := b.Do(t.Context(), b.people[lifecycle.Operator], other.ID, 0, desk.Answer{Text: m.Text}); err != nil {
		t.Errorf("the same words elsewhere: %v", err)
	}
}

// TestAMachinesDraftStaysOneThroughReturnAndCorrection: who approves sees where the words
// come from, however often they were returned, until somebody wrote them anew.
func TestAMachinesDraftStaysOneThroughReturnAndCorrection(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Options.Assistant = &parrot{}
	i := b.open(t, "1", "Абаза, яма")
	do := func(who lifecycle.Role, c desk.Change) {
		t.Helper()
		if _, err := b.Do(t.Context(), b.people[who], i.ID, 0, c); err != nil {
			t.Fatalf("%s: %v", c.Action(), err)
		}
	}
	m, err := b.Assist(t.Context(), b.db.Reader(), b.people[lifecycle.Operator], i, reply.MachineReply, reply.Final)
	must(t, err)
	last := func() reply.Reply {
		list := b.replies(t, i)
		return list[len(list)-1]
	}
	do(lifecycle.Operator, desk.Submit{Text: m.Text, Making: desk.Making{Draft: m.ID, Accepted: true}})
	if got := last().Machine; got != reply.MachineAccepted {
		t.Errorf("accepted as it is: %q", got)
	}
	for _, c := range []struct{ text, want string }{
		{"Здравствуйте! Яму в Абазе заделают до 26 ноября, бригада выезжает завтра утром.", reply.MachineEdited},
		{"Здравствуйте! Яму в Абазе на улице Ленина заделают до 26 ноября, бригада выезжает завтра.", reply.MachineEdited}, // the second return
		{"Яма засыпана щебнем вчера. Асфальт положат, когда потеплеет, не позже 20 апреля: зимой его не кладут.", ""},
		{"Яма засыпана щебнем вчера. Асфальт положат до 20 апреля.", ""},
	} {
		do(lifecycle.Curator, desk.Return{Reply: last().ID, Reason: "Поправьте день"})
		do(lifecycle.Operator, desk.Submit{Text: c.text})
		if got := last().Machine; got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
	do(lifecycle.Curator, desk.Return{Reply: last().ID, Reason: "Поправьте день"})
	do(lifecycle.Operator, desk.Submit{Text: m.Text, Making: desk.Making{Accepted: true}})
	do(lifecycle.Curator, desk.Approve{Reply: last().ID, Text: "Здравствуйте! Яму в Абазе заделают до 27 ноября, бригада выезжает утром."})
	if got := last(); got.Machine != reply.MachineEdited || got.State != reply.Approved {
		t.Errorf("an approver's correction of what was accepted as it is: %q, %s", got.Machine, got.State)
	}
}

// TestAMachinesDraftNeverGoesToAllByItself: asking leaves nothing on its way, its words go to
// a thousand threads only when a person answers for them, and the mark stands on the reply.
func TestAMachinesDraftNeverGoesToAllByItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Options.Assistant = &parrot{}
	i := b.outage(t, 3)
	m, err := b.Assist(t.Context(), b.db.Reader(), b.people[lifecycle.Curator], i, reply.MachineReply, reply.Final)
	must(t, err)
	if n := len(b.replies(t, i)) + len(b.deliveries(t, i)); n != 0 {
		t.Fatalf("asking left %d replies and jobs", n)
	}
	edited := "Здравствуйте! Яму в Абазе заделают до 26 ноября, бригада выезжает завтра утром."
	for name, c := range map[string]desk.FanOut{
		"as it is":                 {Text: m.Text},
		"named":                    {Text: m.Text, Draft: m.ID},
		"with words around it":     {Text: "Добрый день.\n" + m.Text + " {{номер}}", Auto: true},
		"with a day that is put":   {Text: strings.Replace(m.Text, "до 25 ноября", "{{срок}}", 1), Due: "до 25 ноября"},
		"later":                    {Text: m.Text, At: noon.Add(time.Hour)},
		"leaving some to a person": {Text: m.Text, Skip: true},
	} {
		b.denies(t, lifecycle.Curator, i, c, fault.Invalid, "accepted")
		if n := len(b.replies(t, i)) + len(b.deliveries(t, i)); n != 0 {
			t.Fatalf("%s: what was refused left %d replies and jobs", name, n)
		}
	}
	last := func(want string) {
		t.Helper()
		list := b.replies(t, i)
		history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
		must(t, err)
		if r, h := list[len(list)-1], history[len(history)-1].Detail.Machine; r.Machine != want || h != want || r.Message != 0 {
			t.Errorf("the reply to message %d is %q and the history says %q, want %q", r.Message, r.Machine, h, want)
		}
	}
	cancel := func() {
		t.Helper()
		f := must1(b.db.Reader().Fanouts().FanoutsOf(t.Context(), scope.All(), int64(i.ID)))[0]
		i = b.do(t, lifecycle.Curator, i, desk.Halt{Fanout: f.ID, How: desk.HowCancel})
	}
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: m.Text, Accepted: true})
	last(reply.MachineAccepted)
	cancel()
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: edited}) // no page names the draft
	last(reply.MachineEdited)
	cancel()
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Text: "Кабель на подстанции заменён, свет дали в полдень."})
	last("")
	cancel()
	i = b.do(t, lifecycle.Operator, i, desk.Submit{Text: m.Text, Making: desk.Making{Accepted: true}})
	list := b.replies(t, i)
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Reply: list[len(list)-1].ID, Text: m.Text}) // the approver read the mark
	last(reply.MachineAccepted)
	cancel()
	i = b.do(t, lifecycle.Operator, i, desk.Submit{Text: m.Text, Making: desk.Making{Accepted: true}})
	list = b.replies(t, i)
	i = b.do(t, lifecycle.Curator, i, desk.FanOut{Reply: list[len(list)-1].ID, Text: m.Text + " Номер — {{номер}}."})
	last(reply.MachineAccepted)
}
