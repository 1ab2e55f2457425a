package vk_test

import (
	"testing"
	"time"

	"otklik/internal/source/vk"
)

func TestMissed(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		native, code string
		known        vk.Known
	}{
		{"что-то", "unreadable", vk.Known{}},
		{"wall-1_2", "unknown", vk.Known{}},
		{"wall-1_2_r3", "found", vk.Known{Wall: true, Came: true, Incident: true}},
		{"wall-1_2_r3", "judged", vk.Known{Wall: true, Came: true, Verdict: "в нём нет просьбы"}},
		{"topic-1_2_r3", "unwatched", vk.Known{Wall: true, ReadAt: noon}},
		{"wall-1_2", "paused", vk.Known{Wall: true, Paused: true}},
		{"wall-1_2", "failing", vk.Known{Wall: true, Error: "Токен отозван.", ReadAt: noon, At: noon.Add(time.Hour)}},
		{"wall-1_2", "never", vk.Known{Wall: true}},
		{"wall-1_2_r3", "waiting", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(time.Minute)}},
		{"wall-1_2", "older", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(-200 * time.Hour), Oldest: noon.Add(-100 * time.Hour)}},
		{"wall-1_2_r3", "older", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(-time.Hour), Root: noon.Add(-200 * time.Hour), Oldest: noon.Add(-100 * time.Hour)}},
		{"wall-1_2_r3", "lost", vk.Known{Wall: true, ReadAt: noon, At: noon.Add(-time.Hour), Root: noon.Add(-2 * time.Hour), Oldest: noon.Add(-100 * time.Hour)}},
	} {
		if m := vk.Missed(c.native, c.known); m.Code != c.code || m.Sentence == "" {
			t.Errorf("%s with %+v: %+v, want %s", c.native, c.known, m, c.code)
		}
	}
}
