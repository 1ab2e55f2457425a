package russian

import "bytes"

// particles are written behind a hyphen and add nothing to the lemma.
var particles = [][]byte{keyOf("то"), keyOf("ка"), keyOf("таки"), keyOf("с"), keyOf("де"), keyOf("тка")}

// cutParticles are words of their own that people wrongly join by a hyphen.
var cutParticles = [][]byte{keyOf("ли"), keyOf("же"), keyOf("бы")}

// resolveHyphened decides how a hyphened run of letters reads; the first rule
// that fits wins.
//
//  1. The dictionary has it whole: «кое-где», «Комсомольск-на-Амуре».
//  2. A particle ends it: «дай-ка» reads as «дай».
//  3. It is «что-ли», «так-же», «как-бы»: words that need no hyphen. The scanner
//     cuts it.
//  4. The hyphen breaks a word over a line: «ули-ца» is «улица».
//  5. Its first part is short, has no vowel or is Latin: «б-р», «вай-фай»,
//     «QR-кода». One word; the last part, if known, gives it its forms.
//  6. Else it is several words, and the scanner cuts it at the hyphens:
//     «диван-кровать», «магазин-кафе».
func (a *Analyzer) resolveHyphened(s *slab, w *word, key []byte, number int) {
	d := a.dictionary
	if w.forms = d.readAt(s, number, w.norm); len(w.forms) > 0 {
		return
	}
	cut := bytes.LastIndexByte(key, '-')
	head, tail := key[:cut], key[cut+1:]
	for _, p := range particles {
		if bytes.Equal(tail, p) && d.knows(head) {
			w.forms = d.read(s, head, textOf(head))
			return
		}
	}
	for _, p := range cutParticles {
		if bytes.Equal(tail, p) && d.knows(head) {
			w.last |= markSplit
			return
		}
	}
	parts := bytes.Split(key, []byte("-"))
	allKnown, short := true, false
	for _, p := range parts {
		allKnown = allKnown && d.knows(p)
		short = short || len(p) < 3 || !hasVowel(p)
	}
	if !allKnown && len(parts) == 2 {
		if joined := bytes.ReplaceAll(key, []byte("-"), nil); len(joined) >= 5 && d.knows(joined) {
			w.norm = textOf(joined)
			w.forms = d.read(s, joined, w.norm)
			return
		}
	}
	if !short && !isLatinCode(key[0]) {
		w.last |= markSplit
		return
	}
	if len(tail) < 3 || !d.knows(tail) {
		return // an abbreviation: its lemma is itself
	}
	prefix := textOf(key[:cut+1])
	for _, f := range d.read(s, tail, textOf(tail)) {
		f.Lemma, f.Gram = prefix+f.Lemma, f.Gram|Guessed
		w.forms = append(w.forms, f)
	}
}
