package desk

import (
	"math"

	"otklik/internal/message"
	"otklik/internal/place"
)

// OnTheMap names a point that somebody showed.
const OnTheMap = "точка на карте"

const farMost = 30_000 // metres from a settlement: farther away a point names none

// How far a point may be from a house, in metres, to be beside it, and from one to be on its
// street.
const (
	besideHouse  = 60
	besideStreet = 150
)

// Towns are what Around asks of a gazetteer.
type Towns interface {
	ByID(id string) (*place.Place, bool)
	Children(id string) []*place.Place
}

// Around returns what stands at a point that somebody showed on a map: the point in the
// nearest settlement of the region, and the street beside it, where one is known.
func Around(places Towns, region string, at message.Point) []message.PlaceFound {
	f := message.PlaceFound{Type: "landmark", Name: OnTheMap, Lat: at.Lat, Lon: at.Lon, Radius: 50, Score: 1}
	best := math.Inf(1)
	for _, m := range places.Children(region) {
		towns := places.Children(m.ID)
		if m.Level == place.Settlement {
			towns = append(towns, m)
		}
		for _, p := range towns {
			if p.Level != place.Settlement || !p.Known() {
				continue
			}
			if far := place.Distance(at.Lat, at.Lon, p.Lat, p.Lon); far < best && far < farMost {
				best = far
				f.Settlement, f.SettlementID, f.Municipality, f.Region = p.Name, p.ID, p.Municipality, p.Region
			}
		}
	}
	found := []message.PlaceFound{f}
	if street, ok := beside(places, &found[0]); ok {
		found = append(found, street)
	}
	return found
}

// beside returns the street that a point is on as far as the gazetteer knows, and names the
// nearest house in the point's own name: the point stays the place, nobody said the house.
func beside(places Towns, point *message.PlaceFound) (street message.PlaceFound, ok bool) {
	streets, knows := places.(interface {
		Beside(settlement string, lat, lon, most float64) (street *place.Place, number string, far float64)
	})
	if !knows || point.SettlementID == "" {
		return street, false
	}
	s, number, far := streets.Beside(point.SettlementID, point.Lat, point.Lon, besideStreet)
	if s == nil {
		return street, false
	}
	if number != "" && far <= besideHouse {
		point.Name += " рядом с домом " + number
	}
	return message.PlaceFound{Type: "street", ID: s.ID, Name: s.Full(), Settlement: point.Settlement, SettlementID: point.SettlementID, Municipality: point.Municipality, Region: point.Region, Lat: s.Lat, Lon: s.Lon, Score: 0.9}, true
}
