package telegram

import (
	"context"
	"net/url"
	"strings"

	"otklik/internal/attachment"
	"otklik/internal/source"
)

// FileAddress returns where the bytes of an attachment can be fetched for an hour. The
// address holds the token: it is neither stored nor logged. Its errors are source.Errors:
// one of trouble Permanent says that the file will never be had.
func (b *Bot) FileAddress(ctx context.Context, name string) (string, error) {
	id, ok := strings.CutPrefix(name, attachment.ByName)
	if !ok {
		return "", source.Fail(source.Permanent, "У вложения нет имени в Telegram.", "telegram: an attachment without a name")
	}
	var out struct {
		Path string `json:"file_path"`
	}
	err := b.client().Call(ctx, "getFile", map[string]any{"file_id": id}, &out)
	if refused := refusedFile(err); refused != nil {
		return "", refused
	}
	if err := troubled("getFile", false, err); err != nil {
		return "", err
	}
	if out.Path == "" || strings.Contains("/"+out.Path+"/", "/../") {
		return "", source.Fail(source.Permanent, "Telegram больше не отдаёт этот файл.", "telegram getFile: no path")
	}
	return b.client().FileURL(out.Path), nil
}

// FileHosts returns the host that keeps the files.
func (b *Bot) FileHosts() []string {
	u, err := url.Parse(b.client().FileURL("x"))
	if err != nil {
		return nil
	}
	return []string{u.Hostname()}
}
