// Package message is the vocabulary of what people wrote somewhere: the message
// as received, its revisions, and the reading that the machine made of it.
//
// A Message is never edited by us. When its author edits, deletes or restores
// it, that arrives as one more revision (see Revision); what we read in it is a
// Reading, kept apart, because readings are made again and corrected.
//
// Words of residents (text, name) live in erasable rows only; everything else
// holds ids, codes and byte offsets.
package message

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/scope"
)

// An ID names a message for ever.
type ID int64

// A Channel is the kind of place where a message was written.
type Channel string

// Channels.
const (
	VK       Channel = "vk"
	OK       Channel = "ok"
	Telegram Channel = "telegram"
	Max      Channel = "max"
	News     Channel = "news"  // feeds, articles and what is written under them
	Forum    Channel = "forum" // boards and city portals
	Mail     Channel = "mail"
	City     Channel = "open311" // another centre
	File     Channel = "file"    // a table or dump that somebody imported
	Hook     Channel = "hook"    // a signed call of another system
	Phone    Channel = "phone"   // a card filed by staff for who rang
	Portal   Channel = "portal"  // our own form
	Counter  Channel = "counter" // a card filed by staff for who came
	Paper    Channel = "paper"   // a card filed by staff from a letter
)

// Channels returns all channels.
func Channels() []Channel {
	return []Channel{VK, OK, Telegram, Max, News, Forum, Mail, City, File, Hook, Phone, Portal, Counter, Paper}
}

var channelWords = map[Channel]string{
	VK: "ВКонтакте", OK: "Одноклассники", Telegram: "Telegram", Max: "MAX", News: "СМИ", Forum: "форум", Mail: "почта", City: "другой центр",
	File: "файл", Hook: "подключённая система", Phone: "телефон", Portal: "портал", Counter: "приём", Paper: "бумага",
}

// Name returns the channel's name on screen.
func (c Channel) Name() string { return channelWords[c] }

// A Form says what a message is in its network.
type Form string

// Forms.
const (
	Post    Form = "post"
	Comment Form = "comment"
	Direct  Form = "direct" // written to us alone
	Card    Form = "card"   // taken down by staff
	Record  Form = "record" // a line of a file
)

// An Event says what happened to a message at the network.
type Event string

// Events. A restore carries the whole message again.
const (
	Written  Event = "written" // new or edited
	Deleted  Event = "deleted"
	Restored Event = "restored"
)

// A Revision tells apart the states that one message had at its network. It is
// ordered by Time where the network gives the time of the change; where it does
// not, Time is zero and the revision is named by a hash of the content, and the
// later arrival wins. The zero Revision is that of a deletion whose sender gives
// neither: it is news unless the message is gone already.
type Revision struct {
	Time time.Time
	Hash string
}

// Key names the revision within its message.
func (r Revision) Key() string {
	if !r.Time.IsZero() {
		return fmt.Sprintf("t%d", r.Time.UnixMilli())
	}
	return "h" + r.Hash
}

// HashOf returns the revision of a text whose network gives no time of change.
func HashOf(text string) Revision {
	sum := sha256.Sum256([]byte(text))
	return Revision{Hash: hex.EncodeToString(sum[:12])}
}

// A Message is one thing one person said, as received.
type Message struct {
	ID       ID
	Source   string // id of the source: «vk:-1001», «file:letters.csv»
	Channel  Channel
	Form     Form
	Native   string // id at the network, unique within the source
	Revision Revision
	Event    Event

	Thread string // native id of the thread's root; empty when the message is one
	Parent string // native id of the message that this one answers; may be empty
	URL    string // where people can see it; may be empty

	Author     string // id of the author at the network; may be empty
	AuthorName string // as shown there; erasable
	Contact    string // phone or e-mail that the resident left; erasable
	Text       string // verbatim; erasable; empty for a deletion

	// Attachments are what came with it, as its source tells. Only Keep reads them; what
	// is kept of them is asked of the attachment.Store.
	Attachments []attachment.Ref `json:",omitempty"`

	Past *Past `json:",omitempty"` // what another system knows of its case; nil for nearly all

	// Of a direct talk: Thread names the talk.
	Pressed string `json:",omitempty"` // data of a button that was pressed instead of writing; Native names the press
	Shared  *Point `json:",omitempty"` // where the person stands, as the network's own button told

	PublishedAt time.Time // when the author wrote it; zero when unknown
	SeenAt      time.Time // when we first saw it

	Territory string // OKTMO of the territory that the source or thread speaks for; may be empty
	Addressed bool   // ours without asking the watches: own page, own thread, direct, addressed push, card
	Own       bool   // written by ourselves (a reply of ours seen again in the thread)

	ErasedAt time.Time // its words were taken away at the author's request; zero for nearly all

	Gone  bool // the network shows it no more (state of the stored message)
	Place scope.Place
}

// A Point is a position, WGS 84, degrees.
type Point struct{ Lat, Lon float64 }

// Fingerprint names a text whatever its spacing and letter case; equal texts of
// other people and places are found by it. It is empty for short texts, which
// many people write alike («Когда?»).
func Fingerprint(index string) string {
	if len(index) < 60 {
		return ""
	}
	sum := sha256.Sum256([]byte(index))
	return hex.EncodeToString(sum[:10])
}
