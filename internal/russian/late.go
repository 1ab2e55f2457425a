package russian

// Most of the time of reading goes into waiting for memory: each word costs a
// look at its set in the cache and one at the word. So the scanner only notes
// what it wants to know, and looks up many words at once: their waits overlap.

// A lateWord is a token whose word is still to be looked up.
type lateWord struct {
	id    keyID
	hash  uint64
	token int
	word  *word
	seek  seek
}

// A seek is how far the search for an unknown word has come.
type seek struct {
	head   uint64
	blocks blocks // then the one block from
	number int32  // of the reading, or -1
}

// lateWords is how many lookups wait at most; their notes stay in the first
// level cache of a processor.
const lateWords = 64

// later notes that the last token needs the word of the key just read, which
// has at most idLetters letters.
func (sc *scanner) later() {
	id := identify(sc.key)
	sc.late = append(sc.late, lateWord{id: id, hash: id.hash(sc.key), token: len(sc.tokens) - 1})
	if len(sc.late) == lateWords {
		sc.lookUp()
	}
}

// lookUp looks up all noted words. The first two loops do nothing but bring
// memory near, without a branch that depends on it.
func (sc *scanner) lookUp() {
	c := sc.a.cache.now.Load()
	warmed := uint32(0)
	for i := range sc.late {
		warmed += c.set(sc.late[i].hash).marks[0].Load()
	}
	length := uint64(0)
	for i := range sc.late {
		l := &sc.late[i]
		if l.word = c.guess(l.hash); l.word != nil {
			length += l.word.last
		}
	}
	sc.warmed += uint64(warmed) + length
	unknown := sc.unknown[:0]
	for i := range sc.late {
		l := &sc.late[i]
		w := l.word
		if w == nil || !w.is(l.id, nil) {
			if w = c.find(l.hash, l.id, nil); w == nil {
				unknown = append(unknown, uint8(i))
				continue
			}
		}
		sc.tokens[l.token].know(w)
		l.word = nil
	}
	if len(unknown) > 0 {
		sc.meet(unknown)
	}
	sc.late = sc.late[:0]
}

// meet makes words that the cache lacks. The dictionary is far larger than the
// near memories, and a look into it takes four waits in a row: all words wait
// together for the first, then for the second.
func (sc *scanner) meet(unknown []uint8) {
	d, warmed := sc.a.dictionary, 0
	t := d.words
	for _, i := range unknown {
		l := &sc.late[i]
		key := l.id.key(sc.key[:0])
		l.seek.head = headOf(key)
		l.seek.blocks = t.near(l.seek.head, key)
		warmed += int(t.heads[(l.seek.blocks.from+l.seek.blocks.to)/2].letters)
	}
	for _, i := range unknown {
		l := &sc.late[i]
		l.seek.blocks.from = int32(t.last(l.seek.blocks, l.seek.head, l.id.key(sc.key[:0])))
		if b := t.block(int(l.seek.blocks.from)); b != "" {
			warmed += int(b[0]) + int(b[min(64, len(b)-1)])
		}
	}
	for _, i := range unknown {
		l := &sc.late[i]
		l.seek.number = -1
		if n, ok := t.findIn(int(l.seek.blocks.from), l.id.key(sc.key[:0])); ok {
			l.seek.number = int32(n)
			if n < len(d.at) {
				warmed += int(d.at[n])
			}
		} else if key := l.id.key(sc.key[:0]); len(key) > endLetters {
			warmed += int(d.ends[d.ends.at(endOf(0, key[len(key)-endLetters:]))])
		}
	}
	for _, i := range unknown {
		if n := sc.late[i].seek.number; n >= 0 {
			r, _ := d.reading(int(n))
			warmed += len(r.changes)
		}
	}
	sc.warmed += uint64(warmed)
	s := slabs.Get().(*slab)
	defer slabs.Put(s)
	for _, i := range unknown {
		l := &sc.late[i]
		sc.tokens[l.token].know(sc.a.add(s, l.id, l.hash, l.id.key(sc.key[:0]), int(l.seek.number)))
		l.word = nil
	}
}
