package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// secretPrefix begins a secret, as Standard Webhooks writes it.
const secretPrefix = "whsec_"

// NewSecret returns a secret of 32 random bytes.
func NewSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(b)
}

// Sign returns the value of webhook-signature: for each secret one signature over
// "id.timestamp.body", HMAC-SHA256 in base64 behind "v1,", with spaces between them.
func Sign(id string, at time.Time, body []byte, secrets ...string) (string, error) {
	var list []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, secretPrefix))
		if err != nil || len(key) == 0 {
			return "", fmt.Errorf("webhook: a secret is no base64") // without its words
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.", id, strconv.FormatInt(at.Unix(), 10))
		mac.Write(body)
		list = append(list, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(list, " "), nil
}
