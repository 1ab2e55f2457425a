package lint

import (
	"slices"
	"strings"

	"otklik/internal/russian"
)

// note says what a sentence does.
func (k *check) note(s *sentence) {
	var works, will, asksUs bool
	for i := s.first; i < s.next; i++ {
		n := &k.notes[i]
		s.phrases |= n.phrase
		if n.class&work != 0 && k.tok[i].Any(russian.Noun) {
			works = true
		}
		if k.tok[i].Kind == russian.Word && n.phrase&(greeting|thanks|empty|redirect) == 0 && k.tok[i].Forms[0].Gram.Any(russian.Noun|russian.Verb|russian.Infn|russian.Participle|russian.Adj) {
			s.words++
		}
		switch k.tok[i].Norm {
		case "будет", "будут", "планируем", "планируется", "планируют", "предстоит", "намерены", "должны", "должен", "обязана", "обязан", "обязали", "готовы":
			will = true
		}
		if k.tok[i].Norm == "?" {
			asksUs = true
		}
		if k.tok[i].Kind == russian.Link {
			s.does |= reaches
		}
	}
	for i := s.first; i < s.next; i++ {
		s.does |= k.deedOf(i, s, works, will)
	}
	if s.phrases&reason != 0 {
		s.does |= explains
	}
	if asksUs {
		s.does |= asks
	}
	if k.reachable(s) {
		s.does |= reaches
	}
}

// deedOf says what one verb tells of.
func (k *check) deedOf(i int, s *sentence, works, will bool) deed {
	t := &k.tok[i]
	if t.Kind != russian.Word {
		return 0
	}
	n := &k.notes[i]
	if n.class&reasons != 0 {
		return explains
	}
	v := verbForm(t)
	if v == 0 || k.denied(i) {
		return 0
	}
	if v.Any(russian.Verb) && v.Any(russian.Per2|russian.Impr) {
		if isAsking(t.Norm) {
			return asks
		}
		return 0
	}
	if n.phrase&(empty|redirect|thanks|greeting|mark) != 0 || k.supposed(i, s) {
		return 0
	}
	if n.class&support != 0 {
		if !works {
			return 0
		}
	} else if n.class&idle != 0 {
		if s.terms > 0 && v.Any(russian.Futr) { // «рассмотрит 3 декабря»: one can ask on that day
			return planned
		}
		return 0
	}
	switch {
	case v.Any(russian.Futr):
		return planned
	case v.Any(russian.Infn):
		if will || k.plansBefore(i, s) {
			return planned
		}
		return 0
	case v.Any(russian.Participle):
		if will {
			return planned
		}
		if n.class&support != 0 && planner(t) {
			return planned
		}
		return done
	case v.Any(russian.Past):
		if v.Any(russian.Per2) {
			return 0
		}
		if n.class&support != 0 && planner(t) {
			return planned
		}
		return done
	case v.Any(russian.Pres):
		if n.class&support != 0 && (planner(t) || t.Norm == "планируется") {
			return planned
		}
		if n.class&(present|support) != 0 && !v.Any(russian.Per1|russian.Sing) || n.class&present != 0 && v.Any(russian.Per3|russian.Per1) {
			return ongoing
		}
	}
	return 0
}

// supposed reports whether the verb stands behind «если» or «чтобы» in its clause,
// or in a sentence that begins so: what will be done then is no promise of a day.
func (k *check) supposed(i int, s *sentence) bool {
	for n := s.first; n < min(s.first+2, i); n++ {
		if k.tok[n].Norm == "если" {
			return true
		}
	}
	for n := i - 1; n >= s.first && k.tok[n].Kind != russian.Punct; n-- {
		switch k.tok[n].Norm {
		case "если", "чтобы", "пока":
			return true
		}
	}
	return false
}

// verbForm returns the grammemes of the token's reading as a verb that says
// something: finite, infinitive or a short participle; 0 when it is none.
func verbForm(t *russian.Token) russian.Gram {
	for n := range t.Forms {
		f := &t.Forms[n]
		if f.Score < 0.09 && n > 0 {
			break
		}
		switch {
		case f.Gram.Any(russian.Verb | russian.Infn):
			return f.Gram
		case f.Gram.Any(russian.Participle):
			if f.Gram.Any(russian.Nomn | russian.Gent | russian.Datv | russian.Accs | russian.Ablt | russian.Loct) {
				return 0
			}
			return f.Gram
		}
	}
	return 0
}

// planner reports whether a word tells of what is to come though its form is past:
// «запланирован», «назначен», «включён в план».
func planner(t *russian.Token) bool {
	switch t.Lemma() {
	case "запланировать", "планироваться", "планировать", "назначить", "назначать", "наметить", "намечать", "намечаться", "включить", "включать", "предусмотреть", "поручить", "ожидаться", "ожидать", "предстоять", "готовиться", "готовить":
		return true
	}
	return false
}

func (k *check) plansBefore(i int, s *sentence) bool {
	for n := max(i-6, s.first); n < i; n++ {
		if planner(&k.tok[n]) || strings.HasPrefix(k.tok[n].Norm, "предписа") || strings.HasPrefix(k.tok[n].Norm, "обяза") {
			return true
		}
	}
	return false
}

// denied reports whether «не» stands before the verb.
func (k *check) denied(i int) bool {
	return i > 0 && k.tok[i-1].Norm == "не" || i > 1 && k.tok[i-2].Norm == "не" && (k.tok[i-1].Norm == "был" || k.tok[i-1].Norm == "была" || k.tok[i-1].Norm == "было" || k.tok[i-1].Norm == "были" || k.tok[i-1].Norm == "будет" || k.tok[i-1].Norm == "будут")
}

func isAsking(norm string) bool {
	switch norm {
	case "уточните", "напишите", "сообщите", "подскажите", "укажите", "пришлите", "назовите", "опишите", "ответьте", "скажите", "расскажите", "приложите", "вышлите":
		return true
	}
	return false
}

// reachable reports whether a sentence says how to reach somebody: a number
// beside a word for it, a room, a house in a street, a service's three digits.
func (k *check) reachable(s *sentence) bool {
	word, digits, run := false, 0, 0
	for i := s.first; i < s.next; i++ {
		t := &k.tok[i]
		if k.notes[i].class&contact != 0 {
			word = true
		}
		switch t.Norm {
		case "госуслуги", "госуслугах", "госуслуг", "решаем":
			return true
		case "улица", "улице", "ул", "проспект", "проспекте", "пр", "пер", "переулок", "переулке", "площадь":
			for n := i + 1; n < min(i+7, s.next); n++ {
				if (k.tok[n].Kind == russian.Number || k.tok[n].Kind == russian.Mixed) && k.addressed(s, i) {
					return true
				}
			}
		}
		if t.Kind == russian.Number {
			run += t.End - t.Start
			digits = max(digits, run)
		} else if t.Kind != russian.Punct && t.Kind != russian.Symbol {
			run = 0
		}
	}
	return digits >= 10 || word && digits >= 2
}

// addressed reports whether a street stands in a sentence that invites or tells where an office is.
func (k *check) addressed(s *sentence, street int) bool {
	for i := s.first; i < s.next; i++ {
		switch k.tok[i].Norm {
		case "адресу":
			if i < street && street-i < 6 {
				return s.phrases&redirect != 0 || k.invites(s)
			}
		case "приходите", "обращайтесь", "обратитесь", "обратиться", "прием", "приема", "кабинет":
			return true
		}
	}
	return false
}

// inviting are beginnings of words by which a sentence calls the resident to come, write or ring.
var inviting = []string{"обра", "прийти", "приход", "подать", "звоните", "позвоните", "пишите", "пришлите", "присылайте", "расскаж", "подскаж", "запис"}

func (k *check) invites(s *sentence) bool {
	for i := s.first; i < s.next; i++ {
		if slices.ContainsFunc(inviting, func(start string) bool { return strings.HasPrefix(k.tok[i].Norm, start) }) {
			return true
		}
	}
	return false
}
