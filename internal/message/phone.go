package message

import "strings"

// Dialled returns a telephone number as it is dialled from anywhere, «+79230000000»,
// however it was written: «8 (923) 000-00-00», «7-923-000-00-00», «923 000 00 00».
// Ten digits and eleven that begin with 7 or 8 are of Russia; others are kept with
// their country when a plus says so. It is "" for what is no number of one telephone:
// a mail address, an extension, a short number of a service.
func Dialled(s string) string {
	var digits strings.Builder
	plus := false
	for k, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r == '+' && k == 0:
			plus = true
		case strings.ContainsRune(" -–—()./\u00a0\u2011\u2009\u202f", r):
		default:
			return ""
		}
	}
	d := digits.String()
	switch n := len(d); {
	case n == 11 && d[0] == '8' && !plus, n == 11 && d[0] == '7':
		return "+7" + d[1:]
	case n == 10 && !plus && d[0] != '0':
		return "+7" + d
	case plus && n >= 8 && n <= 15 && d[0] != '0' && d[0] != '7':
		return "+" + d
	}
	return ""
}

// Ending returns the last four digits of a number that Dialled returned: by them a
// caller shows that a case is theirs. "" for no number.
func Ending(phone string) string {
	if len(phone) < 5 {
		return ""
	}
	return phone[len(phone)-4:]
}

// CallerKey returns a name as names of callers are compared: lower case, ё as е, the
// words in order, so that «Иванова Мария» and «мария  иванова» are one.
func CallerKey(name string) string {
	words := strings.FieldsFunc(strings.ReplaceAll(strings.ToLower(name), "ё", "е"), func(r rune) bool {
		return strings.ContainsRune(" ,.\t\n\u00a0", r)
	})
	for k := range words { // few: insertion keeps generic code out of the binary
		for n := k; n > 0 && words[n] < words[n-1]; n-- {
			words[n], words[n-1] = words[n-1], words[n]
		}
	}
	return strings.Join(words, " ")
}
