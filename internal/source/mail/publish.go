package mail

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"

	"otklik/internal/incident"
	"otklik/internal/mailbox"
	"otklik/internal/mailer"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/markup"
)

// Ability implements source.Publisher. SMTP knows no key. Where the server keeps what it
// sent in a folder that we read, the end of a try is found there; elsewhere nothing proves it.
func (b *Box) Ability() source.Ability {
	return source.Ability{ReadBack: b.Sent != "", Settle: time.Minute, PerSecond: float64(b.PerHour) / 3600, PerDay: b.PerDay}
}

// Publish implements source.Publisher: a letter in the thread of the one that is answered.
func (b *Box) Publish(ctx context.Context, job reply.Job) (reply.Receipt, error) {
	raw, err := b.letter(ctx, job.Parent)
	switch {
	case errors.Is(err, errGone):
		return reply.Receipt{}, source.Fail(source.Permanent, "Письма, на которое нужно ответить, в ящике больше нет. Ответьте вручную: адрес стоит у сообщения.", "%w", err)
	case ctx.Err() != nil:
		return reply.Receipt{}, ctx.Err()
	case err != nil:
		return reply.Receipt{}, b.trouble(err)
	}
	l := Read(raw)
	to := l.ReplyTo
	if to == "" || b.ours(to) || robots.MatchString(to) || l.Auto != "" {
		return reply.Receipt{}, source.Fail(source.Permanent, "Это письмо написала программа или мы сами: отвечать некому.", "mail: the letter takes no answer")
	}
	root := job.Thread
	if root == "" {
		root = l.ID
	}
	st, _ := b.stand(l)
	id := b.idOf(job.Key, root, st.author)
	number := ""
	if b.NumberOf != nil && job.Incident != 0 {
		if number, err = b.NumberOf(ctx, job.Incident); err != nil {
			return reply.Receipt{}, err
		}
	}
	letter := mailer.Write(b.head(l, to, id, number, job), job.Text)
	if err := b.SMTP.Send(ctx, b.Address, to, letter); err != nil {
		return reply.Receipt{}, b.sendTrouble(err)
	}
	return reply.Receipt{Native: id, At: b.now()}, nil
}

// head is the head of our answer to a letter; number is the incident's, "" for none.
func (b *Box) head(l *Letter, to, id, number string, job reply.Job) []mailer.Field {
	refs := l.Refs
	if len(refs) > 12 {
		refs = append(refs[:1:1], refs[len(refs)-11:]...)
	}
	named := func(id string) string { return "<" + strings.Map(printable, id) + ">" }
	var thread []string
	for _, r := range refs {
		thread = append(thread, named(r))
	}
	head := []mailer.Field{
		{Name: "From", Value: (&mail.Address{Name: b.Name, Address: mailbox.Wire(b.Address)}).String()},
		{Name: "To", Value: "<" + mailbox.Wire(to) + ">"},
		{Name: "Subject", Value: mailer.Words(subject(l.Subject, number))},
		{Name: "Date", Value: b.now().Format(time.RFC1123Z)},
		{Name: "Message-ID", Value: "<" + id + ">"},
		// Machines on leave keep quiet; reports of failures are wanted.
		{Name: "X-Auto-Response-Suppress", Value: "OOF, AutoReply"},
	}
	if l.Named {
		head = append(head, mailer.Field{Name: "In-Reply-To", Value: named(l.ID)}, mailer.Field{Name: "References", Value: strings.Join(append(thread, named(l.ID)), " ")})
	}
	if job.Fanout != 0 { // one text to many: written by a person, sent by a machine
		head = append(head, mailer.Field{Name: "Auto-Submitted", Value: "auto-generated"})
	}
	return head
}

func printable(r rune) rune {
	if r <= ' ' || r > '~' || r == '<' || r == '>' {
		return -1
	}
	return r
}

const longestSubject = 150 // runes

// subject is that of an answer. The number keeps the thread where a client drops its head.
func subject(of, number string) string {
	s := strings.TrimSpace(ourNumber.ReplaceAllString(subjectPrefix.ReplaceAllString(of, ""), ""))
	if s == "" {
		s = "Ваше обращение"
	}
	if r := []rune(s); len(r) > longestSubject {
		s = string(r[:longestSubject]) + "…"
	}
	if number != "" {
		s += " [№ " + incident.Spoken(number) + "]"
	}
	return "Re: " + s
}

// Find implements source.Publisher by the folder where the server keeps what it sent: an
// answer of ours to the same letter in the same words.
func (b *Box) Find(ctx context.Context, job reply.Job) (reply.Receipt, bool, error) {
	if b.Sent == "" {
		return reply.Receipt{}, false, source.Fail(source.Unclear, "Проверить, ушло ли письмо, нельзя: посмотрите в папке отправленных или спросите получателя.", "mail: nothing keeps what was sent")
	}
	if !plainASCII(job.Parent) {
		return reply.Receipt{}, false, nil
	}
	c, err := b.connect(ctx)
	if err != nil {
		return reply.Receipt{}, false, b.trouble(err)
	}
	defer c.close()
	defer context.AfterFunc(ctx, func() { c.net.Close() })()
	want := spoken(job.Text)
	var found *Letter
	_, err = b.look(c, []string{b.Sent}, "HEADER In-Reply-To "+quote(job.Parent), func(l *Letter) bool {
		if b.ours(l.From) && spoken(l.Text) == want && len(l.Refs) > 0 && l.Refs[len(l.Refs)-1] == job.Parent {
			found = l
			return true
		}
		return false
	})
	switch {
	case ctx.Err() != nil:
		return reply.Receipt{}, false, ctx.Err()
	case err != nil:
		return reply.Receipt{}, false, b.trouble(err)
	case found == nil:
		if _, err := c.open(b.Sent); err != nil { // without the folder nothing is known
			return reply.Receipt{}, false, b.trouble(err)
		}
		return reply.Receipt{}, false, nil
	}
	return reply.Receipt{Native: found.ID, At: found.Date}, true, nil
}

// spoken is what a letter of ours says, as Read gives it back, spacing aside.
func spoken(text string) string {
	return strings.Join(strings.Fields(markup.Tidy(own(lines(text), false, false))), " ")
}
