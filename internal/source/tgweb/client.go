package tgweb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"otklik/internal/source"
)

const (
	callTime  = 20 * time.Second
	bodyLimit = 8 << 20 // bytes; a page has 200 KB
	gap       = 2 * time.Second
)

// A Pace spaces the requests to one host. The zero value is ready.
type Pace struct {
	Gap time.Duration // between two requests; 2 s when 0, none when negative

	mu    sync.Mutex
	free  time.Time
	gauge source.Gauge
}

// Quotas implements source.Meter: t.me names no limit, we keep to one of our own.
func (c *Channel) Quotas() []source.Quota {
	p := c.pace()
	space := p.Gap
	if space <= 0 {
		space = gap
	}
	q := p.gauge.Quota("страницы", int(time.Minute/space), time.Minute, c.now())
	q.Whose, q.Ours, q.Free = "все открытые каналы", true, p.Gap < 0
	return []source.Quota{q}
}

func (c *Channel) pace() *Pace {
	if c.Pace != nil {
		return c.Pace
	}
	return &c.own
}

func (p *Pace) wait(ctx context.Context) error {
	space := p.Gap
	if space == 0 {
		space = gap
	}
	if space < 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	now := time.Now()
	at := p.free
	if at.Before(now) {
		at = now
	}
	p.free = at.Add(space)
	p.mu.Unlock()
	t := time.NewTimer(at.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

var (
	errNoPreview = errors.New("no page of a channel")
	errNoTalk    = errors.New("no comments are shown")
)

// get brings a page.
func (c *Channel) get(ctx context.Context, address string) ([]byte, error) {
	pace := c.pace()
	if err := pace.wait(ctx); err != nil {
		return nil, err
	}
	pace.gauge.Spend(c.now(), time.Minute)
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, source.Fail(source.Person, "Адрес канала записан с ошибкой: исправьте настройки источника.", "tgweb: a malformed address")
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (compatible; otklik)")
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", "en") // «edited» and «1.5K» are read in it
	h := http.Client{}
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := h.Do(req)
	if err != nil {
		return nil, broken(err)
	}
	defer res.Body.Close()
	switch s := res.StatusCode; {
	case s >= 300 && s < 400, s == http.StatusNotFound:
		return nil, trouble(errNoPreview)
	case s == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		after := time.Duration(min(max(seconds, 60), 24*3600)) * time.Second
		pace.gauge.Rest(c.now().Add(after))
		return nil, rest(after, "Telegram просит открывать страницы реже: повторим позже.", "status 429")
	case s != http.StatusOK:
		return nil, rest(time.Minute, "Страницы Telegram не открываются: повторим сами.", "status "+strconv.Itoa(s))
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	if err != nil {
		return nil, broken(err)
	}
	if len(body) > bodyLimit {
		return nil, trouble(changed("over 8 MB"))
	}
	return body, nil
}

// broken returns the error of a call without an answer.
func broken(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &record):
		return source.Fail(source.Person, "Сертификат t.me не проходит проверку: проверьте доверенные сертификаты и настройки сети.", "tgweb: %w", err)
	}
	e := source.Fail(source.Later, "Страницы Telegram недоступны: проверьте доступ в интернет; повторим сами.", "tgweb: %w", err)
	e.After = time.Minute
	return e
}

func rest(after time.Duration, sentence, why string) error {
	e := source.Fail(source.Later, sentence, "tgweb: %s", why)
	e.After = after
	return e
}

// trouble words what is wrong with a page.
func trouble(err error) error {
	var c changed
	switch {
	case errors.As(err, &c):
		return rest(time.Hour, "Страница канала выглядит иначе, чем раньше, и читать её нельзя: обновите Отклик или добавьте в канал бота. Проверим снова через час.", c.Error())
	case errors.Is(err, errNoPreview):
		return source.Fail(source.Person, "У канала нет открытой страницы: он переименован, закрыт или запретил предпросмотр. Проверьте адрес или добавьте в канал бота.", "tgweb: %w", err)
	}
	return err
}
