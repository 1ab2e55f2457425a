package table_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/mapping"
	"otklik/internal/scope"
	"otklik/internal/table"
)

const region = "95000000"

func who(role lifecycle.Role, sc scope.Scope) account.Actor {
	return account.Actor{ID: 5, Role: role, Scope: sc}
}

func tables(t *testing.T) (*table.Tables, *time.Time) {
	t.Helper()
	var kept []byte
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	tb := table.New(table.Options{
		Region: region, Dir: t.TempDir(), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Load: func(context.Context) ([]byte, error) { return kept, nil },
		Edit: func(_ context.Context, _ account.Actor, change func([]byte) ([]byte, error)) error {
			b, err := change(kept)
			if err == nil {
				kept = b
			}
			return err
		},
	})
	t.Cleanup(func() {
		if err := tb.Close(); err != nil {
			t.Error(err)
		}
	})
	return tb, &now
}

func TestMappingsAreKeptByName(t *testing.T) {
	t.Parallel()
	tb, _ := tables(t)
	m := mapping.Mapping{Name: "Инцидент", Columns: map[mapping.Field]string{mapping.Text: "Текст"}}
	analyst := who(lifecycle.Analyst, scope.OfRegion(region))
	if err := tb.Save(t.Context(), analyst, "anna", m); err != nil {
		t.Fatal(err)
	}
	m.Name, m.Columns = "А", map[mapping.Field]string{mapping.Text: "Суть"}
	if err := tb.Save(t.Context(), analyst, "anna", m); err != nil {
		t.Fatal(err)
	}
	got, err := tb.Mapping(t.Context(), "Инцидент")
	if err != nil || got.SavedBy != "anna" || got.SavedAt.IsZero() || got.Columns[mapping.Text] != "Текст" {
		t.Errorf("Mapping = %+v, %v", got, err)
	}
	if all, err := tb.Mappings(t.Context()); err != nil || len(all) != 2 || all[0].Name != "А" {
		t.Errorf("Mappings = %+v, %v", all, err)
	}
	for name, c := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"no name":       {tb.Save(t.Context(), analyst, "anna", mapping.Mapping{Columns: m.Columns}), fault.Invalid},
		"no text":       {tb.Save(t.Context(), analyst, "anna", mapping.Mapping{Name: "Б"}), fault.Invalid},
		"an operator":   {tb.Save(t.Context(), who(lifecycle.Operator, scope.OfRegion(region)), "oleg", m), fault.Forbidden},
		"of one centre": {tb.Save(t.Context(), who(lifecycle.Analyst, scope.OfCentre(region, "95701000")), "inna", m), fault.Forbidden},
		"not there":     {tb.Remove(t.Context(), analyst, "В"), fault.NotFound},
		"removed":       {errors.Join(tb.Remove(t.Context(), analyst, "А")), ""},
	} {
		if c.kind == "" && c.err == nil {
			continue
		}
		if !fault.Is(c.err, c.kind) || fault.Sentence(c.err) == "" {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}

func TestUploadsWaitAndAreForgotten(t *testing.T) {
	t.Parallel()
	tb, now := tables(t)
	admin := who(lifecycle.Admin, scope.OfRegion(region))
	u, err := tb.Receive(admin, `C:\letters\march.csv`, strings.NewReader("№;Текст\n1;Яма\n"))
	if err != nil || u.Name != "march.csv" || u.State != table.Waiting || len(u.Sheets) != 0 {
		t.Fatalf("Receive = %+v, %v", u, err)
	}
	for name, c := range map[string]struct {
		who  account.Actor
		in   string
		kind fault.Kind
	}{
		"nothing":           {admin, "", fault.Invalid},
		"a broken workbook": {admin, "PK\x03\x04aaaa", fault.Invalid},
		"an operator":       {who(lifecycle.Operator, scope.OfRegion(region)), "a", fault.Forbidden},
	} {
		if _, err := tb.Receive(c.who, "a", strings.NewReader(c.in)); !fault.Is(err, c.kind) || fault.Sentence(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 9 {
		if _, err := tb.Receive(admin, "a.csv", strings.NewReader("a")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tb.Receive(admin, "a.csv", strings.NewReader("a")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the eleventh: %v", err)
	}
	if err := tb.Drop(admin, u.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := tb.Upload(admin, u.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("dropped: %v", err)
	}
	*now = now.Add(3 * time.Hour)
	if all, err := tb.Uploads(admin); err != nil || len(all) != 0 {
		t.Errorf("after three hours %d wait, %v", len(all), err)
	}
}
