package followup

import (
	"strings"

	"otklik/internal/russian"
)

// number words that people mark with.
var markWords = map[string]int{
	"один": 1, "единица": 1, "единицу": 1, "кол": 1, "два": 2, "двойка": 2, "двойку": 2, "три": 3, "тройка": 3, "тройку": 3,
	"троечка": 3, "троечку": 3, "четыре": 4, "четверка": 4, "четверку": 4, "пять": 5, "пятерка": 5, "пятерку": 5,
}

// unitWords are nouns of marks; behind another noun («5 дней») a number is no mark.
var unitWords = map[string]bool{"балл": true, "бал": true, "звезда": true, "из": true, "плюс": true, "минус": true}

// sayWords introduce a mark.
var sayWords = map[string]bool{"оценка": true, "оценить": true, "оценивать": true, "ставить": true, "поставить": true, "моя": true, "мой": true, "твердый": true, "на": true, "с": true, "отлично": true, "хорошо": true, "плохо": true, "ужасно": true}

// markOf returns the mark that the text gives and where, 0 for none. alone says
// that the text says nothing else.
func markOf(t *russian.Text, cues []cue) (mark int, at russian.Span, alone bool) {
	if n, span := stars(t.Source); n > 0 {
		return n, span, !strings.ContainsFunc(strings.ReplaceAll(t.Source, "️", ""), letter)
	}
	marked := false
	for _, c := range cues {
		marked = marked || c.class == marks
	}
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		n := 0
		switch norm := strings.TrimSuffix(strings.TrimRight(tok.Norm, "+-️⃣"), "/5"); {
		case len(norm) == 1 && norm[0] >= '1' && norm[0] <= '5':
			n = int(norm[0] - '0')
		case markWords[tok.Norm] > 0:
			n = markWords[tok.Norm]
		}
		if n == 0 || mark > 0 || below(t, i) {
			continue
		}
		rest := others(t, i)
		first := i == 0 && len(t.Tokens) > 1 && t.Tokens[1].Kind == russian.Punct && t.Tokens[1].Norm != ")" // «4, сделали»
		last := i > 0 && t.Tokens[i-1].Kind == russian.Punct && others(t, i) > 0 && ends(t, i)               // «Отлично, 5!»
		level := i > 0 && t.Tokens[i-1].Norm == "на" && ends(t, i) && worked(cues)                           // «сделали на 3»
		if rest == 0 || first || last || level || marked && !counts(t, i) {
			mark, at, alone = n, russian.Span{Start: tok.Start, End: tok.End}, rest == 0
		}
	}
	return mark, at, alone
}

// below reports whether the number at i is less than nothing: «-5», «минус 5».
func below(t *russian.Text, i int) bool {
	if i == 0 {
		return false
	}
	before := &t.Tokens[i-1]
	return before.Norm == "минус" || i == 1 && (before.Norm == "-" || before.Norm == "−") && before.End == t.Tokens[i].Start
}

// worked reports whether the text tells of work done.
func worked(cues []cue) bool {
	for _, c := range cues {
		if c.class == done {
			return true
		}
	}
	return false
}

// others counts the words of the text that do not belong to the mark at token i.
func others(t *russian.Text, i int) (n int) {
	for k := range t.Tokens {
		tok := &t.Tokens[k]
		switch {
		case k == i, tok.Kind == russian.Punct, tok.Kind == russian.Symbol:
		case tok.Norm == "5" && k > 0 && t.Tokens[k-1].Norm == "из": // «4 из 5»
		case unitWords[tok.Lemma()] || unitWords[tok.Norm] || sayWords[tok.Lemma()] || sayWords[tok.Norm]:
		default:
			n++
		}
	}
	return n
}

// ends reports whether nothing but punctuation follows token i.
func ends(t *russian.Text, i int) bool {
	for _, tok := range t.Tokens[i+1:] {
		if tok.Kind != russian.Punct && tok.Kind != russian.Symbol {
			return false
		}
	}
	return true
}

// counts reports whether the number at i counts something else: «5 дней», «дом 5», «5 подъезд».
func counts(t *russian.Text, i int) bool {
	if i > 0 {
		switch before := &t.Tokens[i-1]; {
		case before.Norm == "дом", before.Norm == "д", before.Norm == "№", before.Norm == "корпус", before.Norm == "квартира", before.Norm == "кв":
			return true
		}
	}
	if i+1 < len(t.Tokens) {
		next := &t.Tokens[i+1]
		return next.Kind == russian.Word && next.Any(russian.Noun) && !unitWords[next.Lemma()]
	}
	return false
}

// stars counts stars and keycap digits: «⭐⭐⭐⭐», «5️⃣».
func stars(s string) (n int, at russian.Span) {
	first, last := -1, -1
	for i, r := range s {
		if r == '⭐' || r == '★' || r == '🌟' {
			if first < 0 {
				first = i
			}
			n, last = n+1, i+len(string(r))
		}
	}
	if n >= 1 && n <= 5 {
		return n, russian.Span{Start: first, End: last}
	}
	if k := strings.Index(s, "⃣"); k > 0 {
		d := strings.TrimSuffix(s[:k], "️")
		if d == "" {
			return 0, at
		}
		if c := d[len(d)-1]; c >= '1' && c <= '5' {
			return int(c - '0'), russian.Span{Start: len(d) - 1, End: k + len("⃣")}
		}
	}
	return 0, at
}

func letter(r rune) bool {
	return r >= 'а' && r <= 'я' || r >= 'А' && r <= 'Я' || r == 'ё' || r == 'Ё'
}
