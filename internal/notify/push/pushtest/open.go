package pushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"time"
)

// A Token says who sends.
type Token struct {
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	Subject  string `json:"sub"`
}

// Verify reads an Authorization header (RFC 8292): the token must be signed with key, be
// for the service, and hold for a day at most.
func Verify(header, key, service string, now time.Time) (t Token, err error) {
	rest, ok := strings.CutPrefix(header, "vapid ")
	if !ok {
		return t, errors.New("no vapid")
	}
	var token, k string
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			token = value
		case "k":
			k = value
		}
	}
	if k != key {
		return t, errors.New("the key is not the one of the subscription")
	}
	raw, err := b64.DecodeString(k)
	if err != nil {
		return t, err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		return t, err
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return t, errors.New("the token has not three parts")
	}
	var said [3][]byte
	for n := range parts {
		if said[n], err = b64.DecodeString(parts[n]); err != nil {
			return t, err
		}
	}
	var head struct{ Typ, Alg string }
	if err := json.Unmarshal(said[0], &head); err != nil || head.Alg != "ES256" {
		return t, errors.New("the token is not signed with ES256")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(said[2]) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(said[2][:32]), new(big.Int).SetBytes(said[2][32:])) {
		return t, errors.New("the signature is wrong")
	}
	if err := json.Unmarshal(said[1], &t); err != nil {
		return t, err
	}
	left := time.Unix(t.Expires, 0).Sub(now)
	switch {
	case t.Audience != service:
		return t, errors.New("the token is for another service")
	case left <= 0 || left > 24*time.Hour:
		return t, errors.New("the token does not hold now")
	case !strings.HasPrefix(t.Subject, "mailto:") && !strings.HasPrefix(t.Subject, "https:"):
		return t, errors.New("the token names nobody to write to")
	}
	return t, nil
}

// Open decrypts a message (RFC 8291 over RFC 8188) with the browser's keys. It is written
// apart from what it proves: HKDF stands here by hand.
func Open(body []byte, private *ecdh.PrivateKey, auth64 string) ([]byte, error) {
	auth, err := b64.DecodeString(auth64)
	if err != nil || len(body) < 21 || len(body) < 21+int(body[20]) {
		return nil, errors.New("too short")
	}
	salt, size, id, rest := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:21+int(body[20])], body[21+int(body[20]):]
	sender, err := ecdh.P256().NewPublicKey(id)
	if err != nil {
		return nil, err
	}
	shared, err := private.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := append(append([]byte("WebPush: info\x00"), private.PublicKey().Bytes()...), id...)
	return unseal(rest, salt, mac(mac(auth, shared), append(info, 1)), size)
}

// unseal opens one record of aes128gcm.
func unseal(record, salt, key []byte, size uint32) ([]byte, error) {
	if len(record) > int(size) {
		return nil, errors.New("more than one record")
	}
	prk := mac(salt, key)
	block, err := aes.NewCipher(mac(prk, []byte("Content-Encoding: aes128gcm\x00\x01"))[:16])
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := box.Open(nil, mac(prk, []byte("Content-Encoding: nonce\x00\x01"))[:12], record, nil)
	if err != nil {
		return nil, err
	}
	end := len(plain) - 1
	for end >= 0 && plain[end] == 0 {
		end--
	}
	if end < 0 || plain[end] != 2 {
		return nil, errors.New("the last record is not marked")
	}
	return plain[:end], nil
}

func mac(key, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(data)
	return h.Sum(nil)
}
