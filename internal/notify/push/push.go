// Package push sends parcels to browsers (Web Push: RFC 8030, 8291, 8292).
//
// A browser that a person allowed to names an address at its maker's push service; what
// we send there is encrypted for that browser alone, and signed with a key of ours.
// A message carries the same line as a letter does: number, title, due time, topic and
// place without flat; no resident's words, names or phones.
//
// The address is whatever a browser says: nothing but HTTPS on the open Internet is
// asked, no redirect is followed, and no proxy of the environment is used.
package push

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/fetch"
	"otklik/internal/notice"
	"otklik/internal/notify"
)

const (
	keepTime     = 24 * time.Hour // what a browser that is switched off meets when it comes back
	mostPause    = 24 * time.Hour
	bodyShown    = 600 // characters; systems show a few lines
	endpointMost = 1500
)

// A Sender sends to browsers.
type Sender struct {
	key     *Key
	subject string // whom a push service may write to: «mailto:otklik@example.ru»
	now     func() time.Time
	plain   bool
	client  *http.Client
}

// New returns a sender. plain asks HTTP and this machine, too: for a fake push service.
func New(key *Key, subject string, now func() time.Time, plain bool) *Sender {
	return &Sender{key: key, subject: subject, now: now, plain: plain, client: &http.Client{
		Transport: &http.Transport{
			DialContext: fetch.Dialer(plain).DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second,
			MaxIdleConns: 8, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// PublicKey returns what browsers subscribe with.
func (s *Sender) PublicKey() string { return s.key.Public() }

// Idempotent implements notify.Channel: a browser shows messages of one tag as one.
func (*Sender) Idempotent() bool { return true }

// Check is Invalid for what no browser says of itself.
func (s *Sender) Check(b notice.Browser) error {
	bad := func(what string) error {
		return fault.New(fault.Invalid, "subscription: %s", what).At("push").
			Say("Браузер прислал подписку, которой нельзя воспользоваться. Обновите страницу и подпишитесь ещё раз; если не поможет, возьмите другой браузер.")
	}
	u, err := url.Parse(b.Endpoint)
	if err != nil || len(b.Endpoint) > endpointMost || !s.allowed(u) {
		return bad("the endpoint is no address of a push service")
	}
	if _, _, err := keysOf(b); err != nil {
		return bad(err.Error())
	}
	return nil
}

// allowed reports whether an address may be asked. What its name resolves to is looked
// at when it is dialled.
func (s *Sender) allowed(u *url.URL) bool {
	if s.plain {
		return u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	_, err := netip.ParseAddr(host)
	return u.Scheme == "https" && u.User == nil && u.Fragment == "" && (u.Port() == "" || u.Port() == "443") && err != nil && strings.Contains(host, ".")
}

func keysOf(b notice.Browser) (public, auth []byte, err error) {
	if public, err = b64.DecodeString(b.P256DH); err == nil {
		_, err = ecdh.P256().NewPublicKey(public)
	}
	if err != nil {
		return nil, nil, errors.New("p256dh is no key of P-256")
	}
	if auth, err = b64.DecodeString(b.Auth); err != nil || len(auth) != 16 {
		return nil, nil, errors.New("auth is no secret of 16 bytes")
	}
	return public, auth, nil
}

// A word is what the browser's worker shows.
type word struct {
	Title  string `json:"title"`
	Body   string `json:"body,omitempty"`
	Tag    string `json:"tag"`              // messages of one tag are one on the screen
	Path   string `json:"path"`             // of the page that a click opens
	Urgent bool   `json:"urgent,omitempty"` // it stays until somebody looks
}

// wordOf cuts a parcel to what a screen shows and a push service takes. short leaves the
// title alone.
func wordOf(p *notify.Parcel, short bool) []byte {
	w := word{Title: p.Subject, Tag: p.Name, Path: "/desk/notices", Urgent: p.Urgent}
	if len(p.Lines) == 1 && p.More == 0 && p.Lines[0].Path != "" {
		w.Path = p.Lines[0].Path
	}
	var body []string
	size, more := 0, p.More
	for k, l := range p.Lines {
		text := l.Text
		if k == 0 && l.Rest != "" { // the title has said the beginning
			text = l.Rest
		} else if k == 0 && strings.TrimSuffix(text, ".") == p.Subject {
			continue
		}
		if size += utf8.RuneCountInString(text); size > bodyShown && k > 0 {
			more += len(p.Lines) - k
			break
		}
		body = append(body, text)
	}
	if more > 0 {
		body = append(body, fmt.Sprintf("И ещё уведомлений: %d.", more))
	}
	w.Body = strings.Join(body, "\n")
	for {
		if short {
			w.Body = ""
		}
		data, err := json.Marshal(w)
		if err != nil { // strings always can
			panic(err)
		}
		if short || len(data) <= mostPlain {
			return data
		}
		short = true
	}
}

// Send implements notify.Channel; to is a notice.Browser in JSON.
func (s *Sender) Send(ctx context.Context, to string, p *notify.Parcel) error {
	b, err := notice.BrowserOf(to)
	if err != nil {
		return gone("Подписка браузера повреждена.", err)
	}
	if b.Key != s.key.Public() {
		return gone("Отклик сменил ключ, с которым этот браузер подписывался.", errors.New("subscribed with another key"))
	}
	if err := s.Check(b); err != nil {
		return gone("Подписка браузера не подходит.", err)
	}
	err = s.post(ctx, b, p, false)
	if errors.Is(err, errLarge) {
		err = s.post(ctx, b, p, true)
	}
	return err
}

// gone ends a subscription: its owner reads why, and what to do.
func gone(why string, err error) error {
	return &notify.Refusal{Gone: true, Err: err,
		Why: why + " Чтобы уведомления приходили снова, откройте эту страницу в том браузере и нажмите «Присылать в этот браузер»."}
}

var errLarge = fault.New(fault.Unavailable, "the push service takes no message of this size").Say("Служба уведомлений браузера не берёт сообщения такой длины.")

func (s *Sender) post(ctx context.Context, b notice.Browser, p *notify.Parcel, short bool) error {
	public, auth, err := keysOf(b)
	if err != nil {
		return err
	}
	sealed, err := seal(wordOf(p, short), public, auth)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Endpoint, bytes.NewReader(sealed))
	if err != nil {
		return errors.New("push: the address is malformed")
	}
	who, err := s.key.authorization(req.URL.Scheme+"://"+req.URL.Host, s.subject, s.now())
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", who)
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Content-Encoding", "aes128gcm")
	req.Header.Set("TTL", strconv.Itoa(int(keepTime.Seconds())))
	req.Header.Set("Topic", topicOf(p.Name, auth))
	req.Header.Set("Urgency", "normal")
	if p.Urgent {
		req.Header.Set("Urgency", "high")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return failed(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection is used again; what it says may name the address
	return s.answered(res)
}

// topicOf folds tries of one parcel into one while the push service keeps them. It tells
// the service nothing: neither numbers nor which browsers are of one person.
func topicOf(name string, auth []byte) string {
	h := hmac.New(sha256.New, auth)
	h.Write([]byte(name))
	return b64.EncodeToString(h.Sum(nil)[:18])
}

// failed says what an error of the client means, without the address in its text.
func failed(err error) error {
	if errors.Is(err, fetch.ErrInner) {
		return gone("Адрес подписки ведёт во внутреннюю сеть, туда Отклик не пишет.", fetch.ErrInner)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" { // nothing left the house
		return unavailable(err)
	}
	return errors.Join(notify.ErrUnclear, unavailable(err))
}

func (s *Sender) answered(res *http.Response) error {
	err := fmt.Errorf("the push service answers %d", res.StatusCode)
	switch c := res.StatusCode; {
	case c >= 200 && c < 300:
		return nil
	case c == http.StatusNotFound, c == http.StatusGone:
		return gone("Браузер больше не принимает уведомления: их запретили, стёрли данные сайта или долго им не пользовались.", err)
	case c == http.StatusRequestEntityTooLarge:
		return errLarge
	case c == http.StatusTooManyRequests, c >= 500:
		return &notify.Pause{After: s.after(res.Header.Get("Retry-After")), Err: unavailable(err)}
	case c == http.StatusBadRequest, c == http.StatusUnauthorized, c == http.StatusForbidden:
		return fault.New(fault.Unavailable, "push: %w", err).Say("Служба уведомлений браузера не принимает подпись Отклика: администратору нужно проверить push в otklik.json и часы сервера.")
	}
	return unavailable(err)
}

// after reads Retry-After: seconds, or a moment.
func (s *Sender) after(header string) time.Duration {
	var d time.Duration
	if n, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		d = time.Duration(min(n, int(mostPause/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		d = at.Sub(s.now())
	}
	return min(max(d, 0), mostPause)
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "push: %w", err).Say("Служба уведомлений браузера не отвечает. Пробуем ещё.")
}
