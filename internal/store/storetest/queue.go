package storetest

import (
	"cmp"

	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"otklik/internal/account"
	"otklik/internal/agency"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/regime"
	"otklik/internal/scope"
	"otklik/internal/topic"
)

// everybody are conditions that a part of a town meets.
var everybody = &incident.Shown{
	NotRegimes: []regime.Code{"appeal59", "own"}, NotOutcomes: []lifecycle.Outcome{lifecycle.Refused, lifecycle.Duplicate},
	Kinds: []message.Kind{message.Complaint, message.Question}, Unread: lifecycle.New, PastRegime: regime.Past, Published: "phone",
}

// town makes n incidents of all sorts, and the lemmas of each.
func town(t testing.TB, s Store, n int) ([]*incident.Incident, []string) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	var all []*incident.Incident
	var words []string
	change(t, s, func(tx incident.Tx) error {
		for k := range n {
			at := scope.Place{Region: pick(khakassia, khakassia, perm)}
			if at.Region == khakassia {
				at.Centre = pick(abakan, abaza, "")
			} else {
				at.Centre = lysva
			}
			at.Agency = int64(rnd.IntN(3))
			m, r := letter(k, at)
			r.Index = pick("яма", "люк", "свет") + " " + pick("двор", "улица", "стать сталь") + " " + pick("ленин", "мир", "16а", "не-то")
			m.Channel = message.Channel(pick("vk", "phone"))
			if _, err := tx.Messages().Keep(ctx, m, r); err != nil {
				return err
			}
			states := lifecycle.States()
			i := &incident.Incident{
				State: states[rnd.IntN(len(states))], Topic: topic.Code(pick("roads.potholes", "water.leak")), Group: pick("Дороги", "ЖКХ"),
				Urgency: message.Urgency(pick("normal", "normal", "high", "danger")), Channel: m.Channel, Place: at, First: m.ID,
				// Many are opened in the same moment, and not in the order of their ids.
				OpenedAt: morning.Add(time.Duration(rnd.IntN(40)) * time.Minute), UpdatedAt: morning.Add(time.Duration(rnd.IntN(40)) * time.Hour),
			}
			if rnd.IntN(3) == 0 {
				i.Missing = []string{"place"}
			}
			i.ClaimedBy = account.ID(rnd.IntN(3))
			i.Kind = []message.Kind{message.Complaint, message.Complaint, message.Question, message.Rumour}[k%4]
			i.Outcome = []lifecycle.Outcome{"", "", lifecycle.Solved, lifecycle.Refused, lifecycle.Duplicate}[k%5]
			i.Clock.Regime = []regime.Code{"open", "open", "open", regime.Past, "appeal59", "own", ""}[k%7]
			if err := tx.Incidents().Open(ctx, i); err != nil {
				return err
			}
			if err := tx.Incidents().Attach(ctx, i.ID, m.ID); err != nil {
				return err
			}
			i.Messages = 1
			all, words = append(all, i), append(words, r.Index)
		}
		return nil
	})
	return all, words
}

// lets is the plain reading of a filter.
func lets(f *incident.Filter, i *incident.Incident, lemmas string) bool {
	if r := f.Shown; r != nil && (slices.Contains(r.NotRegimes, i.Clock.Regime) || slices.Contains(r.NotOutcomes, i.Outcome) || !slices.Contains(r.Kinds, i.Kind) ||
		(i.State == r.Unread || i.Clock.Regime == r.PastRegime) && i.Channel != r.Published) {
		return false
	}
	if len(f.States) > 0 && !slices.Contains(f.States, i.State) ||
		f.Open && !i.State.Open() ||
		f.Topic != "" && f.Topic != i.Topic ||
		f.Group != "" && f.Group != i.Group ||
		f.Agency != 0 && f.Agency != i.Place.Agency ||
		f.NoAgency && i.Place.Agency != 0 ||
		f.Centre != "" && f.Centre != i.Place.Centre ||
		f.Urgency != "" && f.Urgency != i.Urgency ||
		f.Channel != "" && f.Channel != i.Channel ||
		f.Missing && len(i.Missing) == 0 ||
		f.Claimed != 0 && f.Claimed != i.ClaimedBy ||
		f.Free && i.ClaimedBy != 0 ||
		!f.Since.IsZero() && i.OpenedAt.Before(f.Since) ||
		!f.Until.IsZero() && !i.OpenedAt.Before(f.Until) {
		return false
	}
	has := strings.Fields(lemmas)
	for _, alternatives := range f.Words {
		if !slices.ContainsFunc(alternatives, func(w string) bool { return slices.Contains(has, w) }) {
			return false
		}
	}
	return true
}

func before(order incident.Order) func(a, b *incident.Incident) int {
	newest := func(a, b *incident.Incident) int {
		return cmp.Or(b.OpenedAt.Compare(a.OpenedAt), cmp.Compare(b.ID, a.ID))
	}
	switch order {
	case incident.Oldest:
		return func(a, b *incident.Incident) int { return -newest(a, b) }
	case incident.Urgent:
		return func(a, b *incident.Incident) int {
			return cmp.Or(cmp.Compare(b.Urgency.Rank(), a.Urgency.Rank()), -newest(a, b))
		}
	case incident.Changed:
		return func(a, b *incident.Incident) int {
			return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.ID, a.ID))
		}
	}
	return newest
}

func queue(t *testing.T, s Store) {
	all, words := town(t, s, 300)
	filters := map[string]incident.Filter{
		"nothing":            {},
		"two states":         {States: []lifecycle.State{lifecycle.New, lifecycle.Closed}},
		"open":               {Open: true},
		"topic":              {Topic: "roads.potholes"},
		"group":              {Group: "ЖКХ"},
		"agency":             {Agency: 2},
		"no agency":          {NoAgency: true},
		"centre":             {Centre: abaza},
		"danger":             {Urgency: message.Danger},
		"normal":             {Urgency: message.Normal},
		"channel":            {Channel: message.Phone},
		"missing":            {Missing: true},
		"claimed":            {Claimed: 2},
		"free":               {Free: true},
		"for everybody":      {Shown: everybody},
		"for all, a group":   {Shown: everybody, Group: "ЖКХ", Centre: abaza},
		"for all, no kind":   {Shown: &incident.Shown{NotRegimes: []regime.Code{"x"}, NotOutcomes: []lifecycle.Outcome{"x"}, Kinds: []message.Kind{message.Rumour}}},
		"since":              {Since: morning.Add(10 * time.Minute)},
		"until":              {Until: morning.Add(10 * time.Minute)},
		"between":            {Since: morning.Add(10 * time.Minute), Until: morning.Add(20 * time.Minute)},
		"a word":             {Words: [][]string{{"яма"}}},
		"a word of two":      {Words: [][]string{{"стать", "сталь"}}},
		"two words":          {Words: [][]string{{"люк", "свет"}, {"мир"}}},
		"no such word":       {Words: [][]string{{"трамвай"}}},
		"open and topic":     {Open: true, Topic: "water.leak"},
		"open, free, word":   {Open: true, Free: true, Words: [][]string{{"люк"}}},
		"new, danger, phone": {States: []lifecycle.State{lifecycle.New}, Urgency: message.Danger, Channel: message.Phone},
		"all at once": {States: []lifecycle.State{lifecycle.New, lifecycle.Triage, lifecycle.Working}, Open: true, Group: "ЖКХ", Agency: 1,
			Urgency: message.Normal, Since: morning, Until: morning.Add(time.Hour), Words: [][]string{{"двор", "улица"}}},
	}
	views := map[string]scope.Scope{
		"all": scope.All(), "region": scope.OfRegion(khakassia), "centre": scope.OfCentre(khakassia, abakan),
		"agency": scope.OfAgency(khakassia, 1), "region elsewhere": scope.OfRegion(perm), "nobody": {},
	}
	for name, f := range filters {
		for view, sc := range views {
			for _, order := range []incident.Order{"", incident.Newest, incident.Oldest, incident.Urgent, incident.Changed} {
				f.Order, f.Limit, f.After = order, 7, incident.Cursor{}
				var wanted []incident.ID
				var inside []*incident.Incident
				for k, i := range all {
					if sc.Sees(i.Place) && lets(&f, i, words[k]) {
						inside = append(inside, i)
					}
				}
				slices.SortFunc(inside, before(order))
				for _, i := range inside {
					wanted = append(wanted, i.ID)
				}
				var got []incident.ID
				for range 100 {
					p, err := s.Reader().Incidents().Queue(ctx, sc, f)
					must(t, err)
					for _, r := range p.Rows {
						got = append(got, r.ID)
					}
					if p.Next.Key == "" {
						break
					}
					if len(p.Rows) != 7 {
						t.Fatalf("%s, %s, %s: a page before the last has %d rows", name, view, order, len(p.Rows))
					}
					f.After = p.Next
				}
				if diff := gocmp.Diff(wanted, got); diff != "" {
					t.Fatalf("Queue(%s, scope %s, order %q) differs (-want +got):\n%s", name, view, order, diff)
				}
				for _, limit := range []int{1, 20, 1000} {
					n, err := s.Reader().Incidents().Count(ctx, sc, f, limit)
					must(t, err)
					if n != min(limit, len(wanted)) {
						t.Fatalf("Count(%s, scope %s, %d) = %d, want %d", name, view, limit, n, min(limit, len(wanted)))
					}
				}
			}
		}
	}
	_, err := s.Reader().Incidents().Queue(ctx, scope.All(), incident.Filter{Order: "loudest"})
	want(t, err, fault.Invalid)
	_, err = s.Reader().Incidents().Queue(ctx, scope.All(), incident.Filter{After: incident.Cursor{Key: "x"}})
	want(t, err, fault.Invalid)
	rows(t, s, all)
}

// rows looks at what a row shows.
func rows(t *testing.T, s Store, all []*incident.Incident) {
	long := strings.Repeat("ж", 400)
	m, r := letter(9000, here)
	m.Text = long
	var i *incident.Incident
	change(t, s, func(tx incident.Tx) error {
		a := &agency.Agency{Name: "Дорожная служба", Short: "Дороги", Place: scope.Place{Region: khakassia}}
		must(t, tx.Agencies().SaveAgency(ctx, a))
		c := &account.Account{Login: "irina", Name: "Ирина Соколова", Role: lifecycle.Operator}
		must(t, tx.Accounts().SaveAccount(ctx, c))
		_, err := tx.Messages().Keep(ctx, m, r)
		must(t, err)
		i = &incident.Incident{State: lifecycle.New, First: m.ID, Place: scope.Place{Region: khakassia, Agency: a.ID}, ClaimedBy: c.ID, OpenedAt: morning}
		return tx.Incidents().Open(ctx, i)
	})
	deletion := &message.Message{Source: m.Source, Native: m.Native, Event: message.Deleted, Revision: message.Revision{Time: morning.Add(1e6 * time.Second)}, SeenAt: morning}
	keep(t, s, deletion, nil)
	asked := []incident.ID{all[3].ID, i.ID, 99999, all[1].ID}
	got, err := s.Reader().Incidents().Rows(ctx, scope.All(), asked)
	must(t, err)
	if len(got) != 3 || got[0].ID != all[3].ID || got[1].ID != i.ID || got[2].ID != all[1].ID {
		t.Fatalf("Rows = %v, want those of %v that exist, in the order asked", got, asked)
	}
	row := got[1]
	if row.Agency != "Дороги" || row.Claimer != "Ирина Соколова" || !row.Gone || row.Excerpt != long[:280*2] {
		t.Errorf("a row shows agency %q, claimer %q, gone %t and %d bytes of the text", row.Agency, row.Claimer, row.Gone, len(row.Excerpt))
	}
	if got[0].Excerpt != "Яма во дворе, письмо 3" || got[0].Gone {
		t.Errorf("a row shows %q, gone %t", got[0].Excerpt, got[0].Gone)
	}
	many := make([]incident.ID, 0, len(all))
	for _, i := range all {
		many = append(many, i.ID)
	}
	got, err = s.Reader().Incidents().Rows(ctx, scope.All(), many)
	must(t, err)
	if len(got) != len(all) {
		t.Errorf("Rows of %d ids = %d rows", len(all), len(got))
	}
}

// search follows the index through all that changes it.
func search(t *testing.T, s Store) {
	finds := func(when string, want int, words ...[]string) {
		t.Helper()
		n, err := s.Reader().Incidents().Count(ctx, scope.All(), incident.Filter{Words: words}, 100)
		must(t, err)
		p, err := s.Reader().Incidents().Queue(ctx, scope.All(), incident.Filter{Words: words})
		must(t, err)
		if n != want || len(p.Rows) != want {
			t.Errorf("%s: %v is found %d times, on %d rows; want %d", when, words, n, len(p.Rows), want)
		}
	}
	var a, b *incident.Incident
	m, _ := letter(3, here)
	r := &message.Reading{Index: "фонарь гореть 16а e-mail wi-fi ёж Мир o'neil c:\\temp 5% \"кавычка\" (скобка) * AND NOT №5 https://vk.example/wall-1_2?x=y&z"}
	change(t, s, func(tx incident.Tx) error {
		a, b = open(t, tx, 1, here), open(t, tx, 2, here)
		_, err := tx.Messages().Keep(ctx, m, r)
		return err
	})
	finds("two letters", 2, []string{"яма"})
	finds("a word of one letter alone", 1, []string{"1"}, []string{"яма"})
	finds("a message without an incident", 0, []string{"фонарь"})
	change(t, s, func(tx incident.Tx) error { return tx.Incidents().Attach(ctx, a.ID, m.ID) })
	for _, w := range strings.Fields(r.Index) {
		if strings.Trim(w, "*") != "" {
			finds("attached", 1, []string{w})
		}
	}
	finds("the words of both messages", 1, []string{"яма"}, []string{"фонарь"})
	finds("half a word", 0, []string{"фона"})
	finds("letter case", 1, []string{"ФОНАРЬ"})
	finds("nothing but signs asks for nothing", 2, []string{"*"}, []string{"яма"})
	finds("a query that is no query", 0, []string{`" OR 1 NEAR(`, "') | '"})
	change(t, s, func(tx incident.Tx) error {
		must(t, tx.Incidents().Detach(ctx, a.ID, m.ID))
		finds("not yet committed", 1, []string{"фонарь"})
		return tx.Incidents().Attach(ctx, b.ID, m.ID)
	})
	finds("moved", 1, []string{"фонарь"})
	finds("moved", 0, []string{"фонарь"}, []string{"1"}, []string{"письмо"})
	edit := *m
	edit.Revision.Time = morning.Add(time.Hour)
	keep(t, s, &edit, &message.Reading{Index: "лавка"})
	finds("edited: old word", 0, []string{"фонарь"})
	finds("edited: new word", 1, []string{"лавка"})
	change(t, s, func(tx incident.Tx) error {
		return tx.Messages().Read(ctx, m.ID, &message.Reading{Index: "скамья"})
	})
	finds("read again", 1, []string{"скамья"})
	finds("read again", 0, []string{"лавка"})
	err := s.Change(ctx, incident.People, func(tx incident.Tx) error {
		must(t, tx.Messages().Read(ctx, m.ID, &message.Reading{Index: "тополь"}))
		return errNo
	})
	if err == nil {
		t.Error("a failing change succeeded")
	}
	finds("a change that failed", 0, []string{"тополь"})
	finds("a change that failed", 1, []string{"скамья"})
	finds("a long word", 0, []string{strings.Repeat("д", 5000)})
}
