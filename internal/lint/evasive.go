package lint

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"otklik/internal/lifecycle"
	"otklik/internal/russian"
)

// evades weighs all signs together. Where they say runaround and the rules have
// found little, the reply is doubted as a whole; where they say answer, the rules
// on its content cost less: one of them alone does not make it suspicious.
func (k *check) evades() {
	if k.tells == nil {
		return
	}
	r := k.weighSigns(*k.tells)
	cost := 0
	for i := range k.findings {
		if k.findings[i].Rule.ofContent() {
			cost += k.findings[i].Cost
		}
	}
	if r.odds > 0 {
		if due := doubtful + int(min(evasiveMost, 6*r.odds)); cost < due {
			k.find(Evasive, k.hollowest(), russian.Span{}, due-cost, Grave, "Похоже на отписку: "+k.reasons(&r)+".",
				"Напишите об этом самом случае: что сделали или сделают, кто и когда. Если нельзя — почему и что делать вместо этого.")
		}
		return
	}
	due := doubtful - 1 - int(min(evasiveMost, -6*r.odds))
	if cost <= due || k.Outcome == lifecycle.Solved {
		return
	}
	for i := range k.findings {
		if f := &k.findings[i]; f.Rule.ofContent() {
			f.Cost, f.Severity = max(1, f.Cost*due/cost), Minor
		}
	}
}

// doubtful is what a reply costs that is just suspicious. The signs alone move it by
// evasiveMost at most: they never bring a reply below Bar.
const (
	doubtful            = 100 - Suspicious + 1
	evasiveMost float64 = 100 - Bar - doubtful
)

// ofContent reports whether a rule asks what is said, and in which words; the
// others find what is wrong in any reply.
func (r Rule) ofContent() bool {
	switch r {
	case NoAction, NoDate, NoEcho, OtherThing, Redirect, NotOurs, NotFound, EmptyWords, Officialese, FullNames:
		return true
	}
	return false
}

// hollowest returns the sentence whose own words weigh most against the reply.
func (k *check) hollowest() int {
	best, most := k.emptiest(), 0.0
	for n := range k.sentences {
		s := &k.sentences[n]
		sum := 0.0
		for i := s.first; i < s.next; i++ {
			if k.tok[i].Kind != russian.Word || k.notes[i].phrase&greeting != 0 {
				continue
			}
			for _, c := range shareOf {
				if k.notes[i].class&c.class != 0 && c.share < signs {
					sum += k.book.signs[c.share]
				}
			}
			if f := form(&k.tok[i], k.notes[i].class&(idle|support|look) != 0); f < signs {
				sum += max(k.book.signs[f], 0)
			}
		}
		if sum > most {
			best, most = n, sum
		}
	}
	return best
}

// reasons names the two traits that weigh most against a reply.
func (k *check) reasons(r *reading) string {
	against := func(list ...sign) (sum float64) { // by being there
		for _, s := range list {
			sum += k.book.signs[s] * r.value[s]
		}
		return sum
	}
	missing := func(list ...sign) (sum float64) { // by its absence
		for _, s := range list {
			sum -= k.book.signs[s] * (1 - r.value[s])
		}
		return sum
	}
	type why struct {
		weight float64
		text   string
	}
	all := []why{
		{against(shareCommon, hasCommon), "общие слова, которые подошли бы к любой жалобе"},
		{against(shareFeeling, hasFeeling), "вежливые слова вместо дела"},
		{against(shareFigure), "цифры обо всём сразу, а не об этом случае"},
		{against(shareLook), "посмотрели или передали, а что изменится, не сказано"},
		{against(shareHedge, hasHedge, deedHedge), "обещание, по которому нечего проверить"},
		{against(shareHabit, shareState), "рассказ о том, как делается обычно"},
		{missing(hasMoment, hasNumber, days), "не сказано, когда"},
		{missing(echoes) + against(placeLost), "не названо то, о чём писали"},
		{3 * against(whenOpen), "спросили «когда», а дня в ответе нет"},
	}
	if *k.tells&(done|planned) == 0 {
		all = append(all, why{missing(isPlanned, hasWill), "не сказано, что сделали или сделают"})
	}
	slices.SortStableFunc(all, func(a, b why) int { return cmp.Compare(b.weight, a.weight) })
	texts := []string{all[0].text}
	if all[1].weight > math.Ln2/2 {
		texts = append(texts, all[1].text)
	}
	return strings.Join(texts, "; ")
}
