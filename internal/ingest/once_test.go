package ingest_test

import (
	"testing"

	"otklik/internal/cluster"
	"otklik/internal/ingest"
	"otklik/internal/message"
)

// The key of a text comes from the analysis that read the message: a text of the
// batch is never analysed for it again.
func TestAMessageIsAnalysedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var again []string // texts that were analysed for their key alone
	o := b.Options
	key := o.Key
	o.Key = func(text string) cluster.Key {
		again = append(again, text)
		return key(text)
	}
	o.Read = func(m *message.Message) (message.Reading, *cluster.Key) {
		r := judge(m)
		if !r.Concerns && !m.Addressed {
			return r, nil
		}
		k := key(m.Text)
		return r, &k
	}
	b.Intake = ingest.New(o)
	b.Options = o
	first := msg("1", "яма на улице Мира у дома 5, колесо пробил")
	same(t, b.take(t, first, msg("2", "погода хорошая"), msg("3", "спасибо за уборку")), ingest.Summary{Read: 3, NotOurs: 1, Kept: 2, Opened: 1, KeptWithoutIncident: 1})
	again = again[:0] // the store's texts are read once, when the window is filled
	same(t, b.take(t, msg("4", "яма на улице Мира у дома 5, колесо пробил вчера"), msg("5", "нет света во дворе")), ingest.Summary{Read: 2, Kept: 2, Opened: 1, Attached: 1})
	if len(again) != 0 {
		t.Errorf("analysed again for the key: %d texts", len(again))
	}
	b.take(t, msg("1", "погода и яма")) // an edit that concerns us only for what it was is read as said to us, key and all
	if len(again) != 0 {
		t.Errorf("an edit was analysed again for the key")
	}
}
