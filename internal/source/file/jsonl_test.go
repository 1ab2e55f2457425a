package file_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/internal/message"
	"otklik/internal/source/file"
)

func TestLines(t *testing.T) {
	t.Parallel()
	in := strings.Join([]string{
		`{"id": 1, "text": "Яма"}`,
		``,
		`{"message_id": 65475, "sender_id": -1001003313758, "text": "Каток открыт", "date": "2024-11-22T17:33:53+00:00", "channel": "Новости"}`,
		`{"id": "3", "text": ""}`,
		`{"id": 4, "text": "обрыв`,
		`[1, 2]`,
		`{"joined": 5}`,
		"{\"id\": 6, \"text\": \"\xff\"}",
		`{"id": 7, "deleted": true}`,
		`{"id": 8, "text": "Снег", "edited_at": "2026-03-02T10:00:00Z", "author": "Пётр", "url": "javascript:alert(1)"}`,
		`null`,
		`{"id": 9, "text": "конец обрыва`,
	}, "\n")
	got, err := records(t, "jsonl", "posts.jsonl", strings.NewReader(in), file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 = Яма", "-1001003313758/65475 = Каток открыт", "no_text@4", "unreadable@5", "unreadable@6", "no_message@7", "bad_encoding@8",
		"7 deleted", "8 = Снег", "no_message@11", "unreadable@12",
	}
	if diff := cmp.Diff(want, short(got)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	m := got[1].Message
	if m.Source != "file:posts.jsonl" || !m.PublishedAt.Equal(time.Date(2024, 11, 22, 17, 33, 53, 0, time.UTC)) {
		t.Errorf("source %q, published %v", m.Source, m.PublishedAt)
	}
	if m := got[8].Message; m.Revision.Key() != "t1772445600000" || m.AuthorName != "Пётр" || m.URL != "" {
		t.Errorf("revision %s, author %q, url %q", m.Revision.Key(), m.AuthorName, m.URL)
	}
}

func TestSameFileTwiceHasTheSameRevisions(t *testing.T) {
	t.Parallel()
	for format, in := range map[string]string{
		"csv":   "text\nЯма\nСнег\n",
		"jsonl": "{\"text\":\"Яма\"}\n{\"id\":1,\"deleted\":true}\n",
	} {
		keys := func() (out []string) {
			recs, err := records(t, format, "a", strings.NewReader(in), file.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range recs {
				out = append(out, r.Message.Native+"@"+r.Message.Revision.Key())
			}
			return out
		}
		if diff := cmp.Diff(keys(), keys()); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}

func TestEveryLineIsAccountedFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) string {
				b, _ := json.Marshal(map[string]string{"id": "1", "text": s})
				return string(b)
			}),
			rapid.StringOf(rapid.SampledFrom([]rune(`{}[]":,xя`))),
		), 0, 30).Draw(t, "lines")
		want := 0
		for _, l := range lines {
			if strings.TrimSpace(l) != "" {
				want++
			}
		}
		f, _ := file.Open("jsonl", file.Options{})
		n := 0
		for _, err := range f.Records(context.Background(), "a", strings.NewReader(strings.Join(lines, "\n"))) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want {
			t.Fatalf("%d records for %d lines", n, want)
		}
	})
}

func TestStopReading(t *testing.T) {
	t.Parallel()
	f, err := file.Open("jsonl", file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := strings.Repeat(`{"id":1,"text":"Яма"}`+"\n", 10)
	n := 0
	for range f.Records(t.Context(), "a", strings.NewReader(in)) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d records after a stop at 3", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n = 0
	var last error
	for _, err := range f.Records(ctx, "a", strings.NewReader(in)) {
		last = err
		if n++; n == 2 {
			cancel()
		}
	}
	if n != 3 || last != context.Canceled {
		t.Errorf("cancelled after 2: %d records, %v", n, last)
	}
}

func TestRealPosts(t *testing.T) {
	t.Parallel()
	got, err := records(t, "jsonl", "posts.jsonl", data(t, "telegram/posts.jsonl"), file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	natives := map[string]bool{}
	for _, r := range got {
		if r.Err != nil && r.Err.Reason != file.NoText {
			t.Errorf("line %d: %v", r.Line, r.Err)
		}
		if r.Err == nil && (r.Message.PublishedAt.IsZero() || r.Message.Form != message.Record) {
			t.Errorf("line %d: published %v, form %s", r.Line, r.Message.PublishedAt, r.Message.Form)
		}
		natives[fmt.Sprint(r.Message.Native, r.Index*btoi(r.Err != nil))] = true
	}
	if len(got) != 3785 || len(natives) != 3785 {
		t.Errorf("%d records with %d ids, want 3785", len(got), len(natives))
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{`{"id":1,"text":"Яма"}`, "\n\n{", `{"id":[],"text":{}}`, "\xef\xbb\xbf{}", `{"ID":"a","Text":"b","deleted":1}`, strings.Repeat("x", 300) + "\n{}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, "jsonl", b) })
}
