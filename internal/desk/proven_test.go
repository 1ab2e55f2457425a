package desk_test

import (
	"testing"
	"time"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

func TestAReplyPublishedByHandIsProvenOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Publishes = func(string) bool { return false }
	i := b.do(t, lifecycle.Operator, b.open(t, "1", "На Мира 5 не горит фонарь"), desk.Accept{HandOver: true})
	i = b.do(t, lifecycle.Curator, i, desk.Answer{Text: "Фонарь заменили сегодня утром.", Purpose: reply.Final})
	r := b.replies(t, i)[0]
	if r.State != reply.Published || r.Native != "" {
		t.Fatalf("the reply is %s with the receipt %q: it should have gone by hand", r.State, r.Native)
	}
	var jobs []reply.Job
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) (err error) {
		jobs, err = tx.Replies().ByHand(t.Context(), []string{"vk:-1"}, noon.Add(-time.Hour), 10)
		return err
	}))
	if len(jobs) != 1 || jobs[0].Text != r.Text {
		t.Fatalf("waiting for proof: %+v", jobs)
	}
	for _, native := range []string{"c7", "c8"} { // what is proven stays as it is
		must(t, b.Proven(t.Context(), jobs[0], reply.Receipt{Native: native, URL: "https://ok.example/" + native, At: noon}))
	}
	if r = b.replies(t, i)[0]; r.Native != "c7" || r.URL != "https://ok.example/c7" || r.State != reply.Published {
		t.Errorf("the reply has the receipt %q, %q and is %s", r.Native, r.URL, r.State)
	}
	history, err := b.db.Reader().Incidents().History(t.Context(), scope.All(), i.ID)
	must(t, err)
	n := 0
	for _, e := range history {
		if e.Detail.How == desk.HowProven {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the history tells of %d proofs", n)
	}
}

func TestAThreadAnsweredByHandIsProven(t *testing.T) {
	t.Parallel()
	b := newLintBench(t)
	i := b.outage(t, 3)
	b.do(t, lifecycle.Curator, i, desk.FanOut{Text: outage, Due: "до 25 ноября"})
	job := b.deliveries(t, i)[2]
	if job.State != reply.ByHand {
		t.Fatalf("the last thread is %s", job.State)
	}
	must(t, b.Proven(t.Context(), job, reply.Receipt{Native: "c9", URL: "https://ok.example/c9", At: noon}))
	if job = b.deliveries(t, i)[2]; job.State != reply.Sent || job.Proof != reply.ByReadBack || job.Native != "c9" || !job.SentAt.Equal(noon) {
		t.Errorf("the thread is %s by %q at %q", job.State, job.Proof, job.Native)
	}
	must(t, b.Proven(t.Context(), job, reply.Receipt{Native: "c10", At: noon}))
	if job = b.deliveries(t, i)[2]; job.Native != "c9" {
		t.Errorf("a proven thread was proven again as %q", job.Native)
	}
}
