package api_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	dialogue "otklik/internal/talk"
)

func TestATalkIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.opened("Абакан, яма", scope.Place{Region: khakassia, Centre: abakan})
	w.change(func(tx incident.Tx) error {
		one, err := tx.Talks().Talk(t.Context(), "telegram:4001", "501", scope.Place{Region: khakassia})
		if err != nil {
			return err
		}
		for _, l := range []dialogue.Line{
			{Kind: dialogue.Said, Message: 1},
			{Kind: dialogue.Spoke, Key: "confirm", Text: "Отправить?", State: dialogue.Sent, Buttons: [][]dialogue.Choice{{{Label: "Да", Data: "1:send"}}}},
		} {
			l.Talk, l.Incident, l.At = one.ID, int64(i.ID), noon
			if err := tx.Talks().Write(t.Context(), &l); err != nil {
				return err
			}
		}
		return nil
	})
	path := fmt.Sprintf("/api/v1/incidents/%d/talk", i.ID)
	_, token := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	got := w.call(token, "GET", path, nil)
	at := noon.Format("2006-01-02T15:04:05Z07:00")
	want := []any{
		map[string]any{"at": at, "kind": "said", "message": 1.0},
		map[string]any{"at": at, "kind": "spoke", "key": "confirm", "text": "Отправить?", "state": "sent", "buttons": []any{"Да"}},
	}
	if diff := cmp.Diff(want, got.list); diff != "" {
		t.Errorf("the talk (-want +got):\n%s", diff)
	}
	_, far := w.person(lifecycle.Operator, scope.Place{Region: khakassia, Centre: chernogor})
	if r := w.call(far, "GET", path, nil); r.StatusCode != 404 {
		t.Errorf("another centre: %d", r.StatusCode)
	}
}
