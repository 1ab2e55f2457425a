package vk

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"otklik/internal/source"
)

// Bounds of one call.
const (
	callTimeout = 20 * time.Second
	bodyLimit   = 16 << 20 // bytes after decompression; VK's own answers stay under 5 MB
)

// API is the address of VK's methods.
const API = "https://api.vk.com/method/"

// A client calls methods with one token.
type client struct {
	http   *http.Client
	base   string
	limits *Limits
}

// call calls a method and decodes its response into out. write says that the
// call changes something: then a call whose end is not known is Unclear.
func (c *client) call(ctx context.Context, method, token string, write bool, params url.Values, out any) error {
	if token == "" {
		return source.Fail(source.Person, "Не задан токен ВКонтакте: впишите его в настройки источника.", "vk %s: no token", method)
	}
	done, err := c.limits.wait(ctx, token, write)
	if err != nil {
		return err // the call was not made
	}
	defer done()
	c.limits.spend(token, method, write)
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c.limits.solved(token, method, params)
	params.Set("v", Version)
	params.Set("lang", "ru")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+method, strings.NewReader(params.Encode()))
	if err != nil {
		return source.Fail(source.Person, askSetup, "vk %s: %w", method, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("User-Agent", "otklik")
	resp, err := c.http.Do(req)
	if err != nil {
		return c.broken(method, write, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	switch {
	case err != nil:
		return c.broken(method, write, err)
	case len(body) > bodyLimit:
		return odd(method, write, "an answer over %d bytes", bodyLimit)
	case resp.StatusCode == http.StatusTooManyRequests:
		return refuse(method, 6, write)
	case resp.StatusCode >= 500:
		return odd(method, write, "HTTP %d", resp.StatusCode)
	}
	var answer struct {
		Response json.RawMessage `json:"response"`
		Error    *struct {
			Code number `json:"error_code"`

			Captcha words `json:"captcha_sid"`
			Image   words `json:"captcha_img"`
			Link    words `json:"redirect_uri"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return odd(method, write, "HTTP %d and %d bytes that are no JSON", resp.StatusCode, len(body))
	}
	if e := answer.Error; e != nil && e.Code == 14 {
		ask := captcha{sid: string(e.Captcha), image: string(e.Image), method: method}
		if ofVK(string(e.Link), c.base) {
			ask.link = string(e.Link)
		}
		c.limits.asked(token, ask)
	}
	if answer.Error != nil {
		e := refuse(method, int(answer.Error.Code), write)
		c.limits.rested(token, e)
		return e
	}
	if len(answer.Response) == 0 || bytes.Equal(answer.Response, []byte("null")) {
		return odd(method, write, "neither a response nor an error")
	}
	if err := json.Unmarshal(answer.Response, out); err != nil {
		return odd(method, write, "a response of another shape")
	}
	return nil
}

// broken returns the error of a call that ended without an answer. A call whose
// connection never stood was surely not made; any other write may have been.
func (c *client) broken(method string, write bool, err error) error {
	var (
		dial *net.OpError
		dns  *net.DNSError
		u    *url.Error
	)
	if errors.As(err, &u) {
		err = u.Err // without the address, which may name a host of the operator
	}
	notMade := errors.As(err, &dns) || errors.As(err, &dial) && dial.Op == "dial"
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	if errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &record) {
		return source.Fail(source.Person, "Сертификат сервера ВКонтакте не проходит проверку: проверьте адрес API и доверенные сертификаты.", "vk %s: %w", method, err)
	}
	if write && !notMade {
		return source.Fail(source.Unclear, "Связь с ВКонтакте оборвалась во время отправки: проверяем, дошёл ли ответ.", "vk %s: %w", method, err)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := source.Fail(source.Later, "ВКонтакте не отвечает: проверьте доступ в интернет; повторим сами.", "vk %s: %w", method, err)
	e.After = 30 * time.Second
	return e
}

// odd returns the error of an answer that cannot be understood.
func odd(method string, write bool, format string, args ...any) error {
	if write {
		return source.Fail(source.Unclear, "ВКонтакте ответила непонятно: проверяем, дошёл ли ответ.", "vk "+method+": "+format, args...)
	}
	e := source.Fail(source.Later, "ВКонтакте отвечает непонятно: проверьте адрес API; повторим через минуту.", "vk "+method+": "+format, args...)
	e.After = time.Minute
	return e
}
