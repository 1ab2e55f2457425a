package herald_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

var update = flag.Bool("update", false, "write the examples into docs/webhooks.md")

// TestTheDocsShowRealCalls compares the examples with what goes out.
func TestTheDocsShowRealCalls(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory(t), true)
	w := &webhook.Webhook{Source: "hook:portal", Events: webhook.Events()}
	h.from = "hook:portal"
	h.hook(w)
	id := h.open(2)
	h.change(func(tx incident.Tx) error {
		at := scope.Place{Region: khakassia, Centre: abakan}
		r := &reply.Reply{Incident: int64(id), Message: 1, Purpose: reply.Final, State: reply.Approved, Text: "Яму засыпали сегодня.", CreatedAt: h.now, Place: at}
		if err := tx.Replies().SaveReply(t.Context(), r); err != nil {
			return err
		}
		return tx.Replies().Enqueue(t.Context(), &reply.Job{Reply: r.ID, Incident: int64(id), Source: "hook:portal", Thread: "t-17", Parent: "m-17", Key: "otklik-1-2-1763629200000000000", State: reply.Waiting, NextAt: h.now, Place: at})
	})
	job, err := h.db.Reader().Webhooks().JobOf(t.Context(), "otklik-1-2-1763629200000000000")
	if err != nil {
		t.Fatal(err)
	}
	p := h.herald.Publisher("hook:portal")
	// A crash came between taking the job and queueing its call: looking for it queues it, once.
	for range 2 {
		if _, found, err := p.Find(t.Context(), *job); found || err != nil {
			t.Fatalf("Find = %t, %v", found, err)
		}
	}
	if d := h.owed(w.ID); d[0].Event != webhook.Publish || d[1].Event == webhook.Publish {
		t.Fatalf("owed: %+v", d)
	}
	if _, err := p.Publish(t.Context(), *job); err == nil {
		t.Fatal("nothing was confirmed")
	}
	for range 3 {
		h.step()
	}
	const path = "../../docs/webhooks.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	seen := map[webhook.Event]bool{}
	for _, c := range h.heard() {
		var out bytes.Buffer
		if err := json.Indent(&out, []byte(c.raw), "", "  "); err != nil {
			t.Fatal(err)
		}
		mark := "<!-- " + string(c.body.Type) + " -->\n```json\n"
		start := strings.Index(doc, mark)
		if start < 0 {
			t.Errorf("the page has no example of %s", c.body.Type)
			continue
		}
		start += len(mark)
		end := start + strings.Index(doc[start:], "```")
		if got := strings.TrimSpace(doc[start:end]); got != out.String() && !*update {
			t.Errorf("the example of %s is another one now; run go test ./internal/herald -run Docs -update\n%s", c.body.Type, out.String())
		}
		doc = doc[:start] + out.String() + "\n" + doc[end:]
		seen[c.body.Type] = true
	}
	if len(seen) != 3 {
		t.Errorf("examples of %d events", len(seen))
	}
	if *update {
		if err := os.WriteFile(path, []byte(doc), 0o644); err != nil { //nolint:gosec // a page of the docs
			t.Fatal(err)
		}
	}
}
