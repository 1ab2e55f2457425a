package main

import (
	"fmt"
	"os"
	"path/filepath"

	"otklik/internal/app"
	"otklik/internal/source"
	"otklik/internal/source/file"
)

// letters reports whether the files are mail.
func (c importCommand) letters() bool { return c.Format == "eml" || c.Format == "mbox" }

// mailFormat returns what reads a file of letters, or a folder of them. Their pictures are
// laid into a folder, from where they are taken as those of other exports are.
func (c importCommand) mailFormat(a *app.App, name, pictures string) (source.File, error) {
	o := file.Options{
		Source: c.Source, Mailbox: a.Saved(c.Source),
		Picture: func(name string, content []byte) error {
			if err := os.WriteFile(filepath.Join(pictures, name), content, 0o600); err != nil {
				return fmt.Errorf("a letter's picture has no room: %w", err)
			}
			return nil
		},
	}
	if st, err := os.Stat(name); c.Format == "eml" && err == nil && st.IsDir() {
		return file.Letters(os.DirFS(name), o)
	}
	return file.Open(c.Format, o)
}
