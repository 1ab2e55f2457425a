// Package order sorts short lists. slices.SortFunc is made anew for each type of a list, 7 KB of
// machine code each time and 12 when it is stable, tables and debug information not counted;
// forty of them had grown into 0.8 MB of code. Lists of a page need none of its speed.
package order

import "sort"

// By sorts a list by what compare says, as for slices.SortStableFunc. Equal ones stay as they
// stood.
func By[T any](list []T, compare func(a, b T) int) {
	sort.SliceStable(list, func(i, j int) bool { return compare(list[i], list[j]) < 0 })
}
