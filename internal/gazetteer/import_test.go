package gazetteer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/charmap"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

func khakassia(t testing.TB) *gazetteer.Index {
	t.Helper()
	ix, err := gazetteer.New(analyzer(), "95")
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

const streets = `settlement,street,type,house,lat,lon,alias,kind
Абаза,Ленина,ул,,52.6550,90.0930,,
95702000001,Ленина,улица,16 А,52.6551,90.0931,,
г. Черногорск,Генерала Тихонова,ул.,,,,,
Черногорск,пр-кт Космонавтов,,,,,Космос,
Абакан,"Чертыгашева, им.",ул,33,"53,72",91.44,,
Абаза,Центральная баня,,,52.656,90.094,,баня
Абакан,4-й,мкр,12,,,,
Черногорск,Новый Южный,район,,,,,district
Усть-Абакан,Октябрьская,,,,,,
`

func TestImportCSV(t *testing.T) {
	t.Parallel()
	ix, store := khakassia(t), &memory{}
	var told []gazetteer.Progress
	o := gazetteer.Options{Progress: func(p gazetteer.Progress) { told = append(told, p) }}
	got, err := gazetteer.ImportCSV(t.Context(), ix, store, "streets.csv", strings.NewReader(streets), o)
	if err != nil {
		t.Fatal(err)
	}
	want := gazetteer.Report{File: "streets.csv", Records: 9, Added: 11, Levels: map[place.Level]int{
		place.Street: 5, place.House: 3, place.Landmark: 1, place.District: 2,
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if len(told) == 0 || told[len(told)-1].Records != 9 || told[len(told)-1].Bytes != int64(len(streets)) {
		t.Errorf("progress told %v, want 9 records and %d bytes at the end", told, len(streets))
	}
	for words, want := range map[string]string{
		"Ленина":            place.StreetID("95702000001", "Ленина", "улица"),
		"Генерала Тихонова": place.StreetID("95715000001", "Генерала Тихонова", "улица"),
		"Тихонова":          place.StreetID("95715000001", "Генерала Тихонова", "улица"),
		"Космонавтов":       place.StreetID("95715000001", "Космонавтов", "проспект"),
		"Космосе":           place.StreetID("95715000001", "Космонавтов", "проспект"),
		"центральной бани":  place.LandmarkID("95702000001", "Центральная баня", "баня"),
		"4-й микрорайон":    place.DistrictID("95701000001", "4-й", "микрорайон"),
		"4 микрорайоне":     place.DistrictID("95701000001", "4-й", "микрорайон"),
		"микрорайоне 4":     place.DistrictID("95701000001", "4-й", "микрорайон"),
		"Новом Южном":       place.DistrictID("95715000001", "Новый Южный", "район"),
		"Октябрьской":       place.StreetID("95630151051", "Октябрьская", "улица"),
		"ОКТЯБРЬСКАЯ":       place.StreetID("95630151051", "Октябрьская", "улица"),
	} {
		if got := find(ix, words); !slices.Contains(got, want) {
			t.Errorf("find(%q) = %v, want %s among them", words, got, want)
		}
	}
	h, ok := ix.ByID(place.HouseID(place.StreetID("95702000001", "Ленина", "улица"), "д. 16а"))
	if !ok || h.Lat < 52.655 || h.Lat > 52.6552 {
		t.Errorf("house 16а = %+v, %v", h, ok)
	}
	if p, _ := ix.ByID(place.DistrictID("95701000001", "4-й", "микрорайон")); p != nil {
		if _, ok := ix.ByID(place.HouseID(p.ID, "12")); !ok {
			t.Error("house 12 of the district is not found")
		}
	}

	// The same file again, and the same file into an index filled from the store.
	again := khakassia(t)
	if err := again.Load(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	for _, ix := range []*gazetteer.Index{ix, again} {
		got, err := gazetteer.ImportCSV(t.Context(), ix, store, "streets.csv", strings.NewReader(streets), gazetteer.Options{})
		if err != nil || got.Added+got.Updated+got.Rejected != 0 {
			t.Errorf("second import = %+v, %v; want nothing new", got, err)
		}
	}
}

func TestImportCSVReportsBadRowsAndGoesOn(t *testing.T) {
	t.Parallel()
	const file = `settlement;street;type;house;lat;lon
Абаза;Ленина;ул;;90.09;52.65
Нигде;Мира;ул;;;
Абаза;Мира;ул;без номера;;
Абаза;;ул;;;
Абаза;Садовая;ул;;север;юг
Абаза;"Парковая;ул;;;
Аскиз;Первомайская;ул;;;
;Рабочая;ул;;;
Абаза;Степная;ул;;10;20

Абаза;Ленина;ул;;52,65;90,09
`
	ix := khakassia(t)
	got, err := gazetteer.ImportCSV(t.Context(), ix, nil, "плохой.csv", strings.NewReader(file), gazetteer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, p := range got.Problems {
		lines = append(lines, p.Line)
		if p.Reason == "" {
			t.Errorf("line %d: no reason", p.Line)
		}
	}
	if diff := cmp.Diff([]int{2, 3, 4, 5, 6, 7, 8, 9, 10}, lines); diff != "" {
		t.Errorf("lines of the problems: %s\n%v", diff, got.Problems)
	}
	if got.Records != 10 || got.Rejected != 9 || got.Added != 1 {
		t.Errorf("report = %+v", got)
	}
	if !strings.Contains(got.Problems[0].Reason, "переставлены") {
		t.Errorf("swapped point: %q", got.Problems[0].Reason)
	}
	// Two settlements are called Аскиз: the reason names their codes.
	if !strings.Contains(got.Problems[6].Reason, "95608151051") {
		t.Errorf("ambiguous settlement: %q", got.Problems[6].Reason)
	}
}

func TestImportCSVInOtherEncodingsAndDelimiters(t *testing.T) {
	t.Parallel()
	cp1251, err := charmap.Windows1251.NewEncoder().String(strings.ReplaceAll(streets, "ё", "е"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"windows-1251":      cp1251,
		"byte order mark":   "\ufeff" + streets,
		"carriage returns":  strings.ReplaceAll(streets, "\n", "\r\n"),
		"Russian headings":  strings.Replace(streets, "settlement,street,type,house,lat,lon,alias,kind", "Населённый пункт,Улица,Тип,Дом,Широта,Долгота,Псевдоним,Вид", 1),
		"no break at end":   strings.TrimSuffix(streets, "\n"),
		"oktmo for heading": strings.Replace(streets, "settlement,", "oktmo,", 1),
	} {
		got, err := gazetteer.ImportCSV(t.Context(), khakassia(t), nil, name, strings.NewReader(text), gazetteer.Options{})
		if err != nil || got.Added != 11 {
			t.Errorf("%s: %+v, %v; want 11 places", name, got, err)
		}
	}
}

func TestImportCSVRefusesWhatIsNoFileOfPlaces(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty.csv":   "",
		"utf16.csv":   "\xff\xfes\x00e\x00",
		"book.xlsx":   "PK\x03\x04aaaa",
		"binary.csv":  "a,b\x00c",
		"columns.csv": "id,text\n1,а\n",
		"koi.csv":     "settlement,street\n\xe1\xe2\xc1\x80\x81\x82\x83\x84\x85\x90\x91\x92\n",
	} {
		_, err := gazetteer.ImportCSV(t.Context(), khakassia(t), nil, name, strings.NewReader(text), gazetteer.Options{})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
			continue
		}
		if !strings.Contains(f.Sentence, name) || !strings.Contains(f.Sentence, "строка 1") || f.Hint == "" {
			t.Errorf("%s: sentence %q, hint %q; want the file, the line and a remedy", name, f.Sentence, f.Hint)
		}
	}
}

func TestImportIntoAKnownPlace(t *testing.T) {
	t.Parallel()
	ix := khakassia(t)
	file := "settlement,street,type,lat,lon,alias\nАбаза,Мира,ул,,,\nАбаза,Мира,ул,52.65,90.09,Мирок\nАбаза,Мира,ул,52.66,90.10,\n"
	got, err := gazetteer.ImportCSV(t.Context(), ix, nil, "a.csv", strings.NewReader(file), gazetteer.Options{})
	if err != nil || got.Added != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	id := place.StreetID("95702000001", "Мира", "улица")
	p, ok := ix.ByID(id)
	if !ok || p.Lat != 52.65 || p.Aliases != "Мирок" {
		t.Errorf("Мира = %+v, want the first point that was told, and the alias", p)
	}
	got, err = gazetteer.ImportCSV(t.Context(), ix, nil, "b.csv", strings.NewReader("settlement,street,lat,lon\nАбаза,Мира,52.67,90.1\n"), gazetteer.Options{Replace: true})
	if err != nil || got.Updated != 1 {
		t.Errorf("%+v, %v; want one place updated", got, err)
	}
	if p, _ := ix.ByID(id); p.Lat != 52.67 {
		t.Errorf("Replace kept the old point: %+v", p)
	}
}

func TestImportSettlements(t *testing.T) {
	t.Parallel()
	ix := khakassia(t)
	file := "settlement,name,type,lat,lon,kind\n95625702106,Кубайка,п,51.9,89.6,settlement\n95625440101,,,52.79,89.89,settlement\nТабат,,,52.9,90.7,settlement\n"
	got, err := gazetteer.ImportCSV(t.Context(), ix, nil, "a.csv", strings.NewReader(file), gazetteer.Options{})
	if err != nil || got.Added != 1 || got.Rejected != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got := find(ix, "в Кубайке"); len(find(ix, "Кубайке")) != 1 {
		t.Errorf("find(Кубайке) = %v", got)
	}
	p, ok := ix.ByID("95625702106")
	if !ok || p.Full() != "посёлок Кубайка" || p.Municipality != "95625000" || p.Zone != "Asia/Krasnoyarsk" {
		t.Errorf("Кубайка = %+v, %v", p, ok)
	}
	tabat := find(ix, "Табате")
	if len(tabat) != 1 {
		t.Fatalf("find(Табате) = %v, want one place after it gained a point", tabat)
	}
	if p, _ := ix.ByID(tabat[0]); p.Lat != 52.9 {
		t.Errorf("Табат has no point: %+v", p)
	}
}

func TestImportStopsWhenTheStoreFails(t *testing.T) {
	t.Parallel()
	ix := khakassia(t)
	broken := errors.New("disk full")
	_, err := gazetteer.ImportCSV(t.Context(), ix, &failing{err: broken}, "a.csv", strings.NewReader(streets), gazetteer.Options{})
	if !errors.Is(err, broken) {
		t.Errorf("err = %v, want the store's", err)
	}
	if h, n := ix.Len(); h+n != 0 {
		t.Errorf("the index holds %d places that the store does not", h+n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gazetteer.ImportCSV(ctx, ix, nil, "a.csv", strings.NewReader(streets), gazetteer.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want Canceled", err)
	}
}

type failing struct {
	memory
	err error
}

func (f *failing) SavePlaces(context.Context, []place.Place) error { return f.err }

const features = `{"type":"FeatureCollection","generator":"x","features":[
{"type":"Feature","properties":{"highway":"residential","name":"улица Мира","addr:city":"Абаза","alt_name":"Мирная;Мирок"},"geometry":{"type":"LineString","coordinates":[[90.00,52.60],[90.02,52.60]]}},
{"type":"Feature","properties":{"highway":"residential","name":"улица Мира","addr:city":"Абаза"},"geometry":{"type":"LineString","coordinates":[[90.02,52.60],[90.08,52.60]]}},
{"type":"Feature","properties":{"building":"yes","addr:street":"улица Мира","addr:housenumber":"5к2","addr:city":"Абаза"},"geometry":{"type":"Polygon","coordinates":[[[90.01,52.61],[90.03,52.61],[90.03,52.63],[90.01,52.63],[90.01,52.61]]]}},
{"type":"Feature","properties":{"amenity":"public_bath","name":"Центральная баня"},"geometry":{"type":"Point","coordinates":[90.0886,52.6517]}},
{"type":"Feature","properties":{"waterway":"river","name":"Абакан"},"geometry":{"type":"LineString","coordinates":[[90.0,52.6],[90.1,52.7]]}},
{"type":"Feature","properties":{"place":"village","name":"Табат"},"geometry":{"type":"Point","coordinates":[90.71,52.95]}},
{"type":"Feature","properties":{"place":"neighbourhood","name":"Красный Абакан","addr:city":"Абакан"},"geometry":{"type":"MultiPolygon","coordinates":[[[[91.4,53.7],[91.42,53.7],[91.42,53.72],[91.4,53.7]]]]}},
{"type":"Feature","properties":{"highway":"residential","name":"Пихтовая улица"},"geometry":{"type":"LineString","coordinates":[[80.0,60.0],[80.1,60.0]]}},
{"type":"Feature","properties":null,"geometry":null},
{"type":"Feature","properties":{"name":5},"geometry":{"type":"Point","coordinates":["a"]}},
{"type":"Punkt"}
]}`

func TestImportGeoJSON(t *testing.T) {
	t.Parallel()
	ix, store := khakassia(t), &memory{}
	got, err := gazetteer.ImportGeoJSON(t.Context(), ix, store, "a.geojson", strings.NewReader(features), gazetteer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Records != 11 || got.Skipped != 1 || got.Rejected != 4 || got.Added != 4 || got.Updated != 1 {
		t.Errorf("report = %+v", got)
	}
	street, ok := ix.ByID(place.StreetID("95702000001", "Мира", "улица"))
	if !ok {
		t.Fatalf("улица Мира is missing: %v", find(ix, "Мира"))
	}
	// 2 hundredths of a degree and 6: the middle of the whole street is at 90.04.
	if diff := cmp.Diff([]float64{90.04, 52.60}, []float64{street.Lon, street.Lat}, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("centre of the street: %s", diff)
	}
	if street.Aliases != "Мирная;Мирок" {
		t.Errorf("aliases = %q", street.Aliases)
	}
	house, ok := ix.ByID(place.HouseID(street.ID, "5 корп. 2"))
	if !ok || house.Lon < 90.019 || house.Lon > 90.021 || house.Lat < 52.619 || house.Lat > 52.621 {
		t.Errorf("house = %+v, %v", house, ok)
	}
	if got := find(ix, "центральной бани"); len(got) != 1 || !strings.HasPrefix(got[0], "landmark:95702000001:") {
		t.Errorf("the bath without an address lies in the nearest city: %v", got)
	}
	if got := find(ix, "Красном Абакане"); len(got) != 1 {
		t.Errorf("find(Красном Абакане) = %v", got)
	}
	again, err := gazetteer.ImportGeoJSON(t.Context(), ix, store, "a.geojson", strings.NewReader(features), gazetteer.Options{})
	if err != nil || again.Added+again.Updated != 0 {
		t.Errorf("second import = %+v, %v", again, err)
	}
}

func TestImportGeoJSONLineByLine(t *testing.T) {
	t.Parallel()
	var lines []string
	for l := range strings.SplitSeq(features, "\n") {
		if strings.HasPrefix(l, `{"type":"Feature",`) {
			lines = append(lines, strings.TrimSuffix(l, ","))
		}
	}
	got, err := gazetteer.ImportGeoJSON(t.Context(), khakassia(t), nil, "a.geojsonl", strings.NewReader(strings.Join(lines, "\n")), gazetteer.Options{})
	if err != nil || got.Added != 4 || got.Records != 10 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestImportGeoJSONThatIsCutOff(t *testing.T) {
	t.Parallel()
	ix := khakassia(t)
	got, err := gazetteer.ImportGeoJSON(t.Context(), ix, nil, "cut.geojson", strings.NewReader(features[:strings.Index(features, "Центральная")]), gazetteer.Options{})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), "cut.geojson") {
		t.Errorf("err = %v, want Invalid that names the file", err)
	}
	if got.Records != 3 {
		t.Errorf("records = %d, want those before the cut", got.Records)
	}
	for _, text := range []string{"", "[]", "{}", `{"features":7}`, `"a"`, "{", "\xff"} {
		if _, err := gazetteer.ImportGeoJSON(t.Context(), ix, nil, "x", strings.NewReader(text), gazetteer.Options{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, want Invalid", text, err)
		}
	}
}

func TestImportGeoJSONBoundsOneFeature(t *testing.T) {
	t.Parallel()
	huge := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"` + strings.Repeat("а", 9<<20) + `"}}]}`
	_, err := gazetteer.ImportGeoJSON(t.Context(), khakassia(t), nil, "huge", strings.NewReader(huge), gazetteer.Options{})
	if !fault.Is(err, fault.TooLarge) {
		t.Errorf("err = %v, want TooLarge", err)
	}
}

// TestImportIsStreamed imports 60,000 houses and looks at what stays in memory.
func TestImportIsStreamed(t *testing.T) {
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		fmt.Fprintln(pw, "settlement,street,type,house,lat,lon")
		for i := range 60000 {
			fmt.Fprintf(pw, "Абакан,Улица %c%c,ул,%d,53.72,91.44\n", 'А'+rune(i%20), 'а'+rune(i/20%20), i/400)
		}
		pw.Close()
	}()
	ix := khakassia(t)
	got, err := gazetteer.ImportCSV(t.Context(), ix, nil, "pipe", pr, gazetteer.Options{})
	if err != nil || got.Records != 60000 {
		t.Fatalf("%+v, %v", got, err)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	houses, others := ix.Len()
	if houses != 60000 || others != 400 {
		t.Errorf("index holds %d houses and %d others", houses, others)
	}
	t.Logf("heap with 60,000 houses: %d MB", m.HeapAlloc>>20)
}

// TestImportRealStreets reads a list of streets that was derived from a water
// utility's notes.
func TestImportRealStreets(t *testing.T) {
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		t.Skip("OTKLIK_DATA names no folder with the real data")
	}
	f, err := os.Open(filepath.Join(dir, "volga", "ulyanovsk_streets_derived.csv"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	ix, err := gazetteer.New(analyzer(), "Ульяновская область")
	if err != nil {
		t.Fatal(err)
	}
	got, err := gazetteer.ImportCSV(t.Context(), ix, nil, "ulyanovsk", f, gazetteer.Options{Region: "73", Settlement: "Ульяновск"})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", got)
	if got.Rejected*50 > got.Records {
		t.Errorf("%d of %d rows rejected: %v", got.Rejected, got.Records, got.Problems)
	}
}

func FuzzImportCSV(f *testing.F) {
	for _, s := range []string{streets, "settlement;street\nАбаза;Ленина\n", "\ufeffname\tkind\nПарк\tпарк\n", "street,settlement\n\"a\"\"b\",\"\n", "name,lat,lon\nx,1e999,NaN\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ix, err := gazetteer.New(analyzer(), "55") // the smallest region: one city
		if err != nil {
			t.Fatal(err)
		}
		o := gazetteer.Options{Settlement: "Байконур"}
		got, err := gazetteer.ImportCSV(t.Context(), ix, nil, "f", strings.NewReader(string(b)), o)
		if err == nil && got.Rejected > got.Records {
			t.Errorf("%d of %d rows rejected", got.Rejected, got.Records)
		}
		again, err2 := gazetteer.ImportCSV(t.Context(), ix, nil, "f", strings.NewReader(string(b)), o)
		if (err == nil) != (err2 == nil) || again.Added+again.Updated != 0 {
			t.Errorf("second import: %+v, %v after %v", again, err2, err)
		}
	})
}

func FuzzImportGeoJSON(f *testing.F) {
	f.Add([]byte(features))
	for _, s := range []string{`{"features":[]}`, `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[90,52],[90,52]]]},"properties":{"place":"suburb","name":"А"}}`, `{"features":[{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[null]}}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ix, err := gazetteer.New(analyzer(), "55") // the smallest region: one city
		if err != nil {
			t.Fatal(err)
		}
		_, err = gazetteer.ImportGeoJSON(t.Context(), ix, nil, "f", strings.NewReader(string(b)), gazetteer.Options{Settlement: "Байконур"})
		again, err2 := gazetteer.ImportGeoJSON(t.Context(), ix, nil, "f", strings.NewReader(string(b)), gazetteer.Options{Settlement: "Байконур"})
		if (err == nil) != (err2 == nil) || again.Added+again.Updated != 0 {
			t.Errorf("second import: %+v, %v after %v", again, err2, err)
		}
	})
}
