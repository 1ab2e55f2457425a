package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

var errNo = errors.New("no")

func failing(t *testing.T, s Store) {
	err := s.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		open(t, tx, 1, here)
		return errNo
	})
	if !errors.Is(err, errNo) {
		t.Errorf("Change = %v, want the function's own error", err)
	}
	if n := total(t, s); n != 0 {
		t.Errorf("after a failed change there are %d incidents, want 0", n)
	}
	_, err = s.Reader().Messages().ByNative(ctx, "vk:-1001", "5_1")
	want(t, err, fault.NotFound)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic of the function did not reach the caller")
			}
		}()
		s.Change(ctx, incident.People, func(tx incident.Tx) error {
			open(t, tx, 1, here)
			panic("over")
		})
	}()
	change(t, s, func(tx incident.Tx) error { open(t, tx, 2, here); return nil })
	if n := total(t, s); n != 1 {
		t.Errorf("after a panic and a good change there are %d incidents, want 1", n)
	}
}

func total(t testing.TB, s Store) int {
	t.Helper()
	n, err := s.Reader().Incidents().Count(ctx, scope.All(), incident.Filter{}, 1_000_000)
	must(t, err)
	return n
}

func reading(t *testing.T, s Store) {
	m, r := letter(1, here)
	if _, err := s.Reader().Messages().Keep(ctx, m, r); err == nil {
		t.Error("Keep through the reader succeeded")
	}
	if err := s.Reader().Incidents().Open(ctx, &incident.Incident{}); err == nil {
		t.Error("Open through the reader succeeded")
	}
	if _, err := s.Reader().Replies().Take(ctx, morning, 1); err == nil {
		t.Error("Take through the reader succeeded")
	}
	var kept incident.Tx
	change(t, s, func(tx incident.Tx) error { kept = tx; return nil })
	if err := kept.Incidents().Open(ctx, &incident.Incident{State: "new"}); err == nil {
		t.Error("a handle that outlived its change opened an incident")
	}
}

func leaving(t *testing.T, s Store) {
	gone, leave := context.WithCancel(ctx)
	leave()
	err := s.Change(gone, incident.People, func(tx incident.Tx) error { open(t, tx, 1, here); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Change after the caller left = %v, want context.Canceled", err)
	}
	half, leave := context.WithCancel(ctx)
	err = s.Change(half, incident.People, func(tx incident.Tx) error {
		m, r := letter(2, here)
		if _, err := tx.Messages().Keep(half, m, r); err != nil {
			return err
		}
		leave()
		_, err := tx.Messages().Keep(half, m, r)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Change whose caller left half-way = %v, want context.Canceled", err)
	}
	if n := total(t, s); n != 0 {
		t.Errorf("there are %d incidents, want 0", n)
	}
}

// crowd has many changes wait at the same time, so that they share transactions;
// every third fails after it has written, every seventh does so by a broken rule
// of the database.
func crowd(t *testing.T, s Store) {
	const many = 200
	var wg sync.WaitGroup
	errs := make([]error, many)
	for n := range many {
		wg.Go(func() {
			lane := incident.Lane(n % 2)
			errs[n] = s.Change(ctx, lane, func(tx incident.Tx) error {
				m, r := letter(n, here)
				if _, err := tx.Messages().Keep(ctx, m, r); err != nil {
					return err
				}
				i := &incident.Incident{State: "new", Place: here, First: m.ID, OpenedAt: morning}
				if err := tx.Incidents().Open(ctx, i); err != nil {
					return err
				}
				if err := tx.Incidents().Attach(ctx, i.ID, m.ID); err != nil {
					return err
				}
				switch {
				case n%7 == 0:
					return tx.Incidents().Attach(ctx, i.ID, m.ID) // it is attached: a Conflict
				case n%3 == 0:
					return errNo
				}
				return nil
			})
		})
	}
	wg.Wait()
	for n := range many {
		m, err := s.Reader().Messages().ByNative(ctx, "vk:-1001", fmt.Sprintf("5_%d", n))
		switch {
		case n%7 == 0:
			want(t, errs[n], fault.Conflict)
			want(t, err, fault.NotFound)
		case n%3 == 0:
			if !errors.Is(errs[n], errNo) {
				t.Errorf("change %d = %v, want its own error", n, errs[n])
			}
			want(t, err, fault.NotFound)
		default:
			must(t, errs[n])
			must(t, err)
			of, err := s.Reader().Messages().Incident(ctx, m.ID)
			if err != nil || of == 0 {
				t.Errorf("message %d belongs to %d, %v; want an incident", n, of, err)
			}
		}
	}
	numbers := map[string]bool{}
	page, err := s.Reader().Incidents().Queue(ctx, scope.All(), incident.Filter{Limit: 1000})
	must(t, err)
	for _, r := range page.Rows {
		numbers[r.Number] = true
		if r.Messages != 1 || r.Number != incident.Number(int64(r.ID)) {
			t.Errorf("incident %d has %d messages and number %s", r.ID, r.Messages, r.Number)
		}
	}
	wantN := 0
	for n := range many {
		if n%7 != 0 && n%3 != 0 {
			wantN++
		}
	}
	if len(numbers) != wantN {
		t.Errorf("%d different numbers, want %d", len(numbers), wantN)
	}
}
