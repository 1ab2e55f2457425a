package mail

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/source"
)

// Bounds of a call to the service that gives out tokens.
const (
	tokenTime   = 20 * time.Second
	mostToken   = 64 << 10 // bytes of its answer
	tokenSpare  = time.Minute
	tokenLasts  = 50 * time.Minute // where it does not say
	refreshedAt = "Откройте доступ у провайдера заново и впишите новый токен обновления."
)

// A grant is the right to a mailbox by OAuth 2: a refresh token is exchanged for access tokens
// (RFC 6749, 6), with which IMAP and SMTP let us in. It is shared by both.
type grant struct {
	endpoint string
	client   string
	secret   string // of the application; "" where it has none
	http     *http.Client
	now      func() time.Time
	// renewed keeps a key with the new refresh token that the service gave in place of the old one.
	renewed func(ctx context.Context, was, key string) error

	mu      sync.Mutex
	refresh string
	token   string
	until   time.Time
	unkept  bool   // the refresh token is newer than what is kept
	was     string // what is kept then
}

// newGrant reads the key of a mailbox: the refresh token, behind it the application's secret
// where it has one.
func newGrant(endpoint, client, key string, roots *tls.Config) *grant {
	g := &grant{endpoint: endpoint, client: client, now: time.Now}
	if f := strings.Fields(key); len(f) > 0 {
		g.refresh = f[0]
		g.secret = strings.Join(f[1:], "")
	}
	t := &http.Transport{TLSClientConfig: roots, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute}
	g.http = &http.Client{Timeout: tokenTime, Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return g
}

// key is how the refresh token is kept among the keys of networks.
func (g *grant) key() string { return strings.TrimSpace(g.refresh + " " + g.secret) }

// Token returns an access token; a fresh one when the last was refused.
func (g *grant) Token(ctx context.Context, refused string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.token != "" && g.token != refused && g.now().Before(g.until) {
		g.keep(ctx)
		return g.token, nil
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.refresh}, "client_id": {g.client}}
	if g.secret != "" {
		form.Set("client_secret", g.secret)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", errors.New("mail: no address of the token service")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := g.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if e := broken(err); e != nil {
			return "", e
		}
		return "", rest(time.Minute, "Сервер, который выдаёт доступ по OAuth, не отвечает: повторим сами.", errors.New("the token service does not answer"))
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, mostToken))
	var said struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Expires any    `json:"expires_in"` // a number, or one in quotes
		Error   any    `json:"error"`      // a code; of some an object
	}
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	code, _ := said.Error.(string)
	if res.StatusCode != http.StatusOK || err != nil || said.Access == "" || strings.ContainsFunc(said.Access, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", g.refusal(res, code)
	}
	lasts, _ := strconv.ParseFloat(fmt.Sprint(said.Expires), 64)
	g.token, g.until = said.Access, g.now().Add(tokenLasts)
	if lasts > 0 && lasts < 1e8 {
		g.until = g.now().Add(max(time.Duration(lasts)*time.Second-tokenSpare, time.Second))
	}
	if said.Refresh != "" && said.Refresh != g.refresh && !strings.ContainsFunc(said.Refresh, func(r rune) bool { return r <= ' ' || r > '~' }) {
		if !g.unkept {
			g.was, g.unkept = g.key(), true
		}
		g.refresh = said.Refresh
	}
	g.keep(ctx)
	return g.token, nil
}

// keep keeps a refresh token that took the place of another one; what fails is tried at the
// next call.
func (g *grant) keep(ctx context.Context) {
	if g.unkept && g.renewed != nil && g.renewed(ctx, g.was, g.key()) == nil {
		g.unkept = false
	}
}

// refusal words what the token service refused, by the code of RFC 6749, 5.2. What it says
// beside it may hold an address.
func (g *grant) refusal(res *http.Response, code string) error {
	known := map[string]bool{"invalid_grant": true, "invalid_client": true, "unauthorized_client": true, "invalid_request": true, "invalid_scope": true, "unsupported_grant_type": true, "access_denied": true, "slow_down": true}
	if !known[code] {
		code = ""
	}
	err := fmt.Errorf("mail: oauth: the token service answers %d %s", res.StatusCode, code)
	switch {
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500, code == "slow_down":
		after := 5 * time.Minute
		if n, e := strconv.Atoi(res.Header.Get("Retry-After")); e == nil && n > 0 && n < 86400 {
			after = time.Duration(n) * time.Second
		}
		return rest(after, "Сервер, который выдаёт доступ по OAuth, сейчас занят: повторим сами.", err)
	case code == "invalid_grant", code == "access_denied":
		return source.Fail(source.Person, "Доступ к ящику по OAuth отозван или истёк. "+refreshedAt, "%w", err)
	case code == "invalid_client", code == "unauthorized_client", res.StatusCode == http.StatusUnauthorized:
		return source.Fail(source.Person, "Провайдер не узнаёт приложение OAuth: проверьте его идентификатор в настройках и секрет, который стоит за токеном обновления через пробел.", "%w", err)
	case res.StatusCode >= 300 && res.StatusCode < 400, res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusOK:
		return source.Fail(source.Person, "По этому адресу доступ по OAuth не выдают: проверьте «Адрес выдачи токенов».", "%w", err)
	}
	return source.Fail(source.Person, "Провайдер отказал в доступе по OAuth. "+refreshedAt, "%w", err)
}

// signIn lets us in by a token. One that was cached may have been taken back meanwhile: a
// fresh one is tried once.
func (c *conn) signIn(ctx context.Context, b *Box, host, port string) error {
	refused := ""
	for try := 0; ; try++ {
		token, err := b.OAuth.Token(ctx, refused)
		if err != nil {
			return err
		}
		switch {
		case c.can["AUTH=OAUTHBEARER"] && !c.can["AUTH=XOAUTH2"]:
			user := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(b.User)
			err = c.authenticate("OAUTHBEARER", "n,a="+user+",\x01host="+host+"\x01port="+port+"\x01auth=Bearer "+token+"\x01\x01", "\x01")
		default:
			err = c.authenticate("XOAUTH2", "user="+b.User+"\x01auth=Bearer "+token+"\x01\x01", "")
		}
		var no *refusal
		if err == nil || try > 0 || !errors.As(err, &no) || no.kind != "NO" {
			return err
		}
		refused = token
	}
}
