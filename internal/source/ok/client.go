package ok

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // OK's signature is made of it
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/source"
)

// Bounds of one call.
const (
	callTimeout = 20 * time.Second
	bodyLimit   = 16 << 20 // bytes after decompression
	perSecond   = 3        // calls with one token; OK does not publish its limits
)

// plain follows no redirect: the token stands in the body and must not travel on.
var plain = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Limits spaces the calls of a token. The zero value is ready.
type Limits struct {
	Off bool // no limit: a fake network

	mu    sync.Mutex
	free  time.Time
	gauge source.Gauge
}

// Quotas implements source.Meter. OK publishes no limits, it only says when there was too much.
func (g *Group) Quotas() []source.Quota {
	q := g.limits().gauge.Quota("запросы", perSecond, time.Second, g.now())
	q.Whose, q.Ours, q.Free = "ключ группы", true, g.limits().Off
	return []source.Quota{q}
}

func (g *Group) limits() *Limits {
	if g.Limits != nil {
		return g.Limits
	}
	return &ownLimits
}

var ownLimits Limits // of groups that were given none

func (l *Limits) wait(ctx context.Context) error {
	if l.Off {
		return ctx.Err()
	}
	l.mu.Lock()
	now := time.Now()
	if l.free.Before(now) {
		l.free = now
	}
	d := l.free.Sub(now)
	l.free = l.free.Add(time.Second / perSecond)
	l.mu.Unlock()
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// rested notes that OK told us to wait.
func (g *Group) rested(e *source.Error) *source.Error {
	if floods[e.Code] {
		g.limits().gauge.Rest(g.now().Add(e.After))
	}
	return e
}

// Sign returns the signature of a call: all parameters but the token's, sorted, with the
// secret behind them.
func Sign(params url.Values, secret string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(params)) {
		switch name {
		case "access_token", "session_key", "sig":
			continue
		}
		b.WriteString(name + "=" + params.Get(name))
	}
	return sum(b.String() + secret)
}

func sum(s string) string {
	h := md5.Sum([]byte(s)) //nolint:gosec // as OK asks
	return hex.EncodeToString(h[:])
}

// secret returns what calls are signed with.
func (g *Group) secret() string {
	if g.AppSecret {
		return sum(g.Token + g.Secret)
	}
	return g.Secret
}

// call calls a method and decodes its answer into out. write says that it changes
// something: then a call whose end is not known is Unclear.
func (g *Group) call(ctx context.Context, method string, write bool, params url.Values, out any) error {
	if g.Token == "" || g.Secret == "" || g.AppKey == "" {
		return source.Fail(source.Person, "Не заданы ключи Одноклассников: нужны application_key, access_token и session_secret_key приложения.", "ok %s: no token, secret or application key", method)
	}
	limits, client := g.limits(), g.HTTP
	if client == nil {
		client = plain
	}
	if err := limits.wait(ctx); err != nil {
		return err // the call was not made
	}
	limits.gauge.Spend(g.now(), time.Second)
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	params = maps.Clone(params)
	params.Set("method", method)
	params.Set("application_key", g.AppKey)
	params.Set("format", "json")
	params.Set("sig", Sign(params, g.secret()))
	params.Set("access_token", g.Token)
	base := g.BaseURL
	if base == "" {
		base = API
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base, strings.NewReader(params.Encode()))
	if err != nil {
		return source.Fail(source.Person, askSetup, "ok %s: the address of the API is none", method)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "otklik")
	resp, err := client.Do(req)
	if err != nil {
		return broken(method, write, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	switch {
	case err != nil:
		return broken(method, write, err)
	case len(raw) > bodyLimit:
		return odd(method, write, "an answer over %d bytes", bodyLimit)
	}
	if code, err := strconv.Atoi(resp.Header.Get("Invocation-Error")); err == nil && code != 0 {
		return g.rested(refuse(method, code, write))
	}
	var failed struct {
		Code *number `json:"error_code"`
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) && into(raw, &failed) && failed.Code != nil && *failed.Code != 0 {
		return g.rested(refuse(method, int(*failed.Code), write))
	}
	if resp.StatusCode != http.StatusOK {
		if resp.StatusCode == http.StatusTooManyRequests {
			return g.rested(refuse(method, limitReached, write))
		}
		return odd(method, write, "HTTP %d", resp.StatusCode)
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return odd(method, write, "%d bytes of another shape", len(raw))
	}
	return nil
}

// broken returns the error of a call that ended without an answer. A call whose
// connection never stood was surely not made; any other write may have been.
func broken(method string, write bool, err error) error {
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
		return source.Fail(source.Person, "Сертификат Одноклассников не проходит проверку: проверьте адрес API и доверенные сертификаты.", "ok %s: %w", method, err)
	}
	notMade := errors.As(err, &dns) || errors.As(err, &dial) && dial.Op == "dial"
	if write && !notMade {
		return source.Fail(source.Unclear, "Связь с Одноклассниками оборвалась во время отправки: проверяем, дошёл ли ответ.", "ok %s: %w", method, err)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	e := source.Fail(source.Later, "Одноклассники не отвечают: проверьте доступ в интернет; повторим сами.", "ok %s: %w", method, err)
	e.After = 30 * time.Second
	return e
}

// odd returns the error of an answer that cannot be understood.
func odd(method string, write bool, format string, args ...any) error {
	if write {
		return source.Fail(source.Unclear, "Одноклассники ответили непонятно: проверяем, дошёл ли ответ.", "ok "+method+": "+format, args...)
	}
	e := source.Fail(source.Later, "Одноклассники отвечают непонятно: проверьте адрес API; повторим через минуту.", "ok "+method+": "+format, args...)
	e.After = time.Minute
	return e
}
