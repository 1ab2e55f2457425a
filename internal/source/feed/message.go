package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode/utf8"

	"otklik/internal/message"
	"otklik/internal/source/web"
)

// Message returns the item as a message of a source, without SeenAt. base is the
// address of the feed, which relative links begin at; it may be nil.
func (it *Item) Message(source string, base *url.URL) message.Message {
	text := words(it.Title, it.Text)
	m := message.Message{
		Source: source, Channel: message.News, Form: message.Post, Event: message.Written, Native: native(it.ID),
		AuthorName: it.Author, Text: text, PublishedAt: it.Published, Revision: message.HashOf(text),
	}
	if u := web.Address(base, it.Link); u != nil {
		m.URL = web.Canonical(u).String()
		if m.Native == "" {
			m.Native = native(web.Name(u))
		}
	}
	if m.PublishedAt.IsZero() {
		m.PublishedAt = it.Updated
	}
	if m.Native == "" {
		m.Native = hashed(it.Title, it.Published.String(), text)
	}
	return m
}

// words joins a title and a text that may begin with it.
func words(title, text string) string {
	switch {
	case title == "" || strings.HasPrefix(text, strings.TrimSuffix(title, "…")):
		return text
	case text == "":
		return title
	}
	return title + "\n\n" + text
}

// native returns a native id for what names an item; "" for nothing.
func native(id string) string {
	if u, err := url.Parse(id); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		id = web.Name(u)
	}
	if len(id) > 160 || !utf8.ValidString(id) {
		return hashed(id)
	}
	return strings.Join(strings.Fields(id), " ")
}

func hashed(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "text-" + hex.EncodeToString(sum[:12])
}
