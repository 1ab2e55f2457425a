// Package mail sends parcels by SMTP, over TLS or STARTTLS.
//
// Each parcel is a letter in plain text whose Message-ID is the parcel's name: a letter
// that was sent twice, because nobody knew how the first try ended, is one letter for
// the mailboxes that we know of.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/mailbox"
	"otklik/internal/mailer"
	"otklik/internal/notify"
)

// How a connection is kept secret.
const (
	StartTLS = mailer.StartTLS // plain, then TLS; without TLS nothing is sent
	TLS      = mailer.TLS      // from the first byte
	Plain    = mailer.Plain    // for a server on the same machine alone
)

// A Sender sends letters through one server.
type Sender struct {
	Server   string // host:port
	From     string // «Отклик <otklik@example.ru>»
	User     string // "" = the server asks for none
	Password string
	Secret   string      // StartTLS when empty
	Roots    *tls.Config // nil: the system's; a test's own
	Now      func() time.Time
}

// Idempotent implements notify.Channel.
func (*Sender) Idempotent() bool { return true }

// Send implements notify.Channel.
func (s *Sender) Send(ctx context.Context, to string, p *notify.Parcel) error {
	letter, err := s.letter(to, p)
	if err != nil {
		return err
	}
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return err
	}
	srv := &mailer.Server{Addr: s.Server, User: s.User, Password: s.Password, Secret: s.Secret, Roots: s.Roots}
	err = srv.Send(ctx, from.Address, to, letter)
	var e *mailer.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e) && e.Step == mailer.To && e.Status == "5.6.7":
		return &notify.Refusal{Why: "Почтовый сервер не умеет писать на адреса, чьё имя написано русскими буквами. Введите другой адрес.", Err: err}
	case e != nil && e.Step == mailer.To && slices.Contains([]int{550, 551, 553}, e.Code):
		return &notify.Refusal{Why: "Почтовый сервер говорит, что такого ящика нет или он не принимает писем. Проверьте адрес и подтвердите его заново.", Err: err}
	case e != nil && e.Unclear():
		return errors.Join(notify.ErrUnclear, err)
	}
	return unavailable(err)
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "mail: %w", err).Say("Почтовый сервер не отвечает или отказал. Пробуем ещё.")
}

// letter writes a parcel as it goes over the wire.
func (s *Sender) letter(to string, p *notify.Parcel) ([]byte, error) {
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mail.from: %w", err)
	}
	at, err := mail.ParseAddress(to)
	if err != nil || at.Address != to {
		return nil, &notify.Refusal{Why: "Это не адрес почты. Введите его заново.", Err: errors.New("no address of mail")}
	}
	from.Address, to = mailbox.Wire(from.Address), mailbox.Wire(to)
	_, domain, _ := strings.Cut(from.Address, "@")
	head := []mailer.Field{
		{Name: "From", Value: from.String()}, {Name: "To", Value: "<" + to + ">"}, {Name: "Subject", Value: mailer.Words(p.Subject)},
		{Name: "Date", Value: s.Now().Format(time.RFC1123Z)}, {Name: "Message-ID", Value: "<otklik-" + p.Name + "@" + domain + ">"},
		{Name: "Auto-Submitted", Value: "auto-generated"}, {Name: "X-Auto-Response-Suppress", Value: "All"},
	}
	if p.Urgent {
		head = append(head, mailer.Field{Name: "Importance", Value: "high"})
	}
	return mailer.Write(head, text(p)), nil
}

func text(p *notify.Parcel) string {
	var b strings.Builder
	for _, l := range p.Lines {
		b.WriteString(l.Text + "\n")
		if l.URL != "" {
			b.WriteString(l.URL + "\n")
		}
		b.WriteString("\n")
	}
	if p.More > 0 {
		fmt.Fprintf(&b, "И ещё уведомлений: %d.\n", p.More)
	}
	if p.All != "" {
		b.WriteString("Все уведомления: " + p.All + "\nЧто и куда присылать: " + p.All + "/settings\n")
	}
	b.WriteString("\nПисьмо отправил Отклик, отвечать на него не нужно.\n")
	return b.String()
}
