package api_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/api"
	"otklik/internal/envoy"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/topic"
)

// city is another one that asks nothing.
type city struct{ neighbour.Wire }

func (city) Services(context.Context) ([]neighbour.Service, error) {
	return []neighbour.Service{{Code: "015", Name: "Ямы во дворах"}}, nil
}

// envoy hands incidents to the source of an id, whatever it is.
func (w *world) envoy(id string, number int64) *envoy.Envoy {
	var kept []byte
	return envoy.New(envoy.Options{
		Store: w.db, Desk: w.real, Topics: topic.Default, Now: func() time.Time { return noon },
		Wire: func(string) neighbour.Wire { return city{} },
		Sources: func() []source.Source {
			return []source.Source{{ID: id, Number: number, Kind: source.City, Name: "Сосед"}}
		},
		Mask: func(text string) string { return strings.ReplaceAll(text, phoneWords, "[телефон]") },
		Zone: func(scope.Place) *time.Location { return time.UTC },
		Lemmas: func(q string) (out [][]string) {
			for f := range strings.FieldsSeq(strings.ToLower(q)) {
				out = append(out, []string{f})
			}
			return out
		},
		Load: func(context.Context) ([]byte, error) { return kept, nil },
		Edit: func(_ context.Context, _ account.Actor, change func([]byte) ([]byte, error)) error {
			b, err := change(kept)
			if err == nil {
				kept = b
			}
			return err
		},
	})
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// TestProgramsHandIncidentsToAnotherCity: a city is asked, set up, and gets an incident whose
// request is seen, taken back and refused in words when the input is wrong.
func TestProgramsHandIncidentsToAnotherCity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := source.Source{ID: "open311:city", Kind: source.City, Name: "Сосед", Place: here}
	w.change(func(tx incident.Tx) error { return tx.Sources().SaveSource(t.Context(), &s) })
	w.serve(func(o *api.Options) { o.Roster, o.Envoy = &yesRoster{}, w.envoy(s.ID, s.Number) })
	agency := w.agencyOf("Соседний город", here)
	i := w.opened("Абакан, яма, "+phoneWords, here)
	_, admin := w.person(lifecycle.Admin, scope.Place{Region: khakassia})
	_, operator := w.person(lifecycle.Operator, scope.Place{Region: khakassia})
	ask := func(token, method, path, body string, status int, want ...string) {
		t.Helper()
		var b any
		if body != "" {
			b = body
		}
		path = strings.NewReplacer("{source}", number(s.Number), "{incident}", number(int64(i.ID)), "{agency}", number(agency)).Replace(path)
		res := w.call(token, method, "/api/v1"+path, b)
		got := string(res.raw)
		if res.StatusCode != status {
			t.Errorf("%s %s %s = %d %s, want %d", method, path, body, res.StatusCode, got, status)
		}
		for _, x := range want {
			if !strings.Contains(got, x) {
				t.Errorf("%s %s lacks %s: %s", method, path, x, got)
			}
		}
	}
	hand := `{"source":` + number(s.Number) + `,"service":"015","address":"Абакан, улица Мира"}`
	ask(operator, "POST", "/incidents/{incident}/actions/neighbour", hand, 409, "не настроена")
	ask(admin, "POST", "/sources/{source}/city", `{"do":"ask"}`, 200, `"code":"015"`, `"proposed"`, `"improvement.yard_potholes":"015"`)
	ask(admin, "POST", "/sources/{source}/city", `{"agency":`+number(agency)+`,"topics":{"nothing":"015"}}`, 422, "Темы с кодом")
	ask(admin, "POST", "/sources/{source}/city", `{"agency":`+number(agency)+`,"topics":{"roads.potholes":"999"}}`, 422, "нет услуги")
	ask(admin, "POST", "/sources/{source}/city", `{"agency":999}`, 422, "организации нет")
	ask(admin, "POST", "/sources/{source}/city", `{"agency":`+number(agency)+`,"topics":{"roads.potholes":"015"}}`, 200, `"roads.potholes":"015"`)
	ask(admin, "POST", "/sources/{source}/city", `{"version":1,"agency":`+number(agency)+`}`, 409, "тем временем")
	ask(operator, "GET", "/sources/{source}/city", "", 200, `"agency":`+number(agency))
	ask(operator, "POST", "/incidents/{incident}/actions/neighbour", `{"source":77}`, 404)
	ask(operator, "POST", "/incidents/{incident}/actions/neighbour", `{"source":`+number(s.Number)+`,"service":"999"}`, 422, "услугу")
	ask(operator, "POST", "/incidents/{incident}/actions/neighbour", hand, 200, `"state":"assigned"`)
	ask(operator, "GET", "/incidents/{incident}/neighbours", "", 200, `"state":"waiting"`, `"service":"015"`, `"contact":false`)
	list, err := w.db.Reader().Neighbours().OfIncident(t.Context(), scope.All(), int64(i.ID))
	if err != nil || len(list) != 1 || strings.Contains(list[0].Words.Text, phoneWords) || !strings.Contains(list[0].Words.Text, "[телефон]") {
		t.Fatalf("%+v, %v", list, err)
	}
	ask(operator, "POST", "/incidents/{incident}/actions/neighbour", `{"do":"found","request":`+number(int64(list[0].ID))+`,"number":"1"}`, 409)
	ask(operator, "POST", "/incidents/{incident}/actions/neighbour", `{"do":"drop","request":99}`, 404)
	ask(operator, "POST", "/incidents/{incident}/actions/neighbour", `{"do":"drop","request":`+number(int64(list[0].ID))+`}`, 200)
	ask(operator, "GET", "/incidents/{incident}/neighbours", "", 200, `"state":"dropped"`)
}
