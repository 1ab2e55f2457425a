// Command otklik-data builds the bundled reference data under data/ from the
// public files it is made of. The product never runs it: it is for whoever
// refreshes a data file, and every file it writes is committed.
//
//	otklik-data lemmas --az FOLDER --out data/lemmas/opencorpora.dict.z
package main

import (
	"fmt"
	"os"
	"slices"
)

// A command builds one data file. Its file in this folder holds the rest.
type command struct {
	name  string
	about string
	run   func(args []string) error
}

// commands are all subcommands, in the order of the help.
var commands = []command{
	{"lemmas", "the dictionary of Russian word forms, from the npm package az", buildLemmas},
	{"outlines", "simplified outlines of the regions, for maps", outlines},
	{"territories", "regions, municipalities and settlements; also counts them", territories},
}

func main() {
	if len(os.Args) < 2 || slices.Contains([]string{"help", "-h", "--help"}, os.Args[1]) {
		help()
		return
	}
	for _, c := range commands {
		if c.name != os.Args[1] {
			continue
		}
		if err := c.run(os.Args[2:]); err != nil {
			fmt.Fprintf(os.Stderr, "otklik-data %s: %v\n", c.name, err)
			os.Exit(1)
		}
		return
	}
	fmt.Fprintf(os.Stderr, "otklik-data: no such subcommand %q\nhint: run otklik-data help\n", os.Args[1])
	os.Exit(2)
}

func help() {
	fmt.Println("usage: otklik-data SUBCOMMAND [flags]")
	for _, c := range commands {
		fmt.Printf("  %-12s %s\n", c.name, c.about)
	}
}
