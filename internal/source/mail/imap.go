package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"otklik/internal/mailer"
)

// Bounds of what a server may say.
const (
	mostLine    = 64 << 10
	mostLines   = 20_000      // untagged lines of one answer
	mostLiteral = 21 << 20    // bytes of one letter
	callTime    = time.Minute // for one command
	dialTime    = 15 * time.Second
)

// A conn is a connection to an IMAP server (RFC 3501 with IDLE, RFC 2177): as much of the
// protocol as reading needs. The reference library costs half a megabyte of the program
// (docs/dependencies.md).
type conn struct {
	net  net.Conn
	r    *bufio.Reader
	tag  int
	can  map[string]bool
	fold string // the folder that is open
}

// A refusal is a NO, BAD or BYE of the server. Its words are kept for their class alone: they
// may hold the address.
type refusal struct {
	command string
	kind    string // NO, BAD, BYE
	code    string // «AUTHENTICATIONFAILED»; may be empty
	words   string
}

func (r *refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("imap: %s is answered %s %s", r.command, r.kind, r.code))
}

// errNonsense is what is no answer of an IMAP server.
var errNonsense = errors.New("imap: the server does not speak IMAP")

// connect opens a connection and signs in.
func (b *Box) connect(ctx context.Context) (_ *conn, err error) {
	host, port, err := net.SplitHostPort(b.IMAP)
	if err != nil {
		return nil, err
	}
	d := &net.Dialer{Timeout: dialTime}
	raw, err := d.DialContext(ctx, "tcp", b.IMAP)
	if err != nil {
		return nil, err
	}
	c := &conn{net: raw}
	defer func() {
		if err != nil {
			c.net.Close()
			if ctx.Err() != nil {
				err = ctx.Err()
			}
		}
	}()
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()
	_ = raw.SetDeadline(time.Now().Add(callTime))
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if b.Roots != nil {
		conf = b.Roots.Clone()
	}
	conf.ServerName = host
	if b.Secret == mailer.TLS || b.Secret == "" {
		c.net = tls.Client(raw, conf)
	}
	c.r = bufio.NewReaderSize(c.net, mostLine)
	greeting, err := c.line()
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(greeting, "* BYE"):
		return nil, refused("greeting", strings.TrimPrefix(greeting, "* "))
	case !strings.HasPrefix(greeting, "* OK") && !strings.HasPrefix(greeting, "* PREAUTH"):
		return nil, errNonsense
	}
	if b.Secret == mailer.StartTLS {
		if err := c.call(nil, "STARTTLS"); err != nil {
			return nil, err
		}
		if c.r.Buffered() > 0 { // somebody between us and the server wrote along
			return nil, errNonsense
		}
		c.net = tls.Client(raw, conf)
		c.r = bufio.NewReaderSize(c.net, mostLine)
	}
	if err := c.capabilities(); err != nil {
		return nil, err
	}
	if b.OAuth != nil {
		err = c.signIn(ctx, b, host, port)
	} else {
		err = c.login(b.User, b.Password)
	}
	if err != nil {
		return nil, err
	}
	return c, c.capabilities() // more of them may be told now
}

func (c *conn) login(user, password string) error {
	if !plainASCII(user+password) || c.can["LOGINDISABLED"] {
		return c.authenticate("PLAIN", "\x00"+user+"\x00"+password, "")
	}
	return c.call(nil, "LOGIN "+quote(user)+" "+quote(password))
}

// authenticate signs in by a mechanism of SASL: with its first words, sent along where the
// server takes them so (RFC 4959), and next for what it asks behind, which is the reason of a
// refusal.
func (c *conn) authenticate(mechanism, first, next string) error {
	command, say := "AUTHENTICATE "+mechanism, []string{first, next}
	if c.can["SASL-IR"] {
		command, say = command+" "+base64.StdEncoding.EncodeToString([]byte(first)), say[1:]
	}
	return c.talk(nil, func() string {
		if len(say) == 0 {
			return "*" // RFC 3501: it is given up
		}
		words := say[0]
		say = say[1:]
		return base64.StdEncoding.EncodeToString([]byte(words))
	}, command)
}

func (c *conn) capabilities() error {
	c.can = map[string]bool{}
	return c.call(func(words string, _ []byte) {
		if list, ok := strings.CutPrefix(words, "CAPABILITY "); ok {
			for _, w := range strings.Fields(list) {
				c.can[strings.ToUpper(w)] = true
			}
		}
	}, "CAPABILITY")
}

// line reads one line without its end.
func (c *conn) line() (string, error) {
	b, err := c.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return "", errNonsense
	}
	return strings.TrimRight(string(b), "\r\n"), err
}

// answer reads one line with its literals: they are handed to literal and stand in the line
// as «{}».
func (c *conn) answer() (words string, literals [][]byte, err error) {
	var out strings.Builder
	for {
		l, err := c.line()
		if err != nil {
			return "", nil, err
		}
		open := strings.LastIndexByte(l, '{')
		if open < 0 || !strings.HasSuffix(l, "}") {
			out.WriteString(l)
			return out.String(), literals, nil
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(l[open+1:len(l)-1], "+"), 10, 64)
		if err != nil {
			out.WriteString(l)
			return out.String(), literals, nil
		}
		if n < 0 || n > mostLiteral || len(literals) > 20 || out.Len() > mostLine {
			return "", nil, errNonsense
		}
		b := make([]byte, 0, min(n, 1<<20))
		for int64(len(b)) < n { // what is announced need not come
			k := min(n-int64(len(b)), 1<<20)
			at := len(b)
			b = append(b, make([]byte, k)...)
			if _, err := io.ReadFull(c.r, b[at:]); err != nil {
				return "", nil, err
			}
			_ = c.net.SetDeadline(time.Now().Add(callTime))
		}
		literals = append(literals, b)
		out.WriteString(l[:open] + "{}")
	}
}

// call sends a command and reads until its end. tell hears of the untagged answers, with
// their first literal.
func (c *conn) call(tell func(words string, literal []byte), command string) error {
	return c.talk(tell, nil, command)
}

// talk is a call in which the server asks for more: goOn answers.
func (c *conn) talk(tell func(words string, literal []byte), goOn func() string, command string) error {
	if strings.ContainsAny(command, "\r\n\x00") {
		return errors.New("imap: a command of two lines")
	}
	tag := c.send(command)
	name, _, _ := strings.Cut(command, " ")
	if name == "UID" {
		name = strings.Join(strings.Fields(command)[:2], " ")
	}
	for range mostLines {
		words, literals, err := c.answer()
		if err != nil {
			return err
		}
		switch rest, untagged := strings.CutPrefix(words, "* "); {
		case untagged && strings.HasPrefix(strings.ToUpper(rest), "BYE"):
			return refused(name, rest)
		case untagged:
			if tell != nil {
				var literal []byte
				if len(literals) > 0 {
					literal = literals[0]
				}
				tell(rest, literal)
			}
		case strings.HasPrefix(words, tag+" "):
			if end := words[len(tag)+1:]; !strings.HasPrefix(strings.ToUpper(end), "OK") {
				return refused(name, end)
			}
			return nil
		case strings.HasPrefix(words, "+"):
			if goOn != nil {
				_, _ = io.WriteString(c.net, goOn()+"\r\n")
			}
		default:
			return errNonsense
		}
	}
	return errNonsense
}

func (c *conn) send(command string) (tag string) {
	c.tag++
	tag = "a" + strconv.Itoa(c.tag)
	_ = c.net.SetDeadline(time.Now().Add(callTime))
	_, _ = io.WriteString(c.net, tag+" "+command+"\r\n") // the answer that does not come tells
	return tag
}

func refused(command, end string) *refusal {
	kind, rest, _ := strings.Cut(end, " ")
	r := &refusal{command: command, kind: strings.ToUpper(kind), words: rest}
	if strings.HasPrefix(rest, "[") {
		code, words, _ := strings.Cut(rest[1:], "]")
		code, _, _ = strings.Cut(code, " ")
		r.code, r.words = strings.ToUpper(code), words
	}
	return r
}

// A folder is what opening one tells.
type folder struct {
	validity uint32
	exists   uint32
	next     uint32 // UID of the next letter; 0 = not told
}

// open opens a folder to read: nothing in it is marked by us.
func (c *conn) open(name string) (f folder, err error) {
	err = c.call(func(words string, _ []byte) {
		if n, ok := strings.CutSuffix(strings.ToUpper(words), " EXISTS"); ok {
			f.exists = number(n)
		}
		if _, rest, ok := strings.Cut(strings.ToUpper(words), "[UIDVALIDITY "); ok {
			rest, _, _ = strings.Cut(rest, "]")
			f.validity = number(rest)
		}
		if _, rest, ok := strings.Cut(strings.ToUpper(words), "[UIDNEXT "); ok {
			rest, _, _ = strings.Cut(rest, "]")
			f.next = number(rest)
		}
	}, "EXAMINE "+quote(FolderName(name)))
	if err == nil {
		c.fold = name
	}
	return f, err
}

// search returns the UIDs that fit, in the server's order.
func (c *conn) search(what string) (uids []uint32, err error) {
	err = c.call(func(words string, _ []byte) {
		if list, ok := strings.CutPrefix(strings.ToUpper(words), "SEARCH"); ok {
			for _, w := range strings.Fields(list) {
				if n := number(w); n > 0 && len(uids) < 1_000_000 {
					uids = append(uids, n)
				}
			}
		}
	}, "UID SEARCH "+what)
	return uids, err
}

// fetch returns a letter, its first most bytes, and when the server took it. A letter that
// is gone is nil.
func (c *conn) fetch(uid uint32, most int) (raw []byte, at time.Time, err error) {
	odd := false
	err = c.call(func(words string, literal []byte) {
		_, rest, ok := strings.Cut(words, " FETCH (")
		if !ok || !strings.Contains(" "+strings.ToUpper(rest), " UID "+strconv.FormatUint(uint64(uid), 10)) {
			return
		}
		if literal == nil {
			odd = odd || !strings.Contains(strings.ToUpper(rest), "BODY[]<0> NIL") && strings.Contains(strings.ToUpper(rest), "BODY[]")
			return
		}
		raw = literal
		if _, date, ok := strings.Cut(rest, "INTERNALDATE \""); ok {
			date, _, _ = strings.Cut(date, "\"")
			at, _ = time.Parse("_2-Jan-2006 15:04:05 -0700", date)
		}
	}, fmt.Sprintf("UID FETCH %d (UID INTERNALDATE BODY.PEEK[]<0.%d>)", uid, most))
	if err == nil && odd {
		err = errNonsense
	}
	return raw, at, err
}

// idle waits until the folder that is open changes, at most wait.
func (c *conn) idle(ctx context.Context, wait time.Duration) error {
	if !c.can["IDLE"] {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
			return c.call(nil, "NOOP")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	tag := c.send("IDLE")
	ended := false
	_ = c.net.SetReadDeadline(time.Now().Add(wait))
	for range mostLines {
		words, _, err := c.answer()
		var late net.Error
		switch {
		case err != nil && errors.As(err, &late) && late.Timeout() && !ended && ctx.Err() == nil:
			if c.r.Buffered() > 0 {
				return errNonsense
			}
		case err != nil:
			return err
		case strings.HasPrefix(words, tag+" "):
			if end := words[len(tag)+1:]; !strings.HasPrefix(strings.ToUpper(end), "OK") {
				return refused("IDLE", end)
			}
			return nil
		case strings.HasPrefix(strings.ToUpper(words), "* BYE"):
			return refused("IDLE", words[2:])
		case strings.HasPrefix(words, "+"), !strings.HasSuffix(strings.ToUpper(words), " EXISTS"):
			continue
		}
		if !ended {
			ended = true
			_ = c.net.SetDeadline(time.Now().Add(callTime))
			if _, err := io.WriteString(c.net, "DONE\r\n"); err != nil {
				return err
			}
		}
	}
	return errNonsense
}

// full says how much of the mailbox is used, in per cent; 0 where the server does not tell.
func (c *conn) full() (percent int) {
	if !c.can["QUOTA"] {
		return 0
	}
	_ = c.call(func(words string, _ []byte) {
		_, rest, ok := strings.Cut(strings.ToUpper(words), "(STORAGE ")
		f := strings.Fields(strings.Trim(rest, ")"))
		if ok && strings.HasPrefix(strings.ToUpper(words), "QUOTA ") && len(f) >= 2 {
			if used, limit := number(f[0]), number(strings.Trim(f[1], ")")); limit > 0 {
				percent = max(percent, int(uint64(used)*100/uint64(limit)))
			}
		}
	}, "GETQUOTAROOT INBOX")
	return percent
}

// close leaves.
func (c *conn) close() {
	_ = c.net.SetDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(c.net, "z LOGOUT\r\n")
	c.net.Close()
}

func number(s string) uint32 {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// FolderName writes a folder's name as IMAP does (RFC 3501, 5.1.3).
func FolderName(s string) string {
	var out strings.Builder
	var run []rune
	flush := func() {
		if len(run) == 0 {
			return
		}
		var b []byte
		for _, u := range utf16.Encode(run) {
			b = append(b, byte(u>>8), byte(u))
		}
		out.WriteString("&" + strings.ReplaceAll(base64.RawStdEncoding.EncodeToString(b), "/", ",") + "-")
		run = nil
	}
	for _, r := range s {
		switch {
		case r >= ' ' && r <= '~':
			flush()
			if out.WriteRune(r); r == '&' {
				out.WriteByte('-')
			}
		default:
			run = append(run, r)
		}
	}
	flush()
	return out.String()
}
