package command

import (
	"fmt"
	"strings"
)

// meant asks whether one of the names was meant: the nearest by two slips of
// the keyboard, or the only one that begins so.
func meant(word string, names []string) string {
	best, least := "", 3
	begin := 0
	for _, n := range names {
		if d := slips(word, n); d < least && d < len(strings.TrimLeft(word, "-")) {
			best, least = n, d
		}
	}
	if best == "" {
		for _, n := range names {
			if strings.HasPrefix(n, word) && strings.Trim(word, "-") != "" {
				best = n
				begin++
			}
		}
		if begin != 1 {
			return ""
		}
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// slips counts letters to add, leave out or change to make b of a.
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		corner := row[0]
		row[0] = i + 1
		for j := range y {
			change := corner
			if x[i] != y[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
