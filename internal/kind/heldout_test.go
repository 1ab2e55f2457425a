package kind

import "testing"

// TestHeldOut measures on channels and complaints that neither the weights nor
// the threshold saw: a channel and an eighth of all other texts at a time.
func TestHeldOut(t *testing.T) {
	lex, all, ex := examples(t)
	z := crossValidate(lex, all, ex)
	var th [parts]float64
	for k := range parts {
		th[k] = choose(all, ex, z, func(s *sample) bool { return s.fold != k })
	}
	t.Logf("thresholds %.2f", th)
	through := func(sh shape, want func(*sample) bool) (share float64, n int) {
		over := 0
		for i := range ex {
			if s := &all[ex[i].src]; ex[i].shape == sh && want(s) {
				n++
				if z[i] >= th[s.fold] {
					over++
				}
			}
		}
		return float64(over) / float64(max(1, n)), n
	}
	of := func(id string, ours bool) func(*sample) bool {
		return func(s *sample) bool { return s.id == id && s.ours == ours }
	}
	for _, c := range []struct {
		shape       shape
		least, most float64
	}{{full, 0.98, 0.01}, {bare, 0.96, 0.02}, {barest, 0, 0.04}, {plain, 0.95, 0.04}, {headline, 0, 1}} {
		posts, n := through(c.shape, of("telegram", false))
		worst, channel := 0.0, ""
		for k := range parts {
			name := ""
			share, _ := through(c.shape, func(s *sample) bool {
				if s.id == "telegram" && s.fold == k {
					name = s.group
				}
				return s.id == "telegram" && s.fold == k
			})
			if share > worst {
				worst, channel = share, name
			}
		}
		t.Logf("%s: %d posts let through %.4f, worst channel %.4f (%s)", shapes[c.shape], n, posts, worst, channel)
		if posts > c.most {
			t.Errorf("%s: posts %.4f, want at most %.3f", shapes[c.shape], posts, c.most)
		}
		if c.shape == barest {
			continue
		}
		kept, n := through(c.shape, of("kursk", true))
		social, _ := through(c.shape, of("perm", true))
		talk, _ := through(c.shape, of("talk", false))
		t.Logf("%s: %d complaints kept %.4f, social messages %.4f, talk %.4f", shapes[c.shape], n, kept, social, talk)
		for _, id := range []string{"own", "held"} {
			if c.shape == headline {
				break // they are short as they are
			}
			yes, _ := through(c.shape, of(id, true))
			no, _ := through(c.shape, of(id, false))
			t.Logf("%s: our own complaints (%s) %.4f, our own news and talk %.4f", shapes[c.shape], id, yes, no)
		}
		if kept < c.least {
			t.Errorf("%s: complaints %.4f, want at least %.2f", shapes[c.shape], kept, c.least)
		}
	}
}
