package russian

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestObscene(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct {
		text string
		want []string // the obscene words as written
	}{
		{"какого хуя яма", []string{"хуя"}},
		{"охуевшие цены, заебали уже", []string{"охуевшие", "заебали"}},
		{"это пиздец, долбоёбы", []string{"пиздец", "долбоёбы"}},
		{"блять, бля, БЛЯДЬ", []string{"блять", "бля", "БЛЯДЬ"}},
		{"xyйня и пи3дец", []string{"xyйня", "пи3дец"}},
		{"бляяяяя сууука", []string{"бляяяяя", "сууука"}},
		{"6лядь", []string{"6лядь"}},
		{"по-хуй и на-хуй", []string{"по-хуй", "на-хуй"}},
		{"х**ня, х@й, п*здец, б***ь", []string{"х**ня", "х@й", "п*здец", "б***ь"}},
		{"п..здец на*уй", []string{"п..здец", "на*уй"}},
		{"вот х у й н я какая", []string{"х у й н я"}},
		{"х.у.й.", []string{"х.у.й"}},
		{"cyka blyat", []string{"cyka", "blyat"}},
		{"#пиздец", []string{"#пиздец"}},

		{"страхуй и психуй, тихую сухую глухую безухую", nil},
		{"хлебал, хлебало, гребаный стебель", nil},
		{"оскорблять, употреблять, ослаблять, корабля", nil},
		{"команда мандарин мандат Амандаши", nil},
		{"мудрый мудрец, Худяков, хутор, хулиган, художник", nil},
		{"себя себе небо требовать учебник погреб дебет подебелее мебель", nil},
		{"Херсон херувим Хуснутдинов Ебург", nil},
		{"Иван П***, Елена Х**, М. Е***", nil},
		{"х** знает, п***", []string{"х**", "п***"}},
		{"озеро Сукка, координаты xy", nil},
		{"дрочена пиджак пидбайка гондола", nil},
		{"**важно** 5*6 a_b и * сноска, ул_мира", nil},
		{"а я и в с к о у", nil},
		{"дома 4е6, 44e6, 16б", nil},
		{"Ну...да...надо...ехать", nil},
		{"т.е. и т.д., А. С. Пушкин", nil},
		{"пишите на n@mail.ru", nil},
	} {
		var got []string
		for _, s := range a.Read(c.text).Obscene() {
			got = append(got, c.text[s.Start:s.End])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Obscene(%q) (-want +got):\n%s", c.text, diff)
		}
	}
}

// TestObsceneDictionary looks at every form of the dictionary: besides these
// lemmas nothing is obscene. «сук» and «хулить» share forms with «сука» and «хули».
func TestObsceneDictionary(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("reads the whole dictionary; run without -short")
	}
	want := setOf("блядский блядь бля выблядок дрочить ебальник пидарас пидорас пизда пиздец похерить сука сук хер херик херить " +
		"хериться хуй хулить")
	d, err := openDictionary()
	if err != nil {
		t.Fatal(err)
	}
	forms := 0
	got := map[string]bool{}
	d.words.each(func(key []byte, _ int) {
		forms++
		if obscene(key) {
			for _, f := range d.read(new(slab), key, textOf(key)) {
				got[f.Lemma] = true
			}
		}
	})
	if forms < 3_000_000 {
		t.Errorf("the dictionary has %d forms, want more than 3 million", forms)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("obscene lemmas of the dictionary (-want +got):\n%s", diff)
	}
}

// TestNoRootIsInnocuous looks at every root with every letter that may follow it.
func TestNoRootIsInnocuous(t *testing.T) {
	t.Parallel()
	for _, roots := range rootsBy {
		for _, r := range roots {
			for _, next := range append([]string{""}, strings.Split(string(r.next), "")...) {
				word := []byte(string(r.text) + next)
				if obsceneRussian(word) && (innocuous(word) || innocuous(append(keyOf("по"), word...))) {
					t.Errorf("%s is innocuous at a glance and obscene", textOf(word))
				}
			}
		}
	}
}
