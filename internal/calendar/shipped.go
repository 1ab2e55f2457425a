package calendar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"otklik/data/calendars"
	"otklik/internal/fault"
)

// Shipped returns the bundled documents: the country's first, then regions with
// holidays of their own. Their zones are those of the country: the caller, who
// knows the territories, sets them.
func Shipped() ([]Document, error) {
	country, err := ParseDocument(calendars.Country)
	if err != nil {
		return nil, err
	}
	var regions []json.RawMessage
	if err := json.Unmarshal(calendars.Regions, &regions); err != nil {
		return nil, err
	}
	out := []Document{country}
	for _, raw := range regions {
		d, err := ParseDocument(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// ParseDocument reads a document from JSON; a field that it does not know is Invalid.
func ParseDocument(b []byte) (d Document, err error) {
	defer fault.Wrap(&err, "calendar.ParseDocument")
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, Unread("calendar", "Запись календаря не прочитана", b, dec, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return d, bad("calendar", "something follows the document", "После записи календаря стоит лишнее.")
	}
	return d, nil
}

// Unread is Invalid for JSON that could not be read: the sentence names the line and what
// is wrong there. begin is its beginning: «Запись календаря не прочитана».
func Unread(field, begin string, b []byte, dec *json.Decoder, err error) error {
	at, why := dec.InputOffset(), "проверьте JSON: кавычки, запятые, скобки"
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at, why = kind.Offset, "в поле «"+kind.Field+"» стоит не то: нужно "+kind.Type.String()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		at, why = int64(len(b)), "запись оборвана"
	default: // the name of a field that is not known
		if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
			why = "поля " + strings.Trim(name, "\"") + " нет"
		}
	}
	at = min(max(at, 0), int64(len(b)))
	return bad(field, err.Error(), fmt.Sprintf("%s, строка %d: %s.", begin, 1+bytes.Count(bytes.TrimRight(b[:at], " \r\n\t"), []byte("\n")), why))
}
