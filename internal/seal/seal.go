// Package seal keeps tokens and passwords so that the database alone, or a backup of it,
// lets nobody into a network: they are sealed under a key that lies in a file of its own
// beside the configuration (AES-256-GCM; the name of what is sealed is bound to it).
//
// Who restores a database on another machine brings the file along, or enters the
// tokens again: Open then says so.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"otklik/internal/fault"
)

// Name is the file's name in the folder of an installation.
const Name = "otklik.key"

const keySize = 32

// A Box seals and opens. It is safe for concurrent use.
type Box struct {
	aead cipher.AEAD
	key  []byte
}

// Keyed returns the box of the key in the file, and makes the file where there is none.
func Keyed(path string) (*Box, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if b, err = begin(path); errors.Is(err, fs.ErrExist) { // another process was faster
			b, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%w", err).Mend("check the rights of the folder")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != keySize {
		return nil, fault.New(fault.Invalid, "%s: is no key of %d bytes in base64", path, keySize).
			Mend("bring the file back from a backup; or remove it, and enter the tokens of the sources again")
	}
	return Of(key)
}

// Of returns the box of a key of 32 bytes.
func Of(key []byte) (*Box, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Box{aead, key}, err
}

// begin makes the file, on the disk before it is used: what is sealed under a lost key is lost.
func begin(path string) (written []byte, err error) {
	key := make([]byte, keySize)
	rand.Read(key)
	b := append([]byte(base64.StdEncoding.EncodeToString(key)), '\n')
	f, err := os.CreateTemp(filepath.Dir(path), Name+".new*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return b, os.Link(f.Name(), path) // whole, and never over another one
}

// Derive returns a secret for a purpose, the same at every start: 32 bytes of which the key
// cannot be told.
func (b *Box) Derive(purpose string) []byte {
	m := hmac.New(sha256.New, b.key)
	m.Write([]byte("derived: " + purpose))
	return m.Sum(nil)
}

// Seal seals a secret under its name.
func (b *Box) Seal(name, secret string) []byte {
	return b.aead.Seal(nil, nil, []byte(secret), []byte(name))
}

// Open returns the secret that was sealed under the name.
func (b *Box) Open(name string, sealed []byte) (string, error) {
	plain, err := b.aead.Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return "", fault.New(fault.Invalid, "the key %q is sealed under another %s", name, Name).
			Say("Ключ «" + name + "» не открывается: файл " + Name + " не тот, под которым его сохранили. Верните файл из копии или введите ключ заново.")
	}
	return string(plain), nil
}
