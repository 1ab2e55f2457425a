package store_test

import (
	"context"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/store"
)

// A numbered version is set once: of two who make the same number one is
// refused, with all that it did in the transaction.
func TestASettingIsAddedOnce(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, ctx := open(t), context.Background()
			add := func(value string) error {
				return db.Change(ctx, incident.People, func(tx incident.Tx) error {
					if err := store.SettingsOf(tx).Save(ctx, "95000000", "taxonomy", []byte(value)); err != nil {
						return err
					}
					return store.SettingsOf(tx).Add(ctx, "95000000", "taxonomy:2", []byte(value))
				})
			}
			if err := add("first"); err != nil {
				t.Fatal(err)
			}
			if err := add("second"); !fault.Is(err, fault.Conflict) {
				t.Errorf("the same number again = %v, want Conflict", err)
			}
			for _, key := range []string{"taxonomy", "taxonomy:2"} {
				if v, err := db.Setting(ctx, "95000000", key); err != nil || string(v) != "first" {
					t.Errorf("%s = %s, %v, want the first", key, v, err)
				}
			}
		})
	}
}
