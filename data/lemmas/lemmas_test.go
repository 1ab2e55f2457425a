package lemmas

import (
	"strings"
	"testing"
)

func TestPackedPartsComeBackWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "а", "абв", strings.Repeat("слово форма ", 10_000)} {
		file, err := Pack([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		list, total, err := split(file)
		if err != nil || total != len(text) || len(list) > parts {
			t.Errorf("split(Pack(%d bytes)) = %d parts, %d bytes, %v", len(text), len(list), total, err)
		}
		if len(file) > 9 {
			if _, _, err := split(file[:len(file)-1]); err == nil {
				t.Error("a file that was cut off is taken for a whole one")
			}
		}
	}
	if file, err := Dictionary(); err != nil || len(file) < 18_000_000 {
		t.Errorf("Dictionary = %d bytes, %v, want all three million words", len(file), err)
	}
}
