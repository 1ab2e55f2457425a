package followup

import (
	"slices"

	"otklik/internal/feedback"
	"otklik/internal/russian"
)

// A balance is what the clauses of a text say together: how many cues of each class,
// and the words that show it.
type balance struct {
	of       map[class]int
	evidence []feedback.Evidence
	irony    bool // thanks beside words that nobody who is content needs
}

// contrast words part clauses: what stands before them is taken back or narrowed.
var contrast = map[string]bool{"но": true, "однако": true, "зато": true, "только": true}

// weigh counts cues clause by clause: a done thing that its clause denies, wishes
// or only reports is not done.
func weigh(t *russian.Text, cues []cue) balance {
	b := balance{of: map[class]int{}, irony: ironic(t)}
	clause := clauses(t)
	in := func(k int, c class) bool {
		return slices.ContainsFunc(cues, func(o cue) bool { return o.class == c && clause[o.from] == k })
	}
	covered := func(c cue) bool { // by a longer cue that says something else of the same words: «не убрали»
		return slices.ContainsFunc(cues, func(o cue) bool {
			return o.class != c.class && o.from <= c.from && o.to >= c.to && o.to-o.from > c.to-c.from
		})
	}
	for _, c := range cues {
		k := clause[c.from]
		if covered(c) {
			continue
		}
		is := c.class
		why := c.why
		if is == done {
			tok := &t.Tokens[c.from]
			switch {
			case denied(t, clause, c.from), deniedBehind(t, c.to):
				is, why = undone, "не сделано"
			case in(k, reported) || quoted(t, c.from):
				is, why = reported, "так говорят"
			case subjunctive(t, clause, c.from):
				continue // «хоть бы раз сделали»
			case c.to-c.from == 1 && !happened(tok):
				continue // «надо убрать», «если уберут»: still wished
			case asks(t, c.from) && !in(k, thanks):
				continue
			}
		}
		if is == marks || is == praise && denied(t, clause, c.from) {
			continue
		}
		b.of[is]++
		if is == wish { // tells nothing that a person wants to see
			continue
		}
		b.evidence = append(b.evidence, feedback.Evidence{Start: t.Tokens[c.from].Start, End: t.Tokens[c.to-1].End, Why: why})
	}
	if n := some(t); n > 0 && b.of[done] > 0 { // «заменили 2 фонаря из 5»
		b.of[partly]++
		b.evidence = append(b.evidence, feedback.Evidence{Start: t.Tokens[n].Start, End: t.Tokens[n+1].End, Why: "не всё"})
	}
	return b
}

// clauses returns the number of the clause that each token stands in: sentences,
// parted again at words of contrast.
func clauses(t *russian.Text) []int {
	out := make([]int, len(t.Tokens))
	k, ends := 0, t.Sentences()
	s := 0
	for i := range t.Tokens {
		tok := &t.Tokens[i]
		for s < len(ends) && tok.Start >= ends[s].End {
			s, k = s+1, k+1
		}
		if i > 0 && (contrast[tok.Norm] || tok.Norm == "а" && t.Tokens[i-1].Kind == russian.Punct) {
			k++
		}
		out[i] = k
	}
	return out
}

// denied reports whether «не», «ни», «никто», «ничего» or «нет» stands at most three words
// before token i in its clause.
func denied(t *russian.Text, clause []int, i int) bool {
	for k, seen := i-1, 0; k >= 0 && seen < 3 && clause[k] == clause[i]; k-- {
		switch t.Tokens[k].Norm {
		case "не", "ни", "никто", "ничего", "никак", "никаких", "нифига", "нихрена", "фиг", "хрен", "ничо", "ниче", "нечего":
			return true
		case ",":
			return false
		}
		if t.Tokens[k].Kind != russian.Punct {
			seen++
		}
	}
	return false
}

// quoted reports whether the token stands in quotation marks: «"отремонтировали"».
func quoted(t *russian.Text, i int) bool {
	return i > 0 && i+1 < len(t.Tokens) && t.Tokens[i-1].Norm == `"` && t.Tokens[i+1].Norm == `"`
}

// happened reports whether a verb tells of what is: past tense or a participle of it,
// not an infinitive, an order or a future.
func happened(tok *russian.Token) bool {
	f := tok.Forms
	if len(f) == 0 {
		return false
	}
	return tok.Any(russian.Past) && !f[0].Gram.Any(russian.Impr|russian.Infn|russian.Noun) || tok.Any(russian.Participle) && !f[0].Gram.Any(russian.Infn)
}

// asks reports whether the clause of token i ends in a question mark.
func asks(t *russian.Text, i int) bool {
	for k := i; k < len(t.Tokens); k++ {
		switch t.Tokens[k].Norm {
		case "?":
			return true
		case ".", "!", "…", ";":
			return false
		}
	}
	return false
}

// decide says what the balance means. words counts tokens: short words are surer.
func (b *balance) decide(c Context, words int) (feedback.Meaning, float64) {
	n := b.of
	against := n[undone] + n[still] + n[again] + n[fraud]
	if c.Elsewhere && (c.Trouble || n[more] > 0 || against > 0) && n[done] == 0 {
		return feedback.NewMatter, 0.8
	}
	if c.Other && c.Trouble && n[done] == 0 && n[fraud] == 0 {
		return feedback.NewMatter, 0.6
	}
	sure := func(cues int) float64 { // of so many that agree
		p := 0.8 + 0.05*float64(min(cues, 3))
		if words > 60 { // long stories say many things
			p -= 0.15
		}
		return p
	}
	switch {
	case n[more] > 0 && n[done] > 0: // «сделали, спасибо. Теперь …»
		return feedback.Unsure, 0.5
	case n[more] > 0 && against > 0 && n[still]+n[fraud]+n[again] == 0: // «заодно и фонарь, он тоже не горит»
		return feedback.NewMatter, 0.6
	case n[done] > 0 && (n[partly] > 0 || n[undone] > 0 || n[still] > 0) && n[again] == 0:
		return feedback.Partly, 0.7
	case n[done] > 0 && n[self] > 0: // the trouble is gone, and not by those who answered
		return feedback.Unsure, 0.5
	case n[done] > 0 && against == 0 && n[partly] == 0:
		if n[more] > 0 && c.Trouble || n[wish] > 1 {
			return feedback.Unsure, 0.5
		}
		if n[reported] == 0 && (n[thanks]+n[praise] > 0 && words <= 14 || words <= 7) {
			return feedback.Confirmed, sure(n[done] + n[thanks])
		}
		return feedback.Confirmed, 0.7
	case against > 0 && n[done] == 0:
		if n[again] > 0 && n[undone]+n[still]+n[fraud] == 0 && n[again] == 1 {
			return feedback.Refuted, 0.8
		}
		return feedback.Refuted, sure(against)
	case n[again] > 0: // done, and there again
		return feedback.Refuted, 0.8
	case n[fraud] > 0:
		return feedback.Refuted, 0.75
	case n[partly] > 0:
		return feedback.Partly, 0.65
	case n[more] > 0 && n[reported] == 0:
		return feedback.NewMatter, 0.6
	case n[reported] > 0 && c.Trouble: // «пишете, что убрали. Снег лежит»
		return feedback.Refuted, 0.7
	case c.Trouble && n[thanks] == 0:
		return feedback.Refuted, 0.6
	case b.irony && n[thanks]+n[answer] > 0: // «ну спасибо, год ждали»
		return feedback.Unsure, 0.5
	case n[answer] > 0 && n[wish]+n[more] == 0 && words <= 20:
		return feedback.Thanks, 0.85
	case n[thanks] > 0 && words <= 12 && n[wish] == 0:
		return feedback.Thanks, 0.8
	case n[praise] > 0 && words <= 4 && n[wish] == 0:
		return feedback.Confirmed, 0.6
	}
	return feedback.Unsure, 0.5
}
