package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/fault"
	"otklik/internal/incident"
)

// hashing follows OWASP's second argon2id set: 19 MiB, two passes, one lane;
// more memory would not fit a small server when ten people come at nine o'clock.
var hashParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// ShortestPassword is the least length of a password that a person chooses, in characters.
const ShortestPassword = 10

// HashPassword returns the argon2id hash that account.Account.Hash holds.
func HashPassword(password string) (string, error) {
	return argon2id.CreateHash(password, hashParams)
}

// nobodyHash is compared with when the login is unknown, so that the answer takes as long.
const nobodyHash = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ibw$Rq3Ff0Pw6Jd5hq0cB3xWk8XGf1sDPGkq5cPZ2TqL4nU"

// Routes returns the site's own table: sign-in, sign-out, theme.
func (s *Site) Routes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/signin", Access: Access{Open: true}, Handler: s.signInPage},
		{Method: "POST", Pattern: "/signin", Access: Access{Open: true}, Handler: s.signIn},
		{Method: "POST", Pattern: "/signout", Access: Access{Open: true}, Handler: s.signOut},
		{Method: "POST", Pattern: "/theme", Access: Access{Open: true}, Handler: s.setTheme},
	}
}

// A SignIn is the sign-in page.
type SignIn struct {
	Centre string // «Республика Хакасия»
	Login  string // as typed
	Next   string
	Error  string
	Why    string // why this page stands where another was asked for
	Demo   []DemoAccount
}

func (s *Site) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := Local(r.URL.Query().Get("next"), "/desk")
	if Who(r.Context()) != nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.Page(w, r, http.StatusOK, Doc{Title: "Вход"}, SignInPage(SignIn{Centre: s.opt.Title, Next: next, Why: whySignIn(r.URL.Query()), Demo: s.opt.Demo}))
}

func (s *Site) signIn(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "sign-in form: %w", err)
	}
	login := strings.ToLower(strings.TrimSpace(r.PostForm.Get("login")))
	page := SignIn{Centre: s.opt.Title, Login: login, Next: Local(r.PostForm.Get("next"), "/desk"), Demo: s.opt.Demo}
	keys := []string{"login:" + login, "address:" + s.opt.Behind.Visitor(r)}
	now := s.opt.Now()
	if wait := s.throttle.Wait(now, keys...); wait > 0 {
		wait = wait.Round(time.Second) + time.Second
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		page.Error = "Слишком много неудачных попыток. Подождите " + Duration(wait) + " и попробуйте снова."
		return s.Page(w, r, http.StatusTooManyRequests, Doc{Title: "Вход"}, SignInPage(page))
	}
	who, err := s.check(r.Context(), login, r.PostForm.Get("password"))
	if err != nil {
		return err
	}
	if who == nil {
		s.throttle.Fail(now, keys...)
		if err := s.audit(r.Context(), audit.Entry{At: now, Deed: audit.SignInFailed, Subject: "address:" + s.opt.Behind.Visitor(r)}); err != nil {
			return err
		}
		page.Error = "Логин или пароль не подошли. Проверьте раскладку и Caps Lock."
		return s.Page(w, r, http.StatusUnprocessableEntity, Doc{Title: "Вход"}, SignInPage(page))
	}
	s.throttle.Clear(keys[0])
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionAccount, int64(who.ID))
	if _, err := r.Cookie(leftCookie); err == nil {
		s.leave(w, 0)
	}
	if err := s.audit(r.Context(), audit.Entry{At: now, Who: who.ID, Deed: audit.SignedIn,
		Subject: fmt.Sprintf("account:%d", who.ID), Place: who.Place}); err != nil {
		return err
	}
	if page.Next == "/desk" && s.opt.Home != nil {
		page.Next = s.opt.Home(who.Role)
	}
	http.Redirect(w, r, page.Next, http.StatusSeeOther)
	return nil
}

// check returns the account when the password fits, nil when anything does not.
func (s *Site) check(ctx context.Context, login, password string) (*account.Account, error) {
	a, err := s.opt.Cases().Accounts().ByLogin(ctx, login)
	known := err == nil && !a.Disabled && a.Hash != ""
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	hash := nobodyHash
	if known {
		hash = a.Hash
	}
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.hashing }()
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	switch {
	case !known:
		return nil, nil
	case err != nil:
		return nil, fault.New(fault.Internal, "password hash of account %d is unreadable: %w", a.ID, err)
	case !match:
		return nil, nil
	}
	return a, nil
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request) error {
	if who := Who(r.Context()); who != nil {
		if err := s.audit(r.Context(), audit.Entry{At: s.opt.Now(), Who: who.ID, Deed: audit.SignedOut,
			Subject: fmt.Sprintf("account:%d", who.ID), Place: who.Place}); err != nil {
			return err
		}
		token := s.sessions.Token(r.Context())
		if err := s.sessions.Destroy(r.Context()); err != nil {
			return err
		}
		s.ends.end(token)
		s.leave(w, sessionLife)
	}
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
	return nil
}

// leave notes in the browser that somebody signed out here, so that another tab's
// next click can be explained; a life of 0 takes it away.
func (s *Site) leave(w http.ResponseWriter, life time.Duration) {
	c := &http.Cookie{Name: leftCookie, Value: "1", Path: "/", MaxAge: int(life.Seconds()), HttpOnly: true, Secure: s.opt.Secure, SameSite: http.SameSiteLaxMode}
	if life == 0 {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
}

const leftCookie = "left"

// toSignIn returns where a visitor without a session is sent: the sign-in page,
// which says why, and leads back.
func (s *Site) toSignIn(r *http.Request) string {
	q := url.Values{}
	if r.Method == http.MethodGet {
		q.Set("next", r.URL.RequestURI())
	} else {
		q.Set("lost", "1") // what was sent was not done
		if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host {
			q.Set("next", from.RequestURI())
		}
	}
	if _, err := r.Cookie(leftCookie); err == nil {
		q.Set("why", "left")
	} else if _, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
		q.Set("why", "ended")
	}
	return "/signin?" + q.Encode()
}

// whySignIn says why the sign-in page stands where another was asked for; "" when
// there is nothing to be said.
func whySignIn(q url.Values) string {
	why := map[string]string{
		"left":  "Вы вышли из Отклика, возможно в другой вкладке.",
		"ended": "Вы были в системе дольше одной смены, и вход закончился.",
	}[q.Get("why")]
	if q.Get("lost") != "" {
		return strings.TrimSpace(why + " Последнее действие не выполнено: войдите и повторите его.")
	}
	if why == "" {
		return ""
	}
	return why + " Войдите, и откроется та же страница."
}

func (s *Site) audit(ctx context.Context, e audit.Entry) error {
	return s.opt.Writer.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Audit().Record(ctx, e) })
}

// setTheme keeps the theme in a cookie, so that it works without a script.
func (s *Site) setTheme(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	theme := r.PostFormValue("theme")
	if theme != "dark" && theme != "light" {
		theme = "auto"
	}
	http.SetCookie(w, &http.Cookie{Name: "theme", Value: theme, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.opt.Secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, Local(r.PostFormValue("back"), "/desk"), http.StatusSeeOther)
	return nil
}

// Theme returns the theme that the visitor chose: light, dark or auto.
func Theme(r *http.Request) string {
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "dark" || c.Value == "light") {
		return c.Value
	}
	return "auto"
}
