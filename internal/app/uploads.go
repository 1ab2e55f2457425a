package app

import (
	"path/filepath"

	"otklik/internal/shield"
	"otklik/internal/upload"
)

// openUploads opens what stands between residents' forms and the store: files before they are
// drawn anew, and the guard against abuse.
func (a *App) openUploads() (err error) {
	a.Shield = shield.New(shield.Options{Limits: a.Config.Shield.Limits(a.Config.Uploads.HourMB), Now: a.Now})
	o := upload.Options{Dir: filepath.Join(a.filesDir(), "incoming"), Store: a.DB, Vault: a.Vault, Limits: a.Config.Uploads.Limits(), Admit: a.Shield.AdmitFile, Now: a.Now, Log: a.Log}
	if address := a.Config.Uploads.ClamAV; address != "" {
		clam, err := upload.ParseClam(address)
		if err != nil {
			return err
		}
		o.Scan = clam
	}
	a.Uploads, err = upload.Open(o)
	return err
}
