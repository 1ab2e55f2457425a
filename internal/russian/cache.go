package russian

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// A word is what we know of one written word, whatever text it stands in. It
// is shared by all tokens and, but for its note, never changed once it is made.
// What every token asks for fills one line of memory; 192 bytes are three
// lines, on which Go puts them.
type word struct {
	id    keyID
	norm  string
	forms []Form

	note   atomic.Uint64 // see Token.Note
	terms  []uint64      // Term of each lemma
	print  Print
	lemmas []string // distinct lemmas of forms, likeliest first
	key    string   // as looked up; only for keys longer than keyID tells
	lemma  [2]string
	term   [2]uint64
}

// A keyID is the length of a key with its first and its last eight bytes: the
// whole key when it has no more than sixteen.
type keyID struct {
	first, last uint64
	length      uint32
	mark        mark // no part of what is looked for
}

// Marks of a word.
type mark uint32

const (
	markObscene mark = 1 << iota
	markSplit        // hyphens join words that read better one by one
)

// same reports whether the ids are of one key, as far as they tell.
func (id *keyID) same(other *keyID) bool {
	return id.first == other.first && id.last == other.last && id.length == other.length
}

const keyIDBytes = 16

func identify(key []byte) keyID {
	n := len(key)
	switch {
	case n >= 8:
		return keyID{first: binary.LittleEndian.Uint64(key), last: binary.LittleEndian.Uint64(key[n-8:]), length: uint32(n)}
	case cap(key) >= 8:
		return keyID{first: binary.LittleEndian.Uint64(key[:8]) & (1<<(8*n) - 1), length: uint32(n)}
	}
	id := keyID{length: uint32(n)}
	for i, c := range key {
		id.first |= uint64(c) << (8 * i)
	}
	return id
}

// hash hashes a key of which id was made.
func (id keyID) hash(key []byte) uint64 {
	h := mix(id.first^hashSeed1, id.last^hashSeed2^uint64(id.length))
	for i := 8; i+8 < len(key); i += 8 {
		h = mix(h^hashSeed1, binary.LittleEndian.Uint64(key[i:])^hashSeed2)
	}
	return h
}

const (
	hashSeed1 = 0xa0761d6478bd642f
	hashSeed2 = 0xe7037ed1a0b428db
)

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// cacheSets and cacheWays bound the cache to 245,760 words; a full one holds
// some 60 MB. A stream of 50,000 messages has 82,000 different words.
const (
	cacheSets = 3 << 14
	cacheWays = 5
)

// A cache keeps the words seen lately. Readers take no lock: a slot is read and
// written whole, and two goroutines that resolve one word at once both get a
// right answer, of which one stays.
type cache struct {
	sets [cacheSets]cacheSet
}

// A cacheSet holds the words whose hashes begin alike: 64 bytes, one line of
// memory. The marks are the lower halves of the hashes.
type cacheSet struct {
	words [cacheWays]atomic.Pointer[word]
	marks [cacheWays]atomic.Uint32
	next  atomic.Uint32 // the slot to be written next: the oldest leaves
}

func (c *cache) set(hash uint64) *cacheSet { return &c.sets[(hash>>32)*cacheSets>>32] }

func (c *cache) find(hash uint64, id keyID, key []byte) *word {
	set := c.set(hash)
	for i := range set.marks {
		if set.marks[i].Load() != uint32(hash) {
			continue
		}
		if w := set.words[i].Load(); w != nil && w.id.same(&id) && (id.length <= keyIDBytes || w.key == string(key)) {
			return w
		}
	}
	return nil
}

// guess returns the word that likely has the hash, nil when there is none.
func (c *cache) guess(hash uint64) *word {
	set := c.set(hash)
	for i := range set.marks {
		if set.marks[i].Load() == uint32(hash) {
			return set.words[i].Load()
		}
	}
	return nil
}

func (c *cache) add(hash uint64, w *word) {
	set := c.set(hash)
	i := (set.next.Add(1) - 1) % cacheWays
	set.words[i].Store(w)
	set.marks[i].Store(uint32(hash))
}

func (c *cache) clear() {
	for i := range c.sets {
		for j := range c.sets[i].words {
			c.sets[i].words[j].Store(nil)
			c.sets[i].marks[j].Store(0) // a mark without its word would hide the word's next copy from guess
		}
	}
}
