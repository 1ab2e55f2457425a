// Package scope says what part of the region's work a person may see. Every
// query, page and event takes a Scope, from the first migration on: a row
// scope that is added later is forgotten in one query of two hundred.
package scope

// A Scope is the part of all work that somebody sees: region → municipal
// centre → agency. An empty field means "all of them" on that level.
// The zero Scope sees nothing: it must be made with All, OfRegion, OfCentre or OfAgency.
type Scope struct {
	Region string // OKTMO of the region, 8 digits
	Centre string // OKTMO of the municipal centre's territory, 8 digits
	Agency int64  // agency.ID; agencies of the case see their own incidents only
	open   bool   // made by a constructor
}

// All sees everything: for the machine itself and for a country's administrator.
func All() Scope { return Scope{open: true} }

// OfRegion sees one region.
func OfRegion(region string) Scope { return Scope{Region: region, open: true} }

// OfCentre sees what lies in one municipal centre's territory.
func OfCentre(region, centre string) Scope { return Scope{Region: region, Centre: centre, open: true} }

// OfAgency sees what one agency answers for.
func OfAgency(region string, agency int64) Scope {
	return Scope{Region: region, Agency: agency, open: true}
}

// Place is where a row stands: the scope columns of every table.
type Place struct {
	Region string
	Centre string
	Agency int64
}

// Open reports whether s was made by a constructor; a Scope that was not sees nothing.
func (s Scope) Open() bool { return s.open }

// Sees reports whether a row that stands at p is inside s.
func (s Scope) Sees(p Place) bool {
	switch {
	case !s.open:
		return false
	case s.Region != "" && s.Region != p.Region:
		return false
	case s.Centre != "" && s.Centre != p.Centre:
		return false
	case s.Agency != 0 && s.Agency != p.Agency:
		return false
	}
	return true
}

// Within reports whether everything that s sees is also seen by outer.
func (s Scope) Within(outer Scope) bool {
	return s.open && outer.open &&
		(outer.Region == "" || outer.Region == s.Region) &&
		(outer.Centre == "" || outer.Centre == s.Centre) &&
		(outer.Agency == 0 || outer.Agency == s.Agency)
}
