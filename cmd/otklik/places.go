package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
)

type placesCommand struct {
	Import placesImportCommand `cmd:"" help:"Add streets, houses and landmarks."`
}

type placesImportCommand struct {
	Dir        string   `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Format     string   `required:"" enum:"csv,geojson" help:"csv or geojson."`
	Region     string   `help:"Region that the names lie in: a name or an OKTMO code." placeholder:"NAME"`
	Settlement string   `help:"Settlement of rows that name none." placeholder:"NAME"`
	Files      []string `arg:"" name:"FILE" help:"Files to take in."`
}

func (placesImportCommand) Help() string {
	return `Adds streets, houses, landmarks and districts to the gazetteer. What is there
already is not added again. docs/gazetteer.md lists the columns and properties.

Example:
  otklik places import --dir centre --format csv streets.csv`
}

// Run imports.
func (c placesImportCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	failed := false
	for _, name := range c.Files {
		if err := c.file(ctx, w, a.Places, a.DB, name); err != nil {
			fmt.Fprintln(w.err, name+":", err)
			if h := fault.Hint(err); h != "" {
				fmt.Fprintln(w.err, "hint:", h)
			}
			failed = true
		}
	}
	if failed {
		return fault.New(fault.Invalid, "some files were not taken whole")
	}
	return nil
}

func (c placesImportCommand) file(ctx context.Context, w world, ix *gazetteer.Index, s gazetteer.Store, name string) error {
	f, err := openFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	size := int64(-1)
	if st, err := f.Stat(); err == nil {
		size = st.Size()
	}
	bar := newProgress(w.err, filepath.Base(name), size, false)
	defer bar.finish()
	run := gazetteer.ImportCSV
	if c.Format == "geojson" {
		run = gazetteer.ImportGeoJSON
	}
	rep, err := run(ctx, ix, s, name, bar.reader(f), gazetteer.Options{Region: c.Region, Settlement: c.Settlement})
	for _, bad := range rep.Problems {
		bar.say(fmt.Sprintf("%s:%d: %s", name, bad.Line, bad.Reason))
	}
	fmt.Fprintf(w.out, "%s: записей %d, добавлено %d, дополнено %d, не места %d, не принято %d\n",
		name, rep.Records, rep.Added, rep.Updated, rep.Skipped, rep.Rejected)
	return err
}
