package mail

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf16"
)

// A letter of Outlook and Exchange may come packed as one file, winmail.dat, in Microsoft's
// TNEF ([MS-OXTNEF]): text, names and files stand inside of it. As much is read as residents'
// letters need.

// Attributes of TNEF, and properties of MAPI.
const (
	tnefMark      = 0x223e9f78
	attCodepage   = 0x9007
	attBody       = 0x800c
	attProps      = 0x9003
	attRendering  = 0x9002 // begins a file
	attTitle      = 0x8010
	attData       = 0x800f
	attFileProps  = 0x9005
	propBody      = 0x1000
	propRTF       = 0x1009
	propHTML      = 0x1013
	propLongName  = 0x3707
	propShortName = 0x3704
	propMIME      = 0x370e
	mostTNEF      = 4000 // attributes, and properties of one of them
)

// A packed is what winmail.dat holds.
type packed struct {
	plain, html string
	rtf         []byte // compressed
	files       []packedFile
}

type packedFile struct {
	name, kind string
	content    []byte
}

// tnef reads winmail.dat as far as it goes; nil for what is none.
func tnef(b []byte) *packed {
	if len(b) < 6 || binary.LittleEndian.Uint32(b) != tnefMark {
		return nil
	}
	p, charset := &packed{}, ""
	b = b[6:]
	for range mostTNEF {
		if len(b) < 9 {
			break
		}
		id, size := binary.LittleEndian.Uint16(b[1:]), int64(binary.LittleEndian.Uint32(b[5:]))
		b = b[9:]
		if size > int64(len(b)) { // cut off: what is there counts
			size = int64(len(b))
		}
		value := b[:size]
		b = b[min(size+2, int64(len(b))):] // a checksum stands behind
		switch id {
		case attCodepage:
			if len(value) >= 4 {
				charset = "windows-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(value)), 10)
			}
		case attBody:
			p.plain = decode(bytes.TrimRight(value, "\x00"), charset)
		case attProps:
			p.properties(value, charset)
		case attRendering:
			p.files = append(p.files, packedFile{})
		case attTitle, attData, attFileProps:
			if len(p.files) == 0 {
				p.files = append(p.files, packedFile{})
			}
			p.files[len(p.files)-1].set(id, value, charset)
		}
		if len(p.files) > mostFiles {
			p.files = p.files[:mostFiles]
			break
		}
	}
	return p
}

func (p *packed) properties(value []byte, charset string) {
	for id, v := range properties(value) {
		switch id {
		case propBody:
			p.plain = v.text(charset)
		case propHTML:
			p.html = decode(bytes.TrimRight(v.bytes, "\x00"), charset)
		case propRTF:
			p.rtf = v.bytes
		}
	}
}

func (f *packedFile) set(id uint16, value []byte, charset string) {
	switch id {
	case attTitle:
		if f.name == "" {
			f.name = decode(bytes.TrimRight(value, "\x00"), charset)
		}
	case attData:
		f.content = value
	case attFileProps:
		props := properties(value)
		for _, name := range []uint16{propShortName, propLongName} { // the long one holds
			if v, ok := props[name]; ok {
				f.name = v.text(charset)
			}
		}
		if v, ok := props[propMIME]; ok {
			f.kind = strings.ToLower(v.text(charset))
		}
	}
}

// A property is the value of one property of MAPI.
type property struct {
	bytes []byte
	wide  bool // UTF-16
}

func (v property) text(charset string) string {
	if !v.wide {
		return decode(bytes.TrimRight(v.bytes, "\x00"), charset)
	}
	units := make([]uint16, len(v.bytes)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(v.bytes[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(units)), "\x00")
}

// properties reads a list of properties, as far as it goes; of several values the first.
func properties(b []byte) map[uint16]property {
	out := map[uint16]property{}
	word := func() uint32 {
		if len(b) < 4 {
			b = nil
			return 0
		}
		n := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return n
	}
	take := func(n uint32) []byte { // padded to four bytes
		if uint64(n) > uint64(len(b)) {
			n = uint32(len(b)) //nolint:gosec // a letter has 20 MB at most
		}
		v := b[:n]
		b = b[min(uint64(n+3)&^3, uint64(len(b))):]
		return v
	}
	for range min(word(), mostTNEF) {
		if len(b) < 4 {
			break
		}
		kind, id := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
		b = b[4:]
		if id >= 0x8000 { // it has a name of its own
			take(16)
			if word() == 0 {
				word()
			} else {
				take(word())
			}
		}
		size, varies := sizeOf(kind &^ 0x1000)
		values := uint32(1)
		if kind&0x1000 != 0 || varies {
			values = word()
		}
		for k := range min(values, mostTNEF) {
			if len(b) == 0 {
				break
			}
			n := size
			if varies {
				n = word()
			}
			if v := take(n); k == 0 {
				out[id] = property{v, kind&^0x1000 == 0x1f}
			}
		}
	}
	return out
}

// sizeOf returns how many bytes a value of a kind has, or that it tells so itself.
func sizeOf(kind uint16) (size uint32, varies bool) {
	switch kind {
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return 8, false
	case 0x48:
		return 16, false
	case 0x0d, 0x1e, 0x1f, 0x102:
		return 0, true
	}
	return 4, false
}
