package dialogue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"otklik/internal/clarify"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/scope"
	"otklik/internal/talk"
	"otklik/internal/topic"
)

const (
	mineMost  = 5
	mineTime  = 31 * 24 * time.Hour // how long after its end an incident is still spoken of (DOMAIN.md §4: a month)
	alikeMost = 3
	alikeTime = 30 * 24 * time.Hour
)

// public says of an incident what a resident may know.
func (h *hearing) public(i *incident.Incident) talk.Case {
	c := talk.Case{ID: int64(i.ID), Number: incident.Spoken(i.Number), Where: i.Address.String(), Phrase: i.State.Public(), Open: i.State.Open(), Worst: h.d.Negative}
	if i.State == lifecycle.Closed && i.Outcome != lifecycle.NoOutcome {
		c.Phrase = i.Outcome.Name()
	}
	if i.Topic != topic.Undefined {
		c.Topic = h.d.Topic(i)
	}
	if i.Place.Agency != 0 {
		c.Agency = h.d.Agency(h.ctx, h.tx, i.Place.Agency)
	}
	if !i.Clock.Due.IsZero() {
		c.Due = h.d.Date(i.Clock.Due, i.Place)
	}
	return c
}

// marks reports whether a finished incident waits for a mark: none was given since its
// last answer.
func (h *hearing) marks(i *incident.Incident) bool {
	if i.State.Open() || i.Outcome == lifecycle.Refused || i.Outcome == lifecycle.Duplicate {
		return false
	}
	r, err := h.o.LastAnswer(h.ctx, i.ID)
	if err != nil || r == nil {
		h.fail(err)
		return false
	}
	voices, err := h.tx.Feedback().OfIncident(h.ctx, scope.All(), int64(i.ID))
	h.fail(err)
	for _, v := range voices {
		if v.Mark > 0 && v.Reply == int64(r.ID) {
			return false
		}
	}
	return true
}

// Mine implements talk.Facts.
func (h *hearing) Mine() []talk.Case {
	if h.known {
		return h.mine
	}
	h.known, h.mine = true, nil
	ids, err := h.tx.Talks().Incidents(h.ctx, h.t.ID, 4*mineMost)
	h.fail(err)
	for _, id := range ids {
		i, err := h.tx.Incidents().Incident(h.ctx, scope.All(), incident.ID(id))
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			h.fail(err)
			return nil
		}
		if i.Outcome == lifecycle.Duplicate || !i.State.Open() && h.now.Sub(i.UpdatedAt) > mineTime {
			continue
		}
		c := h.public(i)
		c.Marks = h.marks(i)
		h.mine = append(h.mine, c)
	}
	slices.SortStableFunc(h.mine, func(a, b talk.Case) int {
		switch {
		case a.Open == b.Open:
			return 0
		case a.Open:
			return -1
		}
		return 1
	})
	h.mine = h.mine[:min(len(h.mine), mineMost)]
	return h.mine
}

// Alike implements talk.Facts.
func (h *hearing) Alike(d talk.Draft) (out []talk.Case) {
	if d.Spot == nil || len(d.Spot.Found) == 0 {
		return nil
	}
	_, rs, err := h.letters(d.Messages)
	h.fail(err)
	code := topic.Undefined
	for _, r := range rs {
		if r != nil && code == topic.Undefined {
			code = r.Topic()
		}
	}
	p, a := h.d.Desk.Stand(&message.Message{Place: h.t.Place}, &message.Reading{Places: slices.Clone(d.Spot.Found)})
	near := incident.Near{Topic: code, Street: a.Street, House: a.House, Landmark: a.Landmark, Since: h.now.Add(-alikeTime), OnlyOpen: true, Limit: alikeMost}
	for _, f := range d.Spot.Found {
		if near.Settlement == "" {
			near.Settlement = f.SettlementID
		}
	}
	if code == topic.Undefined || near.Settlement == "" || near.Street == "" && near.Landmark == "" || near.Landmark == desk.OnTheMap {
		return nil
	}
	rows, err := h.tx.Incidents().Near(h.ctx, scope.OfRegion(p.Region), near)
	h.fail(err)
	for k := range rows {
		out = append(out, h.public(&rows[k].Incident))
	}
	return out
}

// Numbered implements talk.Facts.
func (h *hearing) Numbered(text string) (c talk.Case, typed, known bool) {
	number, err := incident.ParseNumber(text)
	if err != nil {
		return c, false, false
	}
	i, err := h.tx.Incidents().ByNumber(h.ctx, scope.All(), number)
	if fault.Is(err, fault.NotFound) {
		return c, true, false
	}
	if err != nil {
		h.fail(err)
		return c, true, false
	}
	c = h.public(i)
	c.Where, c.Topic = "", "" // a number may be mistyped: the place and the matter of others stay with them
	for _, m := range h.Mine() {
		if m.ID == c.ID {
			c = m
		}
	}
	return c, true, true
}

// read returns where the words say that it is.
func (h *hearing) read() (out []talk.Spot) {
	places := slices.Clone(h.r.Places)
	_, a := h.d.Desk.Stand(h.m, &message.Reading{Places: places})
	if a.Settlement == "" && (h.t.State.Step == talk.Where || h.t.State.Step == talk.Choose) {
		if found := h.address(); len(found) > 0 {
			places = found
			_, a = h.d.Desk.Stand(h.m, &message.Reading{Places: places})
		}
	}
	if len(places) == 0 {
		return nil
	}
	exact := slices.ContainsFunc(places, message.PlaceFound.Exact)
	q := clarify.Ask(clarify.Case{Missing: h.r.Missing, Address: a, Places: places}, h.d.Places.ByID)
	for _, o := range q.Options {
		if spot, ok := h.settled(places, o.ID, exact); ok {
			out = append(out, spot)
		}
	}
	if len(out) > 0 {
		return out
	}
	known := a.Settlement != ""
	if !known { // the bot may speak for one town
		if t, ok := h.d.Places.ByID(h.m.Territory); ok && t.Level == place.Settlement {
			if spot, ok := h.settled(places, t.ID, exact); ok {
				return []talk.Spot{spot}
			}
		}
	}
	return []talk.Spot{{Name: a.String(), Found: places, Exact: exact && known}}
}

// addressMost is how long an answer may be that is read as an address, in bytes.
const addressMost = 200

// address reads an answer to "where is it?" once more as an address: «Абаза, Ленина 5»
// names a town there, which elsewhere may be a surname.
func (h *hearing) address() []message.PlaceFound {
	if len(h.m.Text) > addressMost {
		return nil
	}
	parts := strings.Split(h.m.Text, ",")
	for k := range parts[:min(len(parts), 4)] {
		for _, kind := range []string{"г. ", "с. "} {
			words := slices.Clone(parts)
			words[k] = " " + kind + strings.TrimSpace(words[k])
			m := *h.m
			m.Text = strings.TrimSpace(strings.Join(words, ","))
			r := h.d.Desk.Read(&m)
			if slices.ContainsFunc(r.Places, func(f message.PlaceFound) bool { return f.Type == "settlement" && f.SettlementID != "" }) {
				return r.Places
			}
		}
	}
	return nil
}

// settled puts the places that words name into a settlement.
func (h *hearing) settled(places []message.PlaceFound, id string, exact bool) (talk.Spot, bool) {
	at, ok := h.d.Places.ByID(id)
	if !ok {
		return talk.Spot{}, false
	}
	found := slices.Clone(places)
	for k := range found {
		f := &found[k]
		if f.SettlementID != "" && f.SettlementID != at.ID {
			continue
		}
		f.Settlement, f.SettlementID, f.Municipality, f.Region = at.Name, at.ID, at.Municipality, at.Region
		for _, c := range f.Candidates {
			if p, ok := h.d.Places.ByID(c); ok && (p.ID == at.ID || p.Settlement == at.ID) {
				f.ID, f.Lat, f.Lon = p.ID, p.Lat, p.Lon
			}
		}
		f.Candidates = nil
	}
	_, a := h.d.Desk.Stand(h.m, &message.Reading{Places: slices.Clone(found)})
	return talk.Spot{Name: a.String(), Found: found, Exact: exact}, true
}

// named returns the place of a button that says in which settlement an incident is.
func (h *hearing) named(id string) []talk.Spot {
	at, ok := h.d.Places.ByID(id)
	if !ok {
		return nil
	}
	found := []message.PlaceFound{{Type: "settlement", ID: at.ID, Name: at.Name, Settlement: at.Name, SettlementID: at.ID, Municipality: at.Municipality, Region: at.Region, Lat: at.Lat, Lon: at.Lon, Score: 1}}
	return []talk.Spot{{Name: at.Name, Found: found}}
}

// around returns the place of a point: the nearest settlement, and the point itself.
func (h *hearing) around(at message.Point) []talk.Spot {
	found := desk.Around(h.d.Places, cmp.Or(h.d.Region, h.t.Place.Region), at)
	_, a := h.d.Desk.Stand(&message.Message{}, &message.Reading{Places: slices.Clone(found)})
	return []talk.Spot{{Name: a.String(), Found: found, Exact: true}}
}
