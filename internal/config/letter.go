package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
)

// A Letter is the head of what is printed for residents, below the title of the centre.
type Letter struct {
	Lines  []string `json:"lines,omitempty"`  // address, telephone, hours
	Signed string   `json:"signed,omitempty"` // post and name of who signs answers to appeals
}

// A head of a letter has at most so many lines of so many characters: more pushes the
// answer off the page.
const (
	letterLines = 6
	letterLine  = 120
)

func (l Letter) validate() error {
	if len(l.Lines) > letterLines {
		return fault.New(fault.Invalid, "letter.lines: are more than %d", letterLines).At("letter.lines").Mend("write address, telephone and hours, each a line")
	}
	for k, s := range append(l.Lines[:len(l.Lines):len(l.Lines)], l.Signed) {
		at := fmt.Sprintf("letter.lines[%d]", k)
		if k == len(l.Lines) {
			at = "letter.signed"
		}
		switch {
		case utf8.RuneCountInString(s) > letterLine || !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' }):
			return fault.New(fault.Invalid, "%s: is no line of %d characters at most", at, letterLine).At(at).Mend("part it, or write less")
		case strings.TrimSpace(s) == "" && at != "letter.signed":
			return fault.New(fault.Invalid, "%s: is empty", at).At(at).Mend("remove it")
		}
	}
	return nil
}
