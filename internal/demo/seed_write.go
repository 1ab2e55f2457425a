package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/source/vk"
)

// Sources of the history beside the networks.
const (
	telegramSource = "telegram:1705"
	hookSource     = "hook:demo"
)

func roleOf(name string) lifecycle.Role { return lifecycle.Role(name) }

// A story is one incident on its way.
type story struct {
	id     incident.ID
	words  string // of the message
	key    string // section of the text: what the replies are about
	at     *town
	n      *Wall // nil when it did not come from a wall of VK
	post   int64
	said   int64 // the comment that opened it
	author int64
	writes func(text string) error // the author says something more; nil where that cannot be

	answers bool // it came from beside VK, where our replies are published

	gone   bool // the author deleted it
	rounds int  // how often it was answered

	declined int   // agencies that said it is not their matter
	holder   int64 // the first of them
}

// post writes a post of a community.
func (h *history) post(n *Wall) error {
	key := "posts"
	if n.official {
		key = "official"
	}
	w, ok := h.talk[key].deal(h.clock)
	if !ok {
		return nil
	}
	h.walls[n] = append(h.walls[n], wallPost{n.Fake.PostAt(0, w.body, h.clock), h.clock})
	return nil
}

// write is one resident writing somewhere.
func (h *history) write() error {
	n := h.r.IntN(100)
	if n < 66 && h.chance(17) {
		return h.writeAside(h.networks[h.r.IntN(2)])
	}
	w, ok := h.speaks.deal(h.clock)
	if !ok {
		return nil
	}
	at := draw(h.r, h.voice.towns)
	if s := h.elsewhere(n); s != nil {
		return h.writeBeside(s, w, at)
	}
	switch {
	case n < 46:
		if h.chance(70) {
			at = h.voice.towns[0]
		}
		return h.comment(h.networks[0], w.key, at, h.voice.write(w, at, h.networks[0].home))
	case n < 66:
		return h.comment(h.networks[1], w.key, at, h.voice.write(w, at, ""))
	case n < 80:
		return h.phone(w, at)
	case n < 90:
		return h.push(w, at)
	}
	return h.telegram(w, at)
}

func (h *history) writeOfAccident() error {
	w, ok := h.burst.deal(h.clock)
	if !ok { // no heating in summer
		if w, ok = newDeck(h.r, readTexts("messages.txt"), oneOf("power")).deal(h.clock); !ok {
			return nil
		}
	}
	at := h.voice.towns[0]
	switch n := h.r.IntN(100); {
	case n < 60:
		return h.comment(h.networks[0], w.key, at, h.voice.write(w, at, at.name))
	case n < 80:
		return h.comment(h.networks[1], w.key, at, h.voice.write(w, at, ""))
	}
	return h.phone(w, at)
}

// writeAside is what is written under posts and is no case of work.
func (h *history) writeAside(n *Wall) error {
	key := pick(h.r, "thanks", "thanks", "chat", "chat", "chat", "spam", "rumour")
	w, ok := h.talk[key].deal(h.clock)
	if !ok {
		return nil
	}
	return h.comment(n, key, draw(h.r, h.voice.towns), h.voice.write(w, draw(h.r, h.voice.towns), n.home))
}

// comment writes a comment on a network, and takes it in as a poll does.
func (h *history) comment(n *Wall, key string, at *town, words string) error {
	wall := h.walls[n]
	if len(wall) == 0 {
		if err := h.post(n); err != nil {
			return err
		}
		wall = h.walls[n]
	}
	post := wall[len(wall)-1-min(h.r.IntN(3), len(wall)-1)].id
	name := person(h.r)
	author := n.Fake.Person(name)
	said, err := h.said(n, post, 0, author, name, words)
	if err != nil {
		return err
	}
	for _, id := range h.opened {
		c := &story{id: id, words: words, key: key, at: at, n: n, post: post, said: said, author: author}
		c.writes = func(text string) error {
			_, err := h.said(n, post, said, author, name, text)
			return err
		}
		if err := h.begin(c); err != nil {
			return err
		}
		h.others(c)
	}
	return nil
}

// said writes a comment and takes it in.
func (h *history) said(n *Wall, post, replyTo, author int64, name, words string) (int64, error) {
	id, err := n.Fake.CommentAt(post, replyTo, author, words, h.clock)
	if err != nil {
		return 0, err
	}
	ref := vk.Ref{Place: "wall", Owner: -n.group, Item: post, Comment: id}
	m := message.Message{
		Source: vk.SourceID(-n.group), Channel: message.VK, Form: message.Comment, Native: ref.String(), Event: message.Written,
		Thread: ref.Root().String(), URL: ref.Link(n.URL, replyTo), Author: strconv.FormatInt(author, 10), AuthorName: name, Text: words,
		PublishedAt: h.clock.UTC(), Revision: message.HashOf(words), Territory: n.territory, Addressed: n.official,
	}
	if replyTo != 0 {
		up := ref
		up.Comment = replyTo
		m.Parent = up.String()
	}
	h.clock = h.clock.Add(2 * time.Second) // the poll finds it a little later
	return id, h.take(m)
}

// take hands a message to intake; h.opened holds what it opened.
func (h *history) take(m message.Message) error {
	h.opened = h.opened[:0]
	m.SeenAt = h.clock.UTC()
	sum, err := h.intake.Take(h.ctx, []message.Message{m}, nil)
	if err == nil && (sum.Rejected > 0 || !sum.Holds()) {
		err = fmt.Errorf("intake of %s: %+v", m.Native, sum)
	}
	if err != nil || sum.Opened+sum.Attached == 0 {
		return err
	}
	return h.ring()
}

// others plans what other residents add: that it is so at their place too, a
// repost elsewhere, an author who thinks better of it.
func (h *history) others(c *story) {
	if h.chance(13) {
		for range 1 + h.r.IntN(3) {
			h.plan(h.clock.Add(5*time.Minute+h.about(2*time.Hour)), func() error {
				w, ok := h.talk["more"].deal(h.clock)
				if !ok || c.gone {
					return nil
				}
				name := person(h.r)
				_, err := h.said(c.n, c.post, c.said, c.n.Fake.Person(name), name, h.voice.write(w, c.at, c.n.home))
				if err != nil {
					return err
				}
				return h.adopt(c)
			})
		}
	}
	if h.chance(2) {
		h.plan(h.clock.Add(h.about(6*time.Hour)), func() error { return h.withdraw(c) })
	}
}

// adopt begins stories for incidents that somebody's addition opened by itself.
func (h *history) adopt(c *story) error {
	for _, id := range h.opened {
		if err := h.begin(&story{id: id, words: c.words, key: c.key, at: c.at, n: c.n, post: c.post, said: c.said}); err != nil {
			return err
		}
	}
	return nil
}

// withdraw is an author who deletes the comment.
func (h *history) withdraw(c *story) error {
	ref := vk.Ref{Place: "wall", Owner: -c.n.group, Item: c.post, Comment: c.said}
	was, err := h.tx.Messages().ByNative(h.ctx, vk.SourceID(-c.n.group), ref.String())
	if err != nil {
		return err
	}
	if err := c.n.Fake.Delete(c.said); err != nil {
		return err
	}
	c.writes, c.gone = nil, true
	return h.take(message.Message{
		Source: was.Source, Channel: message.VK, Form: message.Comment, Native: was.Native, Event: message.Deleted, Thread: was.Thread,
		URL: was.URL, Territory: was.Territory, Revision: message.HashOf(was.Revision.Hash + "\x00deleted\x00"),
	})
}

// phone is a resident who calls.
func (h *history) phone(w text, at *town) error {
	h.opened = h.opened[:0]
	caller, number := "", ""
	if h.chance(85) {
		caller = person(h.r)
	}
	if h.chance(75) {
		number = fmt.Sprintf("+7 900 000-%02d-%02d", h.r.IntN(100), h.r.IntN(100)) // a range that nobody has
	}
	words := strings.TrimSpace(h.voice.fill(w, at, ""))
	_, err := h.desk.File(h.ctx, h.actor("phone"), desk.Card{
		Text: words, Caller: caller, Phone: number, Territory: h.people.towns[at.centre],
	})
	if err != nil {
		return err
	}
	for _, id := range h.opened {
		if err := h.begin(&story{id: id, words: w.body, key: w.key, at: at}); err != nil {
			return err
		}
	}
	return nil
}

// push is a message that another system sends with a signature.
func (h *history) push(w text, at *town) error {
	h.natives++
	name := person(h.r)
	err := h.take(message.Message{
		Source: hookSource, Channel: message.Hook, Form: message.Record, Native: fmt.Sprintf("portal-%05d", 41000+h.natives), Event: message.Written,
		Author: message.HashOf(name).Hash, AuthorName: name, Text: h.voice.write(w, at, ""), PublishedAt: h.clock.UTC(),
		Revision: message.Revision{Time: h.clock.UTC()}, Territory: Region, Addressed: true,
	})
	if err != nil {
		return err
	}
	for _, id := range h.opened {
		if err := h.begin(&story{id: id, words: w.body, key: w.key, at: at}); err != nil {
			return err
		}
	}
	return nil
}

// telegram is a line of a chat's export.
func (h *history) telegram(w text, at *town) error {
	h.natives++
	name := person(h.r)
	words := h.voice.write(w, at, "")
	err := h.take(message.Message{
		Source: telegramSource, Channel: message.Telegram, Form: message.Comment, Native: strconv.Itoa(7000 + h.natives), Event: message.Written,
		Author: "user" + message.HashOf(name).Hash[:8], AuthorName: name, Text: words, PublishedAt: h.clock.UTC(),
		Revision: message.HashOf(words), Territory: Region,
	})
	if err != nil {
		return err
	}
	for _, id := range h.opened {
		if err := h.begin(&story{id: id, words: w.body, key: w.key, at: at}); err != nil {
			return err
		}
	}
	return nil
}
