package file

import "strings"

// Guard makes a cell of a CSV that no spreadsheet takes for a formula: what begins like one
// gets an apostrophe before it, numbers and ids excepted. Unguard takes it away.
func Guard(s string) string {
	if formula(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Unguard returns the cell that Guard was given.
func Unguard(s string) string {
	if strings.HasPrefix(s, "'") && formula(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}

// formula reports whether a spreadsheet would count with the cell.
func formula(s string) bool {
	if s == "" || strings.IndexByte("=+-@\t\r", s[0]) < 0 {
		return false
	}
	return strings.IndexByte("+-", s[0]) < 0 || strings.Trim(s[1:], "0123456789_.,:") != ""
}
