// Package maxfake is a MAX of one bot: an http.Handler that answers the methods which the
// max package calls (below /api), with MAX's shapes and errors, and has pages of its own
// where a visitor reads the channels, writes comments and talks to the bot.
//
// Tests and the demo use the same fake. New makes one; Channel, Post, Comment, Say and the
// others do what people do; Fail makes it misbehave; Deliver calls the subscribed address.
// Where MAX's documentation leaves a point open, Options choose.
package maxfake

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"otklik/internal/source/fakenet"
	"otklik/internal/source/fakepage"
)

// Options describe the bot and the open points.
type Options struct {
	Token    string
	Bot      int64  // user id
	Name     string // «Отклик»
	Username string // «otklik_bot»

	Now          func() time.Time // nil: time.Now
	Snapshot     string           // file that keeps all over a restart; empty: memory alone
	ReadOnlyPage bool             // visitors cannot write on the pages
	Page         string           // where the pages are, for the url of posts; "" = MAX tells none

	Comments  Telling // how the bot hears of comments; empty: TellComments
	Nameless  bool    // comments come without their sender
	All       bool    // /updates without a marker gives all events, not the latest alone
	PerSecond int     // calls in a second before 429; 0: no limit
}

// A Telling says which event tells a bot of a comment: it is disputed.
type Telling string

// Tellings.
const (
	TellComments Telling = "comment" // comment_created and so on
	TellMessages Telling = "message" // message_created, with the post's id
	TellNothing  Telling = "nothing"
)

// Limits of what visitors can write.
const (
	maxText     = 4000 // characters
	maxName     = 60
	maxComments = 20000
	maxMessages = 5000
	eventsAge   = 24 * time.Hour
)

// A Fake is a MAX of one bot. Its methods may be called at any time.
type Fake struct {
	opts  Options
	mux   http.Handler
	pages *fakepage.Pages

	mu       sync.Mutex
	state    state
	kept     fakenet.Snapshot
	troubles fakenet.Troubles
	calls    []time.Time    // of the last second
	counts   map[string]int // by op
	answered []string       // callbacks
}

// state is what a snapshot keeps.
type state struct {
	Count  int64            `json:"count"` // of messages and comments
	Next   int64            `json:"next"`  // number of the next event
	People map[int64]string `json:"people"`
	Chats  []*chat          `json:"chats"`
	Events []event          `json:"events"`
	Subs   []sub            `json:"subs"`
}

type event struct {
	N    int64           `json:"n"`
	At   int64           `json:"at"` // Unix ms
	JSON json.RawMessage `json:"json"`
}

type sub struct {
	URL    string   `json:"url"`
	Types  []string `json:"update_types"`
	Secret string   `json:"secret"`
}

// A chat is a channel, a group or a direct talk (positive id: that of its person).
type chat struct {
	ID       int64      `json:"id"`
	Type     string     `json:"type"`
	Title    string     `json:"title"`
	Shut     bool       `json:"shut,omitempty"` // the bot is no administrator, or the person stopped it
	Open     bool       `json:"open,omitempty"` // the person has started the talk
	Messages []*message `json:"messages"`       // oldest first
}

type message struct {
	ID       string     `json:"id"`
	From     int64      `json:"from"` // 0: the channel
	At       int64      `json:"at"`   // Unix ms
	Text     string     `json:"text"`
	Reply    string     `json:"reply,omitempty"`
	Deleted  bool       `json:"deleted,omitempty"`
	Edited   bool       `json:"edited,omitempty"`
	Off      bool       `json:"off,omitempty"` // no comments
	Extra    []any      `json:"extra,omitempty"`
	Comments []*message `json:"comments,omitempty"`
}

// New returns a fake, with what the snapshot holds if there is one.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Comments == "" {
		o.Comments = TellComments
	}
	f := &Fake{opts: o, counts: map[string]int{}}
	f.kept.Path = o.Snapshot
	if err := f.kept.Load(&f.state); err != nil {
		return nil, fmt.Errorf("maxfake: %w", err)
	}
	if f.state.People == nil {
		f.state.People = map[int64]string{}
	}
	return f, f.routes()
}

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.mux.ServeHTTP(w, r) }

// Seed writes many things with one snapshot at the end.
func (f *Fake) Seed(write func()) {
	f.hold(true)
	defer f.hold(false)
	write()
}

func (f *Fake) hold(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept.Hold(on)
	f.save()
}

// Person returns the id of the person of that name, made when needed.
func (f *Fake) Person(name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.person(name)
}

func (f *Fake) person(name string) int64 {
	for id, n := range f.state.People {
		if n == name {
			return id
		}
	}
	id := int64(700001 + len(f.state.People))
	f.state.People[id] = name
	return id
}

func (f *Fake) name(id int64) string {
	if id == f.opts.Bot {
		return f.opts.Name
	}
	if n := f.state.People[id]; n != "" {
		return n
	}
	return fmt.Sprintf("Пользователь %d", id)
}

func (f *Fake) ms() int64 { return f.opts.Now().UnixMilli() }

// mid makes the id of a message: the chat, and a number that holds the time.
func (f *Fake) mid(chat, at int64) string {
	f.state.Count++
	return fmt.Sprintf("mid.%016x%016x", uint64(chat), uint64(at)<<16|uint64(f.state.Count&0xffff))
}

// code returns what stands for a message in its address.
func code(id string) string {
	var chat, seq uint64
	if _, err := fmt.Sscanf(id, "mid.%16x%16x", &chat, &seq); err != nil {
		return id
	}
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, seq))
}

func (f *Fake) chat(id int64) *chat {
	for _, c := range f.state.Chats {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// find returns a message that stands, with its chat; of a comment the post, too.
func (f *Fake) find(id string) (c *chat, post, m *message) {
	for _, c := range f.state.Chats {
		for _, m := range c.Messages {
			if m.ID == id {
				return c, nil, m
			}
			for _, k := range m.Comments {
				if k.ID == id {
					return c, m, k
				}
			}
		}
	}
	return nil, nil, nil
}

// save writes the snapshot; the lock is held.
func (f *Fake) save() { f.kept.Save(f.state) }
