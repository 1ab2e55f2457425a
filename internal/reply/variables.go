package reply

import (
	"regexp"
	"slices"
	"strings"
)

// Variables of a reply that goes to many: {{адрес}}, or {{адрес|ваш адрес}} with
// words for a message that has none. There is none for the author's name: threads
// are public.
const (
	VarAddress = "адрес" // where the resident says the trouble is
	VarNumber  = "номер" // the number that the resident was told
	VarTopic   = "тема"
	VarAgency  = "орган" // who answers
	VarDue     = "срок"  // the date that the approver gave
)

// Variables returns the variables and what each stands for, in Russian.
func Variables() [][2]string {
	return [][2]string{
		{VarAddress, "место, которое назвал житель, иначе место инцидента"}, {VarNumber, "номер обращения, который знает житель"},
		{VarTopic, "тема инцидента"}, {VarAgency, "кто отвечает"}, {VarDue, "срок, указанный ниже"},
	}
}

// blankWord begins what a writer fills in by hand: {{впишите: что сделано}}.
const blankWord = "впишите"

var variable = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// A Slot is a place of a text that stands in braces, in bytes of it.
type Slot struct {
	Start, End int
	Name       string // of the variable; of a blank, what is to be filled in
}

// A Filled is a text with values in the place of its variables. Slots count bytes
// of the text before.
type Filled struct {
	Text    string
	Missing []Slot // variables without a value and without words in its place: their braces stay
	Unknown []Slot // no variables; braces that are not closed are unknown too
	Blanks  []Slot // what the writer fills in: their braces stay
}

// Fill puts values into a text whose variables may have the names of known.
func Fill(text string, known []string, values map[string]string) (f Filled) {
	var out, rest strings.Builder
	at := 0
	for _, m := range variable.FindAllStringSubmatchIndex(text, -1) {
		name, words, _ := strings.Cut(text[m[2]:m[3]], "|")
		name = strings.ToLower(strings.TrimSpace(name))
		slot := Slot{m[0], m[1], name}
		out.WriteString(text[at:m[0]])
		rest.WriteString(text[at:m[0]])
		rest.WriteString(strings.Repeat(" ", m[1]-m[0]))
		at = m[1]
		put := text[m[0]:m[1]]
		switch value := strings.TrimSpace(values[name]); {
		case strings.HasPrefix(name, blankWord):
			slot.Name = strings.Trim(strings.TrimSpace(text[m[2]:m[3]])[len(blankWord):], " :")
			f.Blanks = append(f.Blanks, slot)
		case !slices.Contains(known, name):
			f.Unknown = append(f.Unknown, slot)
		case value != "":
			put = value
		case strings.TrimSpace(words) != "":
			put = strings.TrimSpace(words)
		default:
			f.Missing = append(f.Missing, slot)
		}
		out.WriteString(put)
	}
	out.WriteString(text[at:])
	rest.WriteString(text[at:])
	for _, brace := range []string{"{{", "}}"} {
		if k := strings.Index(rest.String(), brace); k >= 0 {
			f.Unknown = append(f.Unknown, Slot{k, k + 2, brace + " без пары"})
			break
		}
	}
	f.Text = out.String()
	return f
}

// Render puts the values into a text that goes to many. missing names the variables
// that have neither a value nor words in their place: their braces stay. unknown
// names what is no variable.
func Render(text string, values map[string]string) (out string, missing, unknown []string) {
	var known []string
	for _, v := range Variables() {
		known = append(known, v[0])
	}
	f := Fill(text, known, values)
	for _, s := range f.Blanks {
		unknown = append(unknown, blankWord+": "+s.Name)
	}
	return f.Text, names(f.Missing, nil), names(f.Unknown, unknown)
}

func names(slots []Slot, more []string) []string {
	for _, s := range slots {
		more = append(more, s.Name)
	}
	slices.Sort(more)
	return slices.Compact(more)
}

// Put puts one value into a text, or the words that stand for it: what is the same
// in every thread is put in before the reply is kept.
func Put(text, name, value string) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		got, words, _ := strings.Cut(found[2:len(found)-2], "|")
		if words = strings.TrimSpace(words); strings.TrimSpace(value) != "" {
			words = strings.TrimSpace(value)
		}
		if !strings.EqualFold(strings.TrimSpace(got), name) || words == "" {
			return found
		}
		return words
	})
}

// Uses reports whether the text has the variable.
func Uses(text, name string) bool {
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		got, _, _ := strings.Cut(m[1], "|")
		if strings.EqualFold(strings.TrimSpace(got), name) {
			return true
		}
	}
	return false
}
