// Package personal finds personal data in a message: phones, e-mail addresses,
// bank cards, documents, car plates, names, flats and signs of a child.
//
// Start with Find; Mask covers what it found before a text is shown to somebody
// who may not see it. The finder prefers to cover too much over too little: a
// masked word can be asked for, a published phone cannot be taken back.
//
// Numbers with a check digit (cards by ISO/IEC 7812, ИНН and СНИЛС by the rules
// of the tax service and the pension fund) count only when the digit is right,
// unless the word for them stands before; so a meter reading is no card.
package personal

import (
	"slices"
	"strings"

	"otklik/internal/russian"
)

// A Type says what kind of personal data a span holds.
type Type string

// Types of personal data, in the words of `otklik read`.
const (
	Phone    Type = "phone"
	Email    Type = "email"
	Name     Type = "name" // at least two parts of a person's name, or a surname with initials
	Flat     Type = "flat"
	Document Type = "document" // passport, СНИЛС, ИНН, insurance policy, birth certificate, date of birth
	Card     Type = "card"     // bank card
	Plate    Type = "plate"    // of a car
	Child    Type = "child"    // a child's name or age beside the word for it: «сын Миша», «дочери 5 лет»
)

// A Found is one piece of personal data; Span counts bytes of the source.
type Found struct {
	Span russian.Span
	Type Type
}

// Find returns the personal data of a text, ordered by start; spans do not
// overlap: where two rules meet, the longer span stays.
func Find(text *russian.Text) []Found {
	f := finder{src: text.Source, tok: text.Tokens, words: wordIndex()}
	f.run()
	if len(f.found) == 0 {
		return nil
	}
	return settle(f.found)
}

// settle orders the found spans; of two that overlap the longer stays.
func settle(found []Found) []Found {
	slices.SortStableFunc(found, func(a, b Found) int { return a.Span.Start - b.Span.Start })
	kept := found[:0]
	for _, f := range found {
		if last := len(kept) - 1; last >= 0 && f.Span.Start < kept[last].Span.End {
			if f.Span.End-f.Span.Start > kept[last].Span.End-kept[last].Span.Start {
				kept[last] = f
			}
			continue
		}
		kept = append(kept, f)
	}
	return kept
}

// Hidden stands in a text for what Mask covered.
const Hidden = "[скрыто]"

// Mask returns text with Hidden in the place of each span; spans that touch or
// overlap become one. They may be in any order; parts outside the text are
// ignored.
func Mask(text string, spans []russian.Span) string {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b russian.Span) int { return a.Start - b.Start })
	var b strings.Builder
	at, masked := 0, false
	for _, s := range spans {
		s.Start, s.End = max(s.Start, 0), min(s.End, len(text))
		if s.Start >= s.End || s.End <= at {
			continue
		}
		if s.Start > at || !masked {
			b.WriteString(text[at:s.Start])
			b.WriteString(Hidden)
		}
		at, masked = s.End, true
	}
	b.WriteString(text[at:])
	return b.String()
}

// A finder reads one text.
type finder struct {
	src   string
	tok   []russian.Token
	words *russian.TermIndex
	found []Found

	patronymics bool // some word is a patronymic, so names in small letters are looked for
}

func (f *finder) run() {
	for i := range f.tok {
		if f.tok[i].Kind == russian.Word && f.patronymic(i) {
			f.patronymics = true
			break
		}
	}
	for i := 0; i < len(f.tok); i++ {
		switch f.tok[i].Kind {
		case russian.Link:
			f.email(i)
		case russian.Number, russian.Mixed:
			f.flatAfterHouse(i)
			if !f.birth(i) && !f.plate(i) {
				i = f.digits(i)
			}
		case russian.Symbol, russian.Punct:
			if s := f.str(i); s == "+" || s == "(" {
				i = f.digits(i)
			}
		case russian.Word:
			what := f.bits(i)
			switch {
			case f.spelledEmail(i), f.flat(i), f.plate(i), what&paperWord != 0 && f.document(i, what):
			default:
				if what&childWord != 0 {
					f.child(i)
				}
				if f.tok[i].Shape != russian.Lower || f.patronymics {
					f.person(i)
				}
			}
		}
	}
}

func (f *finder) add(start, end int, t Type) {
	f.found = append(f.found, Found{russian.Span{Start: start, End: end}, t})
}

func (f *finder) str(i int) string {
	if i < 0 || i >= len(f.tok) {
		return ""
	}
	return f.src[f.tok[i].Start:f.tok[i].End]
}

func (f *finder) norm(i int) string {
	if i < 0 || i >= len(f.tok) {
		return ""
	}
	return f.tok[i].Norm
}

// tokenAt returns the first token from i on that starts at byte pos or behind it.
func (f *finder) tokenAt(i, pos int) int {
	for i < len(f.tok) && f.tok[i].Start < pos {
		i++
	}
	return i
}

// email notes an e-mail address; a URL or a mention is none.
func (f *finder) email(i int) {
	s := f.str(i)
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || strings.Contains(s, "/") || !strings.Contains(s[at:], ".") {
		return
	}
	f.add(f.tok[i].Start, f.tok[i].End, Email)
}
