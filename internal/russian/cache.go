package russian

import "sync/atomic"

// cacheWords bounds the cache: a full one holds some 50 MB and is left for an
// empty one. A stream of 50,000 messages has 82,000 different words.
const (
	cacheSets  = 3 << 14
	cacheWays  = 5
	cacheWords = cacheSets * cacheWays * 3 / 4
)

// A cache keeps the words seen lately. Readers take no lock: a slot is written
// once, and two goroutines that make one word at once both get a right answer.
type cache struct{ now atomic.Pointer[cacheTable] }

type cacheTable struct {
	sets [cacheSets]cacheSet
	size atomic.Int32
}

// A cacheSet holds words whose hashes begin alike, from its first slot on; when it is
// full, those behind it hold the rest. It is 64 bytes, one line of memory. The marks
// are the lower halves of the hashes.
type cacheSet struct {
	words [cacheWays]atomic.Pointer[word]
	marks [cacheWays]atomic.Uint32
	_     uint32
}

func newCache() *cache {
	c := new(cache)
	c.clear()
	return c
}

func (c *cache) clear() { c.now.Store(new(cacheTable)) }

func (t *cacheTable) set(hash uint64) *cacheSet { return &t.sets[(hash>>32)*cacheSets>>32] }

// guess returns the word that likely has the hash, nil when there is none in its set.
func (t *cacheTable) guess(hash uint64) *word {
	set := t.set(hash)
	for i := range set.marks {
		if set.marks[i].Load() == uint32(hash) {
			return set.words[i].Load()
		}
	}
	return nil
}

func (t *cacheTable) find(hash uint64, id keyID, key []byte) *word {
	for at := (hash >> 32) * cacheSets >> 32; ; at = (at + 1) % cacheSets {
		set := &t.sets[at]
		for i := range set.marks {
			if set.marks[i].Load() != uint32(hash) {
				continue
			}
			if w := set.words[i].Load(); w != nil && w.is(id, key) {
				return w
			}
		}
		if set.words[cacheWays-1].Load() == nil {
			return nil
		}
	}
}

// add keeps a word. Who still reads in a table that was left finds it there as before.
func (c *cache) add(hash uint64, w *word) {
	t := c.now.Load()
	if t.size.Add(1) > cacheWords {
		c.now.CompareAndSwap(t, new(cacheTable))
		t = c.now.Load()
		t.size.Add(1)
	}
	for at := (hash >> 32) * cacheSets >> 32; ; at = (at + 1) % cacheSets {
		set := &t.sets[at]
		for i := range set.words {
			if set.words[i].Load() == nil && set.words[i].CompareAndSwap(nil, w) {
				set.marks[i].Store(uint32(hash))
				return
			}
		}
	}
}
