package russian

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"

	"otklik/data/lemmas"
)

// A dictionary is the OpenCorpora dictionary, read in place from the embedded
// file. Only the tables of endings, tags and paradigms stand on the heap, about
// half a megabyte. It is never changed after load.
type dictionary struct {
	words     dawg
	chances   dawg    // "word:TAG" → P(tag|word) in millionths
	endings   [3]dawg // ends of words without prefix, with «по», with «наи» → count, paradigm, form
	paradigms []string
	suffixes  []string // windows-1251
	tags      []string
	grams     []Gram // of tags
}

// formPrefixes are the prefixes a form may have before its stem, by the number
// used in paradigms («по» and «наи» make comparatives), in windows-1251.
var formPrefixes = [3]string{"", "\xef\xee", "\xed\xe0\xe8"}

// openDictionary opens the embedded dictionary once for the whole process.
var openDictionary = sync.OnceValues(func() (*dictionary, error) { return parseDictionary(lemmas.Dictionary) })

var errDictionary = errors.New("russian: the dictionary file is damaged; rebuild it with otklik-data lemmas")

func parseDictionary(file string) (*dictionary, error) {
	if len(file) < 12 || file[:8] != "otklem01" {
		return nil, errDictionary
	}
	sections := map[string]string{}
	for i := range int(le32(file[8:])) {
		if len(file) < 12+16*(i+1) {
			return nil, errDictionary
		}
		row := file[12+16*i:]
		from, size := uint64(le32(row[8:])), uint64(le32(row[12:]))
		if from+size > uint64(len(file)) {
			return nil, errDictionary
		}
		sections[strings.TrimRight(row[:8], " ")] = file[from : from+size]
	}
	d := &dictionary{
		words:   dawg{sections["words"], sections["wordsG"]},
		chances: dawg{units: sections["chance"]},
		endings: [3]dawg{
			{sections["end0"], sections["end0G"]},
			{sections["end1"], sections["end1G"]},
			{sections["end2"], sections["end2G"]},
		},
		suffixes: strings.Split(sections["suffix"], "\n"),
		tags:     strings.Split(sections["tag"], "\n"),
	}
	d.grams = make([]Gram, len(d.tags))
	for i, tag := range d.tags {
		d.grams[i] = gramOfTag(tag)
	}
	rest := sections["paradigm"]
	if len(rest) < 2 || len(d.tags) < 2 {
		return nil, errDictionary
	}
	d.paradigms = make([]string, le16(rest))
	rest = rest[2:]
	for i := range d.paradigms {
		if len(rest) < 2 || len(rest) < 2+2*le16(rest) {
			return nil, errDictionary
		}
		n := 2 * le16(rest)
		d.paradigms[i], rest = rest[2:2+n], rest[2+n:]
	}
	return d, nil
}

func le16(s string) int    { return int(s[0]) | int(s[1])<<8 }
func le32(s string) uint32 { return uint32(le16(s)) | uint32(le16(s[2:]))<<16 }

// A row is one form of a paradigm.
type row struct {
	prefix, suffix string // windows-1251
	tag            int
}

// row returns a form of a paradigm. A paradigm lists all its suffixes, then all
// its tags, then all its prefixes.
func (d *dictionary) row(paradigm, form int) (row, bool) {
	if paradigm >= len(d.paradigms) {
		return row{}, false
	}
	p := d.paradigms[paradigm]
	n := len(p) / 6
	if form >= n {
		return row{}, false
	}
	s, t, x := le16(p[2*form:]), le16(p[2*(n+form):]), le16(p[2*(2*n+form):])
	if s >= len(d.suffixes) || t >= len(d.tags) || x >= len(formPrefixes) {
		return row{}, false
	}
	return row{prefix: formPrefixes[x], suffix: d.suffixes[s], tag: t}, true
}

// read returns all readings of a word (windows-1251, lower case, no ё),
// likeliest first, and nothing when the dictionary does not know it. A lemma
// equal to norm, the word itself as text, shares its memory.
func (d *dictionary) read(key []byte, norm string) []Form {
	var hitRoom [4]hit
	var loadRoom [32]payload
	var rawRoom [32]rawForm
	var formRoom [24]Form
	var tagRoom [24]int
	raw := rawRoom[:0]
	for _, h := range d.words.find(key, hitRoom[:0]) {
		node, ok := d.words.follow(h.node, 1)
		if !ok {
			continue
		}
		last, lemma := -1, ""
		for _, p := range d.words.payloads(node, 4, loadRoom[:0]) {
			paradigm, form := p.number(0), p.number(1)
			this, ok := d.row(paradigm, form)
			if !ok {
				continue
			}
			if paradigm != last || d.grams[this.tag].Has(Patr) {
				if lemma, ok = d.lemma(key, norm, paradigm, this); !ok {
					continue
				}
				last = paradigm
			}
			raw = append(raw, rawForm{lemma: lemma, spelling: h.spelling, tag: this.tag})
		}
	}
	known := d.score(key, raw) // some reading has a probability
	forms, tags := formRoom[:0], tagRoom[:0]
	for _, r := range raw {
		forms, tags = addForm(forms, tags, Form{r.lemma, d.grams[r.tag], r.score}, r.tag)
	}
	if len(key) == 1 {
		forms = dropInitials(forms)
	}
	if !known {
		for i := range forms {
			forms[i].Score = 1 / float32(len(forms))
		}
		d.preferUsed(forms)
	}
	slices.SortStableFunc(forms, likelier)
	return append([]Form(nil), forms...)
}

// A rawForm is a reading as the dictionary has it.
type rawForm struct {
	lemma    string
	spelling string // the word as it stands there, "" when it is the key
	tag      int
	score    float32
}

// score gives the readings their probabilities and reports whether there are
// any. A single reading needs none.
func (d *dictionary) score(key []byte, raw []rawForm) bool {
	if len(raw) < 2 {
		return false
	}
	known, o, of := false, d.oddsOf(key), ""
	folded := o.node != 0
	for i := range raw {
		r := &raw[i]
		if !folded && r.spelling != of {
			if o, of = (odds{}), r.spelling; of != "" {
				o = d.oddsOf([]byte(of))
			}
		}
		r.score = d.chance(o, r.tag)
		known = known || r.score > 0
	}
	return known
}

// addForm adds a form unless an equal one stands there: our grammemes are fewer
// than the dictionary's, so several of its readings may be one of ours.
func addForm(forms []Form, tags []int, f Form, tag int) ([]Form, []int) {
	for i := range forms {
		if forms[i].Lemma != f.Lemma || forms[i].Gram != f.Gram {
			continue
		}
		if tags[i] != tag {
			forms[i].Score += f.Score
		}
		return forms, tags
	}
	return append(forms, f), append(tags, tag)
}

// dropInitials leaves out what a word of one letter may shorten («в.» for век,
// «и. о.») when the letter is a word of its own.
func dropInitials(forms []Form) []Form {
	own := slices.ContainsFunc(forms, func(f Form) bool { return f.Gram.Any(Prep | Conj | Prcl | Pronoun) })
	if !own {
		return forms
	}
	return slices.DeleteFunc(forms, func(f Form) bool { return f.Gram.Any(Abbr) })
}

// preferUsed puts the readings whose lemma the corpus shows before the others,
// where it shows not the word itself: яма before ям for «ямами».
func (d *dictionary) preferUsed(forms []Form) {
	if !slices.ContainsFunc(forms, func(f Form) bool { return f.Lemma != forms[0].Lemma }) {
		return
	}
	used := func(f Form) int {
		if d.oddsOf(keyOf(f.Lemma)).node != 0 {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(forms, func(a, b Form) int { return used(a) - used(b) })
}

func likelier(a, b Form) int { return cmp.Compare(b.Score, a.Score) }

// lemma makes the normal form that belongs to a form of a paradigm: the first
// form of the paradigm on the same stem.
func (d *dictionary) lemma(key []byte, norm string, paradigm int, this row) (string, bool) {
	first, ok := d.row(paradigm, 0)
	if !ok || len(key) < len(this.prefix)+len(this.suffix) {
		return "", false
	}
	if d.grams[this.tag].Has(Patr) {
		first = d.patronymic(paradigm, this)
	}
	stem := key[len(this.prefix) : len(key)-len(this.suffix)]
	var room [96]byte
	b := append(room[:0], first.prefix...)
	b = append(b, stem...)
	b = append(b, first.suffix...)
	var textRoom [192]byte
	text := appendText(textRoom[:0], b)
	if string(text) == norm {
		return norm, true
	}
	return string(text), true
}

// patronymic returns the first form of the patronymic that a form belongs to,
// since the dictionary has patronymics in the paradigm of the father's name:
// the lemma of «Ивановичу» is «иванович» and not «иван».
func (d *dictionary) patronymic(paradigm int, this row) row {
	sex := d.grams[this.tag] & (Masc | Femn)
	for form := 0; ; form++ {
		r, ok := d.row(paradigm, form)
		if !ok {
			return this
		}
		if g := d.grams[r.tag]; g.Has(Patr|sex) && r.prefix == this.prefix {
			return r
		}
	}
}

// odds is the place in the table of probabilities behind "word:".
type odds struct{ node uint32 } // 0 when the corpus never showed the word

func (d *dictionary) oddsOf(key []byte) odds {
	node, ok := uint32(0), true
	for i := 0; i < len(key) && ok; i++ {
		node, ok = d.chances.follow(node, key[i])
	}
	if ok {
		if node, ok = d.chances.follow(node, ':'); ok {
			return odds{node}
		}
	}
	return odds{}
}

// chance returns P(tag|word), and 0 where the corpus never showed it.
func (d *dictionary) chance(o odds, tag int) float32 {
	if o.node == 0 {
		return 0
	}
	node, ok := d.chances.followAll(o.node, d.tags[tag])
	if !ok {
		return 0
	}
	v, _ := d.chances.value(node)
	return float32(v) / 1e6
}

// knows reports whether the dictionary has the word.
func (d *dictionary) knows(key []byte) bool {
	var room [4]hit
	for _, h := range d.words.find(key, room[:0]) {
		if _, ok := d.words.follow(h.node, 1); ok {
			return true
		}
	}
	return false
}

// gramOfTag turns a tag of the dictionary, as «NOUN,inan,masc sing,nomn», into
// our set of grammemes.
func gramOfTag(tag string) Gram {
	var g Gram
	for {
		name, rest, more := tag, "", false
		if i := strings.IndexAny(tag, ", "); i >= 0 {
			name, rest, more = tag[:i], tag[i+1:], true
		}
		g |= gramOfName[name]
		if !more {
			return g
		}
		tag = rest
	}
}

var gramOfName = map[string]Gram{
	"NOUN": Noun, "ADJF": Adj, "ADJS": Adj, "COMP": Adj, "VERB": Verb, "GRND": Verb, "INFN": Infn,
	"PRTF": Participle, "PRTS": Participle, "NUMR": Numr, "ADVB": Adverb, "NPRO": Pronoun, "Apro": Pronoun,
	"PREP": Prep, "CONJ": Conj, "PRCL": Prcl, "INTJ": Intj, "PRED": Pred,
	"Geox": Geox, "Name": Name, "Surn": Surn, "Patr": Patr, "Orgn": Orgn, "Abbr": Abbr,
	"nomn": Nomn, "voct": Nomn, "gent": Gent, "gen1": Gent, "gen2": Gent, "datv": Datv,
	"accs": Accs, "acc2": Accs, "ablt": Ablt, "loct": Loct, "loc1": Loct, "loc2": Loct,
	"sing": Sing, "plur": Plur, "masc": Masc, "femn": Femn, "neut": Neut, "Ms-f": Masc | Femn,
	"anim": Anim, "inan": Inan, "impr": Impr, "past": Past, "pres": Pres, "futr": Futr,
	"1per": Per1, "2per": Per2, "3per": Per3,
}
