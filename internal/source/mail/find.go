package mail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"otklik/internal/attachment"
	"otklik/internal/source"
)

// errGone says that a letter is in no folder that we read.
var errGone = errors.New("mail: the letter is not in the mailbox")

// letter brings a letter by its Message-ID, over a connection of its own.
func (b *Box) letter(ctx context.Context, id string) (raw []byte, err error) {
	if !plainASCII(id) || id == "" {
		return nil, errGone
	}
	c, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	defer context.AfterFunc(ctx, func() { c.net.Close() })()
	found, err := b.look(c, b.folders(false), "HEADER Message-ID "+quote(id), func(l *Letter) bool { return l.ID == id })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err == nil && found == nil {
		err = errGone
	}
	return found, err
}

// looked is how many letters that a search names are looked at.
const looked = 20

// look returns the first letter of the folders that a search names and that fits, nil for
// none. A folder that is not there has none.
func (b *Box) look(c *conn, folders []string, search string, fits func(*Letter) bool) ([]byte, error) {
	for _, name := range folders {
		_, err := c.open(name)
		var no *refusal
		if errors.As(err, &no) && no.kind == "NO" && name != "INBOX" {
			continue
		}
		if err != nil {
			return nil, err
		}
		uids, err := c.search(search)
		if err != nil {
			return nil, err
		}
		for k := len(uids) - 1; k >= max(0, len(uids)-looked); k-- {
			raw, _, err := c.fetch(uids[k], letterLimit)
			if err != nil {
				return nil, err
			}
			if raw != nil && fits(Read(raw)) {
				return raw, nil
			}
		}
	}
	return nil, nil
}

func fileName(path, id string) string { return attachment.ByName + path + "|" + id }

// File returns the bytes of what came with a letter, by the name that its message gave it.
func (b *Box) File(ctx context.Context, name string) (io.ReadCloser, error) {
	path, id, ok := strings.Cut(strings.TrimPrefix(name, attachment.ByName), "|")
	if !ok {
		return nil, source.Fail(source.Permanent, "", "mail: no name of a file")
	}
	raw, err := b.letter(ctx, id)
	if errors.Is(err, errGone) {
		return nil, source.Fail(source.Permanent, "Письма в ящике больше нет.", "%w", err)
	}
	if err != nil {
		return nil, b.trouble(err)
	}
	content := Part(raw, path, letterLimit)
	if content == nil {
		return nil, source.Fail(source.Permanent, "", "mail: the letter has no part %q", path)
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}
