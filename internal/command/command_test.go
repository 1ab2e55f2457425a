package command_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"otklik/internal/command"
)

type code string

type root struct {
	Put  put  `cmd:"" help:"Put things."`
	Many many `cmd:"" help:"A group of many commands."`
}

type many struct {
	List   list     `cmd:"" help:"List them."`
	DryRun struct{} `cmd:"" help:"Do nothing."`
}

type list struct {
	IDs  []int64 `arg:"" optional:"" name:"ID" help:"Which."`
	JSON bool    `name:"json" help:"As JSON."`
}

type put struct {
	Dir    string        `required:"" help:"Folder." placeholder:"DIR"`
	Format string        `enum:"csv,jsonl" default:"csv" help:"Format, with a help that is too long for one line of eighty characters."`
	Fast   *bool         `negatable:"" help:"Fast."`
	Live   bool          `negatable:"" default:"true" help:"Live."`
	N      int           `default:"3" help:"Number."`
	Share  float64       `help:"Share."`
	Wait   time.Duration `default:"6s" help:"How long."`
	Tags   []string      `help:"Tags."`
	Code   code          `arg:"" name:"CODE" help:"Its code."`
	Files  []string      `arg:"" name:"FILE" help:"Files."`
}

func (put) Help() string {
	return `Puts things where they belong, and says so in a sentence that goes on
for more than one line.

Example:
  prog put --dir d x a b`
}

func parse(args string) (command.Chosen, string, error) {
	var out strings.Builder
	c, err := command.Program{Name: "prog", Help: "A program.", Version: "v1", Out: &out}.Parse(&root{}, strings.Fields(args))
	return c, out.String(), err
}

func TestALineFillsTheCommandThatItNames(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	plain := put{Dir: "d", Format: "csv", Live: true, N: 3, Wait: 6 * time.Second, Code: "x", Files: []string{"a"}}
	with := func(f func(*put)) put { p := plain; f(&p); return p }
	for args, want := range map[string]any{
		"put --dir d x a":                                      plain,
		"put x a --dir=d":                                      plain,
		"put --dir d x a - b":                                  with(func(p *put) { p.Files = []string{"a", "-", "b"} }),
		"put --dir d x a --n=-5 b":                             with(func(p *put) { p.N, p.Files = -5, []string{"a", "b"} }),
		"put --dir d -- x -a --n":                              with(func(p *put) { p.Files = []string{"-a", "--n"} }),
		"put --dir d --fast x a":                               with(func(p *put) { p.Fast = &yes }),
		"put --dir d --no-fast x a":                            with(func(p *put) { p.Fast = &no }),
		"put --dir d --fast=no --no-live x a":                  with(func(p *put) { p.Fast, p.Live = &no, false }),
		"put --dir d --format jsonl --share 0.5 --wait 2m x a": with(func(p *put) { p.Format, p.Share, p.Wait = "jsonl", 0.5, 2*time.Minute }),
		"put --dir d --tags a,b --tags c x a":                  with(func(p *put) { p.Tags = []string{"a", "b", "c"} }),
		"put --dir= x a":                                       with(func(p *put) { p.Dir = "" }),
		"put --dir e --dir d x a":                              plain,
		"many list":                                            list{},
		"many list --json 3 4":                                 list{IDs: []int64{3, 4}, JSON: true},
		"many dry-run":                                         struct{}{},
	} {
		c, _, err := parse(args)
		if err != nil || !reflect.DeepEqual(c.Command, want) {
			t.Errorf("%s: %+v, %v; not %+v", args, c.Command, err, want)
		} else if !strings.HasPrefix(args, c.Path) || c.Path == "" {
			t.Errorf("%s: the path is %q", args, c.Path)
		}
	}
}

func TestAWrongLineIsAnsweredWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                             `expected one of "put", "many"`,
		"many":                         `expected one of "list", "dry-run"`,
		"pit":                          `unexpected argument pit, did you mean "put"?`,
		"many d":                       `unexpected argument d, did you mean "dry-run"?`,
		"nothing":                      "unexpected argument nothing",
		"many list x":                  `[<ID> ...]: expected a whole number but got "x"`,
		"many dry-run x":               "unexpected argument x",
		"put --dir d x":                `expected "<FILE> ..."`,
		"put --dir d":                  `expected "<CODE> <FILE> ..."`,
		"put x a":                      "missing flags: --dir=DIR",
		"put --dri d x a":              `unknown flag --dri, did you mean "--dir"?`,
		"put --fo csv":                 `unknown flag --fo, did you mean "--format"?`,
		"put -x":                       "unknown flag -x",
		"put --no-dir":                 "unknown flag --no-dir",
		"--dir d put":                  "unknown flag --dir",
		"put --dir":                    "--dir: expected a value",
		"put --dir --fast":             `--dir: expected a value but got "--fast"; perhaps try --dir="--fast"`,
		"put --format xml":             `--format: must be one of "csv","jsonl" but got "xml"`,
		"put --n 1.5":                  `--n: expected a whole number but got "1.5"`,
		"put --n 99999999999999999999": `--n: expected a whole number but got "99999999999999999999"`,
		"put --share x":                `--share: expected a number but got "x"`,
		"put --wait 5":                 `--wait: expected a duration such as 90s or 2h but got "5"`,
		"put --fast=maybe":             `--fast: must be true, 1, yes, false, 0 or no but got "maybe"`,
		"put --no-fast=1":              "--no-fast takes no value",
	} {
		c, out, err := parse(args)
		if err == nil || err.Error() != want || out != "" || c.Command != nil {
			t.Errorf("%s: %v, %q; not %s", args, err, out, want)
		}
	}
}

func TestHelpShowsCommandFlagsAndExample(t *testing.T) {
	t.Parallel()
	const want = `Usage: prog put --dir=DIR <CODE> <FILE> ... [flags]

Put things.

Puts things where they belong, and says so in a sentence that goes on for more
than one line.

Example:

    prog put --dir d x a b

Arguments:
  <CODE>        Its code.
  <FILE> ...    Files.

Flags:
  -h, --help            Show context-sensitive help.
      --version         Print the version.

      --dir=DIR         Folder.
      --format="csv"    Format, with a help that is too long for one line of
                        eighty characters.
      --[no-]fast       Fast.
      --[no-]live       Live.
      --n=3             Number.
      --share=N         Share.
      --wait=6s         How long.
      --tags=STRING     Tags.
`
	for _, args := range []string{"put --help", "put -h", "--help put", "put --n 4 --help x"} {
		if _, out, err := parse(args); !errors.Is(err, command.ErrAnswered) || out != want {
			t.Errorf("%s: %v\n%s", args, err, out)
		}
	}
	if _, out, err := parse("--help"); !errors.Is(err, command.ErrAnswered) || !strings.Contains(out, "\nCommands:\n  put             Put things.\n  many list       List them.\n") ||
		!strings.HasPrefix(out, "Usage: prog <command> [flags]\n\nA program.\n") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, out, err := parse("--version"); !errors.Is(err, command.ErrAnswered) || out != "v1\n" {
		t.Errorf("%q, %v", out, err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAnAnswerThatCannotBeWrittenIsNoAnswer(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"--version"}} {
		if _, err := (command.Program{Name: "prog", Version: "v1", Out: full{}}).Parse(&root{}, args); err == nil || errors.Is(err, command.ErrAnswered) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestAWrongStructIsNamed(t *testing.T) {
	t.Parallel()
	for _, wrong := range []any{root{}, &struct{ Chan chan int }{}, &struct {
		N int `default:"x"`
	}{}} {
		if _, err := command.Paths(wrong); err == nil {
			t.Errorf("%T is read", wrong)
		}
	}
	if got, err := command.Paths(&root{}); err != nil || !reflect.DeepEqual(got, []string{"put", "many list", "many dry-run"}) {
		t.Errorf("%v, %v", got, err)
	}
}
