package lint

import (
	"unicode/utf8"

	"otklik/internal/russian"
)

// manners finds obscene and rude words.
func (k *check) manners() {
	if bad := k.text.Obscene(); len(bad) > 0 {
		k.find(Rude, k.sentenceAt(bad[0].Start), bad[0], 80, Grave, "Нецензурное слово.", "Уберите его.")
		return
	}
	for n := range k.sentences {
		s := &k.sentences[n]
		if s.phrases&rude != 0 {
			k.find(Rude, n, k.phraseIn(s, rude), 60, Grave, "Это звучит грубо.", "Напишите спокойно и по делу: человек пришёл с бедой.")
			return
		}
		if shouted(k.tok[s.first:s.next]) {
			k.find(Rude, n, russian.Span{}, 25, Grave, "Предложение прописными буквами читается как крик.", "Напишите его обычными буквами.")
			return
		}
	}
}

// shouted reports whether four words or more in a row are written in capitals.
func shouted(tok []russian.Token) bool {
	run := 0
	for i := range tok {
		if tok[i].Kind != russian.Word {
			continue
		}
		if run++; tok[i].Shape != russian.Upper || tok[i].End-tok[i].Start < 6 {
			run = 0
		}
		if run >= 4 {
			return true
		}
	}
	return false
}

func (s *sentence) has(k *check, c class) bool {
	for i := s.first; i < s.next; i++ {
		if k.notes[i].class&c != 0 {
			return true
		}
	}
	return false
}

// Lengths of a reply in characters: a screen of a phone holds some 600.
const (
	long     = 1200
	veryLong = 2000
)

// style finds officialese, names in full, and length.
func (k *check) style() {
	k.names()
	k.bureau()
	n := utf8.RuneCountInString(k.text.Source)
	switch {
	case n > veryLong:
		k.find(TooLong, len(k.sentences)-1, russian.Span{}, 30, Minor, "Ответ длиннее трёх экранов телефона: до конца не дочитают.", "Оставьте, что сделано, когда и куда звонить. Подробности — по ссылке.")
	case n > long:
		k.find(TooLong, len(k.sentences)-1, russian.Span{}, 12, Minor, "Ответ длиннее двух экранов телефона.", "Оставьте, что сделано, когда и куда звонить.")
	}
}

// names finds acts and bodies by their full names; each costs 30, two at most.
func (k *check) names() {
	found := 0
	for n := range k.sentences {
		s := &k.sentences[n]
		for _, c := range [...]phraseClass{act, body} {
			if s.phrases&c == 0 || found == 2 {
				continue
			}
			found++
			if c == act {
				k.find(FullNames, n, k.phraseIn(s, c), 30, Minor, "Закон назван полным именем, с номером или органом, который его принял.", "Скажите, что из него следует: «по закону двор убирает управляющая компания».")
			} else {
				k.find(FullNames, n, k.phraseIn(s, c), 22, Minor, "Организация названа полным именем из устава.", "Назовите её так, как её зовут в городе.")
			}
		}
	}
}

// bureau finds officialese: 11 points a place, five at most, and chains of nouns.
func (k *check) bureau() {
	found := 0
	for n := range k.sentences {
		s := &k.sentences[n]
		for i := s.first; i < s.next && found < 5; i++ {
			if k.notes[i].phrase&bureau == 0 {
				continue
			}
			p, length := k.longest(i)
			if p == nil {
				continue
			}
			found++
			k.find(Officialese, n, russian.Span{Start: k.tok[i].Start, End: k.tok[i+length-1].End}, 11, Minor, "Канцелярит: так не говорят.", "Проще: "+p.plain+".")
			i += length - 1
		}
	}
	for n := range k.sentences {
		if found >= 5 {
			return
		}
		if span, ok := k.chain(&k.sentences[n]); ok {
			found++
			k.find(Officialese, n, span, 11, Minor, "Цепочка существительных: её приходится разбирать.", "Скажите глаголом: «проверили», «починим».")
		}
	}
}

// longest returns the longest phrase of officialese that begins at token i.
func (k *check) longest(i int) (best *phrase, length int) {
	for _, term := range k.tok[i].Terms() {
		for _, e := range k.book.terms.Find(term) {
			for _, id := range k.book.entries[e].phrases {
				p := &k.book.phrases[id]
				if p.class != bureau || len(p.words) <= length || i+len(p.words) > len(k.tok) {
					continue
				}
				ok := true
				for n := range p.words {
					if ok = p.words[n].matches(&k.tok[i+n]); !ok {
						break
					}
				}
				if ok {
					best, length = p, len(p.words)
				}
			}
		}
	}
	return best, length
}

// chain finds four nouns in a row of which three are in the genitive: «проведения
// мероприятий по осуществлению контроля состояния».
func (k *check) chain(s *sentence) (russian.Span, bool) {
	run, from := 0, 0
	for i := s.first; i < s.next; i++ {
		t := &k.tok[i]
		if t.Kind == russian.Word && t.Shape == russian.Lower && t.Forms[0].Gram.Any(russian.Noun) && (run == 0 || t.Any(russian.Gent)) {
			if run == 0 {
				from = i
			}
			if run++; run >= 4 {
				return russian.Span{Start: k.tok[from].Start, End: t.End}, true
			}
			continue
		}
		if t.Kind == russian.Word && run > 0 && t.Forms[0].Gram.Any(russian.Adj|russian.Participle) && t.Any(russian.Gent) {
			continue
		}
		run = 0
	}
	return russian.Span{}, false
}
