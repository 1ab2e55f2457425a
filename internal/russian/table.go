package russian

import "strings"

// A table finds the number of a key. It is read in place from the dictionary
// file: sorted keys in blocks of some sixteen, each told as its difference to
// the one before (packTable in cmd/otklik-data writes it). A search looks at
// the heads of a few blocks and reads one block through.
type table struct {
	heads   []head
	body    string
	width   int      // bytes of a number
	triples []uint32 // three Russian letters that a key begins with → the first block whose head is not below them
	signs   []uint64 // every signStep-th head: few enough to stay near, where all heads are three megabytes
}

// A head is what a search knows of a block. The file does not hold it: it would not
// pack, and is made of the blocks while the program starts.
type head struct {
	letters uint64 // the first twelve letters of its first key (see headOf)
	at      uint32 // where it begins in body
}

const signStep = 16

const (
	headLetters = 12
	headSigns   = 36 // the end of the key, signs below the hyphen, the hyphen, other signs, а to я
	triples     = 32 * 32 * 32
)

// headOf packs the first twelve letters of a key into a number that sorts as
// the keys do; behind a sign that is no Russian letter and no hyphen all is one.
func headOf[K []byte | string](key K) uint64 {
	head, n := uint64(0), 0
	for n < min(len(key), headLetters) {
		c := key[n]
		head *= headSigns
		n++
		if c >= 0xe0 {
			head += uint64(c-0xe0) + 4
			continue
		}
		if c == '-' {
			head += 2
			continue
		}
		if head++; c > '-' {
			head += 2
		}
		break
	}
	return head * headPowers[headLetters-n]
}

var headPowers = func() (p [headLetters + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * headSigns
	}
	return p
}()

// openTable opens a table to be read from end to end; index makes it fit for find.
func openTable(file string) (*table, bool) {
	if len(file) < 8 {
		return nil, false
	}
	n, width := uint64(le32(file)), int(le32(file[4:]))
	if width != 2 && width != 3 || n == 0 || uint64(len(file)) < 8+n {
		return nil, false
	}
	t := &table{heads: make([]head, n), body: file[8+n:], width: width}
	at := 0
	for i, length := range []byte(file[8 : 8+n]) {
		if length == 0 || len(t.body) < at+int(length) || len(t.body) < at+1+int(t.body[at]) {
			return nil, false
		}
		t.heads[i] = head{headOf(t.body[at+1 : at+1+int(t.body[at])]), uint32(at)}
		at += int(length)
	}
	return t, true
}

func (t *table) index() {
	t.triples = make([]uint32, triples+1)
	next := 0
	for block := range t.blocks() {
		h := t.head(block)
		for next < triples && h >= headOf([]byte{byte(0xe0 + next>>10), byte(0xe0 + next>>5&31), byte(0xe0 + next&31)}) {
			t.triples[next] = uint32(block)
			next++
		}
	}
	for ; next <= triples; next++ {
		t.triples[next] = uint32(t.blocks())
	}
	for block := 0; block < t.blocks(); block += signStep {
		t.signs = append(t.signs, t.head(block))
	}
}

// each calls f with every key and its number, in order, and reports whether the
// table is whole.
func (t *table) each(f func(key []byte, number int)) bool {
	var key []byte
	for block := range t.blocks() {
		b := t.block(block)
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return false
		}
		key, b = append(key[:0], b[1:1+int(b[0])]...), b[1+int(b[0]):]
		for {
			if len(b) <= t.width {
				return false
			}
			f(key, number(b, t.width))
			if b = b[t.width:]; b[0] == 0 {
				break
			}
			drop, add := int(b[0]>>4), int(b[0]&15)
			if drop > len(key) || len(b) < 1+add {
				return false
			}
			key, b = append(key[:len(key)-drop], b[1:1+add]...), b[1+add:]
		}
	}
	return true
}

func (t *table) blocks() int { return len(t.heads) }

func (t *table) head(block int) uint64 { return t.heads[block].letters }

// block returns the bytes from where a block begins.
func (t *table) block(block int) string {
	return t.body[t.heads[block].at:]
}

// firstKey returns the first key of a block.
func (t *table) firstKey(block int) string {
	b := t.block(block)
	return b[1 : 1+int(b[0])]
}

// find returns the number of the key.
func (t *table) find(key []byte) (int, bool) {
	if len(key) == 0 {
		return 0, false
	}
	head := headOf(key)
	return t.findIn(t.last(t.near(head, key), head, key), key)
}

// The steps of find stand apart so that many keys may take each of them
// together (see late.go): every step waits for memory that the one before named.

// near returns some blocks, signStep or so, of which the last whose first key is
// not above the key is one.
func (t *table) near(head uint64, key []byte) (r blocks) {
	r.from, r.to = 0, int32(t.blocks())
	if len(key) > 2 && key[0] >= 0xe0 && key[1] >= 0xe0 && key[2] >= 0xe0 {
		i := int(key[0]&31)<<10 | int(key[1]&31)<<5 | int(key[2]&31)
		r.from, r.to = max(int32(t.triples[i])-1, 0), int32(t.triples[i+1])
	}
	first, past := r.from/signStep+1, (r.to+signStep-1)/signStep // signs[first:past] stand at blocks in from+1…to-1
	for first < past {
		half := (first + past) / 2
		if t.signs[half] <= head {
			r.from, first = half*signStep, half+1
		} else {
			r.to, past = half*signStep, half
		}
	}
	return r
}

type blocks struct{ from, to int32 }

// last returns the last of the blocks whose first key is not above the key.
func (t *table) last(r blocks, head uint64, key []byte) int {
	low := int(r.from)
	for n := int(r.to - r.from); n > 1; {
		half := n / 2
		if t.head(low+half) <= head {
			low += half
		}
		n -= half
	}
	for low > 0 && t.head(low) == head && t.firstKey(low) > string(key) {
		low--
	}
	return low
}

// findIn returns the number of the key, if the block holds it.
func (t *table) findIn(block int, key []byte) (int, bool) {
	return findIn(t.block(block), key, t.width)
}

// findIn looks for the key in the block that begins at b. Same is how many
// letters the key and the word under the eye have in common.
func findIn(b string, key []byte, width int) (int, bool) {
	if len(b) == 0 || len(b) < 1+int(b[0])+width {
		return 0, false
	}
	length := int(b[0])
	same := commonPrefix(b[1:1+length], key)
	at := 1 + length
	if same == length && same == len(key) {
		return number(b[at:], width), true
	}
	for at += width; at < len(b) && b[at] != 0; at += width {
		drop, add := int(b[at]>>4), int(b[at]&15)
		shared := length - drop
		length = shared + add
		at++
		if shared > same { // still below the key at the same letter
			at += add
			continue
		}
		if shared < same || len(b) < at+add+width {
			return 0, false
		}
		more := commonPrefix(b[at:at+add], key[same:])
		same += more
		at += add
		switch {
		case more < add && (same == len(key) || b[at-add+more] > key[same]):
			return 0, false
		case more == add && same == len(key):
			return number(b[at:], width), true
		}
	}
	return 0, false
}

func commonPrefix(a string, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func number(s string, width int) int {
	if width == 2 {
		return le16(s)
	}
	return le16(s) | int(s[2])<<16
}

func le16(s string) int { _ = s[1]; return int(s[0]) | int(s[1])<<8 }
func le32(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}
func le64(s string) uint64 { _ = s[7]; return uint64(le32(s)) | uint64(le32(s[4:]))<<32 }

// sections cuts the dictionary file into its named parts.
func sections(file string) (map[string]string, bool) {
	if len(file) < 12 || file[:8] != "otklem03" {
		return nil, false
	}
	out := map[string]string{}
	for i := range int(le32(file[8:])) {
		if len(file) < 12+16*(i+1) {
			return nil, false
		}
		row := file[12+16*i:]
		from, size := uint64(le32(row[8:])), uint64(le32(row[12:]))
		if from+size > uint64(len(file)) {
			return nil, false
		}
		out[strings.TrimRight(row[:8], " ")] = file[from : from+size]
	}
	return out, true
}
