package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/russian"
)

// A dictionary is the OpenCorpora dictionary as the npm package az has it: it
// answers what we pack, word by word.
type dictionary struct {
	words     dawg
	chances   dawg    // "word:TAG" → P(tag|word) in millionths
	endings   [3]dawg // ends of words without prefix, with «по», with «наи» → count, paradigm, form
	paradigms []string
	suffixes  []string // windows-1251
	tags      []string
	grams     []russian.Gram // of tags
}

// formPrefixes are the prefixes a form may have before its stem, by the number
// used in paradigms («по» and «наи» make comparatives), in windows-1251.
var formPrefixes = [3]string{"", "\xef\xee", "\xed\xe0\xe8"}

// openSource reads the files of the folder dicts/.
func openSource(dir string) (*dictionary, error) {
	d := &dictionary{}
	for _, f := range []struct {
		file string
		into *dawg
	}{
		{"words.dawg", &d.words},
		{"p_t_given_w.intdawg", &d.chances},
		{"prediction-suffixes-0.dawg", &d.endings[0]},
		{"prediction-suffixes-1.dawg", &d.endings[1]},
		{"prediction-suffixes-2.dawg", &d.endings[2]},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, f.file))
		if err != nil {
			return nil, err
		}
		units, guide, err := cutDoubleArray(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.file, err)
		}
		*f.into = dawg{units: string(units), guide: string(guide)}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "paradigms.array"))
	if err != nil {
		return nil, err
	}
	if d.paradigms, err = cutParadigms(string(raw)); err != nil {
		return nil, fmt.Errorf("paradigms.array: %w", err)
	}
	for _, l := range []struct {
		file string
		into *[]string
	}{
		{"suffixes.json", &d.suffixes},
		{"gramtab-opencorpora-int.json", &d.tags},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, l.file))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, l.into); err != nil {
			return nil, fmt.Errorf("%s: %w", l.file, err)
		}
		for i, s := range *l.into {
			if (*l.into)[i], err = charmap.Windows1251.NewEncoder().String(s); err != nil {
				return nil, fmt.Errorf("%s: %w", l.file, err)
			}
		}
	}
	d.grams = make([]russian.Gram, len(d.tags))
	for i, tag := range d.tags {
		d.grams[i] = gramOfTag(tag)
	}
	return d, nil
}

// cutDoubleArray cuts a file of the DAWG library into its units and its guide,
// each stored behind its count.
func cutDoubleArray(raw []byte) (units, guide []byte, err error) {
	if len(raw) < 4 {
		return nil, nil, errors.New("too short")
	}
	n := int(le32(string(raw))) * 4
	if len(raw) < 4+n {
		return nil, nil, errors.New("cut off in the units")
	}
	units, raw = raw[4:4+n], raw[4+n:]
	if len(raw) < 4 {
		return units, nil, nil
	}
	g := int(le32(string(raw))) * 2
	if len(raw) < 4+g {
		return nil, nil, errors.New("cut off in the guide")
	}
	return units, raw[4 : 4+g], nil
}

// cutParadigms cuts the list of paradigms, which must end where its file ends.
func cutParadigms(raw string) ([]string, error) {
	if len(raw) < 2 {
		return nil, errors.New("too short")
	}
	out := make([]string, le16(raw))
	raw = raw[2:]
	for i := range out {
		if len(raw) < 2 || len(raw) < 2+2*le16(raw) {
			return nil, errors.New("cut off")
		}
		n := 2 * le16(raw)
		out[i], raw = raw[2:2+n], raw[2+n:]
	}
	if len(raw) > 0 {
		return nil, fmt.Errorf("%d bytes follow the last paradigm", len(raw))
	}
	return out, nil
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
func (d *dictionary) read(key []byte, norm string) []russian.Form {
	var hitRoom [4]hit
	var loadRoom [32]payload
	var rawRoom [32]rawForm
	var formRoom [24]russian.Form
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
			if paradigm != last || d.grams[this.tag].Has(russian.Patr) {
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
		forms, tags = addForm(forms, tags, russian.Form{Lemma: r.lemma, Gram: d.grams[r.tag], Score: r.score}, r.tag)
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
	return append([]russian.Form(nil), forms...)
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
func addForm(forms []russian.Form, tags []int, f russian.Form, tag int) ([]russian.Form, []int) {
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
func dropInitials(forms []russian.Form) []russian.Form {
	own := slices.ContainsFunc(forms, func(f russian.Form) bool {
		return f.Gram.Any(russian.Prep | russian.Conj | russian.Prcl | russian.Pronoun)
	})
	if !own {
		return forms
	}
	return slices.DeleteFunc(forms, func(f russian.Form) bool { return f.Gram.Any(russian.Abbr) })
}

// preferUsed puts the readings whose lemma the corpus shows before the others,
// where it shows not the word itself: яма before ям for «ямами».
func (d *dictionary) preferUsed(forms []russian.Form) {
	if !slices.ContainsFunc(forms, func(f russian.Form) bool { return f.Lemma != forms[0].Lemma }) {
		return
	}
	used := func(f russian.Form) int {
		if d.oddsOf(keyOf(f.Lemma)).node != 0 {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(forms, func(a, b russian.Form) int { return used(a) - used(b) })
}

func likelier(a, b russian.Form) int { return cmp.Compare(b.Score, a.Score) }

// lemma makes the normal form that belongs to a form of a paradigm: the first
// form of the paradigm on the same stem.
func (d *dictionary) lemma(key []byte, norm string, paradigm int, this row) (string, bool) {
	first, ok := d.row(paradigm, 0)
	if !ok || len(key) < len(this.prefix)+len(this.suffix) {
		return "", false
	}
	if d.grams[this.tag].Has(russian.Patr) {
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
	sex := d.grams[this.tag] & (russian.Masc | russian.Femn)
	for form := 0; ; form++ {
		r, ok := d.row(paradigm, form)
		if !ok {
			return this
		}
		if g := d.grams[r.tag]; g.Has(russian.Patr|sex) && r.prefix == this.prefix {
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

// gramOfTag turns a tag of the dictionary, as «NOUN,inan,masc sing,nomn», into
// our set of grammemes.
func gramOfTag(tag string) russian.Gram {
	var g russian.Gram
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

var gramOfName = map[string]russian.Gram{
	"NOUN": russian.Noun, "ADJF": russian.Adj, "ADJS": russian.Adj, "COMP": russian.Adj, "VERB": russian.Verb, "GRND": russian.Verb, "INFN": russian.Infn,
	"PRTF": russian.Participle, "PRTS": russian.Participle, "NUMR": russian.Numr, "ADVB": russian.Adverb, "NPRO": russian.Pronoun, "Apro": russian.Pronoun,
	"PREP": russian.Prep, "CONJ": russian.Conj, "PRCL": russian.Prcl, "INTJ": russian.Intj, "PRED": russian.Pred,
	"Geox": russian.Geox, "Name": russian.Name, "Surn": russian.Surn, "Patr": russian.Patr, "Orgn": russian.Orgn, "Abbr": russian.Abbr,
	"nomn": russian.Nomn, "voct": russian.Nomn, "gent": russian.Gent, "gen1": russian.Gent, "gen2": russian.Gent, "datv": russian.Datv,
	"accs": russian.Accs, "acc2": russian.Accs, "ablt": russian.Ablt, "loct": russian.Loct, "loc1": russian.Loct, "loc2": russian.Loct,
	"sing": russian.Sing, "plur": russian.Plur, "masc": russian.Masc, "femn": russian.Femn, "neut": russian.Neut, "Ms-f": russian.Masc | russian.Femn,
	"anim": russian.Anim, "inan": russian.Inan, "impr": russian.Impr, "past": russian.Past, "pres": russian.Pres, "futr": russian.Futr,
	"1per": russian.Per1, "2per": russian.Per2, "3per": russian.Per3,
}

// textOf turns bytes of the dictionary into lower-case UTF-8, ё as е.
func textOf(key []byte) string { return string(appendText(nil, key)) }

func appendText(out, key []byte) []byte {
	for _, c := range key {
		if c == codeYo {
			c = codeYe
		}
		out = utf8.AppendRune(out, charmap.Windows1251.DecodeByte(c))
	}
	return out
}

// keyOf turns text into the bytes of the dictionary.
func keyOf(text string) []byte {
	var key []byte
	for _, r := range text {
		c, ok := charmap.Windows1251.EncodeRune(r)
		if !ok {
			c = '?' // never in a word of the dictionary
		}
		key = append(key, c)
	}
	return key
}
