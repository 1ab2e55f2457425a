package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"otklik/internal/gazetteer"
	"otklik/internal/place"
)

// territories builds data/territories, or counts what is bundled.
func territories(args []string) error {
	var out io.Writer = os.Stdout
	if len(args) > 0 && args[0] == "count" {
		return territoriesCount(out)
	}
	if len(args) > 0 && args[0] == "keys" {
		return territoriesKeys(args[1:], out)
	}
	if len(args) > 0 && args[0] == "build" {
		args = args[1:]
	}
	fs := flag.NewFlagSet("territories build", flag.ContinueOnError)
	fs.SetOutput(out)
	from := fs.String("from", "", "folder with hflabs/, oktmo/ and region_boundaries/")
	to := fs.String("to", "data/territories", "folder to write into")
	fs.Usage = func() {
		fmt.Fprint(out, "usage: otklik-data territories build --from DIR [--to data/territories]\n       otklik-data territories keys [--to data/territories]\n       otklik-data territories count\n")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *from == "" {
		fs.Usage()
		return fmt.Errorf("--from is missing")
	}
	b := newBuild()
	for _, step := range []func() error{
		func() error { return b.readRegions(filepath.Join(*from, "hflabs", "region.csv")) },
		func() error { return b.readMunicipal(filepath.Join(*from, "oktmo", "mreg.json")) },
		func() error {
			return b.readDistricts(filepath.Join(*from, "oktmo", "tom3_oktmo_1.csv"), filepath.Join(*from, "oktmo", "tom5_oktmo_1.csv"))
		},
		func() error {
			return b.readSettlements(filepath.Join(*from, "oktmo", "tom3_oktmo_2.csv"), filepath.Join(*from, "oktmo", "tom5_oktmo_2.csv"))
		},
		func() error { return b.readExtra(filepath.Join(*to, "extra.tsv")) },
		func() error { return b.readCities(filepath.Join(*from, "hflabs", "city.csv")) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	b.orphans()
	b.derive()
	b.locate()
	if err := b.write(*to); err != nil {
		return err
	}
	for _, w := range b.warnings {
		fmt.Fprintln(out, "note:", w)
	}
	return nil
}

// write writes regions.tsv and a file for each region.
func (b *build) write(dir string) error {
	a, err := analyzer()
	if err != nil {
		return err
	}
	regions := filepath.Join(dir, "regions")
	if err := os.MkdirAll(regions, 0o755); err != nil {
		return err
	}
	lines := []string{gazetteer.RegionHeader}
	for _, code := range b.regionCodes() {
		entries := b.entries(code)
		for i := range entries {
			entries[i].Keys = gazetteer.KeysOf(a, &entries[i].Place)
		}
		var buf bytes.Buffer
		if err := gazetteer.WriteEntries(&buf, entries); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(regions, code+".tsv.gz"), buf.Bytes(), 0o644); err != nil {
			return err
		}
		p := b.places[code].Place
		lines = append(lines, gazetteer.RegionLine(&p, gazetteer.CountEntries(entries)))
	}
	return os.WriteFile(filepath.Join(dir, "regions.tsv"), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// territoriesKeys makes the keys of the bundled territories again, which is due
// whenever the analyzer or its dictionary changes. It needs no sources.
func territoriesKeys(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("territories keys", flag.ContinueOnError)
	fs.SetOutput(out)
	to := fs.String("to", "data/territories", "folder to write into")
	if err := fs.Parse(args); err != nil {
		return err
	}
	b := newBuild()
	for _, r := range gazetteer.Regions() {
		entries, err := gazetteer.Bundled(r.ID)
		if err != nil {
			return err
		}
		for _, e := range entries {
			b.places[e.ID] = &e
		}
	}
	return b.write(*to)
}

// entries returns the entries of a region ordered by id.
func (b *build) entries(region string) []gazetteer.Entry {
	var out []gazetteer.Entry
	for _, e := range b.places {
		if e.Region == region {
			out = append(out, *e)
		}
	}
	slices.SortFunc(out, func(x, y gazetteer.Entry) int { return strings.Compare(x.ID, y.ID) })
	return out
}

func (b *build) regionCodes() []string {
	var out []string
	for _, e := range b.places {
		if e.Level == place.Region {
			out = append(out, e.ID)
		}
	}
	slices.Sort(out)
	return out
}

// territoriesCount prints how many territories are bundled, region by region.
func territoriesCount(out io.Writer) error {
	row := func(name string, c gazetteer.Counts) {
		fmt.Fprintf(out, "| %s | %d | %d | %d | %d |\n", name, c.Municipalities, c.Secondary+c.Districts, c.Cities, c.Settlements)
	}
	fmt.Fprint(out, "| Region | Municipalities | Inside them | Cities | Settlements |\n|---|---|---|---|---|\n")
	for _, r := range gazetteer.Regions() {
		row(r.Full(), gazetteer.Count(r.ID))
	}
	all := gazetteer.Count("")
	row(fmt.Sprintf("All %d regions", all.Regions), all)
	return nil
}
