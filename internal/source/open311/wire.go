package open311

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"otklik/internal/source"
	"otklik/internal/source/web"
)

// word is a string that some servers write as a number, or as null.
type word string

// UnmarshalJSON takes strings, numbers, truths and null; lists and objects are no words.
func (w *word) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(w))
	case string(b) == "null" || len(b) > 0 && (b[0] == '[' || b[0] == '{'):
		*w = ""
		return nil
	}
	*w = word(b)
	return nil
}

// A request is a service request, of JSON and XML alike.
type request struct {
	ID        word `json:"service_request_id" xml:"service_request_id"`
	Status    word `json:"status" xml:"status"`
	Notes     word `json:"status_notes" xml:"status_notes"`
	Service   word `json:"service_name" xml:"service_name"`
	Code      word `json:"service_code" xml:"service_code"`
	Text      word `json:"description" xml:"description"`
	Agency    word `json:"agency_responsible" xml:"agency_responsible"`
	Requested word `json:"requested_datetime" xml:"requested_datetime"`
	Updated   word `json:"updated_datetime" xml:"updated_datetime"`
	Expected  word `json:"expected_datetime" xml:"expected_datetime"`
	Address   word `json:"address" xml:"address"`
	Lat       word `json:"lat" xml:"lat"`
	Long      word `json:"long" xml:"long"`
	Media     word `json:"media_url" xml:"media_url"`
}

func noAnswer(why string) error {
	return source.Fail(source.Later, "Система города ответила не так, как велит Open311. Попробуем ещё раз.", "open311: %s", why)
}

// requests reads a list in either format.
func requests(b []byte, asXML bool) ([]request, error) {
	return listed[request](b, asXML, "service_requests")
}

// decoder reads XML in any charset that it names.
func decoder(b []byte) *xml.Decoder {
	dec := xml.NewDecoder(bytes.NewReader(b))
	dec.CharsetReader = func(label string, r io.Reader) (io.Reader, error) { return web.Text(r, "text/xml; charset="+label) }
	return dec
}

// when reads a time; the zero time for none.
func when(s word, zone *time.Location) time.Time {
	text := strings.TrimSpace(string(s))
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// degrees reads a coordinate; 0 for none.
func degrees(s word, most float64) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(string(s)), 64)
	if err != nil || f != f || f < -most || f > most {
		return 0
	}
	return f
}
