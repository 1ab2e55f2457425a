package portal

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/shield"
	"otklik/internal/site"
	"otklik/internal/store"
	"otklik/internal/upload"
	"otklik/internal/vault"
)

func shot(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 300, 200)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// taking is a portal that takes files; POST /form is a page that has read one form.
func taking(t testing.TB) (*httptest.Server, func() ([]upload.File, []upload.Refusal, string)) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	guard := shield.New(shield.Options{})
	up, err := upload.Open(upload.Options{Dir: t.TempDir(), Store: db, Vault: v, Limits: upload.Limits{Files: 3}, Admit: guard.AdmitFile, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s := site.New(site.Options{Cases: db.Reader, Writer: db})
	p := New(Options{Site: s, Title: "ЦУР", Cases: db.Reader, Now: time.Now, Uploads: up, Shield: guard})
	var files []upload.File
	var refused []upload.Refusal
	var text string
	routes := append(p.Routes(), site.Route{Method: "POST", Pattern: "/form", Access: site.Access{Open: true}, Handler: func(w http.ResponseWriter, r *http.Request) (err error) {
		files, refused, err = p.TakeFiles(w, r)
		text = r.PostForm.Get("text")
		return err
	}})
	srv := httptest.NewServer(s.Handler(routes))
	t.Cleanup(srv.Close)
	return srv, func() ([]upload.File, []upload.Refusal, string) { return files, refused, text }
}

func ask(t testing.TB, method, address string, body []byte, head ...string) (*http.Response, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; k+1 < len(head); k += 2 {
		req.Header.Set(head[k], head[k+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]any{}
	_ = json.Unmarshal(raw, &said)
	return res, said
}

func TestAnUploadGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	srv, _ := taking(t)
	raw := shot(t)
	res, said := ask(t, "POST", srv.URL+"/upload", nil, "Upload-Length", "99999999999")
	if res.StatusCode != 422 || !strings.Contains(said["error"].(string), "Файл больше") {
		t.Errorf("too large = %d, %v", res.StatusCode, said)
	}
	res, _ = ask(t, "POST", srv.URL+"/upload", nil, "Upload-Length", "1000000", "Upload-Name", "%D0%B4%D0%B2%D0%BE%D1%80.html")
	place := res.Header.Get("Location")
	if res.StatusCode != 201 || place == "" || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("begin = %d, %v", res.StatusCode, res.Header)
	}
	page := []byte("<html><script>alert(1)</script>" + strings.Repeat(" ", 100))
	if res, said = ask(t, "PATCH", srv.URL+place, page, "Upload-Offset", "0"); res.StatusCode != 422 || !strings.Contains(said["error"].(string), "Веб-страницы") {
		t.Errorf("a page = %d, %v", res.StatusCode, said)
	}
	if res, _ = ask(t, "HEAD", srv.URL+place, nil); res.StatusCode != 404 {
		t.Errorf("what was refused is still there: %d", res.StatusCode)
	}
	_, said = ask(t, "POST", srv.URL+"/upload", nil, "Upload-Length", itoa(len(raw)))
	place = "/upload/" + said["token"].(string)
	ask(t, "PATCH", srv.URL+place, raw[:500], "Upload-Offset", "0")
	if res, _ = ask(t, "PATCH", srv.URL+place, raw[500:], "Upload-Offset", "10"); res.StatusCode != 409 || res.Header.Get("Upload-Offset") != "500" {
		t.Errorf("a wrong offset = %d, %v", res.StatusCode, res.Header)
	}
	if res, _ = ask(t, "HEAD", srv.URL+place, nil); res.StatusCode != 200 || res.Header.Get("Upload-Offset") != "500" {
		t.Errorf("HEAD = %d, %v", res.StatusCode, res.Header)
	}
	if res, said = ask(t, "PATCH", srv.URL+place, raw[500:], "Upload-Offset", "500"); res.StatusCode != 200 || said["kind"] != "photo" {
		t.Errorf("the rest = %d, %v", res.StatusCode, said)
	}
	if res, _ = ask(t, "PATCH", srv.URL+place, nil, "Upload-Offset", "x"); res.StatusCode != 422 {
		t.Errorf("no offset = %d", res.StatusCode)
	}
	if res, _ = ask(t, "DELETE", srv.URL+place, nil); res.StatusCode != 204 {
		t.Errorf("DELETE = %d", res.StatusCode)
	}
	if res, _ = ask(t, "HEAD", srv.URL+place, nil); res.StatusCode != 404 {
		t.Errorf("after DELETE = %d", res.StatusCode)
	}
	if res, _ = ask(t, "GET", srv.URL+place, nil); res.StatusCode != 405 && res.StatusCode != 404 {
		t.Errorf("an original is shown: %d", res.StatusCode)
	}
	if res, _ = ask(t, "POST", srv.URL+"/upload", nil, "Upload-Length", "10", "Sec-Fetch-Site", "cross-site"); res.StatusCode != 403 {
		t.Errorf("a foreign page uploads: %d", res.StatusCode)
	}
	if res, said = ask(t, "GET", srv.URL+"/report/challenge", nil); res.StatusCode != 200 || said["algorithm"] != "SHA-256" {
		t.Errorf("challenge = %d, %v", res.StatusCode, said)
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// A form without JavaScript: its good files are kept, each bad one gets a sentence, and those
// that it brought before come back unless they were ticked away.
func TestAFormBringsItsFiles(t *testing.T) {
	t.Parallel()
	srv, got := taking(t)
	send := func(fields map[string][]string, files ...[]byte) {
		t.Helper()
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		for name, values := range fields {
			for _, v := range values {
				if err := m.WriteField(name, v); err != nil {
					t.Fatal(err)
				}
			}
		}
		for k, f := range files {
			w, err := m.CreateFormFile("file", []string{"двор.jpg", "яма.jpg", "../../лишний.jpg", "ещё.jpg"}[k])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if res, _ := ask(t, "POST", srv.URL+"/form", b.Bytes(), "Content-Type", m.FormDataContentType()); res.StatusCode != 200 {
			t.Fatalf("the form = %d", res.StatusCode)
		}
	}
	send(map[string][]string{"text": {"Яма"}}, shot(t), []byte("<svg onload=alert(1)></svg>"))
	files, refused, text := got()
	if len(files) != 1 || len(refused) != 1 || refused[0].Title != "яма.jpg" || !strings.Contains(refused[0].Say, "SVG") || text != "Яма" {
		t.Fatalf("the form brought %+v, refused %+v, text %q", files, refused, text)
	}
	first := files[0].Token
	send(map[string][]string{"files": {first, "no such token"}}, shot(t), shot(t), shot(t))
	files, refused, _ = got()
	if len(files) != 3 || files[0].Token != first || len(refused) != 2 || !strings.Contains(refused[1].Say, "до 3 файлов") {
		t.Fatalf("then %d files, refused %+v", len(files), refused)
	}
	send(map[string][]string{"files": Tokens(files), "drop": {first}})
	if files, _, _ = got(); len(files) != 2 {
		t.Errorf("one was ticked away, and %d are left", len(files))
	}
	if res, _ := ask(t, "HEAD", srv.URL+"/upload/"+first, nil); res.StatusCode != 404 {
		t.Errorf("what was ticked away is still there: %d", res.StatusCode)
	}
	if res, _ := ask(t, "POST", srv.URL+"/form", []byte("--x\r\nContent-Disp"), "Content-Type", "multipart/form-data; boundary=x"); res.StatusCode != 422 {
		t.Errorf("a form cut off = %d", res.StatusCode)
	}
	if res, _ := ask(t, "POST", srv.URL+"/form", []byte("text=%D0%AF%D0%BC%D0%B0"), "Content-Type", "application/x-www-form-urlencoded"); res.StatusCode != 200 {
		t.Errorf("a form without files = %d", res.StatusCode)
	}
}
