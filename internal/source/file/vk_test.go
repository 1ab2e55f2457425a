package file_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/internal/message"
	"otklik/internal/source/file"
)

const wallDump = `{"response": {"count": 3, "items": [
  {"id": 10, "owner_id": -1001, "from_id": -1001, "date": 1772445600, "text": "Что чинить?", "post_type": "post", "comments": {"count": 1, "items": [
     {"id": 12, "from_id": 77, "date": 1772445700, "text": "Яму у школы", "parents_stack": [],
      "thread": {"count": 1, "items": [{"id": 13, "from_id": 78, "date": 1772445800, "text": "И у почты", "parents_stack": [12]}]}}]}},
  {"id": 9, "owner_id": -1001, "from_id": 77, "date": 1772445500, "text": "", "post_type": "post"},
  {"type": "wall_photo", "source_id": 5, "date": 1}
], "profiles": [{"id": 77, "first_name": "Анна", "last_name": "Петрова"}, {"id": 78, "first_name": "Олег", "last_name": ""}],
   "groups": [{"id": 1001, "name": "Двор"}]}}`

func TestVKDumps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want []string
	}{
		"an answer of wall.get": {wallDump, []string{
			"wall-1001_10 = Что чинить?", "wall-1001_10_r12 = Яму у школы", "wall-1001_10_r13 = И у почты", "no_text@5", "no_message@6",
		}},
		"without its envelope":           {`{"items":[{"id":1,"owner_id":-1,"from_id":2,"date":5,"text":"а"}]}`, []string{"wall-1_1 = а"}},
		"a bare array":                   {"[\n{\"id\":1,\"owner_id\":-1,\"from_id\":2,\"date\":5,\"text\":\"а\"},\n{\"id\":3,\"owner_id\":-1,\"post_id\":1,\"from_id\":2,\"date\":5,\"text\":\"б\"}]", []string{"wall-1_1 = а", "wall-1_1_r3 = б"}},
		"response is an array":           {`{"response":[{"id":1,"owner_id":-1,"from_id":2,"date":5,"text":"а"}]}`, []string{"wall-1_1 = а"}},
		"entities and breaks":            {`[{"id":1,"owner_id":-1,"from_id":2,"date":5,"text":"&laquo;Яма&raquo;<br>у школы &amp; почты"}]`, []string{"wall-1_1 = «Яма»\nу школы & почты"}},
		"a deleted comment among others": {`{"items":[{"id":4,"date":5,"deleted":true},{"id":3,"owner_id":-1,"post_id":1,"from_id":2,"date":5,"text":"б"}]}`, []string{"wall-1_1_r4 deleted", "wall-1_1_r3 = б"}},
		"long poll": {`{"ts":"5","updates":[
{"type":"wall_reply_new","object":{"id":9,"from_id":12,"date":5,"text":"Яма","post_owner_id":-1,"post_id":6},"group_id":1,"event_id":"a"},
{"type":"wall_reply_delete","object":{"owner_id":-1,"id":9,"deleter_id":3,"post_id":6},"group_id":1,"event_id":"b"},
{"type":"wall_reply_restore","object":{"id":9,"from_id":12,"date":5,"text":"Яма","post_owner_id":-1,"post_id":6},"group_id":1,"event_id":"c"},
{"type":"message_new","object":{"message":{"id":1,"date":5,"peer_id":12,"from_id":12,"text":"Здравствуйте","conversation_message_id":2}},"group_id":1},
{"type":"photo_new","object":{"id":1,"owner_id":-1},"group_id":1}]}`,
			[]string{"wall-1_6_r9 = Яма", "wall-1_6_r9 deleted", "wall-1_6_r9 restored", "im12_2 = Здравствуйте", "no_message@6"}},
		"callback, one event a line": {"{\"type\":\"wall_post_new\",\"object\":{\"id\":6,\"from_id\":1,\"owner_id\":-1,\"date\":5,\"text\":\"а\"},\"group_id\":1}\n{\"group_id\":1,\"object\":{\"user_id\":5},\"type\":\"group_join\"}\n", []string{"wall-1_6 = а", "no_message@2"}},
		"an error of VK":             {`{"error":{"error_code":5,"error_msg":"no"}}`, []string{"no_message@1"}},
		"failed":                     {`{"failed":2}`, []string{"no_message@1"}},
		"no elements":                {`{"response":{"count":0,"items":[]}}`, []string{"no_message@1"}},
		"empty":                      {"", []string{"no_message@1"}},
		"no JSON":                    {"<html>", []string{"unreadable@1"}},
		"a number":                   {"42", []string{"unreadable@1"}},
		"cut in the second":          {"[{\"id\":1,\"owner_id\":-1,\"from_id\":2,\"date\":5,\"text\":\"а\"},\n{\"id\":2,\"text\":\"об", []string{"wall-1_1 = а", "unreadable@2"}},
		"cut between":                {`{"items":[{"id":1,"owner_id":-1,"from_id":2,"date":5,"text":"а"},`, []string{"wall-1_1 = а", "unreadable@1"}},
		"a broken element":           {"[{\"id\":x},\n{\"id\":1,\"owner_id\":-1,\"from_id\":2,\"date\":5,\"text\":\"а\"}]", []string{"unreadable@1", "wall-1_1 = а"}},
		"bad bytes":                  {"[{\"id\":1,\"owner_id\":-1,\"from_id\":2,\"date\":5,\"text\":\"\xff\"},{\"id\":2,\"owner_id\":-1,\"from_id\":2,\"date\":5,\"text\":\"а\"}]", []string{"bad_encoding@1", "wall-1_2 = а"}},
		"elements of no kind":        {`[1, "а", null, [], {}]`, []string{"unreadable@1", "unreadable@1", "no_message@1", "unreadable@1", "no_message@1"}},
		"wrong comma":                {`[{"id":1,"owner_id":-1,"from_id":2,"date":5,"text":"а"} {}]`, []string{"wall-1_1 = а", "unreadable@1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := records(t, "vk", "dump.json", strings.NewReader(tt.in), file.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, short(got)); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVKDumpFields(t *testing.T) {
	t.Parallel()
	got, err := records(t, "vk", "dump.json", strings.NewReader(wallDump), file.Options{Territory: "95701"})
	if err != nil || len(got) < 3 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	post, first, second := got[0].Message, got[1].Message, got[2].Message
	if post.Source != "vk:-1001" || post.Channel != message.VK || post.Form != message.Post || post.AuthorName != "Двор" || post.URL != "https://vk.com/wall-1001_10" || post.Territory != "95701" {
		t.Errorf("post = %+v", post)
	}
	if first.Form != message.Comment || first.Thread != post.Native || first.Parent != "" || first.AuthorName != "Анна Петрова" || first.URL != "https://vk.com/wall-1001_10?reply=12" {
		t.Errorf("first comment = %+v", first)
	}
	if second.Parent != first.Native || second.AuthorName != "Олег" || second.URL != "https://vk.com/wall-1001_10?reply=13&thread=12" {
		t.Errorf("second comment = %+v", second)
	}
}

func TestHugeEvent(t *testing.T) {
	t.Parallel()
	in := io.MultiReader(strings.NewReader(`{"type":"wall_reply_new","object":{"text":"`), &big{5 << 20, 'x'}, strings.NewReader(`"},"group_id":1}`))
	got, err := records(t, "vk", "event.json", in, file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"too_large@1"}, short(got)); diff != "" {
		t.Errorf("an event (-want +got):\n%s", diff)
	}
}

// Every element is yielded once wherever the file is cut, and what stood before
// the cut is good.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	for format, in := range map[string]string{"vk": wallDump, "telegram": telegramExport} {
		whole, err := records(t, format, "a", strings.NewReader(in), file.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all := short(whole)
		for cut := 1; cut < len(in)-1; cut++ {
			recs, err := records(t, format, "a", strings.NewReader(in[:cut]), file.Options{})
			if err != nil {
				t.Fatalf("%s cut at %d: %v", format, cut, err)
			}
			got := short(recs)
			last := recs[len(recs)-1]
			if last.Err == nil || last.Err.Reason != file.Unreadable || !strings.Contains(last.Err.Text, fmt.Sprintf("байт %d", cut)) {
				t.Fatalf("%s cut at %d: the last record = %s", format, cut, got[len(got)-1])
			}
			if len(got)-1 > len(all) || !cmp.Equal(got[:len(got)-1], all[:len(got)-1]) {
				t.Fatalf("%s cut at %d: %q", format, cut, got)
			}
		}
	}
}

func TestEveryElementIsAccountedFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "elements")
		items := make([]map[string]any, n)
		for i := range items {
			items[i] = map[string]any{"id": i + 1, "text": rapid.String().Draw(t, "text")}
			for _, key := range []string{"owner_id", "from_id", "date", "post_id", "peer_id", "type", "deleted", "object", "parents_stack", "comments", "thread"} {
				if rapid.Bool().Draw(t, key) {
					items[i][key] = rapid.SampledFrom([]any{1, -5, "x", true, []int{2}, map[string]any{}, nil, 1.5}).Draw(t, "value")
				}
			}
		}
		b, err := json.Marshal(map[string]any{"response": map[string]any{"items": items}})
		if err != nil {
			t.Fatal(err)
		}
		f, _ := file.Open("vk", file.Options{})
		got := 0
		for _, err := range f.Records(context.Background(), "a", strings.NewReader(string(b))) {
			if err != nil {
				t.Fatal(err)
			}
			got++
		}
		if got != n {
			t.Fatalf("%d records for %d elements", got, n)
		}
	})
}

// The real dumps: every element of items, updates or a bare array is a record,
// and any other file is one.
func TestRealDumps(t *testing.T) {
	t.Parallel()
	dir := data(t, "README.md") // skips without the data
	names, err := filepath.Glob(filepath.Join(filepath.Dir(dir.Name()), "formats", "vk", "*.json"))
	if err != nil || len(names) != 75 {
		t.Fatalf("%d files, %v; want 75", len(names), err)
	}
	kept := 0
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Response json.RawMessage   `json:"response"`
			Items    []json.RawMessage `json:"items"`
			Updates  []json.RawMessage `json:"updates"`
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(string(b), "\ufeff")), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var bare []json.RawMessage
		if json.Unmarshal(doc.Response, &bare) != nil && doc.Response != nil {
			if err := json.Unmarshal(doc.Response, &doc); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		want := max(1, len(doc.Items)+len(doc.Updates)+len(bare))
		got, err := records(t, "vk", name, strings.NewReader(string(b)), file.Options{})
		if err != nil || len(got) != want {
			t.Errorf("%s: %d records, %v; want %d", filepath.Base(name), len(got), err, want)
		}
		for _, r := range got {
			switch {
			case r.Err == nil:
				kept++
			case r.Err.Reason != file.NoMessage && r.Err.Reason != file.NoText:
				t.Errorf("%s: record %d: %s", filepath.Base(name), r.Index, r.Err.Reason)
			}
		}
	}
	if kept == 0 {
		t.Error("no message in 75 files")
	}
}

func FuzzVK(f *testing.F) {
	for _, s := range []string{wallDump, `{"updates":[{"type":"a_new","object":[]}]}`, "[1,", `{"a":"\`, "[[[[", `{"response":{"response":{"items":[]}}}`, "1 2 3", `{"items":[{"id":1,"thread":[]}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, "vk", b) })
}
