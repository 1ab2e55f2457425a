package app_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/assistant"
	"otklik/internal/lifecycle"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// What leaves for the assistant holds neither the author's name, in any case, nor a phone, a
// flat or a document, through the product's own mask.
func TestTheAssistantIsToldNoPersonalData(t *testing.T) {
	t.Parallel()
	var asked strings.Builder
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(&asked, r.Body)
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"content": "Яму заделают."}}}})
	}))
	t.Cleanup(srv.Close)
	c := newCentre(t)
	_, _, _, id := c.asked(t)
	c.Desk.Assistant = assistant.New(assistant.Options{URL: srv.URL, Model: "small", Mask: func(text string, names []string) string { return app.Conceal(c.App, text, names) }})
	operator := account.Actor{ID: c.account(lifecycle.Operator), Role: lifecycle.Operator, Scope: scope.OfRegion(khakassia)}
	i := c.at(t, id)
	m, err := c.Desk.Assist(t.Context(), c.DB.Reader(), operator, i, reply.MachineReply, reply.Final)
	if err != nil || m.Text != "Яму заделают." {
		t.Fatalf("Assist = %+v, %v", m, err)
	}
	messages, err := c.DB.Reader().Messages().OfIncident(t.Context(), scope.All(), int64(id))
	if err != nil || len(messages) == 0 {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(messages[0].AuthorName) {
		if strings.Contains(asked.String(), word) {
			t.Errorf("the author's name left: %s", word)
		}
	}
	for _, x := range []struct{ text, secret string }{
		{"Сказали Марии Петровой, что яма останется", "Мари"}, {"пишу от имени ПЕТРОВОЙ", "ПЕТРОВ"}, {"звоните 8 913 555-44-33", "555"}, {"улица Мира, дом 5, кв. 12", "12"}, {"паспорт 9512 345678", "345678"}, {"maria@example.org", "maria"},
	} {
		if got := app.Conceal(c.App, x.text, []string{"Мария", "Петрова"}); strings.Contains(got, x.secret) {
			t.Errorf("%q becomes %q", x.text, got)
		}
	}
}
