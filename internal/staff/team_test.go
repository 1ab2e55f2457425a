package staff_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/checklist"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/shift"
	"otklik/internal/team"
)

// busy puts colleagues around incident 1: notes, points, a helper, a link; and two shifts.
func (w *world) busy() {
	w.notes = []team.Note{
		{ID: 1, Incident: 1, Who: 2, At: clock.Add(-time.Hour), Text: "Бригада будет в 18:00, @Ирина Соколова, предупредите автора.", Mentions: []account.ID{1}},
		{ID: 2, Incident: 1, Who: 1, At: clock.Add(-2 * time.Hour)},
	}
	w.items = []checklist.Item{
		{ID: 1, Incident: 1, Text: "Перекрыть воду", By: 1, DoneAt: clock.Add(-time.Hour), DoneBy: 2},
		{ID: 2, Incident: 1, Text: "Сфотографировать после ремонта", By: 1, Due: clock.Add(-24 * time.Hour)},
		{ID: 3, Incident: 1, Text: "Позвонить автору", By: 1, Due: clock.Add(24 * time.Hour)},
	}
	w.members = []team.Member{{Incident: 1, Agency: 2, By: 1, At: clock}}
	w.links = []incident.Link{{From: 2, To: 1, Kind: incident.Cause, By: 1, At: clock}}
	w.shifts = []shift.Shift{
		{ID: 2, OpenedAt: clock.Add(-20 * time.Hour), ClosedAt: clock.Add(-8 * time.Hour), ClosedBy: 2, Note: "Прорыв на Чертыгашева: ждём бригаду до вечера.", Figures: shift.Figures{Came: 41, Handed: 30, Answered: 12, Open: 19, Danger: 3}},
		{ID: 1, OpenedAt: clock.Add(-32 * time.Hour), ClosedAt: clock.Add(-20 * time.Hour), ClosedBy: 1, AcceptedBy: 2, AcceptedAt: clock.Add(-20 * time.Hour), Note: "Спокойно."},
	}
	w.unclear = []int64{5}
}

func TestColleaguesTellEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.busy()
	v := w.as(t, "operator")
	p := v.page("/desk/incidents/1")
	part := text(p, ".team")
	for _, want := range []string{"1 из 3", "просрочено", "Бригада будет в 18:00", "Заметка стёрта.", "Теплосети", "причина", "Готовый список по теме", "Не следить"} {
		if !strings.Contains(part, want) {
			t.Errorf("the part of colleagues lacks %q: %s", want, part)
		}
	}
	for path, c := range map[string]struct {
		form url.Values
		want desk.Change
	}{
		"tick":     {url.Values{"item": {"2"}}, desk.Tick{Item: 2}},
		"todo":     {url.Values{"text": {"Позвонить"}, "due": {"2026-12-01"}}, desk.Todo{Text: "Позвонить", Due: time.Date(2026, 12, 1, 16, 59, 59, 0, time.UTC)}},
		"join":     {url.Values{"agency": {"теплосети"}}, desk.Join{Agency: 2}},
		"leave":    {url.Values{"agency_id": {"2"}}, desk.Leave{Agency: 2}},
		"relate":   {url.Values{"which": {incident.Spoken(w.incidents[1].Number)}, "kind": {"cause"}}, desk.Relate{Other: 2, Kind: incident.Cause}},
		"unrelate": {url.Values{"other": {"2"}}, desk.Unrelate{Other: 2}},
		"follow":   {nil, desk.Follow{}},
		"unnote":   {url.Values{"note": {"2"}}, desk.EraseNote{Note: 2}},
	} {
		v.post("/desk/incidents/1/"+path, c.form)
		if w.desk.last() != c.want {
			t.Errorf("%s did %#v, want %#v", path, w.desk.last(), c.want)
		}
	}
	v.post("/desk/incidents/1/note", url.Values{"text": {"Смотрите"}, "mention": {"2", ""}})
	if c, ok := w.desk.last().(desk.Note); !ok || c.Text != "Смотрите" || !slices.Equal(c.Mention, []int64{2}) {
		t.Errorf("note did %#v", w.desk.last())
	}
	for path, form := range map[string]url.Values{"relate": {"which": {"123"}}, "todo": {"text": {"а"}, "due": {"2026-02-31"}}, "join": {"agency": {"нет такой"}}} {
		if r := v.post("/desk/incidents/1/"+path, form); r.StatusCode != 422 {
			t.Errorf("%s with %v = %d, want 422", path, form, r.StatusCode)
		}
	}
}

func TestAShiftIsHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.busy()
	v := w.as(t, "operator")
	p := v.page("/desk/shift")
	if got := text(p, "main"); !strings.Contains(got, "ждём бригаду") || !strings.Contains(got, "Принять смену") || !strings.Contains(got, "Неясно, стоит ли ответ") {
		t.Errorf("the page says %q", got)
	}
	if n := len(all(p, ".tallies dd")); n != 9 || !strings.Contains(text(p, ".tallies"), "решение проверено") {
		t.Errorf("%d figures, want 9 with what was verified", n)
	}
	v.post("/desk/shift/accept", url.Values{"shift": {"2"}})
	if w.shifts[0].AcceptedBy != 1 {
		t.Errorf("the shift is %+v", w.shifts[0])
	}
	v.post("/desk/shift/close", url.Values{"note": {"Тихо"}})
	if p := v.page("/desk/shift"); strings.Contains(text(p, "main"), "Принять смену") || !strings.Contains(text(p, "main"), "не тот, кто сдал") {
		t.Errorf("who closed it may take it over: %q", text(p, "section.block"))
	}
	if r := w.as(t, "analyst").get("/desk/shift"); r.StatusCode != 403 {
		t.Errorf("the shift for an analyst = %d", r.StatusCode)
	}
}
