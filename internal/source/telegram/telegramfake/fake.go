// Package telegramfake is a Telegram of one bot: a channel with its discussion group, a
// forum with topics, and people who write to the bot. It is an http.Handler that answers
// the methods which the telegram package calls, with Telegram's shapes and errors, and has
// pages of its own where a visitor writes a comment or talks with the bot.
//
// Tests and the demo use the same fake. New makes one; Post, Comment, Direct and the others
// change it as people would; Fail makes it misbehave (see Trouble). As at Telegram, updates
// wait 24 hours, are gone once confirmed, and tell of no deletion.
package telegramfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"otklik/internal/source/fakenet"
	"otklik/internal/source/fakepage"
)

// Options describe the bot and its chats.
type Options struct {
	Token    string // «123456:secret»
	Name     string // user name of the bot, «otklik_bot»
	Channel  string // title of the channel
	User     string // its user name; "" = a private channel
	Now      func() time.Time
	Snapshot string  // file that keeps all over a restart; empty: memory alone
	ReadOnly bool    // visitors cannot write on the pages
	Privacy  bool    // the bot sees of groups only what is meant for it
	Quota    bool    // one message a second in a chat, 20 a minute in a group: error 429
	Outside  bool    // the bot is not in the channel, only in its group
	Lat, Lon float64 // where visitors are who send their place; 0 = the middle of Moscow
}

// Chats. Talks have the ids of their people.
const (
	ChannelID = -1001000000001
	GroupID   = -1001000000002 // where the channel is discussed
	ForumID   = -1001000000003
	PlainID   = -4000001 // a small group, which can become a supergroup
	SuperID   = -1001000000004
)

const (
	maxText  = 4096 // UTF-16 units at Telegram; characters here
	maxName  = 60
	maxNotes = 20_000 // in one chat
	maxQueue = 100_000
	keepFor  = 24 * time.Hour
)

// A Fake is a Telegram of one bot. Its methods may be called at any time.
type Fake struct {
	opts  Options
	mux   http.Handler
	pages *fakepage.Pages

	mu       sync.Mutex
	state    state
	kept     fakenet.Snapshot
	troubles fakenet.Troubles
	counts   map[string]int
	news     chan struct{} // closed when an update comes
	polls    int           // number of the newest long poll
	hanging  chan struct{} // closed when the first long poll waits
	wrote    map[int64][]time.Time
	files    map[string][]byte // by file_id
}

// state is what a snapshot keeps.
type state struct {
	Update  int64            `json:"update"` // last id
	People  map[int64]string `json:"people"`
	Blocked map[int64]bool   `json:"blocked"` // who stopped the bot
	Chats   map[int64]*chat  `json:"chats"`
	Queue   []queued         `json:"queue"`
	Hook    hook             `json:"hook"`
	Allowed []string         `json:"allowed"`
	Acked   []string         `json:"acked"` // presses
}

type queued struct {
	ID   int64           `json:"id"`
	At   int64           `json:"at"`
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
}

type hook struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
	FailAt int64  `json:"fail_at"`
}

type chat struct {
	ID       int64   `json:"id"`
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	User     string  `json:"user"`
	Linked   int64   `json:"linked"`
	Forum    bool    `json:"forum"`
	In       bool    `json:"in"` // the bot is a member
	Mute     bool    `json:"mute"`
	Migrated int64   `json:"migrated"`
	Last     int64   `json:"last"`
	Notes    []*note `json:"notes"`
}

// A note is a message.
type note struct {
	ID      int64           `json:"id"`
	From    int64           `json:"from"` // a person; 0 = the bot; a chat's id for what is said in its name
	ReplyTo int64           `json:"reply_to,omitempty"`
	Thread  int64           `json:"thread,omitempty"`
	Topic   bool            `json:"topic,omitempty"`
	Date    int64           `json:"date"`
	Edited  int64           `json:"edited,omitempty"`
	Text    string          `json:"text"`
	Of      int64           `json:"of,omitempty"` // the post that it is the automatic copy of
	Album   string          `json:"album,omitempty"`
	Photo   string          `json:"photo,omitempty"` // file id
	Gone    bool            `json:"gone,omitempty"`
	Markup  json.RawMessage `json:"markup,omitempty"`
	Extra   map[string]any  `json:"extra,omitempty"` // location, contact, entities …
}

type buttonOnPage struct {
	Label string `json:"text"`
	Data  string `json:"callback_data"`
	URL   string `json:"url"`
}

// New returns a fake, with what the snapshot keeps if there is one.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fake{opts: o, counts: map[string]int{}, news: make(chan struct{}), hanging: make(chan struct{}), wrote: map[int64][]time.Time{}, files: map[string][]byte{}}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("telegramfake: %w", err)
	}
	s := &f.state
	if s.Update == 0 {
		s.Update = 700_000
	}
	if s.People == nil {
		s.People = map[int64]string{}
	}
	if s.Blocked == nil {
		s.Blocked = map[int64]bool{}
	}
	if s.Chats == nil {
		s.Chats = map[int64]*chat{
			ChannelID: {ID: ChannelID, Type: "channel", Title: o.Channel, User: o.User, Linked: GroupID, In: !o.Outside},
			GroupID:   {ID: GroupID, Type: "supergroup", Title: o.Channel + " — обсуждение", Linked: ChannelID, In: true},
			ForumID:   {ID: ForumID, Type: "supergroup", Title: "Соседи", User: "sosedi_forum", Forum: true, In: true},
			PlainID:   {ID: PlainID, Type: "group", Title: "Дом на Садовой", In: true},
		}
	}
	if err := f.routes(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }

// Wrote returns what the bot wrote into a chat, oldest first.
func (f *Fake) Wrote(chatID int64) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var texts []string
	if c := f.state.Chats[chatID]; c != nil {
		for _, n := range c.Notes {
			if n.From == 0 && !n.Gone {
				texts = append(texts, n.Text)
			}
		}
	}
	return texts
}

// Posts returns the copies of the channel's posts in the discussion group, newest first:
// what people comment on.
func (f *Fake) Posts() (ids []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range slices.Backward(f.state.Chats[GroupID].Notes) {
		if n.Of != 0 && !n.Gone {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// Answered returns under which message the bot's last message in the chat stands, and its
// markup.
func (f *Fake) Answered(chatID int64) (replyTo int64, markup string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range slices.Backward(f.state.Chats[chatID].Notes) {
		if n.From == 0 {
			return n.ReplyTo, string(n.Markup)
		}
	}
	return 0, ""
}

// Acknowledged returns the presses that the bot has acknowledged.
func (f *Fake) Acknowledged() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.state.Acked)
}

// Called returns how often a method was called.
func (f *Fake) Called(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[method]
}

// Hanging returns what is closed when the first long poll waits for news.
func (f *Fake) Hanging() <-chan struct{} { return f.hanging }

// Waiting returns how many updates are not confirmed.
func (f *Fake) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.state.Queue)
}

func (c *chat) note(id int64) *note {
	k, ok := slices.BinarySearchFunc(c.Notes, id, func(n *note, id int64) int { return int(n.ID - id) })
	if !ok || c.Notes[k].Gone {
		return nil
	}
	return c.Notes[k]
}
