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
func (d *dictionary) guess(s *slab, key []byte, norm string) []Form {
	if len(key) < 4 || !isRussian(key) {
		return nil
	}
	for _, p := range knownPrefixes[key[0]] {
		rest, ok := bytes.CutPrefix(key, p)
		if !ok || len(rest) < 4 {
			continue
		}
		if forms := d.behindPrefix(s, textOf(p), rest); len(forms) > 0 {
			return forms
		}
	}
	if forms := d.guessByEnd(s, key, norm); len(forms) > 0 {
		return forms
	}
	return []Form{{Lemma: stem(norm), Gram: Guessed, Score: 1}}
}

func (d *dictionary) behindPrefix(s *slab, prefix string, rest []byte) []Form {
	var out []Form
	for _, f := range d.read(s, rest, textOf(rest)) {
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
func (d *dictionary) guessByEnd(s *slab, key []byte, norm string) []Form {
	g := &s.guess
	g.list, g.lemmas, g.text = g.list[:0], g.lemmas[:0], g.text[:0]
	total := float32(0)
	for x := len(formPrefixes) - 1; x >= 0; x-- {
		if !strings.HasPrefix(string(key), formPrefixes[x]) {
			continue
		}
		found := float32(0)
		for n := min(endLetters, len(key)-1); n > 0 && found <= 1; n-- {
			if number, ok := d.ends.find(endOf(x, key[len(key)-n:])); ok {
				if r, ok := d.reading(number); ok {
					found += g.add(d, r, norm)
				}
			}
		}
		total += found
	}
	slices.SortStableFunc(g.list, func(a, b guess) int { return cmp.Compare(b.count, a.count) })
	return s.choose(g.list[:min(len(g.list), maxGuesses)], total)
}

// guesses are the readings that an unknown word may have. Its lemmas are runs
// of text until the best are chosen.
type guesses struct {
	list   []guess
	lemmas []Span // of text, all different
	text   []byte
}

type guess struct {
	lemma int // in lemmas
	gram  Gram
	count float32 // of known words
}

// add adds what an end of the word says, and returns of how many known words.
func (g *guesses) add(d *dictionary, r reading, norm string) (found float32) {
	var room [16]int
	lemmas := room[:0]
	for i := range len(r.changes) / 2 {
		n := -1 // the word is too short
		if c, ok := d.change(r, i, len(norm)); ok {
			n = g.lemma(c, norm)
		}
		lemmas = append(lemmas, n)
	}
	for i := range len(r.forms) / formBytes {
		lemma, gram, count := d.form(r, i)
		if lemma >= len(lemmas) || lemmas[lemma] < 0 {
			continue
		}
		found += count
		g.count(lemmas[lemma], gram, count)
	}
	return found
}

// lemma makes a lemma, gives equal ones one number, and -1 to an empty one.
func (g *guesses) lemma(c *change, norm string) int {
	from := len(g.text)
	g.text = c.appendTo(g.text, norm)
	made := g.text[from:]
	for i, s := range g.lemmas {
		if s.End-s.Start == len(made) && string(g.text[s.Start:s.End]) == string(made) {
			g.text = g.text[:from]
			return i
		}
	}
	if len(made) == 0 {
		return -1
	}
	g.lemmas = append(g.lemmas, Span{from, len(g.text)})
	return len(g.lemmas) - 1
}

func (g *guesses) count(lemma int, gram Gram, count float32) {
	for i := range g.list {
		if o := &g.list[i]; o.gram == gram && o.lemma == lemma {
			o.count += count
			return
		}
	}
	g.list = append(g.list, guess{lemma, gram, count})
}

// choose makes forms of the chosen guesses. A lemma is kept once.
func (s *slab) choose(list []guess, total float32) []Form {
	forms := take(s, &s.forms, len(list))
	for i, g := range list {
		forms[i] = Form{Gram: g.gram, Score: g.count / total}
		if first := slices.IndexFunc(list[:i], func(o guess) bool { return o.lemma == g.lemma }); first >= 0 {
			forms[i].Lemma = forms[first].Lemma
		} else {
			at := s.guess.lemmas[g.lemma]
			forms[i].Lemma = s.put(s.guess.text[at.Start:at.End])
		}
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
