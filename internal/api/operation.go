package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/site"
)

// An Operation is one line of the table of what programs can do; a test walks
// it by role and scope.
type Operation struct {
	Method string
	Path   string // with {id} where Access.Of names a thing
	Access site.Access
}

// Operations returns the table.
func (a *API) Operations() []Operation { return a.operations }

const version = "1.0.0" // of the description: grows with every addition

func (a *API) config() huma.Config {
	strict := huma.Format{
		Marshal: huma.DefaultJSONFormat.Marshal,
		Unmarshal: func(data []byte, v any) error {
			if !utf8.Valid(data) { // encoding/json would put U+FFFD into a resident's words
				return fmt.Errorf("the body is not UTF-8")
			}
			return json.Unmarshal(data, v)
		},
	}
	title := "Отклик"
	if a.Title != "" {
		title += ": " + a.Title
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: title, Version: version,
				Description: "What a page of the desk can do, a program can do: with the role and the scope of the account whose token it holds. " +
					"Times are RFC 3339. Errors are RFC 9457 problems with a kind, the field at fault, a sentence in Russian and a hint."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":   {Type: "http", Scheme: "bearer", Description: "A token of POST /api/v1/tokens."},
					"session": {Type: "apiKey", In: "cookie", Name: a.Site.SessionCookie(), Description: "The browser's session after /signin; same origin only."},
				},
			},
			Tags: []*huma.Tag{{Name: "incidents"}, {Name: "actions"}, {Name: "publication"}, {Name: "desk"}, {Name: "notices"}, {Name: "filing"}, {Name: "reference"}, {Name: "watches"}, {Name: "sources"}, {Name: "learning"}, {Name: "tokens"}},
		},
		Formats:       map[string]huma.Format{"application/json": strict, "json": strict},
		DefaultFormat: "application/json",
		// A filter that is spelt wrong must not show everything.
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{a.problems},
	}
}

// bodyLimit of an operation, in bytes, unless it says otherwise.
const smallBody = 64 << 10

// add registers an operation behind the check of its access. It answers with the
// field Body of O, as JSON.
func add[I, O any](a *API, op huma.Operation, access site.Access, do func(ctx context.Context, me *Caller, in *I) (*O, error)) {
	a.register(op, access, reflect.TypeFor[I](), reflect.TypeFor[O](), func(ctx context.Context, in any) (any, error) { return do(ctx, caller(ctx), in.(*I)) })
}

// register is add for types that are known at run time: the code of huma.Register would be
// made anew for each pair of them, and took six megabytes of the binary.
func (a *API) register(op huma.Operation, access site.Access, in, out reflect.Type, do func(ctx context.Context, in any) (any, error)) {
	a.complete(&op, access)
	b := bind(a.huma, &op, in)
	op.DefaultStatus = cmp.Or(op.DefaultStatus, http.StatusOK)
	answer := &huma.Response{Description: http.StatusText(op.DefaultStatus)}
	op.Responses[strconv.Itoa(op.DefaultStatus)] = answer
	field, full := out.FieldByName("Body")
	if full {
		schema := huma.SchemaFromField(a.huma.OpenAPI().Components.Schemas, field, op.OperationID+"Response")
		answer.Content = map[string]*huma.MediaType{"application/json": {Schema: schema}}
	}
	a.huma.OpenAPI().AddOperation(&op)
	a.huma.Adapter().Handle(&op, op.Middlewares.Handler(func(c huma.Context) {
		in := b.read(c)
		if in == nil {
			return
		}
		out, err := do(c.Context(), in)
		switch {
		case err != nil:
			r, w := humago.Unwrap(c)
			a.write(w, r, a.note(c.Context(), op.Method+" "+op.Path, a.problem(c.Context(), err), err))
		case !full:
			c.SetStatus(op.DefaultStatus)
		default:
			c.SetHeader("Content-Type", "application/json")
			c.SetStatus(op.DefaultStatus)
			_ = a.huma.Marshal(c.BodyWriter(), "application/json", reflect.ValueOf(out).Elem().FieldByIndex(field.Index).Interface()) // who hung up hears nothing
		}
	}))
}

// addWhole registers an operation as add does, whose answer has headers of its own.
func addWhole[I, O any](a *API, op huma.Operation, access site.Access, do func(ctx context.Context, me *Caller, in *I) (*O, error)) {
	a.complete(&op, access)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, caller(ctx), in)
		if err != nil {
			return nil, a.note(ctx, op.Method+" "+op.Path, a.problem(ctx, err), err)
		}
		return out, nil
	})
}

// complete says of an operation what all have in common.
func (a *API) complete(op *huma.Operation, access site.Access) {
	op.Path = Root + op.Path
	op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	op.Middlewares = huma.Middlewares{a.admission(access)}
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = smallBody
	}
	op.OperationID = operationID(op.Method, op.Path)
	statuses := []int{401, 403, 422, 500, 503}
	if access.Of != nil {
		statuses = append(statuses, 404)
	}
	if op.Method == http.MethodPost {
		statuses = append(statuses, 400, 409, 413, 415)
	}
	schema := a.huma.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	for _, s := range statuses {
		op.Responses[strconv.Itoa(s)] = &huma.Response{Description: http.StatusText(s),
			Content: map[string]*huma.MediaType{problemContent: {Schema: schema}}}
	}
	a.operations = append(a.operations, Operation{op.Method, op.Path, access})
}

// operationID names an operation: post-incidents-actions-accept.
func operationID(method, path string) string {
	parts := []string{strings.ToLower(method)}
	for p := range strings.SplitSeq(strings.TrimPrefix(path, Root+"/"), "/") {
		if !strings.HasPrefix(p, "{") {
			parts = append(parts, p)
		} else if strings.HasSuffix(path, p) {
			parts = append(parts, "one")
		}
	}
	return strings.Join(parts, "-")
}

// A Caller is who calls.
type Caller struct {
	*account.Account
	ByToken bool // not by a browser's session
}

type (
	callerKey   struct{}
	incidentKey struct{}
)

func caller(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}

func loaded(ctx context.Context) *incident.Incident {
	i, _ := ctx.Value(incidentKey{}).(*incident.Incident)
	return i
}

// who finds the caller: by the token, when one is sent, else by the session.
func (a *API) who(r *http.Request) (*Caller, error) {
	head := r.Header.Get("Authorization")
	if head == "" {
		who, err := a.Site.SignedIn(r)
		if err != nil || who == nil {
			return nil, err
		}
		return &Caller{Account: who}, nil
	}
	scheme, secret, _ := strings.Cut(head, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, nil
	}
	t, err := a.Cases().Accounts().Token(r.Context(), strings.TrimSpace(secret))
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	who, err := a.Cases().Accounts().Account(r.Context(), t.Owner)
	if fault.Is(err, fault.NotFound) || err == nil && who.Disabled {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &Caller{who, true}, nil
}

// admission checks the access before anything of the request is read, in a
// fixed order: signed in, role, scope.
func (a *API) admission(access site.Access) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(hc)
		ctx, err := a.admit(r, access)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		next(huma.WithContext(hc, ctx))
	}
}

var errNobody = fault.New(fault.Forbidden, "nobody is signed in")

func (a *API) admit(r *http.Request, access site.Access) (context.Context, error) {
	ctx := r.Context()
	who, err := a.who(r)
	switch {
	case err != nil:
		return ctx, err
	case who == nil:
		return ctx, errNobody
	case !access.Allows(who.Role):
		return ctx, fault.New(fault.Forbidden, "role %s may not call %s", who.Role, r.Pattern).
			Say("У роли «" + who.Role.Name() + "» нет права на это. Если оно нужно для работы, попросите администратора.")
	case access.Whole && (who.Place.Centre != "" || who.Place.Agency != 0):
		return ctx, fault.New(fault.Forbidden, "%s is for the whole region", r.Pattern).
			Say("Это касается всего региона, а вы видите его часть.")
	case access.Area && who.Place.Agency != 0:
		return ctx, fault.New(fault.Forbidden, "%s is not for one agency", r.Pattern).
			Say("Это касается работы центра, а вы видите дела одной организации.")
	}
	ctx = context.WithValue(ctx, callerKey{}, who)
	if access.Of == nil {
		return ctx, nil
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return ctx, fault.New(fault.NotFound, "%s id is no number", access.Of.Name).At("id")
	}
	return access.Of.Load(ctx, who.Account, id)
}

// ofIncident is the incident that {id} names.
func (a *API) ofIncident() *site.Resource {
	return &site.Resource{Name: "incident", Load: func(ctx context.Context, who *account.Account, id int64) (context.Context, error) {
		i, err := a.Cases().Incidents().Incident(ctx, who.Scope(), incident.ID(id))
		if err != nil {
			return ctx, err
		}
		return context.WithValue(ctx, incidentKey{}, i), nil
	}}
}
