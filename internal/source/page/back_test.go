package page_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/page"
	"otklik/internal/source/page/pagefake"
)

// The live reading watches the first threads of a list alone; the past goes through its pages.
func TestThePastGoesThroughThePagesOfTheList(t *testing.T) {
	t.Parallel()
	fake, board, clock := open(t, pagefake.Options{PerPage: 10})
	board.Threads = 5
	for k := range 150 {
		fake.Topic("Пётр", fmt.Sprintf("Старая тема %d", k), "Давно решено")
	}
	long, _ := fake.Topic("Пётр", "Про двор", "Начало")
	for k := range 35 {
		if _, err := fake.Post(long, "Олег", fmt.Sprintf("Давний ответ %d", k), 0); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(30 * 24 * time.Hour)
	since := clock.Now().Add(-24 * time.Hour)
	want := map[string]bool{}
	for k := range 70 { // over three pages of the list
		topic, first := fake.Topic("Анна", fmt.Sprintf("Тема %d", k), "Не горит фонарь")
		want[native(topic, first)] = true
		for range 2 {
			n, err := fake.Post(topic, "Олег", "И у нас", first)
			if err != nil {
				t.Fatal(err)
			}
			want[native(topic, n)] = true
		}
	}
	last, err := fake.Post(long, "Анна", "А теперь снова", 0)
	if err != nil {
		t.Fatal(err)
	}
	want[native(long, last)] = true

	var position []byte
	got := map[string]bool{}
	steps := 0
	for more := true; more; steps++ {
		past, err := board.Earlier(t.Context(), since, position)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range past.Messages {
			if got[m.Native] = true; !want[m.Native] {
				t.Errorf("%s is not of the asked days", m.Native)
			}
			if m.Native == native(long, last) && (m.Thread == "" || m.Author == "" || m.URL == "") {
				t.Errorf("a new post of an old thread came as %+v", m)
			}
		}
		if position, more = past.Position, past.More; steps > 200 {
			t.Fatal("it has no end")
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d posts of %d", len(got), len(want))
	}
	if steps > 70 { // 71 threads, four pages of one of them, five of the list, and one page of old threads
		t.Errorf("%d steps: old threads were read to the end of the forum", steps)
	}
}

func TestAForumWithoutDatesGivesNoPast(t *testing.T) {
	t.Parallel()
	fake, board, clock := open(t, pagefake.Options{})
	fake.Topic("Анна", "Тема", "Не горит фонарь")
	board.Recipe = recipe(t, strings.Replace(pagefake.Recipe, `"date": ".date", `, "", 1))
	past, err := board.Earlier(t.Context(), clock.Now().Add(-24*time.Hour), nil)
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != source.Permanent || !strings.Contains(e.Sentence, "posts.date") {
		t.Errorf("Earlier = %d messages, %v: nobody knows how old they are", len(past.Messages), err)
	}
}

func TestThePastOfOneThread(t *testing.T) {
	t.Parallel()
	fake, board, clock := open(t, pagefake.Options{PerPage: 5})
	topic, first := fake.Topic("Анна", "Тема", "Не горит фонарь")
	for k := range 22 {
		if _, err := fake.Post(topic, "Олег", fmt.Sprintf("И у нас %d", k), first); err != nil {
			t.Fatal(err)
		}
	}
	at, err := board.URL.Parse(fmt.Sprintf("topic.php?t=%d", topic))
	if err != nil {
		t.Fatal(err)
	}
	one := *board
	one.URL, one.Recipe = at, recipe(t, pagefake.Recipe)
	one.Recipe.Threads = nil
	got, position := 0, []byte(nil)
	for range 20 {
		past, err := one.Earlier(t.Context(), clock.Now().Add(-24*time.Hour), position)
		if err != nil {
			t.Fatal(err)
		}
		if got, position = got+len(past.Messages), past.Position; !past.More {
			break
		}
	}
	if got != 23 {
		t.Errorf("%d posts of 23", got)
	}
}

var _ source.Historian = (*page.Board)(nil)
