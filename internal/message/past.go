package message

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"otklik/internal/lifecycle"
	"otklik/internal/topic"
)

// A Past is what the system that a message comes from knows of its case. Where the case
// was finished there (Done), it becomes history here: nothing is due, nobody is asked.
type Past struct {
	Key    string // names the case in what it came from; messages with the same key are one case
	Number string // as people there say it

	// As written there, in official words; "" where nothing is told.
	Status string
	Topic  string
	Agency string
	Place  string // only for reading: it is not kept

	State    lifecycle.State // ours; "" is New
	Outcome  lifecycle.Outcome
	Reason   string // of the outcome, in official words
	Verified bool   // somebody saw there that it is solved
	Code     topic.Code
	AgencyID int64 // our agency that answered, or is to answer; 0: by its name, or by the rules

	OpenedAt   time.Time
	AnsweredAt time.Time
	ClosedAt   time.Time
	Answer     string // as it was published; may be empty
}

// Done reports whether the work was finished there.
func (p *Past) Done() bool { return p != nil && p.State != "" && !p.State.Open() }

// Digest names what is said of the case by now: status, topic, agency, answer and its times.
func (p *Past) Digest() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Status, p.Topic, p.Agency, string(p.State), string(p.Outcome), p.Reason, string(p.Code),
		p.AnsweredAt.UTC().Format(time.RFC3339), p.ClosedAt.UTC().Format(time.RFC3339), p.Answer, map[bool]string{true: "verified"}[p.Verified]}, "\x00")))
	return hex.EncodeToString(sum[:6])
}
