package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Photo returns a JPEG of noise of about two megabytes, another one for each number.
func Photo(n uint64) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 1920, 1440))
	source := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), 1})
	_, _ = source.Read(img.Pix) // it never fails
	for k := 3; k < len(img.Pix); k += 4 {
		img.Pix[k] = 255
	}
	var out bytes.Buffer
	for _, quality := range []int{95, 85, 75, 65} {
		out.Reset()
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil || out.Len() < 2_200_000 {
			return out.Bytes(), err
		}
	}
	return out.Bytes(), nil
}

// Upload sends a file as the form's program does, as the visitor number k, and returns its token.
func Upload(ctx context.Context, client *http.Client, base string, file []byte, k int) (string, error) {
	call := func(method, url string, head map[string]string, body io.Reader) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, method, url, body)
		if err != nil {
			return nil, err
		}
		for name, v := range head {
			r.Header.Set(name, v)
		}
		r.Header.Set("X-Forwarded-For", visitor(k))
		a, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer a.Body.Close()
		told, err := io.ReadAll(a.Body)
		if err == nil && a.StatusCode/100 != 2 {
			err = fmt.Errorf("%s an upload: %s", method, a.Status)
		}
		return told, err
	}
	told, err := call(http.MethodPost, base+"/upload", map[string]string{"Upload-Length": strconv.Itoa(len(file)), "Upload-Name": "yama.jpg"}, nil)
	if err != nil {
		return "", err
	}
	var begun struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(told, &begun); err != nil {
		return "", err
	}
	for at := 0; at < len(file); at += 1 << 20 {
		piece := file[at:min(at+1<<20, len(file))]
		if _, err := call(http.MethodPatch, base+"/upload/"+begun.Token, map[string]string{"Upload-Offset": strconv.Itoa(at), "Content-Type": "application/offset+octet-stream"}, bytes.NewReader(piece)); err != nil {
			return "", err
		}
	}
	return begun.Token, nil
}

// PhotoReportRequest is ReportRequest with a file that is uploaded already.
func PhotoReportRequest(ctx context.Context, base, key, text, token string, k int) (*http.Request, error) {
	return formRequest(ctx, base, url.Values{"go": {"file"}, "key": {key}, "text": {text}, "files": {token}}, k)
}

func formRequest(ctx context.Context, base string, form url.Values, k int) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/report", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", visitor(k))
	return r, nil
}

// visitor is the address of the visitor number k.
func visitor(k int) string { return fmt.Sprintf("10.%d.%d.%d", k>>16&255, k>>8&255, k&255) }
