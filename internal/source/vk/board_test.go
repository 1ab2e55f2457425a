package vk_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/sourcetest"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

// ref is a native id taken apart.
func refOf(t *testing.T, native string) vk.Ref {
	t.Helper()
	r, err := vk.ParseRef(native)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBoardContract(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) *sourcetest.Network {
		fake, wall, clock := open(t, vkfake.Options{})
		wall.Boards = true
		resident := fake.Person("Анна Петрова")
		topic := int64(0)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		spoils := map[sourcetest.Spoil]func(){
			sourcetest.Down:    func() { fake.Fail("", vkfake.Status, http.StatusBadGateway) },
			sourcetest.Later:   func() { fake.Fail("wall.get", vkfake.Refuse, 6) },
			sourcetest.Person:  func() { fake.Fail("wall.get", vkfake.Refuse, 5) },
			sourcetest.Garbage: func() { fake.Fail("wall.get", vkfake.Garbage, 0) },
			sourcetest.Huge:    func() { fake.Fail("wall.get", vkfake.Huge, 0) },
			sourcetest.Odd:     func() { fake.Fail("wall.get", vkfake.Odd, 0) },
		}
		return &sourcetest.Network{
			Cannot: map[sourcetest.Lack]string{
				sourcetest.NoTalk:  "a topic is a flat list, and no message itself",
				sourcetest.NoPast:  "the past is that of the wall",
				sourcetest.NoWrite: "VK lets only a user's token answer in discussions",
			},
			Puller: wall, Dead: deadWall(t), Secrets: []string{serviceToken, communityToken},
			Post: func(text string) string {
				ref := vk.Ref{Place: "topic", Owner: fake.Owner()}
				if topic == 0 {
					topic, ref.Comment = fake.Topic(resident, "Благоустройство", text)
					ref.Item = topic
					return ref.String()
				}
				id, err := fake.Discuss(topic, resident, text)
				must(err)
				ref.Item, ref.Comment = topic, id
				return ref.String()
			},
			Edit:    func(native, text string) { must(fake.Edit(refOf(t, native).Comment, text)) },
			Delete:  func(native string) { must(fake.Delete(refOf(t, native).Comment)) },
			Restore: func(native string) { must(fake.Restore(refOf(t, native).Comment)) },
			Advance: clock.advance,
			Spoil:   func(s sourcetest.Spoil, _ bool) { spoils[s]() },
		}
	})
}

// Topics are read where something came, by events as by reading; a closed one is read, a
// deleted one was said to its opening alone, and a board that is shut stops no wall.
func TestDiscussions(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	wall.Boards = true
	anna := fake.Person("Анна Петрова")
	first, opening := fake.Topic(anna, "Ямы", "Сюда пишем про ямы")
	second, _ := fake.Topic(0, "Мусор", "Вывоз мусора: вопросы")
	s := newShelf(wall)
	cursor := s.poll(t, nil)
	for k := range 120 {
		if _, err := fake.Discuss(first, anna, fmt.Sprintf("Яма %d", k)); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := fake.Discuss(second, anna, "[club1001:bp-1001_2|Двор на Лесной], а когда вывезут?")
	if err != nil {
		t.Fatal(err)
	}
	clock.advance(2 * time.Minute)
	before := fake.Called("board.getComments")
	cursor = s.poll(t, cursor)
	if len(s.texts) != 123 || fake.Called("board.getComments")-before > 4 {
		t.Errorf("%d messages by %d calls", len(s.texts), fake.Called("board.getComments")-before)
	}
	for _, m := range s.got {
		r := refOf(t, m.Native)
		if r.Item == second && r.Comment == answer && m.Parent != "topic-1001_2_r2" || m.Thread != r.Root().String() || m.Own != (m.Text == "Вывоз мусора: вопросы") || m.AuthorName == "" || !strings.Contains(m.URL, "topic-1001_") {
			t.Errorf("%s: parent %q, thread %q, own %v, author %q, url %q", m.Native, m.Parent, m.Thread, m.Own, m.AuthorName, m.URL)
		}
	}
	fake.CloseTopic(second, true)
	fake.DeleteTopic(first, true)
	was := len(s.got)
	for range 3 {
		clock.advance(time.Hour)
		cursor = s.poll(t, cursor)
	}
	gone := s.got[was:]
	want := vk.Ref{Place: "topic", Owner: -1001, Item: first, Comment: opening}.String()
	if len(gone) != 1 || gone[0].Native != want || gone[0].Event != message.Deleted {
		t.Errorf("a deleted topic told %+v", gone)
	}
	fake.Post(0, "Запись на стене")
	clock.advance(time.Hour)
	fake.Fail("board.getTopics", vkfake.Refuse, 15)
	b, err := wall.Poll(t.Context(), cursor)
	if err != nil || b.Note == "" || len(b.Messages) != 1 {
		t.Errorf("a board that is shut: %v, note %q, %d messages", err, b.Note, len(b.Messages))
	}
	// The same words by an event have the same id and revision.
	wall.Events, wall.ServiceToken = vk.LongPoll, ""
	if b, err = wall.Poll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	id, _ := fake.Topic(anna, "Свет", "Не горит фонарь")
	if b, err = wall.Poll(t.Context(), b.Cursor); err != nil || len(b.Messages) != 1 {
		t.Fatalf("an event: %v, %d messages", err, len(b.Messages))
	}
	wall.Events, wall.ServiceToken = "", serviceToken
	read, err := wall.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	same := false
	for _, m := range read.Messages {
		same = same || m.Native == b.Messages[0].Native && m.Revision == b.Messages[0].Revision && m.Thread == fmt.Sprintf("topic-1001_%d", id)
	}
	if !same {
		t.Errorf("the event is %s at %s, reading brings another", b.Messages[0].Native, b.Messages[0].Revision.Key())
	}
}

// A reply goes into a discussion once, by a user's token; with another one it goes by hand.
func TestAnswerInADiscussion(t *testing.T) {
	t.Parallel()
	fake, wall, _ := open(t, vkfake.Options{UserToken: "user-token"})
	topic, opening := fake.Topic(fake.Person("Анна"), "Ямы", "Когда починят?")
	job := reply.Job{ID: 1, Parent: vk.Ref{Place: "topic", Owner: -1001, Item: topic, Comment: opening}.String(), Key: "otklik-1", Text: "В пятницу."}
	_, err := wall.Publish(t.Context(), job)
	var e *source.Error
	if !errors.As(err, &e) || e.Trouble != source.Permanent || !strings.Contains(e.Sentence, "вручную") {
		t.Errorf("with a service token: %v", err)
	}
	wall.ServiceToken = "user-token"
	fake.Fail("board.createComment", vkfake.Lost, 0)
	if _, err := wall.Publish(t.Context(), job); !errors.As(err, &e) || e.Trouble != source.Unclear {
		t.Errorf("a lost answer: %v", err)
	}
	found, ok, err := wall.Find(t.Context(), job)
	if err != nil || !ok {
		t.Fatalf("Find = %v, %v", ok, err)
	}
	again, err := wall.Publish(t.Context(), job)
	if err != nil || again.Native != found.Native || again.URL != found.URL || !strings.Contains(again.URL, "?post=") {
		t.Errorf("the same key = %+v, %v; found was %+v", again, err, found)
	}
	if diff := cmp.Diff([]string{job.Text}, fake.Discussed(topic)); diff != "" {
		t.Errorf("what stands (-want +got):\n%s", diff)
	}
	other := job
	other.Text = "В субботу."
	if _, ok, err := wall.Find(t.Context(), other); err != nil || ok {
		t.Errorf("other words: %v, %v", ok, err)
	}
	fake.CloseTopic(topic, true)
	if _, err := wall.Publish(t.Context(), other); !errors.As(err, &e) || e.Trouble != source.Permanent {
		t.Errorf("a closed topic: %v", err)
	}
	for link, boards := range map[string]bool{"https://vk.com/board1001": true, "https://vk.com/topic-1001_1": true, "https://vk.com/club1001": false} {
		u, _ := url.Parse(link)
		g, err := vk.Recogniser{Ask: func() (string, string) { return "", "" }}.Recognise(t.Context(), u)
		if err != nil || g == nil || strings.Contains(string(g.Settings), `"boards":true`) != boards {
			t.Errorf("%s: %+v, %v", link, g, err)
		}
	}
}
