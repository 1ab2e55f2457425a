package cluster

import (
	"math"
	"strings"

	"otklik/internal/incident"
	"otklik/internal/russian"
)

// An Agreement says how two places stand to each other, from worst to best.
type Agreement int

// Agreements.
const (
	Elsewhere Agreement = iota // both are known and differ
	Nowhere                    // one of them, or both, is not known
	Town                       // the same settlement, nothing finer is named by one of them
	Street                     // the same street, and one of them names no house
	Spot                       // the same house, landmark or crossing, or points close by
)

var agreementWords = [...]string{"место другое", "место не названо", "тот же населённый пункт", "та же улица", "то же место"}

func (a Agreement) words() string { return agreementWords[a] }

// closeBy is how far apart two exact points of one place may lie, in metres: a
// yard. Another house of the street is another place, however close.
const closeBy = 60

// placesOf compares where two cases are.
func placesOf(a, b *Case) Agreement {
	x, y := &a.Address, &b.Address
	if differ(a.Centre, b.Centre) || differ(a.Town, b.Town) || differ(fold(x.Settlement), fold(y.Settlement)) {
		return Elsewhere
	}
	if differ(fold(x.Street), fold(y.Street)) && x.Landmark == "" && y.Landmark == "" {
		return Elsewhere
	}
	if x.Street != "" && fold(x.Street) == fold(y.Street) {
		switch {
		case differ(fold(x.House), fold(y.House)):
			return Elsewhere
		case x.House != "" && y.House != "":
			return Spot
		case differ(fold(x.Landmark), fold(y.Landmark)):
			return Elsewhere
		case x.Landmark != "" && y.Landmark != "":
			return Spot
		}
		return Street
	}
	if x.Landmark != "" && fold(x.Landmark) == fold(y.Landmark) && (a.Town != "" || a.Centre != "") {
		return Spot
	}
	fineX, fineY := x.Street != "" || x.Landmark != "", y.Street != "" || y.Landmark != ""
	if near(x, y) {
		return Spot
	}
	switch {
	case fineX && fineY:
		return Elsewhere
	case fineX || fineY:
		return Nowhere
	case x.Settlement != "" && y.Settlement != "":
		return Town
	}
	return Nowhere
}

// differ reports whether both are known and not the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

func fold(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(s), "ё", "е"), " ", "")
}

// near reports whether both have exact points that lie in one yard.
func near(x, y *incident.Address) bool {
	if x.Radius == 0 || y.Radius == 0 || x.Radius > 150 || y.Radius > 150 || x.House != "" && y.House != "" {
		return false
	}
	const degree = 111_195 // metres of a degree of latitude
	north := (x.Lat - y.Lat) * degree
	east := (x.Lon - y.Lon) * degree * math.Cos((x.Lat+y.Lat)/2*math.Pi/180)
	return math.Hypot(north, east) <= closeBy
}

// A common says how many words that carry meaning two texts share, and which
// share of the shorter one they are.
type common struct {
	words int
	share float64
}

// overlap counts shared lemmas, each once, beside the words of the address,
// which the places have counted already.
func overlap(a, b *Case) common {
	x, y := lemmas(a.Key.words), lemmas(b.Key.words)
	var c common
	for l := range x {
		if _, ok := y[l]; ok {
			c.words++
		}
	}
	if n := min(len(x), len(y)); n > 0 {
		c.share = float64(c.words) / float64(max(n, 3))
	}
	return c
}

func lemmas(words []russian.Print) map[uint64]struct{} {
	out := map[uint64]struct{}{}
	for _, w := range words {
		if w.Class() == russian.Content {
			out[w.Lemma()] = struct{}{}
		}
	}
	return out
}
