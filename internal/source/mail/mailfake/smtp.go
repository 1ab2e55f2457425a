package mailfake

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"

	"otklik/internal/mailbox"
)

// serveSMTP takes letters of the centre (RFC 5321).
func (f *Fake) serveSMTP(c net.Conn, r *bufio.Reader) {
	put := func(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }
	put("220 mailfake")
	from, to, in := "", "", false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			put("250-mailfake")
			put("250-AUTH PLAIN XOAUTH2")
			if f.opts.UTF8 {
				put("250-SMTPUTF8")
			}
			put("250 8BITMIME")
		case "AUTH":
			mechanism, b64, _ := strings.Cut(arg, " ")
			b, _ := base64.StdEncoding.DecodeString(b64)
			if mechanism == "XOAUTH2" {
				if in = f.bearer(b); in {
					put("235 2.7.0 welcome")
					continue
				}
				put("334 %s", why)
				if _, err := r.ReadString('\n'); err != nil {
					return
				}
				put("535 5.7.8 wrong token")
				continue
			}
			in = string(b) == "\x00"+f.opts.Address+"\x00"+f.opts.Password && f.spoilt("smtp", Wrong) == ""
			if !in {
				put("535 5.7.8 wrong password")
				continue
			}
			put("235 2.7.0 welcome")
		case "MAIL":
			switch {
			case !in:
				put("530 5.7.0 sign in first")
			case f.spoilt("smtp", Busy) != "":
				put("421 4.7.0 too many letters")
			case !f.opts.UTF8 && foreign(arg):
				put("553 5.6.7 no SMTPUTF8 here")
			default:
				from = told(arg)
				put("250 ok")
			}
		case "RCPT":
			to = told(arg)
			if !f.opts.UTF8 && foreign(arg) {
				put("553 5.6.7 no SMTPUTF8 here")
				continue
			}
			if f.spoilt("smtp", Nobody) != "" || !f.knows(to) {
				put("550 5.1.1 no such user %s", to)
				continue
			}
			put("250 ok")
		case "DATA":
			put("354 go on")
			var raw strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				raw.WriteString(strings.TrimPrefix(l, "."))
			}
			switch f.spoilt("smtp", Lost, Down, Garbage, Huge, Odd) {
			case Lost:
				f.take(from, to, raw.String())
				return
			case Down:
				return
			case Garbage:
				put("<html>502</html>")
				return
			case Huge:
				for range 4000 {
					if _, err := io.WriteString(c, strings.Repeat("2", 1<<10)); err != nil {
						return
					}
				}
				return
			case Odd:
				put("354 go on")
				return
			}
			f.take(from, to, raw.String())
			put("250 2.0.0 taken")
		case "QUIT":
			put("221 bye")
			return
		default:
			put("250 ok")
		}
	}
}

// knows reports whether there is such a mailbox.
func (f *Fake) knows(to string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.People[to] != nil || f.state.Gone[to] || f.state.Away[to]
}

// told returns the address of a command as people write it.
func told(arg string) string {
	_, a, _ := strings.Cut(arg, "<")
	a, _, _ = strings.Cut(a, ">")
	if normal, err := mailbox.Normal(a); err == nil {
		return normal
	}
	return strings.ToLower(a)
}

// foreign reports letters that SMTP without SMTPUTF8 does not know.
func foreign(arg string) bool {
	return strings.IndexFunc(arg, func(r rune) bool { return r > '~' }) >= 0
}
