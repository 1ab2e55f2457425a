package gazetteer

import "strings"

// landmarkTypes name what an OpenStreetMap feature is, by "key=value". The order
// of landmarkKeys decides where a feature has several keys.
var landmarkTypes = map[string]string{
	"amenity=hospital": "больница", "amenity=clinic": "поликлиника", "amenity=doctors": "поликлиника", "amenity=pharmacy": "аптека",
	"amenity=school": "школа", "amenity=kindergarten": "детский сад", "amenity=college": "колледж", "amenity=university": "университет",
	"amenity=marketplace": "рынок", "amenity=bus_station": "автовокзал", "amenity=post_office": "почта", "amenity=police": "полиция",
	"amenity=fire_station": "пожарная часть", "amenity=townhall": "администрация", "amenity=theatre": "театр", "amenity=cinema": "кинотеатр",
	"amenity=library": "библиотека", "amenity=public_bath": "баня", "amenity=place_of_worship": "храм", "amenity=bank": "банк",
	"amenity=fuel": "автозаправка", "amenity=community_centre": "дом культуры", "amenity=arts_centre": "дом культуры",
	"amenity=grave_yard": "кладбище", "amenity=fountain": "фонтан", "amenity=cafe": "кафе", "amenity=restaurant": "ресторан",
	"leisure=park": "парк", "leisure=garden": "сквер", "leisure=stadium": "стадион", "leisure=sports_centre": "спорткомплекс",
	"leisure=swimming_pool": "бассейн", "leisure=ice_rink": "каток", "leisure=playground": "детская площадка", "leisure=beach_resort": "пляж",
	"highway=bus_stop": "остановка", "public_transport=platform": "остановка", "public_transport=stop_position": "остановка",
	"railway=station": "железнодорожная станция", "railway=halt": "остановочный пункт", "railway=tram_stop": "остановка",
	"aeroway=aerodrome": "аэропорт", "landuse=cemetery": "кладбище", "landuse=landfill": "полигон", "historic=monument": "памятник", "historic=memorial": "памятник",
	"shop=mall": "торговый центр", "shop=supermarket": "магазин", "shop=convenience": "магазин", "shop=department_store": "универмаг",
	"tourism=museum": "музей", "tourism=hotel": "гостиница", "man_made=bridge": "мост", "man_made=wastewater_plant": "очистные сооружения",
	"natural=beach": "пляж", "office=government": "учреждение", "power=plant": "электростанция",
}

var landmarkKeys = []string{
	"amenity", "leisure", "public_transport", "railway", "aeroway", "historic", "shop", "tourism", "man_made", "landuse", "natural", "office", "power", "highway",
}

// noStreet are the values of highway that are no street though they bear a name.
var noStreet = map[string]bool{
	"bus_stop": true, "crossing": true, "traffic_signals": true, "platform": true, "elevator": true, "corridor": true, "proposed": true,
	"construction": true, "rest_area": true, "services": true, "milestone": true, "speed_camera": true, "street_lamp": true,
}

// settlementPlaces and districtPlaces are the values of place that we keep.
var settlementPlaces = map[string]bool{"city": true, "town": true, "village": true, "hamlet": true, "isolated_dwelling": true}

var districtPlaces = map[string]string{"suburb": "район", "quarter": "микрорайон", "neighbourhood": "микрорайон", "borough": "район"}

// osmRows reads the properties of a feature: a street, a house with its street,
// a landmark, a district or a settlement; none for anything else.
func osmRows(property func(string) string, n int, lat, lon float64) []row {
	name := property("name:ru")
	if name == "" {
		name = property("name")
	}
	settlement := property("addr:city")
	for _, key := range []string{"addr:town", "addr:village", "addr:hamlet", "settlement"} {
		if settlement == "" {
			settlement = property(key)
		}
	}
	base := row{line: n, settlement: settlement, lat: lat, lon: lon}
	var rows []row
	if number := property("addr:housenumber"); number != "" {
		r := base
		r.house = number
		r.name = property("addr:street")
		if r.name == "" {
			r.name = property("addr:place")
			r.kind = "" // «мкр. 4» shows its type in its name
		}
		if r.name != "" {
			rows = append(rows, r)
		}
	}
	if name == "" {
		return rows
	}
	base.name = name
	for _, key := range []string{"alt_name", "short_name", "loc_name", "old_name"} {
		base.aliases = joinAliases(base.aliases, property(key))
	}
	kind := property("place")
	highway := property("highway")
	switch {
	case settlementPlaces[kind]:
		base.kind = "settlement"
		base.settlement = ""
		if code := strings.ReplaceAll(property("oktmo:user"), " ", ""); code != "" {
			base.settlement = code
		} else if code := property("addr:oktmo"); code != "" {
			base.settlement = code
		}
		base.typ = property("official_status")
		if _, typ, ok := strings.Cut(base.typ, ":"); ok { // «ru:деревня»
			base.typ = typ
		}
		return append(rows, base)
	case districtPlaces[kind] != "":
		base.kind, base.typ = "district", districtPlaces[kind]
		return append(rows, base)
	case highway != "" && !noStreet[highway]:
		base.kind = "street"
		return append(rows, base)
	}
	for _, key := range landmarkKeys {
		if value := property(key); value != "" {
			if typ, ok := landmarkTypes[key+"="+value]; ok {
				base.kind, base.typ = "landmark", typ
				return append(rows, base)
			}
		}
	}
	return rows
}
