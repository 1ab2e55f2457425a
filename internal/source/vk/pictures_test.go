package vk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/source/vk"
	"otklik/internal/source/vk/vkfake"
)

func pictured(n int) string {
	return fmt.Sprintf(`[{"type":"photo","photo":{"id":%d,"owner_id":5,"sizes":[{"url":"https://sun1.userapi.com/%d.jpg?sign=%[1]d","width":9,"height":9}]}}]`, n, n)
}

// Pictures that change alone are a new revision: of a post, of a comment, in a discussion, in a
// private message. The address of the same picture may change as VK likes.
func TestPicturesAloneAreARevision(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	wall.Boards, wall.Events = true, vk.LongPoll
	anna := fake.Person("Анна")
	post := fake.Post(0, "Двор")
	comment, err := fake.Comment(post, 0, anna, "Вот она, яма")
	if err != nil {
		t.Fatal(err)
	}
	topic, said := fake.Topic(anna, "Ямы", "Пишите сюда")
	letter := fake.Say(anna, "Посмотрите")
	ref := func(place string, owner, item, comment int64) string {
		return vk.Ref{Place: place, Owner: owner, Item: item, Comment: comment}.String()
	}
	natives := map[string]func(list string) error{
		ref("wall", -1001, post, 0):       func(list string) error { return fake.Attach(post, list) },
		ref("wall", -1001, post, comment): func(list string) error { return fake.Attach(comment, list) },
		ref("topic", -1001, topic, said):  func(list string) error { return fake.Attach(said, list) },
		ref("im", anna, letter, 0):        func(list string) error { fake.Rewrite(anna, letter, "Посмотрите", list); return nil },
	}
	s := newShelf(wall)
	cursor := s.poll(t, nil)
	read := func() map[string]message.Message {
		was := len(s.got)
		cursor = s.poll(t, cursor) // the events
		clock.advance(time.Hour)
		fake.Forget()
		cursor = s.poll(t, cursor) // and all anew
		out := map[string]message.Message{}
		for _, m := range s.got[was:] {
			out[m.Native] = m
		}
		return out
	}
	read()
	for n, list := range []string{pictured(1), pictured(2), `[]`} {
		for _, attach := range natives {
			if err := attach(list); err != nil {
				t.Fatal(err)
			}
		}
		got := read()
		for native := range natives {
			m, came := got[native]
			want := []attachment.Ref(nil)
			if n < 2 {
				want = []attachment.Ref{{Kind: attachment.Photo, Name: fmt.Sprintf("photo5_%d", n+1), URL: fmt.Sprintf("https://sun1.userapi.com/%d.jpg?sign=%[1]d", n+1)}}
			}
			if !came || m.Event != message.Written || m.Text == "" || !slices.Equal(m.Attachments, want) {
				t.Errorf("list %d: %s came %t as %s with %+v", n, native, came, m.Event, m.Attachments)
			}
		}
	}
	was := len(s.got)
	if again := read(); len(s.got) != was {
		t.Errorf("without a change %v came", again)
	}
}

// The wall that is read without events sees them by itself; a picture without words comes, too.
func TestPicturesAreSeenByReading(t *testing.T) {
	t.Parallel()
	fake, wall, clock := open(t, vkfake.Options{})
	post := fake.Post(0, "Двор")
	ids := map[int64]int{}
	for _, text := range []string{"Яма", ""} {
		id, err := fake.Comment(post, 0, fake.Person("Анна"), text)
		if err == nil {
			err = fake.Attach(id, pictured(1))
		}
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = 0
	}
	s := newShelf(wall)
	cursor := s.poll(t, nil)
	for n, list := range []string{pictured(1), pictured(2), pictured(2)} {
		for id := range ids {
			if err := fake.Attach(id, list); err != nil {
				t.Fatal(err)
			}
		}
		clock.advance(time.Hour)
		was := len(s.got)
		cursor = s.poll(t, cursor)
		if got, want := len(s.got)-was, []int{0, 2, 0}[n]; got != want {
			t.Errorf("list %d brought %d messages, want %d", n, got, want)
		}
	}
	for id := range ids {
		revisions := map[string]bool{}
		for _, m := range s.got {
			if refOf(t, m.Native).Comment == id {
				revisions[m.Revision.Key()] = true
			}
		}
		if len(revisions) != 2 {
			t.Errorf("comment %d has %d revisions, want 2", id, len(revisions))
		}
	}
}

// Of documents what the vault takes is fetched; the rest stays a link.
func TestDocuments(t *testing.T) {
	t.Parallel()
	doc := func(id int, ext string, size int) string {
		return fmt.Sprintf(`{"type":"doc","doc":{"id":%d,"owner_id":5,"title":"Ответ.%s","ext":"%[2]s","size":%d,"url":"https://vk.com/doc5_%[1]d?hash=a&dl=1"}}`, id, ext, size)
	}
	raw := `{"type":"wall_reply_new","group_id":1001,"event_id":"a","object":{"id":12,"from_id":77,"date":1772445600,"text":"Вот","post_owner_id":-1001,"post_id":10,"attachments":[` +
		doc(1, "pdf", 1<<20) + "," + doc(2, "PDF", 11<<20) + "," + doc(3, "docx", 1000) + "," + doc(4, "JPG", 1000) + "," + doc(5, "exe", 1000) +
		`,{"type":"video","video":{"id":6,"owner_id":5,"title":"Яма"}},{"type":"audio","audio":{"id":7,"owner_id":5,"url":"https://vk.com/a.mp3"}}]}}`
	list, err := vk.FromUpdate([]byte(raw), vk.Frame{})
	if err != nil || len(list) != 1 {
		t.Fatal(err)
	}
	var got []string
	for _, a := range list[0].Attachments {
		got = append(got, fmt.Sprint(a.Kind, " ", a.Name, " ", a.Fetchable()))
	}
	want := []string{"document doc5_1 true", "link doc5_2 false", "link doc5_3 false", "photo doc5_4 true", "link doc5_5 false", "video video5_6 false", "link audio5_7 false"}
	if !slices.Equal(got, want) {
		t.Errorf("attachments %q, want %q", got, want)
	}
}
