// Package max connects a bot of MAX: comments under the posts of the channels whose
// administrator it is, messages of groups, and the direct talk with residents. Start with
// Open or Bot, which is a source.Puller, Receiver, Publisher and Speaker.
//
// News comes three ways, and each of them alone is enough: pushes (Receive), the long
// poll of /updates for trials, and re-reading the newest posts with their comments. The
// last one stands behind the first two always, because it is disputed whether MAX tells a
// bot of comments, and because its own deeds it never tells. One text has one revision,
// whichever way it comes (see package wall).
//
// Ids at the network; MAX's own ids are opaque strings:
//
//	mid.ffff…           a post of a channel, a message of a group or of a direct talk
//	mid.ffff…/mid.ffff… a comment: the post, and the comment
//	press/f9LH…         a press of a button
//	start/77/1775…      a talk that was begun: whose, and when
//	talk/77             a direct talk, as a Thread: whose
//
// Messages of channels and groups belong to a source of their own, «max:-70801», that the
// bot finds; those of direct talks to the bot's.
//
// Facts about the API are those of September 2026; docs/channels/max.md says what to
// check against the live network.
package max

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/source"
)

// Where MAX is when nothing else is configured.
const (
	API  = "https://platform-api2.max.ru"
	Page = "https://max.ru/"
)

// A Bot is one bot of MAX and all places that it sees. Source and Token are required.
type Bot struct {
	Source string // id: «max:229229229»
	Name   string
	Token  string

	BaseURL string // empty: API
	PageURL string // beginning of links; empty: Page, and MAX's own links
	HTTP    *http.Client
	Limits  *Limits // shared by bots of one organisation; nil: MAX's own numbers
	Now     func() time.Time

	Hook     string        // our address that MAX calls; "" = long poll
	TakeOver bool          // remove subscriptions of other addresses
	Wait     time.Duration // how long a long poll may wait for news
	Chats    []int64       // places that the bot sees and MAX may not have told of

	Posts  int           // newest posts of a channel that are re-read; 0: 20
	Reread time.Duration // how often; 0: 2 min; negative: at each Poll
	Calls  int           // calls in one Poll; 0: 20

	PerSecond float64 // replies to one place; 0: 1; negative: no limit
	PerDay    int
	Settle    time.Duration // how long a reply may take to be seen; 0: a minute

	mu       sync.Mutex
	me       int64 // the bot's user id; 0: not asked yet
	hooked   bool  // the subscription stood when it was last looked for
	asked    time.Time
	heard    map[string]heard  // by source and native: what a push told, that Poll must not tell anew
	places   map[int64]spot    // told of by pushes, or known of by Poll
	presses  map[int64]string  // callbacks without an answer, by user
	roots    map[string]string // of messages in groups: what began their thread
	attempts map[string]bool   // what we wrote or tried to write: see mine
}

// A spot is a place as far as its link needs it.
type spot struct {
	Title, Link string
	Channel     bool
	Told        bool // by a push, and Poll has not heard of it
}

// ID implements source.Puller.
func (b *Bot) ID() string { return b.Source }

func (b *Bot) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

// SourceID returns the source id of a channel or a group, «max:-70801».
func SourceID(chat int64) string { return "max:" + strconv.FormatInt(chat, 10) }

// chatOf returns the channel or group of a source id, 0 for a bot's.
func chatOf(id string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "max:"), 10, 64)
	if err != nil || n > 0 {
		return 0
	}
	return n
}

const talkPrefix = "talk/"

func talkID(user int64) string { return talkPrefix + strconv.FormatInt(user, 10) }

// A ref is a native id taken apart.
type ref struct {
	Message string // post or message
	Comment string // "" for the message itself
}

func (r ref) String() string {
	if r.Comment == "" {
		return r.Message
	}
	return r.Message + "/" + r.Comment
}

func parseRef(native string) (ref, error) {
	r := ref{Message: native}
	if cut := strings.IndexByte(native, '/'); cut >= 0 {
		r.Message, r.Comment = native[:cut], native[cut+1:]
		if r.Comment == "" {
			r.Message = ""
		}
	}
	if !sound(r.Message) || r.Comment != "" && !sound(r.Comment) {
		return ref{}, fmt.Errorf("max: not a native id: %q", clip(native, 60))
	}
	return r, nil
}

// sound reports whether an id of the network can stand in an address and in a native id:
// they are opaque, and begin with «mid.» wherever anybody saw one.
func sound(id string) bool {
	if len(id) < 5 || len(id) > 200 || !strings.HasPrefix(id, "mid.") {
		return false
	}
	for _, c := range id {
		if c <= ' ' || c > '~' || strings.ContainsRune(`/?#%\"`, c) {
			return false
		}
	}
	return true
}

// link returns where people see a post. MAX gives the address of a post alone; that of a
// comment is not known, so a comment has its post's.
func (b *Bot) link(chat int64, mid, told string) string {
	if b.PageURL == "" && told != "" {
		return told
	}
	page := b.PageURL
	if page == "" {
		page = Page
	}
	b.mu.Lock()
	public := b.places[chat].Link
	b.mu.Unlock()
	at := page + "c/" + strconv.FormatInt(chat, 10)
	if b.PageURL == "" && strings.HasPrefix(public, Page) && !strings.Contains(public, "/join/") {
		at = strings.TrimSuffix(public, "/")
	}
	if seq, err := hex.DecodeString(strings.TrimPrefix(mid, "mid.")); err == nil && len(seq) == 16 {
		return at + "/" + base64.RawURLEncoding.EncodeToString(seq[8:])
	}
	return at
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

var (
	_ source.Puller    = (*Bot)(nil)
	_ source.Publisher = (*Bot)(nil)
	_ source.Receiver  = (*Bot)(nil)
	_ source.Speaker   = (*Bot)(nil)
)
