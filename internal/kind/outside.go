package kind

import "otklik/internal/russian"

// Pleas outside any competence (DOMAIN.md §6, 7): the author asks that lessons,
// exams or working days be cancelled for everybody. Such a message is kept, and
// nobody can be made to answer for it.
const (
	cancelDeed  = 1 << iota // a cancellation itself
	changeDeed              // with outsideFree: «сделать урок» asks for nothing
	commonThing             // what a centre cannot cancel
	outsideFree             // free time, which one may also ask to be made
)

var outsideWords = map[int32]string{
	cancelDeed:                "отменить отмена отменять",
	changeDeed:                "перенести объявить сделать продлить",
	commonThing:               "занятие урок учеба экзамен егэ огэ контрольная сессия",
	commonThing | outsideFree: "каникулы выходной карантин нерабочий",
}

// outsideTerms leads from a lemma to its bits.
func outsideTerms() russian.TermIndex { return termBits(outsideWords) }

// outside returns the tokens of a plea outside any competence: the deed and its
// thing, at most three words apart.
func (j *Judge) outside(t *russian.Text) (deed, thing int, ok bool) {
	for i := range t.Tokens {
		d := j.outsideBits(t, i)
		if d&(cancelDeed|changeDeed) == 0 {
			continue
		}
		for k := max(0, i-3); k < len(t.Tokens) && k <= i+4; k++ {
			if k == i {
				continue
			}
			if w := j.outsideBits(t, k); w&outsideFree != 0 || w&commonThing != 0 && d&cancelDeed != 0 {
				return i, k, true
			}
		}
	}
	return 0, 0, false
}

func (j *Judge) outsideBits(t *russian.Text, i int) (bits int32) {
	if t.Tokens[i].Kind != russian.Word {
		return 0
	}
	for _, term := range t.Tokens[i].Terms() {
		for _, b := range j.outer.Find(term) {
			bits |= b
		}
	}
	return bits
}
