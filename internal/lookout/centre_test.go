package lookout_test

import (
	"fmt"
	"strings"
	"testing"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/watch"
)

// Another municipality, a village of it, and one of Абакан.
const sayan, sayanVillage, village = "95708000", "95708000106", "95701000116"

func centreStaff(centre string) account.Actor {
	return account.Actor{ID: 20, Role: lifecycle.Centre, Scope: scope.OfCentre(khakassia, centre)}
}

func TestACentreSavesForItsOwnTerritory(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	ctx, me := t.Context(), centreStaff(abakan)
	q := &standing.Query{Name: "Парк", Text: "парк & темно", On: true}
	if err := p.Save(ctx, me, q, false); err != nil || q.Place != (scope.Place{Region: khakassia, Centre: abakan}) || q.Owner != me.ID {
		t.Fatalf("Save = %v, it stands at %+v", err, q.Place)
	}
	if len(p.rules) != 1 {
		t.Fatalf("in force: %v", p.inForce())
	}
	for _, c := range []struct {
		where watch.Context
		want  bool
	}{
		{watch.Context{Region: khakassia, Municipality: abakan}, true},
		{watch.Context{Region: khakassia, Municipality: abakan, Settlement: village}, true},
		{watch.Context{Region: khakassia, Municipality: sayan}, false},
		{watch.Context{Region: khakassia}, false}, // nobody knows: the region looks after it
	} {
		if got := p.rules[0].Admits(c.where); got != c.want {
			t.Errorf("a query of Абакан hears %+v: %v, want %v", c.where, got, c.want)
		}
	}
	for _, bad := range []standing.Query{
		{Territories: []string{sayan}}, {Territories: []string{sayanVillage}}, {Territories: []string{khakassia}}, {Territories: []string{abakan, sayan}},
		{Territories: []string{abakan}, Unplaced: true},
	} {
		draft := bad
		draft.Name, draft.Text = "Дальше", "яма"
		wantSentence(t, p.Save(ctx, me, &draft, true), fault.Invalid, "territories", "")
		draft = bad
		draft.Text = "яма"
		if _, err := p.Try(ctx, me, &draft); !fault.Is(err, fault.Invalid) {
			t.Errorf("a preview of %v, unplaced %v = %v", bad.Territories, bad.Unplaced, err)
		}
	}
	own := standing.Query{Name: "Деревня", Text: "яма", Territories: []string{village}}
	if err := p.Save(ctx, me, &own, false); err != nil {
		t.Error(err)
	}
	own.Territories = []string{sayanVillage} // and a later version stays inside, too
	wantSentence(t, p.Save(ctx, me, &own, false), fault.Invalid, "territories", "своего округа")
	own.Territories = []string{sayan}
	wantSentence(t, p.Save(ctx, analyst, &own, false), fault.Invalid, "territories", "только свою") // whoever changes it
}

func TestACentreReadsTheRegionsAndChangesNoneOfThem(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	ctx, me, other := t.Context(), centreStaff(abakan), centreStaff(sayan)
	regions := p.save(t, "Ямы", "яма")
	mine := &standing.Query{Name: "Двор", Text: "@ямы & двор", On: true}
	theirs := &standing.Query{Name: "Двор", Text: "двор & снег", On: true}
	for who, q := range map[*account.Actor]*standing.Query{&me: mine, &other: theirs} { // neither knows of the other's name
		if err := p.Save(ctx, *who, q, false); err != nil {
			t.Fatal(err)
		}
	}
	list, err := p.List(ctx, me.Scope)
	if err != nil || len(list) != 2 {
		t.Fatalf("Абакан sees %d queries, %v", len(list), err)
	}
	for _, w := range list {
		if may := w.Place.Centre != ""; p.MayChange(me, w.Place) != may {
			t.Errorf("%s may be changed: %v, want %v", w.Name, !may, may)
		}
	}
	if all, _ := p.List(ctx, analyst.Scope); len(all) != 3 || !p.MayChange(analyst, mine.Place) {
		t.Errorf("the region sees %d", len(all))
	}
	for name, err := range map[string]error{
		"save":   p.Save(ctx, me, &standing.Query{ID: regions.ID, Name: "Ямы", Text: "люк"}, false),
		"drop":   p.Drop(ctx, me, regions.ID, 0),
		"switch": second(p.Switch(ctx, me, regions.ID, 0, false)),
		"return": second(p.Return(ctx, me, regions.ID, 0, 1, false)),
		"forget": second(p.Forget(ctx, me, regions.ID)),
		"try":    second(p.Try(ctx, me, &standing.Query{ID: regions.ID, Text: "люк"})),
	} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s of what the region has saved = %v, want forbidden", name, err)
		}
	}
	for name, err := range map[string]error{
		"save": p.Save(ctx, me, &standing.Query{ID: theirs.ID, Name: "Двор", Text: "люк"}, false),
		"drop": p.Drop(ctx, me, theirs.ID, 0), "return": second(p.Return(ctx, me, theirs.ID, 0, 1, false)), "forget": second(p.Forget(ctx, me, theirs.ID)),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s of another centre's = %v, want not found", name, err)
		}
	}
	// Names: the region's reach everybody, a centre's reach the centre alone.
	wantSentence(t, p.Save(ctx, analyst, &standing.Query{Name: "Все дворы", Text: "@двор"}, false), fault.Invalid, "query", "@двор")
	wantSentence(t, p.Save(ctx, other, &standing.Query{Name: "Ямы", Text: "снег"}, false), fault.Invalid, "name", "уже есть")
	wantSentence(t, p.Save(ctx, analyst, &standing.Query{Name: "Двор", Text: "снег"}, false), fault.Invalid, "name", "муниципального центра")
	wantSentence(t, p.Drop(ctx, analyst, regions.ID, 0), fault.Invalid, "name", "«Двор»")
	again := *regions
	again.Text = "@двор | яма" // what a centre has saved never changes what the region catches
	wantSentence(t, p.Save(ctx, analyst, &again, true), fault.Invalid, "query", "@двор")
	if err := p.Drop(ctx, me, mine.ID, 0); err != nil {
		t.Error(err)
	}
	if err := p.Drop(ctx, analyst, theirs.ID, 0); err != nil {
		t.Errorf("the region tidies up: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAVersionComesBackWhole(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	ctx := t.Context()
	first := standing.Query{Name: "Ямы", Text: "яма", Note: "проба", On: true, Territories: []string{abakan}, Unplaced: true, Channels: []string{"vk"},
		Examples: []standing.Example{{Text: "глубокая яма", Must: true}, {Text: "лужа"}}}
	if err := p.Save(ctx, analyst, &first, false); err != nil {
		t.Fatal(err)
	}
	q := first
	q.Name, q.Text, q.Note, q.On, q.Territories, q.Unplaced, q.Channels = "Люки", "люк", "", false, nil, false, nil
	q.Examples = []standing.Example{{Text: "открыт люк", Must: true}}
	if err := p.Save(ctx, analyst, &q, false); err != nil {
		t.Fatal(err)
	}
	curator := account.Actor{ID: 8, Role: lifecycle.Curator, Scope: scope.OfRegion(khakassia)}
	wantSentence(t, second(p.Return(ctx, curator, q.ID, 1, 1, false)), fault.Conflict, "", "изменил кто-то ещё")
	wantSentence(t, second(p.Return(ctx, curator, q.ID, 2, 9, false)), fault.NotFound, "", "версии")
	back, err := p.Return(ctx, curator, q.ID, 2, 1, false)
	if err != nil || back.Version != 3 {
		t.Fatalf("Return = %+v, %v", back, err)
	}
	now, err := p.One(ctx, analyst.Scope, q.ID)
	if err != nil || !now.Same(&first) || now.Version != 3 || now.ChangedBy != curator.ID || now.Owner != analyst.ID {
		t.Errorf("after the return %+v, %v", now, err)
	}
	versions, err := p.Versions(ctx, q.ID)
	if err != nil || len(versions) != 3 || versions[0].ChangedBy != curator.ID || fmt.Sprint(versions[0].Territories, versions[1].Territories) != "["+abakan+"] []" ||
		len(versions[1].Examples) != 1 || versions[1].Examples[0].Text != "открыт люк" {
		t.Errorf("Versions = %+v, %v", versions, err)
	}
	if n, err := p.Forget(ctx, analyst, q.ID); n != 3 || err != nil {
		t.Errorf("Forget = %d, %v, want the 3 examples of two versions", n, err)
	}
	if _, err := p.Return(ctx, analyst, q.ID, 0, 2, true); err != nil {
		t.Fatal(err)
	}
	now, err = p.One(ctx, analyst.Scope, q.ID)
	if err != nil || now.Text != "люк" || len(now.Examples) != 2 || now.Examples[0].Text != "глубокая яма" || now.Failing != 1 {
		t.Errorf("a version without its examples keeps the present ones: %+v, %v", now, err)
	}
	audit, err := p.db.Reader().Audit().Entries(ctx, scope.All(), 9)
	var said []string
	for _, e := range audit {
		said = append(said, e.Subject)
	}
	if err != nil || !strings.Contains(fmt.Sprint(said), fmt.Sprintf("standing:%d:examples_erased", q.ID)) {
		t.Errorf("the audit says %v, %v", said, err)
	}
}
