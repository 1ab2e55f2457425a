package gazetteer_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
	"otklik/internal/place"
	"otklik/internal/russian"
)

func TestFindRegion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"Хакасия", "95000000"},
		{"хакасия", "95000000"},
		{"Республика Хакасия", "95000000"},
		{"респ. Хакасия", "95000000"},
		{"Хакасия Респ", "95000000"},
		{"95", "95000000"},
		{"95000000", "95000000"},
		{"10", "10000000"},
		{"Амурская область", "10000000"},
		{"амурская обл.", "10000000"},
		{"Алтай", "84000000"},
		{"Алтайский край", "01000000"},
		{"Москва", "45000000"},
		{"г. Москва", "45000000"},
		{"Московская область", "46000000"},
		{"Подмосковье", "46000000"},
		{"ХМАО", "71800000"},
		{"Ханты-Мансийский автономный округ — Югра", "71800000"},
		{"ЯНАО", "71900000"},
		{"Ненецкий АО", "11800000"},
		{"118", "11800000"},
		{"Удмуртия", "94000000"},
		{"Удмуртская Республика", "94000000"},
		{"Якутия", "98000000"},
		{"Республика Саха (Якутия)", "98000000"},
		{"Северная Осетия — Алания", "90000000"},
		{"Кузбасс", "32000000"},
		{"Севастополь", "67000000"},
		{"Московская", "46000000"},
		{"Алтайский", "01000000"},
		{"ненецкий", "11800000"},
		{"Ханты-Мансийский", "71800000"},
		{"95000000000", "95000000"},
	} {
		got, err := gazetteer.FindRegion(c.in)
		if err != nil || got.ID != c.want {
			t.Errorf("FindRegion(%q) = %s %v, want %s", c.in, got.ID, err, c.want)
		}
	}
}

func TestFindRegionNamesTheNearest(t *testing.T) {
	t.Parallel()
	_, err := gazetteer.FindRegion("Хакассия")
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Sentence(err), "Республика Хакасия") {
		t.Errorf("FindRegion(misspelled) = %v, %q; want Invalid that names Республика Хакасия", err, fault.Sentence(err))
	}
	if _, err := gazetteer.FindRegion("Курск"); !strings.Contains(fault.Sentence(err), "Курская область") {
		t.Errorf("FindRegion(a city) = %q, want it to name Курская область", fault.Sentence(err))
	}
	for _, in := range []string{"", "  ", "00", "1", "95701000", "95701000000"} {
		if got, err := gazetteer.FindRegion(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("FindRegion(%q) = %s, %v; want Invalid", in, got.ID, err)
		}
	}
}

// TestEveryRegionHoldsTogether checks each bundled region: a parent for each
// place, a zone that this machine can load, a point for each city.
func TestEveryRegionHoldsTogether(t *testing.T) {
	t.Parallel()
	var all gazetteer.Counts
	for _, r := range gazetteer.Regions() {
		entries, err := gazetteer.Bundled(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, e := range entries {
			if ids[e.ID] {
				t.Errorf("%s stands twice", e.ID)
			}
			ids[e.ID] = true
		}
		for _, e := range entries {
			switch {
			case e.Region != r.ID || place.RegionOf(e.ID) != r.ID:
				t.Errorf("%s %s: region %s, bundled with %s", e.ID, e.Name, e.Region, r.ID)
			case e.Municipality != "" && !ids[e.Municipality]:
				t.Errorf("%s %s: municipality %s is missing", e.ID, e.Name, e.Municipality)
			case e.Settlement != "" && !ids[e.Settlement]:
				t.Errorf("%s %s: settlement %s is missing", e.ID, e.Name, e.Settlement)
			case e.Level == place.Settlement && e.Type == "город" && !e.Known():
				t.Errorf("%s %s: a city without a point", e.ID, e.Name)
			case e.Name == "" || e.Type == "" || e.Zone == "" || len(e.Keys) == 0:
				t.Errorf("%s: incomplete: %+v", e.ID, e)
			case e.Known() && (e.Lat < 41 || e.Lat > 82 || e.Lon < -180 || e.Lon > 180):
				t.Errorf("%s %s: no point of Russia: %f %f", e.ID, e.Name, e.Lat, e.Lon)
			}
		}
		got := gazetteer.CountEntries(entries)
		if want := gazetteer.Count(r.ID); got != want {
			t.Errorf("%s: regions.tsv says %+v, its file holds %+v", r.Full(), want, got)
		}
		if got.Cities == 0 || !r.Known() {
			t.Errorf("%s: no city or no point", r.Full())
		}
		all.Settlements += got.Settlements
	}
	if want := gazetteer.Count(""); all.Settlements != want.Settlements {
		t.Errorf("settlements: %d in all, %d in the files", want.Settlements, all.Settlements)
	}
}

func ids(places []*place.Place) []string {
	var out []string
	for _, p := range places {
		out = append(out, p.ID)
	}
	return out
}

var analyzer = sync.OnceValue(func() *russian.Analyzer {
	a, err := russian.New()
	if err != nil {
		panic(err)
	}
	return a
})

var country = sync.OnceValue(func() *gazetteer.Index {
	ix, err := gazetteer.New(analyzer())
	if err != nil {
		panic(err)
	}
	return ix
})

// find asks for a name as it stands in a message: each combination of its words'
// lemmas is a key.
func find(ix *gazetteer.Index, words string) []string {
	var lemmas [][]string
	for _, t := range analyzer().Read(words).Tokens {
		switch t.Kind {
		case russian.Word:
			var all []string
			for _, f := range t.Forms {
				all = append(all, f.Lemma)
			}
			lemmas = append(lemmas, all)
		case russian.Number, russian.Mixed:
			lemmas = append(lemmas, []string{t.Norm})
		}
	}
	var out []string
	for _, key := range place.Keys(lemmas) {
		out = append(out, ids(ix.Named(key))...)
	}
	return out
}

func TestIndexFindsTerritories(t *testing.T) {
	t.Parallel()
	ix, err := gazetteer.New(analyzer(), "Хакасия", "Ямало-Ненецкий АО")
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"Абаза": "95702000001", "Абазе": "95702000001", "Абакане": "95701000001", "абаканский": "95701000001", "абаканских": "95701000001",
		"Белом Яру": "95605410101", "Белый яр": "95605410101", "БЕЛОГО ЯРА": "95605410101",
		"Усть-Абакане": "95630151051", "усть абакан": "95630151051", "Верх-Аскизе": "95608415101",
		"Вершине Теи": "95608169051", "Вершины Тёи": "95608169051",
		"Бискамже": "95608165051", "Бискамжи": "95608165051", "Бискамжу": "95608165051",
		"Копьёво": "95620420101", "Копьеве": "95620420101", "Таштыпе": "95625440101", "Большой Сее": "95625415101",
		"Аскизский район": "95608000", "Аскизского района": "95608000", "Аскизе": "95608405101", "Ширинском районе": "95635000",
		"Черногорску": "95715000001", "Саяногорском": "95708000001", "Хакасии": "95000000",
		"Аршановского сельсовета": "95605405", "ЯНАО": "71900000", "Новом Уренгое": "71956000001", "Уренгой": "71956000001", "Салехарда": "71951000001",
	} {
		if got := find(ix, words); !slices.Contains(got, want) {
			t.Errorf("find(%q) = %v, want %s among them", words, got, want)
		}
	}
	if got := find(ix, "Москва"); got != nil {
		t.Errorf("an index of two regions found Москва: %v", got)
	}
	if p, ok := ix.ByID("95701000001"); !ok || p.Full() != "город Абакан" || p.Zone != "Asia/Krasnoyarsk" {
		t.Errorf("ByID(Абакан) = %+v, %v", p, ok)
	}
	if _, ok := ix.ByID("45000000"); ok {
		t.Error("ByID found a region that the index does not hold")
	}
	// Надым carries a code of 2021 besides the one of its district.
	if p, ok := ix.ByID("71936000001"); !ok || p.Name != "Надым" {
		t.Errorf("ByID(newer code of Надым) = %+v, %v", p, ok)
	}
	var names []string
	for _, p := range ix.Children("95702000") {
		names = append(names, p.Full())
	}
	if diff := cmp.Diff([]string{"город Абаза"}, names); diff != "" {
		t.Errorf("Children(Абаза): %s", diff)
	}
	if got := len(ix.Children("95000000")); got != 13 {
		t.Errorf("Хакасия has %d municipalities, want 8 districts and 5 okrugs", got)
	}
}

func TestCountryFindsNamesAsResidentsWriteThem(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"Лысьве": "57726000001", "лысьвенский": "57726000001", "Лысьва": "57726000001",
		"Питере": "40000000000", "СПб": "40000000000", "Санкт-Петербурге": "40000000000", "Петербурга": "40000000000",
		"Екб": "65701000001", "Нск": "50701000001", "Новосибирску": "50701000001", "Нижнем Новгороде": "22701000001",
		"Ростове-на-Дону": "60701000001", "Ростове": "60701000001", "Ростов на Дону": "60701000001", "Йошкар-Оле": "88701000001",
		"Тольятти": "36740000001", "Набережных Челнах": "92730000001", "Челнах": "92730000001", "Орле": "54701000001",
		"Тверской области": "28000000", "Тверская область": "28000000", "Ленинградской обл": "41000000", "Подмосковье": "46000000",
		"Чувашии": "97000000", "ХМАО": "71800000", "Ханты-Мансийске": "71871000001", "Югры": "71800000", "Якутии": "98000000",
		"Москве": "45000000000", "московский": "45000000000", "калужский": "29701000001", "Арсеньеве": "05703000001",
		"Тукаевском районе": "92657000", "Пушкине": "40397000001", "Ялте": "35729000006", "Щёлково": "46659101001", "Щелкове": "46659101001",
		"Кунгуре": "57722000001", "Губахе": "57717000001", "Верхнесалдинский": "65708000",
	} {
		if got := find(country(), words); !slices.Contains(got, want) {
			var said []string
			for _, id := range got {
				if p, ok := country().ByID(id); ok {
					said = append(said, id+" "+p.Full())
				}
			}
			t.Errorf("find(%q) = %v, want %s among them", words, said, want)
		}
	}
}

// TestBundledKeysAreFresh reads every bundled name again: the keys in the data
// files must be those that the analyzer gives today, or messages and names would
// come to different lemmas.
func TestBundledKeysAreFresh(t *testing.T) {
	t.Parallel()
	stale := 0
	for _, r := range gazetteer.Regions() {
		entries, err := gazetteer.Bundled(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range entries {
			// A tenth of the country is enough to notice, and all of the demo region.
			if i%10 != 0 && r.ID != "95000000" {
				continue
			}
			p := e.Place
			if diff := cmp.Diff(gazetteer.KeysOf(analyzer(), &p), e.Keys); diff != "" {
				if stale++; stale <= 3 {
					t.Errorf("%s %s: %s", e.ID, e.Name, diff)
				}
			}
		}
	}
	if stale > 0 {
		t.Errorf("%d of the names read have stale keys: run go run ./cmd/otklik-data territories keys", stale)
	}
}

func TestMunicipalitiesAndSettlements(t *testing.T) {
	t.Parallel()
	ms, err := gazetteer.Municipalities("респ. Хакасия")
	if err != nil || len(ms) != 13 {
		t.Fatalf("Municipalities = %d, %v", len(ms), err)
	}
	ss, err := gazetteer.Settlements("95605000")
	if err != nil || len(ss) != 9 {
		t.Errorf("Settlements(Алтайский район) = %d, %v", len(ss), err)
	}
}

// memory is a store that forgets nothing.
type memory struct {
	mu     sync.Mutex
	places map[string]place.Place
}

func (m *memory) Places(_ context.Context, region string) iter.Seq2[place.Place, error] {
	return func(yield func(place.Place, error) bool) {
		for _, p := range m.places {
			if p.Region == region && !yield(p, nil) {
				return
			}
		}
	}
}

func (m *memory) SavePlaces(_ context.Context, places []place.Place) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.places == nil {
		m.places = map[string]place.Place{}
	}
	for _, p := range places {
		m.places[p.ID] = p
	}
	return nil
}

func lenin(settlement string) place.Place {
	return place.Place{ID: place.StreetID(settlement, "Ленина", "улица"), Level: place.Street, Name: "Ленина", Type: "улица",
		Region: place.RegionOf(settlement), Municipality: settlement[:5] + "000", Settlement: settlement, Lat: 52.65, Lon: 90.09}
}

func TestAddedPlaces(t *testing.T) {
	t.Parallel()
	ix, err := gazetteer.New(nil, "95")
	if err != nil {
		t.Fatal(err)
	}
	street := lenin("95702000001")
	house := place.Place{ID: place.HouseID(street.ID, "16 А"), Level: place.House, Name: "16а", Lat: 52.651, Lon: 90.091}
	if n := ix.Add([]place.Place{street, house}); n != 2 {
		t.Errorf("Add = %d, want 2", n)
	}
	if n := ix.Add([]place.Place{street, house}); n != 0 {
		t.Errorf("second Add = %d, want 0", n)
	}
	if diff := cmp.Diff([]string{street.ID}, ids(ix.Named("ленина"))); diff != "" {
		t.Error(diff)
	}
	h, ok := ix.ByID(place.HouseID(street.ID, "16а"))
	if !ok || h.Settlement != "95702000001" || h.Name != "16а" {
		t.Errorf("house = %+v, %v", h, ok)
	}
	before := ix.Named("абаза")
	n := len(before)
	stop := place.Place{ID: place.LandmarkID("95702000001", "Абаза", "остановка"), Level: place.Landmark, Name: "Абаза", Type: "остановка", Settlement: "95702000001", Region: "95000000"}
	ix.Add([]place.Place{stop})
	if len(before) != n || len(ix.Named("абаза")) != n+1 {
		t.Errorf("Named(абаза): %d before, %d after, want one more and the old slice untouched", n, len(ix.Named("абаза")))
	}
	moved := street
	moved.Lat = 52.66
	if n := ix.Add([]place.Place{moved}); n != 1 {
		t.Errorf("Add(moved) = %d, want 1", n)
	}
	if got := ix.Named("ленина"); len(got) != 1 || got[0].Lat != 52.66 {
		t.Errorf("after a correction Named = %v", got)
	}
}

func TestLoadFromStore(t *testing.T) {
	t.Parallel()
	m := &memory{}
	if err := m.SavePlaces(t.Context(), []place.Place{lenin("95702000001"), lenin("57726000001")}); err != nil {
		t.Fatal(err)
	}
	ix, err := gazetteer.New(nil, "95")
	if err != nil {
		t.Fatal(err)
	}
	if err := ix.Load(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := ix.Named("ленина"); len(got) != 1 || got[0].Region != "95000000" {
		t.Errorf("Named = %v, want the street of the index's region only", ids(got))
	}
}

func TestReadersWhileAnImportRuns(t *testing.T) {
	t.Parallel()
	ix, err := gazetteer.New(nil, "95")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				for _, p := range ix.Named("абаза") {
					if p.Name != "Абаза" {
						t.Errorf("Named(абаза) holds %q", p.Name)
						return
					}
				}
			}
		})
	}
	for i := range 200 {
		p := place.Place{ID: place.LandmarkID("95702000001", fmt.Sprint(i), "остановка"), Level: place.Landmark, Name: "Абаза", Type: "остановка", Settlement: "95702000001", Region: "95000000"}
		ix.Add([]place.Place{p})
	}
	wg.Wait()
	if got := len(ix.Named("абаза")); got != 202 {
		t.Errorf("Named(абаза) = %d places, want the city, the okrug and 200 stops", got)
	}
}

func BenchmarkNewCountry(b *testing.B) {
	for b.Loop() {
		if _, err := gazetteer.New(nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewRegion(b *testing.B) {
	for b.Loop() {
		if _, err := gazetteer.New(nil, "95"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNamed(b *testing.B) {
	ix, err := gazetteer.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		ix.Named("абаза")
		ix.Named("нет такого")
	}
}
