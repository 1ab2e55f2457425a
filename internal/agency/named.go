package agency

import "otklik/internal/topic"

// Named returns the agency that is called so, in full or short, 0 when none is, or several
// are. Punctuation, case and ё do not count.
func Named(list []Agency, name string) int64 {
	want, _ := topic.Fold(name)
	var found int64
	for k := range list {
		full, _ := topic.Fold(list[k].Name)
		short, _ := topic.Fold(list[k].Short)
		if want == "" || full != want && short != want {
			continue
		}
		if found != 0 {
			return 0
		}
		found = list[k].ID
	}
	return found
}
