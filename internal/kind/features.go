package kind

import (
	"math"
	"math/bits"
	"strings"

	"otklik/internal/russian"
)

// Features that are no class of the lexicon: how the text is built. Their
// names stand in weights.txt.
const (
	fBias = iota
	fShort
	fLong
	fLogLen
	fPast     // share of verbs in the past tense
	fPer1     // verbs of the first person
	fPer3     // share of present and future verbs of the third person
	fImpr     // imperatives
	fInfn     // infinitives
	fNoVerb   // no verb at all
	fVerbs    // share of verbs
	fName     // share of names of people
	fGeox     // share of geographic names
	fTitle    // share of words with a capital letter inside a sentence
	fUpper    // share of words all in capitals
	fLatin    // share of Latin words
	fGuessed  // share of words that the dictionary does not know
	fNumber   // share of numbers
	fQuestion // question marks
	fExclaim  // exclamation marks
	fMany     // runs of !!!, ???, ....
	fTight    // a sign with no blank after it: «вода,свет»
	fLoose    // a blank before a sign: «вода , свет»
	fQuotes   // «…»
	fDash     // em dash
	fNoEnd    // no sign at the end
	fLowStart // starts with a small letter
	fLinks    // links and addresses
	fEmoji    // emoji and other symbols
	fEmojiTop // begins with a symbol
	fMarkup   // ** __ [ ](
	fHashtag
	fBullets  // lines that begin with a sign
	fComma    // commas to the word
	fDot      // sentences to the word
	fSmile    // )) and ((
	fNot      // the particle «не» to the word
	fInGeo    // begins «В Абакане …»
	fAge      // «28-летний»
	fShortAdj // passive participles: «установлен», «разбита»
	fMoney    // sums: ₽ $ € %
	fHouse    // a number after a word of place: «Ленина, 5»
	fLackOf   // «нет воды»: lack before a thing of the city
	fThing    // some thing of the city at all
	fThings   // share of such words
	fTrouble  // some word of damage, filth or lack
	fTroubles // share of such words
	fNews     // some word of news
	fNewsShare
	fFacing // somebody is spoken to: we, you, greeting, plea
	fFacings
	fTroubleThing // both a trouble and a thing
	fAlone        // a thing or trouble, nobody speaking, no news, few words
	fNothing      // no thing, no trouble, nobody spoken to
	fThey         // verbs of the third person plural now: «не убирают»
	fTheyDid      // verbs of the plural in the past: «закрыли»
	fPer2         // verbs of the second person
	fTroubleFirst // the first three words name a trouble
	fThingFirst   // the first three words name a thing of the city
	fFacingFirst  // the first three words speak to somebody
	fNewsFirst    // the first three words are words of news
	fAskThing     // a short question that begins as one and names a thing of the city
	fAskOther     // a question that names none
	fOwnTrouble   // we or I, and a trouble
	fFutr         // share of verbs of the third person in the future: «отремонтируют»
	fPres         // share of verbs of the third person in the present
	fVerbFirst    // begins with a verb of the third person: «Завершили ремонт»
	fNounFirst    // begins with a noun as a subject
	fDone         // somebody did, does or will do something, and no «не» before it: «отремонтировали», «откроют», «завершён»

	// A text of up to ten words has little to weigh, and a headline is built otherwise
	// than a complaint: the same marks have weights of their own there.
	fBrief
	fBriefPast
	fBriefFutr
	fBriefPres
	fBriefNoVerb
	fBriefNot // «не», «нет», «без», «ни»
	fBriefTrouble
	fBriefTroubleThing
	fBriefThing
	fBriefAsk
	fBriefImpr
	fBriefInfn
	fBriefName
	fBriefTitle
	fBriefNumber
	fBriefHouse
	fBriefPlace
	fBriefSigns // a dash or a colon
	fBriefAd
	fBriefNews
	fBriefOfficial
	fBriefFacing
	fBriefVerbFirst
	fBriefNounFirst
	fBriefDeed // participles: «закрыт», «отремонтированный»
	fBriefTroublePast
	fBriefTroubleFutr
	fBriefTroubleNoVerb
	fBriefDone
	fBriefGeo
	fBriefInGeo
	fBriefInGeoTrouble // «В Сорске течёт крыша»
	fBriefHouseTrouble
	fBriefDoneOnly // and nobody is spoken to, nothing asked, no «не»
	builtin
)

// brief is how many words a text has at most for the marks of brief ones.
const brief = 10

var builtinNames = [builtin]string{
	"bias", "short", "long", "log_len", "past", "first_person", "third_person", "imperative", "infinitive", "no_verb", "verbs",
	"names", "geo", "title", "upper", "latin", "guessed", "number", "question", "exclaim", "many_signs", "tight", "loose", "quotes",
	"dash", "no_end", "low_start", "links", "emoji", "emoji_first", "markup", "hashtag", "bullets", "commas", "sentences",
	"smile", "not", "in_geo", "age", "short_adj", "money", "house_number", "lack_of", "thing", "things", "trouble", "troubles",
	"news", "news_share", "facing", "facings", "trouble_thing", "alone", "nothing", "they", "they_did", "second_person", "trouble_first", "thing_first", "facing_first", "news_first", "ask_thing", "ask_other", "own_trouble",
	"future", "present", "verb_first", "noun_first", "done",
	"brief", "brief.past", "brief.future", "brief.present", "brief.no_verb", "brief.not", "brief.trouble", "brief.trouble_thing", "brief.thing", "brief.ask", "brief.imperative", "brief.infinitive",
	"brief.names", "brief.title", "brief.number", "brief.house_number", "brief.place", "brief.signs", "brief.ad", "brief.news", "brief.official", "brief.facing", "brief.verb_first", "brief.noun_first",
	"brief.participle", "brief.trouble_past", "brief.trouble_future", "brief.trouble_no_verb", "brief.done", "brief.geo", "brief.in_geo", "brief.in_geo_trouble", "brief.house_trouble", "brief.done_only",
}

// signals is what was seen in one text.
type signals struct {
	words  int
	count  [64]uint16 // class → words of it
	first  [64]int32  // class → token of its first word
	x      []float32  // the features; classes lie behind the built-in ones: has, then share
	tokens []uint64   // token → classes
	seen   wordSet    // words of the lexicon
}

// groups of classes that features and rules speak of.
type groups struct {
	thing, trouble, news, facing, lack, place, self, ask, ad, official, done uint64
}

func (l *lexicon) group(names ...string) uint64 {
	var m uint64
	for _, n := range names {
		c, ok := l.number[n]
		if !ok {
			panic("kind: no class " + n + " in the lexicon") // the lexicon is embedded: a programmer's error
		}
		m |= 1 << c
	}
	return m
}

func (l *lexicon) groups() groups {
	return groups{
		thing:   l.group("road", "light", "water", "gas", "waste", "yard", "tree", "animal", "transport", "house", "health", "school", "social", "eservice", "land"),
		trouble: l.group("damage", "filth", "bad", "lack", "notdone", "danger", "outrage"),
		news:    l.group("say", "source", "crime", "war", "money", "culture", "sport", "science", "world", "person", "media"),
		facing:  l.group("greeting", "honorific", "plead", "demand", "askinfo", "selfwe", "selfi", "you"),
		lack:    l.group("lack"),
		place:   l.group("where"),
		ask:     l.group("askinfo", "qword"),
		ad:      l.group("ad"), official: l.group("official"), done: l.group("done"),
		self: l.group("selfwe", "selfi", "whereour"),
	}
}

// features returns the names of the features, in the order of signals.x.
func (l *lexicon) features() []string {
	names := append([]string{}, builtinNames[:]...)
	for _, n := range l.names {
		names = append(names, "has."+n)
	}
	for _, n := range l.names {
		names = append(names, "much."+n)
	}
	return names
}

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
