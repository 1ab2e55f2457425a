package incident

import (
	"time"

	"otklik/internal/lifecycle"
	"otklik/internal/webhook"
)

// Events returns what a line of history is news of for programs outside, and the due time
// that has passed.
func (e *Entry) Events() (list []webhook.Event, due time.Time) {
	switch e.Action {
	case lifecycle.File:
		return []webhook.Event{webhook.Opened}, due
	case lifecycle.HandOver, lifecycle.Decide:
		list = append(list, webhook.HandedOut)
	case lifecycle.Escalate:
		if t := e.Detail.Told; t != nil && !t.Due.IsZero() && !e.At.Before(t.Due) {
			list, due = append(list, webhook.Overdue), t.Due
		}
	case lifecycle.Publish:
		list = append(list, webhook.Published)
	case lifecycle.Verify:
		list = append(list, webhook.Verified)
	case lifecycle.Reopen:
		list = append(list, webhook.Reopened)
	}
	if e.Detail.Mark > 0 {
		list = append(list, webhook.Marked)
	}
	if e.From != e.To && e.To != "" {
		list = append(list, webhook.Moved)
	}
	return list, due
}
