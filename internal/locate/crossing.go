package locate

import (
	"strings"

	"otklik/internal/russian"
)

// flats takes the numbers of flats, entrances and floors out of play: they are
// no houses, and a flat is nobody's business here.
func (r *reader) flats() {
	for i := range r.tok {
		if !r.is(i, flatWord) {
			continue
		}
		k := i + 1
		for j := 0; j < 2 && (r.punct(k, ".") || r.str(k) == "№"); j++ {
			k++
		}
		if !r.digit(k) {
			// «2-й этаж», «5 подъезд»: the number before
			if b := i - 1; r.digit(b) && r.tok[b].Kind == russian.Mixed || r.punct(b, "-") {
				r.used[b] = true
			}
			continue
		}
		if r.norm(i) == "под" && !r.punct(i+1, ".") {
			continue
		}
		r.take(i, k)
	}
}

// relationAt reads a relation at token i — «напротив», «рядом с», «недалеко от»,
// «в районе» — and returns the token behind it.
func (r *reader) relationAt(i int) (Relation, int) {
	if i < 0 || i >= len(r.tok) {
		return "", i
	}
	switch r.norm(i) {
	case "в", "во":
		if n := r.norm(i + 1); n == "районе" || n == "р-не" {
			return Near, i + 2
		}
		return "", i
	case "на":
		if r.norm(i+1) == "против" {
			return Opposite, i + 2
		}
		return "", i
	case "не":
		if r.norm(i+1) == "доезжая" || r.norm(i+1) == "доходя" {
			if r.norm(i+2) == "до" {
				return Before, i + 3
			}
			return Before, i + 2
		}
		return "", i
	case "по":
		if r.norm(i+1) == "соседству" && r.norm(i+2) == "с" {
			return Near, i + 3
		}
		return "", i
	case "через":
		if r.norm(i+1) == "дорогу" && (r.norm(i+2) == "от" || r.norm(i+2) == "с") {
			return Through, i + 3
		}
		return Through, i + 1
	}
	if !r.is(i, relWord) {
		return "", i
	}
	rel := r.marks[i].entry.rel
	switch r.norm(i + 1) {
	case "с", "со", "от", "к":
		if rel == Near || rel == Behind || rel == Above || rel == Below {
			return rel, i + 2
		}
	}
	return rel, i + 1
}

// relationBefore reads the relation that ends right before token i; a house word
// and a preposition may lie between: «напротив дома по Мира 5».
func (r *reader) relationBefore(i int) Relation {
	for range 3 {
		for b := i - 1; b >= 0 && b >= i-3 && !r.broken(b+1); b-- {
			if rel, next := r.relationAt(b); rel != "" && next == i {
				return rel
			}
		}
		if i <= 0 || r.broken(i) || !(r.is(i-1, houseWord) || r.is(i-1, placePrep) && !r.is(i-1, relWord)) {
			return ""
		}
		i--
	}
	return ""
}

// crossings reads «на пересечении улиц Мира и Ленина», «угол Мира и Ленина»,
// «Аносова угол Дуйсенова», «в границах улиц …», and the streets in them.
func (r *reader) crossings() {
	for i := range r.tok {
		if r.used[i] || !r.is(i, crossWord|cornerWord) && !r.bounds(i) {
			continue
		}
		first := i
		for first > 0 && !r.broken(first) && (r.is(first-1, placePrep) && !r.used[first-1] ||
			r.tok[i].Kind == russian.Word && (r.norm(first-1) == "самом" || r.norm(first-1) == "этом")) {
			first--
		}
		last := i
		e := (*entry)(nil)
		typ := -1
		k := i + 1
		if r.norm(k) == "с" || r.norm(k) == "со" || r.punct(k, ":,") {
			k++
		}
		if r.is(k, streetType) && !r.used[k] {
			e, typ = r.marks[k].entry, k
			k = r.afterType(k)
		} else if r.punct(k, ".") && r.is(i, abbreviated) {
			k++
		}
		gender := byte('f')
		if e != nil {
			gender = e.gender
		}
		second, ok := r.nameAt(k, true, gender)
		ok = ok && (r.capital(second.first) || second.known || second.proper && e != nil || r.digit(second.first) || r.lowSurname(second.first) || r.lowPair(second))
		if !ok && typ < 0 {
			continue
		}
		if !ok {
			// «на пересечении Южного проезда и Мира» is left to typed streets
			continue
		}
		if n, before := r.nameBeforeType(second); before {
			e, typ = r.marks[n.last+1].entry, n.last+1
			second = n
		}
		streets := []name{second}
		types := []*entry{e}
		typs := []int{typ}
		end := max(second.last, typ)
		// The house between: «угол Мира, 5 и Ленина»
		next := end + 1
		for len(streets) < 8 {
			j, ok := r.joint(next)
			if !ok && len(streets) == 1 && !r.broken(next) && !r.is(next, townType) && (r.capital(next) && r.streetLike(next) || r.is(i, crossWord|cornerWord) && !r.capital(next) && r.is(next, commonName) && r.reads(next, russian.Noun|russian.Gent) || r.is(i, crossWord) && r.lowSurname(next)) {
				j, ok = next, true // «на перекрёстке улиц Мира Ленина»
			}
			if !ok {
				break
			}
			te, tt := e, -1
			if r.is(j, streetType) && !r.used[j] {
				te, tt = r.marks[j].entry, j
				j = r.afterType(j)
			}
			g := byte('f')
			if te != nil {
				g = te.gender
			}
			n, ok := r.nameAt(j, true, g)
			if !ok || !(r.capital(n.first) || n.known || tt >= 0 || r.digit(n.first) || r.readsAny(n.first, russian.Gent, russian.Surn) || r.lowSurname(n.first) || r.lowPair(n)) {
				break
			}
			if b, before := r.nameBeforeType(n); before {
				te, tt, n = r.marks[b.last+1].entry, b.last+1, b
			}
			streets, types, typs = append(streets, n), append(types, te), append(typs, tt)
			end = max(n.last, tt)
			next = end + 1
		}
		// «Аносова угол Дуйсенова», «Мира, угол Ленина»
		if len(streets) == 1 {
			if b, ok := r.nameEnding(first - 1); ok {
				streets = append([]name{b}, streets...)
				types = append([]*entry{nil}, types...)
				typs = append([]int{-1}, typs...)
			}
		}
		if len(streets) == 1 && r.is(i, cornerWord) {
			if _, ok := r.houseBehind(end + 1); ok {
				continue // «на углу Мира, дом 3»: a house
			}
		}
		f := Found{Type: Intersection, Cue: r.span(first, last), Score: 0.85,
			Why: "слова «" + r.src[r.tok[first].Start:r.tok[last].End] + "» и имена улиц"}
		if len(streets) == 1 {
			f.Score = 0.5
		}
		f.Relation = r.relationBefore(first)
		if rel, n := r.relationAt(first); rel != "" && n == i {
			f.Relation = rel
		}
		f.Span = r.span(min(first, streets[0].first), max(last, end))
		at := r.add(f, 0, -1)
		r.take(first, last)
		for k, n := range streets {
			s := r.street(n, typs[k], types[k], 0.8, false)
			r.found[at].Names = append(r.found[at].Names, r.found[s].Name)
		}
		r.found[at].Name = joinNames(r.found[at].Names)
		// «на пересечении Шевченко и Абая, дом 22»
		r.housesOf(at+1, first, end+1)
	}
}

// lowPair reports whether n is a person's two names in small letters: «кати
// перекрещенко».
func (r *reader) lowPair(n name) bool { return n.last == n.first+1 && r.pair(n.first, n.last) }

// streetLike reports whether token i opens a bare street name.
func (r *reader) streetLike(i int) bool {
	n, ok := r.nameAt(i, false, 'f')
	return ok && (n.known || r.streetName(n) || n.adjective)
}

// bounds reports whether «в квадрате улиц», «в границах улиц» stands at token i.
func (r *reader) bounds(i int) bool {
	switch r.norm(i) {
	case "квадрате", "границах", "квадрат":
		return r.is(i+1, streetType)
	}
	return false
}

// nameBeforeType reports whether n is in truth the name before a type word:
// «Октябрьского проспекта».
func (r *reader) nameBeforeType(n name) (name, bool) {
	k := n.last + 1
	if k >= len(r.tok) || !r.is(k, streetType) || r.is(k, abbreviated) && !r.punct(k+1, ",.;") && k+1 < len(r.tok) && r.capital(k+1) {
		return n, false
	}
	if !r.streetAdj(n.last, r.marks[k].entry.gender) {
		return n, false
	}
	n.adjective = true
	return n, true
}

// nameEnding reads a bare street name whose last token is last.
func (r *reader) nameEnding(last int) (name, bool) {
	if r.punct(last, ",/") {
		last--
	}
	for first := last; first >= 0 && first > last-3; first-- {
		if r.used[first] || r.broken(first+1) && first < last {
			break
		}
		if !r.capital(first) && !r.is(first, tailWord) {
			break
		}
		if n, ok := r.nameAt(first, false, 'f'); ok && n.last == last {
			return n, true
		}
	}
	return name{}, false
}

func joinNames(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	s := names[0]
	for _, n := range names[1 : len(names)-1] {
		s += ", " + n
	}
	return s + " и " + names[len(names)-1]
}

// stretches reads «от Абая до Сатпаева», «между домами 96 и 94», «ниже Гоголя».
func (r *reader) stretches() {
	for i := range r.tok {
		if r.used[i] || !r.is(i, placePrep|relWord) {
			continue
		}
		switch r.norm(i) {
		case "от", "с", "со":
			if a, k, ok := r.end(i + 1); ok && r.norm(k) == "до" {
				if b, k, ok := r.end(k + 1); ok && (a.sure && b.sure || (a.sure || b.sure) && (a.told || b.told)) {
					r.stretch(i, k-1, 0.8, a, b)
				}
			} else if ok && a.sure && r.norm(i) == "от" && r.norm(k) == "на" && r.direction(k+1) {
				r.stretch(i, k+1, 0.6, a)
			}
		case "между":
			if a, b, k, ok := r.twoEnds(i + 1); ok {
				r.stretch(i, k-1, 0.8, a, b)
			}
		case "ниже", "выше":
			if a, k, ok := r.end(i + 1); ok && a.sure && !a.house && r.surelyStreet(i+1) {
				last := k - 1
				ends := []end{a}
				if r.punct(k, ",") || r.norm(k) == "и" {
					k++
				}
				if n := r.norm(k); n == "ниже" || n == "выше" {
					if b, k, ok := r.end(k + 1); ok && b.sure {
						ends, last = append(ends, b), k-1
					}
				}
				r.stretch(i, last, 0.6, ends...)
			}
		}
	}
}

// surelyStreet reports whether the name at token i is that of a street even
// behind a word such as «ниже», which may speak of anything.
func (r *reader) surelyStreet(i int) bool {
	if r.is(i, streetType|houseWord|commonName) || r.digit(i) {
		return true
	}
	_, titled := r.titled(i)
	return titled || r.readsAny(i, russian.Gent, russian.Surn) && !r.town(i) || r.gram(i).Has(russian.Guessed) && r.capital(i+1)
}

func (r *reader) direction(i int) bool {
	switch r.norm(i) {
	case "север", "юг", "восток", "запад":
		return true
	}
	return false
}

// An end is where a stretch begins or ends: a street, a house, a landmark.
type end struct {
	text  string
	house bool
	sure  bool // a proper name or a house, not just any word
	told  bool // by a type word, a capital, a house or a landmark: not by a name in small letters alone
}

// end reads the end of a stretch at token i and returns the token behind it.
func (r *reader) end(i int) (e end, next int, ok bool) {
	if i >= len(r.tok) || r.used[i] || r.broken(i) {
		return e, i, false
	}
	gender, typed := byte('f'), false
	if r.is(i, streetType) {
		gender, typed = r.marks[i].entry.gender, true
		i = r.afterType(i)
	}
	if r.is(i, houseWord) {
		if h, ok := r.houseAt(i, false); ok {
			return end{text: "дом " + h.text, house: true, sure: true, told: true}, h.last + 1, true
		}
	}
	if n, ok := r.nameAt(i, typed || r.is(i, commonName), gender); ok && (typed || r.capital(n.first) || n.known) {
		if b, before := r.nameBeforeType(n); before {
			return end{text: r.nameText(b, r.marks[b.last+1].entry.gender), sure: true, told: true}, b.last + 2, true
		}
		next = n.last + 1
		text := r.nameText(n, gender)
		if h, ok := r.houseAt(next, true); ok {
			return end{text: text + ", " + h.text, house: true, sure: true, told: true}, h.last + 1, true
		}
		return end{text: text, sure: true, told: typed || r.capital(n.first)}, next, true
	}
	if r.is(i, landmarkWord|stopWord) {
		if _, last, ok := r.designation(i); ok {
			return end{text: r.src[r.tok[i].Start:r.tok[last].End], sure: true, told: true}, last + 1, true
		}
		return end{text: r.str(i), sure: r.is(i, soleWord), told: true}, i + 1, true
	}
	if r.digit(i) { // «от дома 1/41 до 3»
		if text, last := r.number(i); last >= i && r.norm(i-1) == "до" && !r.counts(i, last, false) {
			return end{text: "дом " + text}, last + 1, true
		}
	}
	return e, i, false
}

// twoEnds reads «Тлендиева и Брусиловского», «домами 96 и 94», «улицами …».
func (r *reader) twoEnds(i int) (a, b end, next int, ok bool) {
	if r.is(i, houseWord) && r.digit(r.skipSign(i+1)) {
		h, ok := r.houseAt(i, false)
		if !ok {
			return a, b, i, false
		}
		next = h.last + 1
		if first, second, both := strings.Cut(h.text, ", "); both { // «домами 96 и 94»
			return houseEnd(first), houseEnd(second), next, true
		}
		if r.norm(next) == "и" || r.punct(next, "-–/") {
			if r.is(next+1, houseWord) {
				if h2, ok := r.houseAt(next+1, false); ok {
					return houseEnd(h.text), houseEnd(h2.text), h2.last + 1, true
				}
			}
			if r.digit(next + 1) {
				if t, last := r.number(next + 1); last > next {
					return houseEnd(h.text), houseEnd(t), last + 1, true
				}
			}
		}
		return houseEnd(h.text), end{}, next, true
	}
	plural := r.pluralType(i)
	a, next, ok = r.end(i)
	if !ok || !a.sure || r.norm(next) != "и" {
		return a, b, next, false
	}
	if plural && !r.is(next+1, streetType) {
		if n, ok := r.nameAt(next+1, true, 'f'); ok {
			return a, end{text: r.nameText(n, 'f'), sure: true}, n.last + 1, true
		}
	}
	b, next, ok = r.end(next + 1)
	return a, b, next, ok
}

func houseEnd(number string) end { return end{text: "дом " + number, house: true, sure: true} }

func (r *reader) skipSign(i int) int {
	for j := 0; j < 2 && (r.punct(i, ".") || r.str(i) == "№"); j++ {
		i++
	}
	return i
}

func (r *reader) stretch(first, last int, score float64, ends ...end) {
	f := Found{Span: r.span(first, last), Type: Stretch, Score: score, Why: "от и до: слова «" + r.str(first) + " …»"}
	for _, e := range ends {
		if e.text != "" {
			f.Names = append(f.Names, e.text)
		}
	}
	switch r.norm(first) {
	case "между":
		f.Relation = Between
	case "ниже":
		f.Relation = Below
	case "выше":
		f.Relation = Above
	}
	f.Name = r.src[f.Span.Start:f.Span.End]
	r.add(f, 0, -1)
	r.take(first, last)
}
