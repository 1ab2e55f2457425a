// Package template is the vocabulary of reply templates: texts with variables that
// a centre or an agency keeps for what it answers often.
//
// A template is edited in versions; a reply remembers which version it began with,
// so that use and marks are counted. Whatever cannot be put in is an error that
// names the place: when a template is saved (Check) and when it is used (Use).
package template

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// An ID names a template for ever.
type ID int64

// A Kind says in which situation a template helps.
type Kind string

// Kinds.
const (
	Final    Kind = "final"    // what was done
	Interim  Kind = "interim"  // work goes on
	Refusal  Kind = "refusal"  // why it will not be done, and who can help
	Question Kind = "question" // asks the author for what is missing
	Reason   Kind = "reason"   // why a message is not considered at all: no reply, a line of the incident
)

// Kinds returns all kinds.
func Kinds() []Kind { return []Kind{Final, Interim, Refusal, Question, Reason} }

var kindWords = map[Kind]string{Final: "окончательный", Interim: "промежуточный", Refusal: "отказ и разъяснение", Question: "вопрос автору", Reason: "причина для «Отказать»"}

// Name returns the kind's Russian words.
func (k Kind) Name() string { return kindWords[k] }

// Purpose returns what a reply of the kind is for; "" for a Reason, which begins no reply.
func (k Kind) Purpose() reply.Purpose {
	switch k {
	case Reason:
		return ""
	case Interim:
		return reply.Interim
	case Question:
		return reply.Question
	}
	return reply.Final
}

// A Template is a text that replies begin with.
type Template struct {
	ID      ID
	Code    string // of one that the program brought; "" for those made here
	Name    string
	Kind    Kind
	Topic   topic.Code // one topic
	Group   string     // or a whole group, by name; both empty: any
	Text    string
	Version int // rises with every edit
	Retired bool
	By      account.ID // who made this version; 0: the program
	At      time.Time
	Place   scope.Place // Agency is 0 where it is the region's
}

// Fits says how well a template fits a case: 0 not at all, 1 any topic, 2 the group, 3 the topic.
func (t *Template) Fits(code topic.Code, group string) int {
	switch {
	case t.Topic == "" && t.Group == "":
		return 1
	case t.Topic != "" && t.Topic == code:
		return 3
	case t.Topic == "" && t.Group == group:
		return 2
	}
	return 0
}

// For returns what may be used for a case of the agency, the best fitting first;
// an agency's own go before the region's.
func For(list []Template, code topic.Code, group string, agency int64) []Template {
	var out []Template
	for _, t := range list {
		if !t.Retired && t.Fits(code, group) > 0 && (t.Place.Agency == 0 || t.Place.Agency == agency) {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Template) int {
		if d := b.Fits(code, group) - a.Fits(code, group); d != 0 {
			return d
		}
		switch {
		case a.Place.Agency != 0 && b.Place.Agency == 0:
			return -1
		case a.Place.Agency == 0 && b.Place.Agency != 0:
			return 1
		}
		if d := slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind); d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// Limits, in characters.
const (
	nameLimit = 120
	textLimit = 3500 // leaves room for values below what networks take
	lineLimit = 1500 // of a Reason, below what the desk takes
)

// Check returns why a template cannot be saved, nil when it can.
func (t *Template) Check() error {
	t.Name, t.Text = strings.TrimSpace(t.Name), strings.TrimSpace(strings.ReplaceAll(t.Text, "\r\n", "\n"))
	limit := textLimit
	if t.Kind == Reason { // one line
		limit, t.Text = lineLimit, strings.Join(strings.Fields(t.Text), " ")
	}
	n := utf8.RuneCountInString(t.Text)
	switch {
	case t.Name == "" || utf8.RuneCountInString(t.Name) > nameLimit:
		return fault.New(fault.Invalid, "template name of %d characters", utf8.RuneCountInString(t.Name)).At("name").Say("Назовите шаблон, до 120 знаков: по названию его выбирают.")
	case !slices.Contains(Kinds(), t.Kind):
		return fault.New(fault.Invalid, "kind %q is unknown", t.Kind).At("kind").Say("Выберите, какой это ответ: окончательный, промежуточный, отказ, вопрос автору или причина для «Отказать».")
	case t.Topic != "" && t.Group != "":
		return fault.New(fault.Invalid, "a topic and a group").At("topic").Say("Укажите тему или группу тем, не то и другое.")
	case n == 0:
		return fault.New(fault.Invalid, "no text").At("text").Say("Напишите текст шаблона.")
	case n > limit:
		return fault.New(fault.Invalid, "text of %d characters", n).At("text").Say(fmt.Sprintf("Шаблон длиннее, чем поместится: %d знаков из %d. Сократите его.", n, limit))
	case t.Kind == Reason && reply.Uses(t.Text, VarGreeting):
		return fault.New(fault.Invalid, "a reason that greets").At("text").Say("Причина отказа — строка карточки, а не письмо: уберите {{приветствие}}.")
	case !utf8.ValidString(t.Text) || !utf8.ValidString(t.Name):
		return fault.New(fault.Invalid, "the template is not UTF-8").At("text").Say("В тексте испорченные символы. Введите его заново.")
	}
	f := reply.Fill(t.Text, known(), nil)
	var wrong []string
	for _, s := range f.Unknown {
		wrong = append(wrong, place(t.Text, s)+": нет такой переменной")
	}
	for _, s := range f.Blanks {
		if s.Name == "" {
			wrong = append(wrong, place(t.Text, s)+": не сказано, что вписать")
		}
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "the template has %d wrong variables", len(wrong)).At("text").
			Say(sentence(wrong) + " Есть переменные: " + strings.Join(known(), ", ") + "; пропуск для пишущего — {{впишите: что сделано}}.")
	}
	return nil
}

// Use puts values into the template. It is Invalid where a variable has neither a
// value nor words in its place, unless loose: then such places become blanks for
// the writer. missing names them.
func (t *Template) Use(values map[string]string, loose bool) (text string, missing []string, err error) {
	f := reply.Fill(t.Text, known(), values)
	if len(f.Unknown) > 0 { // a variable that an older program knew
		return "", nil, fault.New(fault.Invalid, "template %d has unknown variables", t.ID).At("template").
			Say("В шаблоне «" + t.Name + "» " + place(t.Text, f.Unknown[0]) + ": нет такой переменной. Исправьте шаблон.")
	}
	var wrong []string
	text = f.Text
	for _, s := range f.Missing {
		missing = append(missing, s.Name)
		wrong = append(wrong, place(t.Text, s)+": "+why[s.Name])
		text = strings.Replace(text, t.Text[s.Start:s.End], "{{впишите: "+s.Name+"}}", 1)
	}
	if len(wrong) > 0 && !loose {
		return "", missing, fault.New(fault.Invalid, "template %d lacks %d values", t.ID, len(wrong)).At("template").
			Say("Для шаблона «" + t.Name + "» не всё известно. " + sentence(wrong) + " Допишите это или вставьте шаблон с пропусками.")
	}
	return text, missing, nil
}

// place says where in a text something stands: «строка 2, {{тел}}».
func place(text string, s reply.Slot) string {
	return fmt.Sprintf("строка %d, %s", 1+strings.Count(text[:s.Start], "\n"), text[s.Start:s.End])
}

func sentence(parts []string) string {
	s := strings.Join(parts, "; ") + "."
	return strings.ToUpper(s[:2]) + s[2:] // a Cyrillic letter has two bytes
}

// A Tally is how often a template was used and what authors thought of the results.
type Tally struct {
	Used  int     // replies that were published
	Marks int     // of 1 to 5
	Mean  float64 // of them; 0 where there are none
}

// A Store keeps templates.
type Store interface {
	// SaveTemplate inserts when ID is 0, else stores the next version: it is a Conflict
	// when the stored one is not t.Version. Version is raised.
	SaveTemplate(ctx context.Context, t *Template) error
	// Template returns one of the region, or of an agency inside the scope.
	Template(ctx context.Context, sc scope.Scope, id ID) (*Template, error)
	// Templates returns the region's and those of agencies inside the scope, by name.
	Templates(ctx context.Context, sc scope.Scope) ([]Template, error)
	Versions(ctx context.Context, id ID) ([]Template, error) // newest first
	Tallies(ctx context.Context, sc scope.Scope) (map[ID]Tally, error)
	// Bring stores those of the program that the region has never had, by their Code.
	Bring(ctx context.Context, region string, list []Template, at time.Time) (n int, err error)
}
