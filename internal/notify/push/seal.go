package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

const (
	recordSize  = 4096            // what every push service takes (RFC 8030, 7.2)
	headerSize  = 16 + 4 + 1 + 65 // salt, record size, length of the key, key
	mostPlain   = recordSize - headerSize - 1 - 16
	paddingStep = 256 // lengths are rounded up, so that they tell little
)

// seal encrypts a message for one browser (RFC 8291): nobody between us and it, the push
// service least of all, reads what is sent.
func seal(plain, browser, auth []byte) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	padding := min((paddingStep-len(plain)%paddingStep)%paddingStep, max(mostPlain-len(plain), 0))
	return sealWith(plain, browser, auth, own, salt, padding)
}

// sealWith is seal with everything that is left to chance given. The message is one
// record of the encoding aes128gcm (RFC 8188).
func sealWith(plain, browser, auth []byte, own *ecdh.PrivateKey, salt []byte, padding int) ([]byte, error) {
	if len(plain)+padding > mostPlain {
		return nil, fmt.Errorf("a message of %d bytes does not fit into one record", len(plain)+padding)
	}
	their, err := ecdh.P256().NewPublicKey(browser)
	if err != nil {
		return nil, err
	}
	shared, err := own.ECDH(their)
	if err != nil {
		return nil, err
	}
	public := own.PublicKey().Bytes()
	derive := func(secret, salt []byte, info string, size int) (out []byte) {
		if err == nil {
			out, err = hkdf.Key(sha256.New, secret, salt, info, size)
		}
		return out
	}
	key := derive(shared, auth, "WebPush: info\x00"+string(browser)+string(public), 32)
	content := derive(key, salt, "Content-Encoding: aes128gcm\x00", 16)
	nonce := derive(key, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return nil, err
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, recordSize)
	out = append(out, salt...)
	out = binary.BigEndian.AppendUint32(out, recordSize)
	out = append(append(out, byte(len(public))), public...)
	record := append(append([]byte{}, plain...), 2) // the last record
	return box.Seal(out, nonce, append(record, make([]byte, padding)...), nil), nil
}
