package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAGoodReplyToTheLikeIsABasis(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.desk.alike = precedents
	v := w.as(t, "operator")
	shown := text(v.page("/desk/incidents/1"), ".alike")
	for _, want := range []string{"2 удачных ответа", "решение подтверждено, оценка 4,5", "оценка 5", "Трубу на улице Мира, 5 заменили", "звоните [скрыто]"} {
		if !strings.Contains(shown, want) {
			t.Errorf("beside the editor stands no %q: %s", want, shown)
		}
	}
	p := parse(t, v.post("/desk/incidents/1/basis", url.Values{"text": {"Проверили."}, "basis": {"31"}}))
	if got := text(p, "#reply-text"); got != "Проверили. "+precedents[0].Text {
		t.Errorf("the editor holds %q", got)
	}
	if got := text(p, ".reply-form [role=status]"); !strings.Contains(got, "поправьте место") {
		t.Errorf("said: %q", got)
	}
	res := v.post("/desk/incidents/1/basis", url.Values{"text": {"Проверили."}, "basis": {"99"}})
	p = parse(t, res)
	if got := text(p, "#reply-text"); res.StatusCode != http.StatusUnprocessableEntity || got != "Проверили." || !strings.Contains(text(p, ".said-bad"), "больше нет") {
		t.Errorf("a reply that is gone = %d, the editor %q", res.StatusCode, got)
	}
	if n := len(all(w.as(t, "leader").page("/desk/incidents/1"), ".alike")); n != 0 {
		t.Error("who writes no replies is shown some")
	}
}
