package telegram

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"otklik/internal/message"
)

// A memory is what reading needs to know of earlier updates: the bot's cursor. It is JSON
// and holds ids alone. What is lost with it costs little: a place is found again, the
// address of a comment leads into the group instead of under its post.
type memory struct {
	Offset int64            `json:"o,omitempty"` // update that is asked for next
	At     int64            `json:"a,omitempty"` // when the last update came, Unix seconds
	Places map[int64]string `json:"p,omitempty"` // chats that the bot sees → hash of what was told of them
	Links  map[int64]int64  `json:"l,omitempty"` // channel → its discussion group; 0 = it has none
	Copies []copied         `json:"c,omitempty"` // newest last
	Albums []parted         `json:"g,omitempty"` // newest last
}

// A copied is a channel's post and its copy in the discussion group.
type copied struct {
	Channel int64  `json:"c"`
	Post    int64  `json:"p"`
	User    string `json:"u,omitempty"` // of the channel
	Group   int64  `json:"g"`
	Copy    int64  `json:"m"`
}

// A parted is an album that came, named by its first part.
type parted struct {
	ID    string `json:"i"`
	Chat  int64  `json:"c"`
	First int64  `json:"m"`
}

// How much is remembered.
const (
	mostCopies = 300
	mostAlbums = 100
	mostPlaces = 2000
)

// remember reads a cursor; a damaged one counts as none: Telegram then gives again what
// was not confirmed, and intake knows what it has.
func remember(b []byte) *memory {
	m := &memory{}
	if len(b) > 0 && json.Unmarshal(b, m) != nil {
		m = &memory{}
	}
	m.Offset = max(m.Offset, 0) // a negative one would throw away all that waits
	if m.Places == nil {
		m.Places = map[int64]string{}
	}
	if m.Links == nil {
		m.Links = map[int64]int64{}
	}
	return m
}

func (m *memory) bytes() []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic("telegram: a cursor of numbers and strings cannot be written: " + err.Error())
	}
	return b
}

// silence is after how long a quiet bot's updates may begin at any number, also a smaller
// one: after a week, says the documentation.
const silence = 6 * 24 * time.Hour

// next returns the update to be asked for.
func (m *memory) next(now time.Time) int64 {
	if now.Sub(time.Unix(m.At, 0)) > silence {
		return 0 // what came before was confirmed long ago
	}
	return m.Offset
}

// sees notes a chat and reports whether it is news: new, or called otherwise.
func (m *memory) sees(c *chat) bool {
	told := message.HashOf(c.Title + "\x00" + c.User).Hash[:8]
	if m.Places[c.ID] == told {
		return false
	}
	if len(m.Places) >= mostPlaces {
		clear(m.Places) // they are found again
	}
	m.Places[c.ID] = told
	return true
}

func (m *memory) copies(c copied) {
	if slices.Contains(m.Copies, c) {
		return
	}
	m.Copies = append(m.Copies, c)
	m.Copies = m.Copies[max(0, len(m.Copies)-mostCopies):]
	m.Links[c.Channel] = c.Group
}

// copyOf finds the copy of a channel's post.
func (m *memory) copyOf(channel, post int64) (copied, bool) {
	return m.find(func(c copied) bool { return c.Channel == channel && c.Post == post })
}

// original finds the post of a copy.
func (m *memory) original(group, id int64) (copied, bool) {
	return m.find(func(c copied) bool { return c.Group == group && c.Copy == id })
}

func (m *memory) find(is func(copied) bool) (copied, bool) {
	if k := slices.IndexFunc(m.Copies, is); k >= 0 {
		return m.Copies[k], true
	}
	return copied{}, false
}

// album returns the first part of an album that came, 0 for none.
func (m *memory) album(chat int64, id string) int64 {
	k := slices.IndexFunc(m.Albums, func(p parted) bool { return p.Chat == chat && p.ID == id })
	if k < 0 {
		return 0
	}
	return m.Albums[k].First
}

func (m *memory) came(chat int64, id string, first int64) {
	if m.album(chat, id) != 0 {
		return
	}
	m.Albums = append(m.Albums, parted{id, chat, first})
	m.Albums = m.Albums[max(0, len(m.Albums)-mostAlbums):]
}

// lose forgets a chat.
func (m *memory) lose(id int64) {
	delete(m.Places, id)
	for channel, group := range m.Links {
		if group == id || channel == id {
			delete(m.Links, channel)
		}
	}
}

// groupOf returns the discussion group of a channel as far as is known.
func (m *memory) groupOf(channel int64) (group int64, known bool) {
	group, known = m.Links[channel]
	return group, known
}

// channelOf returns the channel whose discussion group this is, 0 for none.
func (m *memory) channelOf(group int64) int64 {
	for channel, g := range m.Links {
		if g == group {
			return channel
		}
	}
	return 0
}

func byID(a, b *note) int { return cmp.Compare(a.ID, b.ID) }

// merge adds what an earlier memory knew.
func (m *memory) merge(other *memory) {
	for id, told := range other.Places {
		if m.Places[id] == "" {
			m.Places[id] = told
		}
	}
	for channel, group := range other.Links {
		if m.Links[channel] == 0 {
			m.Links[channel] = group
		}
	}
	for _, c := range other.Copies {
		m.copies(c)
	}
	for _, a := range other.Albums {
		m.came(a.Chat, a.ID, a.First)
	}
}
