package source

// Spent is what a network's token has done, or may have, in a quarter of an hour. It is kept
// ahead of the calls, so that after a kill nobody believes in a fresh day.
type Spent struct {
	Token   string // a digest, from which the token cannot be told
	Method  string
	Quarter int64 // number since 1970
	Calls   int
}
