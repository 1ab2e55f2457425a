package staff

import (
	"strings"
	"testing"
)

func TestSearchTextIsOneShortLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, want string }{
		{"  вода \n\t в подвале ", "вода в подвале"},
		{"во\x00да\x1b", "во да"},
		{"\xff\xfeяма", "яма"},
		{strings.Repeat("в", 5000), strings.Repeat("в", 200)},
	} {
		if got := searchText(c.typed); got != c.want {
			t.Errorf("searchText(%.20q) = %q, want %q", c.typed, got, c.want)
		}
	}
}

func TestABorderCrossesTheViewOrNot(t *testing.T) {
	t.Parallel()
	b := &border{lines: [][4]float64{{-100, 0, 100, 20}, {40, 40, 40, 60}}}
	for _, c := range []struct {
		name string
		box  [4]float64
		want bool
	}{
		{"straight through, both ends outside", [4]float64{-10, 0, 10, 20}, true},
		{"an end inside", [4]float64{30, 50, 50, 70}, true},
		{"beside an upright line", [4]float64{41, 40, 60, 60}, false},
		{"in the line's bounds, off the line", [4]float64{-90, 12, -70, 18}, false},
	} {
		if got := b.crosses(c.box[0], c.box[1], c.box[2], c.box[3]); got != c.want {
			t.Errorf("%s: crosses = %v", c.name, got)
		}
	}
}
