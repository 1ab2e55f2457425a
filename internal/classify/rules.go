package classify

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/russian"
	"otklik/internal/topic"
)

// Rules are the keyword rules of a taxonomy, ready to be asked about texts.
// Their syntax stands in docs/topics.md and at the head of data/topics/rules.txt.
type Rules struct {
	topics   []topic.Code // by number
	features []feature    // by number: the topic as a feature
	rules    []rule
	atoms    map[string]int32 // a lemma or a word → its number
	prefixes map[string]int32 // a beginning of words → its number
	lengths  []int            // lengths of the prefixes, in bytes, ascending
	uses     [][]use          // by atom
	clauses  int
}

type rule struct {
	topic    int32
	line     int32
	weight   float32
	required int32 // clauses that must be met
	clause   int32 // its first clause; clauses are numbered over all rules
	clauses  int32 // how many it has, forbidden ones too
}

// A use is one place where an atom stands in a rule.
type use struct {
	rule   int32
	clause int32     // number over all rules
	forbid bool      // the clause stands after "!"
	rest   [][]int32 // of a phrase: what the next words must be; each any of
}

// Reader reads a text; *russian.Analyzer is one.
type Reader interface {
	Read(text string) *russian.Text
}

// ParseRules reads rules for the topics of the taxonomy. A topic that the
// taxonomy does not know is Invalid, as is a malformed line; the error names
// the line.
func ParseRules(data []byte, r Reader, t *topic.Taxonomy) (*Rules, error) {
	rs := &Rules{atoms: map[string]int32{}, prefixes: map[string]int32{}}
	scan := bufio.NewScanner(bytes.NewReader(data))
	scan.Buffer(nil, 1<<20)
	line, at := 0, int32(-1)
	for scan.Scan() {
		line++
		text := strings.TrimSpace(scan.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		if code, ok := strings.CutPrefix(text, "@"); ok {
			c := topic.Code(strings.TrimSpace(code))
			if _, ok := t.ByCode(c); !ok || c == topic.Undefined {
				return nil, badRule(line, "topic %q is not in the taxonomy", c)
			}
			at = int32(len(rs.topics))
			rs.topics = append(rs.topics, c)
			rs.features = append(rs.features, hashString(ruleSeed, string(c)))
			continue
		}
		if at < 0 {
			return nil, badRule(line, "a rule stands before the first topic")
		}
		if err := rs.add(text, line, at, r); err != nil {
			return nil, err
		}
	}
	if err := scan.Err(); err != nil {
		return nil, badRule(line+1, "%w", err)
	}
	return rs, nil
}

func badRule(line int, format string, args ...any) error {
	args = append([]any{line}, args...)
	return fault.New(fault.Invalid, "classify: rules, line %d: "+format, args...).
		At("rules").Say("Строка " + strconv.Itoa(line) + " правил тем написана неверно.").
		Mend("the syntax stands in docs/topics.md")
}

func (rs *Rules) add(text string, line int, at int32, r Reader) error {
	number, rest, _ := strings.Cut(text, " ")
	weight, err := strconv.ParseFloat(number, 32)
	if err != nil || !(weight > 0 && weight <= 10) {
		return badRule(line, "it must begin with a weight over 0 and up to 10")
	}
	id := int32(len(rs.rules))
	ru := rule{topic: at, line: int32(line), weight: float32(weight), clause: int32(rs.clauses)}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		forbid := rest[0] == '!'
		if forbid {
			rest = rest[1:]
		} else {
			ru.required++
		}
		clause := int32(rs.clauses)
		rs.clauses++
		for more := true; more; {
			var alternative string
			alternative, rest, more, err = cutAlternative(rest)
			if err != nil {
				return badRule(line, "%w", err)
			}
			words := strings.Fields(alternative)
			if len(words) == 0 {
				return badRule(line, "an alternative is empty")
			}
			u := use{rule: id, clause: clause, forbid: forbid}
			for _, w := range words[1:] {
				u.rest = append(u.rest, rs.word(w, r))
			}
			for _, a := range rs.word(words[0], r) {
				rs.uses[a] = append(rs.uses[a], u)
			}
		}
	}
	if ru.required == 0 {
		return badRule(line, "it requires nothing")
	}
	ru.clauses = int32(rs.clauses) - ru.clause
	rs.rules = append(rs.rules, ru)
	return nil
}

// cutAlternative takes the next alternative off a clause; more says that "|"
// follows it.
func cutAlternative(s string) (alternative, rest string, more bool, err error) {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		alternative, rest, ok = strings.Cut(quoted, `"`)
		if !ok {
			return "", "", false, fault.New(fault.Invalid, "a quote is not closed")
		}
		if rest != "" && rest[0] != '|' && rest[0] != ' ' {
			return "", "", false, fault.New(fault.Invalid, "a blank or | must follow a closing quote")
		}
	} else {
		end := strings.IndexAny(s, "| ")
		if end < 0 {
			end = len(s)
		}
		alternative, rest = s[:end], s[end:]
	}
	rest, more = strings.CutPrefix(rest, "|")
	return alternative, rest, more, nil
}

// word returns the atoms that a word of a rule stands for: a normal form
// stands for itself, any other form for all its normal forms.
func (rs *Rules) word(w string, r Reader) []int32 {
	w = strings.ReplaceAll(strings.ToLower(w), "ё", "е")
	if p, ok := strings.CutSuffix(w, "*"); ok {
		return []int32{rs.prefix(p)}
	}
	var atoms []int32
	for _, t := range r.Read(w).Tokens {
		var all []int32
		for _, f := range t.Forms {
			if f.Lemma == w {
				return []int32{rs.atom(w)}
			}
			all = append(all, rs.atom(f.Lemma))
		}
		atoms = append(atoms, all...)
	}
	if len(atoms) == 0 {
		atoms = []int32{rs.atom(w)}
	}
	return atoms
}

func (rs *Rules) atom(s string) int32 {
	a, ok := rs.atoms[s]
	if !ok {
		a = int32(len(rs.uses))
		rs.atoms[s] = a
		rs.uses = append(rs.uses, nil)
	}
	return a
}

func (rs *Rules) prefix(s string) int32 {
	a, ok := rs.prefixes[s]
	if ok {
		return a
	}
	a = int32(len(rs.uses))
	rs.prefixes[s] = a
	rs.uses = append(rs.uses, nil)
	at := 0
	for at < len(rs.lengths) && rs.lengths[at] < len(s) {
		at++
	}
	if at == len(rs.lengths) || rs.lengths[at] != len(s) {
		rs.lengths = append(rs.lengths[:at], append([]int{len(s)}, rs.lengths[at:]...)...)
	}
	return a
}

// Topics returns the codes of the topics that have rules, in file order.
func (rs *Rules) Topics() []topic.Code { return rs.topics }
