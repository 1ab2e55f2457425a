package gazetteer_test

import (
	"slices"
	"testing"

	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// TestBundledStreetsHoldThePlacesOfTheDomain looks for the places of the sentences
// that the product must get right (DOMAIN.md §6), in the forms they have there.
func TestBundledStreetsHoldThePlacesOfTheDomain(t *testing.T) {
	t.Parallel()
	ix := khakassia(t)
	added, err := ix.AddBundledStreets(t.Context(), nil)
	if err != nil || added < 200 {
		t.Fatalf("AddBundledStreets = %d, %v", added, err)
	}
	for words, want := range map[string]string{
		"Ленина":            place.StreetID("95702000001", "Ленина", "улица"),
		"центральной бани":  place.LandmarkID("95702000001", "Центральная баня", "баня"),
		"Энергетиков":       place.StreetID("95715000001", "Энергетиков", "улица"),
		"Генерала Тихонова": place.StreetID("95715000001", "Генерала Тихонова", "улица"),
		"Тихонова":          place.StreetID("95715000001", "Генерала Тихонова", "улица"),
		"Чертыгашева":       place.StreetID("95701000001", "Чертыгашева", "улица"),
		"Мира":              place.StreetID("95702000001", "Мира", "улица"),
		"Лесопарковой":      place.StreetID("95702000001", "Лесопарковая", "улица"),
		"ЛЕСОПАРКОВАЯ":      place.StreetID("95702000001", "Лесопарковая", "улица"),
		"Дружбы Народов":    place.StreetID("95701000001", "Дружбы Народов", "проспект"),
		"школе № 5":         place.LandmarkID("95701000001", "Школа № 5", "школа"),
		"4 микрорайоне":     place.DistrictID("95701000001", "4-й", "микрорайон"),
	} {
		if got := find(ix, words); !slices.Contains(got, want) {
			t.Errorf("find(%q) = %v, want %s among them", words, got, want)
		}
	}
	again, err := ix.AddBundledStreets(t.Context(), nil)
	if err != nil || again != 0 {
		t.Errorf("second time: %d new places, %v", again, err)
	}
	other, err := gazetteer.New(analyzer(), "Адыгея")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := other.AddBundledStreets(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("a region without bundled streets: %d, %v", n, err)
	}
}
