package source

import "context"

// A Paced puller knows itself when it is worth asking, because it shares its calls with
// many others: the walls of one network among a few tokens. Whoever reads it calls Turn
// before each Poll, except one that More asks for, instead of waiting for Every.
type Paced interface {
	Puller
	// Turn returns when a Poll is worth its calls. cursor is the one that was committed
	// last: what it knows counts as read. An Error says why nothing can be asked now.
	Turn(ctx context.Context, cursor []byte) error
}
