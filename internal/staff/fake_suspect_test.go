package staff_test

import (
	"context"
	"time"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/incident"
	"otklik/internal/scope"
)

// fakeSuspicions are what looks like spam, by incident.
type fakeSuspicions struct{ h *house }

func (h *house) Suspicions() incident.Suspicions { return fakeSuspicions{h} }

// Uploads are none of the staff's.
func (h *house) Uploads() attachment.Uploads { return nil }

func (f fakeSuspicions) Suspect(_ context.Context, s *incident.Suspicion) error {
	f.h.suspicions = append(f.h.suspicions, *s)
	return nil
}

func (f fakeSuspicions) SuspicionsOf(_ context.Context, _ scope.Scope, id incident.ID) (out []incident.Suspicion, err error) {
	for _, s := range f.h.suspicions {
		if s.Incident == id {
			out = append(out, s)
		}
	}
	return out, nil
}

func (f fakeSuspicions) Settle(_ context.Context, _ scope.Scope, id incident.ID, by account.ID, spam bool, now time.Time) (messages []int64, err error) {
	for k := range f.h.suspicions {
		if s := &f.h.suspicions[k]; s.Incident == id && s.Settled.IsZero() {
			s.Settled, s.By, s.Spam = now, by, spam
			messages = append(messages, s.Message)
		}
	}
	return messages, nil
}

func (f fakeSuspicions) Suspects(context.Context, scope.Scope, int) (int, error) {
	return len(f.h.suspicions), nil
}
