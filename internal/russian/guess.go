package russian

import (
	"bytes"
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
func (d *dictionary) guess(key []byte) []Form {
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
	if forms := d.guessByEnd(key); len(forms) > 0 {
		return forms
	}
	return []Form{{Lemma: stem(textOf(key)), Gram: Guessed, Score: 1}}
}

func (d *dictionary) behindPrefix(prefix string, rest []byte) []Form {
	var out []Form
	for _, f := range d.read(rest, "") {
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
func (d *dictionary) guessByEnd(key []byte) []Form {
	var room [32]Form
	forms := room[:0]
	total := float32(0)
	var hitRoom [4]hit
	var loadRoom [32]payload
	for x := len(formPrefixes) - 1; x >= 0; x-- {
		if !strings.HasPrefix(string(key), formPrefixes[x]) {
			continue
		}
		found := float32(0)
		for n := min(5, len(key)-1); n > 0 && found <= 1; n-- {
			for _, h := range d.endings[x].find(key[len(key)-n:], hitRoom[:0]) {
				node, ok := d.endings[x].follow(h.node, 1)
				if !ok {
					continue
				}
				for _, p := range d.endings[x].payloads(node, 6, loadRoom[:0]) {
					this, ok := d.row(p.number(1), p.number(2))
					if !ok || d.grams[this.tag].Any(noGuess) {
						continue
					}
					lemma, ok := d.lemma(key, "", p.number(1), this)
					if !ok {
						continue
					}
					count := float32(p.number(0))
					found += count
					forms = addGuess(forms, Form{lemma, d.grams[this.tag] | Guessed, count})
				}
			}
		}
		total += found
	}
	slices.SortStableFunc(forms, likelier)
	forms = forms[:min(len(forms), maxGuesses)]
	for i := range forms {
		forms[i].Score /= total
	}
	return append([]Form(nil), forms...)
}

func addGuess(forms []Form, f Form) []Form {
	for i := range forms {
		if forms[i].Lemma == f.Lemma && forms[i].Gram == f.Gram {
			forms[i].Score += f.Score
			return forms
		}
	}
	return append(forms, f)
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
