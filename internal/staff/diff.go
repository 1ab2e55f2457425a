package staff

import "strings"

// A DiffPart is a run of words that two texts share, or that one of them has alone.
type DiffPart struct {
	Text string
	Kind string // "" in both, "ins" only in the new text, "del" only in the old one
}

// diffLimit is how many words of a text are compared; replies have at most 4,000 characters.
const diffLimit = 1200

// wordDiff compares two texts word by word: the longest common run of words stays.
func wordDiff(was, now string) []DiffPart {
	a, b := strings.Fields(was), strings.Fields(now)
	a, b = a[:min(len(a), diffLimit)], b[:min(len(b), diffLimit)]
	common := make([][]uint16, len(a)+1) // [i][k]: words that a[i:] and b[k:] share in order
	for i := range common {
		common[i] = make([]uint16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if a[i] == b[k] {
				common[i][k] = common[i+1][k+1] + 1
			} else {
				common[i][k] = max(common[i+1][k], common[i][k+1])
			}
		}
	}
	var parts []DiffPart
	put := func(kind, word string) {
		if n := len(parts); n > 0 && parts[n-1].Kind == kind {
			parts[n-1].Text += " " + word
			return
		}
		parts = append(parts, DiffPart{word, kind})
	}
	i, k := 0, 0
	for i < len(a) || k < len(b) {
		switch {
		case i < len(a) && k < len(b) && a[i] == b[k]:
			put("", a[i])
			i, k = i+1, k+1
		case i < len(a) && (k == len(b) || common[i+1][k] >= common[i][k+1]):
			put("del", a[i])
			i++
		default:
			put("ins", b[k])
			k++
		}
	}
	return parts
}
