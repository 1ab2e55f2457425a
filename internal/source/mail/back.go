package mail

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"otklik/internal/source"
)

var _ source.Historian = (*Box)(nil)

// backLetters is how many letters one step of going back reads.
const backLetters = 20

// backwards says how far going back has come: UIDs are read downwards, folder after folder.
type backwards struct {
	Folder   int    `json:"f"`
	Validity uint32 `json:"v"`
	Below    uint32 `json:"b"` // UID; 0 = the folder was not begun
}

// Earlier implements source.Historian: letters that the server took since, over a connection
// of its own, so that the live reading goes on.
func (b *Box) Earlier(ctx context.Context, since time.Time, position []byte) (past source.Past, err error) {
	var at backwards
	if len(position) > 0 && json.Unmarshal(position, &at) != nil {
		at = backwards{}
	}
	c, err := b.connect(ctx)
	if err != nil {
		return past, b.trouble(err)
	}
	defer c.close()
	defer context.AfterFunc(ctx, func() { c.net.Close() })()
	folders := b.folders(true)
	var batch source.Batch
	for at.Folder < len(folders) && len(batch.Messages) == 0 && !past.More {
		if past.Reached, past.More, err = b.back(ctx, c, &batch, &at, folders[at.Folder], since); err != nil {
			if ctx.Err() != nil {
				return source.Past{}, ctx.Err()
			}
			return source.Past{}, b.trouble(err)
		}
		if !past.More { // the next folder begins at its end
			at = backwards{Folder: at.Folder + 1}
		}
	}
	past.More = at.Folder < len(folders)
	if at.Folder < len(folders)-1 { // the folders behind were not looked into
		past.Reached = time.Time{}
	}
	past.Messages = batch.Messages
	past.Position, err = json.Marshal(at)
	return past, err
}

// back reads one step of a folder. A folder that is not there has no past.
func (b *Box) back(ctx context.Context, c *conn, batch *source.Batch, at *backwards, name string, since time.Time) (reached time.Time, more bool, err error) {
	f, err := c.open(name)
	var no *refusal
	if errors.As(err, &no) && no.kind == "NO" && name != "INBOX" {
		return reached, false, nil
	}
	if err != nil {
		return reached, false, err
	}
	if at.Validity != f.validity { // other numbers: from the newest again, intake knows what it has
		at.Validity, at.Below = f.validity, 0
	}
	uids, err := c.search("SINCE " + since.Add(-24*time.Hour).Format("2-Jan-2006"))
	if err != nil {
		return reached, false, err
	}
	slices.Sort(uids)
	uids = slices.DeleteFunc(slices.Compact(uids), func(u uint32) bool { return at.Below > 0 && u >= at.Below })
	slices.Reverse(uids)
	bytes := 0
	for k, uid := range uids {
		if k >= backLetters || bytes >= mostBytes {
			return reached, true, nil
		}
		raw, taken, err := c.fetch(uid, letterLimit)
		switch {
		case errors.As(err, &no) && no.kind != "BYE": // it is not given: the live reading tells of such
		case err != nil:
			return reached, false, err
		case raw != nil && !taken.Before(since):
			if err := b.take(ctx, batch, raw, taken, name); err != nil {
				return reached, false, err
			}
		}
		bytes += len(raw)
		if at.Below = uid; !taken.IsZero() {
			reached = taken.UTC()
		}
	}
	return reached, false, nil
}
