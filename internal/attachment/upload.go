package attachment

import (
	"context"
	"time"
)

// Of uploads: a state's reason, and how the bytes are named before they are drawn anew.
const (
	Infected = "infected" // the virus scanner found something; why of Lost
	Uploaded = "upload:"  // begins the name of what a resident uploaded
)

// An Upload is a file that a resident sends before the report is filed, or that a filed report
// took and that is not drawn anew yet. Its bytes stand apart from the vault and are shown to
// nobody. The whole row is erasable: it goes when the file is drawn anew, refused or forgotten.
type Upload struct {
	Seal       string // SHA-256 of its token, hex: whoever reads the database opens no upload
	Region     string // of the report that took it
	Size       int64  // bytes that were announced
	Title      string // what its sender called it, made harmless; may be empty
	Kind       Kind   // by the bytes; "" until all of them came
	Scanned    bool   // the virus scanner let it through, or none is configured
	Attachment ID     // that took it; 0 = nobody's
	At         time.Time

	TakenAt  time.Time // what the camera wrote: as its clock stood; zero = unknown
	Lat, Lon float64   // 0, 0 = unknown
}

// Uploads keeps the rows of uploads.
type Uploads interface {
	Begin(ctx context.Context, u *Upload) error
	// Upload is NotFound for a seal that is not here.
	Upload(ctx context.Context, seal string) (*Upload, error)
	// Whole notes that all bytes came: kind, what the camera wrote, and the scanner's word.
	Whole(ctx context.Context, u *Upload) error
	// Take gives an upload to an attachment, once: it is a Conflict for one that is taken or
	// not whole.
	Take(ctx context.Context, seal string, a ID, region string) error
	Drop(ctx context.Context, seals ...string) error
	// Due returns what a report took and whose attachment is wanted at now, oldest first.
	Due(ctx context.Context, now time.Time, limit int) ([]Upload, error)
	// Stale returns seals of nobody's uploads from before, and of those whose attachment is gone.
	Stale(ctx context.Context, before time.Time, limit int) ([]string, error)
	// Here reports which of the seals have a row.
	Here(ctx context.Context, seals []string) (map[string]bool, error)
	// Load tells what lies there: bytes of nobody's uploads, and how many that reports took
	// wait for the virus scanner.
	Load(ctx context.Context) (bytes int64, unscanned int, err error)
}
