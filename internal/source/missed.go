package source

import "time"

// A Missed says why a message is among ours or not.
type Missed struct {
	Code     string   // of the network's connector
	Sentence string   // the answer for people, in Russian
	Evidence []string // what it rests on, in sentences
	Source   string   // id of the source where it stands
	Number   int64    // of that source's page; 0 where there is none
	Incident int64    // that holds the message; 0 for none
}

// An Allowance is what a network lets our tokens ask, and what watching costs.
type Allowance struct {
	Walls, Posts int     // that are watched
	Comments     float64 // a day, seen in the last one or expected
	Tokens       []TokenFare
	Costs        []Cost
}

// A Cost says how many tokens a wanted lag takes.
type Cost struct {
	Lag    time.Duration // median from writing to seeing
	Tokens int
}

// A TokenFare is how one token fares.
type TokenFare struct {
	Name     string // of the key, never the key itself
	State    string // good, resting, revoked, captcha
	Until    time.Time
	Sentence string  // what to do, in Russian
	Purses   []Quota // of 24 hours
	Methods  []MethodUse
}

// A MethodUse counts the calls of one method in 24 hours.
type MethodUse struct {
	Method string
	Calls  int
}
