package place

import (
	"strings"
	"unicode"
)

// RegionOf returns the OKTMO code of the region to which a code of 8 or 11
// digits belongs, or "" when code is no such code. Three autonomous okrugs lie
// inside the code of another region and are told apart by the third digit.
func RegionOf(code string) string {
	if len(code) < 8 || !digits(code) {
		return ""
	}
	switch code[:3] {
	case "118", "718", "719":
		return code[:3] + "00000"
	}
	return code[:2] + "000000"
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// StreetID returns the id of a street of a settlement (its OKTMO code):
// "street:95702000001:ленина:улица". Spelling of capitals, ё and blanks makes no
// difference, so that a second import finds what the first one brought.
func StreetID(settlement, name, typ string) string {
	return "street:" + settlement + ":" + slug(name) + ":" + slug(typ)
}

// DistrictID returns the id of a district of a settlement that has no code.
func DistrictID(settlement, name, typ string) string {
	return "district:" + settlement + ":" + slug(name) + ":" + slug(typ)
}

// LandmarkID returns the id of a landmark of a settlement; settlement may be a
// municipality's code where the landmark lies outside of all settlements.
func LandmarkID(settlement, name, typ string) string {
	return "landmark:" + settlement + ":" + slug(name) + ":" + slug(typ)
}

// HouseID returns the id of a house on a street, or in a district whose houses
// have no streets (the id of either); number is read by HouseNumber.
// Names.ByID finds the house by it, and so does no other question: houses have
// no names.
func HouseID(street, number string) string {
	return "house:" + strings.TrimPrefix(street, "street:") + ":" + HouseNumber(number)
}

// StreetOfHouse splits the id of a house into its street's id and its number;
// ok is false when id is of something else.
func StreetOfHouse(id string) (street, number string, ok bool) {
	rest, ok := strings.CutPrefix(id, "house:")
	if !ok {
		return "", "", false
	}
	i := strings.LastIndexByte(rest, ':')
	if i < 0 {
		return "", "", false
	}
	if strings.HasPrefix(rest, "district:") { // a house of «4-й микрорайон»
		return rest[:i], rest[i+1:], true
	}
	return "street:" + rest[:i], rest[i+1:], true
}

func slug(s string) string {
	s = Fold(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-':
			return r
		case r == ' ', r == '.', r == '/', r == ':':
			return '-'
		}
		return -1
	}, s)
	return strings.Trim(s, "-")
}

// houseWords are the words that stand before a part of a house number, with the
// letter that stands for them in the number as we keep it.
var houseWords = map[string]string{
	"д": "", "дом": "", "№": "", "вл": "", "влд": "", "владение": "", "двлд": "", "домовладение": "",
	"к": "к", "кор": "к", "корп": "к", "корпус": "к",
	"с": "с", "стр": "с", "строение": "с",
	"соор": "сооружение", "сооружение": "сооружение",
	"лит": "", "литер": "", "литера": "",
}

// HouseNumber brings a house number to one spelling: «Д. 16 А» → «16а»,
// «3 корп. 2» → «3к2», «12 стр 1» → «12с1», «5/7» stays. Text that holds no
// digit gives "": it is no number.
func HouseNumber(s string) string {
	// What one pass brings together, «ко рп. 2», the next may read.
	for range 8 {
		next := houseNumber(s)
		if next == s {
			return s
		}
		s = next
	}
	return s
}

func houseNumber(s string) string {
	var out strings.Builder
	seen := false
	rs := []rune(strings.ToLower(tightMarks.Replace(s)))
	for i := 0; i < len(rs); {
		switch r := rs[i]; {
		case unicode.IsDigit(r):
			seen = true
			out.WriteRune(r)
			i++
		case r == '/' || r == '-' || r == '–':
			// A letter after a hyphen belongs to the number: «16-а» is «16а».
			if i+1 < len(rs) && unicode.IsDigit(rs[i+1]) && seen {
				out.WriteRune(map[bool]rune{true: '/', false: '-'}[r == '/'])
			}
			i++
		case unicode.IsLetter(r) || r == '№':
			j := i
			for j < len(rs) && (unicode.IsLetter(rs[j]) || rs[j] == '№') {
				j++
			}
			word := strings.ReplaceAll(string(rs[i:j]), "ё", "е")
			short, known := houseWords[word]
			last := j >= len(rs) || !digitAhead(rs[j:])
			switch {
			case known && !last:
				out.WriteString(short)
			case len([]rune(word)) == 1 && seen:
				out.WriteString(latinTwin(word))
			case known:
			default:
				out.WriteString(word)
			}
			i = j
		default:
			i++
		}
	}
	if !seen {
		return ""
	}
	return strings.Trim(out.String(), "-/")
}

var tightMarks = strings.NewReplacer(" / ", "/", "/ ", "/", " /", "/", " - ", "-", "- ", "-", " -", "-")

// digitAhead reports whether the next letter or digit is a digit.
func digitAhead(rs []rune) bool {
	for _, r := range rs {
		if unicode.IsDigit(r) {
			return true
		}
		if unicode.IsLetter(r) {
			return false
		}
	}
	return false
}

// latinTwin writes a Latin letter that looks like a Russian one as the Russian.
func latinTwin(s string) string {
	if t, ok := map[string]string{"a": "а", "b": "в", "c": "с", "e": "е", "k": "к"}[s]; ok {
		return t
	}
	return s
}
