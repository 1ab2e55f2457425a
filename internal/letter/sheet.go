package letter

import (
	"strings"

	"rsc.io/qr"
)

// A page of A4 in points of 1/72 inch; the margin on the left leaves room to bind it.
const (
	wide, high  = 595.28, 841.89
	left, right = 70.9, 42.5
	top, bottom = 56.7, 62.4
	column      = wide - left - right
)

// A style is how words look.
type style struct {
	bold   bool
	size   float64 // points
	lead   float64 // from line to line
	before float64 // above the paragraph
	grey   bool
}

var (
	body  = style{size: 11, lead: 15.5, before: 4}
	small = style{size: 9, lead: 12.5, grey: true}
	over  = style{bold: true, size: 12, lead: 17, before: 10}
	title = style{bold: true, size: 17, lead: 23, before: 4}
	firm  = style{bold: true, size: 14, lead: 19}
	huge  = style{bold: true, size: 34, lead: 42, before: 2}
)

// A mark is what stands at one place of a page: words, or a black box.
type mark struct {
	x, y  float64 // of words the base line
	style style
	text  string
	w, h  float64 // of a box
}

// A sheet is a document under way.
type sheet struct {
	ink   *ink
	pages [][]mark
	y     float64 // where the next line begins
}

func newSheet() (*sheet, error) {
	ink, err := newInk()
	if err != nil {
		return nil, err
	}
	return &sheet{ink: ink, pages: make([][]mark, 1), y: top}, nil
}

func (s *sheet) put(m mark) { s.pages[len(s.pages)-1] = append(s.pages[len(s.pages)-1], m) }

// room begins a new page when less than h is left of this one.
func (s *sheet) room(h float64) {
	if s.y+h > high-bottom {
		s.pages, s.y = append(s.pages, nil), top
	}
}

// skip leaves room, but for the top of a page.
func (s *sheet) skip(h float64) {
	if s.y > top {
		s.y += h
	}
}

func (s *sheet) say(st style, text string) { s.sayIn(st, text, 0, column) }

// sayIn writes a text as paragraphs within a column that begins at an indent.
func (s *sheet) sayIn(st style, text string, indent, width float64) {
	s.skip(st.before)
	for line := range strings.SplitSeq(clean(text), "\n") {
		for _, part := range s.wrap(st, line, width) {
			s.room(st.lead)
			s.put(mark{x: left + indent, y: s.y + st.size, style: st, text: part})
			s.y += st.lead
		}
	}
}

// wrap breaks a line between words, and a word that is longer than the line where it must.
// Unbreakable blanks hold.
func (s *sheet) wrap(st style, line string, width float64) (parts []string) {
	blank, have, used := s.ink.width(st, " "), "", 0.0
	for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ' ' }) {
		w := s.ink.width(st, word)
		if have != "" && used+blank+w <= width {
			have, used = have+" "+word, used+blank+w
			continue
		}
		if have != "" {
			parts = append(parts, have)
		}
		for w > width {
			at, sum := 0, 0.0
			for i, r := range word {
				one := s.ink.letter(st, r)
				if i > 0 && sum+one > width {
					break
				}
				at, sum = i+len(string(r)), sum+one
			}
			parts, word, w = append(parts, word[:at]), word[at:], w-sum
		}
		have, used = word, w
	}
	return append(parts, have) // an empty line stays one
}

// titled begins a part. Its title never stands alone at the end of a page.
func (s *sheet) titled(text string) {
	s.room(over.before + over.lead + 3*body.lead)
	s.say(over, text)
}

func (s *sheet) rule() {
	s.skip(5)
	s.put(mark{x: left, y: s.y, w: column, h: 0.7})
	s.y += 9
}

func (s *sheet) head(h *Head) {
	s.say(firm, h.Centre)
	for _, l := range h.Lines {
		s.say(small, l)
	}
	s.rule()
}

// words writes what somebody said, when, and what became of words that are gone.
func (s *sheet) words(w *Words) {
	if w.Day != "" {
		s.say(small, w.Day)
	}
	switch {
	case w.Erased != "":
		s.say(body, "Слова стёрты по просьбе автора "+w.Erased+".")
	case w.Text == "":
		s.say(body, "Слов нет: они стёрты по просьбе автора или были только во вложении.")
	default:
		s.say(body, w.Text)
	}
	if w.Alone != "" {
		s.say(style{bold: true, size: body.size, lead: body.lead, before: body.before}, "Лично вам")
		s.say(body, w.Alone)
	}
}

// codeSide is how wide the QR code is: 32 mm, which a telephone reads from a hand's breadth.
const codeSide = 91.0

// status draws the QR code of the page that shows how it stands, with words beside it.
// An address that no code can hold is written alone.
func (s *sheet) status(number, address string) {
	if address == "" {
		return
	}
	shown, _, _ := strings.Cut(address, "?")
	text := "Как идёт дело, видно и на сайте: " + shown + "\nНужны номер " + number + " и последние четыре цифры телефона, который вы оставили. Наведите камеру телефона на рисунок: он откроет эту страницу."
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		s.say(body, text)
		return
	}
	s.skip(10)
	s.room(codeSide + 6)
	from, at := s.y, len(s.pages)
	side := codeSide / float64(code.Size)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := x
			for code.Black(x, y) { // outside of the code nothing is black
				x++
			}
			if x > run {
				s.put(mark{x: left + float64(run)*side, y: from + float64(y)*side, w: float64(x-run) * side, h: side})
			}
		}
	}
	s.sayIn(body, text, codeSide+16, column-codeSide-16)
	if len(s.pages) == at {
		s.y = max(s.y, from+codeSide) + 6
	}
}

// signature is where an official signs: an answer to an appeal is signed (article 10 of 59-ФЗ).
func (s *sheet) signature(who string) {
	s.skip(18)
	s.room(2 * body.lead)
	if who == "" {
		who = "Должность, фамилия и инициалы: ______________________"
	}
	s.say(body, who)
	s.say(body, "Подпись: ______________________")
}

// cut draws the line to cut along, in the middle of the page or below what stands there.
func (s *sheet) cut() {
	y := max(s.y+12, high/2)
	for x := 20.0; x < wide-20; x += 9 {
		s.put(mark{x: x, y: y, w: 5, h: 0.6})
	}
	s.put(mark{x: left, y: y + 12, style: small, text: "линия отреза"})
}
