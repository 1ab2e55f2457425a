package russian

import "strings"

// Sentences returns the sentences of the text as runs of bytes, in order and
// without the blanks between them. A sentence ends at «.», «!», «?» or «…» with
// a blank and a capital, a digit, a quotation mark or an emoji behind it, and at
// an empty line or a line break before a capital. A full stop behind an initial
// or a usual abbreviation («ул.», «г.», «д.») ends none. Reading is by tokens,
// so that every token lies within one sentence.
func (t *Text) Sentences() []Span {
	var out []Span
	start := 0
	for i := range t.Tokens {
		if i+1 < len(t.Tokens) && !t.breaks(i) {
			continue
		}
		out = append(out, Span{t.Tokens[start].Start, t.Tokens[i].End})
		start = i + 1
	}
	return out
}

// breaks reports whether a sentence ends between token i and the next.
func (t *Text) breaks(i int) bool {
	tok, next := &t.Tokens[i], &t.Tokens[i+1]
	gap := t.Source[tok.End:next.Start]
	if gap == "" {
		return false
	}
	opens := next.Kind == Symbol || next.Kind == Number || next.Kind == Mixed || next.Kind == Link || next.Kind == Hashtag ||
		next.Shape != Lower || next.Kind == Punct && (next.Norm == `"` || next.Norm == "-" || next.Norm == "(" || next.Norm == "•")
	if lines := strings.Count(gap, "\n"); lines > 1 || lines == 1 && opens {
		return true
	}
	end := i
	for end > 0 && t.Tokens[end].Kind == Punct && (t.Tokens[end].Norm == `"` || t.Tokens[end].Norm == ")") {
		end-- // «Почините!» Спасибо
	}
	if t.Tokens[end].Kind != Punct || !opens {
		return false
	}
	switch t.Tokens[end].Norm {
	case "!", "?", "…":
		return true
	case ".":
		return end == 0 || !t.shortened(end-1)
	}
	return false
}

// shortened reports whether the token before a full stop is an abbreviation, so
// that the full stop is its own.
func (t *Text) shortened(i int) bool {
	tok := &t.Tokens[i]
	if tok.End != t.Tokens[i+1].Start || tok.Kind != Word {
		return false
	}
	if (tok.Norm == "д" || tok.Norm == "п") && i >= 2 && t.Tokens[i-2].Norm == "т" {
		return false // «и т. д.»
	}
	return len(tok.Norm) <= 2 || shortForms[tok.Norm]
}

// shortForms are abbreviations with a full stop that stand before a name or a
// number; single letters need no list.
var shortForms = setOf("ул пр просп пер бул пл наб туп пр-т пр-кт пр-д б-р ш мкр мкрн мик-н р-н обл респ край гор пос пгт дер " +
	"стр корп кв оф эт им св гр тел см ср руб коп тыс млн млрд рис таб гл ст зам зав нач проф акад ген лейт кап " +
	"ост стр-е соор лит влад уч куб кв-л ж/д жд сан дет янв фев мар апр авг сент окт ноя дек")

func setOf(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}
