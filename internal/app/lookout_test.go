package app_test

import (
	"fmt"
	"testing"

	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/standing"
)

// A saved query keeps what nothing else would, says so in the reading, and is
// counted with it in one transaction: not for what it lets pass, not twice, and
// not for an edit.
func TestASavedQueryCatchesAndIsCounted(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	ctx := t.Context()
	about := func(n int, text string) message.Message {
		return message.Message{Source: "vk:-7", Channel: message.VK, Form: message.Post, Native: fmt.Sprint(n), Event: message.Written, Revision: message.HashOf(text),
			Text: text, PublishedAt: c.now(), Territory: khakassia}
	}
	words := "Открытие скейтпарка перенесли на весну"
	if sum, err := c.Intake.Take(ctx, []message.Message{about(1, words)}, nil); err != nil || sum.NotOurs != 1 {
		t.Fatalf("before the query: %+v, %v", sum, err)
	}
	q := standing.Query{Name: "Скейтпарк", Text: "скейтпарк & !продам", On: true, Examples: []standing.Example{{Text: "в скейтпарке темно", Must: true}}}
	if err := c.Lookout.Save(ctx, c.analyst(), &q, false); err != nil {
		t.Fatal(err)
	}
	tried, err := c.Lookout.Try(ctx, c.analyst(), &q)
	if err != nil || tried.Dropped != 1 || tried.Kept != 0 {
		t.Errorf("Try = %+v, %v: what was dropped before is found", tried, err)
	}
	batch := []message.Message{about(2, words), about(3, "Продам билет в скейтпарк"), about(4, words+"!")}
	for range 2 { // the second time adds nothing
		if _, err := c.Intake.Take(ctx, batch, nil); err != nil {
			t.Fatal(err)
		}
	}
	edited := about(2, words+", пишут")
	if _, err := c.Intake.Take(ctx, []message.Message{edited}, nil); err != nil {
		t.Fatal(err)
	}
	w, err := c.Lookout.One(ctx, scope.OfRegion(khakassia), q.ID)
	if err != nil || w.Hits != 2 || w.Today() != 2 || w.Week() != 2 || !w.LastHit.Equal(c.now()) {
		t.Errorf("hits %d, today %d, last %v, %v; want 2 of them", w.Hits, w.Today(), w.LastHit, err)
	}
	seen, err := c.DB.Reader().Ring().Seen(ctx, scope.All(), c.now().AddDate(0, 0, -1), 0)
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, s := range seen {
		if !s.Kept {
			continue
		}
		kept++
		r := c.Reader.Read(s.Message)
		if r.Watch != "Скейтпарк" || fmt.Sprint(r.Queries) != fmt.Sprintf("[%d]", q.ID) || len(r.Evidence) == 0 || r.Evidence[0].Why != "правило наблюдения «Скейтпарк»" {
			t.Errorf("the reading says %q, %v, %+v", r.Watch, r.Queries, r.Evidence)
		}
	}
	if kept != 2 {
		t.Errorf("%d are kept, want 2", kept)
	}
	if _, err := c.Lookout.Switch(ctx, c.analyst(), q.ID, 0, false); err != nil {
		t.Fatal(err)
	}
	if sum, err := c.Intake.Take(ctx, []message.Message{about(9, "Скейтпарк закрыли")}, nil); err != nil || sum.NotOurs != 1 {
		t.Errorf("after it was turned off: %+v, %v", sum, err)
	}
}
