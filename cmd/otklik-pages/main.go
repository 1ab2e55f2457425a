// Command otklik-pages writes the Go code of the pages, *_templ.go: it lets templ
// make it of the .templ files and says the same in a third of the machine code.
//
//	go run ./cmd/otklik-pages
//
// `make generate` runs it. It stands in the folder of the repository.
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Fprintln(os.Stderr, "otklik-pages: takes no arguments\nusage: go run ./cmd/otklik-pages, in the folder of the repository")
		os.Exit(2)
	}
	if err := generate("internal"); err != nil {
		fmt.Fprintln(os.Stderr, "otklik-pages:", err)
		os.Exit(1)
	}
}

// generate writes all pages below root again.
func generate(root string) error {
	if _, err := os.Stat(filepath.Join("tools", "go.mod")); err != nil {
		return fmt.Errorf("%w\nhint: run it in the folder of the repository", err)
	}
	templ := exec.Command("go", "tool", "-modfile="+filepath.Join("tools", "go.mod"), "templ", "generate", "-log-level", "error")
	templ.Stdout, templ.Stderr = os.Stderr, os.Stderr
	if err := templ.Run(); err != nil {
		return fmt.Errorf("templ generate: %w", err)
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_templ.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		out, err := shorten(filepath.ToSlash(path), src)
		if err != nil || bytes.Equal(src, out) {
			return err
		}
		return os.WriteFile(path, out, 0o644)
	})
}
