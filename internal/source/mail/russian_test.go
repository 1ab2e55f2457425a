package mail_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/mailer"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/mail"
	"otklik/internal/source/mail/mailfake"
)

const (
	russian      = "почта@абакан.рф"
	russianWire  = "почта@xn--80aaac0ct.xn--p1ai"
	russianHosts = "xn--80aaac0ct.xn--p1ai"
)

// A mailbox in Russian letters is recognised, and its servers are called by names of the DNS.
func TestAMailboxInRussian(t *testing.T) {
	t.Parallel()
	asked := ""
	r := mail.Recogniser{Options: mail.Options{MX: func(_ context.Context, domain string) ([]string, error) { asked = domain; return nil, nil }}}
	for _, pasted := range []string{"Почта@Абакан.РФ", russianWire} {
		g, err := r.Recognise(t.Context(), &url.URL{Scheme: "mailto", Opaque: pasted})
		if err != nil || g.ID != "mail:"+russian || asked != russianHosts || !strings.Contains(string(g.Settings), "imap.абакан.рф:993") || !strings.Contains(g.Needs, "SMTPUTF8") {
			t.Fatalf("%q: %+v, %v, asked the DNS for %q", pasted, g, err, asked)
		}
		b, c, err := mail.Open(source.Source{ID: g.ID, Settings: g.Settings}, source.Key{Secret: "x"}, mail.Options{Key: secret})
		if err != nil || b.Address != russian || b.User != russianWire || b.IMAP != "imap."+russianHosts+":993" || b.SMTP.(*mailer.Server).Addr != "smtp."+russianHosts+":465" || c.FileHosts[0] != "imap."+russianHosts {
			t.Errorf("Open(%q) = %+v, %v", pasted, b, err)
		}
	}
}

// Replies go to residents with such addresses as to all others, where the server takes them.
func TestRepliesToAddressesInRussian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, resident, head string
		utf8                 bool
		want                 string // what a person reads; "" = the reply arrives
	}{
		{name: "SMTPUTF8", resident: "анна@почта.рф", head: "To: <анна@xn--80a1acny.xn--p1ai>\r\n", utf8: true},
		{name: "only the host, without SMTPUTF8", resident: "anna@почта.рф", head: "To: <anna@xn--80a1acny.xn--p1ai>\r\n"},
		{name: "without SMTPUTF8", resident: "анна@почта.рф", want: "не умеет писать на адреса русскими буквами"},
	} {
		f, b, _ := open(t, mailfake.Options{UTF8: c.utf8})
		id := f.Write(mailfake.Draft{From: c.resident, Name: "Анна", Text: "Нет воды"})
		batch, err := b.Poll(t.Context(), nil)
		if err != nil || len(batch.Messages) != 1 || batch.Messages[0].Contact != c.resident {
			t.Fatalf("%s: %+v, %v", c.name, batch, err)
		}
		_, err = b.Publish(t.Context(), reply.Job{Key: "k", Parent: id, Thread: id, Text: "Дадут"})
		got := f.Raw(c.resident)
		if c.want != "" {
			if trouble, said := sentence(t, err); trouble != source.Permanent || !strings.Contains(said, c.want) || len(got) != 0 {
				t.Errorf("%s: %s, %q, %d letters", c.name, trouble, said, len(got))
			}
			continue
		}
		if err != nil || len(got) != 1 || !strings.Contains(got[0], c.head) {
			t.Errorf("%s: %v, came %q", c.name, err, got)
		}
	}
}

// A resident is one author in both spellings of the host.
func TestOneAuthorInBothSpellings(t *testing.T) {
	t.Parallel()
	f, b, _ := open(t, mailfake.Options{})
	for _, from := range []string{"Анна@Почта.рф", "анна@xn--80a1acny.xn--p1ai"} {
		f.Deliver(string(crlf("From: " + from + "\nMessage-ID: <" + from[len(from)-3:] + "@x>\nContent-Type: text/plain; charset=utf-8\n\nНет воды\n")))
	}
	batch, err := b.Poll(t.Context(), nil)
	if err != nil || len(batch.Messages) != 2 || batch.Messages[0].Author != batch.Messages[1].Author || batch.Messages[1].Contact != "анна@почта.рф" {
		t.Errorf("%+v, %v", batch.Messages, err)
	}
}

// A mailbox of ours in Russian letters answers by a server that takes them, and says at its
// first reading when it cannot.
func TestWeAnswerFromAnAddressInRussian(t *testing.T) {
	t.Parallel()
	for _, utf8 := range []bool{true, false} {
		_, other, c := open(t, mailfake.Options{})
		f, err := mailfake.New(mailfake.Options{Address: russian, Password: password, Now: c.now, UTF8: utf8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		b := box(f, "", c)
		b.Address, b.User, b.Key = russian, russian, other.Key
		b.SMTP = &mailer.Server{Addr: f.SMTP(), User: russian, Password: password, Secret: mailer.Plain}
		id := f.Write(mailfake.Draft{From: resident, Text: "Нет воды"})
		batch, err := b.Poll(t.Context(), nil)
		if err != nil || len(batch.Messages) != 1 || strings.Contains(batch.Note, "Имя нашего ящика") == utf8 {
			t.Fatalf("utf8 %t: %+v, %v", utf8, batch, err)
		}
		got, err := b.Publish(t.Context(), reply.Job{Key: "k", Parent: id, Thread: id, Text: "Дадут"})
		if !utf8 {
			if trouble, said := sentence(t, err); trouble != source.Person || !strings.Contains(said, "Имя нашего ящика") || len(f.Raw(resident)) != 0 {
				t.Errorf("without SMTPUTF8: %s, %q", trouble, said)
			}
			continue
		}
		if err != nil || !strings.HasSuffix(got.Native, "@"+russianHosts) || len(f.Raw(resident)) != 1 || !strings.Contains(f.Raw(resident)[0], "<"+russianWire+">") {
			t.Fatalf("%+v, %v, %q", got, err, f.Raw(resident))
		}
		f.Write(mailfake.Draft{From: resident, To: got.Native, Text: "Спасибо"})
		next, err := b.Poll(t.Context(), batch.Cursor)
		if err != nil || len(next.Messages) != 1 || next.Messages[0].Parent != got.Native || next.Messages[0].Thread != id {
			t.Errorf("the answer: %+v, %v", next.Messages, err)
		}
	}
}
