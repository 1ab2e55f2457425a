package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/russian"
)

// A sign is a trait of the whole reply that speaks for or against it: how many of
// its words are about everything, whether it names an hour. No sign decides; their
// weighted sum does (signs.txt).
type sign uint8

// Signs. A share is the number of words, ten times, over all words and five, so
// that one word of a short reply weighs little. A bare one is 0 or 1, or in between.
const (
	shareCommon sign = iota
	shareFeeling
	shareFigure
	shareLook
	shareHedge
	shareHabit  // presents in -ся
	shareWe     // presents of the first person
	sharePerson // pronouns
	shareQuality
	shareState // participles of verbs that do nothing
	shareDid   // pasts in the singular
	shareTheyDid
	shareLoud // exclamation marks
	hasCommon
	hasFeeling
	hasHedge
	hasMoment
	hasNumber
	hasDid
	hasTheyDid
	hasWill
	days
	echoes
	placeLost
	elsewhere // a deed at a place that the complaint does not name
	brief     // a deed in six words at most that names the thing
	deedEcho
	deedHedge
	isPlanned
	isOngoing
	isExplained
	isReachable
	whenOpen // «когда?» and no day
	ruleNoDate
	ruleNoAction
	ruleRedirect
	ruleEmpty
	wordLength // mean letters of a word beyond six

	signs
)

var signNames = [signs]string{"common", "feeling", "figure", "look", "hedge", "habit", "we", "person", "quality", "state", "did", "they_did", "loud",
	"any_common", "any_feeling", "any_hedge", "any_moment", "any_number", "any_did", "any_they_did", "any_will", "days", "echoes", "place_lost", "elsewhere", "brief",
	"deed_echo", "deed_hedge", "planned", "ongoing", "explained", "reachable", "when_open", "no_date", "no_action", "redirect", "empty_words", "word_length"}

// weigh reads signs.txt.
func (b *book) weigh(text string) error {
	for n, line := range lines(text) {
		name, rest, _ := strings.Cut(line, " ")
		w, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
		at := slices.Index(signNames[:], name)
		switch {
		case err != nil || at < 0 && name != "level":
			return fmt.Errorf("lint: signs.txt, entry %d: want \"sign weight\", got %q", n+1, line)
		case at < 0:
			b.level = w
		default:
			b.signs[at] = w
		}
	}
	return nil
}

// A reading is what the signs say of a reply.
type reading struct {
	value [signs]float64
	odds  float64 // logarithm of the odds that the reply is a runaround
}

// shareOf are the classes of words whose share is a sign, and the sign that any is there.
var shareOf = [...]struct {
	class      class
	share, any sign
}{
	{common, shareCommon, hasCommon}, {feeling, shareFeeling, hasFeeling}, {figure, shareFigure, signs}, {look, shareLook, signs}, {hedge, shareHedge, hasHedge},
	{moment, signs, hasMoment},
}

// weighSigns reads the signs of a reply whose rules have been asked.
func (k *check) weighSigns(all deed) (r reading) {
	var n [signs + 1]float64 // the last one takes what is no sign
	words, letters := 0, 0
	for i := range k.sentences {
		s := &k.sentences[i]
		did, echoed, hedged, abroad := false, false, false, false
		for at := s.first; at < s.next; at++ {
			t, note := &k.tok[at], &k.notes[at]
			if note.phrase&greeting != 0 {
				continue
			}
			switch t.Kind {
			case russian.Number, russian.Mixed:
				n[hasNumber]++
				continue
			case russian.Word:
			default:
				if t.Norm == "!" && s.phrases&greeting == 0 {
					n[shareLoud]++
				} else if t.Norm == "%" {
					n[shareFigure]++
				}
				continue
			}
			words++
			letters += len(t.Norm) / 2
			for _, c := range shareOf {
				if note.class&c.class != 0 {
					n[c.share]++
					n[c.any]++
				}
			}
			n[form(t, note.class&(idle|support|look) != 0)]++
			did = did || note.class&(idle|support|look) == 0 && k.deedOf(at, s, false, false)&(done|planned) != 0
			hedged = hedged || note.class&hedge != 0
			abroad = abroad || t.Shape == russian.Title && at > s.first && marksPlace(k.tok, at)
			echoed = echoed || note.class&generic == 0 && slices.ContainsFunc(k.asked.words, t.Print().Same)
		}
		if did && echoed {
			r.value[deedEcho] = 1
		}
		if did && abroad {
			r.value[elsewhere] = 1
		}
		if did && hedged {
			r.value[deedHedge] = 1
		}
	}
	for s := shareCommon; s <= shareLoud; s++ {
		r.value[s] = 10 * n[s] / float64(words+5)
	}
	n[hasDid], n[hasTheyDid] = n[shareDid], n[shareTheyDid]
	for s := hasCommon; s <= hasWill; s++ {
		r.value[s] = min(n[s], 2) / 2
	}
	r.value[wordLength] = float64(letters)/float64(max(words, 1)) - 6
	r.value[days] = min(float64(k.days()), 2) / 2
	k.weighEcho(&r)
	if r.value[placeLost] == 0 && r.value[echoes] > 0 {
		r.value[elsewhere] = 0
	}
	if words <= 6 && all&done != 0 && r.value[echoes] > 0 {
		r.value[brief] = 1
	}
	for _, d := range [...]struct {
		deed deed
		sign sign
	}{{planned, isPlanned}, {ongoing, isOngoing}, {explains, isExplained}, {reaches, isReachable}} {
		if all&d.deed != 0 {
			r.value[d.sign] = 1
		}
	}
	if k.asksWhen() && n[hasMoment] == 0 && r.value[days] == 0 {
		r.value[whenOpen] = 1
	}
	for _, f := range k.findings {
		cost := float64(f.Cost) / 50
		switch f.Rule {
		case NoDate:
			r.value[ruleNoDate] += cost
		case NoAction:
			r.value[ruleNoAction] += cost
		case Redirect:
			r.value[ruleRedirect] += cost
		case EmptyWords:
			r.value[ruleEmpty] += cost
		}
	}
	r.odds = k.book.level
	for s, v := range r.value {
		r.odds += v * k.book.signs[s]
	}
	return r
}

// form returns the sign that a word's form counts for, or signs; idles are verbs that do nothing.
func form(t *russian.Token, idles bool) sign {
	g := t.Forms[0].Gram
	switch {
	case g.Any(russian.Verb) && g.Any(russian.Past):
		switch {
		case idles:
			return signs
		case g.Any(russian.Plur):
			return shareTheyDid
		}
		return shareDid
	case g.Any(russian.Verb) && g.Any(russian.Futr):
		if !idles {
			return hasWill
		}
	case g.Any(russian.Verb) && g.Any(russian.Impr):
	case g.Any(russian.Verb):
		switch {
		case strings.HasSuffix(t.Norm, "ся"), strings.HasSuffix(t.Norm, "сь"):
			return shareHabit
		case g.Any(russian.Per1):
			return shareWe
		}
	case g.Any(russian.Participle):
		if idles {
			return shareState
		}
	case g.Any(russian.Adj):
		return shareQuality
	case g.Any(russian.Pronoun):
		return sharePerson
	}
	return signs
}

// weighEcho asks how much of the complaint stands in the reply: its words, its places and numbers.
func (k *check) weighEcho(r *reading) {
	shared := 0
	for i, w := range k.asked.words {
		if shared < 3 && !slices.ContainsFunc(k.asked.words[:i], w.Same) && slices.ContainsFunc(k.told.words, w.Same) {
			shared++
		}
	}
	r.value[echoes] = float64(shared) / 3
	if k.Complaint == nil {
		return
	}
	named, kept := false, false
	for i := range k.Complaint.Tokens {
		t := &k.Complaint.Tokens[i]
		if !marksPlace(k.Complaint.Tokens, i) {
			continue
		}
		named = true
		kept = kept || slices.ContainsFunc(k.tok, func(o russian.Token) bool {
			return o.Kind == t.Kind && (o.Norm == t.Norm || t.Kind == russian.Word && o.Print().Same(t.Print()))
		})
	}
	if named && !kept {
		r.value[placeLost] = 1
	}
}

// marksPlace reports whether a token is a number or a name: a capital within a sentence.
func marksPlace(tok []russian.Token, i int) bool {
	t := &tok[i]
	if t.Kind == russian.Number || t.Kind == russian.Mixed {
		return true
	}
	return t.Kind == russian.Word && t.Shape == russian.Title && i > 0 && !t.Forms[0].Gram.Any(russian.Name|russian.Patr) && tok[i-1].Norm != "." && tok[i-1].Norm != "!" && tok[i-1].Norm != "?"
}

// asksWhen reports whether the complaint asks for a day.
func (k *check) asksWhen() bool {
	return k.Complaint != nil && slices.ContainsFunc(k.Complaint.Tokens, func(t russian.Token) bool { return t.Norm == "когда" })
}
