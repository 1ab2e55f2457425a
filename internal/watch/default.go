package watch

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed default.txt
var defaultText string

// Default returns the rules of the watch that the product ships with,
// «Обращения жителей»: any region, any source. Together with kind.Judge they
// are the configuration whose figures docs/watch.md reports; one rule that
// matches is enough for a message to be judged.
func Default(r Reader) ([]Rule, error) {
	return ParseRules(r, defaultText)
}

// ParseRules reads rules from text: "name: query" a line, # for comments, a
// line that begins with a blank continues the one before. IDs count from 1.
func ParseRules(r Reader, text string) ([]Rule, error) {
	var rules []Rule
	var lines []int
	var sources []string
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.TrimSpace(line) == "" || line[0] == '#':
		case line[0] == ' ' && len(rules) > 0:
			sources[len(sources)-1] += line
		default:
			name, query, ok := strings.Cut(line, ":")
			if !ok {
				return nil, fmt.Errorf("watch: rules line %d: want \"name: query\"", i+1)
			}
			rules = append(rules, Rule{ID: int64(len(rules) + 1), Name: strings.TrimSpace(name)})
			sources = append(sources, query)
			lines = append(lines, i+1)
		}
	}
	for i := range rules {
		q, err := Parse(r, sources[i])
		if err != nil {
			return nil, fmt.Errorf("watch: rules line %d: %w", lines[i], err)
		}
		rules[i].Query = q
	}
	return rules, nil
}
