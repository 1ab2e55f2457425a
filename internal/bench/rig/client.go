package rig

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"otklik/internal/config"
)

// HookKey signs the calls of the system that Hook configures.
const HookKey = "a key of a system under test"

// Hook is the configuration of a system that pushes with HookKey. Its messages
// are addressed to the centre.
var Hook = config.Hook{Name: "test", Secret: config.Secret("whsec_" + base64.StdEncoding.EncodeToString([]byte(HookKey)))}

// A Pushed is a message of a signed call.
type Pushed struct {
	ID          string    `json:"id"`
	Text        string    `json:"text"`
	Author      string    `json:"author,omitempty"`
	Thread      string    `json:"thread,omitempty"`
	PublishedAt time.Time `json:"published_at"`
}

// PushRequest returns the signed call, as Standard Webhooks says.
func PushRequest(ctx context.Context, base, id string, messages []Pushed) (*http.Request, error) {
	return pushRequest(ctx, base, id, time.Now(), messages)
}

func pushRequest(ctx context.Context, base, id string, at time.Time, messages []Pushed) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{"messages": messages})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/hooks/messages", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(HookKey))
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return r, nil
}

// Push makes the call and returns after the answer was read to its end.
func Push(ctx context.Context, client *http.Client, base, id string, messages []Pushed) (accepted, duplicate int, err error) {
	return PushAt(ctx, client, base, id, time.Now(), messages)
}

// PushAt makes the call to a product whose clock says at.
func PushAt(ctx context.Context, client *http.Client, base, id string, at time.Time, messages []Pushed) (accepted, duplicate int, err error) {
	r, err := pushRequest(ctx, base, id, at, messages)
	if err != nil {
		return 0, 0, err
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, 0, err
	}
	if res.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("push: %s %s", res.Status, b)
	}
	var answer struct{ Accepted, Duplicate int }
	err = json.Unmarshal(b, &answer)
	return answer.Accepted, answer.Duplicate, err
}

// A Browser is a signed-in person.
type Browser struct {
	http.Client
	Base string
}

// SignIn signs in with a password, as a person does.
func SignIn(ctx context.Context, base, login, password string) (*Browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b := &Browser{Base: base}
	b.Jar, b.Timeout = jar, time.Minute
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	status, page, err := b.Post(ctx, "/signin", url.Values{"login": {login}, "password": {password}})
	if err != nil {
		return nil, err
	}
	if status != http.StatusSeeOther {
		return nil, fmt.Errorf("sign-in: %d %d bytes", status, len(page))
	}
	return b, nil
}

// Cookies returns the browser's Cookie header.
func (b *Browser) Cookies() string {
	u, err := url.Parse(b.Base)
	if err != nil {
		return ""
	}
	var parts []string
	for _, c := range b.Jar.Cookies(u) {
		parts = append(parts, c.Name+"="+c.Value)
	}
	return strings.Join(parts, "; ")
}

// Get asks for a page.
func (b *Browser) Get(ctx context.Context, path string) (status int, page []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.Base+path, nil)
	if err != nil {
		return 0, nil, err
	}
	return b.do(r)
}

// Post sends a form.
func (b *Browser) Post(ctx context.Context, path string, form url.Values) (status int, page []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *Browser) do(r *http.Request) (int, []byte, error) {
	res, err := b.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	return res.StatusCode, page, err
}
