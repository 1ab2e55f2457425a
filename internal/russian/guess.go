package russian

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/blevesearch/snowballstem"
	stemmer "github.com/blevesearch/snowballstem/russian"
)

// maxGuesses bounds the readings of an unknown word.
const maxGuesses = 8

// noGuess are the closed classes: no new word belongs to them.
const noGuess = Numr | Pronoun | Pred | Prep | Conj | Prcl | Intj

// knownPrefixes stand before words of the dictionary and leave their forms as
// they are: «электросамокат», «горсовет».
var knownPrefixes = func() (out [256][][]byte) { // by their first letter
	for p := range strings.FieldsSeq("авиа авто агро аква анти аудио без бес био вело видео вице гидро гипер гос гор евро " +
		"жил интер инфра кибер кино контр космо лже макро мед мега меж между метео микро мини много моно мото мос мульти " +
		"не недо нано нео обл одно пере пневмо полу порно после пост пред противо псевдо радио рай рос сан сверх " +
		"само спец спорт строй суб супер теле тепло термо транс трех турбо ультра фото экс экстра электро эко энерго") {
		key := keyOf(p)
		out[key[0]] = append(out[key[0]], key)
	}
	return out
}()

// guess reads a word that the dictionary lacks: as a known word behind a known
// prefix, else by how known words with such an end are inflected, else by its
// stem. All its forms have the grammeme Guessed.
func (d *dictionary) guess(key []byte, norm string) []Form {
	if len(key) < 4 || !isRussian(key) {
		return nil
	}
	for _, p := range knownPrefixes[key[0]] {
		rest, ok := bytes.CutPrefix(key, p)
		if !ok || len(rest) < 4 {
			continue
		}
		if forms := d.behindPrefix(textOf(p), rest); len(forms) > 0 {
			return forms
		}
	}
	if forms := d.guessByEnd(key, norm); len(forms) > 0 {
		return forms
	}
	return []Form{{Lemma: stem(norm), Gram: Guessed, Score: 1}}
}

func (d *dictionary) behindPrefix(prefix string, rest []byte) []Form {
	var out []Form
	for _, f := range d.read(rest, textOf(rest)) {
		if f.Gram.Any(noGuess | Name | Surn | Patr | Abbr) {
			continue
		}
		f.Lemma, f.Gram = prefix+f.Lemma, f.Gram|Guessed
		out = append(out, f)
	}
	return out
}

// guessByEnd takes the longest end of the word, up to five letters, that known
// words share, and reads the word as they are read. The score is the share of
// known words that have the reading.
func (d *dictionary) guessByEnd(key []byte, norm string) []Form {
	var room [64]guess
	var textRoom [1024]byte
	g := guesses{list: room[:0], text: textRoom[:0]}
	total := float32(0)
	for x := len(formPrefixes) - 1; x >= 0; x-- {
		if !strings.HasPrefix(string(key), formPrefixes[x]) {
			continue
		}
		found := float32(0)
		for n := min(5, len(key)-1); n > 0 && found <= 1; n-- {
			if number, ok := d.endings[x].find(key[len(key)-n:]); ok {
				if r, ok := d.reading(number); ok {
					found += g.add(d, r, norm)
				}
			}
		}
		total += found
	}
	slices.SortStableFunc(g.list, func(a, b guess) int { return cmp.Compare(b.count, a.count) })
	list := g.list[:min(len(g.list), maxGuesses)]
	return g.forms(list, total)
}

// guesses are the readings that an unknown word may have. A lemma is a run of
// text until the best are chosen.
type guesses struct {
	list []guess
	text []byte
}

type guess struct {
	lemma Span
	gram  Gram
	count float32 // of known words
}

// add adds what an end of the word says, and returns of how many known words.
func (g *guesses) add(d *dictionary, r reading, norm string) (found float32) {
	var room [16]Span
	lemmas := room[:0]
	for i := range len(r.changes) / 2 {
		var s Span // stays empty when the word is too short
		if c, ok := d.change(r, i, len(norm)); ok {
			s = g.lemma(c, norm)
		}
		lemmas = append(lemmas, s)
	}
	for i := range len(r.forms) / formBytes {
		lemma, gram, count := d.form(r, i)
		if lemma >= len(lemmas) || lemmas[lemma] == (Span{}) {
			continue
		}
		found += count
		g.count(lemmas[lemma], gram, count)
	}
	return found
}

// lemma makes a lemma, and gives equal ones one place.
func (g *guesses) lemma(c *change, norm string) Span {
	from := len(g.text)
	g.text = c.appendTo(g.text, norm)
	for _, other := range g.list {
		if s := other.lemma; string(g.text[s.Start:s.End]) == string(g.text[from:]) {
			g.text = g.text[:from]
			return s
		}
	}
	return Span{from, len(g.text)}
}

func (g *guesses) count(lemma Span, gram Gram, count float32) {
	for i := range g.list {
		o := &g.list[i]
		if o.gram == gram && string(g.text[o.lemma.Start:o.lemma.End]) == string(g.text[lemma.Start:lemma.End]) {
			o.count += count
			return
		}
	}
	g.list = append(g.list, guess{lemma, gram, count})
}

// forms makes forms of the chosen guesses, their lemmas cut from one string.
func (g *guesses) forms(list []guess, total float32) []Form {
	var room [256]byte
	text := room[:0]
	forms := make([]Form, len(list))
	at := make([]Span, 0, maxGuesses)
	for i := range list {
		s := Span{-1, -1}
		for j := range i {
			if list[j].lemma == list[i].lemma {
				s = at[j]
			}
		}
		if s.Start < 0 {
			from := len(text)
			text = append(text, g.text[list[i].lemma.Start:list[i].lemma.End]...)
			s = Span{from, len(text)}
		}
		at = append(at, s)
	}
	all := string(text)
	for i := range list {
		forms[i] = Form{all[at[i].Start:at[i].End], list[i].gram, list[i].count / total}
	}
	return forms
}

// isRussian reports whether a key has Russian letters only.
func isRussian(key []byte) bool {
	for _, c := range key {
		if !isCyrillicCode(c) {
			return false
		}
	}
	return true
}

// stem returns the snowball stem of a word in lower case.
func stem(word string) string {
	env := snowballstem.NewEnv(word)
	stemmer.Stem(env)
	return env.Current()
}
