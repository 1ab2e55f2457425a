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
	lists  []int32 // n, then n terms; list 0 is empty. Written behind its end only, under mu

	mu   sync.Mutex
	end  int
	have map[string]uint32 // the terms, as bytes → their place: forms of one word share a list
}

// maxNotes bounds lists: four million bytes, of which those never written cost
// nothing. A set of 50,000 queries fills a quarter.
const maxNotes = 1 << 20

// serials numbers the sets of the process. It would take four billion sets to
// see a number again, and then a word untouched since the first.
var serials atomic.Uint32

func newNotes() *notes {
	return &notes{serial: serials.Add(1), lists: make([]int32, maxNotes), end: 1, have: map[string]uint32{}}
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
	if len(terms) > 0 {
		var ok bool
		if at, ok = n.place(terms); !ok {
			return
		}
	}
	note.Store(uint64(n.serial)<<32 | uint64(at))
}

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
