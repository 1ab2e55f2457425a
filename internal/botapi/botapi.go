// Package botapi calls methods of Telegram's Bot API, for all that speak by a bot: the
// connector of messages and the channel of notices.
//
// The token stands in the address of each call, so no error leaves here that holds one.
// Telegram knows no key against doing a thing twice: of a call that failed it matters
// whether it was made at all, see ErrNotMade.
package botapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// API is where Telegram's methods are.
const API = "https://api.telegram.org"

const bodyLimit = 16 << 20 // bytes; a hundred updates stay far below

// ErrNotMade says that nothing left the house. After any other error but an Error a call
// may have been done.
var ErrNotMade = errors.New("telegram was not reached")

// ErrOdd says that what came back is no answer of the Bot API.
var ErrOdd = errors.New("telegram answers in no known shape")

// An Error is Telegram's refusal.
type Error struct {
	Code        int           // like a status of HTTP
	Description string        // no contract, and may quote the call: for telling cases apart, never for logs
	RetryAfter  time.Duration // of 429
	MigrateTo   int64         // of 400: the group is a supergroup by now, with this id
}

func (e *Error) Error() string { return "telegram answers " + strconv.Itoa(e.Code) }

// Says reports whether the description holds the words, whatever the letters' case.
func (e *Error) Says(words string) bool {
	return strings.Contains(strings.ToLower(e.Description), words)
}

// A Client calls methods as one bot.
type Client struct {
	Token string
	URL   string       // API when empty
	HTTP  *http.Client // http.DefaultClient when nil; redirects are never followed
}

// BotID returns the bot's id, which its token begins with; 0 for what is no token.
func BotID(token string) int64 {
	number, secret, ok := strings.Cut(token, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || id <= 0 || secret == "" || strings.ContainsAny(token, "/?#% \t\r\n") {
		return 0
	}
	return id
}

// Call calls a method; result may be nil. Its errors are *Error, ErrNotMade, ErrOdd, or
// what broke the connection.
func (c *Client) Call(ctx context.Context, method string, args, result any) error {
	body, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNotMade, method, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base()+"/bot"+c.Token+"/"+method, bytes.NewReader(body))
	if err != nil { // its text holds the token
		return fmt.Errorf("%w: the address of the API or the token is malformed", ErrNotMade)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client().Do(req)
	if err != nil {
		return bare(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit+1))
	switch {
	case err != nil:
		return bare(err)
	case len(text) > bodyLimit:
		return fmt.Errorf("%w: over %d bytes", ErrOdd, bodyLimit)
	}
	var answer struct {
		OK          bool            `json:"ok"`
		Code        int             `json:"error_code"`
		Description string          `json:"description"`
		Result      json.RawMessage `json:"result"`
		Parameters  struct {
			RetryAfter int   `json:"retry_after"`
			MigrateTo  int64 `json:"migrate_to_chat_id"`
		} `json:"parameters"`
	}
	if json.Unmarshal(text, &answer) != nil || !answer.OK && answer.Code == 0 {
		if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests { // a proxy on the way
			return &Error{Code: res.StatusCode}
		}
		return fmt.Errorf("%w: status %d, %d bytes", ErrOdd, res.StatusCode, len(text))
	}
	if !answer.OK {
		wait := time.Duration(min(max(answer.Parameters.RetryAfter, 0), 24*3600)) * time.Second
		return &Error{Code: answer.Code, Description: answer.Description, RetryAfter: wait, MigrateTo: answer.Parameters.MigrateTo}
	}
	if result != nil && (len(answer.Result) == 0 || json.Unmarshal(answer.Result, result) != nil) {
		return fmt.Errorf("%w: a result of another shape", ErrOdd)
	}
	return nil
}

// FileURL returns where the bytes of a path of getFile are. It holds the token: it is
// neither stored nor shown.
func (c *Client) FileURL(path string) string {
	parts := strings.Split(path, "/")
	for k := range parts {
		parts[k] = url.PathEscape(parts[k])
	}
	return c.base() + "/file/bot" + c.Token + "/" + strings.Join(parts, "/")
}

func (c *Client) base() string {
	if c.URL != "" {
		return strings.TrimSuffix(c.URL, "/")
	}
	return API
}

func (c *Client) client() *http.Client {
	h := http.Client{}
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}

// bare takes the address off an error of package http.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var dial *net.OpError
	var dns *net.DNSError
	if errors.As(err, &dns) || errors.As(err, &dial) && dial.Op == "dial" {
		return fmt.Errorf("%w: %w", ErrNotMade, err)
	}
	return err
}
