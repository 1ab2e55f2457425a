package site

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"otklik/internal/fault"
)

var statuses = map[fault.Kind]int{
	fault.NotFound: http.StatusNotFound, fault.Invalid: http.StatusUnprocessableEntity,
	fault.Conflict: http.StatusConflict, fault.Forbidden: http.StatusForbidden,
	fault.Unavailable: http.StatusServiceUnavailable, fault.TooLarge: http.StatusRequestEntityTooLarge,
}

// Status returns the HTTP status for an error's kind.
func Status(err error) int {
	if s, ok := statuses[fault.KindOf(err)]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// A Failure is the error page: what happened, what was kept, what to do next.
type Failure struct {
	Status   int
	Happened string
	Kept     string
	Next     string
	ID       string // of the request, to tell the administrator
	Home     string
}

var failures = map[int]Failure{
	http.StatusNotFound: {Happened: "Такой страницы или записи здесь нет",
		Kept: "Возможно, её передали туда, куда вам видеть не положено, или в адресе опечатка. Ваша работа не пропала.",
		Next: "Найдите запись по номеру из восьми цифр в поиске или вернитесь к очереди."},
	http.StatusForbidden: {Happened: "Это действие вам недоступно", Kept: "Ничего не изменилось.",
		Next: "Вернитесь назад. Если право нужно для работы, попросите администратора."},
	http.StatusUnprocessableEntity: {Happened: "Что-то введено не так", Kept: "Ничего не изменилось; введённое осталось в форме.",
		Next: "Вернитесь назад, исправьте и отправьте ещё раз."},
	http.StatusMethodNotAllowed: {Happened: "Такого действия здесь нет", Kept: "Ничего не изменилось.",
		Next: "Вернитесь назад и обновите страницу: скорее всего, она старше программы. Если адрес набран руками, проверьте его."},
	http.StatusConflict: {Happened: "Запись изменилась, пока вы работали", Kept: "Чужие изменения не затёрты, ваши ещё не записаны.",
		Next: "Вернитесь назад, обновите страницу и повторите."},
	http.StatusRequestEntityTooLarge: {Happened: "Слишком много данных за один раз", Kept: "Ничего не записано.",
		Next: "Сократите текст или разделите его на части."},
	http.StatusServiceUnavailable: {Happened: "Сейчас не получается: хранилище занято или недоступно", Kept: "Ничего не потеряно: то, что принято раньше, цело. Последнее действие не записано.",
		Next: "Подождите минуту и повторите."},
	http.StatusInternalServerError: {Happened: "У нас ошибка", Kept: "То, что было записано раньше, цело. Последнее действие, скорее всего, не записано.",
		Next: "Повторите. Если повторится, сообщите администратору код ниже."},
	http.StatusTooManyRequests: {Happened: "Слишком много попыток", Kept: "Ничего не изменилось.", Next: "Подождите и попробуйте снова."},
}

// failed answers a request that ended with err.
func (s *Site) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errNobody):
		if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			w.Header().Set("Content-Type", "text/event-stream") // a stream that comes back would read the sign-in page as events, for ever
			SignedOut(w)
			return
		}
		where := s.toSignIn(r)
		w.Header().Set("HX-Redirect", where) // a fragment must not show the sign-in page inside itself
		http.Redirect(w, r, where, http.StatusSeeOther)
		return
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return // the visitor has left
	}
	s.answer(w, r, Status(err), err)
}

// answer shows the failure page of the status, or says the same in JSON to a
// program, and notes it.
func (s *Site) answer(w http.ResponseWriter, r *http.Request, status int, err error) {
	level := slog.LevelInfo
	if status >= 500 {
		level = slog.LevelError
	}
	s.opt.Log.LogAttrs(r.Context(), level, "request failed", slog.Int("status", status),
		slog.String("kind", string(fault.KindOf(err))), slog.String("route", r.Pattern),
		slog.String("id", r.PathValue("id")), slog.String("request", RequestID(r.Context())), slog.String("error", err.Error()))
	f := failures[status]
	f.Status, f.ID, f.Home = status, RequestID(r.Context()), "/"
	if Who(r.Context()) != nil {
		f.Home = "/desk"
	}
	if sentence := fault.Sentence(err); sentence != "" {
		var rest string
		if f.Happened, rest = heading(sentence); rest != "" {
			f.Next = rest
		}
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "30")
	}
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "title": f.Happened, "detail": f.Kept + " " + f.Next, "request": f.ID})
		return
	}
	_ = s.Page(w, r, status, Doc{Title: f.Happened}, FailurePage(f))
}

// heading makes a heading of the first sentence, which then ends without a full
// stop; what follows it says what to do next.
func heading(text string) (first, rest string) {
	first, rest, _ = strings.Cut(text, ". ")
	return strings.TrimSuffix(first, "."), rest
}

// wantsJSON reports a program that asks for JSON and would not read a page.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

var errForged = fault.New(fault.Forbidden, "cross-origin request refused").
	Say("Запрос пришёл с чужого сайта, и мы его не выполнили.")

func (s *Site) recovering(h http.Handler, failed func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			// The panic's value may hold a resident's words, the stack does not.
			s.opt.Log.Error("handler panicked", "request", RequestID(r.Context()), "stack", string(debug.Stack()))
			failed(w, r, fault.New(fault.Internal, "panic"))
		}()
		h.ServeHTTP(w, r)
	})
}

// SignedOut writes the last event of a stream whose session is over: the page
// says so and asks no more.
func SignedOut(w http.ResponseWriter) {
	_, _ = io.WriteString(w, "event: signedout\ndata: {}\n\n") // the visitor may have left
}
