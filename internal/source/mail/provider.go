package mail

import (
	"context"
	"net"
	"slices"
	"strings"
)

// A provider is a mail service that we know the servers of.
type provider struct {
	domains  []string
	mx       []string // endings of the hosts that take its letters
	imap     string
	smtp     string
	tokens   string // where a refresh token of OAuth is exchanged
	password string // in Russian: what its mail programs sign in with, and where it is made
	closed   string // in Russian: what is wanted where passwords do not let in
}

var providers = []provider{
	{
		domains: []string{"mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "xmail.ru", "vk.com"}, mx: []string{".mail.ru"}, imap: "imap.mail.ru:993", smtp: "smtp.mail.ru:465",
		tokens:   "https://oauth.mail.ru/token",
		password: "пароль для внешнего приложения: Почта Mail.ru, «Настройки», «Безопасность», «Пароли для внешних приложений»",
	},
	{
		domains: []string{"yandex.ru", "ya.ru", "yandex.com", "yandex.by", "yandex.kz", "narod.ru"}, mx: []string{".yandex.net", ".yandex.ru"}, imap: "imap.yandex.ru:993", smtp: "smtp.yandex.ru:465",
		tokens:   "https://oauth.yandex.ru/token",
		password: "пароль приложения: Яндекс ID, «Безопасность», «Пароли приложений», «Почта»; и включите в настройках Почты «Почтовые программы», IMAP",
	},
	{
		domains: []string{"gmail.com", "googlemail.com"}, mx: []string{".google.com", ".googlemail.com"}, imap: "imap.gmail.com:993", smtp: "smtp.gmail.com:465",
		tokens:   "https://oauth2.googleapis.com/token",
		password: "пароль приложения: аккаунт Google, «Безопасность», «Двухэтапная аутентификация», «Пароли приложений»",
	},
	{
		domains: []string{"rambler.ru", "lenta.ru", "autorambler.ru", "myrambler.ru", "ro.ru"}, mx: []string{".rambler.ru"}, imap: "imap.rambler.ru:993", smtp: "smtp.rambler.ru:465",
		password: "пароль ящика и включите в настройках Почты Рамблера «Доступ к почтовому ящику с помощью почтовых клиентов»",
	},
	{
		domains: []string{"icloud.com", "me.com", "mac.com"}, mx: []string{".icloud.com"}, imap: "imap.mail.me.com:993", smtp: "smtp.mail.me.com:587",
		password: "пароль приложения: account.apple.com, «Вход и безопасность», «Пароли приложений»",
	},
	{
		domains: []string{"outlook.com", "hotmail.com", "live.com", "msn.com"}, mx: []string{".outlook.com"}, imap: "outlook.office365.com:993", smtp: "smtp.office365.com:587",
		tokens: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
		closed: "Microsoft пускает почтовые программы только по OAuth: впишите идентификатор приложения, а ключом — токен обновления (docs/channels/mail.md). Без приложения перенаправьте письма в ящик другого провайдера.",
	},
}

// providerOf returns who keeps a domain, or whose a server is (host:port).
func providerOf(name string) (provider, bool) {
	host, _, err := net.SplitHostPort(name)
	if err != nil {
		host = name
	}
	host = strings.ToLower(host)
	for _, p := range providers {
		if slices.Contains(p.domains, host) || p.imap == name || p.smtp == name {
			return p, true
		}
	}
	return provider{}, false
}

// providerAt returns who takes the letters of a domain, asked of the DNS.
func providerAt(ctx context.Context, domain string, mx func(ctx context.Context, domain string) ([]string, error)) (provider, bool) {
	hosts, err := mx(ctx, domain)
	if err != nil {
		return provider{}, false
	}
	for _, h := range hosts {
		h = "." + strings.ToLower(strings.TrimSuffix(h, "."))
		for _, p := range providers {
			if slices.ContainsFunc(p.mx, func(end string) bool { return strings.HasSuffix(h, end) }) {
				return p, true
			}
		}
	}
	return provider{}, false
}

// askDNS returns the hosts that take the letters of a domain.
func askDNS(ctx context.Context, domain string) (hosts []string, err error) {
	list, err := net.DefaultResolver.LookupMX(ctx, domain)
	for _, m := range list {
		hosts = append(hosts, m.Host)
	}
	return hosts, err
}
