package staff_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/ingest"
	"otklik/internal/lifecycle"
	"otklik/internal/mapping"
	"otklik/internal/message"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/source"
	"otklik/internal/table"
	"otklik/internal/topic"
)

// tableWords reads Russian; the dictionary is opened when somebody asks.
type tableWords struct{}

var dictionary = sync.OnceValues(russian.New)

func (tableWords) Read(text string) *russian.Text {
	a, err := dictionary()
	if err != nil {
		panic(err)
	}
	return a.Read(text)
}

const march = `Отчёт за март;;;;;;;
№;Дата создания;Автор;Текст сообщения;Тема;Исполнитель;Статус;Ответ
1001;01.03.2026 10:15;Иванова А. Б.;Во дворе дома по Ленина 5 огромная яма, звоните 8 900 000-11-22;Ямы во дворах;УКХТ Абакана;Решено;Яму засыпали щебнем
1002;02.03.2026 11:00;;Когда уберут снег у школы, пройти нельзя совсем;Снег;Дорожники;Синий;
1002;03.03.2026 11:00;;Другие слова под тем же самым номером строки;Снег;Дорожники;Решено;
`

// fakeTables are the real ones, over a house of fakes, with two uploads: one that waits, and
// one that was run.
func fakeTables(t testing.TB, h *house) *table.Tables {
	t.Helper()
	var mu sync.Mutex
	kept := []byte(`{"Инцидент":{"name":"Инцидент","columns":{"text":"Текст сообщения","status":"Статус"},"statuses":{"Синий":"working"}}}`)
	phone := "8 900 000-11-22"
	tb := table.New(table.Options{
		Store: h, Personal: func(text string) []message.Personal {
			if at := strings.Index(text, phone); at >= 0 {
				return []message.Personal{{Start: at, End: at + len(phone), Type: "phone"}}
			}
			return nil
		},
		Region: khakassia, Dir: t.TempDir(), Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler), Words: tableWords{}, Topics: topic.Default,
		Desk: desk.New(desk.Options{Topics: topic.Default, Places: land, Region: khakassia}),
		Read: func(m *message.Message) message.Reading {
			r := message.Reading{Kind: message.Complaint, Concerns: true}
			if at := strings.Index(m.Text, phone); at >= 0 {
				r.Personal = []message.Personal{{Start: at, End: at + len(phone), Type: "phone"}}
			}
			return r
		},
		Agencies:  func(context.Context) ([]agency.Agency, error) { return h.agencies, nil },
		Territory: func(string) (string, error) { return "", fault.New(fault.Invalid, "unknown") },
		Zone:      func(string) *time.Location { return time.FixedZone("", 7*3600) },
		Load:      func(context.Context) ([]byte, error) { mu.Lock(); defer mu.Unlock(); return kept, nil },
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
	t.Cleanup(func() { _ = tb.Close() })
	who := account.Actor{ID: 1, Role: lifecycle.Analyst, Scope: scope.OfRegion(khakassia)}
	if err := tb.Put(who, "shown", "март.csv", strings.NewReader(march), nil); err != nil {
		t.Fatal(err)
	}
	err := tb.Put(who, "done", "февраль.csv", strings.NewReader(march), &table.Upload{State: table.Done, Summary: ingest.Summary{Read: 3, Kept: 2, Opened: 2, Rejected: 1},
		Lost: map[source.Loss]int{source.LostStatus: 1}, Rejected: []ingest.Rejection{{Line: 5, Reason: "same_number", Text: "=Номер этой строки уже был."}}})
	if err != nil {
		t.Fatal(err)
	}
	return tb
}

var _ mapping.Reader = tableWords{}
