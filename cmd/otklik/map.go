package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/mapping"
	"otklik/internal/table"
)

type mapCommand struct {
	Propose mapProposeCommand `cmd:"" help:"Propose what the columns of a table mean."`
	Save    mapSaveCommand    `cmd:"" help:"Save a mapping under a name."`
	List    mapListCommand    `cmd:"" help:"List the saved mappings."`
	Show    mapShowCommand    `cmd:"" help:"Print a saved mapping, to be mended and saved again."`
	Remove  mapRemoveCommand  `cmd:"" help:"Take a mapping away."`
}

type mapProposeCommand struct {
	Dir   string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Sheet string `help:"Sheet of a workbook; without it the first one." placeholder:"NAME"`
	File  string `arg:"" name:"FILE" help:"The table."`
}

func (mapProposeCommand) Help() string {
	return `Looks at a table (CSV, XLSX) and prints a mapping of its columns as JSON: field →
name of the column, and what statuses, topics and agencies stand for; "" is what is
not known here. The reasons stand on standard error. Mend it and save it.

Example:
  otklik map propose --dir centre letters.csv > map.json`
}

// Run proposes.
func (c mapProposeCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	f, err := os.Open(c.File)
	if err != nil {
		return fault.New(fault.NotFound, "%w", err).Mend("check the name and the rights of the file")
	}
	defer f.Close()
	rows, err := table.Sample(filepath.Base(c.File), f, c.Sheet)
	if err != nil {
		return err
	}
	p, err := a.Tables.Propose(ctx, rows)
	if err != nil {
		return err
	}
	p.Mapping.Sheet = c.Sheet
	p.Spell()
	tellProposal(w.err, c.File, &p)
	if !p.Sure {
		fmt.Fprintln(w.err, "Сомнение:", p.Doubt)
	}
	return printMapping(w.out, &p.Mapping)
}

func printMapping(w io.Writer, m *mapping.Mapping) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(m)
}

type mapSaveCommand struct {
	Dir  string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Name string `arg:"" name:"NAME" help:"Its name."`
	File string `arg:"" name:"FILE" help:"JSON as propose and show print it; - is standard input."`
}

func (mapSaveCommand) Help() string {
	return `Saves a mapping; one of that name is replaced. Statuses stand for new, working,
answered, closed, closed/solved, closed/partly, closed/explained, closed/refused,
closed/duplicate; topics for codes (otklik topics list); agencies for their numbers, 0
for none of ours.

Example:
  otklik map propose --dir centre letters.csv | otklik map save --dir centre incident -`
}

// Run saves.
func (c mapSaveCommand) Run(ctx context.Context, w world) error {
	in := w.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fault.New(fault.NotFound, "%w", err).Mend("check the name and the rights of the file")
		}
		defer f.Close()
		in = f
	}
	m, err := mapping.Parse(in)
	if err != nil {
		return err
	}
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	m.Name = c.Name
	if err := a.Tables.Save(ctx, account.System(), "otklik map", *m); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "Настройка «%s» сохранена.\n", m.Name)
	return nil
}

type mapListCommand struct {
	Dir string `required:"" help:"Folder of the installation." placeholder:"DIR"`
}

func (mapListCommand) Help() string {
	return `Lists names, when and by whom they were saved, and the column of the text.

Example:
  otklik map list --dir centre`
}

// Run lists.
func (c mapListCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	all, err := a.Tables.Mappings(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(w.out, "Настроек столбцов ещё нет. Предложить: otklik map propose --dir", c.Dir, "ФАЙЛ")
	}
	out := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	for _, m := range all {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", m.Name, m.SavedAt.Format("2006-01-02 15:04"), m.SavedBy, m.Columns[mapping.Text])
	}
	return out.Flush()
}

type mapShowCommand struct {
	Dir  string `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Name string `arg:"" name:"NAME" help:"Its name."`
}

func (mapShowCommand) Help() string {
	return `Prints a mapping as JSON.

Example:
  otklik map show --dir centre incident > map.json`
}

// Run prints.
func (c mapShowCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	m, err := a.Tables.Mapping(ctx, c.Name)
	if err != nil {
		return err
	}
	return printMapping(w.out, m)
}

type mapRemoveCommand mapShowCommand

func (mapRemoveCommand) Help() string {
	return `Takes a mapping away; what was taken in by it stays.

Example:
  otklik map remove --dir centre incident`
}

// Run removes.
func (c mapRemoveCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Tables.Remove(ctx, account.System(), c.Name); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "Настройка «%s» удалена.\n", c.Name)
	return nil
}
