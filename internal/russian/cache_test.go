package russian

import (
	"runtime"
	"strings"
	"testing"
)

// madeUp is a word of six letters that no other number gives.
func madeUp(n int) string {
	key := make([]byte, 6)
	for i := range key {
		key[i] = 0xe0 + byte(n>>(5*i)&31)
	}
	return textOf(key)
}

func TestFullCacheIsLeft(t *testing.T) {
	t.Parallel()
	d, err := openDictionary()
	if err != nil {
		t.Fatal(err)
	}
	a := &Analyzer{dictionary: d, cache: newCache()}
	first := a.cache.now.Load()
	var text Text
	a.ReadInto(&text, "яма")
	held := text.Tokens[0]
	for n := range cacheWords + 100 {
		a.ReadInto(&text, madeUp(n))
		if got := text.Tokens[0].Norm; got != madeUp(n) {
			t.Fatalf("word %d is read as %s, want %s", n, got, madeUp(n))
		}
	}
	now := a.cache.now.Load()
	if size := int(now.size.Load()); now == first || size > 200 || cacheWords > 256_000 {
		t.Errorf("behind %d words the cache holds %d, the same table: %v; want a new one with the last few", cacheWords+101, size, now == first)
	}
	if held.Lemma() != "яма" || a.Read("ямы").Tokens[0].Lemma() != "яма" {
		t.Errorf("a token from before has lemma %s", held.Lemma())
	}
}

// TestWordsFindTheirPlaceInFullSets keeps words that all want one set.
func TestWordsFindTheirPlaceInFullSets(t *testing.T) {
	t.Parallel()
	c := newCache()
	const hash = 1<<64 - 1 // the last set: those that follow stand at the front
	var words []*word
	for n := range 3 * cacheWays {
		key := keyOf(madeUp(n))
		words = append(words, &word{keyID: identify(key), norm: textOf(key)})
		c.add(hash, words[n])
	}
	for n, w := range words {
		key := keyOf(madeUp(n))
		if got := c.now.Load().find(hash, identify(key), key); got != w {
			t.Errorf("find(%s) = %v, want its word", w.norm, got)
		}
	}
	key := keyOf("яма")
	if got := c.now.Load().find(hash, identify(key), key); got != nil {
		t.Errorf("find(яма) = %s, want none", got.norm)
	}
}

// TestHugeWordsAreNotHeld reads words of a megabyte between usual ones.
func TestHugeWordsAreNotHeld(t *testing.T) {
	a := open(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var text Text
	for n := range 40 {
		a.ReadInto(&text, strings.Repeat(madeUp(n), 80_000)+" "+madeUp(n)+"-то "+"х*"+strings.Repeat("я", 20))
	}
	a.ReadInto(&text, "яма")
	clear(text.Tokens[:cap(text.Tokens)])
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 8<<20 {
		t.Errorf("40 words of a megabyte hold %d MB", held>>20)
	}
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	seen := map[keyID]string{}
	long := "абвгдежзийклмнопрст"
	for n := range idLetters + 1 {
		key := keyOf(string([]rune(long)[:n]))
		for _, k := range [][]byte{key, append(make([]byte, 0, 64), key...), key[:n:n]} {
			id := identify(k)
			if id.length() != n || string(id.key(nil)) != string(key) {
				t.Errorf("identify(%s) has length %d and key %s", textOf(key), id.length(), textOf(id.key(nil)))
			}
			if other, ok := seen[id]; ok && other != string(key) {
				t.Errorf("identify(%s) = identify(%s)", textOf(key), textOf([]byte(other)))
			}
			seen[id] = string(key)
		}
	}
	if a, b := keyOf(long), keyOf("абвгдежз"+"тттттт"+"мнопрст"); identify(a) == identify(b) && identify(a).hash(a) == identify(b).hash(b) {
		t.Errorf("two long words hash alike")
	}
}
