package locate

import "otklik/internal/russian"

// streetName reports whether n looks like a street's name even beside another
// name: a surname in the genitive that no first name accompanies, or a word
// that the dictionary lacks.
func (r *reader) streetName(n name) bool {
	if n.adjective && !n.proper {
		return n.known
	}
	g := r.gram(n.first)
	if n.last > n.first || n.known {
		return true
	}
	if g.Has(russian.Guessed) {
		return !r.town(n.first)
	}
	return r.readsAny(n.first, russian.Gent, russian.Surn) && !r.town(n.first)
}

// partner reads the second street of «Гоголя и Исаева», «Гоголя/Исаева»,
// «Гоголя - Исаева» or «Гоголя Исаева», in front of n or behind it.
func (r *reader) partner(n name) (name, bool) {
	k := n.last + 1
	if r.punct(k, "(") { // «на Мира (северная сторона)-Ленина»
		for k++; k < len(r.tok) && k < n.last+8 && !r.punct(k, ")"); k++ {
		}
		k++
	}
	if j, ok := r.joint(k); ok {
		k = j
	} else if r.is(k, cornerWord) {
		k++
	} else if k != n.last+1 {
		return n, false
	}
	if k >= len(r.tok) || r.used[k] || r.broken(k) {
		return n, false
	}
	m, ok := r.nameAt(k, false, 'f')
	if !ok || r.person(m) && m.first != n.last+1 {
		return m, false
	}
	// «Иванова и Петрова написали»: a verb behind speaks for persons.
	if !r.ends(m.last+1) && r.reads(m.last+1, russian.Verb) && r.norm(m.first-1) == "и" {
		return m, false
	}
	return m, true
}

// row takes the streets that stand beside the one found at, and notes an
// intersection when a sign joins them or the sentence speaks of a crossing. It
// returns the last token read.
func (r *reader) row(at int, n name) int {
	members := []int{at}
	joined := false
	last := n.last
	cur := n
	for len(members) < 5 {
		if f := &r.found[len(r.found)-1]; f.Type == House && f.Span.End > r.tok[cur.last].End {
			break
		}
		m, ok := r.partner(cur)
		if !ok || !r.streetName(m) {
			break
		}
		sign := cur.last + 1
		if r.punct(sign, "/\\") || r.punct(sign, "-–—") && r.punct(m.first-1, "-–—") {
			joined = true
		}
		if r.is(sign, cornerWord) {
			joined = true
		}
		s := r.street(m, m.first, nil, min(r.found[at].Score, 0.55), false)
		r.found[s].Why = "имена улиц рядом"
		r.housesOf(s, m.first, m.last+1)
		members = append(members, s)
		cur, last = m, m.last
	}
	if len(members) < 2 {
		return last
	}
	if !joined {
		joined = r.crossingWordNear(last)
	}
	if joined && len(members) == 2 {
		a, b := r.found[members[0]], r.found[members[1]]
		r.add(Found{Span: russian.Span{Start: a.Span.Start, End: b.Span.End}, Type: Intersection,
			Names: []string{a.Name, b.Name}, Name: a.Name + " и " + b.Name, Relation: a.Relation,
			Score: 0.55, Why: "две улицы рядом"}, 0, -1)
	}
	return last
}

// crossingWordNear reports whether the sentence goes on about a crossing.
func (r *reader) crossingWordNear(i int) bool {
	for k := i + 1; k < len(r.tok) && k < i+9 && !r.punct(k, ".!?") && !r.broken(k); k++ {
		if r.is(k, crossWord) || r.is(k, cornerWord) {
			return true
		}
	}
	return false
}

// loneHouses reads houses whose street is not named beside them: «у дома 25».
// They belong to the street of the text if it names only one.
func (r *reader) loneHouses() {
	street := -1
	for k := range r.found {
		if r.found[k].Type == Street {
			if street >= 0 {
				street = -1
				break
			}
			street = k
		}
	}
	for i := range r.tok {
		if r.used[i] || !r.is(i, houseWord) {
			continue
		}
		if h, ok := r.houseAt(i, false); ok && r.free(h.first, h.last) {
			r.house(street, h, "")
		}
	}
}
