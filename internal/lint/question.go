package lint

import (
	"slices"
	"strings"

	"otklik/internal/russian"
)

// question asks of a question to the author that it asks, and what nobody has said yet.
func (k *check) question() {
	at := slices.IndexFunc(k.sentences, func(s sentence) bool { return s.does&asks != 0 })
	if at < 0 {
		k.find(NoQuestion, k.emptiest(), russian.Span{}, 50, Grave, "Это вопрос автору, а вопроса в нём нет.", "Спросите, чего не хватает: адрес, дом, ориентир, что случилось.")
		return
	}
	where, other, papers := false, false, -1
	for n := at; n < len(k.sentences); n++ {
		s := &k.sentences[n]
		if s.does&asks == 0 {
			continue
		}
		for i := s.first; i < s.next; i++ {
			t := &k.tok[i]
			switch lemma := t.Lemma(); {
			case t.Norm == "адрес" || t.Norm == "адресу":
				where = true
			case isAsking(t.Norm) || lemma == "связать" || lemma == "заключаться":
			case lemma == "паспорт" || lemma == "паспортный" || t.Norm == "фио" || t.Norm == "снилс":
				papers = n
			case t.Kind == russian.Word && t.Forms[0].Gram.Any(russian.Noun|russian.Verb) && k.notes[i].class&(generic|idle) == 0 && k.notes[i].phrase == 0 &&
				!slices.ContainsFunc(k.asked.words, t.Print().Same):
				other = true
			}
		}
	}
	switch {
	case papers >= 0 && !k.Private && !k.inPrivate():
		k.find(Personal, papers, russian.Span{}, 50, Grave, "Просят личные данные там, где ответ прочтут все.", "Попросите прислать их личным сообщением или назовите, куда прийти.")
	case where && !other && k.addressGiven():
		k.find(NoQuestion, at, russian.Span{}, 45, Grave, "Спрашивают адрес, а в сообщении он есть.", "Прочтите сообщение ещё раз. Спросите о том, чего в нём нет, или отвечайте.")
	case !where && !other && k.idleQuestion(at):
		k.find(NoQuestion, at, russian.Span{}, 45, Grave, "Спрашивают, о чём сообщение, а оно перед вами.", "Спросите о том, чего в нём нет, или отвечайте.")
	}
}

// inPrivate reports whether the reply asks to answer where only the agency reads.
func (k *check) inPrivate() bool {
	return slices.ContainsFunc(k.tok, func(t russian.Token) bool {
		return strings.HasPrefix(t.Norm, "личн") || t.Norm == "лс" || t.Norm == "личку" || t.Norm == "почту" || t.Norm == "приходите"
	})
}

// addressGiven reports whether the complaint names a street or a place and a number.
func (k *check) addressGiven() bool {
	if k.Complaint == nil {
		return false
	}
	name, house := false, false
	for i := range k.Complaint.Tokens {
		t := &k.Complaint.Tokens[i]
		if t.Kind == russian.Number || t.Kind == russian.Mixed {
			house = true
		} else if marksPlace(k.Complaint.Tokens, i) {
			name = true
		}
	}
	return name && house
}

// idleQuestion reports whether a question asks for the question: «с чем связан ваш вопрос?».
func (k *check) idleQuestion(at int) bool {
	s := &k.sentences[at]
	return slices.ContainsFunc(k.tok[s.first:s.next], func(t russian.Token) bool {
		switch t.Lemma() {
		case "вопрос", "обращение", "суть", "жалоба", "проблема":
			return true
		}
		return false
	})
}
