package russian

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/data/lemmas"
)

func dictionaryFile() string {
	file, _ := lemmas.Dictionary() // an error is an empty file, which every test notices
	return file
}

func open(tb testing.TB) *Analyzer {
	tb.Helper()
	a, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// TestLemmas lists words with the lemmas they must have, the likeliest first.
func TestLemmas(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct{ word, want string }{
		{"стали", "стать сталь"},
		{"мыла", "мыло мыть"},
		{"все", "весь все"},
		{"всё", "весь все"},
		{"ЁЛКИ", "елка"},
		{"дорог", "дорога дорогой"},
		{"ямами", "яма ям"},
		{"Абакане", "абакан"},
		{"Черногорска", "черногорск"},
		{"Лысьве", "лысьва"},
		{"Ивановичу", "иванович"},
		{"Петровной", "петровна"},
		{"красивейшими", "красивый"},
		{"заасфальтированную", "заасфальтировать"},
		{"отремонтировавшими", "отремонтировать"},
		{"Комсомольске-на-Амуре", "комсомольск-на-амуре"},
		{"кое-где", "кое-где"},
		{"дай-ка", "дать дая"},
		{"ули-ца", "улица"},
		{"электросамокатами", "электросамокат"},
		{"горсоветом", "горсовет"},
		{"пер", "переть переулок"},
		{"б-р", "бульвар"},
		{"г", "год город"},
		{"в", "в"},
		{"и", "и"},
		{"xорошую", "хороший"},
		{"до\u00adро\u00adге", "дорога"},
		{"за\u0301мки", "замок"},
		{"бои\u0306лер", "бойлер"},
	} {
		text := a.Read(c.word)
		if len(text.Tokens) != 1 {
			t.Errorf("Read(%q) has %d tokens, want 1", c.word, len(text.Tokens))
			continue
		}
		if got := strings.Join(text.Tokens[0].Lemmas(), " "); got != c.want {
			t.Errorf("lemmas of %q = %q, want %q", c.word, got, c.want)
		}
	}
}

// TestTokens lists texts with their tokens as written.
func TestTokens(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct{ text, want string }{
		{"Яма на ул.Ленина,16а", "Яма на ул . Ленина , 16а"},
		{"дом 33/2, 3к2 и 5-го", "дом 33/2 , 3к2 и 5-го"},
		{"трасса М-54, А-322", "трасса М-54 , А-322"},
		{"ул. Ленина-5", "ул . Ленина - 5"},
		{"8-800-555 с 10-12", "8 - 800 - 555 с 10 - 12"},
		{"5-этажный дом", "5 - этажный дом"},
		{"что-ли так-же", "что - ли так - же"},
		{"диван-кровать", "диван - кровать"},
		{"б-р Победы", "б-р Победы"},
		{"см. https://a.ru/x?y=1, и b.com/c.", "см . https://a.ru/x?y=1 , и b.com/c ."},
		{"пишите ivan.k@mail.ru!", "пишите ivan.k@mail.ru !"},
		{"@abakan_gov #ямы_Абакан@page :)", "@abakan_gov #ямы_Абакан@page : )"},
		{"[id12|Иван], спасибо", "[id12| Иван ] , спасибо"},
		{"госуслуги.рф", "госуслуги.рф"},
		{"конец.Рядом", "конец . Рядом"},
		{"ура😀👍🏽!!!", "ура 😀 👍🏽 !!!"},
		{"«Так» — сказал…", "« Так » — сказал …"},
		{"1 000 руб/мес", "1 000 руб / мес"},
		{"\xff\xfeяма\xd0", "\xff\xfe яма \xd0"},
		{"магазинаʼ-ʼкафеʼ", "магазина ʼ - ʼ кафе ʼ"},
		{"", ""},
	} {
		text := a.Read(c.text)
		var got []string
		for _, tok := range text.Tokens {
			got = append(got, c.text[tok.Start:tok.End])
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("tokens of %q (-want +got):\n%s", c.text, diff)
		}
	}
}
