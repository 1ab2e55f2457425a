package russian

import (
	"bytes"
	"slices"
	"strings"
)

// We name obscene what a Russian newspaper may not print (the four roots of мат
// with all their offspring) and the few grossest insults beside it. Rude words
// that a newspaper prints («чушь», «дрянь») are not obscene.
//
// The list is made of roots, not of forms, since people build new words on them
// daily. A root counts at the start of a word or behind a prefix: «страхуй»,
// «хлебал», «оскорблять», «команда» hold the same letters in other places. A
// test looks at every lemma of the dictionary for words that wrongly fire.

// A root is a piece of an obscene word.
type root struct {
	text     []byte
	place    rootPlace
	next     []byte // the letters that may follow the root; nil: any, or none
	bare     bool   // with next: the word may also end behind the root
	prefixes [][]byte
}

type rootPlace uint8

const (
	anywhere rootPlace = iota
	atStart            // at the start or behind prefixes
	whole              // the word is nothing else, but for prefixes
)

// Prefixes of obscene words: those before a consonant, and those before the
// vowel of «еб», where a consonant takes a hard sign.
var (
	commonPrefixes = keysOf("на по до ни не за вы при у пере про недо долбо одно полу само мудо пиздо блядо " +
		"мозго дурко худо косо три еба супер мега")
	softPrefixes = slices.Concat(keysOf("о об от под рас из ис вз много мало сука"), commonPrefixes)
	hardPrefixes = slices.Concat(keysOf("объ отъ подъ разъ съ въ изъ взъ оте обе остое"), commonPrefixes)
)

func keysOf(list string) (out [][]byte) {
	for f := range strings.FieldsSeq(list) {
		out = append(out, keyOf(f))
	}
	return out
}

// rootsBy lists the roots by their first letter.
var rootsBy = func() (t [256][]root) {
	add := func(place rootPlace, prefixes [][]byte, next, list string) {
		for _, text := range keysOf(list) {
			r := root{text: text, place: place, prefixes: prefixes}
			if letters, ok := strings.CutSuffix(next, "$"); next != "" {
				r.next, r.bare = keyOf(letters), ok
			}
			t[text[0]] = append(t[text[0]], r)
		}
	}
	add(anywhere, nil, "", "пизд пизж пезде бляд хуйн хуес")
	add(atStart, softPrefixes, "", "хуй хуе хуи хую хуя")
	add(atStart, hardPrefixes, "аеилнотуышкцю$", "еб")
	add(atStart, softPrefixes, "ьаиуоет$", "блят")
	add(atStart, nil, "", "схуя разхуя отеби мудак мудач мудил мудозв мудох мандавош пидор пидар пидр педрил гандон гондон хуйл йоба пездюк")
	add(atStart, keysOf("на по о до ни не за от рас с вы"), "аиуняе$", "хер")
	add(atStart, keysOf("на по о до ни не за от рас с вы"), "", "херов")
	add(atStart, keysOf("за на по от вы"), "аеиу", "дроч")
	add(atStart, keysOf("из от на"), "", "мудох")
	add(whole, keysOf("на за от"), "", "хули хуль бля бляа блеать блэт епт епта ептать еба ебт пздц")
	add(whole, nil, "", "нах манда манды манде манду мандой мандою залупа залупы залупе залупу залупой "+
		"сука суку суке сукой суки ссука пизец пипидор хуйло елда")
	return t
}()

// rootStarts tells quickly which three letters begin some root. «еб» has only two:
// all that begins with it does, and it may end a word.
var rootStarts = func() (t [32 * 32 * 32 / 64]uint64) {
	for _, roots := range rootsBy {
		for _, r := range roots {
			for third := range byte(32) {
				if len(r.text) > 2 {
					third = r.text[2]
				}
				at := triple(triple(triple(0, r.text[0]), r.text[1]), third)
				t[at>>6] |= 1 << (at & 63)
			}
		}
	}
	return t
}()

// triple is the number of three Russian letters, of the last two and the next one.
func triple(last uint32, next byte) uint32 { return (last<<5 | uint32(next&31)) & (1<<15 - 1) }

// innocent lists how words begin that hold a root and are none.
var innocent = keysOf("ебург херсон херувим херес хереф херас хернес херим дрочен хереш")

// latinObscene lists how obscene words written in Latin letters begin;
// latinWhole lists whole ones that begin other words too.
var (
	latinObscene = strings.Fields("blyat blyad bliad blyadi pizd huyn huyl huev nahuy nahuj pohuy pohuj ohuen ohuel zaeba " +
		"naeba ebany ebanu ebalo dolboeb mudak mudil pidor pidar gandon xyev xyu")
	latinWhole = strings.Fields("blya huy huj xyj xuy xui suka suki suku cyka cyki cyku ebat ebal eblan pidr")
)

// obscene reports whether a key is an obscene word, also with its letters
// repeated, parted by hyphens, or replaced by digits and Latin letters.
func obscene(key []byte) bool {
	if len(key) < 2 || len(key) > maxWord || innocuous(key) {
		return false
	}
	var room [maxWord]byte
	if plain := without(room[:0], key, "-'_/"); len(plain) != len(key) {
		for part := range bytes.SplitSeq(key, []byte("-")) {
			if len(part) > 2 && obsceneLetters(part) {
				return true
			}
		}
		return obsceneLetters(plain)
	}
	return obsceneLetters(key)
}

// innocuous says at a glance that a word of Russian letters holds no root: no
// three letters begin one, and no letter stands three times in a row.
func innocuous(key []byte) bool {
	last, before, begun := byte(0), byte(0), uint32(0)
	for i, c := range key {
		if begun = triple(begun, c); !isCyrillicCode(c) || i >= 2 && rootStarts[begun>>6]>>(begun&63)&1 != 0 || c == last && c == before {
			return false
		}
		last, before = c, last
	}
	return !bytes.HasSuffix(key, shortRoot)
}

// shortRoot is the only root of two letters.
var shortRoot = keyOf("еб")

func without(out, key []byte, drop string) []byte {
	for _, c := range key {
		if strings.IndexByte(drop, c) < 0 {
			out = append(out, c)
		}
	}
	return out
}

func obsceneLetters(key []byte) bool {
	latin, other, digits := false, false, false
	for _, c := range key {
		latin = latin || isLatinCode(c)
		digits = digits || isDigitCode(c)
		other = other || isCyrillicCode(c)
	}
	switch {
	case latin && !other:
		return obsceneLatin(string(key))
	case !other:
		return false
	}
	var room, room2 [maxWord]byte
	if latin || digits {
		bare := bytes.TrimFunc(key, func(r rune) bool { return r >= '0' && r <= '9' && r != '6' && r != '3' })
		if lettersIn(bare) < 2 { // «4e6» is a number
			return false
		}
		var ok bool
		if key, ok = unmask(room[:0], bare); !ok {
			return false
		}
	}
	if obsceneRussian(key) {
		return true
	}
	return stretched(key) && obsceneRussian(squeeze(room2[:0], key))
}

func lettersIn(key []byte) int {
	n := 0
	for _, c := range key {
		if isCyrillicCode(c) || isLatinCode(c) {
			n++
		}
	}
	return n
}

// unmask replaces digits and Latin letters by the Russian letters they stand
// for, and reports false when one stands for none.
func unmask(out, key []byte) ([]byte, bool) {
	for _, c := range key {
		if isDigitCode(c) || isLatinCode(c) {
			if c = disguise[c]; c == 0 {
				return nil, false
			}
		}
		out = append(out, c)
	}
	return out, true
}

var disguise = func() (t [128]byte) {
	t = lookalike
	for sign, letter := range map[byte]rune{
		'0': 'о', '1': 'и', '3': 'з', '4': 'ч', '6': 'б', 'b': 'б', 'u': 'и', 'n': 'п', 'i': 'и', 'z': 'з', 'd': 'д', 'r': 'р',
	} {
		t[sign] = byte(letter-'а') + 0xe0
	}
	return t
}()

// stretched reports whether a letter stands three times in a row. Twice is
// usual in names («Сукка»).
func stretched(key []byte) bool {
	for i := 2; i < len(key); i++ {
		if key[i] == key[i-1] && key[i] == key[i-2] {
			return true
		}
	}
	return false
}

// squeeze drops repeated letters: «бляяяя» is «бля».
func squeeze(out, key []byte) []byte {
	for i, c := range key {
		if i == 0 || c != key[i-1] {
			out = append(out, c)
		}
	}
	return out
}

func obsceneLatin(word string) bool {
	return slices.Contains(latinWhole, word) ||
		slices.ContainsFunc(latinObscene, func(p string) bool { return strings.HasPrefix(word, p) })
}

// obsceneRussian looks for a root at each place of a word of Russian letters.
func obsceneRussian(word []byte) bool {
	for i, c := range word {
		for _, r := range rootsBy[c] {
			if r.fits(word, i) && !slices.ContainsFunc(innocent, func(p []byte) bool { return bytes.HasPrefix(word, p) }) {
				return true
			}
		}
	}
	return false
}

func (r *root) fits(word []byte, at int) bool {
	rest, ok := bytes.CutPrefix(word[at:], r.text)
	if !ok {
		return false
	}
	switch {
	case r.place == anywhere:
		return true
	case r.place == whole && len(rest) > 0:
		return false
	case len(r.next) > 0 && len(rest) == 0 && !r.bare:
		return false
	case len(r.next) > 0 && len(rest) > 0 && bytes.IndexByte(r.next, rest[0]) < 0:
		return false
	}
	return r.follows(word[:at], 2)
}

// follows reports whether what stands before a root is nothing but prefixes, up
// to n of them.
func (r *root) follows(before []byte, n int) bool {
	if len(before) == 0 {
		return true
	}
	if n == 0 {
		return false
	}
	return slices.ContainsFunc(r.prefixes, func(p []byte) bool {
		rest, ok := bytes.CutPrefix(before, p)
		return ok && r.follows(rest, n-1)
	})
}
