package cluster

import (
	"slices"
	"time"
)

// Capacity is how many messages the product compares with: two weeks of a region
// that keeps 4,600 messages a day.
const Capacity = 1 << 16

// ways is how many messages stand in one set of the table: sixty-four bytes, one
// line of memory.
const ways = 8

// crowd is how many slots of a set one feature may take. A phrase that everybody
// writes then keeps its latest messages, and pushes nobody else out.
const crowd = 4

// A slot says that a message had a feature: the feature's lower half, and the
// message's number in the index.
type slot struct{ mark, n uint32 }

// An entry is one message of the index.
type entry struct {
	id  int64
	at  int64 // seconds since 1970
	key Key   // without a sketch
}

// A seen counts the features that a message shares with the one that is asked about.
type seen struct{ n, shared uint32 }

// An Index holds the keys of the last messages, at most as many as it was made
// for, in memory that is bounded by that: some 400 bytes a message of seventeen
// words. What is full forgets its oldest.
//
// What Near answers depends on what was added, in which order, and on nothing
// else. An Index is not safe for concurrent use.
type Index struct {
	sets []([ways]slot)
	ring []entry
	next uint32 // number of the message to be added; the first is 1
	room []seen
}

// NewIndex returns an index of at most capacity messages.
func NewIndex(capacity int) *Index {
	sets := 16
	for sets*ways < capacity*(sketchSize+1)*3/2 {
		sets *= 2
	}
	return &Index{sets: make([][ways]slot, sets), ring: make([]entry, capacity), next: 1}
}

// Len returns how many messages the index holds.
func (x *Index) Len() int { return min(int(x.next-1), len(x.ring)) }

// Reset forgets everything.
func (x *Index) Reset() {
	clear(x.sets)
	clear(x.ring[:x.Len()])
	x.next = 1
}

// Drop forgets the message with the id, if it is there. It looks at every message.
func (x *Index) Drop(id int64) {
	for n := range x.ring[:x.Len()] {
		if e := &x.ring[n]; e.id == id {
			e.key = Key{}
		}
	}
}

// A Match is an earlier message that is near.
type Match struct {
	ID  int64
	At  time.Time // as it was added, to the second
	Key Key       // without a sketch; it is the index's own, Clone it to keep it
	Likeness
}

// Add adds a message. The key is copied.
func (x *Index) Add(id int64, at time.Time, k *Key) {
	if len(k.words) == 0 {
		return
	}
	n := x.next
	x.next++
	e := &x.ring[int(n)%len(x.ring)]
	words := append(e.key.words[:0:0], k.words...)
	*e = entry{id: id, at: at.Unix(), key: Key{words: words, weight: k.weight, whole: k.whole}}
	x.put(k.whole, n)
	for _, f := range k.sketch {
		if f == 0 {
			break
		}
		x.put(f, n)
	}
}

func (x *Index) set(feature uint64) *[ways]slot { return &x.sets[feature>>32&uint64(len(x.sets)-1)] }

// put writes a message into the set of a feature, in the place of the oldest
// there, or of the oldest with that feature when these are a crowd.
func (x *Index) put(feature uint64, n uint32) {
	set, mark := x.set(feature), uint32(feature)
	oldest, own, owned := 0, -1, 0
	for i := range set {
		if set[i].n < set[oldest].n {
			oldest = i
		}
		if set[i].mark == mark && set[i].n != 0 {
			owned++
			if own < 0 || set[i].n < set[own].n {
				own = i
			}
		}
	}
	if owned >= crowd {
		oldest = own
	}
	set[oldest] = slot{mark, n}
}

// Near returns the messages added since whose texts are like k by floor or
// more, the likest first, the earlier first among equals; at most limit. The
// result is valid until out is used again.
func (x *Index) Near(k *Key, since time.Time, floor float64, limit int, out []Match) []Match {
	out = out[:0]
	if len(k.words) == 0 {
		return out
	}
	x.room = x.collect(x.room[:0], k.whole)
	features := 0
	for _, f := range k.sketch {
		if f == 0 {
			break
		}
		features++
		x.room = x.collect(x.room, f)
	}
	from := since.Unix()
	for _, c := range x.room {
		e := &x.ring[int(c.n)%len(x.ring)]
		if e.at < from || c.shared < 2 && features == sketchSize {
			continue // near texts with full sketches share four of them and more
		}
		if l := Compare(k, &e.key, floor); l.Score >= floor && l.Score > 0 {
			out = append(out, Match{e.id, time.Unix(e.at, 0).UTC(), e.key, l})
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		case a.ID < b.ID:
			return -1
		}
		return 1
	})
	return out[:min(limit, len(out))]
}

// collect counts the feature for every message that has it.
func (x *Index) collect(list []seen, feature uint64) []seen {
	set, mark := x.set(feature), uint32(feature)
next:
	for i := range set {
		n := set[i].n
		if set[i].mark != mark || n == 0 || int64(n) < int64(x.next)-int64(len(x.ring)) {
			continue
		}
		for j := range list {
			if list[j].n == n {
				list[j].shared++
				continue next
			}
		}
		list = append(list, seen{n, 1})
	}
	return list
}
