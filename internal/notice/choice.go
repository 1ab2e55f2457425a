package notice

import (
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
)

// A Channel is a way on which notices leave the product. In the product itself every
// notice stands whatever is chosen, so that none is lost.
type Channel string

// Channels.
const (
	Mail     Channel = "mail"
	Telegram Channel = "telegram"
	Push     Channel = "push" // to a browser
)

// Channels returns all channels.
func Channels() []Channel { return []Channel{Mail, Telegram, Push} }

var channelWords = map[Channel]string{Mail: "почта", Telegram: "Telegram", Push: "браузер"}

// Name returns the channel's Russian name.
func (c Channel) Name() string { return channelWords[c] }

// A Rhythm says when a digest comes.
type Rhythm string

// Rhythms.
const (
	Never   Rhythm = ""
	Morning Rhythm = "morning" // each day at an hour
	Shifts  Rhythm = "shift"   // when the shift before was handed over
)

// A Choice is what a person wants to be told of, how and when.
type Choice struct {
	Account account.ID         `json:"-"`
	Region  string             `json:"-"`
	By      map[Kind][]Channel `json:"by"`

	// Quiet hours of the person's own time: what is not a call waits until they end. Equal hours mean none.
	QuietFrom int `json:"quiet_from"`
	QuietTo   int `json:"quiet_to"`

	Digest     Rhythm    `json:"digest,omitempty"`
	DigestHour int       `json:"digest_hour,omitempty"`
	DigestBy   Channel   `json:"digest_by,omitempty"`
	Digested   time.Time `json:"-"` // when the last one was made
}

// Default is the choice of who has chosen nothing: all that presses, by each channel
// that has an address; nights are quiet.
func Default(who account.ID) Choice {
	c := Choice{Account: who, By: map[Kind][]Channel{}, QuietFrom: 22, QuietTo: 8, DigestHour: 9, DigestBy: Mail}
	for _, k := range Kinds() {
		if k != Followed {
			c.By[k] = Channels()
		}
	}
	return c
}

// Valid is Invalid for what cannot be chosen, with the field.
func (c *Choice) Valid() error {
	for k, list := range c.By {
		if !slices.Contains(Kinds(), k) {
			return fault.New(fault.Invalid, "kind %q is unknown", k).At("by").Say("Такого вида уведомлений нет: " + string(k))
		}
		for _, ch := range list {
			if !slices.Contains(Channels(), ch) {
				return fault.New(fault.Invalid, "channel %q is unknown", ch).At("by").Say("Такого способа нет: " + string(ch))
			}
		}
	}
	for _, h := range []struct {
		field string
		hour  int
	}{{"quiet_from", c.QuietFrom}, {"quiet_to", c.QuietTo}, {"digest_hour", c.DigestHour}} {
		if h.hour < 0 || h.hour > 23 {
			return fault.New(fault.Invalid, "%s is %d", h.field, h.hour).At(h.field).Say("Час: число от 0 до 23.")
		}
	}
	switch {
	case c.Digest != Never && c.Digest != Morning && c.Digest != Shifts:
		return fault.New(fault.Invalid, "digest %q is unknown", c.Digest).At("digest").Say("Сводка бывает каждое утро, к началу смены или никогда.")
	case c.Digest != Never && !slices.Contains(Channels(), c.DigestBy):
		return fault.New(fault.Invalid, "digest by %q", c.DigestBy).At("digest_by").Say("Выберите, куда присылать сводку.")
	}
	return nil
}

// Wants reports whether notices of the kind leave by the channel.
func (c *Choice) Wants(k Kind, ch Channel) bool {
	if k == Digest {
		return c.DigestBy == ch
	}
	return slices.Contains(c.By[k], ch)
}

// Leaves returns when a notice may leave: at once, or when the person's quiet hours are
// over. now is in the person's zone. A call that cannot wait pierces them.
func (c *Choice) Leaves(k Kind, now time.Time) time.Time {
	if k == Call || c.QuietFrom == c.QuietTo {
		return now
	}
	y, m, d := now.Date()
	at := func(day, hour int) time.Time { return time.Date(y, m, day, hour, 0, 0, 0, now.Location()) }
	from, to := at(d, c.QuietFrom), at(d, c.QuietTo)
	switch {
	case c.QuietFrom < c.QuietTo && !now.Before(from) && now.Before(to), c.QuietFrom > c.QuietTo && now.Before(to):
		return to
	case c.QuietFrom > c.QuietTo && !now.Before(from):
		return at(d+1, c.QuietTo)
	}
	return now
}

// Route returns what leaves of a notice: one delivery for each channel that the person
// chose for its kind and has an address for. now is in the person's zone.
func (c *Choice) Route(n *Notice, addresses []Address, now time.Time) (out []Delivery) {
	for _, ch := range Channels() {
		if c.Wants(n.Kind, ch) && slices.ContainsFunc(addresses, func(a Address) bool { return a.Channel == ch && a.State == Good }) {
			out = append(out, Delivery{Notice: n.ID, Account: n.Account, Channel: ch, State: Waiting, NextAt: c.Leaves(n.Kind, now)})
		}
	}
	return out
}

// A Trust says whether notices may leave to an address.
type Trust string

// States of an address.
const (
	Unproved Trust = "unproved" // its owner has not given the code yet
	Good     Trust = "good"
	Broken   Trust = "broken" // it refuses for good: Why says what it said
)

// An Address is where a person is reached on a channel.
type Address struct {
	ID        int64
	Account   account.ID
	Region    string
	Channel   Channel
	To        string // of a mailbox, a chat's id, a browser's subscription in JSON; personal, never logged
	Label     string // what the owner reads: «i…@example.ru», «Telegram», «Firefox»
	State     Trust
	Code      string // the code that proves it; the store keeps a hash
	CodeUntil time.Time
	Tries     int    // wrong codes
	Why       string // of Broken, in Russian
	At        time.Time
}

// A State says how far a delivery has come.
type State string

// States of a delivery.
const (
	Waiting State = "waiting"
	Sending State = "sending" // a try is under way, or was when the process ended
	Sent    State = "sent"
	Dead    State = "dead"    // given up: Error says why
	Unknown State = "unknown" // it may have arrived, and is not sent again
	Spared  State = "spared"  // not sent: its reader had seen it in the product, or sees the incident no longer
)

// A Delivery is one notice on its way through one channel.
type Delivery struct {
	ID      int64
	Notice  ID
	Account account.ID
	Channel Channel
	State   State
	Batch   int64 // deliveries that left as one message; the id of its first
	Tries   int
	NextAt  time.Time
	Error   string // the cause in Russian, without addresses

	Interrupted bool // nobody knows how the try before ended; set by Take
	SentAt      time.Time
}

// A Box is a person and a channel.
type Box struct {
	Account account.ID
	Channel Channel
}
