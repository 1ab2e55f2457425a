package app_test

import (
	"net/url"
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// Nobody proves a contact: whoever types another's is not that person.
func TestAnothersContactShowsNothingOfTheirs(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	consent := w.consent(t)
	number, mine := w.report(t, "На улице Ленина в Абазе у дома 4 яма, из-за неё я сломала ногу, диагноз прилагаю", "contact", "8 900 123-45-67", "consent", consent, "private", "1")
	i := w.numbered(t, number)
	if _, err := w.Desk.Do(t.Context(), w.operator(), i.ID, 0, desk.Accept{}); err != nil {
		t.Fatal(err)
	}
	w.open(t, "GET", "/report", nil)
	v := w.fields()
	v.Set("text", "Абаза, Ленина 4: и у меня яма")
	v.Set("join", i.Number)
	v.Set("contact", "8 900 123-45-67")
	v.Set("consent", consent)
	v.Set("go", "file")
	w.open(t, "POST", "/report", v)
	w.says(t, "Вы присоединились")
	stranger := followed.FindStringSubmatch(w.body)[1]
	w.answer(t, i.ID, "Анна, ваше обращение о травме передали юристу, примут 25 ноября в 10 часов.")
	w.open(t, "GET", mine, nil)
	w.says(t, "о травме")
	w.open(t, "GET", stranger, nil)
	for _, secret := range []string{"травм", "диагноз", "Анна"} {
		if strings.Contains(w.body, secret) {
			t.Errorf("a stranger with the phone of another reads %q", secret)
		}
	}
}

// A form holds what was sent first. The same one again, a while later, is the same report; with
// other words it is none: nothing of what stands is changed by it.
func TestAFormHasItsWordsOnce(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	w.open(t, "GET", "/report", nil)
	form := w.fields()
	form.Set("text", pitText)
	form.Set("go", "file")
	w.open(t, "POST", "/report", form)
	number := numbered.FindStringSubmatch(w.body)[1]
	i := w.numbered(t, number)
	w.clock.Add(5)
	form.Set("files", "gone-with-the-first-answer")
	w.open(t, "POST", "/report", form)
	if n := numbered.FindStringSubmatch(w.body); n == nil || n[1] != number {
		t.Errorf("sent again with files that were taken: %d %s", w.code, main(w.body))
	}
	form.Del("files")
	form.Set("text", "Совсем другие слова про другое")
	form.Set("private", "1")
	w.open(t, "POST", "/report", form)
	w.says(t, "Эта форма уже отправлена", "Совсем другие слова")
	m, err := w.DB.Reader().Messages().Message(t.Context(), scope.All(), i.First)
	if err != nil || m.Text != pitText || m.Form != "post" || m.AuthorName != "" {
		t.Errorf("the form was changed to %+v, %v", m, err)
	}
	w.next(t, "where", "text", "Совсем другие слова про другое")
	w.next(t, "who")
	w.next(t, "file")
	if n := numbered.FindStringSubmatch(w.body); n == nil || n[1] == number {
		t.Errorf("the new form: %d %s", w.code, main(w.body))
	}
}

// Who phoned reads the answer that was given to them.
func TestWhoPhonedReadsTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	i, err := w.Desk.File(t.Context(), w.operator(), desk.Card{Text: pitText, Caller: "Анна Петрова", Phone: "8 (900) 123-45-67"})
	if err != nil {
		t.Fatal(err)
	}
	w.answer(t, i.ID, "Яму на улице Ленина у дома 4 засыпали щебнем 20 ноября, асфальт уложим до 1 декабря 2026 года.")
	w.open(t, "POST", "/status", url.Values{"number": {incident.Spoken(i.Number)}, "digits": {"4567"}})
	w.says(t, "ответ дан", "засыпали щебнем")
}

// What one added is one's own, and a broken link of an agency's site bars nobody.
func TestOwnWordsAreNoOtherPeople(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	w.open(t, "GET", "/report?from=VK_main", nil)
	if strings.Contains(w.body, "VK_main") {
		t.Error("a mark that is none goes along")
	}
	number, link := w.report(t, pitText)
	key := desk.NewForm()
	for range 2 { // sent twice
		w.open(t, "POST", link+"/words", url.Values{"key": {key}, "text": {"Сегодня там застряла скорая."}})
		if w.code != 200 {
			t.Errorf("adding: %d %s", w.code, main(w.body))
		}
	}
	if strings.Contains(w.body, "Сообщений об этом") || w.numbered(t, number).Messages != 2 {
		t.Errorf("own words count as others'; %d messages", w.numbered(t, number).Messages)
	}
	for range 25 {
		w.open(t, "POST", link+"/words", url.Values{"key": {desk.NewForm()}, "text": {"Ещё раз."}})
	}
	w.says(t, "дописали уже много раз")
	w.open(t, "POST", link+"/withdraw", url.Values{"sure": {"1"}})
	w.says(t, "Вы отозвали обращение")
	if i := w.numbered(t, number); i.State != lifecycle.Closed {
		t.Errorf("taken back by who alone wrote: %s", i.State)
	}
}
