package vk

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/source"
)

// VK asks for a captcha (error 14) when it takes calls for a machine's. The call is repeated
// with what a person read in the picture; the picture and the answer go over the page of
// sources, and nothing solves them by machine.

// A captcha is what VK asks of the owner of one token.
type captcha struct {
	sid, image, link string
	method           string // that was refused, and is to be repeated
	at               time.Time
	answer           string
}

// Captchas of VK live for minutes; one that is older is asked anew.
const captchaLife = 15 * time.Minute

// asked notes the captcha that a call of the token met.
func (l *Limits) asked(token string, c captcha) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.captchas == nil {
		l.captchas = map[string]*captcha{}
	}
	if c.sid == "" {
		return
	}
	c.at = time.Now()
	l.captchas[token] = &c
}

// solved adds a person's answer to the call that was refused. An answer goes out once.
func (l *Limits) solved(token, method string, params url.Values) {
	params.Del("captcha_sid")
	params.Del("captcha_key")
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.captchas[token]; c != nil && c.method == method {
		if c.answer != "" {
			params.Set("captcha_sid", c.sid)
			params.Set("captcha_key", c.answer)
		}
		delete(l.captchas, token) // a new one comes when VK is not content
	}
}

// asks returns the captcha of one of the tokens, the newest.
func (l *Limits) asks(tokens []string) (token string, c captcha, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for t, one := range l.captchas {
		if slices.Contains(tokens, t) && one.answer == "" && time.Since(one.at) < captchaLife && (!ok || one.at.After(c.at)) {
			token, c, ok = t, *one, true
		}
	}
	return token, c, ok
}

// secrets returns the tokens that a wall calls with.
func (w *Wall) secrets() []string {
	list := []string{w.ServiceToken, w.CommunityToken}
	if w.pool != nil {
		list = append(list, w.pool.secrets()...)
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func (p *Pool) secrets() (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.tokens {
		list = append(list, t.secret)
	}
	return list
}

// good lets the pool call with a token again at once.
func (p *Pool) good(secret string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.tokens {
		if t.secret == secret {
			t.health, t.until, t.sentence = Good, time.Time{}, ""
		}
	}
	p.trouble = nil
}

// An asker is source.Asker for the tokens of one source.
type asker struct {
	tokens func() []string
	client func() *client
	pool   *Pool
}

// Asker returns who shows people the captchas of the wall's tokens.
func (w *Wall) Asker() source.Asker { return asker{w.secrets, w.client, w.pool} }

// Asker returns who shows people the captchas of the search's tokens.
func (s *Search) Asker() source.Asker {
	return asker{func() []string {
		if s.pool != nil {
			return s.pool.secrets()
		}
		return []string{s.ServiceToken}
	}, func() *client {
		if s.pool != nil {
			return s.pool.client()
		}
		return s.client()
	}, s.pool}
}

func (a asker) Asked() (source.Riddle, bool) {
	_, c, ok := a.client().limits.asks(a.tokens())
	return source.Riddle{Key: c.sid, Link: c.link, At: c.at}, ok
}

func (a asker) Solve(key, answer string) error {
	l := a.client().limits
	token, c, ok := l.asks(a.tokens())
	if !ok || c.sid != key {
		return fault.New(fault.Conflict, "vk: another captcha waits, or none").Say("Эта картинка уже не нужна. Обновите страницу.")
	}
	l.mu.Lock()
	if now := l.captchas[token]; now != nil && now.sid == key {
		if now.answer = strings.TrimSpace(answer); now.answer == "" {
			delete(l.captchas, token)
		}
	}
	l.mu.Unlock()
	if pool := cmp.Or(a.pool, l.Pool); pool != nil {
		pool.good(token)
	}
	return nil
}

const pictureLimit = 1 << 20

// Picture fetches the picture from VK; nobody's browser asks there.
func (a asker) Picture(ctx context.Context) ([]byte, string, error) {
	none := func(format string, args ...any) ([]byte, string, error) {
		return nil, "", fault.New(fault.NotFound, "vk captcha: "+format, args...).Say("Картинки уже нет. Попросите другую.")
	}
	c := a.client()
	_, asked, ok := c.limits.asks(a.tokens())
	if !ok || !ofVK(asked.image, c.base) {
		return none("no picture of VK's")
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, asked.image, nil)
	if err != nil {
		return none("its address cannot be asked")
	}
	client := *c.http
	client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if len(via) > 3 || !ofVK(r.URL.String(), c.base) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", c.broken("captcha", false, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, pictureLimit+1))
	typ := http.DetectContentType(body)
	switch {
	case err != nil:
		return nil, "", c.broken("captcha", false, err)
	case resp.StatusCode != http.StatusOK, len(body) > pictureLimit, typ != "image/png" && typ != "image/jpeg" && typ != "image/gif":
		return none("HTTP %d, %d bytes of %s", resp.StatusCode, len(body), typ)
	}
	return body, typ, nil
}

// ofVK reports whether an address is VK's own, or that of the network at base.
func ofVK(address, base string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Host == "" {
		return false
	}
	if b, err := url.Parse(base); err == nil && base != API && u.Host == b.Host && u.Scheme == b.Scheme {
		return true
	}
	host := "." + strings.ToLower(u.Hostname())
	return u.Scheme == "https" && (strings.HasSuffix(host, ".vk.com") || strings.HasSuffix(host, ".vk.ru"))
}
