package lesson_test

import (
	"testing"

	"otklik/internal/lesson"
)

// The pinned share must never move: a case that was learnt from would come to be
// asked about.
func TestPinnedCasesStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	var first []int64
	n := 0
	for id := int64(1); id <= 10_000; id++ {
		if lesson.Pinned(id) {
			if n++; len(first) < 5 {
				first = append(first, id)
			}
		}
	}
	if n < 1900 || n > 2100 {
		t.Errorf("%d of 10,000 incidents are pinned, want a fifth", n)
	}
	want := []int64{4, 13, 14, 16, 22}
	for k := range want {
		if first[k] != want[k] {
			t.Fatalf("the first pinned incidents are %v, want %v", first, want)
		}
	}
}
