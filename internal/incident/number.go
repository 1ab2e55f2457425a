package incident

import (
	"fmt"
	"strings"

	"otklik/internal/fault"
)

// damm is the quasigroup of order 10 by H. Michael Damm (dissertation,
// Marburg 2004): totally anti-symmetric, so that every single wrong digit and
// every swap of two neighbours is noticed.
var damm = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

func dammDigit(digits string) byte {
	var c byte
	for i := range len(digits) {
		c = damm[c][digits[i]-'0']
	}
	return c
}

const (
	numbers  = 10_000_000 // seven free digits
	spread   = 6_180_339  // coprime to numbers: neighbours in time get numbers far apart
	numbersB = 3_141_593
)

// Number returns the public number of the n-th incident: seven digits spread
// over their whole range and a Damm check digit. Different n below ten million
// have different numbers.
func Number(n int64) string {
	digits := fmt.Sprintf("%07d", (n%numbers*spread+numbersB)%numbers)
	return digits + string('0'+dammDigit(digits))
}

// ParseNumber returns the eight digits of a number as people type it: «123-456-78»,
// «123 456 78». It is Invalid when a digit is missing or the check digit says
// that one is wrong.
func ParseNumber(s string) (string, error) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-' || r == '\u00a0' || r == '–' || r == '\u2011' || r == '№':
			return -1
		}
		return 'x'
	}, strings.TrimSpace(s))
	if len(digits) != 8 || strings.ContainsRune(digits, 'x') {
		return "", fault.New(fault.Invalid, "a public number has eight digits").At("number").
			Say("В номере восемь цифр, например 123-456-78.")
	}
	if dammDigit(digits) != 0 {
		return "", fault.New(fault.Invalid, "the check digit of the public number does not fit").At("number").
			Say("В номере ошибка: одна цифра не та или две переставлены. Проверьте его ещё раз.")
	}
	return digits, nil
}

// Spoken returns the number as it is said and printed: «123-456-78».
func Spoken(number string) string {
	if len(number) != 8 {
		return number
	}
	return number[:3] + "-" + number[3:6] + "-" + number[6:]
}
