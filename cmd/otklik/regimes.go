package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"otklik/internal/account"
	"otklik/internal/app"
	"otklik/internal/fault"
	"otklik/internal/regime"
)

type regimesCommand struct {
	List regimesListCommand `cmd:"" help:"List the regimes in force: by when each step must be done."`
	Put  regimesPutCommand  `cmd:"" help:"Add a regime, or put another in the place of the one with its code."`
}

type regimesListCommand struct {
	Dir  string      `required:"" help:"Folder of the installation." placeholder:"DIR"`
	JSON bool        `name:"json" help:"One JSON object a line, as put takes it."`
	Code regime.Code `arg:"" optional:"" name:"CODE" help:"This regime alone."`
}

func (regimesListCommand) Help() string {
	return `Lists the regimes in the order in which they are tried: code, name, and the limit of
each step. The first that fits a new incident holds; docs/regimes.md has the fields.

Example:
  otklik regimes list --dir centre
  otklik regimes list --dir centre --json open > open.json`
}

// Run lists.
func (c regimesListCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	list := a.Book().Regimes()
	if c.Code != "" {
		r, ok := a.Book().Regime(c.Code)
		if !ok {
			return fault.New(fault.NotFound, "no regime has the code %q", c.Code).Say("Регламента с кодом «" + string(c.Code) + "» нет.").
				Mend("see the codes: otklik regimes list --dir " + c.Dir)
		}
		list = []regime.Regime{*r}
	}
	enc, table := json.NewEncoder(w.out), tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	enc.SetEscapeHTML(false)
	for k := range list {
		r := &list[k]
		if c.JSON {
			if err := enc.Encode(r); err != nil {
				return err
			}
			continue
		}
		name := r.Name
		if r.Retired {
			name += " (больше не выбирается)"
		}
		for n, s := range r.Steps {
			code := r.Code
			if n > 0 {
				code, name = "", ""
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\tот «%s»\n", code, name, s.Kind.Name(), regime.AmountWords(s.Within), s.From.Name())
		}
		fmt.Fprintf(table, "\t\tдавление\t%s\t\n", r.Pressure.Words())
	}
	return table.Flush()
}

type regimesPutCommand struct {
	Dir  string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Try  bool   `help:"Only say what would change."`
	JSON bool   `name:"json" help:"Print what changed as one JSON object."`
	File string `arg:"" name:"FILE" help:"The regime as JSON; - is standard input."`
}

func (regimesPutCommand) Help() string {
	return `Puts a regime in the place of the one with its code; a new code makes a new regime,
which is tried first. Says how many due times of open incidents move. The whole book is
checked before anything is stored.

Example:
  otklik regimes list --dir centre --json open | otklik regimes put --dir centre --try -
  otklik regimes put --dir centre open.json`
}

// Run puts.
func (c regimesPutCommand) Run(ctx context.Context, w world) error {
	b, err := small(w, c.File)
	if err != nil {
		return err
	}
	r, err := regime.Parse(b)
	if err != nil {
		return inFile(err, c.File, "docs/regimes.md has the fields; otklik regimes list --dir "+c.Dir+" --json CODE prints one that holds")
	}
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	err = editRules(ctx, w, a, regime.Edit{Regime: &r}, c.Try, c.JSON)
	return inFile(err, c.File, "")
}

// An edited is what an edit of regimes or calendars did, as JSON.
type edited struct {
	Version int      `json:"version"` // in force now
	Tried   bool     `json:"tried,omitempty"`
	Changes []string `json:"changes"`
	Looked  int      `json:"looked"` // open incidents; more: not all of them
	More    bool     `json:"more,omitempty"`
	Moved   int      `json:"moved"`
	Earlier int      `json:"earlier"`
	Overdue int      `json:"overdue"`

	Recounted int `json:"recounted"` // due times that moved, of all open incidents
}

// editRules edits the regimes and calendars, unless it is only tried, and says what changes.
func editRules(ctx context.Context, w world, a *app.App, e regime.Edit, try, asJSON bool) error {
	version, recounted := a.Rules().Version, 0
	p, err := a.PreviewRegimes(ctx, account.System(), e)
	if err != nil {
		return err
	}
	if !try {
		next, err := a.EditRegimes(ctx, account.System(), version, e)
		if err != nil {
			return err
		}
		if version = next.Version; len(p.Changes) > 0 {
			if recounted, err = a.Recount(ctx); err != nil {
				return err
			}
		}
	}
	if asJSON {
		return json.NewEncoder(w.out).Encode(edited{version, try, append([]string{}, p.Changes...), p.Looked, p.More, p.Moved, p.Earlier, p.Overdue, recounted})
	}
	if len(p.Changes) == 0 {
		_, err := fmt.Fprintf(w.out, "Менять нечего: действует версия %d.\n", version)
		return err
	}
	for _, line := range p.Changes {
		fmt.Fprintln(w.out, line+".")
	}
	fmt.Fprintln(w.out, p.Sentence())
	end := fmt.Sprintf("Действует версия %d. Сроки пересчитаны, сдвинулись у %d; о каждом сдвиге есть запись в истории. Работающая служба возьмёт версию за десять секунд.", version, recounted)
	if try {
		end = fmt.Sprintf("Ничего не сохранено: действует версия %d.", version)
	}
	_, err = fmt.Fprintln(w.out, end)
	return err
}

// smallFile is the most that a regime or a calendar may have, in bytes.
const smallFile = 1 << 20

// small reads a file whole; - is standard input. One byte over the limit is read too, so
// that who parses it can say that it is too large.
func small(w world, name string) ([]byte, error) {
	in := w.in
	if name != "-" {
		f, err := openFile(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, smallFile+1))
	if err == nil && len(b) == 0 {
		err = fault.New(fault.Invalid, "%s is empty", name).Say("Файл пуст.").Mend("check that it was written whole")
	}
	return b, err
}

// inFile names the file in an error, and what helps where the error has no hint.
func inFile(err error, name, hint string) error {
	if err == nil {
		return nil
	}
	e := fault.New(cmp.Or(fault.KindOf(err), fault.Unavailable), "%s: %w", name, err).Say(fault.Sentence(err))
	return e.Mend(cmp.Or(fault.Hint(err), hint))
}
