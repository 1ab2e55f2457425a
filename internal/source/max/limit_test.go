package max_test

import (
	"testing"
	"time"

	"otklik/internal/reply"
	"otklik/internal/source/max/maxfake"
)

func TestTheGaugeGoesByTheConnectorsClock(t *testing.T) {
	t.Parallel()
	f, b, channel, _ := open(t, maxfake.Options{})
	post := f.Post(channel, 0, "Двор")
	at := time.Date(2031, 5, 4, 10, 0, 0, 0, time.UTC)
	b.Now = func() time.Time { return at }
	if _, err := b.Publish(t.Context(), reply.Job{Parent: post, Thread: post, Text: "Починим"}); err != nil {
		t.Fatal(err)
	}
	all, chat := b.Quotas()[0], b.Quotas()[1]
	if all.Used != 2 || all.Peak != 2 || chat.Used != 1 || !all.Until.IsZero() { // the bot asks once who it is
		t.Errorf("a reply is told as %+v and %+v", all, chat)
	}
	f.Fail("", maxfake.Trouble{Kind: maxfake.Refuse, Code: 429, After: 90 * time.Second})
	if _, err := b.Publish(t.Context(), reply.Job{Parent: post, Thread: post, Text: "Починили"}); err == nil {
		t.Fatal("a refused reply has gone")
	}
	if q := b.Quotas()[0]; !q.Until.Equal(at.Add(90 * time.Second)) {
		t.Errorf("the wait that MAX asked for ends %v, want 90 s after %v", q.Until, at)
	}
	at = at.Add(2 * time.Hour)
	if all, chat := b.Quotas()[0], b.Quotas()[1]; all.Used != 0 || all.Peak != 0 || !all.Until.IsZero() || chat.Peak != 0 {
		t.Errorf("two hours later they still count: %+v and %+v", all, chat)
	}
}
