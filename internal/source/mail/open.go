package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/mailbox"
	"otklik/internal/mailer"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Settings are those of a mailbox, as JSON. The password is the source's key.
type Settings struct {
	Address string   `json:"address,omitempty"` // ours; by the source's id when empty
	Name    string   `json:"name,omitempty"`    // before the address in our letters; that of the source when empty
	Aliases []string `json:"aliases,omitempty"` // other addresses of ours: letters from them are never a resident's
	IMAP    string   `json:"imap,omitempty"`    // host:port; of a known provider it is guessed
	SMTP    string   `json:"smtp,omitempty"`
	IMAPTLS string   `json:"imap_tls,omitempty"` // tls, starttls, none (this machine alone); by the port when empty
	SMTPTLS string   `json:"smtp_tls,omitempty"`
	User    string   `json:"user,omitempty"`    // the address when empty
	Folders []string `json:"folders,omitempty"` // read beside INBOX
	Sent    string   `json:"sent,omitempty"`    // folder where the server itself keeps what was sent by SMTP
	Back    int      `json:"back,omitempty"`    // days that are read at the first time, 14
	PerHour int      `json:"per_hour,omitempty"`
	PerDay  int      `json:"per_day,omitempty"` // 400
	CAFile  string   `json:"ca_file,omitempty"` // PEM, beside the machine's

	// OAuth 2 in place of a password: the application's id, and where a refresh token is exchanged
	// (of a known provider it is guessed). The key is then the refresh token, behind a blank
	// the application's secret where it has one.
	OAuthClient string `json:"oauth_client,omitempty"`
	OAuthURL    string `json:"oauth_url,omitempty"`
}

const (
	perHour = 120
	perDay  = 400 // of 500 that the free mailboxes of Mail.ru and Yandex bear
)

// Options are what all mailboxes share.
type Options struct {
	Key      []byte // secret of the installation: signs our Message-IDs
	Now      func() time.Time
	Wait     time.Duration
	Plain    bool                                                             // a host without TLS is taken: the fake
	Numbered func(ctx context.Context, source, number string) (string, error) // see Box.Numbered
	NumberOf func(ctx context.Context, incident int64) (string, error)
	Renewed  func(ctx context.Context, name, was, secret string) error  // keeps the new secret of a key in place of the old one; nil: nothing does
	MX       func(ctx context.Context, domain string) ([]string, error) // nil: the DNS
}

// SourceID returns the id of a mailbox.
func SourceID(address string) string { return "mail:" + strings.ToLower(address) }

// parse reads the settings of a source.
func parse(raw json.RawMessage) (set Settings, err error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return set, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&set); err != nil {
		return set, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return set, fmt.Errorf("text behind the object")
	}
	return set, nil
}

// Open returns the connection of a mailbox.
func Open(s source.Source, key source.Key, o Options) (*Box, source.Connection, error) {
	bad := func(what, sentence string) (*Box, source.Connection, error) {
		return nil, source.Connection{}, fault.New(fault.Invalid, "mail: source %s: %s", s.ID, what).At("settings").Say(sentence).Mend("mend the settings of the source; docs/channels/mail.md names them")
	}
	set, err := parse(s.Settings)
	if err != nil {
		return bad("settings: "+err.Error(), "Настройки ящика записаны с ошибкой.")
	}
	address, none := mailbox.Normal(cmp.Or(set.Address, strings.TrimPrefix(s.ID, "mail:")))
	_, domain, _ := strings.Cut(address, "@")
	p, _ := providerOf(domain)
	set.IMAP, set.SMTP = withPort(cmp.Or(set.IMAP, p.imap, "imap."+domain), "993"), withPort(cmp.Or(set.SMTP, p.smtp, "smtp."+domain), "465")
	imapTLS, imapOK := secrecy(set.IMAPTLS, set.IMAP, o.Plain)
	smtpTLS, smtpOK := secrecy(set.SMTPTLS, set.SMTP, o.Plain)
	switch {
	case none != nil:
		return bad(none.Error(), fault.Sentence(none))
	case len(o.Key) < 16:
		return bad("no secret of the installation", "Нет ключа установки, без него ответы не защитить от подделки.")
	case set.IMAP == "" || set.SMTP == "":
		return bad("a server is no host:port", "Адрес сервера записывают так: imap.example.ru:993.")
	case !imapOK || !smtpOK:
		return bad("tls", "Шифрование — tls или starttls; без него (none) читают только ящик на этой же машине.")
	case set.Back < 0 || set.Back > 3650:
		return bad("back", "«back» — от 0 до 3650 дней.")
	case set.PerHour < 0 || set.PerDay < 0:
		return bad("a limit is negative", "Пределы отправки не могут быть меньше нуля.")
	case len(set.Folders) > 20:
		return bad("folders", "Папок не больше двадцати.")
	}
	for _, f := range append(set.Folders, set.Sent) {
		if len(f) > 200 || strings.ContainsFunc(f, func(r rune) bool { return r < ' ' }) {
			return bad("folders", "Название папки записано с ошибкой.")
		}
	}
	roots, err := trusting(set.CAFile)
	if err != nil {
		return bad("ca_file: "+err.Error(), "Файл сертификатов «ca_file» не читается.")
	}
	user := cmp.Or(set.User, mailbox.Wire(address))
	password := strings.TrimSpace(key.Secret)
	var oauth *grant
	if set.OAuthClient != "" || set.OAuthURL != "" {
		set.OAuthURL = cmp.Or(set.OAuthURL, p.tokens)
		if u, err := url.Parse(set.OAuthURL); err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && (o.Plain || u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost")) {
			return bad("oauth_url", "Адрес выдачи токенов OAuth начинается с https:// — его называет провайдер почты.")
		}
		if set.OAuthClient == "" {
			return bad("oauth_client", "Впишите идентификатор приложения OAuth или сотрите адрес выдачи токенов.")
		}
		oauth = newGrant(set.OAuthURL, set.OAuthClient, password, roots)
		if o.Renewed != nil {
			oauth.renewed = func(ctx context.Context, was, secret string) error { return o.Renewed(ctx, key.Name, was, secret) }
		}
	} else if p.password != "" { // shown in groups of four, entered as it was copied
		password = strings.ReplaceAll(password, " ", "")
	}
	if strings.ContainsAny(user+password, "\r\n\x00") {
		return bad("a line break in the user", "Имя входа записано с ошибкой.")
	}
	b := &Box{
		Source: s.ID, Name: cmp.Or(set.Name, s.Name), Address: address, IMAP: set.IMAP, Secret: imapTLS, User: user, Password: password, Folders: set.Folders, Sent: set.Sent,
		Back: time.Duration(set.Back) * 24 * time.Hour, Key: o.Key, Roots: roots, Now: o.Now, Wait: o.Wait, NumberOf: o.NumberOf,
		PerHour: cmp.Or(set.PerHour, perHour), PerDay: cmp.Or(set.PerDay, perDay),
		SMTP: &mailer.Server{Addr: set.SMTP, User: user, Password: password, Secret: smtpTLS, Roots: roots},
	}
	if oauth != nil {
		if o.Now != nil {
			oauth.now = o.Now
		}
		b.OAuth, b.Password = oauth, ""
		b.SMTP = &mailer.Server{Addr: set.SMTP, User: user, Secret: smtpTLS, Roots: roots, Token: oauth.Token}
	}
	for _, a := range set.Aliases {
		b.Aliases = append(b.Aliases, oneSpelling(strings.TrimSpace(a)))
	}
	if o.Numbered != nil {
		b.Numbered = func(ctx context.Context, number string) (string, error) { return o.Numbered(ctx, s.ID, number) }
	}
	host, _, _ := net.SplitHostPort(set.IMAP)
	every := time.Minute
	if o.Wait > 0 { // it waits itself
		every = time.Second
	}
	return b, source.Connection{
		Puller: b, Publisher: b, Name: cmp.Or(s.Name, address), URL: s.URL, Channel: message.Mail, Territory: s.Territory, Own: s.Own, Every: cmp.Or(s.Every, every), FileHosts: []string{host},
	}, nil
}

// withPort returns host:port, the host in ASCII; "" for what is none.
func withPort(server, port string) string {
	server = strings.TrimSpace(server)
	host, number, err := net.SplitHostPort(server)
	if err != nil {
		host, number = server, port
	}
	if n := number; n == "" || strings.Trim(n, "0123456789") != "" || len(n) > 5 || host == "" || strings.ContainsAny(host, " /@:\\\"'<>\r\n") && net.ParseIP(host) == nil {
		return ""
	}
	wire, ok := mailbox.Host(host)
	if !ok && net.ParseIP(host) == nil {
		return ""
	}
	if ok {
		host = wire
	}
	return net.JoinHostPort(host, number)
}

// secrecy says how a server is spoken to: as it is set, or by its port.
func secrecy(set, server string, plain bool) (string, bool) {
	host, port, _ := net.SplitHostPort(server)
	switch set {
	case mailer.TLS, mailer.StartTLS:
		return set, true
	case mailer.Plain:
		ip := net.ParseIP(host)
		return set, plain || host == "localhost" || ip != nil && ip.IsLoopback()
	case "":
		if port == "143" || port == "587" || port == "25" {
			return mailer.StartTLS, true
		}
		return mailer.TLS, true
	}
	return "", false
}

// trusting returns the machine's certificates and those of a file; nil for no file.
func trusting(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // the machine's own
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// A Recogniser knows addresses of mail («mailto:…») and guesses their servers.
type Recogniser struct{ Options }

// Recognise implements source.Recogniser.
func (r Recogniser) Recognise(ctx context.Context, u *url.URL) (*source.Guess, error) {
	if u.Scheme != "mailto" {
		return nil, nil //nolint:nilnil // the contract of Recogniser: another network
	}
	address, err := mailbox.Normal(u.Opaque)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mail: %w", err).At("link").Say(fault.Sentence(err))
	}
	_, domain, _ := strings.Cut(address, "@")
	mx := r.MX
	if mx == nil {
		mx = askDNS
	}
	p, known := providerOf(domain)
	if !known {
		ask, stop := context.WithTimeout(ctx, 5*time.Second)
		wire, _ := mailbox.Host(domain)
		p, known = providerAt(ask, wire, mx)
		stop()
	}
	set := Settings{Address: address, IMAP: cmp.Or(p.imap, "imap."+domain+":993"), SMTP: cmp.Or(p.smtp, "smtp."+domain+":465")}
	g := &source.Guess{Source: source.Source{ID: SourceID(address), Kind: source.Mail, Channel: message.Mail, Name: "Почта " + address, Own: true}}
	switch {
	case p.closed != "":
		g.Needs = p.closed
	case known:
		g.Needs = "Впишите ниже " + p.password + ". Серверы провайдера известны."
	default:
		g.Needs = "Впишите ниже пароль ящика. Серверы угаданы по адресу: сверьте их с тем, что называет администратор почты."
	}
	if mailbox.Foreign(address) {
		g.Needs += " Имя ящика написано русскими буквами: отвечать с него можно, если сервер исходящей почты это умеет (SMTPUTF8)."
	}
	g.Settings, err = json.Marshal(set)
	return g, err
}

// Fields returns what people write of a mailbox.
func Fields(raw json.RawMessage) []source.Field {
	set, _ := parse(raw)
	return []source.Field{
		{Name: "imap", Label: "Сервер входящей почты (IMAP)", Value: set.IMAP, Hint: "imap.example.ru:993"},
		{Name: "smtp", Label: "Сервер исходящей почты (SMTP)", Value: set.SMTP, Hint: "smtp.example.ru:465"},
		{Name: "user", Label: "Имя для входа", Value: set.User, Hint: "если это не сам адрес; домен русскими буквами уходит как xn--…"},
		{Name: "folders", Label: "Читать ещё папки", Value: strings.Join(set.Folders, ", "), Hint: "через запятую, кроме входящих"},
		{Name: "sent", Label: "Папка отправленных", Value: set.Sent, Hint: "если сервер сам хранит в ней отправленное"},
		{Name: "oauth_client", Label: "Идентификатор приложения OAuth", Value: set.OAuthClient, Hint: "только если вход не по паролю; ключ — токен обновления и через пробел секрет приложения"},
		{Name: "oauth_url", Label: "Адрес выдачи токенов OAuth", Value: set.OAuthURL, Hint: "для Mail.ru, Яндекса, Gmail и Microsoft известен"},
	}
}

// Set returns the settings with what people wrote.
func Set(raw json.RawMessage, values map[string]string) (json.RawMessage, error) {
	set, err := parse(raw)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mail: settings: %w", err).Say("Настройки ящика записаны с ошибкой.")
	}
	for name, at := range map[string]*string{"imap": &set.IMAP, "smtp": &set.SMTP, "user": &set.User, "sent": &set.Sent, "oauth_client": &set.OAuthClient, "oauth_url": &set.OAuthURL} {
		if v, ok := values[name]; ok {
			*at = strings.TrimSpace(v)
		}
	}
	if v, ok := values["folders"]; ok {
		set.Folders = nil
		for _, f := range strings.Split(v, ",") {
			if f = strings.TrimSpace(f); f != "" {
				set.Folders = append(set.Folders, f)
			}
		}
	}
	return json.Marshal(set)
}
