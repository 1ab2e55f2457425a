package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/fetch"
	"otklik/internal/source"
)

// Bounds of one request.
const (
	callTime  = 30 * time.Second
	redirects = 5
	// PageLimit is the greatest size of a page after decompression, in bytes.
	PageLimit = 4 << 20
)

// agentToken is our name in robots.txt.
const agentToken = "otklik"

// robotsAge is how long a robots.txt is remembered; a site that could not say what
// it allows is asked again sooner.
const (
	robotsAge   = 12 * time.Hour
	robotsRetry = 10 * time.Minute
)

// A Client reads pages. All sources share one, because politeness is due to a
// host and not to a source: one request at a time and host, Gap between two of
// them or more if its robots.txt asks for more, and none to what that forbids.
// Its methods may be called at any time.
type Client struct {
	Contact string           // address or e-mail in the User-Agent, for the site's people
	Gap     time.Duration    // between two requests to a host; 0: 2 s, negative: none (a fake site)
	Inner   bool             // private networks are asked too: the fake sites of the demo
	Now     func() time.Time // nil: time.Now
	HTTP    *http.Client     // nil: one that asks no private network

	mu    sync.Mutex
	hosts map[string]*host
	http  *http.Client
}

// A host is what we know of one.
type host struct {
	turn   chan struct{} // holds one token: whoever has it may ask
	free   time.Time     // when the next request may go
	rest   time.Time     // it told us to come later; under the client's mu
	robots *robots
	until  time.Time // the robots are good

	gauge source.Gauge
	gap   time.Duration // between two requests, with what robots.txt asks; under the client's mu
}

// Quota returns what a site may be asked: it names no number, we keep our distance.
func (c *Client) Quota(at *url.URL) source.Quota {
	h := c.host(at)
	c.mu.Lock()
	gap, rest := h.gap, h.rest
	c.mu.Unlock()
	if gap <= 0 {
		gap = max(c.Gap, usualGap)
	}
	per := time.Minute
	if gap > per {
		per = time.Hour
	}
	q := h.gauge.Quota("страницы", max(int(per/gap), 1), per, c.now())
	q.Whose, q.Ours, q.Free = "сайт "+at.Hostname(), true, c.Gap < 0
	if rest.After(c.now()) {
		q.Until = rest
	}
	return q
}

// usualGap is between two requests to a host that asks for no more.
const usualGap = 2 * time.Second

// A Request is one page to be read.
type Request struct {
	URL            *url.URL
	ETag, Modified string // of the last answer: it may say that nothing has changed
	Limit          int64  // bytes after decompression; 0: PageLimit
}

// An Answer is a page, or the news that there is none.
type Answer struct {
	Status         int // 200, 304, 404 or 410
	Type           string
	Body           []byte
	ETag, Modified string
	URL            *url.URL // after redirects
	Moved          *url.URL // where the page stands for ever now; nil where it stood
}

// Gone reports whether the site says that there is no such page.
func (a *Answer) Gone() bool { return a.Status == http.StatusNotFound || a.Status == http.StatusGone }

// Same reports whether nothing has changed since the answer whose ETag and
// Modified were sent.
func (a *Answer) Same() bool { return a.Status == http.StatusNotModified }

// Text returns the body as UTF-8.
func (a *Answer) Text() (io.Reader, error) { return Text(bytes.NewReader(a.Body), a.Type) }

// Get reads a page. What is no Answer is a source.Error with a sentence, or the
// context's error. No error holds the address: it may be private.
func (c *Client) Get(ctx context.Context, r Request) (*Answer, error) {
	at, moved := r.URL, true
	out := &Answer{}
	for hop := 0; ; hop++ {
		if hop > redirects {
			return nil, later(time.Hour, "Сайт водит по кругу: проверьте адрес источника.", "web: more than %d redirects", redirects)
		}
		if at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.User != nil {
			return nil, source.Fail(source.Permanent, "Это не адрес страницы: нужен адрес, который начинается с https:// или http://.", "web: not an address of the web")
		}
		res, err := c.polite(ctx, at, r)
		if err != nil {
			return nil, err
		}
		switch s := res.status; {
		case s == http.StatusMovedPermanently || s == http.StatusPermanentRedirect || s == http.StatusFound || s == http.StatusSeeOther || s == http.StatusTemporaryRedirect:
			next, err := at.Parse(res.header.Get("Location"))
			if err != nil || res.header.Get("Location") == "" {
				return nil, later(time.Hour, "Сайт отправляет на другой адрес, но не говорит на какой: проверьте адрес источника.", "web: a redirect to nowhere")
			}
			if s != http.StatusMovedPermanently && s != http.StatusPermanentRedirect {
				moved = false
			}
			if next.Fragment == "" {
				next.Fragment = at.Fragment
			}
			if at = next; moved {
				out.Moved = at
			}
			continue
		case s == http.StatusOK || s == http.StatusNonAuthoritativeInfo:
			out.Status, out.Body = http.StatusOK, res.body
		case s == http.StatusNotModified && (r.ETag != "" || r.Modified != ""), s == http.StatusNotFound, s == http.StatusGone:
			out.Status = s
		default:
			return nil, c.refused(at, res)
		}
		out.Type, out.URL = res.header.Get("Content-Type"), at
		out.ETag, out.Modified = clip(res.header.Get("ETag"), 300), clip(res.header.Get("Last-Modified"), 100)
		return out, nil
	}
}

// polite asks for one address when it is its turn, if the site allows it.
func (c *Client) polite(ctx context.Context, at *url.URL, r Request) (*reply, error) {
	h := c.host(at)
	select {
	case <-h.turn:
		defer func() { h.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c.mu.Lock()
	left := h.rest.Sub(c.now())
	c.mu.Unlock()
	if left > 0 {
		e := source.Fail(source.Later, "Сайт просил зайти позже: ждём.", "web: the host rests")
		e.After = left
		return nil, e
	}
	rules, err := c.rules(ctx, h, at)
	if err != nil {
		return nil, err
	}
	if !rules.allows(pathOf(at)) {
		return nil, source.Fail(source.Permanent, "Сайт просит программы не читать эту страницу (robots.txt): договоритесь с его владельцем или уберите источник.", "web: %w", ErrBarred)
	}
	return c.ask(ctx, h, at, r)
}

// ErrBarred says that robots.txt forbids a page.
var ErrBarred = errors.New("robots.txt forbids it")

func pathOf(u *url.URL) string {
	p := cmp.Or(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		p += "?" + u.RawQuery
	}
	return p
}

// rules returns what the site asks of us, read anew when it is old.
func (c *Client) rules(ctx context.Context, h *host, at *url.URL) (*robots, error) {
	if h.robots != nil && c.now().Before(h.until) {
		return h.robots, nil
	}
	page := &url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/robots.txt"}
	for range redirects {
		res, err := c.ask(ctx, h, page, Request{Limit: -robotsLimit})
		if err != nil {
			return nil, err
		}
		body := res.body
		switch s := res.status; {
		case s >= 300 && s < 400:
			next, err := page.Parse(res.header.Get("Location"))
			if err != nil || next.Hostname() == "" || next.User != nil {
				body = nil
				break
			}
			page = next
			continue
		case s == http.StatusTooManyRequests || s >= 500: // RFC 9309: then nothing is allowed
			return nil, c.refused(at, res)
		case s >= 400:
			body = nil
		}
		h.robots, h.until = parseRobots(body), c.now().Add(robotsAge)
		return h.robots, nil
	}
	h.robots, h.until = &robots{}, c.now().Add(robotsRetry)
	return h.robots, nil
}

// A reply is what one request brought.
type reply struct {
	status int
	header http.Header
	body   []byte // of a page that is there
}

// ask makes one request. A negative limit cuts the body instead of refusing it.
func (c *Client) ask(ctx context.Context, h *host, at *url.URL, r Request) (*reply, error) {
	gap := c.Gap
	if gap == 0 {
		gap = usualGap
	}
	if h.robots != nil && gap > 0 {
		gap = max(gap, h.robots.wait)
	}
	c.mu.Lock()
	h.gap = gap
	c.mu.Unlock()
	if wait := time.Until(h.free); wait > 0 && gap > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer func() { h.free = time.Now().Add(gap) }() // behind its end: a slow site is busy
	per := time.Minute
	if gap > per {
		per = time.Hour
	}
	h.gauge.Spend(c.now(), per)
	inner, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(inner, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, source.Fail(source.Permanent, "Адрес страницы не читается: проверьте его.", "web: not an address")
	}
	req.Header.Set("User-Agent", c.agent())
	req.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml,application/rss+xml,application/atom+xml,application/feed+json;q=0.9,*/*;q=0.5")
	req.Header.Set("Accept-Language", "ru")
	if r.ETag != "" {
		req.Header.Set("If-None-Match", r.ETag)
	}
	if r.Modified != "" {
		req.Header.Set("If-Modified-Since", r.Modified)
	}
	res, err := c.client().Do(req)
	if err != nil {
		return nil, broken(ctx, err)
	}
	defer res.Body.Close()
	limit, cut := r.Limit, false
	switch {
	case limit < 0:
		limit, cut = -limit, true
	case limit == 0:
		limit = PageLimit
	}
	out := &reply{status: res.StatusCode, header: res.Header}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNonAuthoritativeInfo {
		return out, nil
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, broken(ctx, err)
	case int64(len(body)) > limit && cut:
		body = body[:limit]
	case int64(len(body)) > limit:
		return nil, later(time.Hour, "Страница слишком велика: проверьте, тот ли это адрес.", "web: an answer over %d bytes", limit)
	}
	out.body = body
	return out, nil
}

func (c *Client) agent() string {
	if c.Contact != "" {
		return "Otklik/1.0 (regional feedback centre; +" + strings.Join(strings.Fields(c.Contact), " ") + ")"
	}
	return "Otklik/1.0 (regional feedback centre)"
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// host returns what is known of the host of an address.
func (c *Client) host(at *url.URL) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hosts == nil || len(c.hosts) > 10_000 {
		c.hosts = map[string]*host{}
	}
	key := strings.ToLower(at.Scheme + "://" + at.Host)
	h := c.hosts[key]
	if h == nil {
		h = &host{turn: make(chan struct{}, 1)}
		h.turn <- struct{}{}
		c.hosts[key] = h
	}
	return h
}

// client returns one that follows no redirect: each address is looked at.
func (c *Client) client() *http.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.http == nil {
		own := http.Client{Transport: &http.Transport{
			DialContext: fetch.Dialer(c.Inner).DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second,
			MaxIdleConns: 20, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		}}
		if c.HTTP != nil {
			own = *c.HTTP
		}
		own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		own.Jar = nil
		c.http = &own
	}
	return c.http
}

// refused returns the error of an answer that brings no page. The host rests if
// it asked for that.
func (c *Client) refused(at *url.URL, res *reply) error {
	s := res.status
	switch {
	case s == http.StatusTooManyRequests || s >= 500 || s == http.StatusRequestTimeout || s == http.StatusTooEarly:
		after := c.retryAfter(res)
		if after == 0 {
			after = 5 * time.Minute
		} else {
			h := c.host(at)
			c.mu.Lock()
			h.rest = c.now().Add(after)
			c.mu.Unlock()
		}
		if s == http.StatusTooManyRequests {
			return later(after, "Сайт просит читать его реже: ждём и продолжим сами.", "web: HTTP %d", s)
		}
		return later(after, "Сайт сейчас не работает: повторим сами.", "web: HTTP %d", s)
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusProxyAuthRequired || s == http.StatusUnavailableForLegalReasons || s == http.StatusPaymentRequired:
		e := source.Fail(source.Person, "Сайт не пускает нас: откройте страницу в браузере; если она видна всем, попросите владельца сайта пропускать «Otklik».", "web: HTTP %d", s)
		e.Code = s
		return e
	}
	e := source.Fail(source.Permanent, "Сайт не отдаёт эту страницу: проверьте адрес источника.", "web: HTTP %d", s)
	e.Code = s
	return e
}

// retryAfter reads seconds or a date, a day at most.
func (c *Client) retryAfter(res *reply) time.Duration {
	v := res.header.Get("Retry-After")
	d := time.Duration(0)
	if n, err := strconv.Atoi(v); err == nil {
		d = time.Duration(min(max(n, 0), 24*3600)) * time.Second
	} else if t, err := http.ParseTime(v); err == nil {
		d = max(t.Sub(c.now()), 0)
	}
	return min(d, 24*time.Hour)
}

func later(after time.Duration, sentence, format string, args ...any) error {
	e := source.Fail(source.Later, sentence, format, args...)
	e.After = after
	return e
}

// broken returns the error of a request without an answer.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address
	}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var bad x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, fetch.ErrInner):
		return source.Fail(source.Permanent, "Адрес ведёт во внутреннюю сеть: такие страницы не читаются.", "web: an address of a private network")
	case errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &bad) || errors.As(err, &record):
		return source.Fail(source.Person, "Сертификат сайта не проходит проверку: если сайт ваш, обновите сертификат; если чужой, попробуйте адрес с http://.", "web: the certificate does not pass")
	}
	return later(time.Minute, "Сайт не отвечает: проверьте адрес и доступ в интернет; повторим сами.", "web: no answer (%T)", err)
}

// Sitemaps returns the sitemaps that the robots.txt of a site names.
func (c *Client) Sitemaps(ctx context.Context, at *url.URL) (out []*url.URL, err error) {
	h := c.host(at)
	select {
	case <-h.turn:
		defer func() { h.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	rules, err := c.rules(ctx, h, at)
	if err != nil {
		return nil, err
	}
	for _, s := range rules.Sitemaps {
		if u := Address(at, s); u != nil && len(out) < 20 {
			out = append(out, u)
		}
	}
	return out, nil
}
