package app

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"otklik/internal/assistant"
	"otklik/internal/desk"
	"otklik/internal/personal"
	"otklik/internal/russian"
)

// assistant returns what the configuration names, nil when it names none.
func (a *App) assistant() desk.Assistant {
	c := a.Config.Assistant
	if c == nil {
		return nil
	}
	return assistant.New(assistant.Options{URL: c.URL, Model: c.Model, Key: c.Key.Reveal(), Timeout: time.Duration(c.Timeout), Mask: a.conceal})
}

// conceal covers personal data and the names in a text that leaves the house.
func (a *App) conceal(text string, names []string) string {
	var spans []russian.Span
	for _, f := range personal.Find(a.Analyzer.Read(text)) {
		spans = append(spans, f.Span)
	}
	for _, name := range names {
		if strings.TrimSpace(name) == "" {
			continue
		}
		for _, m := range inflected(name).FindAllStringIndex(text, -1) {
			spans = append(spans, russian.Span{Start: m[0], End: m[1]})
		}
	}
	return personal.Mask(text, spans)
}

// inflected finds a name in any of its cases: «Мария», «Марии», «Марией».
func inflected(name string) *regexp.Regexp {
	letters := []rune(name)
	stem := regexp.QuoteMeta(name)
	if len(letters) > 3 && unicode.IsLetter(letters[len(letters)-1]) {
		stem = regexp.QuoteMeta(string(letters[:len(letters)-1])) + `\p{L}{0,3}`
	}
	return regexp.MustCompile("(?i)" + stem)
}
