package app

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
)

// filesDir returns where the bytes of pictures and documents stand. Several processes
// over one PostgreSQL share it.
func (a *App) filesDir() string {
	dir := cmp.Or(a.Config.Files, "files")
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(a.Dir, dir)
	}
	return dir
}

// fetchGap is between two requests for pictures: they are no hurry.
const fetchGap = 250 * time.Millisecond

// fileHosts returns the hosts that keep the pictures of each live source.
func (a *App) fileHosts() map[string][]string {
	hosts := map[string][]string{}
	for _, s := range a.Roster.All() {
		if list := a.Roster.FileHosts(s.ID); len(list) > 0 {
			hosts[s.ID] = list
		}
	}
	for _, s := range a.sendersBy(true) { // their pictures lie here
		hosts[s.Source] = append([]string{}, hosts[s.Source]...)
	}
	return hosts
}

// TakeBeside takes the pictures of an export that lie in the folder beside its file.
func (a *App) TakeBeside(ctx context.Context, folder string, sources []string) (kept, lost int, err error) {
	if len(sources) == 0 {
		return 0, 0, nil
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, 0, fault.New(fault.NotFound, "%w", err).Mend("import the file from the folder that the export made")
	}
	defer root.Close()
	return a.Fetcher.Local(ctx, root, sources)
}

// letGo takes away the bytes whose rows were taken away. What is left of it by a crash
// is done by the next one.
func (a *App) letGo(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "app.letGo")
	for {
		const step = 200
		hashes, err := a.DB.Reader().Attachments().Forgotten(ctx, step)
		if err != nil || len(hashes) == 0 {
			return err
		}
		settled, err := a.Vault.Forget(ctx, hashes, a.DB.Reader().Attachments().Held)
		if err != nil {
			return err
		}
		if err := a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Attachments().Gone(ctx, settled) }); err != nil {
			return err
		}
		if len(settled) < step { // the rest is being stored anew
			return nil
		}
	}
}

// sweepFiles takes away the bytes that a crash left without a row.
func (a *App) sweepFiles(ctx context.Context) error {
	if err := errors.Join(a.letGo(ctx), a.sweepUploads()); err != nil {
		return err
	}
	if _, err := a.Uploads.Sweep(ctx); err != nil {
		return err
	}
	n, err := a.Vault.Sweep(ctx, a.Now(), a.DB.Reader().Attachments().Held)
	if n > 0 {
		a.Log.Info("bytes that nothing refers to were removed", "files", n)
	}
	return err
}
