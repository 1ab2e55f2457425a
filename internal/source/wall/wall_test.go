package wall_test

import (
	"testing"
	"time"

	"otklik/internal/message"
	"otklik/internal/source/wall"
)

var now = time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)

func said(text string) *message.Message { return &message.Message{Text: text, PublishedAt: now} }

func TestATextThatComesBackIsARevisionOfItsOwn(t *testing.T) {
	t.Parallel()
	var it wall.Item
	keys := map[string]string{}
	for _, text := range []string{"А", "Б", "А", "Б"} {
		m := said(text)
		if !it.See(m, 1, "") || m.Event != message.Written {
			t.Fatalf("%s is no news", text)
		}
		if was, ok := keys[m.Revision.Key()]; ok {
			t.Errorf("%s has the revision of %s", text, was)
		}
		keys[m.Revision.Key()] = text
		if it.See(said(text), 1, "") {
			t.Errorf("%s is news twice", text)
		}
	}
	m := said("")
	if !it.Lose(m, "") || m.Event != message.Deleted || it.Lose(m, "") {
		t.Error("a deletion is news once")
	}
	if m = said("Б"); !it.See(m, 2, "") || m.Event != message.Restored {
		t.Errorf("what is shown again came as %q", m.Event)
	}
}

func TestTwoLooksMakeADeletion(t *testing.T) {
	t.Parallel()
	var w wall.Wall
	p := w.Post("p")
	p.See(said("Запись"), 0, "")
	p.Begin()
	p.Comment("c").See(said("Ответ"), p.Rounds, "")
	p.Comment("told").See(said("Ещё"), p.Rounds, "event")
	if gone := p.Finish(now); len(gone) != 0 || p.Due(now, time.Minute) {
		t.Fatalf("gone %v after a look that showed all", gone)
	}
	p.Begin()
	p.Comment("told").See(said("Ещё"), p.Rounds, "")
	if gone := p.Finish(now); len(gone) != 0 {
		t.Fatalf("gone %v after one look", gone)
	}
	if !p.Due(now, time.Hour) {
		t.Error("the second look is not due at once")
	}
	p.Begin()
	p.Comment("told").See(said("Ещё"), p.Rounds, "")
	if gone := p.Finish(now); len(gone) != 1 || gone[0] != "c" {
		t.Errorf("gone %v after two looks", gone)
	}
	for look, want := range [][]string{nil, {"p"}, nil} {
		if gone := w.Unseen(nil, 0); len(gone) != len(want) {
			t.Errorf("look %d: posts %v are gone, want %v", look, gone, want)
		}
	}
	if w.Unseen(nil, now.UnixMilli()+1); len(w.Posts) != 0 {
		t.Error("a post that newer ones pushed out is still watched")
	}
}

func TestASleepingPostIsReadSeldom(t *testing.T) {
	t.Parallel()
	p := &wall.Post{}
	p.Stir(now)
	p.Finish(now)
	for _, tt := range []struct {
		idle, since time.Duration
		want        bool
	}{
		{time.Minute, time.Minute, false}, {time.Minute, 2 * time.Minute, true},
		{24 * time.Hour, 10 * time.Minute, false}, {24 * time.Hour, 15 * time.Minute, true},
		{1000 * time.Hour, 5 * time.Hour, false}, {1000 * time.Hour, 6 * time.Hour, true},
	} {
		at := now.Add(tt.idle)
		p.At = at.Add(-tt.since).Unix()
		if got := p.Due(at, 2*time.Minute); got != tt.want {
			t.Errorf("idle for %v, read %v ago: due %v, want %v", tt.idle, tt.since, got, tt.want)
		}
	}
}

func TestADamagedWall(t *testing.T) {
	t.Parallel()
	w := wall.Wall{Posts: map[string]*wall.Post{"a": nil, "b": {Comments: map[string]*wall.Item{"c": nil}}}}
	w.Tidy()
	if len(w.Posts) != 1 || len(w.Posts["b"].Comments) != 0 {
		t.Errorf("tidied: %+v", w)
	}
}
