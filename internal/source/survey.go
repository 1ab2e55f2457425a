package source

import "context"

// A Surveyor says in words, beside the messages of a test read, what it made of the source.
// Where a person has described the source (a recipe), that person mends it by these words.
type Surveyor interface {
	Survey(ctx context.Context) (*Survey, error)
}

// A Survey is what was found and what was not, in Russian.
type Survey struct{ Found, Wrong []string }
