package russian

import "testing"

// TestTableFindsEveryKey looks up all words of the dictionary, and words that
// would stand right behind them, and all ends.
func TestTableFindsEveryKey(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("reads the whole dictionary; run without -short")
	}
	d, err := openDictionary()
	if err != nil {
		t.Fatal(err)
	}
	words := 0
	whole := d.words.each(func(key []byte, number int) {
		words++
		n, ok := d.words.find(key)
		if !ok || n != number {
			t.Errorf("find(%s) = %d, %v, want %d", textOf(key), n, ok, number)
		} else if _, ok := d.reading(n); !ok {
			t.Errorf("%s has the reading %d, which does not exist", textOf(key), n)
		}
		if _, ok := d.words.find(append(key[:len(key):len(key)], "\xfa\xfa"...)); ok {
			t.Errorf("%sъъ is found", textOf(key))
		}
	})
	parts, _ := sections(dictionaryFile())
	count := 0
	for x, name := range []string{"end0", "end1", "end2"} {
		ends, ok := openTable(parts[name])
		whole = whole && ok && ends.each(func(key []byte, number int) {
			if !isRussian(key) {
				return // no guess asks for an end with a hyphen
			}
			count++
			if n, ok := d.ends.find(endOf(x, key)); !ok || n != number {
				t.Errorf("%s: find(%s) = %d, %v, want %d", name, textOf(key), n, ok, number)
			}
		})
	}
	t.Logf("%d words, %d ends", words, count)
	if !whole || words < 3_000_000 || count < 150_000 {
		t.Errorf("the dictionary is whole: %v, with %d words and %d ends", whole, words, count)
	}
	if n, ok := d.ends.find(endOf(0, keyOf("ъъъъъ"))); ok {
		t.Errorf("the end ъъъъъ is found, %d", n)
	}
}

func TestInnocuousMissesNothing(t *testing.T) {
	t.Parallel()
	d, err := openDictionary()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	d.words.each(func(key []byte, _ int) {
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
