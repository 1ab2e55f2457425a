// Package mailer hands letters to a mail server by SMTP, over TLS or STARTTLS. It knows
// nothing of what they say: package notify/mail sends notices by it, package source/mail
// answers residents.
package mailer

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"otklik/internal/mailbox"
)

// How a connection is kept secret.
const (
	StartTLS = "starttls" // plain, then TLS; without TLS nothing is sent
	TLS      = "tls"      // from the first byte
	Plain    = "none"     // for a server on the same machine alone
)

// A Server takes letters.
type Server struct {
	Addr     string // host:port
	User     string // "" = the server asks for none
	Password string
	Secret   string      // StartTLS when empty
	Roots    *tls.Config // nil: the system's

	// Token returns an access token for XOAUTH2, another one than the one that was refused. Nil:
	// the password signs in.
	Token func(ctx context.Context, refused string) (string, error)
}

// A Step says how far a letter came.
type Step string

// Steps.
const (
	Dial  Step = "dial"
	Hello Step = "hello"
	Auth  Step = "auth"
	From  Step = "from"
	To    Step = "to"
	Data  Step = "data"
	End   Step = "end" // the whole letter was sent: without a Code nobody knows whether it was taken
)

// An Error says where a letter stopped. It names no address: servers repeat them, so
// their words are left out but for the code.
type Error struct {
	Step   Step
	Code   int    // of the server's answer; 0 = it did not answer
	Status string // enhanced, «5.1.1»; may be empty
	err    error
}

func (e *Error) Error() string {
	if e.Code != 0 {
		return strings.TrimSpace(fmt.Sprintf("mailer: %s: the server answers %d %s", e.Step, e.Code, e.Status))
	}
	return fmt.Sprintf("mailer: %s: %v", e.Step, e.err)
}

func (e *Error) Unwrap() error { return e.err }

// Unclear reports whether the letter may have been taken all the same.
func (e *Error) Unclear() bool { return e.Step == End && e.Code == 0 }

// at makes the error of a step.
func at(step Step, err error) *Error {
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code < 400 || answer.Code > 599 {
		return &Error{Step: step, err: err}
	}
	e := &Error{Step: step, Code: answer.Code}
	if first, _, _ := strings.Cut(answer.Msg, " "); len(first) <= 9 && strings.Count(first, ".") == 2 && strings.Trim(first, "0123456789.") == "" {
		e.Status = first
	}
	return e
}

// Check signs in and leaves: the server and the password are right when it returns nil, and
// the server takes letters from an address in such letters.
func (s *Server) Check(ctx context.Context, from string) error {
	c, conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	foreign, _ := c.Extension("SMTPUTF8")
	_ = c.Quit()
	if !foreign && mailbox.Foreign(from) {
		return &Error{Step: From, Code: 553, Status: "5.6.7"}
	}
	return nil
}

// Send hands one letter over. Its errors are Errors. Hosts of addresses are written in ASCII;
// what stands before them in other letters needs a server that offers SMTPUTF8, else the
// error is 553 5.6.7 at From or To.
func (s *Server) Send(ctx context.Context, from, to string, letter []byte) error {
	c, conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if ok, _ := c.Extension("SMTPUTF8"); !ok && (mailbox.Foreign(from) || mailbox.Foreign(to)) {
		_ = c.Quit()
		step := To
		if mailbox.Foreign(from) {
			step = From
		}
		return &Error{Step: step, Code: 553, Status: "5.6.7"} // RFC 6531: as the server itself would say
	}
	if err := c.Mail(mailbox.Wire(from)); err != nil {
		return at(From, err)
	}
	if err := c.Rcpt(mailbox.Wire(to)); err != nil {
		return at(To, err)
	}
	w, err := c.Data()
	if err != nil {
		return at(Data, err)
	}
	if _, err := w.Write(letter); err != nil {
		return at(Data, err)
	}
	if err := w.Close(); err != nil {
		return at(End, err)
	}
	_ = c.Quit() // the letter is taken whatever comes now
	return nil
}

func (s *Server) dial(ctx context.Context) (*smtp.Client, net.Conn, error) {
	if s.Token == nil {
		return s.enter(ctx, "")
	}
	refused := ""
	for try := 0; ; try++ {
		token, err := s.Token(ctx, refused)
		if err != nil {
			return nil, nil, at(Auth, err)
		}
		c, conn, err := s.enter(ctx, token)
		var e *Error
		if try > 0 || !errors.As(err, &e) || e.Step != Auth || e.Code == 0 {
			return c, conn, err
		}
		refused = token // it may have been taken back meanwhile
	}
}

// enter opens a connection and signs in, by a token when one is given.
func (s *Server) enter(ctx context.Context, token string) (*smtp.Client, net.Conn, error) {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, nil, at(Dial, err)
	}
	if wire, ok := mailbox.Host(host); ok {
		host = wire
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Roots != nil {
		conf = s.Roots.Clone()
	}
	conf.ServerName = host
	d := &net.Dialer{Timeout: 15 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, nil, at(Dial, err)
	}
	deadline := time.Now().Add(2 * time.Minute)
	if d, ok := ctx.Deadline(); ok {
		deadline = d
	}
	_ = conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	conn = &bounded{conn, mostHeard}
	if s.Secret == TLS {
		conn = tls.Client(conn, conf)
	}
	c, step, err := s.greet(conn, host, token, conf)
	if err != nil {
		conn.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, nil, at(step, err)
	}
	return c, conn, nil
}

func (s *Server) greet(conn net.Conn, host, token string, conf *tls.Config) (*smtp.Client, Step, error) {
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, Hello, err
	}
	if s.Secret == StartTLS || s.Secret == "" {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return nil, Hello, errors.New("the server offers no STARTTLS, and without it nothing is sent")
		}
		if err := c.StartTLS(conf); err != nil {
			return nil, Hello, err
		}
	}
	if s.User == "" {
		return c, "", nil
	}
	how := smtp.PlainAuth("", s.User, s.Password, host)
	if _, ways := c.Extension("AUTH"); !strings.Contains(" "+ways+" ", " PLAIN ") && strings.Contains(ways, "LOGIN") {
		how = login{s.User, s.Password}
	}
	if token != "" {
		how = bearer{s.User, token, s.Secret == Plain}
	}
	if err := c.Auth(how); err != nil {
		return nil, Auth, err
	}
	return c, "", nil
}

// mostHeard is what a server may say in all, in bytes: the reader of lines has no bound.
const mostHeard = 1 << 20

type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the server says too much")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
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

// bearer is XOAUTH2, as Google, Mail.ru, Yandex and Microsoft take it.
type bearer struct {
	user, token string
	plain       bool // the server is on this machine
}

func (b bearer) Start(server *smtp.ServerInfo) (string, []byte, error) {
	if !server.TLS && !b.plain {
		return "", nil, errors.New("a token is not sent without TLS")
	}
	return "XOAUTH2", []byte("user=" + b.user + "\x01auth=Bearer " + b.token + "\x01\x01"), nil
}

// Next answers the reason of a refusal, so that its code comes.
func (b bearer) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return []byte{}, nil
	}
	return nil, nil
}
