package site

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/scope"
)

// A Route is one line of the table from which the mux is built.
type Route struct {
	Method  string // GET, POST
	Pattern string // of http.ServeMux, without the method
	Access  Access
	// Bare serves the route without a session: none is looked up, none is made, and Who
	// knows nobody. For what is the same for everybody and asked for by many; Open alone.
	Bare    bool
	Handler func(w http.ResponseWriter, r *http.Request) error
}

// Access says who may call a route. A route that is not Open needs a signed-in
// account; Right and Action narrow it to roles, Whole to those who see the whole
// region, Of to resources inside the account's scope.
type Access struct {
	Open   bool             // without sign-in
	Right  lifecycle.Right  // the role must hold it; "" asks for none
	Action lifecycle.Action // the role must be able to do it in some state; "" asks for none
	Whole  bool             // the account must see its whole region, not one centre or agency of it
	Area   bool             // the account must see its region or a municipal centre, not one agency of it
	Of     *Resource        // what {id} in the pattern names; nil for a route without
}

// Allows reports whether the role passes Right and Action.
func (a Access) Allows(role lifecycle.Role) bool {
	return (a.Right == "" || role.Holds(a.Right)) && (a.Action == "" || lifecycle.May(role, a.Action))
}

// A Resource is a kind of thing that a path names by {id}. Load fetches it once
// and keeps it for the handler; a thing outside of the scope is
// fault.NotFound, so that nobody learns that it exists.
type Resource struct {
	Name string // incident, message, account …
	Load func(ctx context.Context, who *account.Account, id int64) (context.Context, error)
}

// Inside is the check that a Load makes: nil when sc sees p, else NotFound.
func Inside(sc scope.Scope, p scope.Place, name string, id int64) error {
	if sc.Sees(p) {
		return nil
	}
	return fault.New(fault.NotFound, "%s %d is outside of the scope", name, id)
}

// serve is the one adapter between the table and net/http.
func (s *Site) serve(rt Route) http.Handler {
	answer := func(w http.ResponseWriter, r *http.Request) {
		r, err := s.admit(rt.Access, r)
		if err == nil {
			err = rt.Handler(w, r)
		}
		if err != nil {
			s.failed(w, r, err)
		}
	}
	h := answer
	if rt.Bare {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := rt.Handler(w, r); err != nil {
				s.failed(w, r, err)
			}
		})
	}
	if rt.Method == http.MethodPost && !rt.Access.Open {
		h = func(w http.ResponseWriter, r *http.Request) {
			if session := s.sessions.Token(r.Context()); session != "" {
				patient(w, r)
				s.once.do(session, w, r, answer)
			} else {
				answer(w, r)
			}
		}
	}
	return s.sessions.LoadAndSave(http.HandlerFunc(h))
}

// errNobody makes the adapter send the visitor to the sign-in page.
var errNobody = fault.New(fault.Forbidden, "nobody is signed in")

// admit checks the access in a fixed order: signed in, role, scope.
func (s *Site) admit(a Access, r *http.Request) (*http.Request, error) {
	who, err := s.signedIn(r.Context())
	if err != nil {
		return r, err
	}
	ctx := r.Context()
	if who != nil {
		ctx = context.WithValue(ctx, whoKey{}, who)
		r = r.WithContext(ctx)
	}
	switch {
	case a.Open:
		return r, nil
	case who == nil:
		return r, errNobody
	case !a.Allows(who.Role):
		return r, fault.New(fault.Forbidden, "role %s may not call %s", who.Role, r.Pattern).
			Say("У роли «" + who.Role.Name() + "» нет права на это. Если оно нужно для работы, попросите администратора.")
	case a.Whole && (who.Place.Centre != "" || who.Place.Agency != 0):
		return r, fault.New(fault.Forbidden, "%s is for the whole region", r.Pattern).
			Say("Это меняет работу всего региона, а вы видите его часть. Попросите того, кто видит весь регион.")
	case a.Area && who.Place.Agency != 0:
		return r, fault.New(fault.Forbidden, "%s is not for one agency", r.Pattern).
			Say("Это меняет работу центра, а вы видите дела одной организации. Попросите сотрудников центра.")
	case a.Of == nil:
		return r, nil
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return r, fault.New(fault.NotFound, "%s id is no number", a.Of.Name)
	}
	ctx, err = a.Of.Load(ctx, who, id)
	if err != nil {
		return r, err
	}
	return r.WithContext(ctx), nil
}

// Local returns path when it leads to this site, else fallback: a form's "back"
// must not become a way to send people elsewhere.
func Local(path, fallback string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || len(path) < 1 || path[0] != '/' ||
		len(path) > 1 && (path[1] == '/' || path[1] == '\\') {
		return fallback
	}
	return path
}
