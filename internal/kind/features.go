package kind

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
