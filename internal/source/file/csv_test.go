package file_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/file"
)

// records reads all records of a file.
func records(t testing.TB, format, name string, r io.Reader, o file.Options) ([]source.Record, error) {
	t.Helper()
	f, err := file.Open(format, o)
	if err != nil {
		t.Fatal(err)
	}
	var out []source.Record
	for rec, err := range f.Records(context.Background(), name, r) {
		if err != nil {
			return out, err
		}
		if rec.Index != len(out)+1 {
			t.Errorf("record %d has the index %d", len(out)+1, rec.Index)
		}
		if rec.Err == nil && (rec.Message.Native == "" || rec.Message.Source == "" || rec.Message.Event == "" ||
			rec.Message.Event != message.Deleted && rec.Message.Revision == (message.Revision{})) {
			t.Errorf("record %d is not filled", rec.Index)
		}
		out = append(out, rec)
	}
	return out, nil
}

// short says what came of each record: «7 = текст», or the reason at a line.
func short(recs []source.Record) []string {
	out := []string{}
	for _, r := range recs {
		switch {
		case r.Err != nil:
			out = append(out, fmt.Sprintf("%s@%d", r.Err.Reason, r.Line))
		case r.Message.Event != message.Written:
			out = append(out, fmt.Sprintf("%s %s", r.Message.Native, r.Message.Event))
		default:
			out = append(out, r.Message.Native+" = "+r.Message.Text)
		}
	}
	return out
}

func TestTables(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want []string
	}{
		"comma":                        {"id,text\n1,Яма\n2,Снег\n", []string{"1 = Яма", "2 = Снег"}},
		"semicolon, CRLF, no end":      {"id;text\r\n1;Яма, и глубокая\r\n2;Снег", []string{"1 = Яма, и глубокая", "2 = Снег"}},
		"tab":                          {"id\ttext\n1\tЯма\n", []string{"1 = Яма"}},
		"byte order mark":              {"\ufeffid,text\n1,Яма\n", []string{"1 = Яма"}},
		"Russian names, other order":   {"Тема;Текст обращения;№\nДороги;Яма;7\n", []string{"7 = Яма"}},
		"quotes, newlines, separators": {"id,text\n1,\"Яма,\nа в ней \"\"вода\"\"\"\n2,Снег\n", []string{"1 = Яма,\nа в ней \"вода\"", "2 = Снег"}},
		"a quote inside a bare field":  {"id,text\n1,Дом 5 \"А\"\n", []string{"1 = Дом 5 \"А\""}},
		"header only":                  {"id,text\n", []string{}},
		"blank lines are no records":   {"\n\nid,text\n\n1,Яма\n\r\n2,Снег\n\n", []string{"1 = Яма", "2 = Снег"}},
		"no text":                      {"id,text\n1,\n2,\"  \"\n3,Яма\n", []string{"no_text@2", "no_text@3", "3 = Яма"}},
		"a column too many":            {"id,text\n1,Яма,у дома\n2,Снег\n", []string{"unreadable@2", "2 = Снег"}},
		"empty columns too many":       {"id,text\n1,Яма,,\n", []string{"1 = Яма"}},
		"a column too few":             {"id,text\n1\n2,Снег\n", []string{"unreadable@2", "2 = Снег"}},
		"bad bytes in one row":         {"id,text\n1,Яма\n2,Сн\xff\xfeг\n3,Лёд\n", []string{"1 = Яма", "bad_encoding@3", "3 = Лёд"}},
		"a quote never closed":         {"id,text\n1,\"Яма\n2,Снег\n3,Лёд\n", []string{"unreadable@2", "2 = Снег", "3 = Лёд"}},
		"a quote closed by the next":   {"id,text\n1,\"Яма\n2,\"Снег\"\n3,Лёд\n", []string{"unreadable@2", "2 = Снег", "3 = Лёд"}},
		"cut inside a long text":       {"id,text\n1,Яма\n2,\"Снег, снег\nи ещё, снег\n", []string{"1 = Яма", "unreadable@3"}},
		"one column":                   {"text\nЯма\n", []string{"text-0ab1b0ddf3f73baf0eb4dd24 = Яма"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := records(t, "csv", "letters.csv", strings.NewReader(tt.in), file.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if name == "one column" { // the id is made of the content
				if len(got) != 1 || !strings.HasPrefix(got[0].Message.Native, "text-") {
					t.Errorf("records = %q", short(got))
				}
				return
			}
			if diff := cmp.Diff(tt.want, short(got)); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			slow, err := records(t, "csv", "letters.csv", iotest.OneByteReader(strings.NewReader(tt.in)), file.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, short(slow)); diff != "" {
				t.Errorf("records of a slow reader (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTableFields(t *testing.T) {
	t.Parallel()
	in := "id,Автор,Дата,url,text,phone,октмо,edited_at\n" +
		"17,Анна,02.03.2026 10:15,https://example.org/17,Яма,+7 900 000-00-00,95 701,2026-03-02T12:00:00+07:00\n"
	got, err := records(t, "csv", "dir/letters.csv", strings.NewReader(in), file.Options{})
	if err != nil || len(got) != 1 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	want := message.Message{
		Source: "file:letters.csv", Channel: message.File, Form: message.Record, Native: "17", Event: message.Written,
		Revision: message.Revision{Time: time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)}, URL: "https://example.org/17",
		AuthorName: "Анна", Contact: "+7 900 000-00-00", Text: "Яма", PublishedAt: time.Date(2026, 3, 2, 7, 15, 0, 0, time.UTC), Territory: "95701",
	}
	if diff := cmp.Diff(want, got[0].Message); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	got, err = records(t, "csv", "letters.csv", strings.NewReader("n;words\n5;Яма\n"), file.Options{
		Source: "portal", Territory: "38701", Columns: map[string]string{"id": "N", "text": "Words"},
	})
	if err != nil || len(got) != 1 || got[0].Message.Source != "portal" || got[0].Message.Native != "5" || got[0].Message.Territory != "38701" {
		t.Errorf("own columns: %+v, %v", short(got), err)
	}
}

func TestTableEncodings(t *testing.T) {
	t.Parallel()
	in := "id;текст\n1;Во дворе яма, ёлка упала\n2;Снег не убран\n"
	want := []string{"1 = Во дворе яма, ёлка упала", "2 = Снег не убран"}
	encode := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, text := range map[string]string{
		"windows-1251":            encode(charmap.Windows1251.NewEncoder().String(in)),
		"UTF-16 with a mark":      encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(in)),
		"UTF-16 big endian":       encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(in)),
		"UTF-16 without a mark":   encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(in)),
		"UTF-8 with a mark":       "\ufeff" + in,
		"windows-1251, long file": encode(charmap.Windows1251.NewEncoder().String(in + strings.Repeat("\n", 200000))),
	} {
		got, err := records(t, "csv", "a.csv", strings.NewReader(text), file.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, short(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTablesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	koi, err := charmap.KOI8R.NewEncoder().String("id,text\n1,Во дворе яма\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"empty":             "",
		"blank":             "\n\n",
		"wrong separator":   "id|text\n1|Яма\n",
		"no header":         "1,Яма у дома\n2,Снег\n",
		"another separator": "id,text\n1;Яма, глубокая\n2;Снег\n3;Лёд\n",
		"another encoding":  koi,
		"a picture":         "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00",
	} {
		got, err := records(t, "csv", "letters.csv", strings.NewReader(in), file.Options{})
		if err == nil || len(got) != 0 {
			t.Errorf("%s: %d records, error %v", name, len(got), err)
			continue
		}
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Hint == "" || !strings.Contains(f.Sentence, "letters.csv, строка") || !strings.Contains(err.Error(), "letters.csv:") {
			t.Errorf("%s: the error does not name file, line and remedy: %v", name, err)
		}
		if strings.Contains(err.Error()+fault.Sentence(err), "Яма") {
			t.Errorf("%s: the error quotes the file", name)
		}
	}
}

func TestFailingDisk(t *testing.T) {
	t.Parallel()
	broken := errors.New("input/output error")
	for format, in := range map[string]string{
		"csv":   "id,text\n1,Яма\n2,Сне",
		"jsonl": "{\"id\":1,\"text\":\"Яма\"}\n{\"id\":2,\"te",
	} {
		got, err := records(t, format, "a", io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), file.Options{})
		if !errors.Is(err, broken) || fault.Sentence(err) == "" {
			t.Errorf("%s: error = %v", format, err)
		}
		if diff := cmp.Diff([]string{"1 = Яма"}, short(got)); diff != "" {
			t.Errorf("%s: records before the failure (-want +got):\n%s", format, diff)
		}
	}
}

// big is a reader of n times the same byte.
type big struct {
	n int
	c byte
}

func (b *big) Read(p []byte) (int, error) {
	if b.n == 0 {
		return 0, io.EOF
	}
	p = p[:min(len(p), b.n)]
	for i := range p {
		p[i] = b.c
	}
	b.n -= len(p)
	return len(p), nil
}

// allocated returns how many bytes do allocates. Tests that use it do not run in
// parallel.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHugeMessage(t *testing.T) {
	const size = 50 << 20
	for name, a := range map[string][4]string{
		"quoted":   {"csv", "id,text\n1,Яма\n2,\"", "\"\n3,Снег\n", "too_large@3"},
		"bare":     {"csv", "id,text\n1,Яма\n2,", "\n3,Снег\n", "too_large@3"},
		"jsonl":    {"jsonl", "{\"id\":1,\"text\":\"Яма\"}\n{\"id\":2,\"text\":\"", "\"}\n{\"id\":3,\"text\":\"Снег\"}\n", "too_large@2"},
		"vk":       {"vk", "[{\"id\":1,\"owner_id\":-1,\"from_id\":2,\"date\":5,\"text\":\"Яма\"},\n{\"id\":2,\"text\":\"", "\"},{\"id\":3,\"owner_id\":-1,\"from_id\":2,\"date\":5,\"text\":\"Снег\"}]", "too_large@2"},
		"telegram": {"telegram", "{\"id\":5,\"messages\":[{\"id\":1,\"type\":\"message\",\"text\":\"Яма\"},\n{\"id\":2,\"type\":\"message\",\"text\":\"", "\"},{\"id\":3,\"type\":\"message\",\"text\":\"Снег\"}]}", "too_large@2"},
	} {
		var got []source.Record
		var err error
		bytes := allocated(func() {
			got, err = records(t, a[0], "big", io.MultiReader(strings.NewReader(a[1]), &big{size, 'x'}, strings.NewReader(a[2])), file.Options{})
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range got {
			if r.Err == nil {
				got[i].Message.Native = strings.TrimPrefix(r.Message.Native, "wall-1_")
			}
		}
		if diff := cmp.Diff([]string{"1 = Яма", a[3], "3 = Снег"}, short(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if bytes > 16<<20 {
			t.Errorf("%s: %d MB were allocated for a message that is not taken", name, bytes>>20)
		}
	}
	text := strings.Repeat("строка, и в ней \"\"запятая\"\"\n", 100000)
	got, err := records(t, "csv", "big", strings.NewReader("id,text\n1,\""+text+"\"\n2,Снег\n"), file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"too_large@2", "2 = Снег"}, short(got)); diff != "" {
		t.Errorf("many lines in quotes (-want +got):\n%s", diff)
	}
}

func TestBrokenQuoteInLongTable(t *testing.T) {
	t.Parallel()
	var sb strings.Builder
	sb.WriteString("id,text\n0,\"Яма\n")
	for i := 1; i <= 60000; i++ {
		fmt.Fprintf(&sb, "%d,Снег во дворе не убран\n", i)
	}
	got, err := records(t, "csv", "a.csv", strings.NewReader(sb.String()), file.Options{})
	if err != nil || len(got) != 60001 {
		t.Fatalf("%d records, %v", len(got), err)
	}
	if got[0].Err == nil || got[0].Line != 2 || !strings.Contains(got[0].Err.Text, "строке 2") || got[1].Message.Native != "1" {
		t.Errorf("the first records = %q", short(got[:2]))
	}
}

func TestEveryRowIsAccountedFor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringOf(rapid.SampledFrom([]rune("аяЁ ,;\t\"\n|x1")))
		rows := rapid.SliceOfN(cell, 1, 30).Draw(t, "texts")
		sep := rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "separator")
		var sb strings.Builder
		w := csv.NewWriter(&sb)
		w.Comma = sep
		_ = w.Write([]string{"id", "text"})
		for i, text := range rows {
			_ = w.Write([]string{fmt.Sprint(i), text})
		}
		w.Flush()
		f, _ := file.Open("csv", file.Options{})
		n := 0
		for rec, err := range f.Records(context.Background(), "a.csv", strings.NewReader(sb.String())) {
			if err != nil {
				t.Fatal(err)
			}
			want := rows[n]
			if rec.Err != nil && (rec.Err.Reason != file.NoText || strings.TrimSpace(want) != "") {
				t.Fatalf("row %d of %q: %v", n, want, rec.Err)
			}
			if rec.Err == nil && (rec.Message.Text != want || rec.Message.Native != fmt.Sprint(n)) {
				t.Fatalf("row %d = %q %q, want %q", n, rec.Message.Native, rec.Message.Text, want)
			}
			n++
		}
		if n != len(rows) {
			t.Fatalf("%d records for %d rows", n, len(rows))
		}
	})
}

func TestRealTables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"kursk/train.csv": 2000, "perm/messages.csv": 1000, "perm/labelled.csv": 94, "volga/notes.csv": 1500} {
		f := data(t, name)
		got, err := records(t, "csv", name, f, file.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		bad := 0
		for _, r := range got {
			if r.Err != nil {
				bad++
			}
		}
		if len(got) != want || bad > 0 {
			t.Errorf("%s: %d records, %d of them rejected; want %d and 0", name, len(got), bad, want)
		}
	}
}

// data opens a file of the real data.
func data(t *testing.T, name string) *os.File {
	t.Helper()
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		t.Skip("OTKLIK_DATA is not set: it names the folder of real data (see docs/sources.md)")
	}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFormats(t *testing.T) {
	t.Parallel()
	_, err := file.Open("xls", file.Options{})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), "csv, xlsx, jsonl, vk, telegram") {
		t.Errorf("Open(xls) = %v", err)
	}
	for _, name := range file.Formats() {
		if _, err := file.Open(name, file.Options{}); err != nil {
			t.Errorf("Open(%s) = %v", name, err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"id,text\n1,Яма\n", "id;text\r\n\"1\";\"a\"\"b\"", "id,text\n1,\"x\n2,\"y\"", "\xff\xfei\x00d\x00", "text\n\xff\xff", "id\ttext\n\"\t\n\"\"\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, "csv", b) })
}

func fuzz(t *testing.T, format string, b []byte) {
	o := file.Options{Limit: 200}
	whole, err := records(t, format, "f", strings.NewReader(string(b)), o)
	slow, err2 := records(t, format, "f", iotest.OneByteReader(strings.NewReader(string(b))), o)
	if diff := cmp.Diff(short(whole), short(slow)); diff != "" || (err == nil) != (err2 == nil) {
		t.Errorf("the records depend on the size of the reads: %v, %v\n%s", err, err2, diff)
	}
	if len(whole) > len(b)+1 {
		t.Errorf("%d records in %d bytes", len(whole), len(b))
	}
}
