// Package mailfake is a mail service of one machine: it speaks IMAP and SMTP as the
// providers do, keeps the mailbox of a centre and those of residents, and has a page where a
// resident writes a letter and reads the answer. It fails as it is told.
package mailfake

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/mailbox"
	"otklik/internal/order"
	"otklik/internal/source/fakenet"
	"otklik/internal/source/mail"
)

// Options make a fake.
type Options struct {
	Address  string // of the centre
	Password string
	Now      func() time.Time
	TLS      *tls.Config // nil: plain, for the demo
	KeepSent string      // folder where what is sent by SMTP is kept; "" = nowhere
	Bare     bool        // offers neither IDLE nor QUOTA
	UTF8     bool        // takes addresses in Russian letters by SMTP (RFC 6531)
	OAuth    *OAuth      // nil: the password alone lets in
	Snapshot string      // file; "" = nothing outlives the fake
}

// A letter is one letter in a folder.
type letter struct {
	UID uint32
	At  time.Time
	Raw string
}

type folder struct {
	Validity, Next uint32
	Letters        []letter
}

// put adds a letter.
func (f *folder) put(at time.Time, raw string) uint32 {
	f.Next++
	f.Letters = append(f.Letters, letter{f.Next - 1, at, raw})
	return f.Next - 1
}

// state is what a snapshot keeps.
type state struct {
	Folders map[string]*folder            // of the centre
	People  map[string]map[string]*folder // of residents, by address
	Names   map[string]string
	Gone    map[string]bool // addresses that take letters and bounce
	Away    map[string]bool // addresses with an automatic answer
	Count   int
	Quota   int // per cent of the centre's mailbox that is used
}

// A Fake is the service.
type Fake struct {
	opts       Options
	mux        *http.ServeMux
	imap, smtp net.Listener

	mu    sync.Mutex
	state state
	kept  fakenet.Snapshot
	fail  map[string]Trouble // by protocol
	conns map[net.Conn]bool  // of IMAP
	wake  chan struct{}      // closed when something came
	page  pages

	tokens oauth
}

// A Trouble is what the next call meets.
type Trouble string

// Troubles.
const (
	Lost    Trouble = "lost"    // a letter that is taken, and nobody hears of it
	Down    Trouble = "down"    // the connection ends
	Busy    Trouble = "busy"    // too many calls
	Nobody  Trouble = "nobody"  // the addressee is not there
	Wrong   Trouble = "wrong"   // the password
	NoIMAP  Trouble = "no imap" // IMAP is switched off
	App     Trouble = "app"     // another password is wanted
	Garbage Trouble = "garbage"
	Huge    Trouble = "huge"
	Odd     Trouble = "odd"
)

// New returns a fake that listens on the loopback; Close ends it.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Address = strings.ToLower(o.Address)
	f := &Fake{opts: o, fail: map[string]Trouble{}, conns: map[net.Conn]bool{}, wake: make(chan struct{})}
	f.state = state{Folders: map[string]*folder{"INBOX": {Validity: 1, Next: 1}}, People: map[string]map[string]*folder{}, Names: map[string]string{}, Gone: map[string]bool{}, Away: map[string]bool{}}
	if o.KeepSent != "" {
		f.state.Folders[o.KeepSent] = &folder{Validity: 1, Next: 1}
	}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("mailfake: %w", err)
	}
	if err := f.routes(); err != nil {
		return nil, err
	}
	var err error
	if f.imap, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if f.smtp, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		f.imap.Close()
		return nil, err
	}
	go f.accept(f.imap, f.serveIMAP)
	go f.accept(f.smtp, f.serveSMTP)
	return f, nil
}

// Close ends the service.
func (f *Fake) Close() error {
	f.kick()
	return errors.Join(f.imap.Close(), f.smtp.Close())
}

// IMAP and SMTP return where the service listens.
func (f *Fake) IMAP() string { return f.imap.Addr().String() }

// SMTP returns where letters are taken.
func (f *Fake) SMTP() string { return f.smtp.Addr().String() }

// ServeHTTP is the page for people.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

func (f *Fake) accept(l net.Listener, serve func(net.Conn, *bufio.Reader)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if f.opts.TLS != nil {
			c = tls.Server(c, f.opts.TLS)
		}
		go func() {
			defer c.Close()
			serve(c, bufio.NewReader(c))
		}()
	}
}

// Fail spoils the next call of a protocol, «imap» or «smtp». Connections of IMAP that are
// open end.
func (f *Fake) Fail(protocol string, t Trouble) {
	f.mu.Lock()
	f.fail[protocol] = t
	f.mu.Unlock()
	if protocol == "imap" {
		f.kick()
	}
}

func (f *Fake) kick() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.Close()
	}
}

// spoilt returns the trouble of a protocol if it is one of these, once.
func (f *Fake) spoilt(protocol string, of ...Trouble) Trouble {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.fail[protocol]
	if !slices.Contains(of, t) {
		return ""
	}
	delete(f.fail, protocol)
	return t
}

// A Draft is a letter that a resident writes.
type Draft struct {
	From, Name, Subject, Text string
	To                        string // Message-ID that it answers
	Head                      string // more lines of the head, each with its end
	Picture                   []byte // JPEG
}

// Write sends a resident's letter to the centre and returns its Message-ID.
func (f *Fake) Write(d Draft) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := f.next()
	from := strings.ToLower(d.From)
	f.person(from)
	if d.Name != "" {
		f.state.Names[from] = d.Name
	}
	head := fmt.Sprintf("From: %s <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n", word(f.state.Names[from]), from, f.opts.Address, word(d.Subject), f.now().Format(time.RFC1123Z), id)
	if d.To != "" {
		refs := "<" + d.To + ">"
		if of := f.find(d.To); of != nil && len(of.Refs) > 0 {
			refs = "<" + strings.Join(of.Refs, "> <") + "> " + refs
		}
		head += "In-Reply-To: <" + d.To + ">\r\nReferences: " + strings.ReplaceAll(refs, "> <", ">\r\n <") + "\r\n"
	}
	raw := head + d.Head + "MIME-Version: 1.0\r\n" + content(d)
	f.deliver(raw)
	f.state.People[from]["Sent"].put(f.now(), raw)
	f.save()
	return id
}

// Deliver puts a letter into the centre's inbox as it is.
func (f *Fake) Deliver(raw string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deliver(raw)
	f.save()
}

func (f *Fake) deliver(raw string) {
	f.state.Folders["INBOX"].put(f.now(), raw)
	close(f.wake)
	f.wake = make(chan struct{})
}

// Mailbox sets what an address does: «gone» takes letters and reports later that there is
// nobody, «away» has an automatic answer.
func (f *Fake) Mailbox(address, how string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.person(address)
	f.state.Gone[address], f.state.Away[address] = how == "gone", how == "away"
	f.save()
}

// Quota says how much of the centre's mailbox is used, in per cent.
func (f *Fake) Quota(percent int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Quota = percent
}

// Renumber gives a folder of the centre new numbers, as a provider does that moves it.
func (f *Fake) Renumber(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fd := f.state.Folders[name]
	fd.Validity++
	for k := range fd.Letters {
		fd.Letters[k].UID += 1000
	}
	fd.Next += 1000
}

// Remove takes a letter out of the centre's inbox.
func (f *Fake) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fd := f.state.Folders["INBOX"]
	fd.Letters = slices.DeleteFunc(fd.Letters, func(l letter) bool { return mail.Read([]byte(l.Raw)).ID == id })
}

// Got returns the letters in a resident's inbox, oldest first.
func (f *Fake) Got(address string) (list []*mail.Letter) {
	for _, raw := range f.Raw(address) {
		list = append(list, mail.Read([]byte(raw)))
	}
	return list
}

// Raw returns the same letters as they came.
func (f *Fake) Raw(address string) (list []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if box := f.state.People[strings.ToLower(address)]; box != nil {
		for _, l := range box["INBOX"].Letters {
			list = append(list, l.Raw)
		}
	}
	return list
}

// Wrote returns what the centre wrote in the thread of a letter, oldest first.
func (f *Fake) Wrote(root string) (list []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []letter
	for _, box := range f.state.People {
		for _, l := range box["INBOX"].Letters {
			if m := mail.Read([]byte(l.Raw)); slices.Contains(m.Refs, root) {
				found = append(found, l)
			}
		}
	}
	order.By(found, func(a, b letter) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.UID, b.UID)) })
	for _, l := range found {
		list = append(list, mail.Read([]byte(l.Raw)).Text)
	}
	return list
}

// person makes a resident's mailbox.
func (f *Fake) person(address string) map[string]*folder {
	if f.state.People[address] == nil {
		f.state.People[address] = map[string]*folder{"INBOX": {Validity: 1, Next: 1}, "Sent": {Validity: 1, Next: 1}}
	}
	return f.state.People[address]
}

// find returns a letter of anybody by its id.
func (f *Fake) find(id string) *mail.Letter {
	look := func(box map[string]*folder) *mail.Letter {
		for _, fd := range box {
			for _, l := range fd.Letters {
				if strings.Contains(l.Raw, id) {
					if m := mail.Read([]byte(l.Raw)); m.ID == id {
						return m
					}
				}
			}
		}
		return nil
	}
	if m := look(f.state.Folders); m != nil {
		return m
	}
	for _, box := range f.state.People {
		if m := look(box); m != nil {
			return m
		}
	}
	return nil
}

// take is the end of SMTP: what the centre sent reaches its addressee.
func (f *Fake) take(from, to, raw string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opts.KeepSent != "" && from == f.opts.Address {
		f.state.Folders[f.opts.KeepSent].put(f.now(), raw)
	}
	switch m := mail.Read([]byte(raw)); {
	case f.state.Gone[to]:
		f.deliver(f.report(to, raw, m.ID))
	case f.state.Away[to]:
		f.person(to)["INBOX"].put(f.now(), raw)
		f.deliver(fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\nIn-Reply-To: <%s>\r\nReferences: <%s>\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nЯ в отпуске до понедельника.\r\n",
			to, f.opts.Address, word("Автоответ: в отпуске"), f.now().Format(time.RFC1123Z), f.next(), m.ID, m.ID))
	default:
		f.person(to)["INBOX"].put(f.now(), raw)
	}
	f.save()
}

// report is what a server says of a letter that it could not deliver (RFC 3464).
func (f *Fake) report(to, raw, id string) string {
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	return fmt.Sprintf("Return-Path: <>\r\nFrom: Mail Delivery System <mailer-daemon@fake.example>\r\nTo: <%s>\r\nSubject: Undelivered Mail Returned to Sender\r\nDate: %s\r\nMessage-ID: <%s>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry to have to inform you that your message could not be delivered.\r\n"+
		"--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; fake.example\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"+
		"--b1\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n\r\n--b1--\r\n", f.opts.Address, f.now().Format(time.RFC1123Z), f.next(), to, head)
}

func (f *Fake) next() string {
	f.state.Count++
	_, domain, _ := strings.Cut(mailbox.Wire(f.opts.Address), "@")
	return "letter" + strconv.Itoa(f.state.Count) + "." + strconv.FormatInt(f.now().UnixNano(), 36) + "@" + domain
}

func (f *Fake) now() time.Time { return f.opts.Now() }

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }

func word(s string) string {
	return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", strings.Join(strings.Fields(s), " ")), "?= =?", "?=\r\n =?")
}
