// Package place is the vocabulary of where: territories of the official
// classifier (region → municipality → settlement), streets, landmarks and
// points, and the key by which a place is found under any of its inflected names.
//
// Start with Place and Names. Keys makes the keys of a name, StreetID, HouseID
// and their siblings make the ids of places that have no official code, so that
// the same street gets the same id from every import.
package place

// A Level says how fine a place is.
type Level string

// Levels, from coarse to fine. The first three are territories with OKTMO codes.
const (
	Region       Level = "region"
	Municipality Level = "municipality"
	Settlement   Level = "settlement"
	District     Level = "district" // of a city: «Черёмушки», «4-й микрорайон»
	Street       Level = "street"
	House        Level = "house"
	Landmark     Level = "landmark"
)

// A Place is one entry of the gazetteer. The zero Lat and Lon mean that the
// point is not known; no place of Russia lies there.
type Place struct {
	ID           string  // OKTMO digits for territories, "street:…", "landmark:…" else
	Level        Level   //
	Name         string  // without its type: «Абакан», «Ленина», «Центральная баня»
	Type         string  // «город», «село», «улица», «проспект», …
	Region       string  // OKTMO of the region, 8 digits: «95000000»
	Municipality string  // OKTMO of the municipality (the centre's territory), 8 digits; may be empty
	Settlement   string  // OKTMO of the settlement, 11 digits; may be empty
	Lat, Lon     float64 // degrees, WGS 84
	Population   int     // people; 0 = not known
	Zone         string  // IANA time zone of a territory: «Asia/Krasnoyarsk»
	Aliases      string  // other names that residents use, joined by ";": «Питер;СПб»; may be empty
}

// Known reports whether the place has a point.
func (p *Place) Known() bool { return p.Lat != 0 || p.Lon != 0 }

// Names finds places by key and by id. The gazetteer implements it; rules that
// read places ask for nothing more.
type Names interface {
	// Keyed returns the places that bear the name. A key is made of the name's
	// words as lemmas (russian.Form.Lemma), in their order: KeyOf("генерал
	// тихонов"), or Key.And of their terms. Each place is indexed under every
	// combination of lemmas that its name's words have, and under its aliases
	// (adjectives such as «лысьвенский», colloquial names). The slice is shared:
	// never write to it.
	Keyed(key Key) []*Place
	// ByID returns the place with the id; ok is false when there is none.
	ByID(id string) (p *Place, ok bool)
}
