package file_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/message"
	"otklik/internal/source/file"
)

const maxUpdates = `{"updates": [
 {"update_type": "message_created", "timestamp": 1772434861000, "message": {"recipient": {"chat_id": -70801, "chat_type": "chat"}, "timestamp": 1772434860000, "body": {"mid": "mid.1", "text": "Яма у школы"}, "sender": {"user_id": 5, "name": "Анна"}}},
 {"update_type": "comment_created", "timestamp": 1772434861000, "message": {"recipient": {"chat_id": -70802, "chat_type": "channel", "post_id": "mid.p"}, "timestamp": 1772434860000, "body": {"mid": "mid.2", "text": "И у почты"}, "sender": null}},
 {"update_type": "message_edited", "timestamp": 1772434961000, "message": {"recipient": {"chat_id": -70801, "chat_type": "chat"}, "timestamp": 1772434860000, "body": {"mid": "mid.1", "text": "Яма у школы № 5"}, "sender": {"user_id": 5, "name": "Анна"}}},
 {"update_type": "message_removed", "timestamp": 1772434962000, "message_id": "mid.1", "chat_id": -70801, "user_id": 5},
 {"update_type": "message_created", "timestamp": 1772434861000, "message": {"recipient": {"chat_id": 77, "chat_type": "dialog"}, "timestamp": 1772434860000, "body": {"mid": "mid.3", "text": "Здравствуйте"}, "sender": {"user_id": 6, "first_name": "Олег"}}},
 {"update_type": "bot_started", "timestamp": 1, "chat_id": 77, "user": {"user_id": 6}},
 {"update_type": "message_created", "timestamp": 1}, 7, null
], "marker": 5}`

func TestMax(t *testing.T) {
	t.Parallel()
	got, err := records(t, "max", "updates.json", strings.NewReader(maxUpdates), file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"mid.1 = Яма у школы", "mid.p/mid.2 = И у почты", "mid.1 = Яма у школы № 5", "mid.1 deleted", "mid.3 = Здравствуйте", "no_message@7", "no_message@8", "no_message@8", "no_message@8"}
	if diff := cmp.Diff(want, short(got)); diff != "" {
		t.Fatalf("records (-want +got):\n%s", diff)
	}
	at := time.Date(2026, 3, 2, 7, 1, 0, 0, time.UTC)
	first := got[0].Message
	if first.Source != "max:-70801" || first.Channel != message.Max || first.Author != "5" || first.AuthorName != "Анна" || !first.PublishedAt.Equal(at) || first.Revision != message.HashOf(first.Text) {
		t.Errorf("a message of a group: %+v", first)
	}
	if c := got[1].Message; c.Form != message.Comment || c.Thread != "mid.p" || c.Source != "max:-70802" || c.Author != "" {
		t.Errorf("a comment: %+v", c)
	}
	if got[2].Message.Revision == first.Revision || got[3].Message.Revision == first.Revision {
		t.Error("an edit and a deletion are the revision of the beginning")
	}
	if d := got[4].Message; d.Form != message.Direct || !d.Addressed || d.Source != "file:updates.json" {
		t.Errorf("a direct message: %+v", d)
	}
}

func TestMaxFiles(t *testing.T) {
	t.Parallel()
	one := `{"recipient": {"chat_id": -1, "chat_type": "channel"}, "timestamp": 1772434860000, "body": {"mid": "mid.1", "text": "Каток открыт"}, "url": "https://max.ru/c/1"}`
	for name, tt := range map[string]struct {
		in   string
		want []string
	}{
		"messages":        {`{"messages": [` + one + `]}`, []string{"mid.1 = Каток открыт"}},
		"an array":        {"[" + one + "]", []string{"mid.1 = Каток открыт"}},
		"an answer":       {`{"message": ` + one + `}`, []string{"mid.1 = Каток открыт"}},
		"webhooks a line": {`{"update_type": "message_created", "message": ` + one + "}\n" + `{"update_type": "message_removed", "message_id": "mid.1", "chat_id": -1, "timestamp": 5}`, []string{"mid.1 = Каток открыт", "mid.1 deleted"}},
		"another file":    {`{"response": {"items": []}}`, []string{"no_message@1"}},
		"nothing":         {``, []string{"no_message@1"}},
		"cut off":         {`{"updates": [` + one + `, {"up`, []string{"mid.1 = Каток открыт", "unreadable@1"}},
		"too large":       {`{"messages": [{"body": {"text": "` + strings.Repeat("я", 3000) + `"}}, ` + one + `]}`, []string{"too_large@1", "mid.1 = Каток открыт"}},
		"without words":   {`[{"recipient": {"chat_id": -1, "chat_type": "channel"}, "body": {"mid": "mid.1"}}]`, []string{"no_text@1"}},
	} {
		got, err := records(t, "max", "a.json", strings.NewReader(tt.in), file.Options{Limit: 4000})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, short(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Of the samples of MAX's own documentation, each is read as what it is.
func TestRealMaxSamples(t *testing.T) {
	t.Parallel()
	dir := data(t, "README.md") // skips without the data
	names, err := filepath.Glob(filepath.Join(filepath.Dir(dir.Name()), "formats", "max", "*.json"))
	if err != nil || len(names) != 41 {
		t.Fatalf("%d files, %v; want 41", len(names), err)
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := records(t, "max", name, f, file.Options{})
		f.Close()
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %d records, %v", filepath.Base(name), len(got), err)
			continue
		}
		base := filepath.Base(name)
		_, kind, _ := strings.Cut(base, ".")
		says := kind == "message_created.json" || kind == "message_edited.json" || kind == "message_removed.json" || base == "chats__get-pin-message.json"
		if says != (got[0].Err == nil) {
			t.Errorf("%s: %v", base, short(got))
		}
	}
}

func FuzzMax(f *testing.F) {
	for _, s := range []string{maxUpdates, `{"messages":[{"body":{"mid":"a"}}]}`, `{"update_type":"message_created","message":[]}`, `{"updates":`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, "max", b) })
}
