package gazetteer_test

import (
	"encoding/json"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// TestOutlinesHoldTheirCapitals checks that each outline is closed and holds the
// point of its region's main city, but for a city at a shore or a border river,
// which simplification may leave a few kilometres outside.
func TestOutlinesHoldTheirCapitals(t *testing.T) {
	t.Parallel()
	missing, outside := 0, 0
	for _, r := range gazetteer.Regions() {
		polygons, err := gazetteer.Outline(r.ID)
		if fault.Is(err, fault.NotFound) {
			missing++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		inside, points, nearest := false, 0, 1e9
		for _, polygon := range polygons {
			for _, ring := range polygon {
				points += len(ring)
				if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
					t.Fatalf("%s: a ring of %d points that is not closed", r.Full(), len(ring))
				}
				for i, p := range ring {
					nearest = min(nearest, place.Distance(p[1], p[0], r.Lat, r.Lon))
					q := ring[(i+1)%len(ring)]
					if (p[1] > r.Lat) != (q[1] > r.Lat) && r.Lon < (q[0]-p[0])*(r.Lat-p[1])/(q[1]-p[1])+p[0] {
						inside = !inside
					}
				}
			}
		}
		if !inside && nearest > 15000 {
			outside++
			t.Errorf("%s: the main city lies outside of the outline, %.0f m from its nearest corner", r.Full(), nearest)
		}
		if points < 30 || points > 6000 {
			t.Errorf("%s: %d points", r.Full(), points)
		}
	}
	if missing != 3 || outside > 0 {
		t.Errorf("%d regions without an outline, want 3; %d main cities outside", missing, outside)
	}
}

func TestOutlineGeoJSON(t *testing.T) {
	t.Parallel()
	data, err := gazetteer.OutlineGeoJSON("Хакасия")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Type       string
		Properties struct{ OKTMO, Name string }
		Geometry   struct {
			Type        string
			Coordinates [][][][2]float64
		}
	}
	if err := json.Unmarshal(data, &f); err != nil || f.Type != "Feature" || f.Geometry.Type != "MultiPolygon" || f.Properties.OKTMO != "95000000" {
		t.Errorf("%+v, %v", f.Properties, err)
	}
	if _, err := gazetteer.OutlineGeoJSON("Крым"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Крым: %v, want NotFound", err)
	}
	if _, err := gazetteer.OutlineGeoJSON("Атлантида"); !fault.Is(err, fault.Invalid) {
		t.Errorf("Атлантида: %v, want Invalid", err)
	}
}
