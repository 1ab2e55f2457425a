package classify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"otklik/data/topics"
	"otklik/internal/fault"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

func reader(tb testing.TB) *russian.Analyzer {
	tb.Helper()
	r, err := russian.New()
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestRules(t *testing.T) {
	t.Parallel()
	r := reader(t)
	const rules = `
# a comment
@ roads.potholes
3 яма|выбоина дорога|"проезжая часть" !двор
1 ухаб
@ waste.collection
2.5 мусор* вывезти
1 "мусорный бак"
`
	rs, err := ParseRules([]byte(rules), r, topic.Default())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		text string
		want map[topic.Code]float32
	}{
		{"На дороге ямы", map[topic.Code]float32{"roads.potholes": 3}},
		{"Выбоины на проезжей части", map[topic.Code]float32{"roads.potholes": 3}},
		{"Проезжая большая часть, яма", nil}, // no phrase: the words are apart
		{"Яма на дороге во дворе", nil},      // forbidden
		{"Яма", nil}, // a clause is missing
		{"Ямы и ухабы, а не дорога", map[topic.Code]float32{"roads.potholes": 3 + 1.0/3}},
		{"Мусорку вывезите!", map[topic.Code]float32{"waste.collection": 2.5}},
		{"Мусорные баки вывезли на дорогу в ямы", map[topic.Code]float32{"waste.collection": 2.5 + 1.0/3, "roads.potholes": 3}},
		{"", nil},
	}
	m := newMatcher(rs)
	for _, tt := range tests {
		m.match(rs, r.Read(tt.text))
		var got map[topic.Code]float32
		for _, x := range m.topics {
			if got == nil {
				got = map[topic.Code]float32{}
			}
			got[rs.topics[x]] = m.weight(x)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("rules on %q (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestBadRulesNameTheirLine(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for name, text := range map[string]string{
		"unknown topic":      "\n@ roads.ufo",
		"no topic":           "\n3 яма",
		"undefined":          "\n@ undefined",
		"no weight":          "@ roads.potholes\nяма дорога",
		"weight of nothing":  "@ roads.potholes\n0 яма",
		"weight not a thing": "@ roads.potholes\nNaN яма",
		"nothing required":   "@ roads.potholes\n3 !двор",
		"weight alone":       "@ roads.potholes\n3",
		"open quote":         "@ roads.potholes\n3 \"проезжая часть",
		"empty alternative":  "@ roads.potholes\n3 яма||ухаб",
		"bar at the end":     "@ roads.potholes\n3 яма|",
		"empty phrase":       "@ roads.potholes\n3 \"\"",
		"quote runs on":      "@ roads.potholes\n3 \"проезжая часть\"яма",
	} {
		_, err := ParseRules([]byte(text), r, topic.Default())
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "line 2") || fault.Sentence(err) == "" {
			t.Errorf("%s: ParseRules = %v, want Invalid at line 2 with a sentence for people", name, err)
		}
	}
}

func TestEveryTopicHasRulesAndExamples(t *testing.T) {
	t.Parallel()
	rs, err := ParseRules(topics.Rules, reader(t), topic.Default())
	if err != nil {
		t.Fatal(err)
	}
	rules := map[topic.Code]int{}
	for _, ru := range rs.rules {
		rules[rs.topics[ru.topic]]++
	}
	examples, err := parseExamples(topics.Examples)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[topic.Code]int{}
	once := map[string]bool{}
	for _, e := range examples {
		texts[topic.Code(e.Label)]++
		if once[e.Text] {
			t.Errorf("the example %q stands twice", e.Text)
		}
		once[e.Text] = true
	}
	for _, tp := range topic.Default().Topics {
		if rules[tp.Code] == 0 {
			t.Errorf("%s has no rule", tp.Code)
		}
		if texts[tp.Code] < 6 {
			t.Errorf("%s has %d examples, want at least 6", tp.Code, texts[tp.Code])
		}
	}
	if texts[topic.Undefined] < 50 {
		t.Errorf("%d examples of no topic, want at least 50", texts[topic.Undefined])
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add("@ roads.potholes\n3 яма|\"проезжая часть\" !двор дорож*", "яма на проезжей части")
	f.Add("@ roads.potholes\n1 * *", "*")
	f.Add("@ roads.potholes\n1 !\n2 \"|\"", "|")
	r := reader(f)
	f.Fuzz(func(t *testing.T, rules, text string) {
		rs, err := ParseRules([]byte(rules), r, topic.Default())
		if err != nil {
			return
		}
		m := newMatcher(rs)
		m.match(rs, r.Read(text))
		for _, x := range m.topics {
			if !(m.weight(x) > 0) {
				t.Errorf("a topic without weight fired")
			}
		}
	})
}
