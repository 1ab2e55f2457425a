package vk_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/vk/vkfake"
)

func TestTheWallGivesItsPast(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	anna := fake.Person("Анна Петрова")
	now := clock.now()
	var pinned int64
	fake.Seed(func() {
		for k := range 130 {
			at := now.Add(time.Duration(k-130) * 6 * time.Hour)
			post := fake.PostAt(fake.Owner(), fmt.Sprintf("Запись %d", k), at)
			if k == 0 {
				pinned = post
			}
			if k%10 == 9 {
				for n := range 3 {
					if _, err := fake.CommentAt(post, 0, anna, fmt.Sprintf("Ответ %d", n), at.Add(time.Minute)); err != nil {
						t.Error(err)
					}
				}
			}
		}
	})
	if err := fake.Pin(pinned); err != nil { // old, and shown above all
		t.Fatal(err)
	}
	since := now.Add(-25*24*time.Hour - time.Minute)
	read := func(stop int) (seen map[string]string, position []byte, more bool) {
		seen = map[string]string{}
		var reached time.Time
		for steps := 0; ; steps++ {
			past, err := wall.Earlier(t.Context(), since, position)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range past.Messages {
				if m.PublishedAt.Before(since) {
					t.Errorf("%s is older than was asked for", m.Native)
				}
				seen[m.Native] = m.Revision.Key()
			}
			if past.Reached.After(reached) && !reached.IsZero() {
				t.Error("it goes forward")
			}
			if !past.Reached.IsZero() {
				reached = past.Reached
			}
			if position = past.Position; !past.More || steps == stop {
				return seen, position, past.More
			}
			if steps > 100 {
				t.Fatal("it has no end")
			}
		}
	}
	all, _, _ := read(-1)
	if len(all) != 130 { // 100 posts of 25 days, 10 of them with three comments
		t.Errorf("%d messages", len(all))
	}
	_, _, more := read(0)
	if !more {
		t.Error("one step is all")
	}
	batch, err := wall.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	both := 0
	for _, m := range batch.Messages {
		if rev, ok := all[m.Native]; ok {
			both++
			if rev != m.Revision.Key() {
				t.Errorf("%s is another revision to the live reading", m.Native)
			}
		}
	}
	if both == 0 {
		t.Error("the live reading and the past have nothing in common")
	}
	if past, err := wall.Earlier(t.Context(), since, []byte("{damaged")); err != nil || len(past.Messages) == 0 {
		t.Errorf("a damaged position: %d messages, %v", len(past.Messages), err)
	}
	wall.ServiceToken = "revoked"
	var e *source.Error
	if _, err := wall.Earlier(t.Context(), since, nil); !errors.As(err, &e) || e.Trouble != source.Person {
		t.Errorf("a revoked token: %v", err)
	}
}
