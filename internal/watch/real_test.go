package watch

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"otklik/internal/russian"
)

var analyzer = sync.OnceValue(func() *russian.Analyzer {
	a, err := russian.New()
	if err != nil {
		panic(err)
	}
	return a
})

func TestInflectedForms(t *testing.T) {
	t.Parallel()
	a := analyzer()
	for _, c := range []struct {
		query, text string
		want        bool
	}{
		{"яма", "Ямами усеяна вся дорога", true},
		{"люди", "Человека чуть не сбили", true},
		{"ёлка", "У ЕЛКИ не горят огни", true},
		{`"нет воды"`, "Нет воды!", true},
		{`"отключить вода"`, "Опять отключили воду", true},
		{"асфальт", "Асвальт положили", false},
		{"асвальт", "нет асвальта", true}, // both unknown, one stem
		{"дорожн*", "Дорожники не приехали", true},
		{"яма", "#яма на въезде", true},
		{"112", "звонил 112", true},
		{"вода & !горячий", "Нет горячей воды", false},
	} {
		s := NewSet([]*Query{mustParse(t, a, c.query)})
		var b Buffer
		if got := len(s.Match(a.Read(c.text), &b)) == 1; got != c.want {
			t.Errorf("Match(%s, %s) = %v, want %v", c.query, c.text, got, c.want)
		}
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	a := analyzer()
	s := NewSet([]*Query{mustParse(t, a, `яма & "нет воды"~5 | дорож*`), mustParse(t, a, `двор`)})
	text := a.Read("Во дворе яма, воды уже нет, дорожка разбита, двор")
	var b Buffer
	s.Match(text, &b)
	if n := testing.AllocsPerRun(100, func() { s.Match(text, &b) }); n != 0 {
		t.Errorf("Match allocates %v times a message, want 0", n)
	}
}

func TestOneSetServesManyGoroutines(t *testing.T) {
	t.Parallel()
	a := analyzer()
	s := NewSet([]*Query{mustParse(t, a, "яма & дорога"), mustParse(t, a, `"нет света"~3`)})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var b Buffer
			for range 200 {
				if got := s.Match(a.Read("На дороге яма, света опять нет"), &b); len(got) != 2 {
					t.Errorf("Match = %v, want both queries", got)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestAgreesOnTheStream compares the set with the naive evaluator on the first
// thousand messages of the stream and all its queries.
func TestAgreesOnTheStream(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		t.Skip("OTKLIK_DATA is not set: it names the folder with perf/messages.txt and perf/queries_10000.txt")
	}
	a := analyzer()
	var queries []*Query
	for _, l := range head(t, filepath.Join(dir, "perf", "queries_10000.txt"), 10000) {
		queries = append(queries, mustParse(t, a, l))
	}
	s := NewSet(queries)
	var b Buffer
	messages, hits := head(t, filepath.Join(dir, "perf", "messages.txt"), 1000), 0
	for _, m := range messages {
		text := a.Read(m)
		var got []int32
		for _, h := range s.Match(text, &b) {
			got = append(got, h.Query)
		}
		slices.Sort(got)
		hits += len(got)
		for i, q := range queries {
			_, found := slices.BinarySearch(got, int32(i))
			if want := naive(q.root, text); found != want {
				t.Fatalf("query line %d on a message of %d bytes: set %v, naive %v", i+1, len(m), found, want)
			}
		}
	}
	t.Logf("%d queries × %d messages agree, %d matches", len(queries), len(messages), hits)
}

func head(t *testing.T, path string, n int) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for sc := bufio.NewScanner(f); len(lines) < n && sc.Scan(); {
		lines = append(lines, strings.Clone(sc.Text()))
	}
	return lines
}

func TestDefaultWatchCatchesWhatResidentsWrite(t *testing.T) {
	t.Parallel()
	a := analyzer()
	rules, err := Default(a)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSet(Queries(rules))
	var b Buffer
	for text, want := range map[string]string{
		"Да у нас все дороги в ужасном состоянии, когда это кончится!":              "Дороги и тротуары",
		"Уже год течет задвижка в тепловом колодце напротив дома по Чертыгашева 33": "Вода, тепло и газ",
		"Уберите стихийную свалку в нашем дворе!":                                   "Мусор и чистота",
		"прошу губернатора отменить занятия":                                        "Просьбы и вопросы",
		"Подскажите, как записаться к окулисту":                                     "Медицина",
	} {
		var got []string
		for _, h := range s.Match(a.Read(text), &b) {
			got = append(got, rules[h.Query].Name)
		}
		if !slices.Contains(got, want) {
			t.Errorf("Default on %s: %v, want %s among them", text, got, want)
		}
	}
	if hits := s.Match(a.Read("Люблю тебя, милая моя"), &b); len(hits) != 0 {
		t.Errorf("Default on a love letter: %v", hits)
	}
}

func TestParseRulesNamesTheLine(t *testing.T) {
	t.Parallel()
	if _, err := ParseRules(plain{}, "# comment\nДороги: яма\n | выбоина\nСвет: (фонарь"); err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("ParseRules: %v, want an error on line 4", err)
	}
	rules, err := ParseRules(plain{}, "Дороги: яма\n | выбоина")
	if err != nil || len(rules) != 1 || rules[0].Query.String() != "яма | выбоина" {
		t.Errorf("ParseRules over two lines = %v, %v", rules, err)
	}
}
