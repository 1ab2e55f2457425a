package kind

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLexiconSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	a, _ := shared()
	if _, err := newLexicon("# comment\nbroken words\n", a); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("newLexicon without a label: %v, want line 2", err)
	}
	lex, err := newLexicon("bad (плохо): яма =нет не+работать дорож*\n good+luck\n", a)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"ямами": 1, "нет": 1, "не работают": 1, "дорожники": 1, "работают": 0, "Good luck": 1, "не, работают": 0,
	} {
		read := a.Read(text)
		n := 0
		for i := range read.Tokens {
			if lex.classes(read.Tokens, i, nil) != 0 {
				n++
			}
		}
		if n != want {
			t.Errorf("classes of %q: %d words, want %d", text, n, want)
		}
	}
}

func TestWeightsMustFitTheLexicon(t *testing.T) {
	t.Parallel()
	_, j := shared()
	for name, text := range map[string]string{
		"a feature is missing":  strings.Replace(weightsText, "\nbias ", "\n# bias ", 1),
		"an unknown feature":    weightsText + "\nnonsense 1\n",
		"no number":             strings.Replace(weightsText, "\nbias ", "\nbias x", 1),
		"no threshold":          strings.Replace(weightsText, "\nthreshold", "\n# threshold", 1),
		"threshold is no share": strings.Replace(weightsText, "\nthreshold 0.", "\nthreshold 4.", 1),
	} {
		if text == weightsText {
			t.Fatalf("%s: the case changes nothing", name)
		}
		if _, err := readModel(text, j.lex); err == nil {
			t.Errorf("readModel when %s: no error", name)
		}
	}
}

func TestWordsMustHaveWeights(t *testing.T) {
	t.Parallel()
	words, weights, err := readWords("# comment\n\n-12 яма =ямами\n7 кот\n")
	if err != nil || len(words) != 3 || words[1] != "=ямами" || weights[1] != -0.12 || weights[2] != 0.07 {
		t.Errorf("readWords = %q, %v, %v", words, weights, err)
	}
	if _, _, err := readWords("1 яма\nяма 2\n"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("readWords without a weight: %v, want line 2", err)
	}
}

func FuzzDecide(f *testing.F) {
	for _, s := range []string{"Нет воды!", "\xff\xd0", "((((", "не не не", "«Ё»—…", strings.Repeat("яма ", 300), "отмените уроки, люк"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // intake hands on valid UTF-8 only
		}
		d := decide(text, Context{})
		if d.Score < 0 || d.Score > 1 || d.Kind == "" || d.Urgency == "" || d.Why == "" {
			t.Fatalf("Decide(%q) = %+v", text, d)
		}
		for _, e := range d.Evidence {
			if e.Start < 0 || e.End > len(text) || e.Start >= e.End {
				t.Fatalf("Decide(%q): evidence %+v is no place of the text", text, e)
			}
		}
	})
}
