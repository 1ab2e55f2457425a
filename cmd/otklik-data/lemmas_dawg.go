package main

// A dawg is a double array read in place: a set of byte strings, each with a
// payload behind it or a number at its end. The layout is that of the DAWG
// library (http://code.google.com/p/dawgdic): a unit holds a label, an offset
// to its children and a mark that a value follows; the guide lists children.
type dawg struct {
	units string // little-endian uint32 each
	guide string // two bytes a unit: label of the first child, label of the next sibling
}

const (
	unitLeaf      = 1 << 31
	unitHasLeaf   = 1 << 8
	unitExtension = 1 << 9
)

// unit returns unit i; a place outside the array reads as a leaf, so that a
// broken file leads nowhere instead of into a panic.
func (d *dawg) unit(i uint32) uint32 {
	p := uint64(i) * 4
	if p+4 > uint64(len(d.units)) {
		return unitLeaf
	}
	s := d.units[p : p+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func unitOffset(u uint32) uint32 { return (u >> 10) << ((u & unitExtension) >> 6) }

// follow steps from a node along a label.
func (d *dawg) follow(node uint32, label byte) (uint32, bool) {
	next := node ^ unitOffset(d.unit(node)) ^ uint32(label)
	return next, d.unit(next)&(unitLeaf|0xff) == uint32(label)
}

// followAll steps from a node along every byte of a key.
func (d *dawg) followAll(node uint32, key string) (uint32, bool) {
	ok := true
	for i := 0; i < len(key) && ok; i++ {
		node, ok = d.follow(node, key[i])
	}
	return node, ok
}

// value returns the number stored at the end of a key.
func (d *dawg) value(node uint32) (uint32, bool) {
	u := d.unit(node)
	if u&unitHasLeaf == 0 {
		return 0, false
	}
	return d.unit(node^unitOffset(u)) &^ unitLeaf, true
}

// A payload is what stands behind a key: two or three numbers of 15 bits.
type payload [6]byte

// number returns the i-th number of a payload. Az.js stores a number as two
// bytes that are never zero: the high part xor 1, the low part shifted left.
func (p payload) number(i int) int {
	return int(p[2*i]^1)<<6 + int(p[2*i+1]>>1)
}

// keys calls f for every key that has a payload, in windows-1251.
func (d *dawg) keys(f func(key []byte)) { d.walk(0, nil, f) }

func (d *dawg) walk(node uint32, key []byte, f func([]byte)) {
	for label := d.guideByte(node, 0); label != 0; {
		child, ok := d.follow(node, label)
		if !ok {
			return
		}
		if label == 1 {
			f(key)
		} else {
			d.walk(child, append(key, label), f)
		}
		label = d.guideByte(child, 1)
	}
}

// payloads appends every string of n bytes below the node.
func (d *dawg) payloads(node uint32, n int, out []payload) []payload {
	var key payload
	return d.collect(node, 0, n, &key, out)
}

func (d *dawg) collect(node uint32, depth, n int, key *payload, out []payload) []payload {
	if depth == n {
		return append(out, *key)
	}
	for label := d.guideByte(node, 0); label != 0; {
		child, ok := d.follow(node, label)
		if !ok {
			break
		}
		key[depth] = label
		out = d.collect(child, depth+1, n, key, out)
		label = d.guideByte(child, 1)
	}
	return out
}

func (d *dawg) guideByte(node uint32, i uint64) byte {
	p := uint64(node)*2 + i
	if p >= uint64(len(d.guide)) {
		return 0
	}
	return d.guide[p]
}

// A hit is a key found in a dawg: the node behind it and how it is spelled
// there, since a dictionary word has its ё where a text mostly has е.
type hit struct {
	node     uint32
	spelling string
}

// The letters е and ё in windows-1251.
const (
	codeYe = 0xe5
	codeYo = 0xb8
)

// find appends the nodes behind the key, with each е also tried as ё.
func (d *dawg) find(key []byte, out []hit) []hit {
	return d.findFrom(0, key, 0, false, out)
}

func (d *dawg) findFrom(node uint32, key []byte, at int, changed bool, out []hit) []hit {
	u := d.unit(node)
	for i := at; i < len(key); i++ {
		c := key[i]
		base := node ^ unitOffset(u)
		if c == codeYe {
			if next := base ^ codeYo; d.unit(next)&(unitLeaf|0xff) == codeYo {
				other := append([]byte(nil), key...)
				other[i] = codeYo
				out = d.findFrom(next, other, i+1, true, out)
			}
		}
		node = base ^ uint32(c)
		if u = d.unit(node); u&(unitLeaf|0xff) != uint32(c) {
			return out
		}
	}
	h := hit{node: node}
	if changed {
		h.spelling = string(key)
	}
	return append(out, h)
}
