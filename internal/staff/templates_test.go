package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/scope"
)

func TestATemplateBeginsAReplyWithoutAScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shelved()
	w.incidents[0].Group, w.incidents[0].Topic = "Дороги", "roads.potholes"
	v := w.as(t, "operator")
	p := v.page("/desk/incidents/1")
	if got := text(p, "#template-reply"); !strings.Contains(got, "окончательный: Яму заделали") || strings.Contains(got, "Тепло дали") || strings.Contains(got, "Старый") || strings.Contains(got, "Где это?") {
		t.Errorf("offered for a reply: %q", got)
	}
	form := url.Values{"text": {"Уже видели."}, "template": {"1"}, "version": {"3"}, "purpose": {"final"}}
	res := v.post("/desk/incidents/1/template", form)
	p = parse(t, res)
	if got, want := text(p, "#reply-text"), "Уже видели. Здравствуйте! Яму по адресу улица Хлебная, 29 заделали {{впишите: число}}."; res.StatusCode != http.StatusOK || got != want {
		t.Errorf("the editor = %d %q, want %q", res.StatusCode, got, want)
	}
	if got := text(p, ".reply-form [role=status]"); !strings.Contains(got, "Впишите своё") {
		t.Errorf("said after it: %q", got)
	}
	if got := attr(p, ".reply-form [name=began]", "value"); got != "1" {
		t.Errorf("the form remembers template %q", got)
	}
	v.post("/desk/incidents/1/answer", url.Values{"text": {"Яму заделали 20 ноября."}, "began": {"1"}})
	if got, ok := w.desk.last().(desk.Answer); !ok || got.Template != 1 {
		t.Errorf("the reply began with %+v", w.desk.last())
	}
	form.Set("template", "2")
	if got := attr(parse(t, v.post("/desk/incidents/1/template", form)), "#reply-purpose option[selected]", "value"); got != "interim" {
		t.Errorf("an interim template makes the reply %q", got)
	}

	form.Set("template", "3") // its variable has no value
	res = v.post("/desk/incidents/1/template", form)
	p = parse(t, res)
	if got := text(p, ".said-bad"); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got, "Строка 2, {{контакт}}: в карточке организации нет контакта") {
		t.Errorf("a variable without a value = %d %q", res.StatusCode, got)
	}
	if got := text(p, "#reply-text"); got != "Уже видели." {
		t.Errorf("what was typed became %q", got)
	}
	if len(all(p, ".reply-form [name=loose]")) != 1 {
		t.Error("no offer to put it in with blanks")
	}
	form.Set("loose", "1")
	if got := text(parse(t, v.post("/desk/incidents/1/template", form)), "#reply-text"); !strings.Contains(got, "Звоните: {{впишите: контакт}}.") {
		t.Errorf("with blanks the editor holds %q", got)
	}

	ask := url.Values{"text": {text(v.page("/desk/incidents/1"), "#ask-text")}, "template": {"4"}, "question": {"1"}}
	if got := text(parse(t, v.post("/desk/incidents/1/template", ask)), "#ask-text"); got != "Здравствуйте! Подскажите, где это?" {
		t.Errorf("the question became %q: ours goes, the template comes", got)
	}
}

func TestTemplatesAreEdited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shelved()
	v := w.as(t, "curator")
	main := text(v.page("/desk/templates"), "main")
	for _, want := range []string{"использован 12 раз, средняя оценка 4,2 (4 оценки)", "группа «Дороги»", "Теплосети", "не используется", "Прежний текст про яму.", "{{контакт}}"} {
		if !strings.Contains(main, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	form := url.Values{"template": {"1"}, "version": {"2"}, "name": {"Яма"}, "kind": {"final"}, "topic": {"Ямы и выбоины на дороге"}, "text": {"Готово {{сегодня}}."}}
	if res := v.post("/desk/templates/change", form); res.StatusCode != http.StatusSeeOther || w.desk.saved.Topic != "roads.potholes" || w.desk.saved.Version != 2 || w.desk.saved.Name != "Яма" {
		t.Errorf("change = %d, saved %+v", res.StatusCode, w.desk.saved)
	}
	if v.post("/desk/templates/retire", form); !w.desk.saved.Retired || w.desk.saved.Name != "Яму заделали" {
		t.Errorf("retire saved %+v", w.desk.saved)
	}
	v.post("/desk/templates/add", url.Values{"owner": {"2"}, "name": {"Новый"}, "kind": {"interim"}, "text": {"Чиним."}})
	if got := w.desk.saved.Place; got != (scope.Place{Region: khakassia, Agency: 2}) {
		t.Errorf("a new one of an agency stands at %+v", got)
	}
	form.Set("topic", "про погоду")
	if res := v.post("/desk/templates/change", form); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text(parse(t, res), ".said-bad"), "Такой темы нет") {
		t.Errorf("an unknown topic = %d", res.StatusCode)
	}
	w.desk.fail = fault.New(fault.Invalid, "bad").At("text").Say("Строка 1, {{тел}}: нет такой переменной.")
	form.Set("topic", "")
	form.Set("text", "Звоните {{тел}}")
	res := v.post("/desk/templates/change", form)
	p := parse(t, res)
	if got := text(p, "#t-1-text"); res.StatusCode != http.StatusUnprocessableEntity || got != "Звоните {{тел}}" || !strings.Contains(text(p, ".said-bad"), "{{тел}}") {
		t.Errorf("a refused text = %d, kept %q", res.StatusCode, got)
	}
	if got := text(p, "#t-0-text"); got != "" {
		t.Errorf("it came into the form of a new one: %q", got)
	}
	if n := len(all(w.as(t, "executor").page("/desk/templates"), "form[action^='/desk/templates']")); n != 0 {
		t.Errorf("an executor sees %d forms", n)
	}
}

// The reason of a refusal begins with a template of its own, without a script; nothing is
// refused by that.
func TestATemplateBeginsTheReasonOfARefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shelved()
	w.incidents[0].Group, w.incidents[0].Topic = "Дороги", "roads.potholes"
	v := w.as(t, "operator")
	p := v.page("/desk/incidents/1")
	if got := text(p, "#template-reject"); got != "Дорога частная Решает суд" {
		t.Errorf("offered for a refusal: %q", got)
	}
	if got := text(p, "#template-reply") + text(p, "#template-ask"); strings.Contains(got, "частная") || strings.Contains(got, "суд") {
		t.Errorf("offered for replies and questions: %q", got)
	}
	if first := all(p, "form[action$='/reject'] button[type=submit]"); len(first) != 3 || len(all(p, "form[action$='/reject'] button[hidden]:not([formaction])")) != 1 {
		t.Errorf("of %d buttons none refuses on Enter", len(first))
	}
	form := url.Values{"reason": {"Смотрели."}, "template": {"7"}, "version": {"3"}, "refusal": {"1"}}
	res := v.post("/desk/incidents/1/template", form)
	p = parse(t, res)
	if got, want := text(p, "textarea#x-reason"), "Смотрели. Дорога по адресу улица Хлебная, 29 частная, её содержит {{впишите: кто}}."; res.StatusCode != http.StatusOK || got != want {
		t.Errorf("the reason = %d %q, want %q", res.StatusCode, got, want)
	}
	if got := text(p, "form[action$='/reject'] [role=status]"); !strings.Contains(got, "отказать нельзя") || len(all(p, "details[open] form[action$='/reject']")) != 1 {
		t.Errorf("said after it: %q", got)
	}
	if got := text(p, "#reply-text"); got != "" || w.desk.last() != nil {
		t.Errorf("the reply became %q, the desk did %#v", got, w.desk.last())
	}
	form.Set("template", "8") // its variable has no value
	res = v.post("/desk/incidents/1/template", form)
	p = parse(t, res)
	if got := text(p, ".said-bad"); res.StatusCode != 422 || !strings.Contains(got, "{{контакт}}") || attr(p, "#x-reason", "value") != "Смотрели." || len(all(p, "form[action$='/reject'] [name=loose]")) != 1 {
		t.Errorf("a variable without a value = %d %q", res.StatusCode, got)
	}
	form.Set("loose", "1")
	if got := attr(parse(t, v.post("/desk/incidents/1/template", form)), "#x-reason", "value") + text(parse(t, v.post("/desk/incidents/1/template", form)), "textarea#x-reason"); !strings.Contains(got, "{{впишите: контакт}}") {
		t.Errorf("with blanks the reason is %q", got)
	}
	c := w.as(t, "curator")
	if got := text(c.page("/desk/templates"), "main"); !strings.Contains(got, "Причина для «Отказать» · группа «Дороги»") || strings.Count(got, "в отказах не считаем") != 3 {
		t.Errorf("the page of templates says %q", got)
	}
	c.post("/desk/templates/change", url.Values{"template": {"7"}, "version": {"1"}, "name": {"Частная"}, "kind": {"reason"}, "text": {"Дорога частная."}})
	if w.desk.saved.Kind != "reason" || w.desk.saved.Text != "Дорога частная." {
		t.Errorf("saved %+v", w.desk.saved)
	}
}
