package telegram

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"otklik/internal/message"
	"otklik/internal/source"
)

// A Link is what an address of Telegram names.
type Link struct {
	Name    string // user name of a channel, group, person or bot; "" of a private one
	Chat    int64  // of a private one, as a bot knows it; 0 else
	Message int64  // post or message; 0 for none
	Comment int64  // message in the discussion group; 0 for none
	Invite  bool   // an invitation, which names nothing
}

// hosts are names that lead to Telegram.
var hosts = map[string]bool{"t.me": true, "telegram.me": true, "telegram.dog": true}

// ParseLink takes an address of Telegram apart; ok is false for any other.
func ParseLink(u *url.URL) (l Link, ok bool) {
	if u.Scheme == "tg" {
		return parseTg(u)
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return l, false
	}
	host := strings.TrimPrefix(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), "www.")
	parts := strings.FieldsFunc(u.Path, func(c rune) bool { return c == '/' })
	if name, below := strings.CutSuffix(host, ".t.me"); below && !strings.Contains(name, ".") {
		parts, host = append([]string{name}, parts...), "t.me"
	}
	if !hosts[host] || len(parts) == 0 {
		return l, false
	}
	l.Comment = number(u.Query().Get("comment"))
	switch first := parts[0]; {
	case first == "c" && len(parts) > 1:
		inner := number(parts[1])
		if inner == 0 || inner > -superBase {
			return Link{}, false
		}
		l.Chat, parts = superBase-inner, parts[1:]
	case first == "s" && len(parts) > 1:
		l.Name, parts = parts[1], parts[1:]
	case first == "joinchat" || strings.HasPrefix(first, "+"):
		return Link{Invite: true}, true
	default:
		l.Name = strings.TrimPrefix(first, "@")
	}
	if l.Chat == 0 && !username(l.Name) {
		return Link{}, false
	}
	if len(parts) > 1 { // of three the topic stands in the middle
		l.Message = number(parts[min(len(parts), 3)-1])
	}
	return l, true
}

// parseTg reads tg://resolve?domain=…&post=….
func parseTg(u *url.URL) (Link, bool) {
	q := u.Query()
	switch u.Host {
	case "resolve":
		l := Link{Name: q.Get("domain"), Message: number(q.Get("post")), Comment: number(q.Get("comment"))}
		return l, username(l.Name)
	case "privatepost":
		inner := number(q.Get("channel"))
		return Link{Chat: superBase - inner, Message: number(q.Get("post"))}, inner > 0 && inner <= -superBase
	case "join":
		return Link{Invite: true}, true
	}
	return Link{}, false
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// reserved are first parts of addresses that are no names.
var reserved = map[string]bool{"share": true, "addstickers": true, "addemoji": true, "proxy": true, "socks": true, "iv": true, "login": true, "setlanguage": true, "bg": true, "confirmphone": true, "invoice": true, "boost": true, "addlist": true, "contact": true, "giftcode": true, "joinchat": true, "nft": true}

// username reports whether a word can be a public name: 4 to 32 letters, digits and low
// lines, beginning with a letter.
func username(s string) bool {
	if len(s) < 4 || len(s) > 32 || reserved[strings.ToLower(s)] {
		return false
	}
	for k, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (k == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}

// Recogniser knows what needs a bot: bots themselves, private channels, groups and
// invitations. Public channels are read without one (package tgweb).
type Recogniser struct{}

// Recognise implements source.Recogniser.
func (Recogniser) Recognise(_ context.Context, u *url.URL) (*source.Guess, error) {
	l, ok := ParseLink(u)
	if !ok {
		return nil, nil //nolint:nilnil // the contract of Recogniser: another network
	}
	g := &source.Guess{Source: source.Source{Kind: source.Telegram, Channel: message.Telegram}}
	switch {
	case l.Invite:
		g.Needs = "По приглашению бот войти не может: добавьте его в группу обсуждений или администратором в канал, и место появится здесь само."
	case l.Chat != 0:
		g.ID = SourceID(l.Chat)
		g.Needs = "Это закрытый канал или группа: добавьте туда бота (в канал — администратором), и место появится здесь само."
	case strings.HasSuffix(strings.ToLower(l.Name), "bot"):
		g.ID, g.Name, g.URL = "telegram:"+strings.ToLower(l.Name), "@"+l.Name, Page+l.Name
		g.Settings = []byte(`{"name":"` + l.Name + `"}`)
		g.Needs = "Нужен токен этого бота: его выдаёт @BotFather."
	default:
		return nil, nil //nolint:nilnil // alike
	}
	return g, nil
}

var _ source.Recogniser = Recogniser{}
