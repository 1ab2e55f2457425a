package gazetteer

import (
	"compress/gzip"
	"encoding/json"
	"fmt"

	"otklik/data/outlines"
	"otklik/internal/fault"
)

// A Ring is a closed line of points, each longitude and latitude in degrees; its
// last point is its first. Longitudes run on over 180 in the east of Чукотка, so
// that a region is drawn in one piece.
type Ring = [][2]float64

// A Polygon is an outer ring and the holes in it.
type Polygon = []Ring

// Outline returns the simplified outline of a region (name or code), good for a
// map of the whole region: a corner may be off by a thousandth of its height. It
// is fault.NotFound for the regions without an outline.
func Outline(region string) ([]Polygon, error) {
	r, err := FindRegion(region)
	if err != nil {
		return nil, err
	}
	f, err := outlines.Files.Open(r.ID + ".json.gz")
	if err != nil {
		return nil, fault.New(fault.NotFound, "gazetteer: no outline of region %s", r.ID).Say("Для этого региона нет контура карты.")
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("gazetteer: outline of %s: %w", r.ID, err)
	}
	var polygons []Polygon
	if err := json.NewDecoder(zr).Decode(&polygons); err != nil {
		return nil, fmt.Errorf("gazetteer: outline of %s: %w", r.ID, err)
	}
	return polygons, nil
}

// OutlineGeoJSON returns the outline of a region as a GeoJSON Feature with the
// properties oktmo and name.
func OutlineGeoJSON(region string) ([]byte, error) {
	polygons, err := Outline(region)
	if err != nil {
		return nil, err
	}
	r, err := FindRegion(region)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"type":       "Feature",
		"properties": map[string]string{"oktmo": r.ID, "name": r.Full()},
		"geometry":   map[string]any{"type": "MultiPolygon", "coordinates": polygons},
	})
}
