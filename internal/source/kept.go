package source

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"otklik/internal/message"
	"otklik/internal/scope"
)

// A Kind says which connector reads a source. It is the part of the source's id before
// the first colon.
type Kind string

// Kinds.
const (
	VK       Kind = "vk"
	OK       Kind = "ok"
	Telegram Kind = "telegram" // by a bot
	Preview  Kind = "tgweb"    // a channel of Telegram by its public pages, without a bot
	Max      Kind = "max"
	Feed     Kind = "feed" // RSS, Atom, sitemaps and the articles behind them
	Page     Kind = "page" // forums and comments by a recipe
	Mail     Kind = "mail"
	Hook     Kind = "hook"
	City     Kind = "open311"  // another centre by Open311
	VKSearch Kind = "vksearch" // posts of VK by words or place
)

// Keys is the kind of the keys that open a source of this kind.
func (k Kind) Keys() Kind {
	if k == VKSearch {
		return VK
	}
	return k
}

var kindWords = map[Kind]string{
	VK: "ВКонтакте", OK: "Одноклассники", Telegram: "Telegram, бот", Preview: "Telegram, открытые страницы", Max: "MAX", Feed: "лента новостей", Page: "форум", Mail: "почта", Hook: "подключённая система", City: "Open311", VKSearch: "поиск ВКонтакте",
}

// Name returns the kind's name on screen.
func (k Kind) Name() string { return kindWords[k] }

// A Source is one place that the centre reads, as the administrator keeps it. How it
// fares is a message.SourceState of the same id.
type Source struct {
	ID        string // for ever: «vk:-1001»
	Number    int64  // names it in addresses of pages and of pushes
	Kind      Kind
	Channel   message.Channel
	Name      string
	URL       string        // for people; may be empty
	Territory string        // OKTMO that it speaks for; may be empty
	Own       bool          // an official page of ours: everything under it is ours
	Every     time.Duration // how often it is read; 0 = the connector's own rhythm

	// Settings are the connector's, as JSON. They hold no secret: keys are named.
	Settings json.RawMessage
	Key      string // name of the Key that reads; "" where none is needed
	Answer   string // name of the Key that answers, where it is another one; "" = replies go by Key or by hand

	Via     string // id of the source whose account reads it and answers in it; "" = it is read itself
	Paused  bool   // it is not read; replies that are approved go out
	Fixed   bool   // it stands in the configuration's file and is changed there
	AddedAt time.Time
	Version int
	Place   scope.Place // region and centre of its territory
}

// Proposed reports whether a search came across it and nobody has decided to read it.
func (s *Source) Proposed() bool {
	kind, _, _ := strings.Cut(s.Via, ":")
	return Kind(kind) == VKSearch
}

// A Key is a token or a password with which a network lets us in.
type Key struct {
	Number int64
	Name   string // short, of our own: «группа ЦУР»
	Kind   Kind
	Rights string // what it may do, in the network's words: service, community, bot …; may be empty
	Of     string // whose it is at the network: «-1001», «@otklik_bot»; may be empty
	Sealed []byte // the secret as it is kept (package seal)
	Secret string // opened for a connector; never stored, never printed

	// Of a Hook, whose keys are ours: the one before, sealed and opened, which is good until Until.
	Was    []byte
	Before string
	Until  time.Time

	AddedAt time.Time
	Place   scope.Place
}

// String hides the secret.
func (k Key) String() string { return string(k.Kind) + " " + k.Name }

// MarshalJSON hides the secret: it leaves the product nowhere.
func (k Key) MarshalJSON() ([]byte, error) { return json.Marshal(k.String()) }

// An Hour counts what a source brought in one hour.
type Hour struct {
	At       time.Time // its beginning
	Messages int       // new ones, ours or not
	Kept     int
	Timed    int           // of those, that told when they were written
	Lag      time.Duration // from then until we saw them, of all timed ones together
}

// Mean returns how long after they were written messages were seen, 0 when nothing tells.
func (h Hour) Mean() time.Duration {
	if h.Timed == 0 {
		return 0
	}
	return h.Lag / time.Duration(h.Timed)
}

// A Store keeps sources and keys. Cursors and states are kept by message.Intake.
type Store interface {
	// SaveSource inserts at version 0, else changes what stands at s.Version:
	// fault.Conflict when another version does, or when the id is taken. It fills Number and
	// the next Version.
	SaveSource(ctx context.Context, s *Source) error
	Source(ctx context.Context, sc scope.Scope, number int64) (*Source, error) // NotFound
	Sources(ctx context.Context, sc scope.Scope) ([]Source, error)             // by name
	// RemoveSource takes it out of what is read. Its messages and incidents stay, and the
	// cursor: added again, it is read on from there.
	RemoveSource(ctx context.Context, number int64) error
	// Discover notes a place that the source via found: a new one is kept, a known one
	// gets its new name; a lost one shows it as its error.
	Discover(ctx context.Context, via string, f Found, at time.Time, place scope.Place) error

	// SaveKey inserts, or replaces the secret of the key of that name.
	SaveKey(ctx context.Context, k *Key) error
	Keys(ctx context.Context, sc scope.Scope) ([]Key, error) // by name, sealed
	// RemoveKey is a fault.Conflict while a source uses it.
	RemoveKey(ctx context.Context, number int64) error

	// Count adds to the hour of h.At.
	Count(ctx context.Context, id string, h Hour) error
	// Hours returns the hours since of one source or, by "", of all, by id and time.
	Hours(ctx context.Context, sc scope.Scope, id string, since time.Time) (map[string][]Hour, error)
	// ForgetHours removes those before.
	ForgetHours(ctx context.Context, before time.Time) error

	// AskBack keeps what is to be read of a source's past, in place of what was asked before.
	AskBack(ctx context.Context, b *Backfill) error
	// StepBack keeps how far a running one has come, or its end: fault.Conflict when it
	// does not run any more.
	StepBack(ctx context.Context, b *Backfill) error
	Backfills(ctx context.Context, sc scope.Scope) (map[string]*Backfill, error) // by source

	// Mention adds to a link's count at its place, and keeps the last example.
	Mention(ctx context.Context, m Mention) error
	// Mentioned returns the links that count messages or more, the most frequent first,
	// without those of which somebody said never.
	Mentioned(ctx context.Context, sc scope.Scope, count, limit int) ([]Mention, error)
	// NeverMention drops a link from what is proposed, wherever sc sees it.
	NeverMention(ctx context.Context, sc scope.Scope, link string) error
	// ForgetMentions removes those not seen since, but not what somebody said never to.
	ForgetMentions(ctx context.Context, before time.Time) error

	// Spend keeps what tokens spent, in place of what stood there of the same token, method and
	// quarter, and removes the quarters before forget.
	Spend(ctx context.Context, list []Spent, forget int64) error
	Spent(ctx context.Context) ([]Spent, error)
}

// A Guess is what a pasted link names.
type Guess struct {
	Source        // Kind, ID, Channel, Name, URL and Settings as far as the link or the network tells
	Needs  string // what else is wanted, in Russian: «Нужен ключ сообщества»; "" = nothing
}

// A Field is one thing that people write of a source beside its name: where a network cannot
// tell it, as the servers of a mailbox, or where people may choose.
type Field struct {
	Name, Label, Value, Hint string
	Choices                  []Choice // nil: it is written
}

// A Choice is what a Field may say, and how people read it.
type Choice struct{ Value, Name string }

// A Recogniser says what a pasted link names; nil for a link of another network. It may
// ask the network.
type Recogniser interface {
	Recognise(ctx context.Context, link *url.URL) (*Guess, error)
}
