package kind

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// What people say to a page of ours in a few words: talk opens nothing, a short
// complaint opens an incident. The golden holds each case with what becomes of
// it; «!» marks the ones that we get wrong, and there may be no more of them.
func TestShortWordsToAPageOfOurs(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, c := range []struct {
		name  string
		opens bool
		wrong int // of the table, at most
	}{{"chat", false, 2}, {"short", true, 0}} {
		table, err := os.ReadFile("testdata/" + c.name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		wrong, lines := 0, strings.Split(strings.TrimSpace(string(table)), "\n")
		for _, text := range lines {
			d, mark := decide(text, Context{Ours: true}), " "
			if d.Opens() != c.opens {
				wrong++
				mark = "!"
			}
			fmt.Fprintf(&got, "%s %-12s %s\n", mark, d.Kind, text)
		}
		if len(lines) < 60 || wrong > c.wrong {
			t.Errorf("%s: %d of %d wrong, want %d at most of 60 or more", c.name, wrong, len(lines), c.wrong)
		}
	}
	const golden = "testdata/short.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("go test ./internal/kind -run ShortWords -update rewrites it:\n%s", diff)
	}
}

// A person who checks the machine looks for what is wrong, not for a greeting.
func TestEvidenceTellsSomething(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Добрый вечер! На улице Мира перед моим домом 12 огромная яма": "яма",
		"Мой двор не чистят":                                                              "не чистят|двор",
		"На Мира снег не чистят, ходить невозможно":                                       "не чистят|снег|невозможно|ходить",
		"Здравствуйте, почему не ходит автобус 15 от вокзала?":                            "не ходит",
		"Добрый вечер! Уберите, пожалуйста, мусор у дома 5, контейнеры не вывозят неделю": "не вывозят|мусор|контейнеры|Уберите|пожалуйста",
		"Уже год на Кирова темно, фонари есть, а толку нет":                               "темно|нет|фонари|Уже год",
		"Уважаемая администрация, когда у нас наконец будет свет во дворе?":               "свет|дворе|когда|администрация",
	} {
		var got []string
		for _, e := range decide(text, Context{Ours: true}).Evidence {
			if e.For == "kind" {
				got = append(got, text[e.Start:e.End])
			}
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("evidence of «%s» = %s, want %s", text, g, want)
		}
	}
}
