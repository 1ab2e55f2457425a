package lint

import (
	"slices"
	"strings"

	"otklik/internal/personal"
	"otklik/internal/russian"
)

var personalWords = map[personal.Type]string{
	personal.Phone: "телефон", personal.Email: "адрес почты", personal.Name: "имя", personal.Flat: "номер квартиры", personal.Document: "номер документа",
	personal.Card: "номер карты", personal.Plate: "номер машины", personal.Child: "сведения о ребёнке",
}

// secrets finds personal data in a reply that everybody reads.
func (k *check) secrets() {
	if k.Private {
		return
	}
	leaks := k.leaks()
	if len(leaks) == 0 {
		return
	}
	f := leaks[0]
	n := k.sentenceAt(f.Span.Start)
	cost, sev := 50, Grave
	if f.Type == personal.Name && k.sentences[n].phrases&greeting != 0 && len(strings.Fields(k.text.Source[f.Span.Start:f.Span.End])) == 2 {
		cost, sev = 10, Minor
	}
	k.find(Personal, n, f.Span, cost, sev, "Личные данные в ответе, который прочтут все: "+personalWords[f.Type]+".",
		"Уберите их: в ветке — общая фраза, подробности — автору лично.")
}

// leaks returns the personal data of the reply. Numbers of dispatchers and names of
// officials are none; a mobile number beside a resident's name or flat is the resident's.
func (k *check) leaks() (out []personal.Found) {
	found := slices.DeleteFunc(personal.Find(k.text), func(f personal.Found) bool {
		return f.Type == personal.Flat && k.room(f.Span)
	})
	theirs := map[int]bool{} // sentences that hold a resident's data of another kind
	for _, f := range found {
		if n := k.sentenceAt(f.Span.Start); f.Type != personal.Phone && f.Type != personal.Email && (f.Type != personal.Name || !k.office(f.Span, n)) {
			theirs[n] = f.Type != personal.Name || k.sentences[n].phrases&greeting == 0 || theirs[n]
		}
	}
	var staff []string // the first names of people in office
	for _, f := range found {
		n := k.sentenceAt(f.Span.Start)
		switch f.Type {
		case personal.Phone, personal.Email:
			if !(theirs[n] && mobile(k.text.Source[f.Span.Start:f.Span.End])) && !k.residents(f.Span, n) {
				continue
			}
		case personal.Name:
			if name := firstOf(k.text.Source[f.Span.Start:f.Span.End]); k.office(f.Span, n) || k.answers(f.Span, n, found) || slices.Contains(staff, name) {
				staff = append(staff, name)
				continue
			}
		}
		out = append(out, f)
	}
	return out
}

// room reports whether a room is one of an office: the sentence calls to come or
// ring, and nobody lives there.
func (k *check) room(span russian.Span) bool {
	s := &k.sentences[k.sentenceAt(span.Start)]
	for i := s.first; i < s.next; i++ {
		if w := k.tok[i].Norm; strings.HasPrefix(w, "жив") || strings.HasPrefix(w, "прожив") || strings.HasPrefix(w, "общежит") || strings.HasPrefix(w, "ваш") {
			return false
		}
	}
	return strings.HasPrefix(strings.ToLower(k.text.Source[span.Start:span.End]), "комнат") && (k.invites(s) || s.has(k, contact))
}

// firstOf returns the beginning of the first word of a name, which its cases share.
func firstOf(name string) string {
	word, _, _ := strings.Cut(name, " ")
	return word[:min(len(word), 8)]
}

// mobile reports whether a number is that of a mobile phone, or an e-mail address.
func mobile(s string) bool {
	d := digitsOf(s)
	return strings.Contains(s, "@") || len(d) == 11 && d[1] == '9' || len(d) == 10 && d[0] == '9'
}

// landline reports whether a number is a town's: five to seven digits.
func landline(s string) bool {
	n := len(digitsOf(s))
	return n >= 5 && n <= 7
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// residents reports whether a number or an address in the sentence is the
// resident's. Who answers a complaint names the numbers of those who will help:
// a number is the resident's where it is called his, where somebody will call him
// on it, or where it is a mobile one and nothing says whose.
func (k *check) residents(span russian.Span, n int) bool {
	s := &k.sentences[n]
	if k.officeBefore(s, span) {
		return false
	}
	yours := false
	for i := s.first; i < s.next && k.tok[i].Start < span.Start; i++ {
		switch w := k.tok[i].Norm; {
		case w == "ваш" || w == "вашему" || w == "вашем" || w == "вашего":
			if i+1 < s.next && k.notes[i+1].class&contact != 0 {
				return true
			}
			yours = yours || i+1 >= s.next || k.notes[i+1].class&official == 0
		case w == "вам" || w == "вас":
			yours = true
		case strings.HasPrefix(w, "заявител") || strings.HasPrefix(w, "прожива") || strings.HasPrefix(w, "перезвон") || strings.HasPrefix(w, "обративш"):
			return true
		case w == "позвонят" || w == "позвоним" || w == "позвонит" || w == "свяжемся" || w == "свяжутся" || w == "свяжется":
			return true
		}
	}
	switch {
	case s.has(k, contact|official):
		return false
	case s.phrases&redirect != 0 || k.invites(s):
		return yours
	}
	return yours || !landline(k.text.Source[span.Start:span.End])
}

// officeBefore reports whether a service stands right before the number, or with the
// words «по телефону», «номер» between: «телефон диспетчерской 22-00-11».
func (k *check) officeBefore(s *sentence, span russian.Span) bool {
	seen := 0
	for i := s.next - 1; i >= s.first && seen < 3; i-- {
		if k.tok[i].Start >= span.Start || k.tok[i].Kind == russian.Punct {
			continue
		}
		if seen++; k.notes[i].class&official != 0 || strings.HasPrefix(k.tok[i].Norm, "диспетчерск") {
			return true
		}
		if k.tok[i].Norm != "по" && k.notes[i].class&contact == 0 {
			return false
		}
	}
	return false
}

// office reports whether a name is that of somebody in office: the post stands near,
// or the sentence says that this person is in charge of it.
func (k *check) office(span russian.Span, n int) bool {
	s := &k.sentences[n]
	for i := s.first; i < s.next; i++ {
		if w := k.tok[i].Norm; k.tok[i].End < span.Start && span.Start-k.tok[i].End < 6 && (w == "отвечает" || w == "подскажет" || w == "расскажет") {
			return true
		}
		if k.notes[i].class&official != 0 && k.tok[i].Start < span.End+80 && k.tok[i].End+120 > span.Start {
			return true
		}
	}
	return s.phrases&greeting != 0 && strings.HasPrefix(strings.ToLower(k.text.Source[s.span.Start:s.span.End]), "с уважением")
}

// answers reports whether a name is that of somebody to be called: a number that is not
// the resident's stands close behind it, or at the end of a sentence that calls to ring.
func (k *check) answers(span russian.Span, n int, found []personal.Found) bool {
	for _, f := range found {
		if f.Type == personal.Phone && f.Span.Start >= span.End && f.Span.Start < k.sentences[n].span.End &&
			(f.Span.Start-span.End < 12 || f.Span.Start-span.End < 160 && k.invites(&k.sentences[n])) {
			return !k.residents(f.Span, n)
		}
	}
	return false
}
