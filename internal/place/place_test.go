package place

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHouseNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"16": "16", "16А": "16а", "16 а": "16а", "д. 16А": "16а", "дом 16": "16", "16-а": "16а", "16a": "16а",
		"3к2": "3к2", "3 корп. 2": "3к2", "3, корпус 2": "3к2", "3 к.2": "3к2", "12 стр 1": "12с1", "12с1": "12с1",
		"5/7": "5/7", "5 / 7": "5/7", "5/7а": "5/7а", "10-12": "10-12", "№ 7": "7", "владение 4": "4",
		"": "", "без номера": "", "б/н": "", "—": "",
	} {
		if got := HouseNumber(in); got != want {
			t.Errorf("HouseNumber(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzHouseNumber(f *testing.F) {
	for _, s := range []string{"д. 16 А корп. 2", "5/7", "№", "12 стр 1 лит Б", "1-1-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := HouseNumber(s)
		if twice := HouseNumber(once); twice != once {
			t.Errorf("HouseNumber(%q) = %q, and of that %q", s, once, twice)
		}
	})
}

func TestIDsTellSpellingsApartOnlyWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	if a, b := StreetID("95702000001", "Генерала  Тихонова", "улица"), StreetID("95702000001", "ГЕНЕРАЛА ТИХОНОВА", "Улица"); a != b {
		t.Errorf("%s != %s", a, b)
	}
	if a, b := StreetID("1", "Берёзовая", "улица"), StreetID("1", "Березовая", "улица"); a != b {
		t.Errorf("%s != %s", a, b)
	}
	if a, b := StreetID("1", "Мира", "улица"), StreetID("1", "Мира", "переулок"); a == b {
		t.Errorf("улица and переулок share %s", a)
	}
	for _, id := range []string{StreetID("95702000001", "Ленина", "улица"), DistrictID("95701000001", "4-й", "микрорайон")} {
		street, number, ok := StreetOfHouse(HouseID(id, "д. 16 А"))
		if street != id || number != "16а" || !ok {
			t.Errorf("StreetOfHouse = %q %q %v, want %q", street, number, ok, id)
		}
	}
	if _, _, ok := StreetOfHouse(StreetID("1", "Мира", "улица")); ok {
		t.Error("a street was taken for a house")
	}
}

func TestRegionOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"95702000001": "95000000", "95000000": "95000000", "11851000001": "11800000", "11701000": "11000000",
		"71871000": "71800000", "71951000001": "71900000", "71701000": "71000000", "45000000000": "45000000",
		"": "", "9570": "", "street:95702000001": "", "9570200000x": "",
	} {
		if got := RegionOf(in); got != want {
			t.Errorf("RegionOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	got := Keys([][]string{{"генерал"}, nil, {"тихонов", "тихонова"}})
	if diff := cmp.Diff([]string{"генерал тихонов", "генерал тихонова"}, got); diff != "" {
		t.Error(diff)
	}
	if got := Keys(nil); got != nil {
		t.Errorf("Keys(nil) = %q", got)
	}
	three := []string{"а", "б", "в"}
	if got := Keys([][]string{three, three, three, three, three}); len(got) != MaxKeys || got[0] != "а а а а а" {
		t.Errorf("Keys of a long name: %d, first %q", len(got), got[0])
	}
}

func TestFull(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Place{
		"город Абакан":                   {Level: Settlement, Name: "Абакан", Type: "город"},
		"село Новомихайловское":          {Level: Settlement, Name: "Новомихайловское", Type: "село"},
		"Аскизский муниципальный район":  {Level: Municipality, Name: "Аскизский", Type: "муниципальный район"},
		"городской округ Абаза":          {Level: Municipality, Name: "Абаза", Type: "городской округ"},
		"Аршановский сельсовет":          {Level: Municipality, Name: "Аршановский", Type: "сельсовет"},
		"Республика Хакасия":             {Level: Region, Name: "Хакасия", Type: "республика"},
		"Чеченская Республика":           {Level: Region, Name: "Чеченская", Type: "республика"},
		"Амурская область":               {Level: Region, Name: "Амурская", Type: "область"},
		"Чукотский автономный округ":     {Level: Region, Name: "Чукотский", Type: "автономный округ"},
		"город Москва":                   {Level: Region, Name: "Москва", Type: "город"},
		"улица Октябрьская":              {Level: Street, Name: "Октябрьская", Type: "улица"},
		"Центральная баня":               {Level: Landmark, Name: "Центральная баня", Type: "баня"},
		"Железнодорожный район":          {Level: District, Name: "Железнодорожный", Type: "район"},
		"микрорайон Черёмушки":           {Level: District, Name: "Черёмушки", Type: "микрорайон"},
		"Республика Северная Осетия — А": {Level: Region, Name: "Северная Осетия — А", Type: "республика"},
	} {
		if got := p.Full(); got != want {
			t.Errorf("Full() = %q, want %q", got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	// Абакан to Абаза, and across the meridian of 180° on Чукотка.
	if got := Distance(53.72233, 91.44367, 52.65166, 90.08857); math.Abs(got-149800) > 1000 {
		t.Errorf("Абакан–Абаза = %.0f m", got)
	}
	if got := Distance(66, 179.9, 66, -179.9); math.Abs(got-9045) > 50 {
		t.Errorf("across 180° = %.0f m", got)
	}
	if got := Distance(55, 37, 55, 37); got != 0 {
		t.Errorf("to itself = %f m", got)
	}
	a, b := Place{Lat: 55, Lon: 37}, Place{}
	if _, ok := a.DistanceTo(&b); ok {
		t.Error("a distance to a place without a point")
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"с": "село", "п.": "посёлок", "ПГТ": "посёлок городского типа", "ст-ца": "станица", "г.": "город"} {
		if got, ok := SettlementType(in); got != want || !ok {
			t.Errorf("SettlementType(%q) = %q", in, got)
		}
	}
	for in, want := range map[string]string{"ул.": "улица", "пр-кт": "проспект", "б-р": "бульвар", "мкр": "микрорайон"} {
		if got, ok := StreetType(in); got != want || !ok {
			t.Errorf("StreetType(%q) = %q", in, got)
		}
	}
	if _, ok := StreetType("абвг"); ok {
		t.Error("a street type that is none")
	}
	if l, err := ParseLevel("Street"); l != Street || err != nil {
		t.Errorf("ParseLevel = %q, %v", l, err)
	}
	if _, err := ParseLevel("planet"); err == nil {
		t.Error("ParseLevel took a planet")
	}
}
