package mail

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"regexp"
	"strings"

	"otklik/internal/incident"
	"otklik/internal/mailbox"
)

// Our Message-IDs are
//
//	otklik.NONCE.PROOF.ROOT@domain
//
// NONCE is made of the job's key and ours: every try of one reply has the same, and nobody
// else can make it. ROOT is the thread's first Message-ID, so that a client which drops
// References loses nothing. PROOF binds both to whom the reply went: a letter that carries
// it and comes from that address was written by who got our reply. A sender's address that
// is forged over another person's thread lacks it; who shows our letter to others gives the
// proof away, as with any letter.
const idMark = "otklik."

// longestRoot is how long a Message-ID may be to stand inside of ours, in bytes.
const longestRoot = 160

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

func (b *Box) sign(purpose string, words ...string) string {
	m := hmac.New(sha256.New, b.Key)
	m.Write([]byte(purpose))
	for _, w := range words {
		m.Write([]byte{0})
		m.Write([]byte(w))
	}
	return strings.ToLower(letters.EncodeToString(m.Sum(nil)[:15]))
}

// idOf returns the Message-ID of the reply with a key, in the thread of root, to an author.
func (b *Box) idOf(key, root, author string) string {
	nonce := b.sign("nonce", key)
	id := idMark + nonce + "." + b.sign("proof", nonce, root, author)
	if len(root) <= longestRoot {
		id += "." + base64.RawURLEncoding.EncodeToString([]byte(root))
	}
	_, domain, _ := strings.Cut(mailbox.Wire(b.Address), "@")
	return id + "@" + domain
}

// proven returns the thread and the author of an answer to the reply of ours with an id; ok
// is false when it comes from somebody else than the reply went to.
func (b *Box) proven(id string, l *Letter) (root, author string, ok bool) {
	local, _, _ := strings.Cut(id, "@")
	parts := strings.Split(local, ".")
	if len(parts) < 3 || parts[0]+"." != idMark {
		return "", "", false
	}
	roots := l.Refs
	if len(parts) == 4 {
		raw, err := base64.RawURLEncoding.DecodeString(parts[3])
		if err != nil {
			return "", "", false
		}
		roots = []string{string(raw)}
	}
	authors := []string{b.author(l.From)}
	for _, ref := range l.Refs {
		authors = append(authors, b.author(l.From, ref))
	}
	for _, root := range roots {
		for _, author := range authors {
			if hmac.Equal([]byte(parts[2]), []byte(b.sign("proof", parts[1], root, author))) {
				return root, author, true
			}
		}
	}
	return "", "", false
}

// author names a sender without its address. Who answers a letter and cannot prove that it
// was sent to it is an author of this one letter alone: it is nobody else in the thread.
func (b *Box) author(address string, letter ...string) string {
	return b.sign("author", append([]string{address}, letter...)...)
}

// A standing is where a letter belongs.
type standing struct{ thread, parent, author string }

// stand says where a letter belongs by its own head; sure when it answers a letter of ours and
// who wrote it got that.
func (b *Box) stand(l *Letter) (st standing, sure bool) {
	for k := len(l.Refs) - 1; k >= 0; k-- {
		if root, author, ok := b.proven(l.Refs[k], l); ok {
			return standing{root, l.Refs[k], author}, true
		}
	}
	if len(l.Refs) == 0 {
		return standing{author: b.author(l.From)}, false
	}
	return standing{l.Refs[0], l.Refs[len(l.Refs)-1], b.author(l.From, l.ID)}, false
}

// numbered says where a letter belongs by the public numbers in its subject: one that is
// bracketed as in ours counts also where a server gave the thread other ids. Numbers are no
// secret: what such a letter says is looked at by a person.
func (b *Box) numbered(ctx context.Context, l *Letter, st standing) (standing, error) {
	said := ourNumber.FindAllString(l.Subject, 3)
	if st.thread == "" {
		said = append(said, spokenNumber.FindAllString(l.Subject, 3)...)
	}
	for _, s := range said {
		number, err := incident.ParseNumber(strings.Trim(s, "[]"))
		if err != nil {
			continue
		}
		root, err := b.Numbered(ctx, number)
		if err != nil {
			return st, err
		}
		if root != "" && root != l.ID {
			return standing{root, root, b.author(l.From, l.ID)}, nil
		}
	}
	return st, nil
}

// spokenNumber is a public number as it stands in a subject, ourNumber as we put it there.
var (
	spokenNumber = regexp.MustCompile(`\b\d{3}[-–‑ ]?\d{3}[-–‑ ]?\d{2}\b`)
	ourNumber    = regexp.MustCompile(`\[№ ?\d{3}-\d{3}-\d{2}\]`)
)
