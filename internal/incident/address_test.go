package incident_test

import (
	"testing"

	"otklik/internal/incident"
)

func TestACrossingNamesItsStreetOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address incident.Address
		want    string
	}{
		{incident.Address{Settlement: "Абакан", Street: "Будённого", Landmark: "Будённого и Щетинкина"}, "Абакан, Будённого и Щетинкина"},
		{incident.Address{Settlement: "Абакан", Street: "Будённого", House: "5", Landmark: "школа"}, "Абакан, Будённого, 5, школа"},
		{incident.Address{Street: "Мира", Landmark: "Мирная и Садовая"}, "Мира, Мирная и Садовая"},
	} {
		if got := c.address.String(); got != c.want {
			t.Errorf("String() = %q, want %q", got, c.want)
		}
	}
}
