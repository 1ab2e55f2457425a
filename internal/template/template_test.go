package template_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/fault"
	"otklik/internal/lint"
	"otklik/internal/promise"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/template"
	"otklik/internal/topic"
)

func valid(text string) *template.Template {
	return &template.Template{ID: 7, Name: "Проверка", Kind: template.Final, Text: text}
}

func TestWhatIsWrongIsNamedWhenATemplateIsSaved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*template.Template)
		field  string
		says   []string
	}{
		{"no name", func(t *template.Template) { t.Name = "  " }, "name", nil},
		{"a long name", func(t *template.Template) { t.Name = strings.Repeat("я", 121) }, "name", nil},
		{"no text", func(t *template.Template) { t.Text = "\r\n" }, "text", nil},
		{"a long text", func(t *template.Template) { t.Text = strings.Repeat("я", 3501) }, "text", nil},
		{"no kind", func(t *template.Template) { t.Kind = "letter" }, "kind", nil},
		{"topic and group", func(t *template.Template) { t.Topic, t.Group = "roads.potholes", "Дороги" }, "topic", nil},
		{"broken bytes", func(t *template.Template) { t.Text = "яма \xff" }, "text", nil},
		{"an unknown variable", func(t *template.Template) { t.Text = "Добрый день.\n\nТелефон {{тел}}." }, "text", []string{"Строка 3, {{тел}}: нет такой переменной", "контакт"}},
		{"two unknown ones", func(t *template.Template) { t.Text = "{{фио}} и {{ }}" }, "text", []string{"{{фио}}", "{{ }}"}},
		{"braces that do not close", func(t *template.Template) { t.Text = "Номер {{номер." }, "text", []string{"Строка 1, {{"}},
		{"braces that were not opened", func(t *template.Template) { t.Text = "Номер номер}}." }, "text", []string{"}}"}},
		{"a reason that greets", func(t *template.Template) {
			t.Kind, t.Text = template.Reason, "{{ Приветствие }} Это не к нам."
		}, "text", []string{"уберите {{приветствие}}"}},
		{"a long reason", func(t *template.Template) { t.Kind, t.Text = template.Reason, strings.Repeat("я", 1501) }, "text", []string{"из 1500"}},
		{"a blank without words", func(t *template.Template) { t.Text = "Сделали {{впишите}}." }, "text", []string{"не сказано, что вписать"}},
	} {
		tm := valid("Яму заделали {{сегодня}}.")
		if err := tm.Check(); err != nil {
			t.Fatal(err)
		}
		c.change(tm)
		err := tm.Check()
		var at *fault.Error
		if !errors.As(err, &at) || at.Kind != fault.Invalid || at.Field != c.field {
			t.Errorf("%s: Check = %v, want Invalid at %q", c.name, err, c.field)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(fault.Sentence(err), s) {
				t.Errorf("%s: the sentence %q does not say %q", c.name, fault.Sentence(err), s)
			}
		}
	}
}

// A reason stands in a line of the incident, and begins no reply.
func TestAReasonIsOneLine(t *testing.T) {
	t.Parallel()
	tm := valid("Дорога частная.\r\n\r\n Звоните {{впишите: кому}}.")
	tm.Kind = template.Reason
	if err := tm.Check(); err != nil || tm.Text != "Дорога частная. Звоните {{впишите: кому}}." || tm.Kind.Purpose() != "" {
		t.Errorf("Check = %v, the text is %q for %q", err, tm.Text, tm.Kind.Purpose())
	}
}

func TestUse(t *testing.T) {
	t.Parallel()
	tm := valid("{{ Приветствие }} Место: {{адрес|ваш дом}}.\nЗвоните: {{контакт}}, {{контакт}}. {{впишите: что сделано}}")
	values := map[string]string{"приветствие": "Здравствуйте!", "контакт": "112"}
	got, missing, err := tm.Use(values, false)
	if want := "Здравствуйте! Место: ваш дом.\nЗвоните: 112, 112. {{впишите: что сделано}}"; got != want || missing != nil || err != nil {
		t.Errorf("Use = %q, %q, %v; want %q", got, missing, err, want)
	}
	delete(values, "контакт")
	got, missing, err = tm.Use(values, false)
	if fault.KindOf(err) != fault.Invalid || got != "" || !strings.Contains(fault.Sentence(err), "Строка 2, {{контакт}}: в карточке организации нет контакта") {
		t.Errorf("Use without a value = %q, %q, %v (%s)", got, missing, err, fault.Sentence(err))
	}
	got, missing, err = tm.Use(values, true)
	if want := "Здравствуйте! Место: ваш дом.\nЗвоните: {{впишите: контакт}}, {{впишите: контакт}}. {{впишите: что сделано}}"; got != want || err != nil {
		t.Errorf("loose Use = %q, %v; want %q", got, err, want)
	}
	if diff := cmp.Diff([]string{"контакт", "контакт"}, missing); diff != "" {
		t.Errorf("missing differs:\n%s", diff)
	}
	tm.Text = "{{погода}}"
	if _, _, err := tm.Use(values, true); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Use of an unknown variable = %v", err)
	}
}

func TestTheBestFittingStandsFirst(t *testing.T) {
	t.Parallel()
	list := []template.Template{
		{ID: 1, Name: "б", Kind: template.Final},
		{ID: 2, Kind: template.Final, Group: "Дороги"},
		{ID: 3, Kind: template.Interim, Topic: "roads.potholes"},
		{ID: 4, Kind: template.Final, Topic: "roads.potholes"},
		{ID: 5, Kind: template.Final, Topic: "roads.snow"},
		{ID: 6, Kind: template.Final, Place: scope.Place{Agency: 3}},
		{ID: 7, Kind: template.Final, Place: scope.Place{Agency: 4}},
		{ID: 8, Kind: template.Final, Retired: true},
		{ID: 9, Name: "а", Kind: template.Final},
	}
	var got []template.ID
	for _, x := range template.For(list, "roads.potholes", "Дороги", 3) {
		got = append(got, x.ID)
	}
	if diff := cmp.Diff([]template.ID{4, 3, 2, 6, 9, 1}, got); diff != "" {
		t.Errorf("For differs:\n%s", diff)
	}
}

// What the blanks of shipped templates would be filled with, by what they ask for.
var fill = map[string]string{"число": "24 ноября", "кто": "управляющая компания «Уют»", "телефон": "8 (3902) 22-33-44", "время": "14:00", "день и время": "20:00 24 ноября", "чем и сколько метров": "уложили 12 кв. м горячего асфальта"}

var blank = regexp.MustCompile(`\{\{впишите: ([^{}]*)\}\}`)

func TestShippedTemplatesPassOurOwnLint(t *testing.T) {
	t.Parallel()
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	l, err := lint.New(a)
	if err != nil {
		t.Fatal(err)
	}
	list, err := template.Shipped(topic.Default())
	if err != nil || len(list) < 10 {
		t.Fatalf("Shipped = %d, %v", len(list), err)
	}
	kinds := map[template.Kind]bool{}
	for _, tm := range list {
		kinds[tm.Kind] = true
		subject := "Ямы и выбоины на дороге"
		if tp, ok := topic.Default().ByCode(tm.Topic); ok {
			subject = tp.Name
		}
		text, _, err := tm.Use(map[string]string{"приветствие": "Здравствуйте!", "адрес": "Абакан, улица Мира, 5", "тема": subject, "номер": "932-193-22", "орган": "Управление коммунального хозяйства",
			"контакт": "диспетчер 8 (3902) 22-33-44", "срок": "27 ноября", "сегодня": "23 ноября"}, false)
		if err != nil {
			t.Errorf("%s: %v", tm.Code, err)
			continue
		}
		text = blank.ReplaceAllStringFunc(text, func(b string) string {
			asks := blank.FindStringSubmatch(b)[1]
			what, example, ok := strings.Cut(asks, ", например: ")
			if ok {
				return example
			}
			if v := fill[what]; v != "" {
				return v
			}
			t.Errorf("%s: nothing to fill %q with", tm.Code, asks)
			return ""
		})
		if tm.Kind == template.Reason { // no reply: no lint reads it
			if strings.Contains(text, "{{") || strings.Contains(text, "\n") {
				t.Errorf("%s filled in is %q", tm.Code, text)
			}
			continue
		}
		r := l.Check(lint.Case{Reply: l.Text(text), Complaint: l.Text("На улице Мира у дома 5 беда, сделайте что-нибудь"), Topic: subject, Place: "Абакан, улица Мира, 5",
			Purpose: tm.Kind.Purpose(), When: promise.Options{At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}})
		if r.Score < 85 {
			t.Errorf("%s: %d of 100\n%s", tm.Code, r.Score, text)
			for _, f := range r.Findings {
				t.Logf("  %s %d: %s [%s]", f.Rule, f.Cost, f.What, text[f.Span.Start:f.Span.End])
			}
		}
	}
	for _, k := range template.Kinds() {
		if !kinds[k] {
			t.Errorf("no shipped template of kind %s", k)
		}
	}
}
