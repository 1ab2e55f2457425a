package rig_test

import (
	"bytes"
	bin "encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/bench/rig"
)

// TestAKilledImportOfPlacesIsSimplyRunAgain kills `otklik places import` with
// SIGKILL at random moments, of the state register and of a map, and starts it again
// until it ends: the gazetteer is that of an import which nobody disturbed, and one
// more run changes nothing.
func TestAKilledImportOfPlacesIsSimplyRunAgain(t *testing.T) {
	t.Parallel()
	kills, _ := soak(6)
	streets, houses := 60, 80
	if testing.Short() {
		kills, streets = 2, 20
	}
	rnd := rand.New(rand.NewPCG(seed(t), 7))
	fresh := newCentre(t, "Хакасия", nil)
	files := t.TempDir()
	for _, in := range []input{
		{"the register", "gar", []string{garFolder(t, filepath.Join(files, "19"), streets, houses)}},
		{"a map", "osm", []string{mapFile(t, filepath.Join(files, "abaza.osm.pbf"), streets, houses)}},
	} {
		killPlaces(t, fresh, in, max(1, kills/2), rnd)
	}
}

func killPlaces(t *testing.T, fresh *rig.Centre, in input, kills int, rnd *rand.Rand) {
	t.Helper()
	copied := func() *rig.Centre {
		c, err := fresh.Copy(filepath.Join(t.TempDir(), "centre"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	places := func(c *rig.Centre) []string {
		rows, err := rig.Places(t.Context(), c.Store())
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	// run lets an import go for a while; 0 lets it go to its end.
	run := func(c *rig.Centre, after time.Duration) (ended bool) {
		cmd := c.Command(t.Context(), append([]string{"places", "import", "--dir", c.Dir, "--region", "Хакасия", "--format", in.format}, in.paths...)...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		over := make(chan error, 1)
		go func() { over <- cmd.Wait() }()
		var late <-chan time.Time
		if after > 0 {
			timer := time.NewTimer(after)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case err := <-over:
			if err != nil {
				t.Fatalf("%s: the import failed: %v\n%s", in.name, err, errs.Bytes())
			}
			return true
		case <-late:
		}
		if err := rig.Kill(cmd); err != nil {
			t.Log(fmt.Errorf("kill: %w", err))
		}
		return <-over == nil
	}
	calm := copied()
	from := time.Now()
	run(calm, 0)
	whole, want := time.Since(from), places(calm)
	if len(want) < 500 {
		t.Fatalf("%s: %d places: the proof would prove nothing", in.name, len(want))
	}
	partly, done, rounds := 0, 0, 0
	for ; done < kills; rounds++ {
		c := copied()
		for done < kills && !run(c, 1+time.Duration(rnd.Int64N(int64(whole)))) {
			done++
			if n := len(places(c)); n > 0 && n < len(want) {
				partly++
			}
		}
		run(c, 0)
		if diff := cmp.Diff(want, places(c)); diff != "" {
			t.Fatalf("%s: after %d kills the gazetteer differs (-undisturbed +killed):\n%s", in.name, done, diff)
		}
		if run(c, 0); !cmp.Equal(want, places(c)) {
			t.Errorf("%s: one more run changed something", in.name)
		}
		if rounds > 20*kills { // ends too fast to be hit
			t.Fatalf("%s: %d kills in %d rounds", in.name, done, rounds)
		}
	}
	t.Logf("%s: %d places, %d kills in %d rounds, %d of them with the gazetteer half filled (undisturbed: %v)", in.name, len(want), done, rounds, partly, whole.Round(time.Millisecond))
}

// garFolder writes tables of the state register (ГАР): streets and houses of Абаза.
func garFolder(t *testing.T, dir string, streets, houses int) string {
	t.Helper()
	var objects, items, list strings.Builder
	object := func(id int, name, kind string, level int) {
		fmt.Fprintf(&objects, `<OBJECT ID="%d" OBJECTID="%d" NAME="%s" TYPENAME="%s" LEVEL="%d" ISACTUAL="1" ISACTIVE="1" />`, id, id, name, kind, level)
	}
	item := func(id, parent int) {
		fmt.Fprintf(&items, `<ITEM ID="%d" OBJECTID="%d" PARENTOBJID="%d" REGIONCODE="19" ISACTIVE="1" />`, id, id, parent)
	}
	object(1, "Хакасия", "Респ", 1)
	object(2, "Абаза", "г", 5)
	item(1, 0)
	item(2, 1)
	for s := range streets {
		street := 10 + s
		object(street, streetOf(s), "ул", 8)
		item(street, 2)
		for h := range houses {
			id := 100_000 + s*1000 + h
			fmt.Fprintf(&list, `<HOUSE ID="%d" OBJECTID="%d" HOUSENUM="%d" HOUSETYPE="2" ISACTUAL="1" ISACTIVE="1"/>`, id, id, h+1)
			item(id, street)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"AS_ADDR_OBJ_20260105_a1.XML":        "<ADDRESSOBJECTS>" + objects.String() + "</ADDRESSOBJECTS>",
		"AS_ADM_HIERARCHY_20260105_a2.XML":   "<ITEMS>" + items.String() + "</ITEMS>",
		"AS_ADDR_OBJ_PARAMS_20260105_a3.XML": `<PARAMS><PARAM ID="1" OBJECTID="2" CHANGEIDEND="0" TYPEID="7" VALUE="95702000001" /></PARAMS>`,
		"AS_HOUSES_20260105_a4.XML":          "<HOUSES>" + list.String() + "</HOUSES>",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`<?xml version="1.0" encoding="utf-8"?>`+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func streetOf(n int) string { return fmt.Sprintf("%d-я Проверочная", n+1) }

// mapFile writes a map in OpenStreetMap's binary format: houses of Абаза as nodes
// with an address, some thousand to a block, nothing packed.
func mapFile(t *testing.T, path string, streets, houses int) string {
	t.Helper()
	var out []byte
	field := func(m []byte, n int, b []byte) []byte {
		return append(bin.AppendUvarint(bin.AppendUvarint(m, uint64(n)<<3|2), uint64(len(b))), b...)
	}
	number := func(m []byte, n int, v int64) []byte {
		return bin.AppendUvarint(bin.AppendUvarint(m, uint64(n)<<3), uint64(v))
	}
	blob := func(kind string, data []byte) {
		b := field(nil, 1, data)
		head := number(field(nil, 1, []byte(kind)), 3, int64(len(b)))
		out = append(append(append(out, bin.BigEndian.AppendUint32(nil, uint32(len(head)))...), head...), b...)
	}
	blob("OSMHeader", field(nil, 4, []byte("OsmSchema-V0.6")))
	for s := range streets {
		table, index, group := [][]byte{{}}, map[string]uint64{}, []byte(nil)
		word := func(v string) uint64 {
			if _, ok := index[v]; !ok {
				index[v] = uint64(len(table))
				table = append(table, []byte(v))
			}
			return index[v]
		}
		node := func(id int64, lat, lon float64, tags ...string) {
			var keys, values []byte
			for k := 0; k < len(tags); k += 2 {
				keys, values = bin.AppendUvarint(keys, word(tags[k])), bin.AppendUvarint(values, word(tags[k+1]))
			}
			m := field(field(number(nil, 1, id<<1), 2, keys), 3, values)
			group = field(group, 1, number(number(m, 8, int64(lat*1e7)<<1), 9, int64(lon*1e7)<<1))
		}
		if s == 0 {
			node(1, 52.65, 90.09, "place", "town", "name", "Абаза")
		}
		for h := range houses {
			node(int64(1000+s*1000+h), 52.64+float64(s)*1e-4, 90.08+float64(h)*1e-4, "addr:street", "улица "+streetOf(s), "addr:housenumber", fmt.Sprint(h+1))
		}
		var words []byte
		for _, w := range table {
			words = field(words, 1, w)
		}
		blob("OSMData", field(field(nil, 1, words), 2, group))
	}
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
