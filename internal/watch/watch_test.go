package watch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"otklik/internal/fault"
	"otklik/internal/russian"
)

// plain is a reader without a dictionary: words are runs of letters, and the
// first letter is a second lemma of words that end in «а», so that forms meet
// and ambiguity exists.
type plain struct{}

func (plain) Read(text string) *russian.Text {
	t := &russian.Text{Source: text}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsLetter(r):
			end := i
			for end < len(text) {
				r, size := utf8.DecodeRuneInString(text[end:])
				if !unicode.IsLetter(r) {
					break
				}
				end += size
			}
			w := strings.ToLower(text[i:end])
			tok := russian.Token{Start: i, End: end, Norm: w, Forms: []russian.Form{{Lemma: w}}}
			if strings.HasSuffix(w, "а") {
				_, n := utf8.DecodeRuneInString(w)
				tok.Forms = append(tok.Forms, russian.Form{Lemma: w[:n]})
			}
			t.Tokens = append(t.Tokens, tok)
			i = end
		case unicode.IsSpace(r):
			i += size
		default:
			t.Tokens = append(t.Tokens, russian.Token{Start: i, End: i + size, Kind: russian.Punct, Norm: text[i : i+size]})
			i += size
		}
	}
	return t
}

func mustParse(t testing.TB, r Reader, query string) *Query {
	t.Helper()
	q, err := Parse(r, query)
	if err != nil {
		t.Fatalf("Parse(%s): %v: %s", query, err, fault.Sentence(err))
	}
	return q
}

func TestParsePlainestForm(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`яма`:                     `яма`,
		`яма дорога`:              `яма & дорога`,
		`яма|дорога свет`:         `яма | дорога & свет`,
		`(яма|дорога) свет`:       `(яма | дорога) & свет`,
		`яма & !(продам | куплю)`: `яма & !(продам | куплю)`,
		`!!яма`:                   `яма`,
		`"нет воды"`:              `"нет воды"`,
		`«нет воды»~5`:            `"нет воды"~5`,
		`"яма"`:                   `яма`,
		`дорож*`:                  `дорож*`,
		`"ремонт* дорог"`:         `"ремонт* дорог"`,
		`из-за ямы`:               `"из за" & ямы`,
		`((яма))`:                 `яма`,
	} {
		q := mustParse(t, plain{}, query)
		if got := q.String(); got != want {
			t.Errorf("Parse(%s) = %s, want %s", query, got, want)
		}
		if q.Source() != query {
			t.Errorf("Parse(%s).Source() = %s", query, q.Source())
		}
		if again := mustParse(t, plain{}, q.String()).String(); again != want {
			t.Errorf("Parse(%s) twice = %s, want %s", query, again, want)
		}
	}
}

func TestParsePointsAtTheColumn(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		``:                      "Столбец 1: запрос пуст, напишите хотя бы одно слово.",
		`  `:                    "Столбец 1: запрос пуст, напишите хотя бы одно слово.",
		`(яма`:                  "Столбец 1: скобка не закрыта.",
		`яма)`:                  "Столбец 4: лишняя закрывающая скобка.",
		`яма & `:                "Столбец 7: запрос оборван: после знака ждём слово, фразу или скобку.",
		`яма | & б`:             "Столбец 7: перед знаком «&» нет слова.",
		`()`:                    "Столбец 2: в скобках пусто, напишите в них слово.",
		`"нет воды`:             "Столбец 1: кавычка не закрыта.",
		`свет ""`:               "Столбец 6: в кавычках пусто, напишите в них слово.",
		`"нет | воды"`:          "Столбец 6: внутри кавычек стоят только слова, без знака «|».",
		`"нет воды"~`:           "Столбец 11: после ~ ждём расстояние в словах от 1 до 100.",
		`"нет воды"~много`:      "Столбец 11: после ~ ждём расстояние в словах от 1 до 100.",
		`"а б в г"~2`:           "Столбец 10: расстояние меньше самой фразы: в ней 4 слов.",
		`яма ~5`:                "Столбец 5: знак ~ стоит только после фразы в кавычках: \"нет воды\"~5.",
		`яма * `:                "Столбец 5: звёздочка стоит только сразу после начала слова: дорож*.",
		`я*`:                    "Столбец 1: начало слова слишком короткое: нужны хотя бы две буквы.",
		`яма & ...`:             "Столбец 7: здесь нет слова: одни знаки.",
		`!яма`:                  "Столбец 1: такой запрос подойдёт почти к любому сообщению: добавьте слово, которое обязано в нём быть.",
		`яма | !свет`:           "Столбец 1: такой запрос подойдёт почти к любому сообщению: добавьте слово, которое обязано в нём быть.",
		"\"а б в г д е ж з\"~9": "Столбец 18: расстояние ставят между двумя–шестью словами, здесь их 8.",
		strings.Repeat("(", 60) + "яма" + strings.Repeat(")", 60): "Столбец 52: скобки и отрицания вложены глубже 50 раз.",
	} {
		_, err := Parse(plain{}, query)
		var p *ParseError
		if !errors.As(err, &p) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("Parse(%s) error = %v, want a ParseError of kind invalid", query, err)
			continue
		}
		if got := fault.Sentence(err); got != want {
			t.Errorf("Parse(%s) says %s, want %s", query, got, want)
		}
	}
}

func TestParseLength(t *testing.T) {
	t.Parallel()
	if _, err := Parse(plain{}, strings.Repeat("яма ", 2000)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Parse of 8,000 characters: %v, want invalid", err)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, text, want string // want: evidence, words joined by a blank; "-" = no match
	}{
		{`яма`, `Опять яма!`, "яма"},
		{`яма`, `Опять лужа!`, "-"},
		{`яма & дорога`, `На дороге... дорога, яма`, "дорога яма"},
		{`яма & !дорога`, `дорога, яма`, "-"},
		{`яма & !дорога`, `яма`, "яма"},
		{`(яма | лужа) двор`, `двор и лужа`, "двор лужа"},
		{`"нет воды"`, `Опять нет воды`, "нет воды"},
		{`"нет воды"`, `нет, воды`, "нет воды"},
		{`"нет воды"`, `воды нет`, "-"},
		{`"нет воды"`, `нет горячей воды`, "-"},
		{`"нет воды"~2`, `воды горячей нет`, "воды нет"},
		{`"нет воды"~2`, `воды уже неделю нет`, "-"},
		{`"нет воды"~3`, `воды уже неделю нет`, "воды нет"},
		{`"яма яма"~5`, `яма`, "-"},
		{`"яма яма"~5`, `яма, яма`, "яма яма"},
		{`"нет воды света"~3`, `света и воды нет`, "света воды нет"},
		{`дорож*`, `Дорожники и дорожка`, "Дорожники дорожка"},
		{`"дорож* служба"`, `дорожная служба`, "дорожная служба"},
	} {
		q := mustParse(t, plain{}, c.query)
		s := NewSet([]*Query{nil, q})
		var b Buffer
		text := plain{}.Read(c.text)
		got := "-"
		for _, h := range s.Match(text, &b) {
			if h.Query != 1 {
				t.Errorf("Match(%s) hits query %d, want 1", c.query, h.Query)
			}
			var words []string
			for _, sp := range s.Spans(h, text, &b, nil) {
				words = append(words, c.text[sp.Start:sp.End])
			}
			got = strings.Join(words, " ")
		}
		if got != c.want {
			t.Errorf("Match(%s, %s) = %s, want %s", c.query, c.text, got, c.want)
		}
	}
}

// TestAQueryMatchesOnce asks queries that wait under several terms of the text.
func TestAQueryMatchesOnce(t *testing.T) {
	t.Parallel()
	words := strings.Fields("а б в г д е ж з")
	text := plain{}.Read(strings.Join(words, " "))
	var b Buffer
	for n := 2; n <= len(words); n++ {
		or := strings.Join(words[:n], " | ")
		for _, q := range []string{or, "(" + or + ") & з", "(" + or + ") & з & !нет", "(" + or + ") & !(нет | никак | вовсе)", or + ` | "е ж"`, "(" + or + `) & "ж з"`} {
			if hits := NewSet([]*Query{mustParse(t, plain{}, q)}).Match(text, &b); len(hits) != 1 {
				t.Errorf("%s matches %d times, want once", q, len(hits))
			}
		}
	}
}

// wordGen draws from so few words that queries and texts meet often.
var wordGen = rapid.SampledFrom([]string{"а", "б", "ба", "бва", "в", "ва", "вода", "г", "га", "дом", "дома"})

func exprGen(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kind := rapid.IntRange(0, 8).Draw(t, "kind")
		if depth == 0 {
			kind %= 4
		}
		if kind == 8 {
			return rapid.SampledFrom([]string{"длина>9", "длина<=4", "язык:русский", "мат:нет", "источник:вк", `автор:"А б"`}).Draw(t, "condition")
		}
		switch kind {
		case 0, 1:
			return wordGen.Draw(t, "word")
		case 2:
			q := `"` + strings.Join(rapid.SliceOfN(wordGen, 1, 3).Draw(t, "phrase"), " ") + `"`
			if rapid.Bool().Draw(t, "near") {
				q += fmt.Sprintf("~%d", rapid.SampledFrom([]int{2, 3, 4, 5, 6, maxBits - 1, maxBits}).Draw(t, "n"))
			}
			return q
		case 3:
			return rapid.SampledFrom([]string{"ба*", "во*", "дом*", "бв*"}).Draw(t, "prefix")
		case 4:
			return "!" + exprGen(depth-1).Draw(t, "not")
		}
		op := rapid.SampledFrom([]string{" ", " & ", " | "}).Draw(t, "op")
		parts := rapid.SliceOfN(exprGen(depth-1), 2, 6).Draw(t, "parts")
		return "(" + strings.Join(parts, op) + ")"
	})
}

func TestSetAgreesWithNaiveEvaluation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var queries []*Query
		for _, src := range rapid.SliceOfN(exprGen(3), 1, 12).Draw(t, "queries") {
			q, err := Parse(plain{}, src)
			if err != nil {
				continue // no required word
			}
			again, err := Parse(plain{}, q.String())
			if err != nil || again.String() != q.String() {
				t.Fatalf("Parse(%s) = %v, %v, want itself", q, again, err)
			}
			queries = append(queries, q)
		}
		s := NewSet(queries)
		var b Buffer
		for _, words := range rapid.SliceOfN(rapid.SliceOfN(wordGen, 0, 12), 1, 4).Draw(t, "texts") {
			// Some texts are long, and what matters stands around the place where they become so.
			fill := rapid.SampledFrom([]int{0, 0, 0, maxBits - 12, maxBits - 6, maxBits - 1, maxBits, maxBits + 6}).Draw(t, "fill")
			words = slices.Insert(words, rapid.IntRange(0, len(words)).Draw(t, "at"), slices.Repeat([]string{"ж"}, fill)...)
			text := plain{}.Read(strings.Join(words, " "))
			var got, want []int32
			for _, h := range s.Match(text, &b) {
				got = append(got, h.Query)
				spans := s.Spans(h, text, &b, nil)
				if len(spans) == 0 {
					t.Fatalf("query %s matches %q without evidence", queries[h.Query], text.Source)
				}
			}
			slices.Sort(got)
			for i, q := range queries {
				if naive(q.root, text) {
					want = append(want, int32(i))
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("Match(%q) over %v (-naive +set):\n%s", text.Source, queries, d)
			}
		}
	})
}

func TestRuleAdmits(t *testing.T) {
	t.Parallel()
	abakan := Context{Region: "95000000", Municipality: "95701000", Settlement: "95701000001", Source: "vk"}
	for name, c := range map[string]struct {
		rule Rule
		ctx  Context
		want bool
	}{
		"no condition":             {Rule{}, Context{}, true},
		"region":                   {Rule{Regions: []string{"95000000"}}, abakan, true},
		"another region":           {Rule{Regions: []string{"57000000"}}, abakan, false},
		"one of two levels":        {Rule{Regions: []string{"57000000"}, Settlements: []string{"95701000001"}}, abakan, true},
		"territory not known":      {Rule{Regions: []string{"95000000"}}, Context{Source: "vk"}, false},
		"not known but wanted":     {Rule{Regions: []string{"95000000"}, Unplaced: true}, Context{Source: "vk"}, true},
		"source":                   {Rule{Sources: []string{"vk", "ok"}}, abakan, true},
		"another source":           {Rule{Sources: []string{"telegram"}}, abakan, false},
		"source and municipality":  {Rule{Sources: []string{"vk"}, Municipalities: []string{"95701000"}}, abakan, true},
		"source not known, wanted": {Rule{Sources: []string{"vk"}}, Context{}, false},
	} {
		if got := c.rule.Admits(c.ctx); got != c.want {
			t.Errorf("%s: Admits = %v, want %v", name, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`яма & !("нет воды"~5 | дорож*)`, `яма длина>5 мат:нет`, `яма & автор:"а" & @набор`, `((`, `"а`, `!`, `а~`, "\x00\xff", `«а б»~2 | в`} {
		f.Add(seed, "яма, нет уже воды")
	}
	f.Fuzz(func(t *testing.T, query, message string) {
		q, err := Parse(plain{}, query)
		if err != nil {
			var p *ParseError
			if !errors.As(err, &p) || p.Column < 1 || p.Column > utf8.RuneCountInString(query)+1 {
				t.Fatalf("Parse(%q) error %v does not point into the query", query, err)
			}
			return
		}
		again, err := Parse(plain{}, q.String())
		if err != nil || again.String() != q.String() {
			t.Fatalf("Parse(%q) = %q, reads again as %v, %v", query, q, again, err)
		}
		text := plain{}.Read(message)
		if len(countedTokens(text)) > 12 {
			return // the naive evaluator tries all orders
		}
		s := NewSet([]*Query{q})
		var b Buffer
		if got, want := len(s.Match(text, &b)) == 1, naive(q.root, text); got != want {
			t.Fatalf("Match(%q, %q) = %v, want %v", q, message, got, want)
		}
	})
}

func TestMentionsAreOfTheQueryItself(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"яма & двор": "[]",
		"@Дороги & (@дворы | !@дороги)": "[дороги дворы]",
		`"@имя" & «@другое» @объём`:     "[объем]",
		`автор:"@имя" & @а)((`:          "[а]",
		"@ & яма@почта":                 "[]",
	} {
		if got := fmt.Sprint(Mentions(source)); got != want {
			t.Errorf("Mentions(%s) = %s, want %s", source, got, want)
		}
	}
	names := Names{"объем": "яма"}
	if _, err := ParseWith(plain{}, "@Объём & двор", names); err != nil {
		t.Errorf("a name with ё is found under е: %v", err)
	}
}

func TestUnplacedMeansNoFinerThanTheRegion(t *testing.T) {
	t.Parallel()
	r := Rule{Municipalities: []string{"95701000"}, Unplaced: true}
	for c, want := range map[Context]bool{
		{}:                   true,
		{Region: "95000000"}: true,
		{Region: "38000000"}: false,
		{Region: "95000000", Municipality: "95715000"}: false,
		{Region: "95000000", Municipality: "95701000"}: true,
	} {
		if got := r.Admits(c); got != want {
			t.Errorf("Admits(%+v) = %v, want %v", c, got, want)
		}
	}
}
