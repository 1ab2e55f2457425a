package kind

import (
	_ "embed"
	"strings"

	"otklik/internal/russian"
)

//go:embed urgency.txt
var urgencyText string

// A trigger is one rule of urgency: words of all its classes within a distance.
type trigger struct {
	classes []uint64 // masks over the urgency lexicon
	within  int      // tokens between the first class and each other; 0 = anywhere
	urgency Urgency
	why     string
	spared  uint64 // a word of these near the first says that it is no danger
}

// sparing is how far from the first word one may stand that takes the danger away.
const sparing = 8

// unless says which classes take the danger away when they stand near.
func (tr *trigger) unless(lex *lexicon, names ...string) { tr.spared = lex.group(names...) }

// add puts a rule behind the others: classes, those of one place parted by «|», near each other.
func (u *urgent) add(urgency Urgency, within int, why string, names ...string) *trigger {
	t := trigger{within: within, urgency: urgency, why: why}
	for _, n := range names {
		t.classes = append(t.classes, u.lex.group(strings.Split(n, "|")...))
	}
	u.triggers = append(u.triggers, t)
	return &u.triggers[len(u.triggers)-1]
}

// urgent finds what cannot wait.
type urgent struct {
	lex      *lexicon
	triggers []trigger
	frost    uint64
}

// below reports whether the number at i is a hard frost: «-32».
func below(tokens []russian.Token, i int) bool {
	k := &tokens[i]
	if len(k.Norm) > 1 && (k.Norm[0] == '-') {
		return len(k.Norm) == 3 && k.Norm[1:] >= "15"
	}
	if len(k.Norm) != 2 || k.Norm < "15" || i == 0 {
		return false
	}
	sign := &tokens[i-1]
	return (sign.Norm == "-" || sign.Norm == "−" || sign.Norm == "–") && sign.End == k.Start && (i == 1 || tokens[i-2].End < sign.Start)
}

func newUrgent(r Reader) (*urgent, error) {
	lex, err := newLexicon(urgencyText, r)
	if err != nil {
		return nil, err
	}
	u := &urgent{lex: lex, frost: lex.group("frost")}
	// First match wins, so the dangers stand first.
	u.add(Danger, 8, "открытый или разбитый люк", "manhole", "missing")
	u.add(Danger, 5, "запах или утечка газа", "gas", "smell")
	u.add(Danger, 5, "оголённые или упавшие провода", "wire", "bare")
	u.add(Danger, 0, "может ударить током", "shock")
	u.add(Danger, 0, "угроза жизни", "life")
	u.add(Danger, 5, "обрушение части здания", "collapse", "building")
	u.add(Danger, 0, "нет тепла в мороз", "heat", "cold", "frost")
	u.add(Danger, 8, "собаки нападают", "attack", "dog")
	u.add(Danger, 0, "пожар", "fire")
	u.add(Danger, 3, "пожар", "burn", "tinder")
	u.add(Danger, 4, "дым в доме", "smoke", "inside")
	u.add(Danger, 3, "бьёт током", "current", "hit")
	u.add(Danger, 4, "падает на людей", "heavy", "fall")
	u.add(Danger, 5, "падает с крыши", "ice", "roof", "fall")
	u.add(Danger, 4, "вот-вот упадёт", "topple", "tall")
	u.add(Danger, 4, "люди в лифте", "stuck", "lift")
	u.add(Danger, 10, "дети в опасном месте", "child", "site")
	u.add(Danger, 3, "ребёнок упал", "child", "fell")
	u.add(Danger, 0, "ядовитое вещество", "poison")
	u.add(High, 3, "провал дороги", "sunk", "way")
	u.add(High, 6, "скорая не едет", "ambulance", "late")
	u.add(High, 0, "авария, прорыв, затопление", "emergency")
	u.add(High, 3, "нет воды, света, тепла или газа", "outage", "cold")
	u.add(High, 0, "больной или инвалид", "frail")
	u.add(High, 0, "дети", "child")
	return u, nil
}

// judge returns the urgency of a text with the tokens that show it.
func (u *urgent) judge(t *russian.Text, masks []uint64) (Urgency, string, [3]int32, []uint64) {
	masks = masks[:0]
	var all uint64
	for i := range t.Tokens {
		var m uint64
		switch k := &t.Tokens[i]; {
		case k.Kind == russian.Word && (i == 0 || t.Tokens[i-1].Norm != "не"): // «не горит» burns nothing
			m = u.lex.classes(t.Tokens, i, nil)
		case k.Kind == russian.Number && below(t.Tokens, i):
			m = u.frost
		}
		masks = append(masks, m)
		all |= m
	}
	for k := range u.triggers {
		tr := &u.triggers[k]
		if at, ok := tr.find(masks, all); ok {
			return tr.urgency, tr.why, at, masks
		}
	}
	return Normal, "", [3]int32{-1, -1, -1}, masks
}

// find looks for the classes near each other.
func (tr *trigger) find(masks []uint64, all uint64) (at [3]int32, ok bool) {
	at = [3]int32{-1, -1, -1}
	for _, c := range tr.classes {
		if all&c == 0 {
			return at, false
		}
	}
	for i, m := range masks {
		if m&tr.classes[0] == 0 {
			continue
		}
		if tr.spared != 0 && near(masks, i, sparing, tr.spared) {
			continue
		}
		at[0] = int32(i)
		found := 1
		for k := 1; k < len(tr.classes); k++ {
			from, to := 0, len(masks)-1
			if tr.within > 0 {
				from, to = max(0, i-tr.within), min(to, i+tr.within)
			}
			for j := from; j <= to; j++ {
				if j != i && masks[j]&tr.classes[k] != 0 {
					at[k] = int32(j)
					found++
					break
				}
			}
		}
		if found == len(tr.classes) {
			return at, true
		}
		if tr.within == 0 && tr.spared == 0 {
			break
		}
	}
	return [3]int32{-1, -1, -1}, false
}

// near reports whether a word of the classes stands within n tokens of i.
func near(masks []uint64, i, n int, classes uint64) bool {
	for _, m := range masks[max(0, i-n):min(len(masks), i+n+1)] {
		if m&classes != 0 {
			return true
		}
	}
	return false
}
