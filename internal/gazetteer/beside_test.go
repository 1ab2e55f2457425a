package gazetteer_test

import (
	"testing"

	"otklik/internal/gazetteer"
	"otklik/internal/place"
	"otklik/internal/russian"
)

// A point is beside the nearest house, else beside a street whose houses nobody knows.
func TestBesideWhatAPointIs(t *testing.T) {
	t.Parallel()
	analyzer, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	ix, err := gazetteer.New(analyzer, "95000000")
	if err != nil {
		t.Fatal(err)
	}
	const town = "95701000001"
	at := func(name string, lat, lon float64) place.Place {
		return place.Place{ID: place.StreetID(town, name, "улица"), Level: place.Street, Name: name, Type: "улица", Region: "95000000", Municipality: "95701000", Settlement: town, Lat: lat, Lon: lon}
	}
	house := func(street place.Place, number string, lat, lon float64) place.Place {
		return place.Place{ID: place.HouseID(street.ID, number), Level: place.House, Name: number, Type: "дом", Region: "95000000", Municipality: "95701000", Settlement: town, Lat: lat, Lon: lon}
	}
	known, bare := at("Придуманная", 53.7200, 91.4400), at("Бездомная", 53.7300, 91.4400)
	ix.Add([]place.Place{known, bare, house(known, "5", 53.7200, 91.4400), house(known, "7", 53.7205, 91.4400)})
	for _, c := range []struct {
		name           string
		lat, lon       float64
		street, number string
	}{
		{"at the door", 53.72001, 91.4400, known.ID, "5"},
		{"nearer to the next", 53.72045, 91.4400, known.ID, "7"},
		{"on a street without houses", 53.7303, 91.4400, bare.ID, ""},
		{"in the field", 53.8000, 91.6000, "", ""},
	} {
		s, number, far := ix.Beside(town, c.lat, c.lon, 150)
		got := ""
		if s != nil {
			got = s.ID
		}
		if got != c.street || number != c.number || s != nil && far > 150 {
			t.Errorf("%s: %q %q, %.0f m", c.name, got, number, far)
		}
	}
	if s, _, _ := ix.Beside("99999999999", 53.72, 91.44, 150); s != nil {
		t.Errorf("a settlement without streets has %v", s)
	}
}
