package staff_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/regime"
)

// What the desk refuses is said where it was typed, with what to do, and what was typed
// stays; a date that does not exist never comes to the desk.
func TestWhatIsRefusedStaysInTheForm(t *testing.T) {
	t.Parallel()
	w := clocked(t)
	w.crowd(0)
	list, err := regime.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	clocks := w.staff.Clocks
	w.staff.Clocks = func(i *incident.Incident, h []incident.Entry) (*desk.Clocks, error) { // under a regime that gives more time
		c, err := clocks(i, h)
		if c != nil {
			c.Regime = &list[slices.IndexFunc(list, func(r regime.Regime) bool { return r.Code == "appeal59" })]
		}
		return c, err
	}
	v := w.as(t, "curator")
	const back = "Часы сервера отстают. Ничего не изменено. Скажите администратору: нужно исправить время."
	for name, c := range map[string]struct {
		path  string
		form  url.Values
		fails *fault.Error // of the desk; nil: it is not asked
		want  int
		says  string
		keeps string
	}{
		"an impossible date":             {"2/extend", url.Values{"until": {"2026-02-31"}, "reason": {"экспертиза"}, "notice": {"Продлено"}}, nil, 422, "Такой даты не бывает", "экспертиза"},
		"an impossible day of a promise": {"1/move-promise", url.Values{"promise": {"1"}, "until": {"2026-02-31"}, "reason": {"мороз"}}, nil, 422, "", ""},
		"an impossible hour":             {"1/answer", url.Values{"text": {"Починили 20 ноября."}, "at": {"2026-02-31T10:00"}}, nil, 422, "Такой даты и времени нет", "Починили 20 ноября."},
		"an impossible day of a step":    {"1/todo", url.Values{"text": {"осмотреть"}, "due": {"2026-02-31"}}, nil, 422, "Такой даты нет", ""},
		"an extension after the due time": {"2/extend", url.Values{"until": {"2026-12-28"}, "reason": {"экспертиза"}, "notice": {"Продлено"}},
			fault.New(fault.Conflict, "due").Say("Срок прошёл 25.12.2026 18:00, продлить его уже нельзя. Ответьте автору сейчас."), 409, "Ответьте автору сейчас", "экспертиза"},
		"an own draft": {"1/answer", url.Values{"text": {"Засыпали вчера."}},
			fault.New(fault.Forbidden, "own").Say("В вашей организации ответ утверждает другой человек."), 403, "утверждает другой человек", "Засыпали вчера."},
		"a clock that was set back":      {"1/answer", url.Values{"text": {"Засыпали вчера."}}, fault.New(fault.Unavailable, "clock").Say(back), 503, "исправить время", "Засыпали вчера."},
		"a clock set back, to everybody": {"1/reply-all/submit", url.Values{"text": {"Засыпали вчера."}}, fault.New(fault.Unavailable, "clock").Say(back), 503, "исправить время", "Засыпали вчера."},
		"a clock set back, an extension": {"2/extend", url.Values{"until": {"2026-12-25"}, "reason": {"экспертиза"}}, fault.New(fault.Unavailable, "clock").Say(back), 503, "исправить время", "экспертиза"},
		"a hand-over to a closed agency": {"1/handover", url.Values{"agency": {"Закрытая служба"}, "reason": {"им виднее"}}, nil, 422, "", "им виднее"},
	} {
		w.desk.mu.Lock()
		w.desk.fail, w.desk.done = nil, nil
		if c.fails != nil {
			w.desk.fail = c.fails
		}
		w.desk.mu.Unlock()
		res := v.post("/desk/incidents/"+c.path, c.form)
		p := parse(t, res)
		var kept []string
		for _, n := range all(p, "input") {
			kept = append(kept, attrOf(n, "value"))
		}
		kept = append(kept, textsOf(p, "textarea")...)
		if got := text(p, "main"); res.StatusCode != c.want || !strings.Contains(got, c.says) || c.keeps != "" && !strings.Contains(strings.Join(kept, "\n"), c.keeps) {
			t.Errorf("%s = %d %q, want %d with %q and %q kept", name, res.StatusCode, text(p, ".said-bad"), c.want, c.says, c.keeps)
		}
		if c.fails == nil && w.desk.last() != nil {
			t.Errorf("%s came to the desk: %#v", name, w.desk.last())
		}
	}
}
