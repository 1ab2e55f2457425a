package mail

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"otklik/internal/source/markup"
)

// Bounds of what is read of a letter.
const (
	mostText  = 100 << 10 // bytes of its words
	mostHTML  = 2 << 20
	mostFiles = 20
	mostRefs  = 30
	smallest  = 3 << 10 // bytes of a picture that shows something: smaller ones are signs and counters
)

// A File is what came with a letter.
type File struct {
	Name string
	Type string
	Size int
	Path string // of the part
}

// Picture reports whether it is a photo.
func (f *File) Picture() bool {
	return strings.HasPrefix(f.Type, "image/") && f.Type != "image/svg+xml"
}

// A Letter is a letter as it was read.
type Letter struct {
	ID      string   // Message-ID without brackets; made of the content where there is none
	Named   bool     // the letter has an ID of its own
	Refs    []string // what it answers, the thread's first letter first
	Name    string   // of the sender; may be empty
	From    string   // address in small letters
	ReplyTo string   // where an answer goes
	Subject string
	Date    time.Time // zero when it cannot be read
	Text    string    // what its writer says, the subject where that lacks it
	Files   []File
	Auto    string  // why it is no letter of a person: "auto", "list", "bounce"; "" = it is one
	Bounce  *Bounce // what a mail server says of a letter of ours
	Doubt   bool    // the mail server that took it says that the sender is not who it says
	Cut     bool    // more parts than are looked at
}

// Read reads a letter. There is no letter that it cannot read: what is broken is left out.
func Read(raw []byte) *Letter {
	h, body := cutHead(raw)
	l := &Letter{Subject: plain(h.get("subject"))}
	l.Name, l.From = sender(h.get("from"))
	if l.From == "" {
		_, l.From = sender(h.get("sender"))
	}
	if _, l.ReplyTo = sender(h.get("reply-to")); l.ReplyTo == "" {
		l.ReplyTo = l.From
	}
	if list := ids(h.get("message-id")); len(list) > 0 && len(list[0]) <= 200 {
		l.ID, l.Named = list[0], true
	} else {
		sum := sha256.Sum256(raw)
		l.ID = "sha256-" + hex.EncodeToString(sum[:16])
	}
	l.Refs = ids(h.get("references"))
	for _, id := range ids(h.get("in-reply-to")) {
		if len(l.Refs) == 0 || l.Refs[len(l.Refs)-1] != id {
			l.Refs = append(l.Refs, id)
		}
	}
	l.Refs = slices.DeleteFunc(l.Refs, func(id string) bool { return id == l.ID || len(id) > 400 })
	if len(l.Refs) > mostRefs { // the first and the last tell where it belongs
		l.Refs = append(l.Refs[:1:1], l.Refs[len(l.Refs)-mostRefs+1:]...)
	}
	l.Date = dated(h)
	l.Doubt = doubted(h.get("authentication-results"))
	t := &tree{}
	t.grow(h, body, "1", "", 0)
	l.Cut = t.cut
	l.Bounce = bounced(h, t)
	l.Auto = automatic(h, l)
	passed := forwardSubject.MatchString(l.Subject)
	if l.Auto == "" && t.accepts() {
		l.Auto = autoReply
	}
	text := l.read(t, passed, 0)
	l.Text = clip(withSubject(l.Subject, text, len(l.Refs) > 0), mostText)
	return l
}

// dated reads when it was written, or when the first server took it.
func dated(h *head) time.Time {
	if at, err := mail.ParseDate(h.get("date")); err == nil && at.Year() > 1990 {
		return at.UTC()
	}
	if r := h.get("received"); r != "" {
		if at, err := mail.ParseDate(strings.TrimSpace(r[strings.LastIndexByte(r, ';')+1:])); err == nil && at.Year() > 1990 {
			return at.UTC()
		}
	}
	return time.Time{}
}

var failed = regexp.MustCompile(`(?i)\b(?:dmarc|dkim|spf)=(?:fail|softfail)\b`)
var passed = regexp.MustCompile(`(?i)\b(?:dmarc|dkim)=pass\b`)

// doubted reports whether the server that took the letter doubts its sender. A pass proves
// nothing to us: anybody writes such a line below the server's own.
func doubted(results string) bool {
	return failed.MatchString(results) && !passed.MatchString(results)
}

// read puts the words of a letter together and notes its files.
func (l *Letter) read(t *tree, passedOn bool, depth int) string {
	var plains, htmls, packs, more []string
	answer := depth == 0 && len(l.Refs) > 0
	for i := range t.leaves {
		p := &t.leaves[i]
		name := p.name()
		inline := !strings.HasPrefix(strings.ToLower(p.head.get("content-disposition")), "attachment")
		switch {
		case p.kind == "text/plain" && (inline && name == ""):
			text := lines(decode(p.bytes(mostHTML), p.params["charset"]))
			if strings.EqualFold(p.params["format"], "flowed") {
				text = flowed(text, strings.EqualFold(p.params["delsp"], "yes"))
			}
			plains = append(plains, text)
		case p.kind == "text/html" && inline && name == "":
			htmls = append(htmls, fromHTML(decode(p.bytes(mostHTML), p.params["charset"])))
		case p.kind == "text/calendar":
			more = append(more, calendar(decode(p.bytes(mostHTML), p.params["charset"])))
		case p.kind == "message/rfc822" && depth < 3:
			inner, body := cutHead(p.bytes(int64(len(p.body))))
			it := &tree{seen: t.seen}
			it.grow(inner, body, p.path, "", 0)
			t.seen = it.seen
			if l.Bounce == nil {
				name, address := sender(inner.get("from"))
				words := withSubject(plain(inner.get("subject")), l.read(it, false, depth+1), false)
				if words != "" { // as programs mark it that put it into the text
					words = "-------- Пересылаемое сообщение --------\nОт: " + cmp.Or(name, address, "неизвестно кого") + "\n" + words
				}
				more = append(more, words)
			}
		case p.kind == "application/ms-tnef" || p.kind == "application/vnd.ms-tnef" || strings.EqualFold(name, "winmail.dat"):
			text, ok := l.unpack(p)
			if !ok {
				l.file(p, name, inline)
			}
			packs = append(packs, text)
		case strings.HasPrefix(p.kind, "message/") || p.kind == "application/pgp-signature" || p.kind == "application/pkcs7-signature" || p.kind == "application/x-pkcs7-signature" || p.kind == "text/x-amp-html":
		default:
			l.file(p, name, inline)
		}
	}
	text := own(strings.TrimSpace(strings.Join(plains, "\n")), passedOn, answer)
	if utf8.RuneCountInString(text) < 20 || len(text) < 100 && strings.Contains(strings.ToLower(text), "html") {
		if rich := own(strings.TrimSpace(strings.Join(htmls, "\n")), passedOn, answer); len(rich) > len(text) {
			text = rich
		}
	}
	for _, pack := range packs { // it repeats what a letter says beside it
		if pack = own(strings.TrimSpace(pack), passedOn, answer); utf8.RuneCountInString(text) < 20 && len(pack) > len(text) {
			text = pack
		}
	}
	for _, m := range more {
		if m = strings.TrimSpace(m); m != "" && !strings.Contains(text, m) && len(text) < mostText {
			text = strings.TrimSpace(text + "\n\n" + m)
		}
	}
	return markup.Tidy(text)
}

// unpack reads winmail.dat: its words, and notes its files. One that cannot be read is a file
// itself.
func (l *Letter) unpack(p *part) (text string, ok bool) {
	in := tnef(p.bytes(letterLimit))
	if in == nil {
		return "", false
	}
	for k, f := range in.files {
		name := clip(tidyHead(f.name[strings.LastIndexAny(f.name, `/\`)+1:]), 200)
		kind := f.kind
		if !strings.Contains(kind, "/") {
			kind = typeOf(name)
		}
		if it := (File{Name: cmp.Or(name, "вложение "+itoa(k+1)), Type: kind, Size: len(f.content), Path: p.path + packMark + itoa(k)}); len(l.Files) < mostFiles && (!it.Picture() || it.Size >= smallest) {
			l.Files = append(l.Files, it)
		}
	}
	switch {
	case strings.TrimSpace(in.plain) != "":
		return lines(in.plain), true
	case in.html != "":
		return fromHTML(in.html), true
	}
	return fromRTF(unpackRTF(in.rtf)), true
}

// packMark parts the path of winmail.dat from the number of a file in it.
const packMark = "~"

// file notes what came with the letter.
func (l *Letter) file(p *part, name string, inline bool) {
	if len(l.Files) >= mostFiles || p.kind == "text/plain" && name == "" {
		return
	}
	size := len(p.body)
	if strings.EqualFold(strings.TrimSpace(p.head.get("content-transfer-encoding")), "base64") {
		size = size * 3 / 4
	}
	f := File{Name: name, Type: p.kind, Size: size, Path: p.path}
	if p.kind == "application/octet-stream" {
		f.Type = typeOf(name)
	}
	if f.Picture() && inline && size < smallest {
		return
	}
	if f.Name == "" {
		f.Name = "вложение " + p.path
	}
	l.Files = append(l.Files, f)
}

// typeOf knows pictures and documents that come as bytes by their names.
func typeOf(name string) string {
	name = strings.ToLower(name)
	switch ext := name[strings.LastIndexByte(name, '.')+1:]; ext {
	case "jpg", "jpeg":
		return "image/jpeg"
	case "png", "webp", "gif", "heic":
		return "image/" + ext
	case "pdf":
		return "application/pdf"
	}
	return "application/octet-stream"
}

// name returns the file name of a part, without a path.
func (p *part) name() string {
	where := p.head.get("content-disposition")
	_, params := media(where, "")
	name := extended(where, "filename")
	if name == "" {
		name = cmp.Or(params["filename"], extended(p.head.get("content-type"), "name"), p.params["name"])
	}
	name = plain(name)
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	return clip(name, 200)
}

// lines makes all line ends one.
func lines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// fromHTML returns the text of a letter in HTML; quoted blocks begin with «> ».
func fromHTML(s string) string {
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		return markup.Text(s)
	}
	return says(doc, 0)
}

// says returns what a node says, quotes marked. A quote inside a quote deeper than some is
// read with it.
func says(n *html.Node, depth int) string {
	var quotes []*html.Node
	markup.Walk(n, func(c *html.Node, enter bool) bool {
		if enter && c != n && c.DataAtom == atom.Blockquote && depth < 4 {
			quotes = append(quotes, c)
			return false
		}
		return true
	})
	if len(quotes) == 0 {
		return markup.Of(n, signed)
	}
	for k, q := range quotes {
		mark := &html.Node{Type: html.ElementNode, DataAtom: atom.P, Data: "p"}
		mark.AppendChild(&html.Node{Type: html.TextNode, Data: "\uE000" + itoa(k) + "\uE001"})
		q.Parent.InsertBefore(mark, q)
		q.Parent.RemoveChild(q)
	}
	var out strings.Builder
	for _, line := range strings.Split(markup.Of(n, signed), "\n") {
		k, ok := marked(line)
		if !ok || k >= len(quotes) {
			out.WriteString(line + "\n")
			continue
		}
		for _, l := range strings.Split(says(quotes[k], depth+1), "\n") {
			out.WriteString("> " + l + "\n")
		}
	}
	return strings.TrimSpace(out.String())
}

func marked(line string) (k int, ok bool) {
	rest, a := strings.CutPrefix(strings.TrimSpace(line), "\uE000")
	digits, b := strings.CutSuffix(rest, "\uE001")
	if !a || !b || digits == "" || len(digits) > 6 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		k = k*10 + int(c-'0')
	}
	return k, true
}

// signed knows the signatures that clients mark.
func signed(n *html.Node) bool {
	for _, a := range n.Attr {
		switch a.Key {
		case "data-signature-widget":
			return true
		case "id":
			return strings.EqualFold(a.Val, "signature") || a.Val == "ms-outlook-mobile-signature"
		case "class":
			for _, c := range strings.Fields(a.Val) {
				if c == "gmail_signature" || c == "moz-signature" || c == "mail-signature" || c == "gmail_signature_prefix" {
					return true
				}
			}
		}
	}
	return false
}

var icsLine = regexp.MustCompile(`(?im)^(SUMMARY|LOCATION|DESCRIPTION)(?:;[^:\r\n]*)?:(.*)$`)

// accepts reports whether a calendar answers an invitation: no person wrote that.
func (t *tree) accepts() bool {
	for i := range t.leaves {
		if p := &t.leaves[i]; p.kind == "text/calendar" && strings.EqualFold(p.params["method"], "REPLY") {
			return true
		}
	}
	return false
}

// calendar returns what an invitation says.
func calendar(ics string) string {
	ics = strings.ReplaceAll(strings.ReplaceAll(lines(ics), "\n ", ""), "\n\t", "")
	var out []string
	for _, m := range icsLine.FindAllStringSubmatch(ics, 20) {
		if v := strings.TrimSpace(strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(m[2])); v != "" {
			out = append(out, v)
		}
	}
	return strings.Join(out, "\n")
}

// clip cuts a text at a rune.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// Part returns the bytes of one part of a letter, nil when there is none.
func Part(raw []byte, path string, most int64) []byte {
	h, body := cutHead(raw)
	t := &tree{}
	t.grow(h, body, "1", "", 0)
	path, inside, pack := strings.Cut(path, packMark)
	p := t.find(path, 0)
	if p == nil {
		return nil
	}
	content := p.bytes(most)
	if !pack {
		return content
	}
	if in, k := tnef(content), int(number(inside)); in != nil && k < len(in.files) {
		return in.files[k].content
	}
	return nil
}

// find looks for a part, in letters inside of the letter too.
func (t *tree) find(path string, depth int) *part {
	for i := range t.leaves {
		p := &t.leaves[i]
		if p.path == path && p.kind != "message/rfc822" {
			return p
		}
		if p.kind == "message/rfc822" && depth < 3 && strings.HasPrefix(path, p.path) {
			inner, body := cutHead(p.bytes(int64(len(p.body))))
			it := &tree{}
			it.grow(inner, body, p.path, "", 0)
			if found := it.find(path, depth+1); found != nil {
				return found
			}
		}
	}
	return nil
}
