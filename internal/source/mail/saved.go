package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// Largest is how many bytes of one letter are read.
const Largest = letterLimit

// Reasons why a letter that was saved to a file is no message.
const (
	NoLetter = "letter" // it is none
	CutOff   = "cut"    // it ends before its end
	Machine  = "auto"   // no person wrote it: a report, a list, an automatic answer
	Empty    = "empty"  // it has neither words nor files
)

// Saved returns the message of a letter that somebody saved to a file, as Poll would have
// brought it, or why it is none. Its pictures are handed to keep under a name that stands as
// their address; nil keeps none.
func (b *Box) Saved(ctx context.Context, raw []byte, keep func(name string, content []byte) error) (m message.Message, why string, err error) {
	switch {
	case !isLetter(raw):
		return m, NoLetter, nil
	case !whole(raw):
		return m, CutOff, nil
	}
	l := Read(raw)
	mine := l.From != "" && b.ours(l.From)
	switch {
	case l.Bounce != nil, l.Auto != "" && !mine:
		return m, Machine, nil
	case l.Text == "" && len(l.Files) == 0:
		return m, Empty, nil
	}
	if m, err = b.message(ctx, l, time.Time{}); err != nil {
		return m, "", err
	}
	m.Own, m.SeenAt = mine, time.Time{}
	if len(b.Key) == 0 { // without a secret the name of an author could be guessed back
		m.Author = ""
	}
	m.Attachments = nil
	for _, f := range l.Files {
		r := attachment.Ref{Kind: attachment.Document, Name: "part:" + f.Path, Title: f.Name + ", " + size(f.Size)}
		if f.Picture() && keep != nil {
			sum := sha256.Sum256([]byte(l.ID))
			name := hex.EncodeToString(sum[:12]) + "-" + f.Path
			if err := keep(name, Part(raw, f.Path, letterLimit)); err != nil {
				return m, "", err
			}
			r = attachment.Ref{Kind: attachment.Photo, URL: name, Title: f.Name}
		}
		m.Attachments = append(m.Attachments, r)
	}
	m.Attachments = attachment.Tidy(m.Attachments)
	return m, "", nil
}

// Written returns when a letter says that it was written, of its first bytes; zero when it
// does not say.
func Written(raw []byte) time.Time {
	h, _ := cutHead(raw)
	return dated(h)
}

// isLetter reports whether bytes begin like a letter.
func isLetter(raw []byte) bool {
	h, _ := cutHead(raw)
	for _, name := range []string{"from", "date", "received", "message-id", "subject", "to", "return-path"} {
		if h.has(name) {
			return true
		}
	}
	return false
}

// whole reports whether a letter has its end, as far as a letter shows it: what has several
// parts says where the last one ends.
func whole(raw []byte) bool {
	h, body := cutHead(raw)
	if !bytes.Contains(raw, []byte("\n\n")) && !bytes.Contains(raw, []byte("\n\r\n")) { // a head alone
		return bytes.HasSuffix(raw, []byte("\n"))
	}
	kind, params := media(h.get("content-type"), "text/plain")
	if !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		return true
	}
	return bytes.Contains(body, []byte("--"+params["boundary"]+"--"))
}

// InFolder reports whether a file of a folder is a letter by where it lies: «….eml», or in
// «cur» or «new» of a Maildir.
func InFolder(name string) bool {
	dir := path.Base(path.Dir(name))
	return strings.EqualFold(path.Ext(name), ".eml") || dir == "cur" || dir == "new"
}
