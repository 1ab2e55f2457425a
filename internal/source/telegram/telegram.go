// Package telegram connects a bot of Telegram: comments under channels' posts in their
// discussion groups, forum topics, groups, and direct talks. Start with Open, or with Bot,
// which reads (source.Puller by getUpdates, source.Receiver by webhook), answers
// (source.Publisher) and talks (source.Speaker).
//
// A bot sees the chats into which it was taken, and nothing of what was there before. Each
// chat is a source of its own, «telegram:-1001234», found by the bot's; what people write
// to the bot itself has the bot's source, «telegram:<id of the bot>».
//
// Native ids name the chat and the message, so that an answer finds its way without
// anything else: «-1001234_77» in a group, «501_12» in a direct talk, whose thread is
// «501»; «501_q…» is a button that was pressed.
//
// Telegram tells edits and never deletions. It knows no key against sending twice, and a
// bot cannot read back what it sent: a try whose end is not known is never repeated here.
package telegram

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/botapi"
	"otklik/internal/source"
)

// A Bot reads and writes as one bot. Only Token is required.
type Bot struct {
	Token   string
	Source  string // source id of its direct talks; «telegram:<id>» when empty
	BaseURL string // botapi.API when empty
	PageURL string // beginning of links for people; Page when empty
	HTTP    *http.Client
	Limits  *Limits // shared by all that write with the token; own ones when nil
	Now     func() time.Time
	Log     *slog.Logger // nil: nothing is logged

	Wait    time.Duration // of one long poll; 0 = it returns at once
	Albums  time.Duration // how long parts of an album are waited for; albumWait when 0, none when negative
	HookURL string        // address that Telegram calls; "" = the bot polls
	Ours    []int64       // channels and groups that are our own: what is said in their name is said by us

	// Own reports whether the place of a source is our own, beside Ours; nil = none is.
	Own func(source string) bool

	// Aside sees what a person writes to the bot before anybody else does. What it takes
	// comes no further: codes for notices, where the same bot sends these. It may see a
	// message twice.
	Aside func(ctx context.Context, chat, text string) (taken bool)

	mu     sync.Mutex
	me     *person
	albums map[string]*album
	own    Limits

	reading sync.Mutex
	known   *memory // of a bot that is called by webhook
}

// Page is where links for people lead when nothing else is configured.
const Page = "https://t.me/"

// ID implements source.Puller.
func (b *Bot) ID() string { return cmp.Or(b.Source, SourceID(botapi.BotID(b.Token))) }

// SourceID returns the source id of a chat, and of the direct talks of a bot.
func SourceID(id int64) string { return "telegram:" + strconv.FormatInt(id, 10) }

// A Ref is a native id taken apart.
type Ref struct {
	Chat    int64
	Message int64 // 0 for the talk itself and for a press
}

// String returns the native id.
func (r Ref) String() string {
	if r.Message == 0 {
		return strconv.FormatInt(r.Chat, 10)
	}
	return strconv.FormatInt(r.Chat, 10) + "_" + strconv.FormatInt(r.Message, 10)
}

// ParseRef takes a native id apart.
func ParseRef(native string) (Ref, error) {
	bad := fmt.Errorf("telegram: not a native id: %q", clip(native, 60))
	head, tail, more := strings.Cut(native, "_")
	id, err := strconv.ParseInt(head, 10, 64)
	if err != nil || id == 0 {
		return Ref{}, bad
	}
	r := Ref{Chat: id}
	switch {
	case !more:
	case len(tail) > 1 && tail[0] == 'q':
		return r, nil
	default:
		if r.Message, err = strconv.ParseInt(tail, 10, 64); err != nil || r.Message <= 0 {
			return Ref{}, bad
		}
	}
	if r.String() != native {
		return Ref{}, bad
	}
	return r, nil
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}

// superBase is what ids of supergroups and channels are counted down from.
const superBase = -1_000_000_000_000

// link returns where people see a message of a group or channel; "" where they cannot.
// under is the channel's post that it comments, zero for none.
func (b *Bot) link(c *chat, thread, id int64, topic bool, under *post) string {
	page := cmp.Or(b.PageURL, Page)
	n := strconv.FormatInt(id, 10)
	switch {
	case under != nil && under.User != "":
		return page + under.User + "/" + strconv.FormatInt(under.ID, 10) + "?comment=" + n
	case c.User != "" && topic && thread != 0:
		return page + c.User + "/" + strconv.FormatInt(thread, 10) + "/" + n
	case c.User != "":
		return page + c.User + "/" + n
	case c.ID > superBase || c.ID == superBase:
		return "" // a small group or a talk has no address
	}
	inner := page + "c/" + strconv.FormatInt(superBase-c.ID, 10) + "/"
	if topic && thread != 0 {
		return inner + strconv.FormatInt(thread, 10) + "/" + n
	}
	if thread != 0 {
		return inner + n + "?thread=" + strconv.FormatInt(thread, 10)
	}
	return inner + n
}

// A post is a post of a channel.
type post struct {
	User string // of the channel; "" for a private one
	ID   int64
}

func (b *Bot) now() time.Time {
	if b.Now != nil {
		return b.Now().UTC()
	}
	return time.Now().UTC()
}

func (b *Bot) client() *botapi.Client {
	return &botapi.Client{Token: b.Token, URL: b.BaseURL, HTTP: b.HTTP}
}

func (b *Bot) limits() *Limits {
	if b.Limits != nil {
		return b.Limits
	}
	return &b.own
}

// callTime bounds a call; a long poll has its own wait beside it.
const callTime = 20 * time.Second

// self asks once who the bot is.
func (b *Bot) self(ctx context.Context) (*person, error) {
	b.mu.Lock()
	me := b.me
	b.mu.Unlock()
	if me != nil {
		return me, nil
	}
	me = &person{}
	if err := b.call(ctx, "getMe", false, nil, me); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.me = me
	return me, nil
}

// call calls a method and tells its failures apart. write says that it changes something.
func (b *Bot) call(ctx context.Context, method string, write bool, args, result any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return b.rested(troubled(method, write, b.client().Call(ctx, method, args, result)))
}

var (
	_ source.Puller    = (*Bot)(nil)
	_ source.Receiver  = (*Bot)(nil)
	_ source.Publisher = (*Bot)(nil)
	_ source.Speaker   = (*Bot)(nil)
)
