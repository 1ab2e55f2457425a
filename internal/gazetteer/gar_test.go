package gazetteer_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// garTables writes tables as the register has them: one line each, rows that are
// not actual among the others, tables that nobody needs beside them.
func garTables() map[string]string {
	const head = `<?xml version="1.0" encoding="utf-8"?>`
	object := func(id int, name, typ string, level, actual int) string {
		return fmt.Sprintf(`<OBJECT ID="%d" OBJECTID="%d" OBJECTGUID="b0" CHANGEID="1" NAME="%s" TYPENAME="%s" LEVEL="%d" OPERTYPEID="10" ISACTUAL="%d" ISACTIVE="%d" />`,
			id+100, id, name, typ, level, actual, actual)
	}
	item := func(id, parent, active int) string {
		return fmt.Sprintf(`<ITEM ID="%d" OBJECTID="%d" PARENTOBJID="%d" CHANGEID="1" REGIONCODE="19" ISACTIVE="%d" PATH="1.2" />`, id+500, id, parent, active)
	}
	oktmo := func(id int, code string, end int) string {
		return fmt.Sprintf(`<PARAM ID="%d" OBJECTID="%d" CHANGEID="1" CHANGEIDEND="%d" TYPEID="7" VALUE="%s" />`, id+900, id, end, code) +
			fmt.Sprintf(`<PARAM ID="%d" OBJECTID="%d" CHANGEID="1" CHANGEIDEND="0" TYPEID="5" VALUE="655750" />`, id+950, id)
	}
	house := func(id int, num, more string, actual int) string {
		return fmt.Sprintf(`<HOUSE ID="%d" OBJECTID="%d" HOUSENUM="%s" HOUSETYPE="2" %s ISACTUAL="%d" ISACTIVE="%d"/>`, id+700, id, num, more, actual, actual)
	}
	return map[string]string{
		"AS_ADDR_OBJ_20260105_a1.XML": head + `<ADDRESSOBJECTS>` + object(1, "Хакасия", "Респ", 1, 1) + object(2, "Абаза", "г", 5, 1) +
			object(3, "Ленина", "ул", 8, 1) + object(4, "Старая", "ул", 8, 0) + object(5, "Заря", "снт", 7, 1) + object(6, "Садовая", "ул", 8, 1) +
			object(7, "Новая &quot;Слава&quot;", "пер", 8, 1) + object(8, "Тестовка", "д", 6, 1) + object(9, "1-й", "мкр", 7, 1) + `</ADDRESSOBJECTS>`,
		"AS_ADM_HIERARCHY_20260105_a2.XML": head + `<ITEMS>` + item(1, 0, 1) + item(2, 1, 1) + item(3, 2, 1) + item(5, 2, 1) + item(6, 5, 1) + item(7, 2, 1) +
			item(8, 1, 1) + item(9, 2, 1) + item(30, 3, 1) + item(31, 3, 1) + item(32, 3, 1) + item(33, 6, 1) + item(34, 8, 1) + item(35, 9, 1) + item(36, 3, 1) + item(60, 30, 1) + `</ITEMS>`,
		"AS_ADDR_OBJ_PARAMS_20260105_a3.XML": head + `<PARAMS>` + oktmo(2, "95799999999", 77) + oktmo(2, "95702000001", 0) + oktmo(8, "95605000999", 0) + `</PARAMS>`,
		"AS_HOUSES_20260105_a4.XML": head + `<HOUSES>` + house(30, "16", `ADDNUM1="2" ADDTYPE1="1"`, 1) + house(31, "18А", "", 1) + house(32, "20", "", 0) +
			house(33, "5", "", 1) + house(34, "7", "", 1) + house(35, "12", "", 1) + strings.Replace(house(36, "22", "", 1), `HOUSETYPE="2"`, `HOUSETYPE="4"`, 1) + house(99, "1", "", 1) + `</HOUSES>`,
		"AS_ROOMS_20260105_a5.XML":         head + `<ROOMS><ROOM ID="1" OBJECTID="60" /></ROOMS>`,
		"AS_HOUSES_PARAMS_20260105_a6.XML": head + `<PARAMS>` + oktmo(30, "95702000001", 0) + `</PARAMS>`,
	}
}

func garZip(t *testing.T, tables map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range tables {
		w, err := z.Create("19/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, "gar_xml.zip", b.String())
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestImportGAR(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var loose []string
	for name, text := range garTables() {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		loose = append(loose, p)
	}
	for name, files := range map[string][]string{"archive": {garZip(t, garTables())}, "folder": {dir}, "loose files": loose} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ix, store := khakassia(t), &memory{}
			var last gazetteer.Progress
			got, err := gazetteer.ImportGAR(t.Context(), ix, store, files, gazetteer.Options{Progress: func(p gazetteer.Progress) { last = p }})
			if err != nil {
				t.Fatal(err)
			}
			want := gazetteer.Report{Records: 12, Added: 11, Skipped: 2, Levels: map[place.Level]int{
				place.Settlement: 1, place.Street: 3, place.District: 2, place.House: 5,
			}}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(got, "File")); diff != "" {
				t.Error(diff)
			}
			if last.Bytes != last.Total || last.Total == 0 {
				t.Errorf("last progress %+v, want all bytes read", last)
			}
			lenin := place.StreetID("95702000001", "Ленина", "улица")
			garden := place.StreetID("95702000001", "Заря Садовая", "улица")
			for _, id := range []string{
				lenin, place.HouseID(lenin, "16 корп 2"), place.HouseID(lenin, "18а"), garden, place.HouseID(garden, "5"),
				place.StreetID("95702000001", `Новая "Слава"`, "переулок"), place.DistrictID("95702000001", "Заря", "садовое товарищество"),
				"95605000999", place.HouseID("95605000999", "7"), place.HouseID(place.DistrictID("95702000001", "1-й", "микрорайон"), "12"),
			} {
				p, ok := ix.ByID(id)
				if !ok || p.Region != "95000000" {
					t.Errorf("ByID(%s) = %+v, %v, want a place of the region", id, p, ok)
				}
			}
			if p, _ := ix.ByID(garden); p == nil || p.Name != "Садовая" {
				t.Errorf("street of the gardens = %+v, want it called as on its plate", p)
			}
			for _, gone := range []string{place.StreetID("95702000001", "Старая", "улица"), place.HouseID(lenin, "20"), place.HouseID(lenin, "22")} {
				if p, ok := ix.ByID(gone); ok {
					t.Errorf("%s was taken: %+v", gone, p)
				}
			}
			again, err := gazetteer.ImportGAR(t.Context(), ix, store, files, gazetteer.Options{})
			if err != nil || again.Added != 0 || again.Updated != 0 {
				t.Errorf("second import: %+v, %v, want nothing new", again, err)
			}
		})
	}
}

// An import that was cut off is run again: what it had saved is not saved twice,
// and in the end all is there.
func TestImportGARGoesOnWhereItWasCutOff(t *testing.T) {
	t.Parallel()
	tables := garTables()
	var items, houses strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&houses, `<HOUSE OBJECTID="%d" HOUSENUM="%d" HOUSETYPE="2" ISACTUAL="1" ISACTIVE="1"/>`, 10000+i, i+1)
		fmt.Fprintf(&items, `<ITEM OBJECTID="%d" PARENTOBJID="3" ISACTIVE="1"/>`, 10000+i)
	}
	tables["AS_HOUSES_20260105_a4.XML"] = "<HOUSES>" + houses.String() + "</HOUSES>"
	tables["AS_ADM_HIERARCHY_20260105_a2.XML"] = strings.Replace(tables["AS_ADM_HIERARCHY_20260105_a2.XML"], "</ITEMS>", items.String()+"</ITEMS>", 1)
	file := []string{garZip(t, tables)}

	whole := &memory{}
	if _, err := gazetteer.ImportGAR(t.Context(), khakassia(t), whole, file, gazetteer.Options{}); err != nil {
		t.Fatal(err)
	}
	store := &memory{}
	ctx, stop := context.WithCancel(t.Context())
	o := gazetteer.Options{Progress: func(p gazetteer.Progress) {
		if p.Records >= 1024 {
			stop()
		}
	}}
	cut, err := gazetteer.ImportGAR(ctx, khakassia(t), store, file, o)
	if !errors.Is(err, context.Canceled) || len(store.places) == 0 || len(store.places) >= len(whole.places) {
		t.Fatalf("cut off after %d of %d places: %v", len(store.places), len(whole.places), err)
	}
	ix := khakassia(t) // a new process
	if err := ix.Load(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	saved := len(store.places)
	rest, err := gazetteer.ImportGAR(t.Context(), ix, store, file, gazetteer.Options{})
	if err != nil || rest.Added != len(whole.places)-saved {
		t.Errorf("the second run added %d, %v; want the %d that were missing (first run: %+v)", rest.Added, err, len(whole.places)-saved, cut)
	}
	if diff := cmp.Diff(whole.places, store.places); diff != "" {
		t.Errorf("in the end (-in one go +in two):\n%s", diff)
	}
}

func TestImportGARNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	with := func(name, text string) map[string]string {
		m := garTables()
		m[name] = text
		return m
	}
	objects, houses := "AS_ADDR_OBJ_20260105_a1.XML", "AS_HOUSES_20260105_a4.XML"
	without := garTables()
	delete(without, objects)
	for name, c := range map[string]struct {
		file string
		says []string
	}{
		"cut off":          {garZip(t, with(houses, garTables()[houses][:200])), []string{houses, "byte 200", "cut off"}},
		"no end":           {garZip(t, with(objects, "<ADDRESSOBJECTS><OBJECT OBJECTID=\"1\"/>")), []string{objects, "</ADDRESSOBJECTS> is missing"}},
		"not XML":          {garZip(t, with(houses, "ПРОСТО ТЕКСТ")), []string{houses, "line 1", "no XML"}},
		"another encoding": {garZip(t, with(houses, `<?xml version="1.0" encoding="windows-1251"?><HOUSES/>`)), []string{houses, "encoding"}},
		"an open quote":    {garZip(t, with(houses, "<HOUSES>\n<HOUSE OBJECTID=\"30/>\n</HOUSES>")), []string{houses, "cut off"}},
		"no objects":       {garZip(t, without), []string{"AS_ADDR_OBJ"}},
		"no archive":       {written(t, "gar.zip", "PK garbage"), []string{"gar.zip", "no archive"}},
		"no tables":        {garZip(t, map[string]string{"readme.txt": "x"}), []string{"no tables of GAR"}},
		"nothing there":    {filepath.Join(t.TempDir(), "none.zip"), []string{"none.zip"}},
	} {
		_, err := gazetteer.ImportGAR(t.Context(), khakassia(t), nil, []string{c.file}, gazetteer.Options{})
		if err == nil || fault.Hint(err) == "" {
			t.Errorf("%s: error %v without a hint", name, err)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %q does not say %q", name, err, want)
			}
		}
	}
}

// A country's archive has the folders of all regions; only ours is read.
func TestImportGARPassesOtherRegionsOver(t *testing.T) {
	t.Parallel()
	tables := garTables()
	for name, text := range tables {
		tables[name] = strings.ReplaceAll(text, `NAME="Хакасия" TYPENAME="Респ"`, `NAME="Курская" TYPENAME="обл"`)
	}
	got, err := gazetteer.ImportGAR(t.Context(), khakassia(t), nil, []string{garZip(t, tables)}, gazetteer.Options{})
	if err != nil || got.Added != 0 || got.Skipped == 0 || got.Rejected != 0 {
		t.Errorf("import of another region: %+v, %v, want all passed over", got, err)
	}
}

func FuzzImportGAR(f *testing.F) {
	for _, text := range garTables() {
		f.Add(text)
	}
	f.Add("<HOUSES><!-- > --><HOUSE OBJECTID='1' HOUSENUM=\"&#x41;&bad;\"/></HOUSES>")
	ix, err := gazetteer.New(nil, "95")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		for _, name := range []string{"AS_ADDR_OBJ_1.XML", "AS_ADM_HIERARCHY_1.XML", "AS_HOUSES_1.XML"} {
			_ = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
		}
		_, _ = gazetteer.ImportGAR(t.Context(), ix, nil, []string{dir}, gazetteer.Options{})
	})
}
