package mailfake

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/source/mail"
)

// serveIMAP speaks as much of RFC 3501 as mail programs that read need.
func (f *Fake) serveIMAP(c net.Conn, r *bufio.Reader) {
	f.mu.Lock()
	f.conns[c] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
	}()
	put := func(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }
	put("* OK [CAPABILITY IMAP4rev1] mailfake")
	in, open := false, ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		verb, args, _ := strings.Cut(rest, " ")
		verb = strings.ToUpper(verb)
		if verb == "UID" {
			sub, more, _ := strings.Cut(args, " ")
			verb, args = "UID "+strings.ToUpper(sub), more
		}
		if !in && !slices.Contains([]string{"LOGIN", "AUTHENTICATE", "CAPABILITY", "LOGOUT", "NOOP"}, verb) {
			put("%s NO sign in first", tag)
			continue
		}
		switch verb {
		case "CAPABILITY":
			if f.opts.Bare {
				put("* CAPABILITY IMAP4rev1")
			} else {
				put("* CAPABILITY IMAP4rev1 IDLE QUOTA SASL-IR AUTH=PLAIN AUTH=" + f.opts.bearer())
			}
			put("%s OK done", tag)
		case "LOGIN", "AUTHENTICATE":
			in = f.signIn(r, put, tag, verb, args)
		case "EXAMINE", "SELECT":
			if f.spoilIMAP(c, put, tag) {
				return
			}
			open = f.examine(put, tag, args)
		case "UID SEARCH":
			if f.spoilt("imap", Down) != "" {
				return
			}
			f.search(put, tag, open, args)
		case "UID FETCH":
			f.fetch(c, put, tag, open, args)
		case "GETQUOTAROOT":
			f.mu.Lock()
			put("* QUOTAROOT INBOX \"\"")
			put("* QUOTA \"\" (STORAGE %d 100)", f.state.Quota)
			f.mu.Unlock()
			put("%s OK done", tag)
		case "IDLE":
			if !f.idle(c, r, put, tag, open) {
				return
			}
		case "NOOP":
			put("%s OK done", tag)
		case "LOGOUT":
			put("* BYE bye")
			put("%s OK done", tag)
			return
		default:
			put("%s BAD what", tag)
		}
	}
}

func (f *Fake) signIn(r *bufio.Reader, put func(string, ...any), tag, verb, args string) bool {
	switch f.spoilt("imap", Wrong, Busy, NoIMAP, App) {
	case Wrong:
		put("%s NO [AUTHENTICATIONFAILED] Invalid credentials for %s", tag, f.opts.Address)
		return false
	case Busy:
		put("%s NO [UNAVAILABLE] Too many simultaneous connections", tag)
		return false
	case NoIMAP:
		put("%s NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled", tag)
		return false
	case App:
		put("%s NO Application password is REQUIRED", tag)
		return false
	}
	user, password := "", ""
	mechanism, b64, along := strings.Cut(args, " ")
	if verb == "AUTHENTICATE" && !along {
		put("+ ")
		line, _ := r.ReadString('\n')
		b64 = strings.TrimSpace(line)
	}
	if mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER" {
		b, _ := base64.StdEncoding.DecodeString(b64)
		if f.bearer(b) {
			put("%s OK welcome", tag)
			return true
		}
		put("+ %s", why)
		_, _ = r.ReadString('\n') // an empty line, or one of \x01
		put("%s NO [AUTHENTICATIONFAILED] Invalid credentials", tag)
		return false
	}
	if verb == "LOGIN" {
		if list := words(args); len(list) == 2 {
			user, password = list[0], list[1]
		}
	} else {
		b, _ := base64.StdEncoding.DecodeString(b64)
		if p := strings.Split(string(b), "\x00"); len(p) == 3 {
			user, password = p[1], p[2]
		}
	}
	if !strings.EqualFold(user, f.opts.Address) || password != f.opts.Password {
		put("%s NO [AUTHENTICATIONFAILED] Invalid credentials", tag)
		return false
	}
	put("%s OK welcome", tag)
	return true
}

// spoilIMAP does what was ordered for the opening of a folder; true ends the connection.
func (f *Fake) spoilIMAP(c net.Conn, put func(string, ...any), tag string) bool {
	switch f.spoilt("imap", Garbage, Huge, Odd) {
	case Garbage:
		put("<html><h1>502 Bad Gateway</h1></html>")
	case Huge:
		for range 200 {
			if _, err := io.WriteString(c, strings.Repeat("A", 1<<10)); err != nil {
				break
			}
		}
	case Odd:
		put("* 1 FETCH (FLAGS ())")
		put("zz%s OK done", tag)
	default:
		return false
	}
	return true
}

func (f *Fake) examine(put func(string, ...any), tag, args string) string {
	list := words(args)
	f.mu.Lock()
	defer f.mu.Unlock()
	var fd *folder
	name := ""
	for n, one := range f.state.Folders {
		if len(list) > 0 && mail.FolderName(n) == list[0] {
			name, fd = n, one
		}
	}
	if fd == nil {
		put("%s NO [NONEXISTENT] no such folder", tag)
		return ""
	}
	put("* %d EXISTS", len(fd.Letters))
	put("* OK [UIDVALIDITY %d] ok", fd.Validity)
	put("* OK [UIDNEXT %d] ok", fd.Next)
	put("%s OK [READ-ONLY] done", tag)
	return name
}

func (f *Fake) search(put func(string, ...any), tag, open, args string) {
	list := words(args)
	f.mu.Lock()
	defer f.mu.Unlock()
	fd := f.state.Folders[open]
	if fd == nil || len(list) == 0 {
		put("%s BAD what", tag)
		return
	}
	var found strings.Builder
	for k, l := range fd.Letters {
		fits := true
		switch what := strings.ToUpper(list[0]); {
		case what == "SINCE" && len(list) == 2:
			day, err := time.Parse("2-Jan-2006", list[1])
			fits = err == nil && !l.At.Before(day)
		case what == "UID" && len(list) == 2:
			from, _ := strconv.ParseUint(strings.TrimSuffix(list[1], ":*"), 10, 32)
			fits = uint64(l.UID) >= from || k == len(fd.Letters)-1 // «*» is the last one
		case what == "HEADER" && len(list) == 3:
			head, _, _ := strings.Cut(l.Raw, "\r\n\r\n")
			fits = false
			for _, line := range strings.Split(strings.ReplaceAll(head, "\r\n ", " "), "\r\n") {
				name, value, _ := strings.Cut(line, ":")
				fits = fits || strings.EqualFold(name, list[1]) && strings.Contains(strings.ToLower(value), strings.ToLower(list[2]))
			}
		case what != "ALL":
			fits = false
		}
		if fits {
			fmt.Fprintf(&found, " %d", l.UID)
		}
	}
	put("* SEARCH%s", found.String())
	put("%s OK done", tag)
}

func (f *Fake) fetch(c io.Writer, put func(string, ...any), tag, open, args string) {
	number, what, _ := strings.Cut(args, " ")
	uid, _ := strconv.ParseUint(number, 10, 32)
	most := 1 << 30
	if _, part, ok := strings.Cut(what, "<0."); ok {
		part, _, _ = strings.Cut(part, ">")
		most, _ = strconv.Atoi(part)
	}
	f.mu.Lock()
	var out letter
	seq := 0
	if fd := f.state.Folders[open]; fd != nil {
		for k, l := range fd.Letters {
			if uint64(l.UID) == uid {
				out, seq = l, k+1
			}
		}
	}
	f.mu.Unlock()
	if seq > 0 {
		raw := out.Raw[:min(len(out.Raw), most)]
		fmt.Fprintf(c, "* %d FETCH (UID %d INTERNALDATE %q BODY[]<0> {%d}\r\n%s)\r\n", seq, out.UID, out.At.Format("_2-Jan-2006 15:04:05 -0700"), len(raw), raw)
	}
	put("%s OK done", tag)
}

// idle waits for a letter or for the end of waiting.
func (f *Fake) idle(c net.Conn, r *bufio.Reader, put func(string, ...any), tag, open string) bool {
	if f.opts.Bare {
		put("%s BAD what", tag)
		return true
	}
	f.mu.Lock()
	wake := f.wake
	f.mu.Unlock()
	put("+ idling")
	done := make(chan bool, 1)
	go func() {
		line, err := r.ReadString('\n')
		done <- err == nil && strings.EqualFold(strings.TrimSpace(line), "DONE")
	}()
	var good bool
	select {
	case good = <-done:
	case <-wake:
		f.mu.Lock()
		n := 0
		if fd := f.state.Folders[open]; fd != nil {
			n = len(fd.Letters)
		}
		f.mu.Unlock()
		put("* %d EXISTS", n)
		good = <-done
	}
	if good {
		put("%s OK done", tag)
	}
	return good
}

// words parts arguments: atoms and quoted strings.
func words(s string) (list []string) {
	var w strings.Builder
	quoted, any := false, false
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case quoted && ch == '\\' && i+1 < len(s):
			i++
			w.WriteByte(s[i])
		case ch == '"':
			quoted, any = !quoted, true
		case ch == ' ' && !quoted:
			if any {
				list = append(list, w.String())
			}
			w.Reset()
			any = false
		default:
			w.WriteByte(ch)
			any = true
		}
	}
	if any {
		list = append(list, w.String())
	}
	return list
}
