package upload

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"otklik/internal/fault"
)

// A Refusal says which file of a form was not taken, and why, in a sentence for people.
type Refusal struct {
	Title string // what its sender called it; may be empty
	Say   string
}

// Bounds of a form.
const (
	mostFields = 200
	mostText   = 2 << 20 // bytes of all fields that are no files
	formTime   = 15 * time.Minute
)

// TooMany is the refusal of more files than a report takes.
func TooMany(most int) error {
	return fault.New(fault.Invalid, "more than %d files", most).At("files").Say(fmt.Sprintf("К одному сообщению можно приложить до %d файлов. Остальные отправьте отдельным сообщением.", most))
}

// Form reads a multipart form as it comes: its fields, which it also puts into r.PostForm and
// r.Form, and its files, which become uploads of the visitor's address. have is how many
// files the form brought before. A file that is not taken is a Refusal and spoils nothing;
// the error is about the form: nothing of it can be used but what was returned.
func (u *Uploads) Form(w http.ResponseWriter, r *http.Request, address string, have int) (fields url.Values, files []File, refused []Refusal, err error) {
	defer fault.Wrap(&err, "upload.Form")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTime)) // a test's recorder has none
	most := int64(u.Limits.Files)*max(u.Limits.Photo, u.Limits.Video, u.Limits.Document) + mostText
	r.Body = http.MaxBytesReader(w, r.Body, most)
	cut := func(err error) error {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return fault.New(fault.TooLarge, "a form of more than %d bytes", most).Say(fmt.Sprintf("Файлы вместе больше %d МБ. Приложите их по частям.", most>>20))
		}
		return fault.New(fault.Invalid, "form: %w", err).Say("Форма пришла не целиком. Отправьте её ещё раз.")
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, nil, cut(err)
	}
	fields = url.Values{}
	r.PostForm, r.Form = fields, fields
	text := 0
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			return fields, files, refused, nil
		}
		if err != nil {
			return fields, files, refused, cut(err)
		}
		if n >= mostFields {
			return fields, files, refused, fault.New(fault.TooLarge, "more than %d fields", mostFields).Say("В форме слишком много полей. Обновите страницу и отправьте её ещё раз.")
		}
		if part.FileName() == "" && part.Header.Get("Content-Type") == "" {
			value, err := io.ReadAll(io.LimitReader(part, int64(mostText-text+1)))
			if err != nil {
				return fields, files, refused, cut(err)
			}
			if text += len(value); text > mostText {
				return fields, files, refused, fault.New(fault.TooLarge, "more than %d bytes of text", mostText).Say("Текст слишком длинный. Сократите его или разделите на несколько сообщений.")
			}
			fields.Add(part.FormName(), string(value))
			continue
		}
		f, err := u.part(r, part, address, have+len(files))
		switch {
		case err == errNone:
		case err == nil:
			files = append(files, *f)
		case fault.Sentence(err) != "" && !fault.Is(err, fault.TooLarge):
			refused = append(refused, Refusal{Name(part.FileName()), fault.Sentence(err)})
		default:
			return fields, files, refused, err
		}
	}
}

// errNone is of a field that was left empty.
var errNone = errors.New("no file")

func (u *Uploads) part(r *http.Request, part *multipart.Part, address string, have int) (*File, error) {
	if part.FileName() == "" { // a browser sends the field without a name and content
		if n, err := io.CopyN(io.Discard, part, 1); n == 0 && err == io.EOF {
			return nil, errNone
		}
	}
	if have >= u.Limits.Files {
		return nil, TooMany(u.Limits.Files)
	}
	f, err := u.Take(r.Context(), address, part.FileName(), part)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, fault.New(fault.TooLarge, "%w", err).Say("Файлы вместе слишком велики. Приложите их по частям.")
	}
	return f, err
}
