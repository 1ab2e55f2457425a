package staff_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"otklik/internal/attachment"
	"otklik/internal/desk"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/vault"
)

// photographed gives incident 4 a resident's picture, a picture of how it is and a document,
// and incident 3 a picture; the bytes stand in a vault.
func photographed(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.photographs(t)
	return w
}

func (w *world) photographs(t testing.TB) {
	t.Helper()
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.staff.Files = v
	keep := func(b []byte, a attachment.Attachment) {
		t.Helper()
		err := v.Keep(t.Context(), bytes.NewReader(b), func(f attachment.File) error {
			a.File, a.Ref.Kind, a.State, a.At = f, f.Kind, attachment.Kept, clock
			w.files = append(w.files, a)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	keep(drawn(800), attachment.Attachment{ID: 1, Incident: 4, Message: 4, Ref: attachment.Ref{Title: "двор <b>"}})
	keep(drawn(600), attachment.Attachment{ID: 2, Incident: 4, By: 1, Part: attachment.After})
	keep([]byte("%PDF-1.4 <script>alert(1)</script>"), attachment.Attachment{ID: 3, Incident: 4, By: 1})
	w.files = append(w.files, attachment.Attachment{ID: 4, Incident: 4, Message: 4, Ref: attachment.Ref{Kind: attachment.Photo, URL: "https://gone.example/1.jpg"}, State: attachment.Lost, Why: attachment.NotFound})
	w.files = append(w.files, attachment.Attachment{ID: 5, Incident: 4, Message: 4, Ref: attachment.Ref{Kind: attachment.Video, URL: "javascript:alert(1)"}, State: attachment.Linked})
	keep(drawn(700), attachment.Attachment{ID: 6, Incident: 7, By: 1, Part: attachment.Before})
	keep(drawn(640), attachment.Attachment{ID: 7, Incident: 7, By: 1, Part: attachment.After})
	w.handler = w.site.Handler(w.staff.Routes())
}

// sendFiles posts a form with files, as a browser does.
func (v *visitor) sendFiles(path string, fields map[string]string, files map[string][]byte) *http.Response {
	v.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := m.WriteField(name, value); err != nil {
			v.t.Fatal(err)
		}
	}
	for name, b := range files {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="../Иванов Иван, Мира 5.jpg"`, name)}, "Content-Type": {"image/svg+xml"}}
		part, err := m.CreatePart(h)
		if err == nil {
			_, err = part.Write(b)
		}
		if err != nil {
			v.t.Fatal(err)
		}
	}
	m.Close()
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return v.do(r)
}

func TestAFileIsServedSoThatItDoesNothing(t *testing.T) {
	t.Parallel()
	w := photographed(t)
	v := w.as(t, "operator")
	for path, want := range map[string][2]string{
		"/desk/files/2":       {"image/jpeg", `inline; filename="photo-2.jpg"`},
		"/desk/files/2/small": {"image/jpeg", `inline; filename="photo-2.jpg"`},
		"/desk/files/3":       {"application/pdf", `attachment; filename="document-3.pdf"`},
	} {
		r := v.get(path)
		h := r.Header
		if r.StatusCode != 200 || h.Get("Content-Type") != want[0] || h.Get("Content-Disposition") != want[1] {
			t.Errorf("%s = %d, %s, %s", path, r.StatusCode, h.Get("Content-Type"), h.Get("Content-Disposition"))
		}
		if !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Cache-Control"), "private") {
			t.Errorf("%s: headers %v", path, h)
		}
		again := httptest.NewRequest("GET", path, nil)
		again.Header.Set("If-None-Match", h.Get("ETag"))
		if r := v.do(again); r.StatusCode != http.StatusNotModified {
			t.Errorf("%s asked for again = %d, want 304", path, r.StatusCode)
		}
	}
	for _, path := range []string{"/desk/files/3/small", "/desk/files/4", "/desk/files/5", "/desk/files/99", "/desk/files/0", "/desk/files/../../etc"} {
		if r := v.get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s = %d, want 404", path, r.StatusCode)
		}
	}
}

// A resident's picture cannot be masked: roles that see no names see it once a colleague
// has said what it shows.
func TestAResidentsPictureIsForThoseWhoSeeNames(t *testing.T) {
	t.Parallel()
	w := photographed(t)
	for role, want := range map[string]int{"operator": 200, "executor": 200, "leader": 404, "analyst": 404, "approver": 404} {
		if r := w.as(t, role).get("/desk/files/1"); r.StatusCode != want {
			t.Errorf("%s = %d, want %d", role, r.StatusCode, want)
		}
	}
	p := w.as(t, "leader").page("/desk/incidents/4")
	if n := len(all(p, ".message .shots img")); n != 0 || !strings.Contains(text(p, ".photos .note"), "Вашей роли") {
		t.Errorf("a leader sees %d pictures, note %q", n, text(p, ".photos .note"))
	}
	w.files[0].Part = attachment.Before
	if r := w.as(t, "leader").get("/desk/files/1"); r.StatusCode != 200 {
		t.Errorf("looked at = %d, want 200", r.StatusCode)
	}
}

func TestPicturesOnTheIncidentsPage(t *testing.T) {
	t.Parallel()
	w := photographed(t)
	p := w.as(t, "operator").page("/desk/incidents/4")
	if n := len(all(p, ".message .shots li")); n != 3 {
		t.Errorf("%d things came with the message, want 3", n)
	}
	if got := text(p, ".message .shots"); !strings.Contains(got, "в сети его больше нет") {
		t.Errorf("a lost one: %q", got)
	}
	for _, a := range all(p, ".shots a") {
		if strings.HasPrefix(attr(a, "a", "href"), "javascript") {
			t.Error("a script became a link")
		}
	}
	if got := textsOf(p, ".pair figcaption"); !slices.Equal(got, []string{"Было", "Стало"}) {
		t.Errorf("the pair: %q", got)
	}
	if n := len(all(p, ".pair img")); n != 1 || len(all(p, ".pair-none")) != 1 {
		t.Errorf("%d pictures in the pair", n)
	}
	if attr(p, ".pair img", "alt") == "" {
		t.Error("a picture without words")
	}
	if got := attr(p, ".reply-form", "enctype"); got != "multipart/form-data" {
		t.Errorf("the editor sends %q", got)
	}
	if n := len(all(p, ".reply-form input[type=file]")); n != 2 || len(all(p, ".reply-form input[name=enclose]")) != 2 {
		t.Errorf("the editor has %d fields for files", n)
	}
}

// Without a script: what is chosen in the editor is added and goes with the reply; what
// is refused leaves the words and what was chosen in the form.
func TestPicturesAreSentWithTheReply(t *testing.T) {
	t.Parallel()
	w := photographed(t)
	v := w.as(t, "operator")
	shot := drawn(500)
	r := v.sendFiles("/desk/incidents/4/answer", map[string]string{"text": "Сделали", "enclose": "2", "version": "0"}, map[string][]byte{"file_after": shot})
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("answer = %d", r.StatusCode)
	}
	did := w.desk.done
	add, ok := did[len(did)-2].(desk.AddPhoto)
	if !ok || add.Part != attachment.After || add.File.Width != 500 || add.File.Type != "image/jpeg" {
		t.Fatalf("added %+v", did[len(did)-2])
	}
	if a, ok := did[len(did)-1].(desk.Answer); !ok || !slices.Equal(a.Enclose, []attachment.ID{2, *add.ID}) && !slices.Equal(a.Enclose, []attachment.ID{2}) {
		t.Errorf("answered %+v", did[len(did)-1])
	}
	before := len(did)
	for name, c := range map[string]struct {
		b    []byte
		says string
	}{
		"a drawing of lines": {[]byte(`<svg onload="alert(1)"/>`), "не принимается"},
		"a page":             {[]byte("<html>"), "не принимается"},
		"half a picture":     {shot[:300], "повреждён"},
		"nothing":            {nil, "пустой"},
	} {
		r := v.sendFiles("/desk/incidents/4/answer", map[string]string{"text": "Мой ответ", "enclose": "2"}, map[string][]byte{"file_before": c.b})
		body, _ := io.ReadAll(r.Body)
		if r.StatusCode != http.StatusUnprocessableEntity || !bytes.Contains(body, []byte(c.says)) || !bytes.Contains(body, []byte("Мой ответ")) {
			t.Errorf("%s = %d, want a refusal that says %q and keeps the words", name, r.StatusCode, c.says)
		}
		if !bytes.Contains(body, []byte(`value="2" checked`)) {
			t.Errorf("%s: what was chosen is forgotten", name)
		}
	}
	if len(w.desk.done) != before {
		t.Errorf("refused, and did %v", w.desk.done[before:])
	}
	if r := v.post("/desk/incidents/4/photo", nil); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file = %d", r.StatusCode)
	}
	if r := v.sendFiles("/desk/incidents/4/close", map[string]string{"outcome": "solved", "how": "photo"}, map[string][]byte{"file_after": shot}); r.StatusCode != http.StatusSeeOther {
		t.Errorf("closing with a picture = %d", r.StatusCode)
	}
	did = w.desk.done
	if c, ok := did[len(did)-1].(desk.Close); !ok || c.How != "photo" {
		t.Errorf("did %+v", did[len(did)-1])
	}
}

func TestTheApproverSeesWhatGoesWithADraft(t *testing.T) {
	t.Parallel()
	w := photographed(t)
	v := w.as(t, "curator")
	if n := len(all(v.page("/desk/approvals"), ".draft .shots img")); n != 0 {
		t.Fatalf("%d pictures before: the test proves nothing", n)
	}
	for _, r := range w.replies {
		if r.State == reply.Draft {
			w.enclosed = map[int64][]attachment.Attachment{int64(r.ID): {w.files[1]}}
		}
	}
	if n := len(all(v.page("/desk/approvals"), ".draft .shots img")); n != 1 {
		t.Errorf("%d pictures beside the draft, want 1", n)
	}
}

func TestAStrangerGetsNoPicture(t *testing.T) {
	t.Parallel()
	w := photographed(t)
	w.incidents[3].Place = scope.Place{Region: kursk}
	for _, path := range []string{"/desk/files/1", "/desk/files/2", "/desk/files/2/small", "/desk/files/3"} {
		if r := w.as(t, "operator").get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s of another region = %d, want 404", path, r.StatusCode)
		}
		if r := w.visitor(t).get(path); r.StatusCode != http.StatusSeeOther {
			t.Errorf("%s by nobody = %d, want to the sign-in", path, r.StatusCode)
		}
	}
}
