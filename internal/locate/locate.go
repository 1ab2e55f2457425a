// Package locate says where a message happens: the settlement, street, house,
// crossing, stretch, landmark, road or stop that its words name.
//
// Start with New and Locator.Find. Two layers work one after the other. The
// grammar finds spans without any gazetteer, by type words («ул.», «село»),
// prepositions, cases and house numbers, because most streets of the country
// are in no file that a centre has. Linking then asks place.Names what the
// names mean, ranks namesakes by context and population, and says why.
//
// A person is no street: «памятник Ленину» and «про Ленина писали» find
// nothing. A flat is no place either; it is personal data and belongs to
// package personal.
package locate

import (
	"slices"

	"otklik/internal/place"
	"otklik/internal/russian"
)

// A Type says what a found place is, in the words of `otklik read`.
type Type string

// Types of found places.
const (
	Settlement   Type = "settlement"
	District     Type = "district" // part of a city, or a municipality
	Street       Type = "street"
	House        Type = "house"
	Intersection Type = "intersection"
	Stretch      Type = "stretch" // from one crossing or house to another
	Landmark     Type = "landmark"
	Road         Type = "road" // outside streets: a highway, its kilometre
	Stop         Type = "stop" // of public transport
)

// A Relation says how the trouble lies to the place. Empty: at the place.
type Relation string

// Relations.
const (
	Opposite Relation = "opposite"
	Behind   Relation = "behind"
	Before   Relation = "before" // in front of, or short of
	Near     Relation = "near"
	Between  Relation = "between"
	Along    Relation = "along"
	Above    Relation = "above" // uphill, over
	Below    Relation = "below"
	Inside   Relation = "inside"
	Through  Relation = "through" // «через дорогу от», across
)

// A Context is what is known before reading, and decides among namesakes. The
// first three say where the source is at home: OKTMO codes that may be empty. Who
// reads messages in their order adds what was found before.
type Context struct {
	Region       string // 8 digits
	Municipality string // 8 digits
	Settlement   string // 11 digits

	Thread []string // ids of places that the thread named before, the nearest message first
	Author []string // ids of places that the author's earlier messages named, the latest first
}

// Known reports whether anything is known.
func (c *Context) Known() bool {
	return c.Region != "" || c.Municipality != "" || c.Settlement != "" || len(c.Thread) > 0 || len(c.Author) > 0
}

// A Candidate is one entry of the gazetteer that the words may mean.
type Candidate struct {
	Place *place.Place
	Score float64 // 0 to 1; the scores of one span's candidates do not exceed 1 in sum
}

// A Found is one place that the text names.
type Found struct {
	Span russian.Span // the whole expression: «на пересечении улиц Мира и Ленина», «дом 16а»
	Cue  russian.Span // of an intersection: the words that say so, «на пересечении»; empty when only a sign does, «Мира/Ленина»
	Type Type
	Kind string // of a landmark: «park», «school», «shop», …; of a street or settlement its type in full: «улица», «село»

	ID           string   // in the gazetteer; empty when it is not known there
	Name         string   // nominative, without the type: «Лесопарковая», «центральная баня»
	Names        []string // of an intersection or stretch: the streets or houses it lies between
	Settlement   string   // name of the settlement it lies in
	SettlementID string   // its OKTMO, 11 digits
	Street       string   // of a house or stretch: the street's name
	House        string   // «33/2», «16а», «12к3»; several houses are joined by ", "

	Relation Relation
	Lat, Lon float64 // zero: not known
	Radius   float64 // metres around the point in which the place lies; 0 without a point

	Score      float64     // 0 to 1: how sure we are that this is a place and this one
	Why        string      // in Russian, for the person who asks
	Candidates []Candidate // best first, at most five; set when several entries fit
}

// A Locator finds places. It is safe for concurrent use.
type Locator struct {
	names   place.Names
	readers chan *reader
}

// New returns a locator that looks names up in names; nil means no gazetteer.
func New(names place.Names) *Locator {
	return &Locator{names: names, readers: make(chan *reader, 16)}
}

// Find returns the places that text names, ordered by their start; text is not
// changed and not kept. Nothing found is an empty slice.
func (l *Locator) Find(text *russian.Text, hint Context) []Found {
	var r *reader
	select {
	case r = <-l.readers:
	default:
		r = new(reader)
	}
	r.reset(text, l.names, hint)
	out := r.read()
	r.release()
	select {
	case l.readers <- r:
	default:
	}
	return out
}

// read runs the grammar, the surest patterns first: what one pattern has taken
// the next does not read again. A pattern runs only where the words that it
// begins with stand in the text.
func (r *reader) read() []Found {
	r.mark()
	for _, p := range [...]struct {
		needs class
		run   func(*reader)
	}{
		{flatWord, (*reader).flats},
		{townType | rayonType, (*reader).typedSettlements},
		{0, (*reader).townHeads},
		{stopWord, (*reader).stops},
		{crossWord | cornerWord | streetType, (*reader).crossings},
		{placePrep | relWord, (*reader).stretches},
		{streetType | areaType, (*reader).typedStreets},
		{roadWord | kmWord, (*reader).roads},
		{landmarkWord | brandWord | houseWord, (*reader).landmarks},
		{0, (*reader).bareStreets},
		{houseWord, (*reader).loneHouses},
	} {
		if p.needs == 0 || r.all&p.needs != 0 {
			p.run(r)
		}
	}
	r.bareSettlements()
	if len(r.found) == 0 {
		return nil
	}
	r.link()
	out := slices.Clone(r.found)
	slices.SortStableFunc(out, func(a, b Found) int { return a.Span.Start - b.Span.Start })
	return out
}
