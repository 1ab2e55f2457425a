package command

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Program is what a command line belongs to.
type Program struct {
	Name, Help string
	Version    string    // --version prints it; "" knows no --version
	Out        io.Writer // takes --help and --version
}

// Chosen is the command that was called.
type Chosen struct {
	Path    string // as typed: "topics put"
	Command any    // the struct of the command, filled; no pointer
}

// ErrAnswered says that --help or --version was asked for and answered.
var ErrAnswered = errors.New("command: answered")

func answered(err error) error {
	if err != nil {
		return err
	}
	return ErrAnswered
}

// Parse fills the struct that root points to and returns the command that was
// called, ErrAnswered, or an error that says what is wrong with the line.
func (p Program) Parse(root any, args []string) (Chosen, error) {
	top, err := tree(p.Name, p.Help, root)
	if err != nil {
		return Chosen{}, err
	}
	l := line{program: p, at: top, rest: args}
	for len(l.rest) > 0 {
		word := l.rest[0]
		l.rest = l.rest[1:]
		switch {
		case l.plain || !strings.HasPrefix(word, "-") || word == "-":
			err = l.word(word)
		case word == "--":
			l.plain = true
		default:
			err = l.flag(word)
		}
		if err != nil {
			return Chosen{}, err
		}
	}
	if l.help {
		return Chosen{}, answered(l.at.write(p))
	}
	if err := l.complete(); err != nil {
		return Chosen{}, err
	}
	return Chosen{l.at.path(), l.at.value.Interface()}, nil
}

// A line is a command line on its way.
type line struct {
	program Program
	at      *node // the command so far
	rest    []string
	taken   int  // arguments
	plain   bool // after --: no flags any more
	help    bool
}

func (l *line) word(word string) error {
	if l.at.kids != nil {
		var names []string
		for _, k := range l.at.kids {
			if k.name == word {
				l.at = k
				return nil
			}
			names = append(names, k.name)
		}
		return fmt.Errorf("unexpected argument %s%s", word, meant(word, names))
	}
	if l.taken == len(l.at.args) {
		return fmt.Errorf("unexpected argument %s", word)
	}
	a := l.at.args[l.taken]
	if !a.many() {
		l.taken++
	}
	if err := a.set(word); err != nil {
		return fmt.Errorf("%s: %w", a.shownArg(), err)
	}
	return nil
}

func (l *line) flag(word string) error {
	switch {
	case word == "--help" || word == "-h":
		l.help = true
		return nil
	case word == "--version" && l.program.Version != "":
		_, err := fmt.Fprintln(l.program.Out, l.program.Version)
		return answered(err)
	}
	name, value, with := strings.Cut(word, "=")
	f, off := l.find(name)
	switch {
	case f == nil:
		names := []string{"--help"}
		for _, f := range l.at.flags {
			names = append(names, "--"+f.name)
		}
		return fmt.Errorf("unknown flag %s%s", name, meant(name, names))
	case off && with:
		return fmt.Errorf("%s takes no value", name)
	case off:
		value = "false"
	case with:
	case f.yesNo():
		value = "true"
	case len(l.rest) == 0:
		return fmt.Errorf("--%s: expected a value", f.name)
	case len(l.rest[0]) > 1 && l.rest[0][0] == '-':
		return fmt.Errorf("--%s: expected a value but got %q; perhaps try --%[1]s=%[2]q", f.name, l.rest[0])
	default:
		value, l.rest = l.rest[0], l.rest[1:]
	}
	values := []string{value}
	if f.many() {
		values = strings.Split(value, ",")
	}
	for _, v := range values {
		if err := f.set(v); err != nil {
			return fmt.Errorf("--%s: %w", f.name, err)
		}
	}
	return nil
}

// find finds the flag that a word with its dashes names, and whether it switches it off.
func (l *line) find(word string) (f *field, off bool) {
	for _, f := range l.at.flags {
		if word == "--"+f.name {
			return f, false
		}
		if f.negatable && word == "--no-"+f.name {
			return f, true
		}
	}
	return nil, false
}

// complete says what is missing.
func (l *line) complete() error {
	if l.at.kids != nil {
		var names []string
		for i, k := range l.at.kids {
			if i == 5 {
				names = append(names, "...")
				break
			}
			names = append(names, `"`+k.name+`"`)
		}
		return fmt.Errorf("expected one of %s", strings.Join(names, ", "))
	}
	var missing []string
	for _, f := range l.at.flags {
		if f.required && !f.given {
			missing = append(missing, f.shown())
		}
	}
	if missing != nil {
		return fmt.Errorf("missing flags: %s", strings.Join(missing, ", "))
	}
	for _, a := range l.at.args {
		if a.required && !a.given {
			missing = append(missing, a.shownArg())
		}
	}
	if missing != nil {
		return fmt.Errorf("expected %q", strings.Join(missing, " "))
	}
	return nil
}
