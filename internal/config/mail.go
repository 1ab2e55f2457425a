package config

import (
	"fmt"
	"net"
	"net/mail"
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
