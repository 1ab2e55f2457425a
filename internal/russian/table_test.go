package russian

import "testing"

// TestTableFindsEveryKey looks up all keys of the dictionary, and words that
// would stand right behind them.
func TestTableFindsEveryKey(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("reads the whole dictionary; run without -short")
	}
	d, err := openDictionary()
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]*table{"words": d.words, "ends": d.endings[0], "ends with по": d.endings[1]} {
		table.each(func(key []byte) {
			n, ok := table.find(key)
			if !ok {
				t.Errorf("%s: %s is not found", name, textOf(key))
			} else if _, ok := d.reading(n); !ok {
				t.Errorf("%s: %s has the reading %d, which does not exist", name, textOf(key), n)
			}
			if _, ok := table.find(append(key[:len(key):len(key)], "\xfa\xfa"...)); ok {
				t.Errorf("%s: %sъъ is found", name, textOf(key))
			}
		})
	}
}

func TestInnocuousMissesNothing(t *testing.T) {
	t.Parallel()
	d, err := openDictionary()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	d.words.each(func(key []byte) {
		if innocuous(key) {
			seen++
			if obsceneLetters(key) {
				t.Errorf("%s is obscene, but passes at a glance", textOf(key))
			}
		}
	})
	if seen < 1_000_000 {
		t.Errorf("only %d words pass at a glance", seen)
	}
}
