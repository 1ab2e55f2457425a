package vk_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// What a wall's cursor remembers, and what VK shows when it is asked for one thing alone.
func TestRememberAndLook(t *testing.T) {
	t.Parallel()
	f, err := vkfake.New(vkfake.Options{Group: 5, ServiceToken: "good"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	w := &vk.Wall{Group: 5, ServiceToken: "good", BaseURL: srv.URL + "/method/", HTTP: srv.Client(), Limits: &vk.Limits{PerSecond: -1}}
	born := time.Now().Add(-time.Hour).Truncate(time.Second)
	post := f.PostAt(f.Person("Анна"), "Новый двор", born)
	say := func(to int64, text string) int64 {
		id, err := f.Comment(post, to, f.Person("Пётр"), text)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	first := say(0, "Нет света")
	say(0, "И у нас")
	answer := say(first, "Второй день")
	b, err := w.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	late := say(0, "Опоздал")
	ref := func(comment int64) vk.Ref { return vk.Ref{Place: "wall", Owner: -5, Item: post, Comment: comment} }
	for comment, seen := range map[int64]bool{first: true, answer: true, late: false} {
		m := vk.Remember(b.Cursor, ref(comment))
		if m.Comment != seen || !m.Post || !m.Born.Equal(born) || m.Read.IsZero() || m.PostGone || m.Gone || !m.Oldest.Equal(born) {
			t.Errorf("comment %d: %+v, want seen %t", comment, m, seen)
		}
	}
	if m := vk.Remember(b.Cursor, vk.Ref{Place: "wall", Owner: -5, Item: 999}); m.Post || m.Oldest.IsZero() {
		t.Errorf("an unknown post: %+v", m)
	}
	for _, c := range []struct {
		comment, thread int64
		text            string
	}{{0, 0, "Новый двор"}, {first, 0, "Нет света"}, {answer, first, "Второй день"}, {late, 0, "Опоздал"}, {answer, 0, ""}, {12345, 0, ""}} {
		m, found, err := w.Look(t.Context(), ref(c.comment), c.thread)
		if err != nil || found != (c.text != "") || m.Text != c.text || found && (m.Native != ref(c.comment).String() || m.PublishedAt.IsZero()) {
			t.Errorf("looking at %d: %v %t %+v", c.comment, err, found, m)
		}
	}
	if err := f.Delete(first); err == nil {
		if _, found, err := w.Look(t.Context(), ref(first), 0); found || err != nil {
			t.Errorf("a deleted comment is shown: %v", err)
		}
	}
	if _, found, err := w.Look(t.Context(), vk.Ref{Place: "wall", Owner: -5, Item: 999}, 0); found || err != nil {
		t.Errorf("a post that is none is shown: %v", err)
	}
}
