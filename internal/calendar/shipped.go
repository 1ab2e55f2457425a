package calendar

import (
	"bytes"
	"encoding/json"
	"io"

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
		return d, bad("calendar", err.Error(), "Запись календаря не прочитана: проверьте JSON.")
	}
	if _, err := dec.Token(); err != io.EOF {
		return d, bad("calendar", "something follows the document", "После записи календаря стоит лишнее.")
	}
	return d, nil
}
