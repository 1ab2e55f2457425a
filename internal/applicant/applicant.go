// Package applicant is the vocabulary of residents who told us of an incident themselves,
// on the portal or through our staff, and follow it: each holds a link of their own.
//
// An applicant stands beside the message that they wrote, not beside the incident: when
// incidents are merged or split, the message takes its applicant along. Name and contact
// stand with the words of the message and are erased with them; here stand only digests.
package applicant

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"time"

	"otklik/internal/scope"
)

// An ID names an applicant.
type ID int64

// An Applicant is a resident's hold on the incident of one message.
type Applicant struct {
	ID      ID
	Message int64  // what they wrote
	Nonce   string // of which the link is made; see Key
	Contact string // digest of the contact (Key.Digest); "" = none was left, or erased
	Joined  bool   // they said "me too" about an incident of somebody else
	News    bool   // they want to be told how it comes on, at the contact of the message
	Consent string // version of the consent that they gave; "" = none was asked for
	Judged  int64  // the last reply (reply.ID) that they judged; 0 = none
	Told    int64  // the last line of history (Entry.ID) that they were told of
	At      time.Time

	WithdrawnAt time.Time // zero: they have not taken it back

	// Of the letter on its way: up to which line of history it tells (0 = none is), how often it
	// was tried, and not before when it is tried again.
	Telling int64
	Tries   int
	NextAt  time.Time
	Place   scope.Place
}

// A Store keeps applicants.
type Store interface {
	// Add stores an applicant and sets the ID. One of the same message is a Conflict.
	Add(ctx context.Context, secret string, a *Applicant) error
	// Save stores News, Judged, Told, WithdrawnAt and what is known of the letter on its way.
	Save(ctx context.Context, a *Applicant) error
	// BySecret returns who holds a link: NotFound for an unknown or erased one.
	BySecret(ctx context.Context, secret string) (*Applicant, error)
	// OfMessage returns who wrote a message, NotFound for none.
	OfMessage(ctx context.Context, message int64) (*Applicant, error)
	// OfIncident returns those whose messages belong to an incident, oldest first.
	OfIncident(ctx context.Context, incident int64) ([]Applicant, error)
	// OfContact returns those who left a contact, newest first, at most limit.
	OfContact(ctx context.Context, digest string, limit int) ([]Applicant, error)
	// Unaware returns those who want news and whose incidents have lines of history after
	// Told, when their letter is due; at most limit.
	Unaware(ctx context.Context, now time.Time, limit int) ([]Applicant, error)
}

// A Key makes links and digests. The database alone, or a backup of it, gives nobody a link:
// the key lies beside it (package seal).
type Key []byte

// secretBytes is how much of the MAC a link carries: 120 bits are not to be guessed.
const secretBytes = 15

// Nonce returns a new nonce.
func Nonce() string { return strings.ToLower(rand.Text()) }

// Secret returns the secret of the link of a nonce: 24 small letters and digits.
func (k Key) Secret(nonce string) string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(k.mac("link", nonce)[:secretBytes]))
}

// Digest returns by what applicants of one contact are found; "" for an empty contact. The
// contact is given in its normal form.
func (k Key) Digest(contact string) string {
	if contact == "" {
		return ""
	}
	return hex.EncodeToString(k.mac("contact", contact)[:16])
}

func (k Key) mac(purpose, s string) []byte {
	m := hmac.New(sha256.New, k)
	m.Write([]byte(purpose + "\x00" + s))
	return m.Sum(nil)
}
