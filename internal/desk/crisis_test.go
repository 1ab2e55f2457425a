package desk_test

import (
	"testing"

	"otklik/internal/account"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// A danger asks for a call whether it opens an incident or stands under our reply, and
// when its author adds it to words that are here already.
func TestDangerUnderOurReplyAsksForACall(t *testing.T) {
	t.Parallel()
	danger := message.Reading{Kind: message.Complaint, Concerns: true, Urgency: message.Danger,
		Evidence: []message.Evidence{{For: "urgency", Why: "угроза жизни"}}}
	for name, edited := range map[string]bool{"a further comment": false, "an edit": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := hearing(t)
			i := b.answered(t, "7")
			must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
				m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: "d7", Thread: "post", Parent: "r7", Event: message.Written,
					Revision: message.HashOf("беда"), Text: "беда", Author: "7", SeenAt: noon, PublishedAt: noon, Place: i.Place}
				r := danger
				if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
					return err
				}
				if edited {
					return b.Opener(tx, account.System()).Changed(t.Context(), i.ID, m, &r)
				}
				f := feedback.Followed{Incident: int64(i.ID), Speaker: feedback.Author}
				_, err := b.Opener(tx, account.System()).Heard(t.Context(), f, m, &r)
				return err
			}))
			list, err := b.db.Reader().Calls().Waiting(t.Context(), scope.All(), 10)
			must(t, err)
			if len(list) != 1 || list[0].Incident != int64(i.ID) || list[0].Why != "угроза жизни" {
				t.Errorf("calls that wait: %+v, want one about incident %d", list, i.ID)
			}
		})
	}
}
