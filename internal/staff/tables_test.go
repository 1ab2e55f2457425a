package staff_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestATableIsLookedAtBeforeItIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "analyst")
	body := func(path string) string {
		r := v.get(path)
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d, %v", path, r.StatusCode, err)
		}
		return string(b)
	}
	page := body("/desk/tables")
	for _, want := range []string{"март.csv", "ждёт запуска", "февраль.csv", "загружена", "Инцидент"} {
		if !strings.Contains(page, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	page = body("/desk/tables/shown")
	for _, want := range []string{"Текст сообщения", "решено (история)", "УКХТ Абакана", "Дорожники (такой у нас нет)", "Номер этой строки уже был", "статус ничего нам не говорит", "Статус «Синий»"} {
		if !strings.Contains(page, want) {
			t.Errorf("the table lacks %q", want)
		}
	}
	for _, secret := range []string{"Иванова", "000-11-22"} {
		if strings.Contains(page, secret) {
			t.Errorf("the table shows %q", secret)
		}
	}
	if page = body("/desk/tables/shown?map=" + url.QueryEscape("Инцидент")); strings.Contains(page, "статус ничего нам не говорит") {
		t.Error("the saved mapping is not used")
	}
	page = body("/desk/tables/done")
	for _, want := range []string{"Прочитано: 3", "стали инцидентами", "строка 5:", "Скачать список"} {
		if !strings.Contains(page, want) {
			t.Errorf("the run lacks %q", want)
		}
	}
}

func TestATablesMappingIsSavedAndItsFaultsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.as(t, "analyst")
	form := func(change ...string) url.Values {
		f := url.Values{"column": {"№", "Текст сообщения", "Статус"}, "field": {"number", "text", "status"}, "of": {"status", "topic", "agency"}, "value": {"Синий", "Снег", "Дорожники"},
			"ours": {"closed/solved", "Ямы во дворах", "2"}, "name": {"Март"}}
		for k := 0; k+1 < len(change); k += 2 {
			f[change[k]] = strings.Split(change[k+1], "|")
		}
		return f
	}
	if r := v.post("/desk/tables/shown/look", form()); r.StatusCode != http.StatusOK {
		t.Errorf("look: %d", r.StatusCode)
	}
	if r := v.post("/desk/tables/shown/save", form()); r.StatusCode != http.StatusSeeOther || !strings.Contains(r.Header.Get("Location"), "map=") {
		t.Errorf("save: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
	m, err := w.staff.Tables.Mapping(t.Context(), "Март")
	if err != nil || m.Statuses["Синий"] != "closed/solved" || m.Topics["Снег"] == "" || m.Agencies["Дорожники"] != 2 || m.SavedBy != "analyst" {
		t.Errorf("saved %+v, %v", m, err)
	}
	for name, f := range map[string]url.Values{
		"a field twice":     form("field", "text|text|status"),
		"no text":           form("field", "number||status"),
		"an unknown topic":  form("ours", "closed|Нет такой|2"),
		"an unknown status": form("ours", "чужое|Ямы во дворах|2"),
		"a bad name":        form("name", "a/b"),
	} {
		if r := v.post("/desk/tables/shown/save", f); r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
	if r := v.post("/desk/tables/shown/save", form("name", "")); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d", r.StatusCode)
	}
	if r := v.post("/desk/tables/forget", url.Values{"name": {"Март"}}); r.StatusCode != http.StatusSeeOther {
		t.Errorf("forget: %d", r.StatusCode)
	}
	if r := v.post("/desk/tables/shown/drop", url.Values{}); r.StatusCode != http.StatusSeeOther {
		t.Errorf("drop: %d", r.StatusCode)
	}
	if r := v.get("/desk/tables/shown"); r.StatusCode != http.StatusNotFound {
		t.Errorf("after the drop: %d", r.StatusCode)
	}
}

func TestRejectedRowsComeAsATable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.as(t, "analyst").get("/desk/tables/done/rejected.csv")
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(b), "5;'=Номер этой строки уже был.;same_number") {
		t.Errorf("%d %q, %v", r.StatusCode, b, err)
	}
	for _, login := range []string{"operator", "executor", "phone"} {
		if r := w.as(t, login).get("/desk/tables"); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", login, r.StatusCode)
		}
	}
}

func TestATableIsUploaded(t *testing.T) {
	t.Parallel()
	v := newWorld(t).as(t, "analyst")
	r := v.sendFiles("/desk/tables", nil, map[string][]byte{"file": []byte(march)})
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/desk/tables/") {
		t.Fatalf("upload: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
	if r := v.get(r.Header.Get("Location")); r.StatusCode != http.StatusOK {
		t.Errorf("the uploaded table: %d", r.StatusCode)
	}
	for name, content := range map[string][]byte{"a broken workbook": []byte("PK\x03\x04broken"), "an old one": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "empty": {}} {
		if r := v.sendFiles("/desk/tables", nil, map[string][]byte{"file": content}); r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
}
