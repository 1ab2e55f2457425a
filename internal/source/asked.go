package source

import (
	"context"
	"time"
)

// A Riddle is what a network asks a person, to tell people from programs: the words of a
// picture, or a look at a page of its own. It is never answered by machine.
type Riddle struct {
	Key  string    // names it at the network
	Link string    // where a person answers in a browser, at the network; "" = the picture's words are wanted
	At   time.Time // when it was asked
}

// A Waiting is a riddle with the source by which it is answered.
type Waiting struct {
	Riddle
	Source  Source
	Sources int // that wait for this answer
}

// An Asker shows people what a network asks of them, and hands their answer over with the
// next call.
type Asker interface {
	// Asked returns what waits for a person now; false for nothing.
	Asked() (Riddle, bool)
	// Picture fetches the picture of the riddle: a PNG, JPEG or GIF of at most a megabyte.
	Picture(ctx context.Context) (picture []byte, mediaType string, err error)
	// Solve takes the answer to the riddle of the key; "" asks for another riddle, or says
	// that it was answered at the network. A fault.Conflict when another one waits by now.
	Solve(key, answer string) error
}
