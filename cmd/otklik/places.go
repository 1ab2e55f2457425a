package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/gazetteer"
)

type placesCommand struct {
	Import placesImportCommand `cmd:"" help:"Add streets, houses and landmarks."`
}

type placesImportCommand struct {
	Dir        string   `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Format     string   `required:"" enum:"csv,geojson,gar,osm" help:"csv, geojson, gar (the state register of addresses: its archive, folders or XML files) or osm (.osm.pbf)."`
	Region     string   `help:"Region that the names lie in: a name or an OKTMO code." placeholder:"NAME"`
	Settlement string   `help:"Settlement of rows that name none." placeholder:"NAME"`
	Files      []string `arg:"" name:"FILE" help:"Files to take in."`
}

func (placesImportCommand) Help() string {
	return `Adds streets, houses, landmarks and districts to the gazetteer. What is there
already is not added again, so that an import that was cut off is simply run again.
docs/gazetteer.md lists the columns, tables and tags.

Example:
  otklik places import --dir centre --format csv streets.csv
  otklik places import --dir centre --format gar gar_xml.zip
  otklik places import --dir centre --format osm --region Хакасия siberia.osm.pbf`
}

// Run imports.
func (c placesImportCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	failed := false
	files := make([][]string, 0, len(c.Files))
	for _, name := range c.Files {
		files = append(files, []string{name})
	}
	if c.Format == "gar" { // its tables make sense together only
		files = [][]string{c.Files}
	}
	for _, names := range files {
		if err := c.files(ctx, w, a.Places, a.DB, names); err != nil {
			fmt.Fprintln(w.err, strings.Join(names, ", ")+":", err)
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

// files takes in one file, or the tables that belong together.
func (c placesImportCommand) files(ctx context.Context, w world, ix *gazetteer.Index, s gazetteer.Store, names []string) error {
	name := names[0]
	if len(names) > 1 {
		name = filepath.Dir(names[0])
	}
	bar := newProgress(w.err, filepath.Base(name), -1, false)
	defer bar.finish()
	o := gazetteer.Options{Region: c.Region, Settlement: c.Settlement, Progress: bar.places}
	rep, err := c.run(ctx, ix, s, names, o)
	for _, bad := range rep.Problems {
		bar.say(fmt.Sprintf("%s:%d: %s", name, bad.Line, bad.Reason))
	}
	fmt.Fprintf(w.out, "%s: записей %d, добавлено %d, дополнено %d, не места %d, не принято %d\n",
		name, rep.Records, rep.Added, rep.Updated, rep.Skipped, rep.Rejected)
	return err
}

func (c placesImportCommand) run(ctx context.Context, ix *gazetteer.Index, s gazetteer.Store, names []string, o gazetteer.Options) (gazetteer.Report, error) {
	if c.Format == "gar" {
		return gazetteer.ImportGAR(ctx, ix, s, names, o)
	}
	f, err := openFile(names[0])
	if err != nil {
		return gazetteer.Report{}, err
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil {
		o.Size = st.Size()
	}
	switch c.Format {
	case "osm":
		return gazetteer.ImportOSM(ctx, ix, s, names[0], f, o)
	case "geojson":
		return gazetteer.ImportGeoJSON(ctx, ix, s, names[0], f, o)
	}
	return gazetteer.ImportCSV(ctx, ix, s, names[0], f, o)
}
