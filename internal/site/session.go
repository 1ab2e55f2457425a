package site

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
)

// A session lasts one long shift and is not prolonged by use: a prolonged one
// costs a write with every page.
const sessionLife = 14 * time.Hour

// sessionAccount is the key under which a session holds its account.
const sessionAccount = "account"

func newSessions(opt Options, failed func(http.ResponseWriter, *http.Request, error)) *scs.SessionManager {
	m := scs.New()
	m.Lifetime = sessionLife
	m.Store = sessionStore{opt}
	m.Codec = sessionCodec{}
	m.HashTokenInStore = true
	m.ErrorFunc = failed
	m.Cookie.Name = "otklik"
	if opt.Secure {
		m.Cookie.Name = "__Host-otklik"
	}
	m.Cookie.Secure = opt.Secure
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Persist = false
	return m
}

// signedIn returns the account of the session, nil for nobody. It is read anew
// with every request: an account that was disabled is out at once.
func (s *Site) signedIn(ctx context.Context) (_ *account.Account, err error) {
	id := s.sessions.GetInt64(ctx, sessionAccount)
	if id == 0 {
		return nil, nil
	}
	defer fault.Wrap(&err, "site.signedIn(%d)", id)
	a, err := s.opt.Cases().Accounts().Account(ctx, account.ID(id))
	if fault.Is(err, fault.NotFound) || err == nil && a.Disabled {
		return nil, nil
	}
	return a, err
}

// SignedIn returns the account of the request's session cookie, nil for nobody. It
// is for handlers that stand outside of the table of routes; it changes nothing.
func (s *Site) SignedIn(r *http.Request) (*account.Account, error) {
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return nil, nil
	}
	ctx, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return nil, err
	}
	return s.signedIn(ctx)
}

// SessionCookie returns the name of the cookie that holds a session.
func (s *Site) SessionCookie() string { return s.sessions.Cookie.Name }

// Recheck reports whether the session of the request, which has gone on since it
// was admitted, still stands and its account may be here. Long answers (events)
// ask it now and then: another process may have ended the session.
func (s *Site) Recheck(r *http.Request) bool {
	ctx, err := s.sessions.Load(afresh{r.Context()}, s.sessions.Token(r.Context()))
	if err != nil {
		return false
	}
	who, err := s.signedIn(ctx)
	return err == nil && who != nil
}

// Ended returns a channel that is closed when the request's session is ended here,
// and a function that ends the waiting.
func (s *Site) Ended(r *http.Request) (ended <-chan struct{}, stop func()) {
	return s.ends.wait(s.sessions.Token(r.Context()))
}

// afresh is a context without its values: what was read of the session at the
// beginning of a request is not what stands now.
type afresh struct{ context.Context }

func (afresh) Value(any) any { return nil }

// sessionCodec writes sessions as JSON: gob compiles its types anew for every
// request, which costs more than the rest of the page.
type sessionCodec struct{}

type sessionForm struct {
	Deadline time.Time `json:"deadline"`
	Account  int64     `json:"account,omitempty"`
}

func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	id, _ := values[sessionAccount].(int64)
	return json.Marshal(sessionForm{deadline, id})
}

func (sessionCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	var f sessionForm
	if err := json.Unmarshal(data, &f); err != nil {
		return time.Time{}, nil, err
	}
	values := map[string]any{}
	if f.Account != 0 {
		values[sessionAccount] = f.Account
	}
	return f.Deadline, values, nil
}

// sessionStore keeps sessions in the store of accounts; scs hands it hashes of
// tokens only.
type sessionStore struct{ opt Options }

func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return s.opt.Cases().Accounts().Session(ctx, token)
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.opt.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Accounts().SaveSession(ctx, account.Session{Token: token, Data: data, Expires: expires})
	})
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.opt.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Accounts().EndSession(ctx, token)
	})
}

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
