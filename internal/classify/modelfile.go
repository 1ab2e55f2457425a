package classify

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"otklik/internal/fault"
)

// A model file is: the magic, a format version (4 bytes), the length of the
// packed body (8 bytes), the SHA-256 of the packed body (32 bytes), the packed
// body (deflate). Numbers are little-endian; inside the body they are varints
// where they are small.
const (
	magic   = "OTKLIKTM"
	version = 4 // what is read; a model is written in the oldest version that can hold it
	akin    = 4 // with kindred models
	named   = 3 // with words written as names
	unnamed = 2 // without
	header  = len(magic) + 4 + 8 + sha256.Size

	maxPacked = 1 << 30 // bytes
	maxBody   = 1 << 31
)

// WriteTo writes the model file.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := z.Write(m.body()); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	head := make([]byte, 0, header)
	head = append(head, magic...)
	head = binary.LittleEndian.AppendUint32(head, m.format())
	head = binary.LittleEndian.AppendUint64(head, uint64(packed.Len()))
	sum := sha256.Sum256(packed.Bytes())
	head = append(head, sum[:]...)
	n, err := w.Write(head)
	if err != nil {
		return int64(n), err
	}
	k, err := w.Write(packed.Bytes())
	return int64(n + k), err
}

// format is the version of the file that the model is written in: a program that
// is rolled back goes on to read the models that it could have made.
func (m *Model) format() uint32 {
	switch {
	case len(m.kindred) > 0:
		return akin
	case m.named():
		return named
	default:
		return unnamed
	}
}

// body packs the model in its format.
func (m *Model) body() []byte {
	format := m.format()
	var b []byte
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	real := func(f float32) { b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f)) }
	text(m.Source)
	b = binary.AppendUvarint(b, uint64(len(m.Labels)))
	for _, l := range m.Labels {
		text(l)
	}
	card, err := json.Marshal(m.Card)
	if err != nil { // it holds strings, numbers and a date
		card = []byte("{}")
	}
	text(string(card))
	for l := range m.Labels {
		real(m.bias[l])
	}
	for _, t := range m.trust {
		real(t)
	}
	real(m.spread)
	real(m.unit)
	real(m.places)
	for b, w := range m.weights {
		if holds(format, b) {
			real(w)
		}
	}
	b = binary.AppendUvarint(b, uint64(m.words))
	b = binary.AppendUvarint(b, uint64(m.letters))
	b = binary.AppendUvarint(b, uint64(m.facts))
	if format >= named {
		b = binary.AppendUvarint(b, uint64(m.names))
	}
	if format >= akin {
		b = binary.AppendUvarint(b, uint64(m.kin))
	}
	b = binary.AppendUvarint(b, uint64(len(m.hashes)))
	var last feature
	for f, h := range m.hashes {
		if m.opens(f) {
			last = 0
		}
		b = binary.AppendUvarint(b, uint64(h-last))
		last = h
	}
	for f := range m.hashes {
		real(m.idf[f])
	}
	for f := range m.hashes {
		real(m.scale[f])
	}
	for f := range m.hashes {
		b = binary.AppendUvarint(b, uint64(m.start[f+1]-m.start[f]))
	}
	for f := range m.hashes {
		var last uint16
		for k := m.start[f]; k < m.start[f+1]; k++ {
			b = binary.AppendUvarint(b, uint64(m.label[k]-last))
			last = m.label[k]
		}
	}
	for _, w := range m.weight {
		b = append(b, byte(w))
	}
	if format >= akin {
		b = binary.AppendUvarint(b, uint64(len(m.kindred)))
		for _, k := range m.kindred {
			b = binary.AppendUvarint(b, uint64(k.format()))
			text(string(k.body()))
		}
	}
	return b
}

// holds reports whether models of a format have the block.
func holds(format uint32, block int) bool {
	switch block {
	case nameBlock:
		return format >= named
	case kinBlock:
		return format >= akin
	default:
		return true
	}
}

// opens reports whether a block begins with the feature.
func (m *Model) opens(f int) bool {
	return f == m.words || f == m.letters || f == m.facts || f == m.names || f == m.kin
}

// ReadModel reads a model file. A foreign, truncated or damaged file is
// Invalid, a file of a newer format too; the error says which.
func ReadModel(r io.Reader) (*Model, error) {
	head := make([]byte, header)
	if n, err := io.ReadFull(r, head); err != nil {
		if n < len(magic) || string(head[:len(magic)]) != magic {
			return nil, broken("it is no model of topics")
		}
		return nil, broken("it is cut short: %d bytes of the header", n)
	}
	if string(head[:len(magic)]) != magic {
		return nil, broken("it is no model of topics")
	}
	rest := head[len(magic):]
	format := binary.LittleEndian.Uint32(rest)
	if format < unnamed || format > version {
		return nil, broken("its format is version %d, this program reads versions %d to %d", format, unnamed, version)
	}
	length := binary.LittleEndian.Uint64(rest[4:])
	if length > maxPacked {
		return nil, broken("its length %d is past belief", length)
	}
	var packed bytes.Buffer
	n, err := io.Copy(&packed, io.LimitReader(r, int64(length)))
	if err != nil {
		return nil, fmt.Errorf("classify: read model: %w", err)
	}
	if uint64(n) < length {
		return nil, broken("it is cut short: %d of %d bytes", n, length)
	}
	if sum := sha256.Sum256(packed.Bytes()); !bytes.Equal(sum[:], rest[12:]) {
		return nil, broken("its checksum is wrong: it is damaged")
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(&packed), maxBody))
	if err != nil {
		return nil, broken("its body does not unpack: %v", err)
	}
	m, err := parseBody(body, format)
	if err != nil {
		return nil, err
	}
	m.index()
	return m, nil
}

func broken(format string, args ...any) error {
	return fault.New(fault.Invalid, "classify: the model file cannot be used: "+format, args...).
		At("model").Say("Файл модели тем повреждён или создан другой программой.").
		Mend("make it again: otklik train --data FILE --label COLUMN --out FILE")
}

// A bodyReader takes numbers off a body; after the first failure it gives zeros.
type bodyReader struct {
	b   []byte
	bad bool
}

func (r *bodyReader) number(limit uint64) uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > limit {
		r.bad = true
		r.b = nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads how many things follow, each of at least so many bytes.
func (r *bodyReader) count(size int) int {
	return int(r.number(uint64(len(r.b) / size)))
}

func (r *bodyReader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		r.b = nil
		return make([]byte, min(n, 64))
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *bodyReader) real() float32 {
	f := math.Float32frombits(binary.LittleEndian.Uint32(r.bytes(4)))
	if f != f || math.IsInf(float64(f), 0) {
		r.bad = true
	}
	return f
}

func parseBody(b []byte, format uint32) (*Model, error) {
	r := &bodyReader{b: b}
	m := &Model{Source: string(r.bytes(r.count(1)))}
	m.Labels = make([]string, r.count(1))
	for i := range m.Labels {
		m.Labels[i] = string(r.bytes(r.count(1)))
	}
	if len(m.Labels) < 2 || len(m.Labels) > math.MaxUint16 {
		return nil, broken("it names %d labels", len(m.Labels))
	}
	if err := json.Unmarshal(r.bytes(r.count(1)), &m.Card); err != nil {
		return nil, broken("its card cannot be read")
	}
	m.bias = make([]float32, len(m.Labels))
	for i := range m.bias {
		m.bias[i] = r.real()
	}
	for i := range m.trust {
		m.trust[i] = r.real()
	}
	m.spread = r.real()
	m.unit = r.real()
	m.places = r.real()
	for i := range m.weights {
		if holds(format, i) {
			m.weights[i] = r.real()
		}
	}
	words, letters, facts := r.number(math.MaxInt32), r.number(math.MaxInt32), r.number(math.MaxInt32)
	var names, kin uint64
	if format >= named {
		names = r.number(math.MaxInt32)
	}
	if format >= akin {
		kin = r.number(math.MaxInt32)
	}
	n := r.count(1)
	if format < akin {
		kin = uint64(n)
	}
	if format < named {
		names = uint64(n)
	}
	if words > letters || letters > facts || facts > names || names > kin || kin > uint64(n) {
		r.bad = true
	}
	if r.bad {
		return nil, broken("its body ends too early")
	}
	m.words, m.letters, m.facts, m.names, m.kin = int(words), int(letters), int(facts), int(names), int(kin)
	m.hashes = make([]feature, n)
	m.idf, m.scale = make([]float32, n), make([]float32, n)
	m.start = make([]uint32, n+1)
	var last feature
	for f := range m.hashes {
		if m.opens(f) {
			last = 0
		}
		last += feature(r.number(math.MaxUint32))
		m.hashes[f] = last
	}
	for f := range m.idf {
		m.idf[f] = r.real()
	}
	for f := range m.scale {
		m.scale[f] = r.real()
	}
	for f := range n {
		m.start[f+1] = m.start[f] + uint32(r.number(uint64(len(m.Labels))))
	}
	entries := int(m.start[n])
	if r.bad || entries > len(r.b) {
		return nil, broken("its body ends too early")
	}
	m.label, m.weight = make([]uint16, entries), make([]int8, entries)
	for f := range n {
		var last uint64
		for k := m.start[f]; k < m.start[f+1]; k++ {
			last += r.number(math.MaxUint16)
			if last >= uint64(len(m.Labels)) {
				return nil, broken("it speaks of a label that it does not name")
			}
			m.label[k] = uint16(last)
		}
	}
	for k, w := range r.bytes(entries) {
		m.weight[k] = int8(w)
	}
	if format >= akin && !r.bad {
		if err := r.kindred(m); err != nil {
			return nil, err
		}
	}
	if r.bad || len(r.b) != 0 {
		return nil, broken("its body has a wrong length")
	}
	return m, nil
}

// kindred reads the models beside a model. They have none of their own.
func (r *bodyReader) kindred(m *Model) error {
	for range r.count(2) {
		format := uint32(r.number(math.MaxUint32))
		body := r.bytes(r.count(1))
		if r.bad || format < unnamed || format >= akin {
			return broken("a model beside it is of a format that does not belong there")
		}
		k, err := parseBody(body, format)
		if err != nil {
			return err
		}
		k.index()
		m.kindred = append(m.kindred, k)
	}
	return nil
}

// Digest returns the hexadecimal SHA-256 of parts, for Model.Source.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
