package roster_test

import (
	"context"
	"testing"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
	"otklik/internal/source"
)

// What a search came across is read by nobody until somebody adds it by its link.
func TestAProposalBecomesASource(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	defer func() { stop(); <-ran }()
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "s1"}))
	if err := c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VKSearch, Name: "поиск", Secret: "s1"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a key of searches: %v: they are opened by those of VK", err)
	}
	propose := func() {
		t.Helper()
		must(t, c.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
			return tx.Sources().Discover(t.Context(), "vksearch:1", source.Found{ID: "vk:-9", Name: "Соседи", Channel: message.VK, Proposed: true}, c.Now(), scope.Place{Region: region})
		}))
		must(t, c.Load(t.Context()))
	}
	propose()
	was, known := c.Of("vk:-9")
	if !known || !was.Proposed() || c.Publisher("vk:-9") != nil || len(c.Connections()) != 0 {
		t.Fatalf("a proposal is %+v, %d are read", was, len(c.Connections()))
	}
	added := c.add(t, "https://wall.example/9")
	now, _ := c.Of("vk:-9")
	if now.Via != "" || now.Proposed() || now.Number != was.Number || added.Number != was.Number || now.Key != "чтение" || len(c.Connections()) != 1 {
		t.Errorf("added it is %+v", now)
	}
	propose() // found again: it stays what people made of it
	if now, _ := c.Of("vk:-9"); now.Via != "" || now.Name != "Стена" {
		t.Errorf("found again it is %+v", now)
	}
	g, err := c.Recognise(t.Context(), admin, "https://wall.example/9")
	must(t, err)
	s := g.Source
	s.Key = "чтение"
	if err := c.Save(t.Context(), admin, &s); !fault.Is(err, fault.Conflict) {
		t.Errorf("added twice: %v", err)
	}
}
