package russian

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Яма на ул. Ленина. Уберите!", []string{"Яма на ул. Ленина.", "Уберите!"}},
		{"Живу в г. Абакан, д. 5. Нет света… Когда дадут?", []string{"Живу в г. Абакан, д. 5.", "Нет света…", "Когда дадут?"}},
		{"Ответил И. И. Петров. Спасибо", []string{"Ответил И. И. Петров.", "Спасибо"}},
		{"Ямы, лужи и т. д. Почините", []string{"Ямы, лужи и т. д.", "Почините"}},
		{"стоит 5 тыс. рублей. дорого", []string{"стоит 5 тыс. рублей. дорого"}},
		{"Первое\nВторое\n\nтретье\nчетвёртое", []string{"Первое", "Второе", "третье\nчетвёртое"}},
		{"«Сделаем!» Обещали год назад.", []string{"«Сделаем!»", "Обещали год назад."}},
		{"  ", nil},
	} {
		var got []string
		for _, s := range a.Read(c.text).Sentences() {
			got = append(got, c.text[s.Start:s.End])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Sentences(%q) (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestIndexHoldsAllLemmas(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct{ text, want string }{
		{"Мыла стали!", "мыло мыть стать сталь"},
		{"дом 16а, корпус 33/2", "дом 16а корпус 33/2"},
		{"«Ёлку» уберите 😀", "елка убрать"},
		{"", ""},
	} {
		if got := a.Read(c.text).Index(); got != c.want {
			t.Errorf("Index(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestQueryMatchesIndex(t *testing.T) {
	t.Parallel()
	a := open(t)
	want := [][]string{{"дорога"}, {"на"}, {"мыло", "мыть"}, {"16а"}}
	if diff := cmp.Diff(want, a.Query("дорогами, на мыла 16А")); diff != "" {
		t.Errorf("Query (-want +got):\n%s", diff)
	}
	if got := a.Query(" ... "); got != nil {
		t.Errorf("Query of punctuation = %v, want nil", got)
	}
}

func TestKindsShapesNorms(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct {
		text  string
		kind  Kind
		shape Shape
		norm  string
	}{
		{"дорога", Word, Lower, "дорога"},
		{"Дорога", Word, Title, "дорога"},
		{"Я", Word, Title, "я"},
		{"ЖКХ", Word, Upper, "жкх"},
		{"ЖКх", Word, MixedCase, "жкх"},
		{"Комсомольск-на-Амуре", Word, Title, "комсомольск-на-амуре"},
		{"ЁЖ", Word, Upper, "еж"},
		{"Cанкт", Word, Title, "санкт"}, // the first letter is Latin
		{"wi-fi", Word, Lower, "wi-fi"},
		{"o'key", Word, Lower, "o'key"},
		{"2024", Number, Lower, "2024"},
		{"16А", Mixed, Title, "16а"},
		{"16a", Mixed, Lower, "16а"},
		{"33/2", Mixed, Lower, "33/2"},
		{"3к2", Mixed, Lower, "3к2"},
		{"5‑го", Mixed, Lower, "5-го"},
		{"—", Punct, Lower, "-"},
		{"»", Punct, Lower, `"`},
		{"....", Punct, Lower, "…"},
		{"№", Punct, Lower, "№"},
		{"🇷🇺", Symbol, Lower, "🇷🇺"},
		{"❤️", Symbol, Lower, "❤️"},
		{"HTTPS://VK.com/Wall", Link, Lower, "https://vk.com/wall"},
		{"@Abakan_gov", Link, Lower, "@abakan_gov"},
		{"почта.рф", Link, Lower, "почта.рф"},
		{"#ЯмыАбакана@club1", Hashtag, Lower, "ямыабакана"},
		{"қазақ", Word, Lower, "қазақ"},
	} {
		text := a.Read(c.text)
		if len(text.Tokens) != 1 {
			t.Errorf("Read(%q) has %d tokens, want 1", c.text, len(text.Tokens))
			continue
		}
		got := text.Tokens[0]
		if got.Kind != c.kind || got.Shape != c.shape || got.Norm != c.norm {
			t.Errorf("Read(%q) = kind %d, shape %d, norm %q; want %d, %d, %q", c.text, got.Kind, got.Shape, got.Norm, c.kind, c.shape, c.norm)
		}
	}
}

func TestGrammemes(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct {
		word string
		want Gram // the likeliest reading has all of them
	}{
		{"Абакане", Noun | Geox | Loct | Sing},
		{"Владимира", Noun | Name | Masc | Anim},
		{"Сидоровым", Noun | Surn},
		{"Ивановичу", Noun | Patr | Datv | Masc},
		{"уберите", Verb | Impr | Plur},
		{"обещали", Verb | Past | Plur},
		{"сделаем", Verb | Futr | Per1},
		{"разбитую", Femn | Accs | Sing},
		{"пять", Numr},
		{"между", Prep},
		{"шаурмячная", Guessed},
		{"кракозябристый", Adj | Guessed},
	} {
		if got := a.Word(c.word)[0].Gram; !got.Has(c.want) {
			t.Errorf("likeliest reading of %q has grammemes %b, want all of %b", c.word, got, c.want)
		}
	}
	for _, word := range []string{"дорога", "стали", "в"} {
		for _, f := range a.Word(word) {
			if f.Gram.Any(Guessed) {
				t.Errorf("%q is in the dictionary, but %+v is guessed", word, f)
			}
		}
	}
}

func TestUnknownFormsShareALemma(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, forms := range [][]string{
		{"шаурмячная", "шаурмячной", "шаурмячную"},
		{"электросамокат", "электросамокаты", "электросамокатов"},
		{"Кызылгаева", "Кызылгаевой", "Кызылгаеву"},
		{"кракозябристый", "кракозябристого", "кракозябристому"},
	} {
		common := map[string]int{}
		for _, w := range forms {
			seen := map[string]bool{}
			for _, f := range a.Word(w) {
				seen[f.Lemma] = true
			}
			for l := range seen {
				common[l]++
			}
		}
		shared := false
		for _, n := range common {
			shared = shared || n == len(forms)
		}
		if !shared {
			t.Errorf("%v share no lemma: %v", forms, common)
		}
	}
}
