package staff_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"otklik/internal/account"
	"otklik/internal/envoy"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/neighbour"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/topic"
)

// cityWire is a city that tells its services, and what one of them asks.
type cityWire struct{ neighbour.Wire }

func (cityWire) Services(context.Context) ([]neighbour.Service, error) {
	return []neighbour.Service{{Code: "007", Name: "Освещение улиц"}, {Code: "015", Name: "Ямы во дворах", Asks: true}}, nil
}

func (cityWire) Attributes(context.Context, string) ([]neighbour.Attribute, error) {
	return []neighbour.Attribute{
		{Code: "WHERE", Name: "Где яма", Type: "singlevaluelist", Required: true, Values: []neighbour.Value{{Key: "road", Name: "на проезжей части"}, {Key: "yard", Name: "во дворе"}}},
		{Code: "DEEP", Name: "Глубина, см", Type: "number", Hint: "примерно"}, {Code: "NOTE", Name: "Звоните 112, если яма опасна", Told: true},
		{Code: "WHEN", Name: "Когда заметили", Type: "datetime"}, {Code: "MORE", Name: "Подробнее", Type: "text"}, {Code: "NEAR", Name: "Что рядом", Type: "multivaluelist", Values: []neighbour.Value{{Key: "s", Name: "школа"}, {Key: "h", Name: "больница"}}},
	}, nil
}

type cityStore struct{ *house }

func (s cityStore) Reader() incident.Tx { return s.house }

// fakeEnvoy is the real one, over a house of fakes and a city that is none.
func fakeEnvoy(h *house) *envoy.Envoy {
	var mu sync.Mutex
	kept := []byte(`{"open311:city":{"source":"open311:city","version":1,"agency":3,"topics":{"` + potholes + `":"015"},"groups":{},"services":[{"code":"007","name":"Освещение улиц"},{"code":"015","name":"Ямы во дворах","asks":true}],"asked_at":"2026-11-20T09:00:00Z"}}`)
	return envoy.New(envoy.Options{
		Store: cityStore{h}, Topics: topic.Default, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler),
		Wire:    func(string) neighbour.Wire { return cityWire{} },
		Sources: func() []source.Source { return h.kept },
		Mask:    func(text string) string { return strings.ReplaceAll(text, "8 900 000-11-22", "[телефон]") },
		Zone:    func(scope.Place) *time.Location { return time.FixedZone("", 7*3600) },
		Lemmas: func(q string) (out [][]string) {
			for _, f := range strings.Fields(strings.ToLower(q)) {
				out = append(out, []string{f})
			}
			return out
		},
		Load: func(context.Context) ([]byte, error) { mu.Lock(); defer mu.Unlock(); return kept, nil },
		Edit: func(_ context.Context, _ account.Actor, change func([]byte) ([]byte, error)) error {
			mu.Lock()
			defer mu.Unlock()
			b, err := change(kept)
			if err == nil {
				kept = b
			}
			return err
		},
	})
}

// neighboured gives the world a neighbour city, to which some incidents went.
func (w *world) neighboured() {
	w.kept = append(w.kept, source.Source{ID: "open311:city", Number: 5, Kind: source.City, Channel: message.City, Name: "Соседний город", Version: 1, Territory: abakan, Place: scope.Place{Region: khakassia, Centre: abakan}})
	w.handed = []neighbour.Request{
		{ID: 1, Incident: 6, Source: "open311:city", Key: "0badcafe", State: neighbour.Unknown, Service: "015", Name: "Ямы во дворах", At: clock.Add(-time.Hour), TriedAt: clock.Add(-time.Hour), Words: neighbour.Words{Error: "Система города не ответила. Неизвестно, приняла ли она обращение."}},
		{ID: 2, Incident: 8, Source: "open311:city", Key: "00000002", State: neighbour.Open, Number: "1003", Service: "007", Name: "Освещение улиц", Contact: true, At: clock.Add(-48 * time.Hour), SentAt: clock.Add(-48 * time.Hour),
			Standing: neighbour.Standing{Status: "open", Agency: "Горсвет", ExpectedAt: clock.Add(72 * time.Hour), SeenAt: clock.Add(-time.Minute)}, Words: neighbour.Words{Notes: "Бригада выедет в среду"}},
	}
}
