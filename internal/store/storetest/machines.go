package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/reply"
)

// proposed proves that drafts of the assistant are kept, the newest first, and lose their
// words with the message.
func proposed(t *testing.T, s Store) {
	var i *incident.Incident
	first := &reply.MachineDraft{Kind: reply.MachineReply, Model: "small", By: 4, At: morning, Text: "Яму заделают.", Place: here}
	second := &reply.MachineDraft{Kind: reply.MachineSummary, Model: "small", By: 5, At: morning, Text: "Речь о яме.", Place: here}
	change(t, s, func(tx incident.Tx) error {
		i = open(t, tx, 1, here)
		first.Incident, second.Incident = int64(i.ID), int64(i.ID)
		must(t, tx.Machines().SaveMachineDraft(ctx, first))
		return tx.Machines().SaveMachineDraft(ctx, second)
	})
	list, err := s.Reader().Machines().MachineDrafts(ctx, int64(i.ID), 10)
	if diff := cmp.Diff([]reply.MachineDraft{*second, *first}, list); diff != "" || err != nil {
		t.Errorf("MachineDrafts: %v, differ:\n%s", err, diff)
	}
	if list, err = s.Reader().Machines().MachineDrafts(ctx, int64(i.ID), 1); err != nil || len(list) != 1 {
		t.Errorf("at most one: %v, %v", list, err)
	}
	m, _ := letter(1, here)
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Erase(ctx, message.Erasure{Source: m.Source, Native: m.Native, Place: here, At: morning})
	})
	list, err = s.Reader().Machines().MachineDrafts(ctx, int64(i.ID), 10)
	if err != nil || len(list) != 2 || list[0].Text+list[1].Text != "" {
		t.Errorf("after an erasure: %+v, %v", list, err)
	}
}
