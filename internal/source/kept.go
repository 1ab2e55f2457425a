package source

import (
	"context"
	"encoding/json"
	"net/url"
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
	City     Kind = "open311" // another centre by Open311
)

// A Source is one place that the centre reads, as the administrator keeps it.
type Source struct {
	ID        string // for ever: «vk:-1001»
	Kind      Kind
	Channel   message.Channel
	Name      string
	URL       string        // for people; may be empty
	Territory string        // OKTMO that it speaks for; may be empty
	Own       bool          // an official page of ours: everything under it is ours
	Every     time.Duration // how often it is read; 0 = the connector's own rhythm

	// Settings are the connector's, as JSON. They hold no secret: Key names the one to use.
	Settings json.RawMessage
	Key      string // name of a Key; "" where none is needed

	Via     string // id of the source whose account reads it and answers in it; "" = it is read itself
	Paused  bool   // it is not read, and what is approved for it waits
	Fixed   bool   // it stands in the configuration's file and is changed there
	AddedAt time.Time
	Version int64
	Place   scope.Place
}

// A Key is a token or a password with which a network lets us in. The secret is kept
// sealed, and is read by connectors alone.
type Key struct {
	Name   string // short, of our own: «группа ЦУР»
	Kind   Kind
	Rights string // what the network says it may do: service, community, bot …; "" = not asked yet
	Of     string // whose it is at the network: «-1001», «@otklik_bot»; may be empty
	Secret string // never printed, never in JSON

	Error   string // what a person must mend, in Russian; "" = it is good
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
}

// A Store keeps sources and keys. Reading cursors and states is of message.Intake.
type Store interface {
	// SaveSource inserts, or changes what is at the version that s names: fault.Conflict else.
	SaveSource(ctx context.Context, s *Source) error
	Source(ctx context.Context, sc scope.Scope, id string) (*Source, error) // NotFound
	Sources(ctx context.Context, sc scope.Scope) ([]Source, error)          // by name
	// RemoveSource takes it out of what is read. Its messages and incidents stay.
	RemoveSource(ctx context.Context, id string) error

	SaveKey(ctx context.Context, k *Key) error
	Keys(ctx context.Context, sc scope.Scope) ([]Key, error) // with secrets, by name
	RemoveKey(ctx context.Context, name string) error

	// Count adds to the hour of what a source brought.
	Count(ctx context.Context, id string, at time.Time, messages, kept int) error
	// Hours returns the hours since, oldest first; hours without messages are left out.
	Hours(ctx context.Context, id string, since time.Time) ([]Hour, error)
}

// A Guess is what a pasted link names.
type Guess struct {
	Source        // Kind, ID, Channel, Name, URL and Settings as far as the link or the network tells
	Needs  string // what else is wanted, in Russian: «Нужен ключ сообщества»; "" = nothing
}

// A Recogniser says what a pasted link names; nil for a link of another network. It may
// ask the network.
type Recogniser interface {
	Recognise(ctx context.Context, link *url.URL) (*Guess, error)
}
