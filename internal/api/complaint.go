package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/source"
)

// A complaint is why a signed call is not taken: what is wrong, where, and how to mend it. It
// holds no word of the call but numbers, names of fields and territories.
type complaint struct {
	status       int
	field        string // messages[3].text; "" where it is the call itself
	reason, mend string
	people       string // in Russian, for the page of the system
	after        time.Duration
}

// Refusals of the call itself. docs/intake.md lists them.
var (
	tooManyCalls = &complaint{status: http.StatusServiceUnavailable, reason: "too many calls at once", mend: "send the same call again later", after: busyWait}
	notKept      = &complaint{status: http.StatusServiceUnavailable, reason: "the call could not be stored", mend: "send the same call again later, under its webhook-id", after: storeWait}
	paused       = &complaint{status: http.StatusServiceUnavailable, reason: "this sender is paused at the centre", mend: "send the same call again later", after: pauseWait}
	noSender     = &complaint{status: http.StatusNotFound, reason: "no sender has this number", mend: "take the address from the page of your system, or call /hooks/messages"}
	wrongMethod  = &complaint{status: http.StatusMethodNotAllowed, reason: "calls are made by POST", mend: "use POST"}
	tooLarge     = &complaint{status: http.StatusRequestEntityTooLarge, reason: fmt.Sprintf("the body has more than %d bytes", bodyLimit), mend: "send fewer messages in one call", people: "вызов больше 8 МБ"}
	notRead      = &complaint{status: http.StatusBadRequest, reason: "the body could not be read to its end", mend: "send as many bytes as Content-Length says", people: "вызов оборвался"}
	notUTF8      = &complaint{status: http.StatusBadRequest, reason: "the body is not UTF-8", mend: "write it in UTF-8", people: "вызов записан не в UTF-8"}
	noMessages   = &complaint{status: http.StatusBadRequest, field: "messages", reason: "is empty or absent", mend: "give one message or more", people: "в вызове нет сообщений"}
	longID       = unsigned("webhook-id", fmt.Sprintf("has more than %d bytes", callID), "shorten it", "номер вызова слишком длинный")
	noSeconds    = unsigned("webhook-timestamp", "is no number of seconds", "write the seconds since 1970: 1763800000", "время вызова записано не числом секунд")
	badSignature = unsigned("webhook-signature", "does not fit", `sign "id.timestamp.body", the very bytes that are sent, by HMAC-SHA256 with the key behind whsec_, decoded from base64, and write "v1," and base64`,
		"подпись не подошла. Проверьте секрет в системе: если он потерян, выпустите новый")
)

func unsigned(field, reason, mend, people string) *complaint {
	return &complaint{status: http.StatusUnauthorized, field: field, reason: reason, mend: mend, people: people}
}

func noHeader(name string) *complaint {
	return unsigned(name, "the header is absent", "the headers webhook-id, webhook-timestamp and webhook-signature are required", "нет заголовка "+name)
}

func clockOff(d time.Duration) *complaint {
	side, ru := "behind", "отстают"
	if d < 0 {
		d, side, ru = -d, "ahead", "спешат"
	}
	return unsigned("webhook-timestamp", fmt.Sprintf("is %s %s; five minutes are allowed", d.Round(time.Second), side), "set the clock, and stamp each call anew when it is sent again", "часы системы "+ru+" больше чем на пять минут, или вызов повторён со старым временем")
}

func bad(field, reason, mend, people string) *complaint {
	return &complaint{status: http.StatusBadRequest, field: field, reason: reason, mend: mend, people: people}
}

// notJSON says where a body stops being what is expected.
func notJSON(body []byte, err error, list string) *complaint {
	var broken *json.SyntaxError
	if errors.As(err, &broken) {
		at := min(max(int(broken.Offset), 0), len(body))
		line := 1 + strings.Count(string(body[:at]), "\n")
		return bad("", fmt.Sprintf("the body is no JSON: line %d, byte %d", line, at), "write it with a JSON library; "+`quotes and line feeds within a text need a backslash`, fmt.Sprintf("это не JSON: строка %d, байт %d", line, at))
	}
	return bad("", fmt.Sprintf("the body is no JSON object with a list %q", list), fmt.Sprintf(`write {%q: [{...}]}`, list), "в вызове нет списка "+list)
}

// sentence is the refusal for people.
func (r *complaint) sentence() string {
	s := "Вызов не принят: " + r.people
	if r.field != "" && r.status == http.StatusBadRequest {
		s += " (" + r.field + ")"
	}
	return s + "."
}

// refuse answers with a refusal.
func refuse(w http.ResponseWriter, r *complaint) {
	if r.after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((r.after+time.Second-1)/time.Second)))
	}
	answer(w, r.status, map[string]string{"field": r.field, "reason": r.reason, "mend": r.mend})
}

// quotas count the messages of each sender in the minute under way.
type quotas struct {
	mu sync.Mutex
	of map[string]quota
}

type quota struct {
	minute time.Time
	count  int
}

// take counts n messages of a sender, or refuses them.
func (q *quotas) take(s *source.Sender, n int, now time.Time) *complaint {
	if s.PerMinute <= 0 {
		return nil
	}
	minute := now.Truncate(time.Minute)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of == nil {
		q.of = map[string]quota{}
	}
	c := q.of[s.Source]
	if !c.minute.Equal(minute) {
		c = quota{minute: minute}
	}
	switch {
	case n > s.PerMinute:
		return bad("messages", fmt.Sprintf("holds %d messages; this sender may push %d a minute", n, s.PerMinute), "send fewer in one call", fmt.Sprintf("в вызове %d сообщений при пределе %d в минуту", n, s.PerMinute))
	case c.count+n > s.PerMinute:
		return &complaint{status: http.StatusTooManyRequests, field: "messages", reason: fmt.Sprintf("this sender may push %d messages a minute", s.PerMinute), mend: "send the same call again after Retry-After",
			people: fmt.Sprintf("больше %d сообщений в минуту", s.PerMinute), after: max(minute.Add(time.Minute).Sub(now), time.Second)}
	}
	c.count += n
	q.of[s.Source] = c
	return nil
}
