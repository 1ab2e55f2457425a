package russian

import "sync/atomic"

// A word is what we know of one written word, whatever text it stands in. It
// is shared by all tokens and never changed once it is made.
type word struct {
	key     string // as looked up
	hash    uint64 // of key
	norm    string
	forms   []Form
	lemmas  []string // distinct lemmas of forms, likeliest first
	terms   []uint64 // Term of each lemma
	obscene bool
	split   bool // hyphens join words that read better one by one
}

// cacheWords bounds the cache: a full one holds some 40 MB. A stream of 50,000
// messages has 82,000 different words, so nearly every word is found.
const cacheWords = 1 << 17

// cacheWays is how many words may share a set before the oldest leaves.
const cacheWays = 8

// A cache keeps the words seen lately. Readers take no lock: a slot is read and
// written whole, and two goroutines that resolve one word at once both get a
// right answer, of which one stays.
type cache struct {
	sets [cacheWords / cacheWays]cacheSet
}

// A cacheSet holds the words whose hashes end alike. The marks, the upper
// halves of the hashes, stand together, so that a look costs one line of
// memory and the word itself.
type cacheSet struct {
	marks [cacheWays]atomic.Uint32
	words [cacheWays]atomic.Pointer[word]
	next  atomic.Uint32 // the slot to be written next
}

func (c *cache) find(hash uint64, key []byte) *word {
	set := &c.sets[hash%uint64(len(c.sets))]
	for i := range set.marks {
		if set.marks[i].Load() != uint32(hash>>32) {
			continue
		}
		if w := set.words[i].Load(); w != nil && w.key == string(key) {
			return w
		}
	}
	return nil
}

func (c *cache) add(w *word) {
	set := &c.sets[w.hash%uint64(len(c.sets))]
	i := (set.next.Add(1) - 1) % cacheWays
	set.words[i].Store(w)
	set.marks[i].Store(uint32(w.hash >> 32))
}

// hashKey is FNV-1a with a last stir; the scanner computes the same as it goes.
func hashKey(key []byte) uint64 {
	h := uint64(hashStart)
	for _, c := range key {
		h = (h ^ uint64(c)) * hashPrime
	}
	return stir(h)
}

const (
	hashStart = 14695981039346656037
	hashPrime = 1099511628211
)

func stir(h uint64) uint64 {
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>29
}
