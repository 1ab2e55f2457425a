package mailfake

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// OAuth lets the centre's mailbox in by tokens too: POST /token exchanges a refresh token
// (RFC 6749, 6).
type OAuth struct {
	Client, Secret, Refresh string
	Rotate                  bool // each exchange gives another refresh token, and the last one is void
	Standard                bool // IMAP takes OAUTHBEARER (RFC 7628) in place of XOAUTH2
}

// bearer is the way that tokens come in: mailboxes without extras know the standard's alone.
func (o *Options) bearer() string {
	if o.OAuth != nil && o.OAuth.Standard {
		return "OAUTHBEARER"
	}
	return "XOAUTH2"
}

// oauth is what is given out.
type oauth struct {
	access []string // that are good
	count  int
	asked  int
	why    string // every exchange is refused so
	status int
}

// Exchanges returns how often a refresh token was exchanged, or tried.
func (f *Fake) Exchanges() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens.asked
}

// Expire voids the access tokens that were given out.
func (f *Fake) Expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens.access = nil
}

// Refuse makes the token service answer so from now on; "" = as usual.
func (f *Fake) Refuse(status int, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tokens.status, f.tokens.why = status, why
}

func (f *Fake) token(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	f.tokens.asked++
	o := f.opts.OAuth
	switch {
	case f.tokens.status != 0:
		w.Header().Set("Location", "/elsewhere")
		say(f.tokens.status, map[string]string{"error": f.tokens.why, "error_description": "of " + f.opts.Address})
	case o == nil, r.FormValue("grant_type") != "refresh_token":
		say(http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
	case r.FormValue("client_id") != o.Client, r.FormValue("client_secret") != o.Secret:
		say(http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	case r.FormValue("refresh_token") != o.Refresh:
		say(http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "of " + f.opts.Address})
	default:
		f.tokens.count++
		access := "access-" + strconv.Itoa(f.tokens.count)
		f.tokens.access = append(f.tokens.access, access)
		out := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 3600}
		if o.Rotate {
			o.Refresh = "refresh-" + strconv.Itoa(f.tokens.count)
			out["refresh_token"] = o.Refresh
		}
		say(http.StatusOK, out)
	}
}

// bearer reports whether the words of XOAUTH2 or OAUTHBEARER name the mailbox and a good token.
func (f *Fake) bearer(words []byte) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	user, token := "", ""
	for _, w := range strings.Split(string(words), "\x01") {
		switch {
		case strings.HasPrefix(w, "user="):
			user = w[len("user="):]
		case strings.HasPrefix(w, "n,a="):
			user = strings.TrimSuffix(w[len("n,a="):], ",")
		case strings.HasPrefix(w, "auth=Bearer "):
			token = w[len("auth=Bearer "):]
		}
	}
	return strings.EqualFold(user, f.opts.Address) && slices.Contains(f.tokens.access, token)
}

// why is the reason of a refused token, as it is told before the refusal.
var why = base64.StdEncoding.EncodeToString([]byte(`{"status":"400","schemes":"Bearer","scope":"https://mail.example/"}`))
