// Package sms sends short messages by an operator's or an aggregator's HTTP gateway.
//
// Gateways differ in the names of their fields and in how they say what happened; a Shape
// tells both, so that one is connected by configuration. Start with New and Send. Each try
// may cost money: one whose end is unknown is notify.ErrUnclear and is repeated only
// where the gateway knows the key of a message (Idempotent). Errors hold no number, no
// text, no address and no words of the gateway.
package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/notify"
)

const mostPause = 24 * time.Hour

// Options say by what and how much is sent. Shape and Now are required.
type Options struct {
	Shape     Shape
	Secret    string
	Sender    string         // name that the operator has agreed to; "" = the gateway's own
	Segments  int            // longest text, in paid messages; default 3
	PerNumber int            // paid messages a day to one number; default 10
	PerDay    int            // paid messages a day in all; default 1000
	Zone      *time.Location // where a day begins; default UTC
	Timeout   time.Duration  // of one try; default 20 s
	Now       func() time.Time
}

// A Gateway sends messages. It is safe for concurrent use.
type Gateway struct {
	Options
	client *http.Client
	spent  spent
}

// New returns a gateway, or Invalid for a shape or a sender that cannot work.
func New(o Options) (*Gateway, error) {
	if err := o.Shape.Check(); err != nil {
		return nil, err
	}
	o.Secret = strings.TrimSpace(o.Secret)
	if len(o.Sender) > 15 || strings.ContainsFunc(o.Sender, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, fault.New(fault.Invalid, "sender: longer than 15 or not Latin").At("sender").
			Say("Имя отправителя СМС: до 11 латинских букв и цифр или номер до 15 цифр, как согласовано с оператором.")
	}
	if strings.ContainsFunc(o.Secret, func(r rune) bool { return r < ' ' || r == 0x7f }) { // no header could hold it
		return nil, fault.New(fault.Invalid, "the secret has a line break or another control character").At("secret").
			Say("Секрет шлюза СМС: одна строка. Проверьте файл или переменную, из которых он читается.")
	}
	for limit, usual := range map[*int]int{&o.Segments: 3, &o.PerNumber: 10, &o.PerDay: 1000} {
		if *limit < 0 {
			return nil, fault.New(fault.Invalid, "a limit is below zero").At("limits").Say("Пределы СМС пишутся числами от 1.")
		} else if *limit == 0 {
			*limit = usual
		}
	}
	if o.Timeout <= 0 {
		o.Timeout = 20 * time.Second
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &Gateway{Options: o, client: &http.Client{
		Timeout: o.Timeout,
		// A connection is used once: on one that was kept the client may send a request
		// again by itself. No proxy of the environment reads the numbers.
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Idempotent reports whether a try of unknown end may be repeated under its key.
func (g *Gateway) Idempotent() bool { return g.Shape.Idempotent }

// Send sends text to a telephone and returns the gateway's id of the message, "" where it
// gives none. key names the message, the same for every try of it.
//
// Errors: Invalid for what is no text or too long a text; *notify.Refusal for a number
// that takes no messages; *notify.Pause for «later», the limits of a day included;
// notify.ErrUnclear when it may have left; Unavailable when it surely did not.
func (g *Gateway) Send(ctx context.Context, phone, text, key string) (id string, err error) {
	to := message.Dialled(phone)
	if to == "" {
		return "", &notify.Refusal{Why: "Это не номер телефона, на который приходят СМС.", Gone: true, Err: errors.New("no telephone number")}
	}
	if strings.TrimSpace(text) == "" || !utf8.ValidString(text) || key == "" {
		return "", fault.New(fault.Invalid, "sms: a message needs a text in UTF-8 and a key").Say("В СМС нет текста.")
	}
	n := LengthOf(text).Segments
	if n > g.Segments {
		return "", fault.New(fault.Invalid, "sms: %d segments of %d", n, g.Segments).
			Say(fmt.Sprintf("Текст СМС займёт сообщений: %d, а можно не больше %d. Сократите его.", n, g.Segments))
	}
	req, err := g.request(ctx, to, text, key)
	if err != nil {
		return "", err
	}
	if err := g.spent.take(g.Now().In(g.Zone), to, n, g.PerNumber, g.PerDay); err != nil {
		return "", err
	}
	what, id, err := g.try(req)
	if what != sent && what != unclear { // what may have left counts
		g.spent.back(g.Now().In(g.Zone), to, n)
	}
	return id, err
}

func (g *Gateway) request(ctx context.Context, to, text, key string) (*http.Request, error) {
	with := strings.NewReplacer("{phone}", to, "{digits}", to[1:], "{text}", text, "{sender}", g.Sender, "{secret}", g.Secret, "{key}", key)
	body, kind, err := g.Shape.write(with)
	if err != nil {
		return nil, err
	}
	method := http.MethodPost
	if g.Shape.Method != "" {
		method = g.Shape.Method
	}
	req, err := http.NewRequestWithContext(ctx, method, g.Shape.URL, strings.NewReader(body))
	if err != nil {
		return nil, fault.New(fault.Invalid, "sms: the address of the gateway is malformed")
	}
	req.GetBody = nil // nothing is sent again without us
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	for name, value := range g.Shape.Headers {
		req.Header.Set(name, with.Replace(value))
	}
	if g.Shape.User != "" {
		req.SetBasicAuth(g.Shape.User, g.Secret)
	}
	return req, nil
}

func (g *Gateway) try(req *http.Request) (end, string, error) {
	res, err := g.client.Do(req)
	if err != nil {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" { // nothing left the house
			return wait, "", unavailable("cannot be reached")
		}
		return unclear, "", errors.Join(notify.ErrUnclear, unavailable("does not answer"))
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	if err != nil {
		data = nil // half an answer says nothing
	}
	what, id := g.Shape.Answer.read(res.StatusCode, data)
	said := fmt.Sprintf("answers %d", res.StatusCode)
	switch what {
	case sent:
		return what, id, nil
	case wait:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		after := min(max(time.Duration(min(seconds, int(mostPause/time.Second)))*time.Second, time.Minute), mostPause)
		return what, "", &notify.Pause{After: after, Err: unavailable(said)}
	case refused:
		return what, "", &notify.Refusal{Why: "На этот номер СМС не доходят. Проверьте номер или выберите другой способ.", Err: errors.New("the gateway refuses the number")}
	case denied:
		return what, "", fault.New(fault.Unavailable, "sms: the gateway %s and takes nothing", said).
			Say("Шлюз СМС не принимает сообщения: администратору нужно проверить пароль, деньги на счёте, имя отправителя и настройку.")
	}
	return unclear, "", errors.Join(notify.ErrUnclear, unavailable(said))
}

func unavailable(what string) error {
	return fault.New(fault.Unavailable, "sms: the gateway %s", what).Say("Шлюз СМС не отвечает как надо.")
}
