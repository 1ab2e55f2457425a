package followup

import "otklik/internal/russian"

// bitter are words that stand beside thanks when they are not meant: a denial, a long
// wait, a habit. Thanks that are meant lose nothing when a person looks.
var bitter = map[string]bool{"не": true, "нет": true, "ни": true, "ничего": true, "никто": true, "никак": true, "никого": true, "нифига": true,
	"ждали": true, "ждала": true, "ждал": true, "прождали": true, "год": true, "года": true, "лет": true, "годами": true, "полгода": true, "месяц": true, "месяца": true,
	"месяцев": true, "всегда": true, "обычно": true, "опять": true, "снова": true, "конечно": true, "хоть": true}

// ironic reports whether the words beside thanks make them doubtful: «ну спасибо»,
// «спасибо, как всегда ничего».
func ironic(t *russian.Text) bool {
	for i := range t.Tokens {
		if n := t.Tokens[i].Norm; bitter[n] || n == "ну" && i+1 < len(t.Tokens) && (t.Tokens[i+1].Norm == "спасибо" || t.Tokens[i+1].Norm == "молодцы") {
			return true
		}
	}
	return false
}

// deniedBehind reports whether what stands behind the words takes them back: «убран не
// был», «конечно, убрали… нет».
func deniedBehind(t *russian.Text, at int) bool {
	if at+1 < len(t.Tokens) && t.Tokens[at].Norm == "не" {
		switch t.Tokens[at+1].Norm {
		case "был", "была", "было", "были", "стали", "стал":
			return true
		}
	}
	for seen := false; at < len(t.Tokens); at++ {
		switch tok := &t.Tokens[at]; {
		case tok.Kind == russian.Punct:
			seen = true
		case (tok.Norm == "нет" || tok.Norm == "неа" || tok.Norm == "нифига") && seen && ends(t, at):
			return true
		default:
			return false
		}
	}
	return false
}

// subjunctive reports whether «бы» stands near token i in its clause: what it tells of has
// not happened.
func subjunctive(t *russian.Text, clause []int, i int) bool {
	for k := max(0, i-3); k < min(len(t.Tokens), i+3); k++ {
		if (t.Tokens[k].Norm == "бы" || t.Tokens[k].Norm == "б") && clause[k] == clause[i] {
			return true
		}
	}
	return false
}

// some returns where «из 5» stands behind a smaller number, the count of what was done; 0
// for nowhere. «4 из 5» alone is a mark.
func some(t *russian.Text) int {
	for i := 1; i+1 < len(t.Tokens); i++ {
		if t.Tokens[i].Norm != "из" || amount(&t.Tokens[i+1]) == 0 {
			continue
		}
		for k := i - 1; k >= max(0, i-3); k-- {
			tok := &t.Tokens[k]
			if unitWords[tok.Lemma()] {
				break
			}
			if n := amount(tok); n > 0 && n < amount(&t.Tokens[i+1]) && others(t, k) > 0 {
				return i
			}
		}
	}
	return 0
}

// amount returns the number that a token says, to ninety-nine; 0 for none.
func amount(tok *russian.Token) (n int) {
	switch {
	case tok.Kind == russian.Number && len(tok.Norm) <= 2:
		for _, c := range tok.Norm {
			n = 10*n + int(c-'0')
		}
		return n
	case tok.Norm == "одна" || tok.Norm == "одну" || tok.Norm == "одного" || tok.Norm == "двух" || tok.Norm == "две" || tok.Norm == "трех" || tok.Norm == "пяти" || tok.Norm == "четырех":
		return map[string]int{"одна": 1, "одну": 1, "одного": 1, "двух": 2, "две": 2, "трех": 3, "четырех": 4, "пяти": 5}[tok.Norm]
	}
	return markWords[tok.Norm]
}
