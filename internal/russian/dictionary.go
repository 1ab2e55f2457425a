package russian

import (
	"errors"
	"math"
	"sync"

	"otklik/data/lemmas"
)

// A dictionary is the OpenCorpora dictionary, read in place from the unpacked
// file: a word leads to the number of its reading, which says how its lemmas
// are made of it. Only the small lists of changes and grammemes stand on the
// heap. It is never changed after load.
type dictionary struct {
	words    *table
	ends     endTable
	grams    []Gram
	changes  []change
	readings string
	at       []uint32 // where in readings each begins
}

// A change makes a lemma of a word, both in lower-case UTF-8.
type change struct {
	cutFront, cutEnd int // bytes
	front, end       string
}

// openDictionary opens the embedded dictionary once for the whole process.
var openDictionary = sync.OnceValues(func() (*dictionary, error) {
	file, err := lemmas.Dictionary()
	if err != nil {
		return nil, errors.Join(errDictionary, err)
	}
	return parseDictionary(file)
})

var errDictionary = errors.New("russian: the dictionary file is damaged; rebuild it with otklik-data lemmas")

func parseDictionary(file string) (*dictionary, error) {
	parts, ok := sections(file)
	if !ok {
		return nil, errDictionary
	}
	d := &dictionary{readings: parts["reading"]}
	if d.words, ok = openTable(parts["words"]); !ok {
		return nil, errDictionary
	}
	d.words.index()
	if d.ends, ok = parseEnds(parts["end0"], parts["end1"], parts["end2"]); !ok {
		return nil, errDictionary
	}
	for g := parts["gram"]; len(g) >= 8; g = g[8:] {
		d.grams = append(d.grams, Gram(le64(g)))
	}
	for list := parts["change"]; len(list) > 0; {
		c, size := parseChange(list)
		if size == 0 {
			return nil, errDictionary
		}
		d.changes, list = append(d.changes, c), list[size:]
	}
	for at := 0; at < len(d.readings); {
		d.at = append(d.at, uint32(at))
		r, ok := d.reading(len(d.at) - 1)
		if !ok {
			return nil, errDictionary
		}
		at += 2 + len(r.changes) + len(r.forms)
	}
	return d, nil
}

// parseChange returns the change that a list begins with and its size, 0 when it is cut off.
func parseChange(s string) (c change, size int) {
	if len(s) < 4 {
		return c, 0
	}
	front, end := int(s[2]), int(s[3])
	if size = 4 + front + end; len(s) < size {
		return c, 0
	}
	return change{int(s[0]), int(s[1]), s[4 : 4+front], s[4+front : size]}, size
}

// A reading is one record of the file, opened but not copied.
type reading struct {
	changes string // uint16 each: one for each distinct lemma
	forms   string // formBytes each
}

// formBytes is the size of a form in the file: which of the lemmas, two bytes
// for the grammemes, four for the score.
const formBytes = 7

func (d *dictionary) reading(number int) (r reading, ok bool) {
	if number < 0 || number >= len(d.at) {
		return r, false
	}
	s := d.readings[d.at[number]:]
	n := 1 + 2*int(s[0])
	if len(s) < n+1 || len(s) < n+1+formBytes*int(s[n]) {
		return r, false
	}
	return reading{s[1:n], s[n+1 : n+1+formBytes*int(s[n])]}, true
}

// form returns form i of a reading: the number of its lemma, grammemes, score.
func (d *dictionary) form(r reading, i int) (lemma int, g Gram, score float32) {
	s := r.forms[formBytes*i:]
	if n := le16(s[1:]); n < len(d.grams) {
		g = d.grams[n]
	}
	return int(s[0]), g, math.Float32frombits(le32(s[3:]))
}

// change returns how lemma i of a reading is made of a word of so many bytes,
// and false when the word is too short for it.
func (d *dictionary) change(r reading, i, length int) (c *change, ok bool) {
	if len(r.changes) < 2*(i+1) {
		return nil, false
	}
	n := le16(r.changes[2*i:])
	if n >= len(d.changes) {
		return nil, false
	}
	c = &d.changes[n]
	return c, c.cutFront+c.cutEnd <= length
}

// identical says that the lemma is the word.
func (c *change) identical() bool {
	return c.cutFront+c.cutEnd+len(c.front)+len(c.end) == 0
}

func (c *change) appendTo(out []byte, norm string) []byte {
	out = append(out, c.front...)
	out = append(out, norm[c.cutFront:len(norm)-c.cutEnd]...)
	return append(out, c.end...)
}

// read returns all readings of a word (windows-1251, lower case, no ё),
// likeliest first, and nothing when the dictionary does not know it. Norm is
// the word as text; lemmas equal to it share its memory.
func (d *dictionary) read(s *slab, key []byte, norm string) []Form {
	number, ok := d.words.find(key)
	if !ok {
		return nil
	}
	return d.readAt(s, number, norm)
}

// readAt is read for a word whose reading has the number; -1 is none.
func (d *dictionary) readAt(s *slab, number int, norm string) []Form {
	r, ok := d.reading(number)
	if !ok {
		return nil
	}
	var lemmaRoom [8]string
	lemmas := lemmaRoom[:0]
	for i := range len(r.changes) / 2 {
		c, ok := d.change(r, i, len(norm))
		if !ok {
			return nil
		}
		lemma := norm
		if !c.identical() {
			var room [128]byte
			lemma = s.put(c.appendTo(room[:0], norm))
		}
		lemmas = append(lemmas, lemma)
	}
	forms := take(s, &s.forms, len(r.forms)/formBytes)
	for i := range forms {
		lemma, g, score := d.form(r, i)
		if lemma >= len(lemmas) {
			return nil
		}
		forms[i] = Form{lemmas[lemma], g, score}
	}
	return forms
}

// knows reports whether the dictionary has the word.
func (d *dictionary) knows(key []byte) bool {
	_, ok := d.words.find(key)
	return ok
}

// formPrefixes are the prefixes that forms may have before their stem, by the
// number of the part of the file that has their ends, as keys.
var formPrefixes = [3]string{"", string(keyOf("по")), string(keyOf("наи"))}
