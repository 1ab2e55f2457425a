package kind

import "otklik/internal/russian"

// Pleas outside any competence (DOMAIN.md §6, 7): the author asks that lessons,
// exams or working days be cancelled for everybody. Such a message is kept, and
// nobody can be made to answer for it.
var (
	outsideDeeds = map[string]bool{"отменить": true, "отмена": true, "отменять": true, "перенести": true, "объявить": true, "сделать": true, "продлить": true}
	outsideThing = map[string]bool{"занятие": true, "урок": true, "учеба": true, "экзамен": true, "егэ": true, "огэ": true,
		"контрольная": true, "каникулы": true, "выходной": true, "карантин": true, "сессия": true, "нерабочий": true}
	// With these the deed must be a cancellation itself: «сделать урок» asks for nothing.
	outsideFree = map[string]bool{"каникулы": true, "выходной": true, "карантин": true, "нерабочий": true}
)

// outside returns the tokens of a plea outside any competence: the deed and its
// thing, at most three words apart.
func outside(t *russian.Text) (deed, thing int, ok bool) {
	for i := range t.Tokens {
		d := among(&t.Tokens[i], outsideDeeds)
		if d == "" {
			continue
		}
		cancels := d == "отменить" || d == "отмена" || d == "отменять"
		for j := max(0, i-3); j < len(t.Tokens) && j <= i+4; j++ {
			if j == i {
				continue
			}
			if w := among(&t.Tokens[j], outsideThing); w != "" && (cancels || outsideFree[w]) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// among returns the lemma of the token that is in the list.
func among(t *russian.Token, list map[string]bool) string {
	for i := range t.Forms {
		if list[t.Forms[i].Lemma] {
			return t.Forms[i].Lemma
		}
	}
	return ""
}
