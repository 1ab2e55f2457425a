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

var variable = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// Render puts the values into a text. missing names the variables that have
// neither a value nor words in their place: their braces stay. unknown names what
// is no variable; braces that are not closed are unknown too.
func Render(text string, values map[string]string) (out string, missing, unknown []string) {
	out = variable.ReplaceAllStringFunc(text, func(found string) string {
		name, words, _ := strings.Cut(found[2:len(found)-2], "|")
		name = strings.ToLower(strings.TrimSpace(name))
		value := strings.TrimSpace(values[name])
		switch {
		case !slices.ContainsFunc(Variables(), func(v [2]string) bool { return v[0] == name }):
			unknown = append(unknown, name)
			return found
		case value != "":
			return value
		case strings.TrimSpace(words) != "":
			return strings.TrimSpace(words)
		}
		missing = append(missing, name)
		return found
	})
	if rest := variable.ReplaceAllString(out, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		unknown = append(unknown, "{{ без пары }}")
	}
	slices.Sort(missing)
	slices.Sort(unknown)
	return out, slices.Compact(missing), slices.Compact(unknown)
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
