package watch

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// A word that was met once is met again in a moment. So a set leaves a note at
// the word (russian.Token.Note) that says which of its terms the word meets:
// the next time costs no hash and no look into the table. A note holds the
// set's serial number above and the place of the terms in lists below; a set
// that finds another's note works the terms out and writes its own.
type notes struct {
	serial uint32
	lists  []int32 // n, then n terms. Written behind its end only, under mu

	mu   sync.Mutex
	end  int
	have map[string]uint32 // several terms, as bytes → their place: forms of one word share a list
}

// roomFor is the length of lists for a set of so many terms. Two numbers a term are
// what the reference stream fills beside the lists of single terms.
func roomFor(terms int) int { return 1 + 2*terms + 1024 + min(16*terms, 1<<20) }

// serials numbers the sets of the process. It would take four billion sets to
// see a number again, and then a word untouched since the first.
var serials atomic.Uint32

// newNotes returns notes with a list for every single term, which is what most
// words meet: the list of term t begins at 1+2t. The list at 0 is empty.
func newNotes(terms int) *notes {
	n := &notes{serial: serials.Add(1), lists: make([]int32, roomFor(terms)), end: 1 + 2*terms, have: map[string]uint32{}}
	for t := range terms {
		n.lists[1+2*t], n.lists[2+2*t] = 1, int32(t)
	}
	return n
}

// read returns the terms of a note, and whether it is this set's.
func (n *notes) read(note uint64) ([]int32, bool) {
	if uint32(note>>32) != n.serial {
		return nil, false
	}
	at := uint32(note)
	count := n.lists[at]
	return n.lists[at+1 : at+1+uint32(count)], true
}

// write leaves a note that the word meets these terms.
func (n *notes) write(note *atomic.Uint64, terms []int32) {
	if note == nil {
		return
	}
	at := uint32(0)
	switch len(terms) {
	case 0:
	case 1:
		at = uint32(1 + 2*terms[0])
	default:
		var ok bool
		if at, ok = n.place(terms); !ok {
			return
		}
	}
	note.Store(uint64(n.serial)<<32 | uint64(at))
}

// place returns where the list of the terms begins, and false when there is no room for it.
func (n *notes) place(terms []int32) (uint32, bool) {
	var room [256]byte
	name := room[:0]
	for _, t := range terms {
		name = binary.LittleEndian.AppendUint32(name, uint32(t))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if at, ok := n.have[string(name)]; ok {
		return at, true
	}
	if n.end+1+len(terms) > len(n.lists) {
		return 0, false
	}
	at := n.end
	n.lists[at] = int32(len(terms))
	n.end = at + 1 + copy(n.lists[at+1:], terms)
	n.have[string(name)] = uint32(at)
	return uint32(at), true
}
