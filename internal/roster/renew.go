package roster

import (
	"context"
	"slices"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// Renew keeps the secret that a network gave in place of an old one, as services of OAuth do
// with refresh tokens. A key that somebody has changed meanwhile stays. The connection that
// asked holds the new secret: nothing is opened anew.
func (r *Roster) Renew(ctx context.Context, name, was, secret string) (err error) {
	defer fault.Wrap(&err, "roster.Renew(%s)", name)
	return r.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		keys, err := tx.Sources().Keys(ctx, scope.All())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(keys, func(k source.Key) bool { return k.Name == name })
		if i < 0 {
			return nil // it was removed
		}
		k := keys[i]
		if kept, err := r.Box.Open(k.Name, k.Sealed); err != nil || !slices.Equal(strings.Fields(kept), strings.Fields(was)) {
			return err
		}
		k.Sealed, k.AddedAt = r.Box.Seal(k.Name, secret), r.Now()
		return tx.Sources().SaveKey(ctx, &k)
	})
}
