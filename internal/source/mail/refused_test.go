package mail_test

import (
	"context"
	"strings"
	"testing"

	"otklik/internal/mailer"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/mail/mailfake"
)

// refuses takes no letter.
type refuses struct{ err mailer.Error }

func (r refuses) Send(context.Context, string, string, []byte) error { return &r.err }

// What a mail server answers to a reply says whether the reply waits, comes back or is
// unknown, and what a person does.
func TestWhatBecomesOfARefusedReply(t *testing.T) {
	t.Parallel()
	f, b, _ := open(t, mailfake.Options{})
	id := f.Write(mailfake.Draft{From: resident, Text: "Нет воды"})
	for name, c := range map[string]struct {
		answer  mailer.Error
		trouble source.Trouble
		word    string
	}{
		"greylisted":              {mailer.Error{Step: mailer.To, Code: 451, Status: "4.7.1"}, source.Later, "позже"},
		"greylisted, no status":   {mailer.Error{Step: mailer.To, Code: 450}, source.Later, "позже"},
		"full for now":            {mailer.Error{Step: mailer.To, Code: 452, Status: "4.2.2"}, source.Later, "позже"},
		"too many letters":        {mailer.Error{Step: mailer.From, Code: 421, Status: "4.7.0"}, source.Flood, "реже"},
		"too many, at recipient":  {mailer.Error{Step: mailer.To, Code: 421, Status: "4.7.0"}, source.Flood, "реже"},
		"no such mailbox":         {mailer.Error{Step: mailer.To, Code: 550, Status: "5.1.1"}, source.Permanent, "ящика нет"},
		"no such mailbox, bare":   {mailer.Error{Step: mailer.To, Code: 550}, source.Permanent, "ящика нет"},
		"full":                    {mailer.Error{Step: mailer.To, Code: 552, Status: "5.2.2"}, source.Permanent, "переполнен"},
		"spam":                    {mailer.Error{Step: mailer.End, Code: 554, Status: "5.7.1"}, source.Permanent, "нежелательным"},
		"an address in Russian":   {mailer.Error{Step: mailer.To, Code: 553, Status: "5.6.7"}, source.Permanent, "русскими буквами"},
		"our address in Russian":  {mailer.Error{Step: mailer.From, Code: 553, Status: "5.6.7"}, source.Person, "Имя нашего ящика"},
		"not our address":         {mailer.Error{Step: mailer.From, Code: 553, Status: "5.7.1"}, source.Person, "не разрешает писать"},
		"a password":              {mailer.Error{Step: mailer.Auth, Code: 535, Status: "5.7.8"}, source.Person, "пароль"},
		"broke before the letter": {mailer.Error{Step: mailer.Data}, source.Later, "не отвечает"},
		"broke behind it":         {mailer.Error{Step: mailer.End}, source.Unclear, "не сказал"},
	} {
		b.SMTP = refuses{c.answer}
		_, err := b.Publish(t.Context(), reply.Job{Key: "k", Parent: id, Thread: id, Text: "Дадут"})
		if trouble, said := sentence(t, err); trouble != c.trouble || !strings.Contains(said, c.word) {
			t.Errorf("%s: %s, %q", name, trouble, said)
		}
	}
}

// A resident whose address is written in Russian is a person too.
func TestAddressesInRussian(t *testing.T) {
	t.Parallel()
	f, b, _ := open(t, mailfake.Options{})
	f.Deliver(string(crlf("From: Анна <Анна@почта.рф>\nMessage-ID: <r@x>\nContent-Type: text/plain; charset=utf-8\n\nНет воды\n")))
	batch, err := b.Poll(t.Context(), nil)
	if err != nil || len(batch.Messages) != 1 || batch.Messages[0].Contact != "анна@почта.рф" || batch.Messages[0].AuthorName != "Анна" {
		t.Fatalf("%+v, %v", batch, err)
	}
	var to string
	b.SMTP = tells{&to}
	if _, err := b.Publish(t.Context(), reply.Job{Key: "k", Parent: "r@x", Thread: "r@x", Text: "Дадут"}); err != nil || to != "анна@почта.рф" {
		t.Errorf("the answer goes to %q, %v", to, err)
	}
}

// tells says to whom a letter went.
type tells struct{ to *string }

func (s tells) Send(_ context.Context, _, to string, _ []byte) error { *s.to = to; return nil }
