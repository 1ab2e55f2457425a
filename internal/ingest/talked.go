package ingest

import (
	"context"

	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/message"
)

// Talks leads the dialogue with residents who write to us directly (package dialogue).
type Talks interface {
	// Leads reports whether direct messages of the source are a dialogue.
	Leads(source string) bool
	// Hear takes a stored direct message, in its transaction.
	Hear(ctx context.Context, tx incident.Tx, o *desk.Opener, m *message.Message, r *message.Reading) (Told, error)
}

// A Told is what a direct message led to.
type Told struct {
	Opened   *message.Message // the message that opened an incident; nil = none did
	Attached bool             // it belongs to an incident now
}

// talked hands a direct message to the dialogue. A change of one that belongs to no
// incident asks nothing anew.
func (in *Intake) talked(ctx context.Context, tx incident.Tx, o *desk.Opener, m *message.Message, r *message.Reading, first bool, sum *Summary, t *trace) error {
	var told Told
	if first && m.Event != message.Deleted {
		var err error
		if told, err = in.Talks.Hear(ctx, tx, o, m, r); err != nil {
			return err
		}
	}
	switch {
	case told.Opened != nil:
		sum.Opened++
		t.fresh = append(t.fresh, fresh{id: told.Opened.ID, written: written(told.Opened), key: in.Key(told.Opened.Text)})
	case told.Attached:
		sum.Attached++
	default:
		sum.KeptWithoutIncident++
	}
	return nil
}
