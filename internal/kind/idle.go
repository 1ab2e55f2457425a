package kind

import (
	"strings"

	"otklik/internal/russian"
)

// Small talk: a greeting, thanks, a laugh, praise, a question to the others in
// the thread. On a page of our own people talk as people do, and the threshold
// there is low, so that «На Мира снег не чистят» opens an incident; what says
// nothing must not open one with it.
const (
	idleWord   = 1 << iota // says nothing of a trouble, whatever else stands beside it
	praiseWord             // with it a thing of the city is admired, not missed
)

// Words by which small talk is known. A pronoun, a preposition, a conjunction, a
// particle and an interjection say nothing either; what lacks or does not work
// must not stand here, for «Связи нет» is a complaint.
var idleWords = map[int32]string{
	idleWord: "здравствуйте здравствуй привет приветствовать добрый доброе доброго утро день вечер ночь пожалуйста спасибо благодарить благодарность пока " +
		"да нет ага угу ок хорошо ладно конечно точно верно понятно ясно согласный согласна согласен поддерживать поздравлять праздник рождение наступать наступающий " +
		"год лето зима весна осень выходной неделя время сегодня завтра вчера уже еще ещё всегда обычно скоро первый первая вместе просто очень давно " +
		"сосед друг подруга земляк подписчик администратор админ человек люди ребята девочка девочки мальчик " +
		"знать думать помнить смотреть посмотреть видеть увидеть слышать понять понимать говорить сказать писать написать читать прочитать позвонить любить ждать хотеть мочь быть идти пойти уехать приехать подписаться сидеть спать жить " +
		"место имя фото фотография видео песня музыка отпуск память нетерпение здоровье счастье любовь удача город хороший пауза ссылка комментарий пост группа канал личка " +
		"так там тут здесь туда сюда как где куда откуда когда кто что какой сколько почему зачем",
	praiseWord: "красота красивый красиво красивенный прелесть прелестный прекрасный прекрасно чудесный чудесно чудо замечательный замечательно отличный отлично хороший великолепный великолепно " +
		"шикарный шикарно уютный уютно молодец умница супер класс классный классно здорово браво любимый нравиться понравиться радовать порадовать восторг спасибо благодарить",
}

// idleTerms leads from a lemma to its bits.
func idleTerms() russian.TermIndex { return termBits(idleWords) }

// idleLength is how many words small talk has at most.
const idleLength = 8

// idle reports whether the text tells nothing that somebody could act upon. ours
// says that it came to us, where the threshold is low: that is for those who tell
// something.
func (j *Judge) idle(t *russian.Text, s *signals, d *Decision, ours bool) bool {
	r := &j.rules
	if s.words > idleLength {
		return ours && d.Score < j.model.threshold && !s.any(r.tells) && s.x[fThing] == 0 && s.x[fHouse] == 0
	}
	alone, praise := true, false
	for i := range t.Tokens {
		k := &t.Tokens[i]
		switch k.Kind {
		case russian.Word:
		case russian.Number, russian.Mixed:
			alone = false
			continue
		default:
			continue
		}
		bits := j.idleBits(k)
		alone = alone && (bits != 0 || empty(k))
		praise = praise || bits&praiseWord != 0
	}
	switch {
	case alone:
		return true
	case praise && !s.any(r.wrong|r.want|r.askinfo) && s.x[fHouse] == 0:
		return true
	case !ours || s.any(r.tells) || s.x[fHouse] > 0:
		return false
	}
	// A thing alone tells something when it is asked for, or when the words about
	// it would concern us anywhere: «Где автобус?», «Лифт стоит».
	return s.x[fThing] == 0 || s.x[fQuestion] == 0 && d.Score < j.model.threshold
}

// Empty reports whether the words between the bytes say nothing of a trouble: as
// evidence they help nobody.
func (j *Judge) Empty(t *russian.Text, start, end int) bool {
	for i := range t.Tokens {
		k := &t.Tokens[i]
		if k.Start >= start && k.End <= end && (k.Kind != russian.Word || !empty(k) && j.idleBits(k)&idleWord == 0) {
			return false
		}
	}
	return true
}

// empty reports whether the word can be read as one that only joins others.
func empty(k *russian.Token) bool {
	const joins = russian.Prep | russian.Conj | russian.Prcl | russian.Intj | russian.Pronoun
	for i := range k.Forms {
		if k.Forms[i].Gram&joins != 0 {
			return true
		}
	}
	return false
}

func (j *Judge) idleBits(k *russian.Token) (bits int32) {
	for _, term := range k.Terms() {
		for _, b := range j.idles.Find(term) {
			bits |= b
		}
	}
	return bits
}

// termBits makes an index from lists of lemmas.
func termBits(lists map[int32]string) russian.TermIndex {
	m := map[uint64][]int32{}
	for bits, words := range lists {
		for _, w := range strings.Fields(words) {
			m[russian.Term(w)] = append(m[russian.Term(w)], bits)
		}
	}
	return russian.NewTermIndex(m)
}
