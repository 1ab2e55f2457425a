package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"time"

	"otklik/internal/mailer"
	"otklik/internal/source"
)

// trouble words what IMAP refused.
func (b *Box) trouble(err error) error {
	var e *source.Error
	if errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var no *refusal
	if errors.As(err, &no) {
		return b.refusal(no)
	}
	if e := broken(err); e != nil {
		return e
	}
	if errors.Is(err, errNonsense) {
		return rest(5*time.Minute, "По этому адресу отвечает не сервер входящей почты: проверьте адрес и порт IMAP. Повторим сами.", err)
	}
	return rest(time.Minute, "Сервер входящей почты не отвечает: проверьте доступ в интернет. Повторим сами.", err)
}

// broken words a connection that never came about; nil for other failures.
func broken(err error) error {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var old x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	switch {
	case errors.As(err, &name):
		return source.Fail(source.Person, "Сертификат почтового сервера выдан на другое имя: впишите адрес сервера так, как его называет провайдер.", "mail: %w", err)
	case errors.As(err, &old):
		return source.Fail(source.Person, "Срок сертификата почтового сервера истёк, или часы этой машины неверны. Сообщите администратору почты.", "mail: %w", err)
	case errors.As(err, &unknown):
		return source.Fail(source.Person, "Сертификат почтового сервера выдан неизвестным центром: добавьте этот центр в доверенные на машине или обновите сертификат.", "mail: %w", err)
	case errors.As(err, &record):
		return source.Fail(source.Person, "На этом порту сервер говорит без TLS: впишите порт с TLS (993 для входящей, 465 для исходящей почты).", "mail: %w", err)
	case errors.As(err, &dns):
		return rest(5*time.Minute, "Почтовый сервер с таким именем не найден: проверьте адрес сервера. Повторим сами.", err)
	}
	return nil
}

func rest(after time.Duration, sentence string, err error) *source.Error {
	e := source.Fail(source.Later, sentence, "mail: %w", err)
	e.After = after
	return e
}

// refusal words a NO of the server by its code and, where it gives none, by its words.
func (b *Box) refusal(no *refusal) error {
	words := strings.ToLower(no.words)
	says := func(any ...string) bool {
		for _, w := range any {
			if strings.Contains(words, w) {
				return true
			}
		}
		return false
	}
	login := no.command == "LOGIN" || no.command == "AUTHENTICATE"
	switch {
	case no.code == "OVERQUOTA":
		return rest(10*time.Minute, "Ящик переполнен: освободите место, иначе письма не доходят.", no)
	case no.kind == "BYE", no.code == "UNAVAILABLE", no.code == "LIMIT", no.code == "INUSE", no.code == "SERVERBUG", no.code == "THROTTLED", says("too many", "rate limit", "try again", "temporar", "too often"):
		return rest(5*time.Minute, "Почтовый сервер просит обращаться реже или сейчас занят: повторим сами.", no)
	case login && b.OAuth != nil:
		return source.Fail(source.Person, "Почтовый сервер не принимает доступ по OAuth: проверьте, что токен обновления выдан этому ящику и с правом читать почту (IMAP).", "%w", no)
	case login && says("imap") && says("disabled", "not enabled", "is off", "turned off", "отключ", "выключ"):
		return source.Fail(source.Person, "Вход по IMAP выключен у провайдера или пароль не подошёл. Включите в настройках ящика доступ почтовым программам и впишите "+b.passwordOf()+".", "%w", no)
	case login && (says("application", "app password", "app-specific", "application-specific", "приложен", "neobhodim parol") || no.code == "ALERT"):
		return source.Fail(source.Person, "Провайдер не пускает с обычным паролем. Впишите "+b.passwordOf()+".", "%w", no)
	case login && no.code == "PRIVACYREQUIRED":
		return source.Fail(source.Person, "Сервер пускает только по TLS: впишите порт с TLS (993).", "%w", no)
	case login:
		return source.Fail(source.Person, "Почтовый сервер не принимает адрес или пароль. Проверьте их; впишите "+b.passwordOf()+".", "%w", no)
	case no.command == "EXAMINE":
		return source.Fail(source.Person, "Папка входящих не открывается: проверьте права ящика у провайдера.", "%w", no)
	}
	return rest(5*time.Minute, "Почтовый сервер отказал: повторим сами. Если это длится, проверьте ящик у провайдера.", no)
}

// passwordOf says what password the provider wants.
func (b *Box) passwordOf() string {
	p, ok := providerOf(b.IMAP)
	if !ok || p.password == "" {
		return "пароль приложения, если провайдер их выдаёт"
	}
	return p.password
}

// sendTrouble words what SMTP refused.
func (b *Box) sendTrouble(err error) error {
	var known *source.Error
	if errors.As(err, &known) { // nothing was handed over: it is of the token
		return known
	}
	var e *mailer.Error
	if !errors.As(err, &e) {
		return source.Fail(source.Unclear, "", "%w", err)
	}
	fail := func(t source.Trouble, sentence string) error {
		out := source.Fail(t, sentence, "%w", err)
		out.Code = e.Code
		return out
	}
	if e.Unclear() {
		return fail(source.Unclear, "Почтовый сервер не сказал, принял ли письмо.")
	}
	if e.Code == 0 && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) { // nothing was handed over
		return err
	}
	if e.Code == 0 {
		if b := broken(err); b != nil {
			return b
		}
		return rest(time.Minute, "Сервер исходящей почты не отвечает: повторим сами.", err)
	}
	soft := e.Code < 500
	switch {
	case soft && e.Step == mailer.To && e.Code != 421: // «greylisted»: this one recipient's server wants to be asked again
		out := rest(10*time.Minute, "Почтовый сервер получателя просит отправить письмо позже: повторим сами.", err)
		out.Code = e.Code
		return out
	case soft && (e.Code == 421 || strings.HasPrefix(e.Status, "4.7.")) || e.Status == "5.4.5" || e.Status == "5.7.708" || e.Status == "5.7.28":
		out := source.Fail(source.Flood, "Почтовый сервер просит отправлять реже: подождём.", "%w", err)
		out.Code, out.After = e.Code, 2*time.Minute
		return out
	case soft:
		out := rest(10*time.Minute, "Почтовый сервер отложил письмо: повторим сами.", err)
		out.Code = e.Code
		return out
	case e.Step == mailer.Auth || e.Code == 530 || e.Code == 535:
		if b.OAuth != nil {
			return fail(source.Person, "Сервер исходящей почты не принимает доступ по OAuth: проверьте, что токен обновления выдан этому ящику и с правом отправлять почту (SMTP).")
		}
		return fail(source.Person, "Сервер исходящей почты не принимает пароль. Впишите "+b.passwordOf()+".")
	case e.Step == mailer.From && strings.HasSuffix(e.Status, ".6.7"):
		return fail(source.Person, "Имя нашего ящика написано русскими буквами, а сервер исходящей почты таких писем не отправляет (SMTPUTF8). Отвечайте вручную или впишите сервер, который это умеет.")
	case e.Step == mailer.From || e.Step == mailer.Hello:
		return fail(source.Person, "Сервер исходящей почты не разрешает писать с этого адреса: проверьте ящик у провайдера.")
	case e.Step == mailer.To && e.Status == "" && (e.Code == 550 || e.Code == 551 || e.Code == 553):
		return fail(source.Permanent, "Не доставлено: ящика нет.")
	case e.Code == 552 && e.Status == "":
		return fail(source.Permanent, "Не доставлено: ящик переполнен.")
	}
	return fail(source.Permanent, "Не доставлено: "+why(e.Status))
}
