package upload

import (
	"context"
	"slices"

	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
)

// Claim gives uploads to a message that tx has just stored: m needs ID, Source and Place. Each
// becomes an attachment of the message, wanted until it is drawn anew. Either all are given
// or, with the error, none: the transaction must end with it. It is a Conflict, with a
// sentence, for a file that is not whole, is gone, or went with another report. Call Wake
// after the transaction.
func (u *Uploads) Claim(ctx context.Context, tx incident.Tx, m *message.Message, tokens []string) (err error) {
	defer fault.Wrap(&err, "upload.Claim(message %d)", m.ID)
	var done []string
	for _, token := range tokens {
		if token == "" || slices.Contains(done, token) {
			continue
		}
		if done = append(done, token); len(done) > u.Limits.Files {
			return TooMany(u.Limits.Files)
		}
		if err := u.claim(ctx, tx, m, SealOf(token)); err != nil {
			return err
		}
	}
	return nil
}

func (u *Uploads) claim(ctx context.Context, tx incident.Tx, m *message.Message, seal string) error {
	again := func() error {
		return fault.New(fault.Conflict, "an upload cannot be claimed").At("files").Say("Одного из файлов у нас больше нет, или он пришёл не целиком. Уберите его из списка или приложите ещё раз; остальное в форме цело.")
	}
	row, err := tx.Uploads().Upload(ctx, seal)
	switch {
	case fault.Is(err, fault.NotFound):
		return again()
	case err != nil:
		return err
	case row.Kind == "" || row.Attachment != 0:
		return again()
	}
	now := u.Now()
	a := attachment.Attachment{Message: int64(m.ID), Source: m.Source, State: attachment.Wanted, At: now, Place: m.Place,
		Ref:  attachment.Ref{Kind: row.Kind, Name: attachment.Uploaded + seal[:20], Title: row.Title},
		File: attachment.File{TakenAt: row.TakenAt, Lat: row.Lat, Lon: row.Lon}}
	if err := tx.Attachments().Add(ctx, &a); err != nil {
		return err
	}
	if err := tx.Uploads().Take(ctx, seal, a.ID, m.Place.Region); err != nil {
		if fault.Is(err, fault.Conflict) {
			return again()
		}
		return err
	}
	return nil
}

// Wake has the files looked at that a report took just now.
func (u *Uploads) Wake() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}
