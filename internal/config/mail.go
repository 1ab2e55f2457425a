package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/mail"
	"strings"
)

// A Mail is the server through which notices to staff leave by mail.
type Mail struct {
	Server   string `json:"server"` // host:port
	From     string `json:"from"`   // «Отклик <otklik@example.ru>»
	User     string `json:"user,omitempty"`
	Password Secret `json:"password,omitempty"`
	Secret   string `json:"tls,omitempty"` // starttls (when absent), tls, or none for this machine alone
}

// wrong says what is wrong with the settings, with the remedy; "" when nothing is.
func (m *Mail) wrong() (field, what, mend string) {
	if m == nil {
		return "", "", ""
	}
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil || host == "" {
		return "mail.server", "is no host and port", `write it as "smtp.example.ru:587"`
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		return "mail.from", "is no address", `write it as "Отклик <otklik@example.ru>"`
	}
	switch m.Secret {
	case "", "starttls", "tls":
	case "none":
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return "mail.tls", fmt.Sprintf("is none, and %s is another machine", host), `write "starttls" or "tls": letters name addresses of incidents`
		}
	default:
		return "mail.tls", "is unknown", `write "starttls" (port 587), "tls" (port 465) or "none" (a server on this machine)`
	}
	if m.User != "" && m.Password.Reveal() == "" {
		return "mail.password", "is empty", `write it or "env:NAME" and set the variable`
	}
	return "", "", ""
}

// A Bot is the Telegram bot through which notices to staff leave.
type Bot struct {
	Token Secret `json:"token"`
	URL   string `json:"url,omitempty"` // another host that speaks the Bot API; "" = Telegram's
}

// A Push is how notices reach browsers (web push).
type Push struct {
	Subject string `json:"subject"`       // whom a push service may write to: «mailto:otklik@example.ru»
	Key     Secret `json:"key,omitempty"` // 32 bytes in base64url; "" = made at the first start, kept in the store
}

// wrong is as of Mail.
func (p *Push) wrong() (field, what, mend string) {
	if p == nil {
		return "", "", ""
	}
	to, ok := strings.CutPrefix(p.Subject, "mailto:")
	if at, err := mail.ParseAddress(to); !ok || err != nil || at.Address != to {
		return "push.subject", "is no mailto: with an address", `write whom the makers of browsers may write to when something goes wrong, as "mailto:otklik@example.ru"`
	}
	if p.Key == "" {
		return "", "", ""
	}
	if raw, err := base64.RawURLEncoding.DecodeString(p.Key.Reveal()); err != nil || len(raw) != 32 {
		return "push.key", "is no key of 32 bytes in base64url", `remove the line, and Otklik makes one and keeps it; or set the variable of "env:NAME"`
	}
	return "", "", ""
}
