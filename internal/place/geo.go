package place

import "math"

// earth is the mean radius of the Earth in metres (IUGG).
const earth = 6371008.8

// Distance returns the metres between two points along a great circle (the
// haversine formula; within 0.5 % of the distance on the ellipsoid).
func Distance(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	sinLat := math.Sin((lat2 - lat1) * rad / 2)
	sinLon := math.Sin((lon2 - lon1) * rad / 2)
	h := sinLat*sinLat + math.Cos(lat1*rad)*math.Cos(lat2*rad)*sinLon*sinLon
	return 2 * earth * math.Asin(math.Min(1, math.Sqrt(h)))
}

// DistanceTo returns the metres from p to q; ok is false when one of them has no
// point.
func (p *Place) DistanceTo(q *Place) (metres float64, ok bool) {
	if !p.Known() || !q.Known() {
		return 0, false
	}
	return Distance(p.Lat, p.Lon, q.Lat, q.Lon), true
}
