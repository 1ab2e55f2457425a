package lint

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"otklik/internal/promise"
	"otklik/internal/reply"
)

// fitted are the files that the weights of signs.txt are fitted to, and how much a
// reply of each counts. replies3.jsonl is none of them.
var fitted = []struct {
	path   string
	counts float64
}{{"testdata/dev.jsonl", 1}, {"testdata/replies.jsonl", 1}, {"testdata/replies2.jsonl", 1}, {"testdata/hard.jsonl", 2}}

// stale is how far a weight may be from what the fit gives today.
const stale = 0.2

// A row is one reply as the fit sees it.
type row struct {
	value  [signs]float64
	bad    bool
	counts float64
	path   string
}

func rows(t *testing.T) (out []row) {
	l, a := linter(t)
	for _, f := range fitted {
		for _, s := range samples(t, f.path) {
			c := Case{Reply: a.Read(s.Reply), Complaint: a.Read(s.Complaint), Purpose: reply.Purpose(s.Purpose), When: promise.Options{At: written}}
			if c.Purpose == reply.Question {
				continue
			}
			k := check{book: l.book, Case: c, text: c.Reply, tok: c.Reply.Tokens}
			k.read(a)
			if k.content(); k.tells != nil {
				r := k.weighSigns(*k.tells)
				out = append(out, row{value: r.value, bad: s.Bad, counts: f.counts, path: f.path})
			}
		}
	}
	return out
}

// fit returns the weights of the signs and the level by logistic regression with a
// penalty of 2 on squares, in steps that grow smaller (Adagrad).
func fit(rows []row) (w [signs]float64, level float64) {
	var seen [signs]float64
	seenLevel := 1e-8
	for range 300 {
		var g [signs]float64
		gl := 0.0
		for i := range rows {
			r := &rows[i]
			d := 1 / (1 + math.Exp(-odds(&w, level, &r.value)))
			if r.bad {
				d--
			}
			d *= r.counts
			gl += d
			for s, v := range r.value {
				g[s] += d * v
			}
		}
		for s := range g {
			g[s] += 2 * w[s]
			seen[s] += g[s]*g[s] + 1e-12
			w[s] -= 0.5 * g[s] / math.Sqrt(seen[s])
		}
		seenLevel += gl * gl
		level -= 0.5 * gl / math.Sqrt(seenLevel)
	}
	return w, level
}

func odds(w *[signs]float64, level float64, v *[signs]float64) float64 {
	for s := range v {
		level += w[s] * v[s]
	}
	return level
}

// TestWeightsOfSigns measures the signs on replies whose weights they were not
// fitted to, in eight parts, and that signs.txt is nearly what the fit gives: packages
// below move a weight a little. LINT_FIT=1 writes signs.txt anew: after a change of
// words or signs.
func TestWeightsOfSigns(t *testing.T) {
	t.Parallel()
	all := rows(t)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	hits := map[string]*[4]int{} // found, false, missed, all
	for part := range 8 {
		var learn []row
		for i := range all {
			if i%8 != part {
				learn = append(learn, all[i])
			}
		}
		w, level := fit(learn)
		for i := part; i < len(all); i += 8 {
			n := hits[all[i].path]
			if n == nil {
				n = new([4]int)
				hits[all[i].path] = n
			}
			n[3]++
			switch bad := odds(&w, level, &all[i].value) > 0; {
			case bad && all[i].bad:
				n[0]++
			case bad:
				n[1]++
			case all[i].bad:
				n[2]++
			}
		}
	}
	for path, n := range hits {
		p, r := float64(n[0])/float64(n[0]+n[1]), float64(n[0])/float64(n[0]+n[2])
		t.Logf("%s: %d replies, signs alone, fitted to the other parts: precision of bad %.3f, recall %.3f", path, n[3], p, r)
		if p < 0.78 || r < 0.70 {
			t.Errorf("%s: precision %.3f, recall %.3f", path, p, r)
		}
	}
	w, level := fit(all)
	if os.Getenv("LINT_FIT") != "" {
		writeSigns(t, &w, level)
		return
	}
	l, _ := linter(t)
	for s := range w {
		if math.Abs(w[s]-l.book.signs[s]) > stale {
			t.Errorf("signs.txt says %s %.2f, the fit %.2f; LINT_FIT=1 go test -run TestWeightsOfSigns writes it anew", signNames[s], l.book.signs[s], w[s])
		}
	}
	if math.Abs(level-l.book.level) > stale {
		t.Errorf("signs.txt says level %.2f, the fit %.2f", l.book.level, level)
	}
}

func writeSigns(t *testing.T, w *[signs]float64, level float64) {
	f, err := os.Create("signs.txt")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(f, "# The weight of each sign of a reply (signs.go): above 0 it speaks for a runaround, below 0 for an answer;\n"+
		"# level is what a reply without signs has. The sum is the logarithm of the odds. Fitted (fit_test.go), not set by hand.\n\nlevel %.2f\n", level)
	for s, name := range signNames {
		fmt.Fprintf(f, "%s %.2f\n", name, w[s])
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
