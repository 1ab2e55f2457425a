package kind

import (
	"path/filepath"
	"testing"

	"otklik/internal/watch"
)

// TestFigures measures the product as shipped, with one configuration: the
// default watch and the judge, all regions, no context. The weights were
// fitted on these very files, so what holds on unseen texts is TestHeldOut's to say.
func TestFigures(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	a, j := shared()
	rules, err := watch.Default(a)
	if err != nil {
		t.Fatal(err)
	}
	set := watch.NewSet(watch.Queries(rules))
	var buf watch.Buffer
	measure := func(samples []sample, sh shape) (watched, opened float64) {
		w, o := 0, 0
		for _, s := range samples {
			text := a.Read(sh.of(s.text))
			if len(set.Match(text, &buf)) == 0 {
				continue
			}
			w++
			if d := j.Decide(text, Context{}); d.Opens() {
				o++
			}
		}
		n := float64(len(samples))
		return float64(w) / n, float64(o) / n
	}
	posts := readPosts(t, dir)
	complaints := readCSV(t, filepath.Join(dir, "kursk", "train.csv"))
	social := readCSV(t, filepath.Join(dir, "perm", "messages.csv"))
	for _, c := range []struct {
		name        string
		samples     []sample
		shape       shape
		least, most float64
	}{
		{"posts of city channels", posts, full, 0, 0.02},
		{"posts, stripped and cut", posts, bare, 0, 0.02},
		{"posts, without words of links", posts, barest, 0, 0.02},
		{"portal complaints", complaints, full, 0.95, 1},
		{"complaints, stripped and cut", complaints, bare, 0.90, 1},
		{"social messages", social, full, 0, 1},
		{"social messages, stripped and cut", social, bare, 0, 1},
	} {
		watched, opened := measure(c.samples, c.shape)
		t.Logf("%-34s %d texts, watched %.4f, incidents %.4f", c.name, len(c.samples), watched, opened)
		if opened < c.least || opened > c.most {
			t.Errorf("%s: incidents %.4f, want %.2f to %.2f", c.name, opened, c.least, c.most)
		}
	}
}
