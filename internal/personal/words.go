package personal

import (
	"strings"
	"sync"

	"otklik/internal/russian"
)

// A word is what the rules ask about a token, whatever its form.
type word uint32

const (
	childWord     word = 1 << iota // a word for somebody's child
	cardWord                       // a bank card
	paperWord                      // a document that has a number
	seriesless                     // of these: one whose number has no series
	shortPaper                     // of these: one whose number may have six digits
	foreignPaper                   // of these: one whose number has nine digits
	cueFiller                      // stands between such a word and its number
	numberFiller                   // stands inside such a number
	streetWord                     // makes the name behind it a street's or an institution's
	monumentFirst                  // somebody after whom streets are named: the first name
	monumentLast
	birthWord // birth
	birthFiller
)

var wordLists = map[word]string{
	childWord:                            "сын дочь дочка сынок ребенок внук внучка сыночек доченька девочка мальчик школьник школьница ученик ученица",
	cardWord:                             "карта карточка",
	paperWord:                            "паспорт полис",
	paperWord | seriesless:               "инн снилс омс страхование",
	paperWord | shortPaper:               "свидетельство удостоверение",
	paperWord | foreignPaper:             "загранпаспорт",
	cueFiller | numberFiller:             "номер серия рф",
	cueFiller | numberFiller | birthWord: "рождение",
	cueFiller:                            "сбербанк сбер банк гражданин мой о",
	numberFiller:                         "n",
	birthWord:                            "родиться",
	birthFiller:                          "дата год г число",
	streetWord: "улица проспект переулок бульвар площадь набережная шоссе проезд аллея сквер парк генерал маршал академик герой летчик космонавт " +
		"адмирал памятник школа больница микрорайон",
	monumentFirst: "карл роза клара фридрих зоя",
	monumentLast:  "маркс люксембург цеткин либкнехт энгельс космодемьянский космодемьянская",
}

var wordIndex = sync.OnceValue(func() *russian.TermIndex {
	m := map[uint64][]int32{}
	for bits, list := range wordLists {
		for _, w := range strings.Fields(list) {
			m[russian.Term(w)] = []int32{int32(bits)}
		}
	}
	index := russian.NewTermIndex(m)
	return &index
})

// bits returns what token i is, over all its readings; 0 outside the text.
func (f *finder) bits(i int) (b word) {
	if i < 0 || i >= len(f.tok) || f.tok[i].Kind != russian.Word {
		return 0
	}
	for _, term := range f.tok[i].Terms() {
		for _, v := range f.words.Find(term) {
			b |= word(v)
		}
	}
	return b
}

// is reports whether token i is one of the words.
func (f *finder) is(i int, w word) bool { return f.bits(i)&w != 0 }
