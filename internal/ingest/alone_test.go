package ingest_test

import (
	"testing"

	"otklik/internal/attachment"
	"otklik/internal/ingest"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// A picture without words belongs to the talk that it is sent into; elsewhere it
// concerns nobody. A file that is none is no error of the message.
func TestAPictureWithoutWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	shot := func(m *message.Message) {
		m.Attachments = []attachment.Ref{{Kind: attachment.Photo, URL: "https://a.example/" + m.Native + ".jpg"}, {URL: "javascript:alert(1)"}}
	}
	same(t, b.take(t, msg("1", "", shot), msg("2", "", in("elsewhere", "anna"), shot)), ingest.Summary{Read: 2, NotOurs: 2})
	same(t, b.take(t, msg("3", "Яма у дома", in("post", "anna"), shot)), ingest.Summary{Read: 1, Kept: 1, Opened: 1})
	same(t, b.take(t, msg("4", "", in("post", "anna"), shot)), ingest.Summary{Read: 1, Kept: 1, Attached: 1})
	same(t, b.take(t, msg("5", "", in("post", "oleg"), shot)), ingest.Summary{Read: 1, Kept: 1, KeptWithoutIncident: 1})
	same(t, b.take(t, msg("4", "", in("post", "anna"), shot)), ingest.Summary{Read: 1, Duplicate: 1})
	list, err := b.db.Reader().Attachments().OfIncident(t.Context(), scope.All(), 1)
	if err != nil || len(list) != 2 || list[1].URL != "https://a.example/4.jpg" || list[1].State != attachment.Wanted {
		t.Errorf("attachments: %+v, %v", list, err)
	}
}
