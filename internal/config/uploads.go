package config

import (
	"otklik/internal/fault"
	"otklik/internal/shield"
	"otklik/internal/upload"
)

// Uploads bound the files that residents send with a report. A number that is absent has the
// default of package upload.
type Uploads struct {
	PhotoMB    int    `json:"photo_mb,omitempty"`    // of one photo; 20 at most
	VideoMB    int    `json:"video_mb,omitempty"`    // of one video; absent = 100
	DocumentMB int    `json:"document_mb,omitempty"` // of one PDF; absent = 20
	Files      int    `json:"files,omitempty"`       // of one report, 20 at most; absent = 10
	HourMB     int    `json:"hour_mb,omitempty"`     // of one address in an hour; absent = 600
	WaitingGB  int    `json:"waiting_gb,omitempty"`  // of files whose report is not filed yet; absent = 10
	ClamAV     string `json:"clamav,omitempty"`      // clamd: "tcp://127.0.0.1:3310" or "unix:///run/clamav/clamd.ctl"; "" = no scanner
}

func (u Uploads) validate() error {
	for _, f := range []struct {
		name    string
		n, most int
	}{{"photo_mb", u.PhotoMB, 20}, {"video_mb", u.VideoMB, 2000}, {"document_mb", u.DocumentMB, 200}, {"files", u.Files, 20}, {"hour_mb", u.HourMB, 100_000}, {"waiting_gb", u.WaitingGB, 100_000}} {
		if f.n < 0 || f.n > f.most {
			return fault.New(fault.Invalid, "uploads.%s: %d is not between 1 and %d", f.name, f.n, f.most).At("uploads." + f.name).Mend("write a number in these bounds, or leave the line out")
		}
	}
	if u.ClamAV != "" {
		if _, err := upload.ParseClam(u.ClamAV); err != nil {
			return fault.New(fault.Invalid, "uploads.clamav: %w", err).At("uploads.clamav").Mend(`write "tcp://127.0.0.1:3310" or "unix:///run/clamav/clamd.ctl"`)
		}
	}
	return nil
}

// Limits returns them as package upload takes them.
func (u Uploads) Limits() upload.Limits {
	const mb = 1 << 20
	return upload.Limits{Photo: int64(u.PhotoMB) * mb, Video: int64(u.VideoMB) * mb, Document: int64(u.DocumentMB) * mb, Files: u.Files, Waiting: int64(u.WaitingGB) << 10 * mb}
}

// A Shield says how many reports are usual; beyond it the form asks for a task. A number that
// is absent has the default of package shield.
type Shield struct {
	Address   int `json:"address_hour,omitempty"`   // of one address in an hour; absent = 6
	Contact   int `json:"contact_hour,omitempty"`   // of one contact; absent = 5
	Place     int `json:"place_hour,omitempty"`     // about one place; absent = 60
	Unchecked int `json:"unchecked_hour,omitempty"` // of one address, without the task, for a person's look; absent = 5
	Most      int `json:"most_hour,omitempty"`      // of one address, whatever it does; absent = 200
	Steps     int `json:"steps_hour,omitempty"`     // readings of unfinished forms of one address; absent = 300
}

func (s Shield) validate() error {
	for name, n := range map[string]int{"address_hour": s.Address, "contact_hour": s.Contact, "place_hour": s.Place, "unchecked_hour": s.Unchecked, "most_hour": s.Most, "steps_hour": s.Steps} {
		if n < 0 || n > 1_000_000 {
			return fault.New(fault.Invalid, "shield.%s: %d is not between 1 and 1000000", name, n).At("shield." + name).Mend("write how many reports an hour are usual, or leave the line out")
		}
	}
	return nil
}

// Limits returns them as package shield takes them. files is what Uploads.HourMB says.
func (s Shield) Limits(filesMB int) shield.Limits {
	return shield.Limits{Address: s.Address, Contact: s.Contact, Place: s.Place, Unchecked: s.Unchecked, Most: s.Most, Steps: s.Steps, Files: int64(filesMB) << 20}
}
