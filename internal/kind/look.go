package kind

import (
	"math"
	"math/bits"
	"strings"

	"otklik/internal/russian"
)

// share saturates: one word in ten of a kind is as telling as it gets.
func share(n, words int) float32 {
	return float32(math.Min(1, 10*float64(n)/float64(words+5)))
}

func either(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// capped is n of 3 at most.
func capped(n int) float32 { return float32(min(n, 3)) / 3 }

// look fills s from the text.
func (l *lexicon) look(t *russian.Text, g *groups, s *signals) {
	n := len(l.names)
	if len(s.x) != builtin+2*n {
		s.x = make([]float32, builtin+2*n)
	}
	clear(s.x)
	clear(s.count[:])
	s.words = 0
	s.tokens = s.tokens[:0]
	s.seen.clear(len(l.words))
	toks := t.Tokens
	var past, per1, per3, impr, infn, verbs, names, geo, title, upper, latin, guessed, numbers, shortAdj int
	var question, exclaim, many, tight, loose, quotes, dash, links, emoji, markup, hashtag, bullets, commas, dots, smile, not, age, money, house, lackOf int
	var things, troubles, news, facings, they, theyDid, per2, futr, pres, colon, done int
	lastNo := -9 // the word that said «не» last
	var verbFirst, nounFirst, saidNo bool
	var first uint64 // classes of the first three words
	sentence := true // the next word begins a sentence
	var near uint64  // classes of the previous two words
	var before uint64
	for i := range toks {
		k := &toks[i]
		blankAfter := i+1 == len(toks) || toks[i+1].Start > k.End
		var mask uint64
		switch k.Kind {
		case russian.Punct:
			src := t.Source[k.Start:k.End]
			switch src[0] {
			case '?':
				question++
				sentence = true
			case '!':
				exclaim++
				sentence = true
			case '.':
				dots++
				sentence = true
			case ',':
				commas++
			case ')', '(':
				if len(src) > 1 || !blankAfter && toks[i+1].Norm == k.Norm {
					smile++
				}
			case '*', '_', '[':
				markup++
			}
			switch src {
			case "«", "»":
				quotes++
			case "—", "–":
				dash++
			case ":":
				colon++
			case "•", "●", "▪", "►":
				bullets++
			}
			if c := src[0]; (c == ',' || c == '.' || c == '!' || c == '?' || c == ')') && i > 0 {
				if !blankAfter && toks[i+1].Kind == russian.Word && toks[i+1].Norm[0] >= 0x80 {
					tight++
				}
				if toks[i-1].End < k.Start {
					loose++
				}
				if len(src) > 1 {
					many++
				}
			}
		case russian.Symbol:
			switch k.Norm {
			case "₽", "$", "€", "%":
				money++
			case "*", "_", "**", "__":
				markup++
			case "•", "●", "▪", "►":
				bullets++
			default:
				emoji++
			}
		case russian.Link:
			links++
		case russian.Hashtag:
			hashtag++
		case russian.Number:
			numbers++
			s.words++
			if (near|before)&g.place != 0 {
				house++
			}
			before, near = near, 0
			sentence = false
		case russian.Mixed:
			s.words++
			numbers++
			before, near = near, 0
			sentence = false
		case russian.Word:
			s.words++
			mask = l.classes(toks, i, &s.seen)
			if k.Norm[0] < 0x80 {
				latin++
			}
			if !sentence && k.Shape == russian.Title {
				title++
			}
			if k.Shape == russian.Upper && len(k.Norm) > 6 {
				upper++
			}
			if k.Norm == "не" || k.Norm == "ни" {
				not++
			}
			if k.Norm == "не" || k.Norm == "никто" || k.Norm == "никак" {
				lastNo = s.words
			}
			if mask&g.done != 0 && s.words > lastNo+2 && len(k.Forms) > 0 {
				if f := k.Forms[0].Gram; f.Any(russian.Participle) || f.Any(russian.Verb) && f.Any(russian.Past|russian.Per3) && !f.Has(russian.Impr) {
					done++
				}
			}
			saidNo = saidNo || k.Norm == "не" || k.Norm == "ни" || k.Norm == "нет" || k.Norm == "без" || k.Norm == "нету"
			if len(k.Forms) > 0 {
				f := k.Forms[0].Gram
				switch {
				case f.Has(russian.Guessed):
					guessed++
				case f.Any(russian.Verb):
					verbs++
					switch {
					case f.Has(russian.Impr):
						impr++
					case f.Has(russian.Past):
						past++
						if f.Has(russian.Plur) {
							theyDid++
						}
					case f.Has(russian.Per1):
						per1++
					case f.Has(russian.Per2):
						per2++
					case f.Has(russian.Per3):
						per3++
						if f.Has(russian.Plur) {
							they++
						}
						if f.Has(russian.Futr) {
							futr++
						} else {
							pres++
						}
					}
				case f.Any(russian.Infn):
					verbs++
					infn++
				case f.Any(russian.Participle):
					shortAdj++
				}
				if s.words == 1 {
					verbFirst = f.Any(russian.Verb) && f.Any(russian.Past|russian.Per3)
					nounFirst = f.Has(russian.Noun | russian.Nomn)
				}
				switch {
				case f.Any(russian.Name | russian.Surn | russian.Patr):
					names++
				case f.Any(russian.Geox):
					geo++
				}
			}
			if i >= 2 && strings.HasPrefix(k.Norm, "летн") && toks[i-1].End == k.Start && toks[i-2].Kind == russian.Number {
				age++
			}
			if mask&g.thing != 0 {
				things++
				if (near|before)&g.lack != 0 {
					lackOf++
				}
			}
			if s.words <= 3 {
				first |= mask
			}
			if mask&g.trouble != 0 {
				troubles++
			}
			if mask&g.news != 0 {
				news++
			}
			if mask&g.facing != 0 {
				facings++
			}
			for m := mask; m != 0; m &= m - 1 {
				c := bits.TrailingZeros64(m)
				if s.count[c] == 0 {
					s.first[c] = int32(i)
				}
				s.count[c]++
			}
			before, near = near, mask
			sentence = false
		}
		s.tokens = append(s.tokens, mask)
	}
	w := s.words
	x := s.x
	x[fBias] = 1
	x[fShort] = either(w <= 4)
	x[fLong] = either(w > 60)
	x[fLogLen] = float32(math.Log1p(float64(w)) / 5)
	x[fPast] = share(past, w)
	x[fPer1] = capped(per1)
	x[fPer3] = share(per3, w)
	x[fImpr] = capped(impr)
	x[fInfn] = share(infn, w)
	x[fNoVerb] = either(verbs == 0)
	x[fVerbs] = share(verbs, 3*w)
	x[fName] = share(names, w)
	x[fGeox] = share(geo, w)
	x[fTitle] = share(title, 2*w)
	x[fUpper] = share(upper, w)
	x[fLatin] = share(latin, w)
	x[fGuessed] = share(guessed, w)
	x[fNumber] = share(numbers, w)
	x[fQuestion] = capped(question)
	x[fExclaim] = capped(exclaim)
	x[fMany] = capped(many)
	x[fTight] = capped(tight)
	x[fLoose] = capped(loose)
	x[fQuotes] = capped(quotes / 2)
	x[fDash] = capped(dash)
	x[fLinks] = capped(links)
	x[fEmoji] = capped(emoji)
	x[fMarkup] = capped(markup / 2)
	x[fHashtag] = capped(hashtag)
	x[fBullets] = capped(bullets)
	x[fComma] = share(commas, w)
	x[fDot] = share(dots, w)
	x[fSmile] = capped(smile)
	x[fNot] = share(not, w)
	x[fAge] = capped(age)
	x[fShortAdj] = share(shortAdj, w)
	x[fMoney] = capped(money)
	x[fHouse] = capped(house)
	x[fLackOf] = capped(lackOf)
	x[fThing] = either(things > 0)
	x[fThings] = share(things, 2*w)
	x[fTrouble] = either(troubles > 0)
	x[fTroubles] = share(troubles, w)
	x[fNews] = either(news > 0)
	x[fNewsShare] = share(news, 2*w)
	x[fFacing] = either(facings > 0)
	x[fFacings] = share(facings, 2*w)
	x[fTroubleThing] = either(troubles > 0 && things > 0)
	x[fAlone] = either((things > 0 || troubles > 0) && facings == 0 && news == 0 && w <= 8)
	x[fThey] = share(they, w)
	x[fTheyDid] = share(theyDid, w)
	x[fPer2] = capped(per2)
	x[fTroubleFirst] = either(first&g.trouble != 0)
	x[fThingFirst] = either(first&g.thing != 0)
	x[fFacingFirst] = either(first&g.facing != 0)
	x[fNewsFirst] = either(first&g.news != 0)
	x[fAskThing] = either(question > 0 && things > 0 && first&g.ask != 0 && w <= 20)
	x[fAskOther] = either(question > 0 && things == 0 && troubles == 0)
	x[fNothing] = either(things == 0 && troubles == 0 && facings == 0)
	if len(toks) > 0 {
		last, head := &toks[len(toks)-1], &toks[0]
		x[fNoEnd] = either(last.Kind == russian.Word)
		x[fLowStart] = either(head.Kind == russian.Word && head.Shape == russian.Lower)
		x[fEmojiTop] = either(head.Kind == russian.Symbol)
		for i := 0; i+1 < len(toks) && i < 4; i++ {
			if toks[i].Norm == "в" && toks[i].Shape == russian.Title || i == 0 && toks[i].Norm == "на" {
				x[fInGeo] = either(toks[i+1].Shape == russian.Title)
				break
			}
		}
	}
	x[fFutr], x[fPres] = share(futr, w), share(pres, w)
	x[fVerbFirst], x[fNounFirst] = either(verbFirst), either(nounFirst)
	x[fDone] = share(done, w)
	if w <= brief {
		trouble := troubles > 0
		for i, b := range [...]bool{true, past > 0, futr > 0, pres > 0, verbs == 0, saidNo, trouble, trouble && things > 0, things > 0, question > 0, impr > 0, infn > 0,
			names > 0, title > 0, numbers > 0, house > 0, s.any(g.place), dash+colon > 0, s.any(g.ad), news > 0, s.any(g.official), facings > 0, verbFirst, nounFirst,
			shortAdj > 0, trouble && past > 0, trouble && futr > 0, trouble && verbs == 0,
			done > 0, geo > 0, x[fInGeo] > 0, x[fInGeo] > 0 && trouble && done == 0, house > 0 && trouble && done == 0, done > 0 && facings == 0 && question == 0 && !saidNo} {
			x[fBrief+i] = either(b)
		}
	}
	own := false
	for m := g.self; m != 0; m &= m - 1 {
		own = own || s.count[bits.TrailingZeros64(m)] > 0
	}
	x[fOwnTrouble] = either(own && troubles > 0)
	for c := range n {
		if s.count[c] > 0 {
			x[builtin+c] = 1
			x[builtin+n+c] = share(int(s.count[c]), w)
		}
	}
}
