package push

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"otklik/internal/fault"
)

// tokenTime is how long a token holds; push services take a day at most (RFC 8292, 2).
const tokenTime = 12 * time.Hour

var b64 = base64.RawURLEncoding

// A Key says to push services that it is us who send. Browsers bind their subscriptions
// to it: with another key all of them are void.
type Key struct{ private *ecdsa.PrivateKey }

// NewKey makes a key.
func NewKey() (*Key, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &Key{k}, err
}

// ParseKey reads what Secret wrote, which is what other programs call a VAPID private
// key: 32 bytes in base64url.
func ParseKey(s string) (*Key, error) {
	raw, err := b64.DecodeString(s)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the key of web push is no base64url")
	}
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the key of web push is no private key of P-256")
	}
	return &Key{k}, nil
}

// Secret returns the key in writing.
func (k *Key) Secret() string {
	raw, err := k.private.Bytes()
	if err != nil { // P-256 always can
		panic(err)
	}
	return b64.EncodeToString(raw)
}

// Public returns what browsers subscribe with (applicationServerKey), in base64url.
func (k *Key) Public() string {
	raw, err := k.private.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return b64.EncodeToString(raw)
}

// authorization is the header that says who sends (RFC 8292): a token for one push
// service, signed with ES256.
func (k *Key) authorization(service, subject string, now time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub"`
	}{service, now.Add(tokenTime).Unix(), subject})
	if err != nil {
		return "", err
	}
	said := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(claims)
	sum := sha256.Sum256([]byte(said))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + said + "." + b64.EncodeToString(signature[:]) + ", k=" + k.Public(), nil
}
