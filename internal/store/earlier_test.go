package store_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/internal/scope"
	"otklik/internal/standing"
	"otklik/internal/store"
)

// Of a query that an earlier program saved, the present version is whole, and the
// earlier ones say what they do not know.
func TestVersionsOfAnEarlierProgram(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "otklik.db")
	err := store.MakeAt(ctx, path, 14,
		"INSERT INTO standing (id, version, region, name, name_key, query, is_on, territories, unplaced, channels) VALUES (5, 2, '95000000', 'Ямы', 'ямы', 'яма', 1, '95701000 95708000', 1, 'vk')",
		"INSERT INTO standing_version (standing, version, region, name, query) VALUES (5, 1, '95000000', 'Ямы', 'лужа'), (5, 2, '95000000', 'Ямы', 'яма')",
		"INSERT INTO standing_words (standing, n, region, must, text) VALUES (5, 1, '95000000', 1, 'глубокая яма'), (5, 2, '95000000', 0, 'лужа')")
	if err != nil {
		t.Fatal(err)
	}
	db := openAt(t, "sqlite:"+path)
	q, err := db.Reader().Standing().Query(ctx, scope.All(), 5)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := db.Reader().Standing().Versions(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	examples := []standing.Example{{Text: "глубокая яма", Must: true}, {Text: "лужа"}}
	want := []standing.Version{
		{Version: 2, Name: "Ямы", Text: "яма", Territories: []string{"95701000", "95708000"}, Unplaced: true, Channels: []string{"vk"}, KnowsWhere: true, Examples: examples, KnowsWords: true},
		{Version: 1, Name: "Ямы", Text: "лужа"},
	}
	if diff := cmp.Diff(want, versions); diff != "" {
		t.Errorf("Versions differ (-want +got):\n%s", diff)
	}
	if back := versions[1].Of(q); back.Text != "лужа" || len(back.Territories) != 2 || !cmp.Equal(back.Examples, examples) {
		t.Errorf("a return to it gives %+v", back)
	}
}
