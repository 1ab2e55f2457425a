// Package mail sends parcels by SMTP, over TLS or STARTTLS.
//
// Each parcel is a letter in plain text whose Message-ID is the parcel's name: a letter
// that was sent twice, because nobody knew how the first try ended, is one letter for
// the mailboxes that we know of.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/notify"
)

// How a connection is kept secret.
const (
	StartTLS = "starttls" // plain, then TLS; without TLS nothing is sent
	TLS      = "tls"      // from the first byte
	Plain    = "none"     // for a server on the same machine alone
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
	c, conn, err := s.dial(ctx)
	if err != nil {
		return unavailable(err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	from, err := mail.ParseAddress(s.From)
	if err != nil {
		return err
	}
	if err := c.Mail(from.Address); err != nil {
		return unavailable(fmt.Errorf("the sender is not accepted: %w", plain(err)))
	}
	if err := c.Rcpt(to); err != nil {
		var answer *textproto.Error
		if errors.As(err, &answer) && slices.Contains([]int{550, 551, 553}, answer.Code) {
			return &notify.Refusal{Why: "Почтовый сервер говорит, что такого ящика нет или он не принимает писем. Проверьте адрес и подтвердите его заново.", Err: plain(err)}
		}
		return unavailable(plain(err))
	}
	w, err := c.Data()
	if err != nil {
		return unavailable(plain(err))
	}
	if _, err := w.Write(letter); err != nil {
		return unavailable(plain(err))
	}
	if err := w.Close(); err != nil {
		var answer *textproto.Error
		if errors.As(err, &answer) { // the server said no
			return unavailable(plain(err))
		}
		return errors.Join(notify.ErrUnclear, plain(err))
	}
	_ = c.Quit() // the letter is taken whatever comes now
	return nil
}

func (s *Sender) dial(ctx context.Context) (*smtp.Client, net.Conn, error) {
	host, _, err := net.SplitHostPort(s.Server)
	if err != nil {
		return nil, nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Roots != nil {
		conf = s.Roots.Clone()
	}
	conf.ServerName = host
	d := &net.Dialer{Timeout: 15 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", s.Server)
	if err != nil {
		return nil, nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if s.Secret == TLS {
		conn = tls.Client(conn, conf)
	}
	c, err := s.greet(conn, host, conf)
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return c, conn, nil
}

func (s *Sender) greet(conn net.Conn, host string, conf *tls.Config) (*smtp.Client, error) {
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, err
	}
	if s.Secret == StartTLS || s.Secret == "" {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return nil, errors.New("the server offers no STARTTLS, and without it nothing is sent")
		}
		if err := c.StartTLS(conf); err != nil {
			return nil, err
		}
	}
	if s.User == "" {
		return c, nil
	}
	how := smtp.PlainAuth("", s.User, s.Password, host)
	if _, ways := c.Extension("AUTH"); !strings.Contains(" "+ways+" ", " PLAIN ") && strings.Contains(ways, "LOGIN") {
		how = login{s.User, s.Password}
	}
	if err := c.Auth(how); err != nil {
		return nil, fmt.Errorf("the server does not take the password: %w", plain(err))
	}
	return c, nil
}

// login is what older servers ask for in place of PLAIN.
type login struct{ user, password string }

func (l login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS {
		return "", nil, errors.New("a password is not sent without TLS")
	}
	return "LOGIN", nil, nil
}

func (l login) Next(asked []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case bytes.HasPrefix(bytes.ToLower(asked), []byte("user")):
		return []byte(l.user), nil
	}
	return []byte(l.password), nil
}

// plain keeps a server's code and leaves its words out: they name the address.
func plain(err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("the server answers %d", answer.Code)
	}
	return err
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
	_, domain, _ := strings.Cut(from.Address, "@")
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", from.String()}, {"To", "<" + to + ">"}, {"Subject", mime.BEncoding.Encode("utf-8", oneLine(p.Subject))},
		{"Date", s.Now().Format(time.RFC1123Z)}, {"Message-ID", "<otklik-" + p.Name + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"}, {"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"}, {"Content-Language", "ru"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if p.Urgent {
		b.WriteString("Importance: high\r\n")
	}
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	_, _ = io.WriteString(q, strings.ReplaceAll(text(p), "\n", "\r\n"))
	return b.Bytes(), q.Close()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

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
