package desk_test

import (
	"slices"
	"testing"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// adds takes a further comment in and attaches it.
func (b *bench) adds(t *testing.T, id incident.ID, native, author, text string, r message.Reading) *incident.Incident {
	t.Helper()
	must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		m := &message.Message{Source: "vk:-1", Channel: message.VK, Form: message.Comment, Native: native, Thread: "post", Event: message.Written,
			Revision: message.HashOf(text), Text: text, Author: author, SeenAt: noon, PublishedAt: noon}
		m.Place, _ = b.Stand(m, &r)
		if _, err := tx.Messages().Keep(t.Context(), m, &r); err != nil {
			return err
		}
		return b.Opener(tx, account.System()).Attach(t.Context(), id, m, &r)
	}))
	i, err := b.db.Reader().Incidents().Incident(t.Context(), scope.All(), id)
	must(t, err)
	return i
}

func TestTheAuthorsAnswerFillsWhatWasMissing(t *testing.T) {
	t.Parallel()
	street := message.PlaceFound{Type: "street", ID: "s1", Name: "улица Мира", Settlement: "Абаза", SettlementID: abaza + "001", Region: region, Municipality: abaza}
	for name, c := range map[string]struct {
		author, text string
		reading      message.Reading
		state        lifecycle.State
		missing      []string
		address      string
		proposed     func(*bench) int64
	}{
		"the author names the street": {"anna", "Абаза, улица Мира", message.Reading{Kind: message.Noise, Places: []message.PlaceFound{street}},
			lifecycle.Triage, nil, "Абаза, улица Мира", func(b *bench) int64 { return b.roads }},
		"the author answers something else": {"anna", "а что?", message.Reading{Kind: message.Noise},
			lifecycle.Triage, []string{message.MissingPlace}, "", func(b *bench) int64 { return b.utilities }},
		"the author names only the town": {"anna", "в Абазе", message.Reading{Kind: message.Noise, Places: []message.PlaceFound{
			{Type: "settlement", ID: abaza + "001", Name: "Абаза", Settlement: "Абаза", SettlementID: abaza + "001", Region: region, Municipality: abaza}}},
			lifecycle.Triage, []string{message.MissingPlace}, "Абаза", func(b *bench) int64 { return b.roads }},
		"somebody else answers": {"boris", "Абаза, улица Мира", message.Reading{Kind: message.Noise, Places: []message.PlaceFound{street}},
			lifecycle.Asked, []string{message.MissingPlace}, "", func(b *bench) int64 { return b.utilities }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			i := b.open(t, "1", "яма")
			must(t, b.db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
				i.Missing = []string{message.MissingPlace}
				return tx.Incidents().Save(t.Context(), i)
			}))
			i = b.do(t, lifecycle.Operator, i, desk.Ask{Text: "Где это?"})
			i = b.adds(t, i.ID, "2", c.author, c.text, c.reading)
			if i.State != c.state || !slices.Equal(i.Missing, c.missing) || i.Address.String() != c.address || i.Proposed != c.proposed(b) {
				t.Errorf("state %s, missing %v, address %q, proposed %d; want %s, %v, %q, %d", i.State, i.Missing, i.Address, i.Proposed, c.state, c.missing, c.address, c.proposed(b))
			}
		})
	}
}

func TestASecondCommentDoesNotOverwriteWhatIsKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	i := b.open(t, "1", "Абаза, яма на дороге")
	far := message.PlaceFound{Type: "house", ID: "h", Name: "5", Street: "улица Ленина", House: "5", Settlement: "Абакан", SettlementID: abakan + "001", Region: region, Municipality: abakan}
	before := i.Address
	i = b.adds(t, i.ID, "2", "anna", "а в Абакане на Ленина 5 всё чинят", message.Reading{Kind: message.Noise, Places: []message.PlaceFound{far}})
	if i.Address != before || i.State != lifecycle.New || i.Place.Centre != abaza {
		t.Errorf("incident = %+v, want the address %+v untouched", i, before)
	}
}
