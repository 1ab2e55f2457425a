package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/attachment"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
)

// Files keeps the bytes of pictures and documents. vault.Vault is one.
type Files interface {
	// Keep looks at what is read, and calls then while the bytes are held.
	Keep(ctx context.Context, r io.Reader, then func(attachment.File) error) error
	Bytes(hash string) (*os.File, error)
}

// SeesFile reports whether the role may look at an attachment of an incident that it
// sees. A resident's picture that nobody has looked at yet is for those who may see who
// wrote: a text can be masked, a picture cannot.
func SeesFile(role lifecycle.Role, a *attachment.Attachment) bool {
	return a.Message == 0 || a.Part != attachment.NoPart || role.Holds(lifecycle.SeePersonal)
}

type fileKey struct{}

// FileResource is an attachment, found through the scope of its incident; FileOf
// returns it to the handler.
func FileResource(cases func() incident.Tx) *Resource {
	return &Resource{Name: "file", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		a, err := cases().Attachments().Attachment(ctx, who.Scope(), attachment.ID(id))
		if err == nil && !SeesFile(who.Role, a) {
			err = fault.New(fault.NotFound, "attachment %d is not for the role", id)
		}
		return context.WithValue(ctx, fileKey{}, a), err
	}}
}

// FileOf returns the attachment that FileResource found.
func FileOf(ctx context.Context) *attachment.Attachment {
	a, _ := ctx.Value(fileKey{}).(*attachment.Attachment)
	return a
}

// FileName is a name of ours: what its sender called a file stands in no header and no log.
func FileName(a *attachment.Attachment) string {
	if a.File.Kind == attachment.Photo {
		return fmt.Sprintf("photo-%d.jpg", a.ID)
	}
	if a.File.Kind == attachment.Video {
		ext := map[string]string{"video/quicktime": "mov", "video/3gpp": "3gp"}[a.Type]
		if ext == "" {
			ext = "mp4"
		}
		return fmt.Sprintf("video-%d.%s", a.ID, ext)
	}
	return fmt.Sprintf("document-%d.pdf", a.ID)
}

// Sandbox is the policy of every file: should a browser take it for a page, that page
// does nothing.
const Sandbox = "default-src 'none'; sandbox; frame-ancestors 'none'"

// ServeFile answers with the bytes of an attachment, or of its small picture, to one who
// may see it. A picture is shown, a document is given to download.
func ServeFile(w http.ResponseWriter, r *http.Request, files Files, a *attachment.Attachment, small bool) error {
	if files == nil || a.State != attachment.Kept {
		return fault.New(fault.NotFound, "attachment %d has no bytes", a.ID)
	}
	hash := a.Hash
	if small {
		hash = a.Small
	}
	f, err := files.Bytes(hash)
	if err != nil {
		return err
	}
	defer f.Close()
	how := "inline"
	if a.File.Kind != attachment.Photo {
		how = "attachment"
	}
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Content-Disposition", how+`; filename="`+FileName(a)+`"`)
	h.Set("Content-Security-Policy", Sandbox)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Cache-Control", "private, no-cache") // asked for anew each time: it may be erased
	h.Set("ETag", `"`+hash[:32]+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

// Bounds of a form with files.
const (
	uploadLimit  = 64 << 20 // bytes in all
	uploadMemory = 4 << 20  // what of it is held in memory
	uploadTime   = 5 * time.Minute
	mostFiles    = attachment.MostOfReply
)

// Uploads reports whether the request carries a form that may hold files.
func Uploads(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// patient gives a form with files the time that a bad network needs.
func patient(w http.ResponseWriter, r *http.Request) {
	if Uploads(r) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime)) // a test's recorder has none
	}
}

// Form reads a form of at most limit bytes, or one with files; done forgets the files.
func Form(w http.ResponseWriter, r *http.Request, limit int64) (done func(), err error) {
	cut := func(err error) error {
		return fault.New(fault.Invalid, "form: %w", err).Say("Форма пришла не целиком. Отправьте её ещё раз.")
	}
	if !Uploads(r) {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if err := r.ParseForm(); err != nil {
			return func() {}, cut(err)
		}
		return func() {}, nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, uploadLimit)
	err = r.ParseMultipartForm(uploadMemory)
	done = func() {
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // temporary files
		}
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		done()
		return func() {}, fault.New(fault.TooLarge, "form of more than %d bytes", uploadLimit).Say(fmt.Sprintf("Файлы вместе больше %d МБ. Приложите их по частям.", uploadLimit>>20))
	case err != nil:
		done()
		return func() {}, cut(err)
	}
	return done, nil
}

// Sent returns the files of a field, at most as many as a reply takes. A field that
// was left empty holds none.
func Sent(r *http.Request, field string) ([]*multipart.FileHeader, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	var list []*multipart.FileHeader
	for _, h := range r.MultipartForm.File[field] {
		if h.Size > 0 || h.Filename != "" {
			list = append(list, h)
		}
	}
	if len(list) > mostFiles {
		return nil, fault.New(fault.Invalid, "%d files", len(list)).At(field).Say(fmt.Sprintf("За один раз можно приложить до %d файлов.", mostFiles))
	}
	return list, nil
}
