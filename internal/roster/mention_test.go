package roster_test

import (
	"slices"
	"testing"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/source"
)

func TestWhatMessagesLinkToIsProposedUntilSomebodyReadsIt(t *testing.T) {
	t.Parallel()
	c := open(t)
	must(t, c.SaveKey(t.Context(), admin, &source.Key{Kind: source.VK, Name: "чтение", Secret: "s1"}))
	must(t, c.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		for _, m := range []source.Mention{
			{Link: "https://vk.com/club7", Count: 50, Place: scope.Place{Region: region}},
			{Link: "https://t.me/abakan_live", Count: 2, Place: scope.Place{Region: region}},
			{Link: "https://t.me/abakan_live", Count: 3, Example: "https://vk.example/wall-1_2", Place: scope.Place{Region: region, Centre: abakan}},
			{Link: "https://vk.com/dvor", Count: 4, Place: scope.Place{Region: region, Centre: abakan}},
			{Link: "https://vk.com/once", Count: 2, Place: scope.Place{Region: region, Centre: abakan}},
			{Link: "https://vk.com/else", Count: 90, Place: scope.Place{Region: "38000000"}},
		} {
			if err := tx.Sources().Mention(t.Context(), m); err != nil {
				return err
			}
		}
		return nil
	}))
	links := func(who account.Actor) (out []string) {
		t.Helper()
		list, err := c.Proposed(t.Context(), who)
		must(t, err)
		for _, m := range list {
			out = append(out, m.Link)
		}
		return out
	}
	if got := links(admin); !slices.Equal(got, []string{"https://vk.com/club7", "https://t.me/abakan_live", "https://vk.com/dvor"}) {
		t.Errorf("proposed: %v", got)
	}
	if list, _ := c.Proposed(t.Context(), admin); list[1].Count != 5 || list[1].Example == "" || list[1].Place.Centre != abakan {
		t.Errorf("one link of two places: %+v", list[1])
	}
	c.add(t, "wall.example/7") // vk:-7
	must(t, c.Never(t.Context(), head, "https://vk.com/dvor"))
	if got := links(admin); !slices.Equal(got, []string{"https://t.me/abakan_live"}) {
		t.Errorf("what is read and what was refused: %v", got)
	}
	if err := c.Never(t.Context(), admin, "https://vk.com/unknown"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a link that nobody mentions: %v", err)
	}
	operator := actor(lifecycle.Operator, scope.OfRegion(region))
	if _, err := c.Proposed(t.Context(), operator); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator sees what is proposed: %v", err)
	}
	if err := c.Never(t.Context(), operator, "https://t.me/abakan_live"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an operator refuses: %v", err)
	}
}
