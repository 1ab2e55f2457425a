package sms

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"otklik/internal/fault"
)

// A Shape says how a gateway is spoken to. In strings of Body and Headers {phone} is the
// number with its plus, {digits} the number without, {text}, {sender}, {secret} and {key}
// what they say; key is the same for every try of one message.
type Shape struct {
	URL     string            `json:"url"`    // https; http for this machine alone; holds nothing of the message
	Method  string            `json:"method"` // POST when empty, or PUT: a GET would write numbers into logs of servers
	Form    bool              `json:"form"`   // Body is an object of strings and leaves as a form; otherwise as JSON
	Body    json.RawMessage   `json:"body"`
	Headers map[string]string `json:"headers"`
	User    string            `json:"user"` // with it: Basic, and the secret as its password
	// Idempotent says that the gateway sends one message for one {key}, so that a try
	// of unknown end may be repeated.
	Idempotent bool   `json:"idempotent"`
	Answer     Answer `json:"answer"`
}

// An Answer says what a gateway's answer means. A path is keys and indexes with dots
// between; * is the only member of an object or a list.
type Answer struct {
	ID      string   `json:"id"`      // path of the message's id
	Code    string   `json:"code"`    // path of the code of success or error
	OK      []string `json:"ok"`      // codes: taken
	Wait    []string `json:"wait"`    // codes: not taken, come later
	Refused []string `json:"refused"` // codes: this number takes no messages
	Denied  []string `json:"denied"`  // codes: not taken until the administrator mends it: money, password, sender
}

// Check is Invalid for a shape that no message can leave by.
func (s *Shape) Check() error {
	bad := func(field, what, mend string) error {
		return fault.New(fault.Invalid, "%s: %s", field, what).At(field).Say("Шлюз СМС, поле " + field + ": " + mend)
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return bad("url", "is no https address", "напишите адрес, который начинается с https://, без имени и пароля.")
	}
	if strings.ContainsAny(s.URL, "{}") {
		return bad("url", "holds a part of the message", "номер, текст и ключ передаются в body или headers: адреса остаются в журналах.")
	}
	if s.Method != "" && s.Method != http.MethodPost && s.Method != http.MethodPut {
		return bad("method", "is neither POST nor PUT", "напишите POST или PUT: при GET номера остаются в журналах.")
	}
	var body any
	if json.Unmarshal(s.Body, &body) != nil {
		return bad("body", "is no JSON", "напишите объект JSON с полями запроса.")
	}
	if s.Form {
		var fields map[string]string
		if json.Unmarshal(s.Body, &fields) != nil || len(fields) == 0 {
			return bad("body", "is no object of strings", "для формы напишите объект, все значения которого строки.")
		}
	}
	holds := func(mark string) bool { return strings.Contains(string(s.Body), mark) }
	if !holds("{text}") || !holds("{phone}") && !holds("{digits}") {
		return bad("body", "has no place for number and text", "нужны {text} и {phone} или {digits}.")
	}
	for name, value := range s.Headers {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) || strings.Contains(value, "{text}") {
			return bad("headers", "has a header that cannot be sent", "имя и значение заголовка без переводов строки и без {text}.")
		}
		if strings.Contains(value, "{key}") {
			holds = func(string) bool { return true }
		}
	}
	if s.Idempotent && !holds("{key}") {
		return bad("idempotent", "has no place for the key", "напишите {key} там, где шлюз ждёт ключ повтора, или уберите idempotent.")
	}
	a := &s.Answer
	if a.ID == "" && (a.Code == "" || len(a.OK) == 0) {
		return bad("answer", "does not say what success is", "нужен путь id, или путь code и коды ok.")
	}
	all := slices.Concat(a.OK, a.Wait, a.Refused, a.Denied)
	if a.Code == "" && len(all) > 0 {
		return bad("answer.code", "is missing", "перечислены коды, но не сказано, где они стоят в ответе.")
	}
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) || slices.Contains(all, "") {
		return bad("answer", "gives one code two meanings, or has an empty one", "каждый код пишется один раз.")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fill puts values into every string of a template; keys stay.
func fill(v any, with *strings.Replacer) any {
	switch x := v.(type) {
	case string:
		return with.Replace(x)
	case []any:
		for k := range x {
			x[k] = fill(x[k], with)
		}
	case map[string]any:
		for k := range x {
			x[k] = fill(x[k], with)
		}
	}
	return v
}

// write returns the body of a request and its type.
func (s *Shape) write(with *strings.Replacer) (body, kind string, err error) {
	var v any
	if err := json.Unmarshal(s.Body, &v); err != nil {
		return "", "", fmt.Errorf("body: %w", err)
	}
	v = fill(v, with)
	if !s.Form {
		data, err := json.Marshal(v)
		return string(data), "application/json", err
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return "", "", fault.New(fault.Invalid, "the form is no object")
	}
	form := url.Values{}
	for k, x := range fields {
		text, _ := x.(string) // Check has seen that it is one
		form.Set(k, text)
	}
	return form.Encode(), "application/x-www-form-urlencoded", nil
}
