package place

import "strings"

// MaxKeys is the largest number of keys that one name gives. A name of four
// words with three readings each would give 81; beyond this many the rarer
// readings only cost memory.
const MaxKeys = 24

// Keys returns the keys of a name: every combination of one lemma per word,
// joined by blanks, likeliest first, without repeats, at most MaxKeys. words
// holds the lemmas of each word of the name, likeliest first; a word without
// lemmas is passed over.
func Keys(words [][]string) []string {
	keys := []string{""}
	for _, lemmas := range words {
		if len(lemmas) == 0 {
			continue
		}
		next := make([]string, 0, len(keys)*len(lemmas))
		// The outer loop runs over lemmas so that the likeliest reading of every
		// word stays in front and survives the cut.
		for _, lemma := range lemmas {
			for _, k := range keys {
				if k != "" {
					k += " "
				}
				next = append(next, k+lemma)
			}
		}
		if len(next) > MaxKeys {
			next = next[:MaxKeys]
		}
		keys = next
	}
	if len(keys) == 1 && keys[0] == "" {
		return nil
	}
	seen := make(map[string]bool, len(keys))
	out := keys[:0]
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// Fold lower-cases a name, writes ё as е and reduces blanks to single ones. Two
// spellings of one name fold to the same string.
func Fold(name string) string {
	name = strings.ToLower(name)
	name = strings.ReplaceAll(name, "ё", "е")
	return strings.Join(strings.Fields(name), " ")
}
