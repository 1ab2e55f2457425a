package store

import (
	"context"

	"otklik/internal/fault"
)

// Ping reports whether the store answers questions.
func (db *DB) Ping(ctx context.Context) error {
	if _, err := db.Reader().Intake().Cursor(ctx, ""); err != nil {
		return fault.New(fault.Unavailable, "the store does not answer: %w", err)
	}
	return nil
}
