package file_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/message"
	"otklik/internal/source/file"
)

const telegramExport = `{"about": "Here is the data", "personal_information": {"user_id": 5, "first_name": "Пресс-служба"},
 "chats": {"about": "…", "list": [
  {"name": "Двор на Лесной", "type": "public_supergroup", "id": 1001, "messages": [
    {"id": 1, "type": "service", "date": "2026-03-02T10:00:00", "date_unixtime": "1772434800", "action": "create_channel", "text": ""},
    {"id": 2, "type": "message", "date": "2026-03-02T10:01:00", "date_unixtime": "1772434860", "from": "Анна", "from_id": "user77", "text": "Яма у школы"},
    {"id": 3, "type": "message", "date": "2026-03-02T10:02:00", "date_unixtime": "1772434920", "edited": "2026-03-02T10:05:00", "edited_unixtime": "1772435100",
     "from": "Олег", "from_id": "user78", "reply_to_message_id": 2, "text": ["И у почты, ", {"type": "link", "text": "вот"}, {"type": "plain", "text": " фото"}]},
    {"id": 4, "type": "message", "date": "2026-03-02T10:03:00", "from": "Пресс-служба", "from_id": "user5", "reply_to_message_id": 3, "text": "Починим"},
    {"id": 5, "type": "message", "date": "2026-03-02T10:04:00", "photo": "a.jpg", "text": ""}
  ]},
  {"name": "Новости", "type": "public_channel", "id": 1002, "messages": [
    {"id": 1, "type": "message", "date_unixtime": "1772434860", "from": "Новости", "from_id": "channel1002", "text": "Каток открыт"}]},
  {"name": "Анна", "type": "personal_chat", "id": 77, "messages": [
    {"id": 9, "type": "message", "date_unixtime": "1772434860", "from": "Анна", "from_id": "user77", "text": "Здравствуйте"}]}
 ]}}`

func TestTelegramExport(t *testing.T) {
	t.Parallel()
	got, err := records(t, "telegram", "result.json", strings.NewReader(telegramExport), file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"no_message@4", "2 = Яма у школы", "3 = И у почты, вот фото", "4 = Починим", "no_text@9", "1 = Каток открыт", "9 = Здравствуйте"}
	if diff := cmp.Diff(want, short(got)); diff != "" {
		t.Fatalf("records (-want +got):\n%s", diff)
	}
	at := func(h, m int) time.Time { return time.Date(2026, 3, 2, h, m, 0, 0, time.UTC) }
	wantMessage := message.Message{
		Source: "telegram:1001", Channel: message.Telegram, Form: message.Comment, Native: "3", Event: message.Written, Thread: "2", Parent: "2",
		Revision: message.Revision{Time: at(7, 5)}, URL: "https://t.me/c/1001/3", Author: "user78", AuthorName: "Олег", Text: "И у почты, вот фото", PublishedAt: at(7, 2),
	}
	if diff := cmp.Diff(wantMessage, got[2].Message); diff != "" {
		t.Errorf("an edited answer (-want +got):\n%s", diff)
	}
	own := got[3].Message
	if !own.Own || own.Thread != "2" || own.Parent != "3" || !own.PublishedAt.Equal(at(7, 3)) { // a local time, of Moscow
		t.Errorf("our own answer: own %v, thread %s, parent %s, published %v", own.Own, own.Thread, own.Parent, own.PublishedAt)
	}
	if p := got[5].Message; p.Form != message.Post || p.Source != "telegram:1002" {
		t.Errorf("a channel's post: %s of %s", p.Form, p.Source)
	}
	if d := got[6].Message; d.Form != message.Direct || !d.Addressed || d.URL != "" {
		t.Errorf("a personal message: %s, addressed %v, url %q", d.Form, d.Addressed, d.URL)
	}
}

func TestTelegramFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want []string
	}{
		"one chat":            {`{"name":"Двор","type":"private_group","id":7,"messages":[{"id":1,"type":"message","text":"Яма"}]}`, []string{"1 = Яма"}},
		"no messages":         {`{"name":"Двор","type":"private_group","id":7,"messages":[]}`, []string{"no_message@1"}},
		"another file":        {`{"response":{"items":[]}}`, []string{"no_message@1"}},
		"an array":            {`[]`, []string{"unreadable@1"}},
		"elements of no kind": {`{"messages":[1,null,{},{"type":"message"},{"id":"5","type":"message","text":{"a":1}}]}`, []string{"unreadable@1", "no_message@1", "no_message@1", "no_message@1", "no_text@1"}},
	}
	for name, tt := range tests {
		got, err := records(t, "telegram", "result.json", strings.NewReader(tt.in), file.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, short(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzTelegram(f *testing.F) {
	for _, s := range []string{telegramExport, `{"chats":{"list":[{"messages":[{}]}]}}`, `{"messages":[`, `{"chats":[]}`, `{"personal_information":{"user_id":"x"}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, "telegram", b) })
}
