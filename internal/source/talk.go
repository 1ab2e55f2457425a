package source

import "context"

// A Speaker writes to one person in the direct talk of a network: questions of the
// guided complaint, confirmations, states.
type Speaker interface {
	// Say writes to the talk (the Thread of a direct message) and returns the native id
	// of what was written. Its errors are those of Publish.
	Say(ctx context.Context, talk string, s Speech) (native string, err error)
}

// A Speech is one thing that we say. Where a network shows no buttons they are written
// as a numbered list, and a number answers like a press.
type Speech struct {
	// Key names this saying for ever: where a network knows such a thing (VK), a second Say
	// with it writes nothing and returns what the first wrote. "" = none.
	Key     string
	Text    string
	Buttons [][]Button // rows
	Ask     Ask
}

// A Button answers by its Data, which comes back as Message.Pressed.
type Button struct {
	Label string
	Data  string // at most 64 bytes; "" with URL
	URL   string
}

// An Ask is what a network's own button may ask for.
type Ask string

// Asks.
const (
	AskNothing Ask = ""
	AskPoint   Ask = "point"   // where the person stands
	AskContact Ask = "contact" // the person's phone
)
