package gazetteer

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"otklik/internal/fault"
)

// Bounds of the format (OpenStreetMap wiki, PBF Format): a header has at most 64
// KB, a block at most 32 MB.
const (
	maxBlobHeader = 64 << 10
	maxBlob       = 32 << 20
)

// A pbfElement is a node, way or relation with its tags. Slices and tags are
// valid until the next element.
type pbfElement struct {
	id       int64
	lat, lon float64 // of a node, degrees
	refs     []int64 // of a way: its nodes; of a relation: its members
	outer    []bool  // of a relation: the member is a way that makes its outline
	tags     pbfTags
}

// pbfTags are the tags of an element: pairs of numbers into the strings of the block.
type pbfTags struct {
	strings [][]byte
	pairs   []uint32
}

func (t *pbfTags) get(key string) string {
	for i := 0; i+1 < len(t.pairs); i += 2 {
		if string(t.text(t.pairs[i])) == key {
			return string(t.text(t.pairs[i+1]))
		}
	}
	return ""
}

func (t *pbfTags) text(n uint32) []byte {
	if int(n) >= len(t.strings) {
		return nil
	}
	return t.strings[n]
}

// A pbfVisitor is told what a block holds; a nil function is not asked and its
// elements are not decoded.
type pbfVisitor struct {
	node, way, relation func(*pbfElement) error
}

// A pbfReader reads OpenStreetMap's binary format block by block and holds one
// block at a time. It is our own: the format is small, and the libraries at hand
// decode with many goroutines and panic on what is damaged.
type pbfReader struct {
	file string
	r    io.Reader
	off  int64 // where the block being read begins
	next int64 // where the next one does
	raw  []byte
	data []byte
	zip  io.ReadCloser

	strings [][]byte
	groups  [][]byte
	element pbfElement
	dense   denseRoom
}

// errPBF marks data that the format does not allow.
var errPBF = errors.New("malformed")

// bad says where the file cannot be read on.
func (p *pbfReader) bad(why string) error {
	return fault.New(fault.Invalid, "gazetteer: %s, block at byte %d: %s", p.file, p.off, why).At("file").
		Say(fmt.Sprintf("Файл «%s», блок с байта %d: файл повреждён или это не OSM PBF.", p.file, p.off)).
		Mend("download the .osm.pbf again; what was read stays, a second import adds only the rest")
}

// block reads the next block of data; io.EOF after the last. Headers are checked
// and passed over.
func (p *pbfReader) block() error {
	for {
		p.off = p.next
		var size [4]byte
		if n, err := io.ReadFull(p.r, size[:]); err != nil {
			if n == 0 && errors.Is(err, io.EOF) {
				if p.off == 0 {
					return p.bad("the file is empty")
				}
				return io.EOF
			}
			return p.broken(err)
		}
		n := int64(binary.BigEndian.Uint32(size[:]))
		if n > maxBlobHeader {
			return p.bad("no header of a block stands there: this is no OSM PBF")
		}
		head, err := p.read(n)
		if err != nil {
			return err
		}
		kind, length := "", int64(-1)
		err = fields(head, func(field int, v uint64, b []byte) error {
			switch field {
			case 1:
				kind = string(b)
			case 3:
				length = int64(v)
			}
			return nil
		})
		if err != nil || length < 0 || length > maxBlob {
			return p.bad("the header of the block is damaged: this is no OSM PBF")
		}
		blob, err := p.read(length)
		if err != nil {
			return err
		}
		p.next = p.off + 4 + n + length
		if err := p.inflate(blob); err != nil {
			return err
		}
		switch kind {
		case "OSMData":
			return p.split()
		case "OSMHeader":
			if err := p.header(); err != nil {
				return err
			}
		}
	}
}

func (p *pbfReader) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return p.bad("the file is cut off")
	}
	return fault.New(fault.Unavailable, "gazetteer: read %s near byte %d: %w", p.file, p.off, err)
}

func (p *pbfReader) read(n int64) ([]byte, error) {
	if int64(cap(p.raw)) < n {
		p.raw = make([]byte, n)
	}
	b := p.raw[:n]
	if _, err := io.ReadFull(p.r, b); err != nil {
		return nil, p.broken(err)
	}
	return b, nil
}

// inflate leaves the content of a blob in p.data.
func (p *pbfReader) inflate(blob []byte) error {
	p.data = p.data[:0]
	size, other := int64(0), 0
	var packed []byte
	err := fields(blob, func(field int, v uint64, b []byte) error {
		switch field {
		case 1:
			p.data = append(p.data, b...)
		case 2:
			size = int64(v)
		case 3:
			packed = b
		default:
			other = field
		}
		return nil
	})
	switch {
	case err != nil:
		return p.bad("the block is damaged")
	case packed == nil && other > 0 && len(p.data) == 0:
		return p.bad("packed in a way that we do not read (LZMA, LZ4 or zstd): convert with «osmium cat -f pbf,pbf_compression=zlib»")
	case packed == nil:
		return nil
	case size <= 0 || size > maxBlob:
		return p.bad("the size of the block is not given or above 32 MB")
	}
	if p.zip == nil {
		p.zip, err = zlib.NewReader(bytes.NewReader(packed))
	} else {
		err = p.zip.(zlib.Resetter).Reset(bytes.NewReader(packed), nil)
	}
	if err != nil {
		return p.bad("the block does not unpack")
	}
	if int64(cap(p.data)) < size {
		p.data = make([]byte, size)
	}
	p.data = p.data[:size]
	if _, err := io.ReadFull(p.zip, p.data); err != nil {
		return p.bad("the block does not unpack")
	}
	return nil
}

// header checks that we can read what the file requires.
func (p *pbfReader) header() error {
	unknown := ""
	err := fields(p.data, func(field int, _ uint64, b []byte) error {
		if s := string(b); field == 4 && s != "OsmSchema-V0.6" && s != "DenseNodes" && s != "HistoricalInformation" {
			unknown = s
		}
		return nil
	})
	switch {
	case err != nil:
		return p.bad("the header is damaged")
	case unknown != "":
		return p.bad(fmt.Sprintf("the file requires %q, which we do not read", unknown))
	}
	return nil
}

// fields calls yield with every field of a protobuf message: v for numbers, b for
// bytes.
func fields(m []byte, yield func(field int, v uint64, b []byte) error) error {
	for len(m) > 0 {
		key, n := binary.Uvarint(m)
		if n <= 0 || key>>3 == 0 || key>>3 > 1<<20 {
			return errPBF
		}
		m = m[n:]
		var v uint64
		var b []byte
		switch key & 7 {
		case 0:
			if v, n = binary.Uvarint(m); n <= 0 {
				return errPBF
			}
			m = m[n:]
		case 1:
			if len(m) < 8 {
				return errPBF
			}
			v, m = binary.LittleEndian.Uint64(m), m[8:]
		case 2:
			size, n := binary.Uvarint(m)
			if n <= 0 || size > uint64(len(m)-n) {
				return errPBF
			}
			b, m = m[n:n+int(size)], m[n+int(size):]
		case 5:
			if len(m) < 4 {
				return errPBF
			}
			v, m = uint64(binary.LittleEndian.Uint32(m)), m[4:]
		default:
			return errPBF
		}
		if err := yield(int(key>>3), v, b); err != nil {
			return err
		}
	}
	return nil
}

// zigzag reads a signed number.
func zigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// A packed reads a run of numbers.
type packed []byte

func (p *packed) next() (v uint64, ok bool) {
	v, n := binary.Uvarint(*p)
	if n <= 0 {
		return 0, false
	}
	*p = (*p)[n:]
	return v, true
}
