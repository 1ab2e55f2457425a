package kind

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"otklik/internal/russian"
)

var fit = flag.Bool("fit", false, "fit weights.txt and words.txt on OTKLIK_DATA")

// An example is one text as features, with its label and importance.
type example struct {
	seen   []int32
	x      []float32
	y      bool
	weight float64
	src    int
	shape  shape
}

// samples reads the corpora. "held" are lines of our own that nothing is fitted on.
func samples(t *testing.T, a *russian.Analyzer) []sample {
	dir := dataDir(t)
	lex, err := newLexicon(lexiconText, a)
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	add := func(id string, list []sample) {
		for _, s := range list {
			s.id = id
			all = append(all, s)
		}
	}
	add("telegram", readPosts(t, dir))
	add("kursk", readCSV(t, filepath.Join(dir, "kursk", "train.csv")))
	add("perm", readCSV(t, filepath.Join(dir, "perm", "messages.csv")))
	add("perm", readCSV(t, filepath.Join(dir, "perm", "labelled.csv")))
	for _, name := range []string{"ours", "foreign"} {
		add("own", readLines(t, filepath.Join("testdata", name+".txt"), name == "ours"))
		add("held", readLines(t, filepath.Join("testdata", "held", name+".txt"), name == "ours"))
	}
	add("almaty", readAlmaty(t, dir))
	for _, text := range talk(t, dir, lex, a) {
		all = append(all, sample{id: "talk", text: text, fold: part(text)})
	}
	return all
}

func readLines(t *testing.T, path string, ours bool) (out []sample) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		out = append(out, sample{text: line, fold: part(line), ours: ours})
	}
	return out
}

// importance says what a text of each source counts.
var importance = map[string]float64{
	"telegram": 1,
	"kursk":    1,
	"perm":     0.3, // no labels: some of them want nothing
	"almaty":   0.3, // short and much alike
	"own":      2,
	"talk":     0.1, // its label is a guess
	"held":     0,
}

// rare is in how many texts a word must stand to get a weight of its own.
const rare = 4

// loose lists the lemmas and the forms that stand in enough of the texts, names of
// people and places apart: they would tell the town that the texts come from.
func loose(all []sample, a *russian.Analyzer) []string {
	const names = russian.Guessed | russian.Name | russian.Surn | russian.Patr | russian.Geox
	texts := map[string]int{}
	for _, s := range all {
		if importance[s.id] == 0 {
			continue
		}
		seen := map[string]bool{}
		tokens := a.Read(s.text).Tokens
		for i := range tokens {
			k := &tokens[i]
			if k.Kind != russian.Word || len(k.Forms) == 0 || k.Any(names) || k.Obscene {
				continue
			}
			seen["="+k.Norm] = true
			for _, l := range k.Lemmas() {
				seen[l] = true
			}
		}
		for w := range seen {
			texts[w]++
		}
	}
	var out []string
	for w, n := range texts {
		if n >= rare {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return out
}

func examples(t *testing.T) (*lexicon, []sample, []example) {
	a, err := russian.New()
	if err != nil {
		t.Fatal(err)
	}
	all := samples(t, a)
	lex, err := newLexicon(lexiconText, a, loose(all, a)...)
	if err != nil {
		t.Fatal(err)
	}
	g := lex.groups()
	var ex []example
	var s signals
	for i, sm := range all {
		for sh := range shapes {
			sh := shape(sh)
			if sh == barest && sm.id != "telegram" {
				continue // others have no such links
			}
			text, weight := sh.of(sm.text), importance[sm.id]
			if sh == headline {
				if sm.id == "talk" || sm.id == "own" || sm.id == "held" {
					continue // short as they are
				}
				text = headed(&sm, func(line string) bool {
					lex.look(a.Read(line), &g, &s)
					return s.any(g.trouble) && s.any(g.thing)
				})
				if text == "" {
					continue
				}
				weight *= 0.5 // half of what was said is a weak label
			}
			lex.look(a.Read(text), &g, &s)
			ex = append(ex, example{slices.Clone(s.seen.list), slices.Clone(s.x), sm.ours, weight, i, sh})
		}
	}
	return lex, all, ex
}

// ridges says how much each weight is held back. Marks of typography depend on
// where a text was typed more than on what it is: they get a short leash.
func ridges(lex *lexicon) []float64 {
	r := make([]float64, len(lex.features()))
	for i := range r {
		r[i] = 2
	}
	r[fBias] = 1e-6
	for _, i := range []int{fTight, fLoose, fQuotes, fDash, fNoEnd} {
		r[i] = 10
	}
	return r
}

// talk returns lines of the mixed stream that name nothing of the city and no
// trouble: jokes, dialogue, prose. Nobody labelled them; that nothing is named
// is the label.
func talk(t *testing.T, dir string, lex *lexicon, a *russian.Analyzer) []string {
	b, err := os.ReadFile(filepath.Join(dir, "perf", "messages.txt"))
	if err != nil {
		t.Fatal(err)
	}
	g := lex.groups()
	named := g.thing | lex.group("damage", "filth", "complain", "plead", "demand", "danger", "build", "weak", "notdone")
	var s signals
	var out []string
	for i, line := range strings.Split(string(b), "\n") {
		if i%8 != 0 {
			continue
		}
		lex.look(a.Read(line), &g, &s)
		if s.words >= 4 && !s.any(named) {
			out = append(out, line)
		}
	}
	return out
}

// wordRidge holds the words' own weights back: with 1 the complaints gain a
// little, and words begin to know the town they were read in.
const wordRidge = 3

// trifle is the least weight of a word that is written down.
const trifle = 0.08

// A fitted model: weights of features and of words.
type fitted struct{ features, words []float64 }

func fitOn(lex *lexicon, ex []example, use func(*example) bool) fitted {
	used := func(e *example) bool { return e.weight > 0 && use(e) }
	w := logistic(ex, used, ridges(lex))
	return fitted{w, words(ex, used, w, len(lex.words), wordRidge)}
}

func (f fitted) score(e *example) float64 { return score(f.features, e.x) + sum(f.words, e.seen) }

// crossValidate scores every example by weights that saw neither its channel nor
// its part of the other texts.
func crossValidate(lex *lexicon, all []sample, ex []example) []float64 {
	z := make([]float64, len(ex))
	for k := range parts {
		f := fitOn(lex, ex, func(e *example) bool { return all[e.src].fold != k })
		for i := range ex {
			if all[ex[i].src].fold == k {
				z[i] = f.score(&ex[i])
			}
		}
	}
	return z
}

// limits are the shares of posts that the threshold lets through, by their shape:
// under what we promise, because a threshold moves on channels that nobody has seen.
var limits = map[shape]float64{full: 0.006, bare: 0.015}

// choose returns the least score that keeps all limits among the posts that want holds for.
func choose(all []sample, ex []example, z []float64, want func(*sample) bool) float64 {
	th := math.Inf(-1)
	for sh, limit := range limits {
		s := pick(all, ex, z, func(s *sample, e *example) bool { return s.id == "telegram" && e.shape == sh && want(s) })
		slices.Sort(s)
		th = max(th, s[int(float64(len(s))*(1-limit))])
	}
	return th
}

func pick(all []sample, ex []example, z []float64, want func(*sample, *example) bool) []float64 {
	var out []float64
	for i := range ex {
		if want(&all[ex[i].src], &ex[i]) {
			out = append(out, z[i])
		}
	}
	return out
}

// TestFit fits weights.txt and words.txt anew: go test ./internal/kind -run TestFit -fit.
func TestFit(t *testing.T) {
	if !*fit {
		t.Skip("fits weights.txt and words.txt anew with -fit; it needs OTKLIK_DATA")
	}
	lex, all, ex := examples(t)
	z := crossValidate(lex, all, ex)
	th := choose(all, ex, z, func(*sample) bool { return true })
	f := fitOn(lex, ex, func(*example) bool { return true })
	var b strings.Builder
	b.WriteString("# Weights of the features that tell whether a message concerns us. Fitted by\n" +
		"# go test ./internal/kind -run TestFit -fit; docs/watch.md tells on what.\n" +
		"# A sum of weights × features of 0 means \"as likely as not\".\n\n")
	fmt.Fprintf(&b, "threshold %.4f\n\n", 1/(1+math.Exp(-th)))
	for i, n := range lex.features() {
		fmt.Fprintf(&b, "%-18s %7.3f\n", n, f.features[i])
	}
	write(t, "weights.txt", b.String())
	write(t, "words.txt", "# What single words add to their class, or tell without one, in hundredths: a weight\n"+
		"# and the words that have it. A word stands for all its forms, =word for this form, a+b\n"+
		"# for words side by side. Fitted with weights.txt; no names of people or places.\n\n"+tabled(lex, f.words))
	if p := os.Getenv("KIND_ERRORS"); p != "" {
		writeErrors(t, p, all, ex, z, th)
	}
}

// tabled writes the words' weights, those of one weight on one line.
func tabled(lex *lexicon, v []float64) string {
	at := map[int][]string{}
	for k, w := range v {
		if n := int(math.Round(100 * w)); math.Abs(w) >= trifle {
			at[n] = append(at[n], lex.words[k])
		}
	}
	var b strings.Builder
	for n := 1000; n >= -1000; n-- {
		if len(at[n]) > 0 {
			slices.Sort(at[n])
			fmt.Fprintf(&b, "%d %s\n", n, strings.Join(at[n], " "))
		}
	}
	return b.String()
}

func write(t *testing.T, path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeErrors lists what cross-validation gets wrong, for whoever works on the
// lexicon. The file holds residents' words: keep it out of the project.
func writeErrors(t *testing.T, path string, all []sample, ex []example, z []float64, th float64) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i := range ex {
		if s := &all[ex[i].src]; s.id != "talk" && s.ours != (z[i] >= th) {
			fmt.Fprintf(f, "%s ours=%v %s %.2f %s\n", s.id, s.ours, shapes[ex[i].shape], z[i], strings.ReplaceAll(s.text, "\n", " "))
		}
	}
}
