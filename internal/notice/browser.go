package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"otklik/internal/fault"
)

// A Browser is what a browser says of where it is reached (Push API): a subscription. In
// JSON it is To of an Address. Endpoint and Auth are secrets of that browser.
type Browser struct {
	Endpoint string `json:"endpoint"` // of its push service: a capability, whoever knows it may send
	P256DH   string `json:"p256dh"`   // its public key, base64url
	Auth     string `json:"auth"`     // base64url
	Key      string `json:"key"`      // our public key that it was made with, base64url
}

// To returns what stands in an Address.
func (b Browser) To() string {
	data, err := json.Marshal(b)
	if err != nil { // four strings always can
		panic(err)
	}
	return string(data)
}

// BrowserOf reads To of an address.
func BrowserOf(to string) (b Browser, err error) {
	if err := json.Unmarshal([]byte(to), &b); err != nil || b.Endpoint == "" {
		return b, fault.New(fault.Invalid, "no subscription of a browser")
	}
	return b, nil
}

// Mark names a subscription without telling it: by the mark a page knows its own browser.
func (b Browser) Mark() string {
	sum := sha256.Sum256([]byte(b.Endpoint))
	return hex.EncodeToString(sum[:8])
}
