package ingest

import (
	"strings"
	"unicode/utf8"

	"otklik/internal/attachment"
	"otklik/internal/message"
)

// nameLimit is the longest id that a network may give to a message, a thread or
// an author, in bytes: PostgreSQL keeps no index entry over 2,700.
const nameLimit = 512

// tidy makes all texts of the message storable before anything counts their
// bytes: UTF-8, without the character U+0000 that PostgreSQL does not keep.
func tidy(m *message.Message) {
	for _, s := range []*string{&m.Source, &m.Native, &m.Revision.Hash, &m.Thread, &m.Parent, &m.URL, &m.Author, &m.AuthorName, &m.Contact, &m.Text, &m.Territory} {
		if !utf8.ValidString(*s) || strings.IndexByte(*s, 0) >= 0 {
			*s = strings.ReplaceAll(strings.ToValidUTF8(*s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	if p := m.Past; p != nil {
		c := *p
		for _, s := range []*string{&c.Key, &c.Number, &c.Status, &c.Topic, &c.Agency, &c.Place, &c.Reason, &c.Answer} {
			*s = strings.ReplaceAll(strings.ToValidUTF8(*s, "\uFFFD"), "\x00", "\uFFFD")
		}
		m.Past = &c
	}
	m.Attachments = attachment.Tidy(m.Attachments)
}
