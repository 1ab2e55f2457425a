package russian

import "slices"

// shortWords are the abbreviations of addresses that residents write and the
// dictionary lacks or takes for other words («пер» for переть). Their words
// are added as readings, so that «пер. Мира» is found by «переулок Мира».
var shortWords = map[string]string{
	"пер": "переулок", "просп": "проспект", "пр-т": "проспект", "пр-кт": "проспект", "б-р": "бульвар", "бул": "бульвар",
	"мкр": "микрорайон", "мкрн": "микрорайон", "мкр-н": "микрорайон", "м-н": "микрорайон", "мик-н": "микрорайон",
	"р-н": "район", "корп": "корпус", "наб": "набережная", "г": "город", "пос": "поселок", "дер": "деревня",
	"ост": "остановка", "пл": "площадь", "ш": "шоссе", "туп": "тупик", "обл": "область", "кв-л": "квартал",
	"ул": "улица", "д": "дом", "кв": "квартира", "эт": "этаж", "пгт": "поселок", "снт": "товарищество",
}

// longestShort is the length in bytes of the longest of shortWords.
const longestShort = len("просп")

// addShort adds the word that w shortens to its readings: instead of a guess,
// else behind what the dictionary says.
func (w *word) addShort() {
	if len(w.norm) > longestShort {
		return
	}
	long, ok := shortWords[w.norm]
	if !ok {
		return
	}
	if slices.ContainsFunc(w.forms, func(f Form) bool { return f.Lemma == long }) {
		return
	}
	f := Form{Lemma: long, Gram: Noun | Inan | Abbr}
	if len(w.forms) == 0 || w.forms[0].Gram.Has(Guessed) {
		f.Score = 1
		w.forms = []Form{f}
		return
	}
	w.forms = append(w.forms, f)
}
