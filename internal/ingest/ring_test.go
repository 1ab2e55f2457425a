package ingest

import (
	"strings"
	"testing"
	"time"

	"otklik/internal/message"
)

func TestTheRingForgetsAfterADayAndKeepsNoLongTexts(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	var r ring
	r.add([]message.Message{{Source: "vk:-1", Native: "1", Thread: "a", Text: "вчера", SeenAt: noon}})
	r.add([]message.Message{
		{Source: "vk:-1", Native: "2", Thread: "a", Text: "сегодня", SeenAt: noon.Add(25 * time.Hour)},
		{Source: "vk:-1", Native: "3", Thread: "a", Text: strings.Repeat("я", ringText), SeenAt: noon.Add(25 * time.Hour)},
	})
	if r.list[0].Text != "" {
		t.Error("a text older than a day is still in memory")
	}
	got := r.recall(map[thread]struct{}{{"vk:-1", "a"}: {}})
	if len(got) != 1 || got[0].Native != "2" {
		t.Errorf("recall = %d messages, want the one of today that is no long text", len(got))
	}
}
