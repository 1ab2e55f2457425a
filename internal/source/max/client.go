package max

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
	"strconv"
	"strings"
	"time"

	"otklik/internal/source"
)

// Bounds of one call.
const (
	callTimeout = 20 * time.Second
	bodyLimit   = 16 << 20 // bytes after decompression
)

// A call is one request. Its op stands in errors in place of the address.
type call struct {
	op     string // «GET /messages»
	path   string
	query  url.Values
	body   any           // JSON; nil for none
	write  bool          // it changes something: one whose end is not known is Unclear
	chat   string        // where a writing call writes, for the limit
	longer time.Duration // of a long poll
}

// plain is used where no client is given: redirects are no answers of this API, and the
// token must not follow them.
var plain = &http.Client{CheckRedirect: noRedirect}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

var ownLimits Limits // of bots that were given none: all of one process share the allowance

// do makes a call and decodes its answer into out, which may be nil.
func (b *Bot) do(ctx context.Context, c call, out any) error {
	if b.Token == "" {
		return source.Fail(source.Person, "Не задан токен бота MAX: добавьте ключ в настройках источника.", "max %s: no token", c.op)
	}
	limits, client := b.limits(), b.HTTP
	if client == nil {
		client = plain
	}
	if err := limits.wait(ctx, c.chat); err != nil {
		return err // the call was not made
	}
	limits.spend(c.chat, b.now())
	ctx, cancel := context.WithTimeout(ctx, callTimeout+c.longer)
	defer cancel()
	var body io.Reader
	if c.body != nil {
		raw, err := json.Marshal(c.body)
		if err != nil {
			return source.Fail(source.Permanent, "Ответ не удалось записать: проверьте его текст.", "max %s: %w", c.op, err)
		}
		body = bytes.NewReader(raw)
	}
	base := b.BaseURL
	if base == "" {
		base = API
	}
	address := strings.TrimSuffix(base, "/") + c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	method, _, _ := strings.Cut(c.op, " ")
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return source.Fail(source.Person, askSetup, "max %s: the address of the API is none", c.op)
	}
	req.Header.Set("Authorization", b.Token)
	req.Header.Set("User-Agent", "otklik")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return broken(c, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	switch {
	case err != nil:
		return broken(c, err)
	case len(raw) > bodyLimit:
		return odd(c, "an answer over %d bytes", bodyLimit)
	case resp.StatusCode == http.StatusOK:
		return answer(c, raw, out)
	case resp.StatusCode < 400:
		return odd(c, "HTTP %d", resp.StatusCode)
	}
	var told struct {
		Code    words `json:"code"`
		Message words `json:"message"`
		Error   words `json:"error"`
	}
	_ = json.Unmarshal(raw, &told)
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	e := refuse(c, resp.StatusCode, string(told.Code), string(told.Message)+" "+string(told.Error), time.Duration(min(max(seconds, 0), 3600))*time.Second)
	if resp.StatusCode == http.StatusTooManyRequests {
		limits.calls.Rest(b.now().Add(e.After))
	}
	return e
}

// answer reads a 200, which may be a refusal all the same.
func answer(c call, raw []byte, out any) error {
	var done struct {
		Success *bool `json:"success"`
		Message any   `json:"message"` // of a refusal: a text; of a message that was sent: the message
	}
	if err := json.Unmarshal(raw, &done); err != nil {
		return odd(c, "%d bytes of another shape", len(raw))
	}
	if done.Success != nil && !*done.Success {
		why, _ := done.Message.(string)
		return refuse(c, http.StatusOK, "success.false", why, 0)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return odd(c, "an answer of another shape")
	}
	return nil
}

// broken returns the error of a call that ended without an answer. A call whose
// connection never stood was surely not made; any other write may have been.
func broken(c call, err error) error {
	var (
		dial *net.OpError
		dns  *net.DNSError
		u    *url.Error
	)
	if errors.As(err, &u) {
		err = u.Err // without the address
	}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	if errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &record) {
		return source.Fail(source.Person, "Сертификат MAX не проходит проверку: укажите в настройках источника файл с российским корневым сертификатом (ca_file).", "max %s: %w", c.op, err)
	}
	notMade := errors.As(err, &dns) || errors.As(err, &dial) && dial.Op == "dial"
	if c.write && !notMade {
		return source.Fail(source.Unclear, "Связь с MAX оборвалась во время отправки: проверяем, дошёл ли ответ.", "max %s: %w", c.op, err)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := source.Fail(source.Later, "MAX не отвечает: проверьте доступ в интернет и адрес API; повторим сами.", "max %s: %w", c.op, err)
	e.After = 30 * time.Second
	return e
}

// odd returns the error of an answer that cannot be understood.
func odd(c call, format string, args ...any) error {
	if c.write {
		return source.Fail(source.Unclear, "MAX ответил непонятно: проверяем, дошёл ли ответ.", "max "+c.op+": "+format, args...)
	}
	e := source.Fail(source.Later, "MAX отвечает непонятно: проверьте адрес API; повторим через минуту.", "max "+c.op+": "+format, args...)
	e.After = time.Minute
	return e
}
