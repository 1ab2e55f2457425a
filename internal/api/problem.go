package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/fault"
	"otklik/internal/site"
)

// A Problem is how the API says no: RFC 9457, with what a program and the
// person behind it need to go on.
type Problem struct {
	Type    string  `json:"type" doc:"about:blank: title and kind say what sort of problem it is"`
	Title   string  `json:"title" doc:"The status in words"`
	Status  int     `json:"status" doc:"The HTTP status"`
	Detail  string  `json:"detail" doc:"A sentence in Russian for the person behind the program: what happened and what to do"`
	Kind    string  `json:"kind" enum:"not_found,invalid,conflict,forbidden,unavailable,too_large,internal,signed_out" doc:"What sort of problem, for the program"`
	Field   string  `json:"field,omitempty" doc:"The field or parameter at fault"`
	Hint    string  `json:"hint,omitempty" doc:"What to do next, for who writes the program"`
	Version int     `json:"version,omitempty" doc:"The version at which the incident stands now, with a conflict"`
	Request string  `json:"request,omitempty" doc:"By this id the request is found in the log of the service"`
	Fields  []Wrong `json:"fields,omitempty" doc:"All fields at fault, when the request does not fit its description"`

	cause error // for the log; nil where the request itself was at fault
}

// A Wrong is one field that does not fit the description.
type Wrong struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

const problemContent = "application/problem+json"

var problemType = reflect.TypeFor[Problem]()

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// Error implements error; it holds no words of the request.
func (p *Problem) Error() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return fmt.Sprintf("the request does not fit its description: %d fields", len(p.Fields))
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemContent }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "30")
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="otklik"`)
	}
	return h
}

// sentences for kinds whose error brings none.
var sentences = map[fault.Kind]string{
	fault.NotFound:    "Такой записи нет, или она вне вашей области.",
	fault.Invalid:     "Что-то введено не так. Исправьте и отправьте ещё раз.",
	fault.Conflict:    "Запись изменилась, пока вы работали. Перечитайте её и повторите.",
	fault.Forbidden:   "Это действие вам недоступно.",
	fault.Unavailable: "Сейчас не получается: хранилище занято или недоступно. Подождите минуту и повторите.",
	fault.TooLarge:    "Слишком много данных за один раз. Разделите их на части.",
	fault.Internal:    "У нас ошибка. Повторите, а если повторится, сообщите администратору номер запроса.",
}

var hints = map[fault.Kind]string{
	fault.NotFound:    "check the id; what lies outside of the account's scope is not found either",
	fault.Conflict:    "read the incident again and repeat with its version",
	fault.Forbidden:   "GET " + Root + "/me says what the account may do",
	fault.Unavailable: "send the same request again later",
}

// problem puts an error into the form that programs read.
func (a *API) problem(ctx context.Context, err error) *Problem {
	var p *Problem
	if !errors.As(err, &p) {
		kind := fault.KindOf(err)
		p = &Problem{Status: site.Status(err), Kind: string(kind), Detail: fault.Sentence(err), Hint: fault.Hint(err), cause: err}
		var e *fault.Error
		if errors.As(err, &e) {
			p.Field = e.Field
		}
		if errors.Is(err, errNobody) {
			p.Status, p.Kind, p.Detail = http.StatusUnauthorized, "signed_out", "Нужен вход: токен не подошёл или его нет."
			p.Hint = "send Authorization: Bearer TOKEN; a token is made by POST " + Root + "/tokens"
		}
		if p.Detail == "" {
			p.Detail = sentences[kind]
		}
		if p.Hint == "" {
			p.Hint = hints[kind]
		}
	}
	p.Type, p.Title, p.Request = "about:blank", http.StatusText(p.Status), site.RequestID(ctx)
	return p
}

// note writes the log line of a request that failed: ids and codes only, never
// the query string or the body.
func (a *API) note(ctx context.Context, route string, p *Problem, err error) *Problem {
	level := slog.LevelInfo
	if p.Status >= 500 {
		level = slog.LevelError
	}
	if !(errors.Is(err, context.Canceled) && ctx.Err() != nil) {
		a.Log.LogAttrs(ctx, level, "request failed", slog.Int("status", p.Status), slog.String("kind", p.Kind),
			slog.String("route", route), slog.String("request", p.Request), slog.String("error", err.Error()))
	}
	return p
}

// fail answers a request that ended with err before huma saw it.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.write(w, r, a.note(r.Context(), r.Pattern, a.problem(r.Context(), err), err))
}

func (a *API) write(w http.ResponseWriter, r *http.Request, p *Problem) {
	p = a.problem(r.Context(), p)
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemContent)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// problems turns what huma says of a request that does not fit its description
// into a Problem. The values that were sent are left out: they may be words of
// residents.
func (a *API) problems(hc huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Status: m.Status, Kind: string(fault.Invalid), Hint: m.Detail}
	for _, d := range m.Errors {
		field := d.Location
		for _, from := range []string{"body.", "query.", "path.", "header."} {
			field = strings.TrimPrefix(field, from)
		}
		if field == "body" { // one that is missing is named in the message only
			field = ""
		}
		if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
			name, _, _ = strings.Cut(name, " ")
			field = strings.TrimPrefix(field+"."+name, ".")
		}
		p.Fields = append(p.Fields, Wrong{field, d.Message})
		if p.Field == "" {
			p.Field = field
		}
	}
	switch {
	case m.Status == http.StatusRequestEntityTooLarge:
		p.Kind, p.Detail = string(fault.TooLarge), sentences[fault.TooLarge]
	case m.Status == http.StatusUnsupportedMediaType:
		p.Detail, p.Hint = "Тело запроса должно быть в формате JSON.", "send Content-Type: application/json"
	case m.Status >= 500:
		p.Kind, p.Detail, p.Fields = string(fault.Internal), sentences[fault.Internal], nil
	case p.Field != "":
		p.Detail = fmt.Sprintf("Поле «%s» не подходит. Исправьте его и отправьте ещё раз.", p.Field)
		p.Hint = p.Fields[0].Reason
	default:
		p.Detail = "Запрос не разобрать: проверьте тело запроса."
		if len(p.Fields) > 0 {
			p.Hint = p.Fields[0].Reason
		}
	}
	p = a.problem(hc.Context(), p)
	return a.note(hc.Context(), hc.Operation().Method+" "+hc.Operation().Path, p, p), nil
}
