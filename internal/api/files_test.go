package api_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"otklik/internal/attachment"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
)

// shot adds a document to an incident, past the desk, and returns its id.
func (w *world) shot(i *incident.Incident, a attachment.Attachment) attachment.ID {
	w.t.Helper()
	err := w.vault.Keep(w.t.Context(), strings.NewReader("%PDF-1.4 акт"), func(f attachment.File) error {
		a.File, a.Ref.Kind, a.State, a.Place = f, f.Kind, attachment.Kept, i.Place
		w.change(func(tx incident.Tx) error { return tx.Attachments().Add(w.t.Context(), &a) })
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return a.ID
}

func TestProgramsAddAndReadPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	i := w.opened("Абакан, яма", here)
	_, token := w.person(lifecycle.Operator, here)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 900, 300)), nil); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/incidents/1/actions/photo"
	if r := w.call(token, "POST", path, map[string]any{"data": b.Bytes(), "part": "after"}); r.StatusCode != 200 {
		t.Fatalf("photo = %d", r.StatusCode)
	}
	for name, c := range map[string]struct {
		body   map[string]any
		status int
	}{
		"the same again": {map[string]any{"data": b.Bytes()}, 409},
		"no picture":     {map[string]any{"data": []byte("<svg/>")}, 422},
		"neither":        {map[string]any{"part": "after"}, 422},
		"both":           {map[string]any{"data": b.Bytes(), "file": 1}, 422},
		"a part of none": {map[string]any{"file": 1, "part": "sideways"}, 422},
		"of none":        {map[string]any{"file": 99, "part": "before"}, 404},
		"an old version": {map[string]any{"file": 1, "part": "before", "version": 1}, 409},
		"sorted":         {map[string]any{"file": 1, "part": "before"}, 200},
	} {
		if r := w.call(token, "POST", path, c.body); r.StatusCode != c.status {
			t.Errorf("%s = %d, want %d", name, r.StatusCode, c.status)
		}
	}
	w.change(func(tx incident.Tx) error {
		return tx.Attachments().Add(t.Context(), &attachment.Attachment{Message: int64(i.First), State: attachment.Wanted, Place: here,
			Ref: attachment.Ref{Kind: attachment.Photo, URL: "https://a.example/id1.jpg", Title: "мой двор"}})
	})
	one := w.call(token, "GET", "/api/v1/incidents/1", nil)
	if one.field("attachments.0.part") != "before" || one.field("attachments.0.width") != 900.0 || one.field("attachments.1.state") != "wanted" || one.field("attachments.1.url") != nil {
		t.Errorf("attachments: %v", one.field("attachments"))
	}
	if all := w.call(token, "GET", "/api/v1/incidents/1?personal=true", nil); all.field("attachments.1.title") != "мой двор" {
		t.Errorf("with personal=true: %v", all.field("attachments"))
	}
	_, leader := w.person(lifecycle.Leader, here)
	if seen := w.call(leader, "GET", "/api/v1/incidents/1", nil); seen.field("attachments.1") != nil {
		t.Errorf("a leader reads %v", seen.field("attachments"))
	}
	r := w.call(token, "GET", "/api/v1/attachments/1?small=true", nil)
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") || r.Header.Get("Content-Disposition") != `attachment; filename="photo-1.jpg"` {
		t.Errorf("bytes = %d, %v", r.StatusCode, r.Header)
	}
	for _, path := range []string{"/api/v1/attachments/2", "/api/v1/attachments/77"} {
		if r := w.call(token, "GET", path, nil); r.StatusCode != 404 {
			t.Errorf("%s = %d, want 404", path, r.StatusCode)
		}
	}
	if r := w.call(token, "POST", path, map[string]any{"file": 1, "remove": true}); r.StatusCode != 200 {
		t.Errorf("remove = %d", r.StatusCode)
	}
	if r := w.call(token, "GET", "/api/v1/attachments/1", nil); r.StatusCode != 404 {
		t.Errorf("removed = %d, want 404", r.StatusCode)
	}
}
