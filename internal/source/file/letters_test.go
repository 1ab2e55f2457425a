package file_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"otklik/internal/source/file"
	"otklik/internal/source/mail"
)

// told returns what a file of letters gives: Message-IDs, and reasons for what is no message.
func told(t *testing.T, format, in string, o file.Options) string {
	t.Helper()
	got, err := records(t, format, "box", strings.NewReader(in), o)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range got {
		switch {
		case r.Err != nil && r.Err.Cut:
			out = append(out, "cut "+r.Err.Reason)
		case r.Err != nil:
			out = append(out, r.Err.Reason)
		default:
			out = append(out, r.Message.Native+" «"+r.Message.Text+"»")
		}
	}
	return strings.Join(out, "; ")
}

func letter(id, body string) string {
	return "From: anna@pochta.example\nMessage-ID: <" + id + ">\nContent-Type: text/plain; charset=utf-8\n\n" + body + "\n"
}

const mark = "From anna@pochta.example Mon Mar  2 10:00:00 2026\n"

func TestMailboxesInOneFile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("слово ", 30_000) // a line longer than the reader's buffer
	for name, c := range map[string]struct{ in, want string }{
		"two letters":                    {mark + letter("1", "яма") + "\n" + mark + letter("2", "снег"), "1 «яма»; 2 «снег»"},
		"line ends of Windows":           {strings.ReplaceAll(mark+letter("1", "яма")+"\n"+mark+letter("2", "снег"), "\n", "\r\n"), "1 «яма»; 2 «снег»"},
		"empty lines before":             {"\n\n" + mark + letter("1", "яма"), "1 «яма»"},
		"Thunderbird":                    {"From - Mon Mar  2 10:00:00 2026\n" + letter("1", "яма"), "1 «яма»"},
		"Gmail":                          {"From 1790000000000000000@xxx Mon Mar 02 10:00:00 +0000 2026\n" + letter("1", "яма"), "1 «яма»"},
		"a quoted line":                  {mark + letter("1", "яма\n\n>From here on"), "1 «яма\n\nFrom here on»"},
		"not a letter's beginning":       {mark + letter("1", "яма\n\nFrom 10:30 on there is\n\nno water"), "1 «яма\n\nFrom 10:30 on there is\n\nno water»"},
		"no empty line before":           {mark + letter("1", "яма\n"+mark+"X: y"), "1 «яма\nFrom anna@pochta.example Mon Mar 2 10:00:00 2026\nX: y»"},
		"a long line":                    {mark + letter("1", long) + "\n" + mark + letter("2", "снег"), "1 «" + strings.ToValidUTF8(long[:100<<10], "") + "…»; 2 «снег»"},
		"cut in a head":                  {mark + letter("1", "яма") + "\n" + mark + "From: anna@pochta.exa", "1 «яма»; cut unreadable"},
		"cut in a line":                  {mark + letter("1", "яма") + "\n" + mark + strings.TrimSuffix(letter("2", "сне"), "\n"), "1 «яма»; cut unreadable"},
		"a broken letter between others": {mark + "Content-Type: multipart/mixed; boundary=b\nFrom: a@b.ru\n\n--b\n\nяма\n\n" + mark + letter("2", "снег"), "unreadable; 2 «снег»"},
		"a mark alone":                   {mark, "no_message"},
		"no mailbox":                     {letter("1", "яма"), "no_message"},
		"nothing":                        {"", "no_message"},
		"blanks":                         {" \n\n", "no_message"},
		"zeros":                          {strings.Repeat("\x00", 100_000), "no_message"},
		"a machine's":                    {mark + "Auto-Submitted: auto-generated\n" + letter("1", "яма"), "no_message"},
		"without words":                  {mark + letter("1", ""), "no_text"},
	} {
		if got := told(t, "mbox", c.in, file.Options{}); got != c.want {
			t.Errorf("%s:\n%.300s\nwant\n%.300s", name, got, c.want)
		}
	}
	if got := told(t, "mbox", mark+letter("1", long)+"\n"+mark+letter("2", "снег"), file.Options{Limit: 1000}); got != "too_large; 2 «снег»" {
		t.Errorf("over the limit: %.200s", got)
	}
}

func TestSingleLetters(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"a letter":              {letter("1", "яма"), "1 «яма»"},
		"with a mark":           {mark + letter("1", "яма"), "1 «яма»"},
		"a byte order mark":     {"\ufeff" + letter("1", "яма"), "1 «яма»"},
		"no line end":           {strings.TrimSuffix(letter("1", "яма"), "\n"), "1 «яма»"},
		"a head alone":          {"From: a@b.ru\nSubject: =?utf-8?Q?=D1=8F?=\nMessage-ID: <1>\n", "1 «я»"},
		"cut in its head":       {"From: a@b.ru\nSubject: x\nMessage-I", "cut unreadable"},
		"cut behind its parts":  {"From: a@b.ru\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nяма\n", "cut unreadable"},
		"Outlook's own format":  {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "no_message"},
		"a page":                {"<!DOCTYPE html><html><body>Вход</body></html>", "no_message"},
		"nothing":               {"", "no_message"},
		"an answer of ours":     {strings.Replace(letter("1", "яма"), "anna@pochta.example", "cur@otklik.example", 1), "1 «яма»"},
		"without a sender":      {"Date: Mon, 02 Mar 2026 10:00:00 +0700\nSubject: x\n\nяма\n", "no_message"},
		"the text is a picture": {"From: a@b.ru\nMessage-ID: <1>\nContent-Type: image/jpeg; name=a.jpg\nContent-Disposition: attachment\n\nxx", "1 «»"},
	} {
		if got := told(t, "eml", c.in, file.Options{Source: "mail:cur@otklik.example", Mailbox: &mail.Box{Address: "cur@otklik.example"}}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	got, err := records(t, "eml", "x.eml", strings.NewReader(letter("1", "яма")), file.Options{Mailbox: &mail.Box{Address: "anna@pochta.example", Key: []byte("k")}})
	if err != nil || len(got) != 1 || !got[0].Message.Own || got[0].Message.Source != "file:mail" || got[0].Message.Contact != "anna@pochta.example" || got[0].Message.Author == "" || strings.Contains(got[0].Message.Author, "anna") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFolderOfLetters(t *testing.T) {
	t.Parallel()
	dated := func(id, date string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("Date: " + date + "\n" + letter(id, "яма "+id))}
	}
	folder := fstest.MapFS{
		"a.eml": dated("3", "Wed, 04 Mar 2026 10:00:00 +0700"), "b.EML": dated("1", "Mon, 02 Mar 2026 10:00:00 +0700"), "sub/cur/123.host:2,S": dated("2", "Tue, 03 Mar 2026 10:00:00 +0700"),
		"new/1": dated("4", "Thu, 05 Mar 2026 10:00:00 +0700"), "c.txt": dated("5", ""), "broken.eml": {Data: []byte("x")}, "dir.eml": {Mode: os.ModeDir | 0o755}, "closed.eml": {Mode: os.ModeSymlink},
	}
	f, err := file.Letters(folder, file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rec, err := range f.Records(context.Background(), "box", nil) {
		switch {
		case err != nil:
			t.Fatal(err)
		case rec.Err != nil:
			got = append(got, rec.Err.Text)
		default:
			got = append(got, rec.Message.Native)
		}
	}
	if want := "broken.eml: Это не письмо: нет ни отправителя, ни даты, ни темы. 1 2 3 4"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " "), want)
	}
}

func FuzzMbox(f *testing.F) {
	f.Add([]byte(mark + letter("1", "яма") + "\n" + mark + letter("2", ">From x")))
	f.Add([]byte(mark + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n\nFrom x 10:00\nA:"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := file.Open("mbox", file.Options{Limit: 4096})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rec, err := range r.Records(context.Background(), "x", strings.NewReader(string(raw))) {
			if n++; err != nil {
				t.Fatal(err)
			}
			if rec.Err == nil && rec.Message.Native == "" {
				t.Error("a message without an id")
			}
		}
		if n == 0 && strings.TrimSpace(string(raw)) == "" {
			t.Error("an empty file is not told")
		}
	})
}
