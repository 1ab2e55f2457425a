package mail_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"otklik/internal/mailer"
	"otklik/internal/notify/mail/mailtest"
	"otklik/internal/reply"
	"otklik/internal/source"
	"otklik/internal/source/mail"
	"otklik/internal/source/mail/mailfake"
)

func sentence(t *testing.T, err error) (source.Trouble, string) {
	t.Helper()
	var e *source.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no source.Error", err)
	}
	if strings.Contains(err.Error()+e.Sentence, password) || strings.Contains(err.Error(), centre) {
		t.Errorf("the error tells the password or the address: %v", err)
	}
	return e.Trouble, e.Sentence
}

func TestWhatTheServerRefusesIsSaid(t *testing.T) {
	t.Parallel()
	for fail, want := range map[mailfake.Trouble]struct {
		trouble source.Trouble
		word    string
	}{
		mailfake.Wrong:  {source.Person, "не принимает адрес или пароль"},
		mailfake.NoIMAP: {source.Person, "Вход по IMAP выключен"},
		mailfake.App:    {source.Person, "пароль приложения"},
		mailfake.Busy:   {source.Later, "реже"},
	} {
		f, b, _ := open(t, mailfake.Options{})
		f.Fail("imap", fail)
		_, err := b.Poll(t.Context(), nil)
		if trouble, said := sentence(t, err); trouble != want.trouble || !strings.Contains(said, want.word) {
			t.Errorf("%s: %s, %q", fail, trouble, said)
		}
	}
	f, b, c := open(t, mailfake.Options{})
	b.Password = "another"
	_, err := b.Poll(t.Context(), nil)
	if trouble, _ := sentence(t, err); trouble != source.Person {
		t.Errorf("another password: %s", trouble)
	}
	b = box(f, "", c)
	b.SMTP = &mailer.Server{Addr: f.SMTP(), User: centre, Password: "another", Secret: mailer.Plain}
	if batch, err := b.Poll(t.Context(), nil); err != nil || !strings.Contains(batch.Note, "Отвечать пока нельзя") {
		t.Errorf("answers that cannot go out: %q, %v", batch.Note, err)
	}
	b = box(f, "", c)
	b.Folders = []string{"Спам"}
	f.Quota(97)
	batch, err := b.Poll(t.Context(), nil)
	if err != nil || !strings.Contains(batch.Note, "«Спам»") || !strings.Contains(batch.Note, "97 %") {
		t.Errorf("a folder that is not there, a full mailbox: %q, %v", batch.Note, err)
	}
}

// Certificates are checked, and what is wrong with them is said.
func TestCertificates(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	f, b, _ := open(t, mailfake.Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}})
	b.Secret, b.Roots, b.SMTP = mailer.TLS, roots, &mailer.Server{Addr: f.SMTP(), User: centre, Password: password, Secret: mailer.TLS, Roots: roots}
	id := f.Write(mailfake.Draft{From: resident, Text: "Нет воды"})
	batch, err := b.Poll(t.Context(), nil)
	if err != nil || len(batch.Messages) != 1 || batch.Note != "" {
		t.Fatalf("over TLS: %+v, %v", batch, err)
	}
	if _, err := b.Publish(t.Context(), reply.Job{Key: "k", Parent: id, Thread: id, Text: "Дадут"}); err != nil {
		t.Errorf("over TLS: %v", err)
	}
	b.Roots = nil
	f.Fail("imap", "")
	_, err = b.Poll(t.Context(), nil)
	if trouble, said := sentence(t, err); trouble != source.Person || !strings.Contains(said, "неизвестным центром") {
		t.Errorf("an unknown centre: %s, %q", trouble, said)
	}
	b.SMTP, b.Roots = &mailer.Server{Addr: f.SMTP(), User: centre, Password: password, Secret: mailer.TLS}, roots
	_, err = b.Publish(t.Context(), reply.Job{Key: "k", Parent: id, Thread: id, Text: "Дадут"})
	if trouble, said := sentence(t, err); trouble != source.Person || !strings.Contains(said, "Сертификат") {
		t.Errorf("an unknown centre of SMTP: %s, %q", trouble, said)
	}
	plain, bare, _ := open(t, mailfake.Options{})
	bare.Secret = mailer.TLS
	bare.IMAP = plain.IMAP()
	_, err = bare.Poll(t.Context(), nil)
	if trouble, said := sentence(t, err); trouble != source.Person || !strings.Contains(said, "без TLS") {
		t.Errorf("a port without TLS: %s, %q", trouble, said)
	}
}

// certificate makes one for 127.0.0.1, and what trusts it.
func certificate(t *testing.T) (tls.Certificate, *tls.Config) {
	t.Helper()
	srv, err := mailtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv.Certificate(), srv.Roots
}

// A letter that comes while we wait is brought at once, and a stop ends the wait.
func TestNewsComeAtOnce(t *testing.T) {
	t.Parallel()
	f, b, _ := open(t, mailfake.Options{})
	f.Write(mailfake.Draft{From: resident, Text: "Нет воды"})
	batch, err := b.Poll(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Wait = 10 * time.Minute
	got := make(chan source.Batch, 1)
	go func() {
		next, err := b.Poll(t.Context(), batch.Cursor)
		if err != nil {
			t.Error(err)
		}
		got <- next
	}()
	f.Write(mailfake.Draft{From: resident, Text: "И света нет"})
	next := <-got
	if len(next.Messages) != 1 || next.Messages[0].Text != "И света нет" {
		t.Fatalf("came %+v", next.Messages)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { _, err := b.Poll(ctx, next.Cursor); ended <- err }()
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("a stop: %v", err)
	}
}

// Nothing that a letter or a reply holds adds a line to the head of ours.
func TestHeadsCannotBeForged(t *testing.T) {
	t.Parallel()
	f, b, _ := open(t, mailfake.Options{})
	b.Name = "ЦУР\r\nBcc: thief@evil.example"
	f.Mailbox("evil@pochta.example", "")
	f.Deliver("From: =?utf-8?B?" + b64("Анна\r\nBcc: thief@evil.example") + "?= <evil@pochta.example>\r\nSubject: =?utf-8?B?" + b64("Яма\r\nBcc: thief@evil.example\r\n\r\nтело") +
		"?=\r\nMessage-ID: <1@x>\r\nReferences: <a@b>\r\n\t<c\"d@e>\r\nReply-To: evil@pochta.example\r\n\r\nЯма\r\n")
	batch, err := b.Poll(t.Context(), nil)
	if err != nil || len(batch.Messages) != 1 {
		t.Fatalf("%+v, %v", batch, err)
	}
	if _, err := b.Publish(t.Context(), reply.Job{Key: "k\r\nBcc: x", Parent: "1@x", Thread: "a@b", Text: "Ответ\r\n.\r\nMAIL FROM:<x>\r\nBcc: thief@evil.example", Fanout: 3}); err != nil {
		t.Fatal(err)
	}
	raw := f.Raw("evil@pochta.example")
	if len(raw) != 1 {
		t.Fatalf("%d letters", len(raw))
	}
	head, _, _ := strings.Cut(raw[0], "\r\n\r\n")
	for _, line := range strings.Split(head, "\r\n") {
		if strings.HasPrefix(strings.ToLower(line), "bcc:") || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of the head: %q", line)
		}
	}
	if !strings.Contains(head, "Auto-Submitted: auto-generated") || !strings.Contains(head, "In-Reply-To: <1@x>") {
		t.Errorf("the head:\n%s", head)
	}
}

// The bytes of a picture come out of the letter by the name that the message gave it.
func TestFiles(t *testing.T) {
	t.Parallel()
	f, b, _ := open(t, mailfake.Options{})
	id := f.Write(mailfake.Draft{From: resident, Text: "Яма", Picture: []byte(strings.Repeat("p", 5000))})
	batch, err := b.Poll(t.Context(), nil)
	if err != nil || len(batch.Messages) != 1 || len(batch.Messages[0].Attachments) != 1 {
		t.Fatalf("%+v, %v", batch, err)
	}
	r, err := b.File(t.Context(), batch.Messages[0].Attachments[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || len(got) != 5000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	f.Remove(id)
	_, err = b.File(t.Context(), batch.Messages[0].Attachments[0].Name)
	if trouble, _ := sentence(t, err); trouble != source.Permanent {
		t.Errorf("a letter that is gone: %s", trouble)
	}
}

func TestOpenAndRecognise(t *testing.T) {
	t.Parallel()
	mx := func(_ context.Context, domain string) ([]string, error) {
		return map[string][]string{"city.example": {"mx.yandex.net."}, "old.example": {"mail.old.example."}}[domain], nil
	}
	r := mail.Recogniser{Options: mail.Options{MX: mx}}
	for address, want := range map[string][2]string{
		"Cur@Mail.RU": {"imap.mail.ru:993", "внешнего приложения"}, "cur@city.example": {"imap.yandex.ru:993", "Яндекс ID"}, "cur@old.example": {"imap.old.example:993", "угаданы"}, "cur@outlook.com": {"outlook.office365.com:993", "OAuth"},
	} {
		g, err := r.Recognise(t.Context(), &url.URL{Scheme: "mailto", Opaque: address})
		if err != nil || g.ID != "mail:"+strings.ToLower(address) || !strings.Contains(string(g.Settings), want[0]) || !strings.Contains(g.Needs, want[1]) {
			t.Errorf("%s: %+v, %v", address, g, err)
		}
	}
	for _, address := range []string{"cur", "@x.ru", "a b@x.ru", "a@b@c", "почта", "почта@", "почта@аба кан.рф", "cur@mаil.ru"} {
		if g, err := r.Recognise(t.Context(), &url.URL{Scheme: "mailto", Opaque: address}); err == nil {
			t.Errorf("%q is taken: %+v", address, g)
		}
	}
	key := source.Key{Secret: "abcd efgh ijkl mnop"}
	for settings, good := range map[string]bool{
		`{}`: true, ``: true, `{"imap":"mail.x.ru"}`: true, `{"imap":"mail.x.ru:143","smtp":"10.0.0.5:587"}`: true, `{"imap":"127.0.0.1:143","imap_tls":"none"}`: true,
		`{"imap":"mail.x.ru:143","imap_tls":"none"}`: false, `{"imap":"https://mail.x.ru"}`: false, `{"odd":1}`: false, `{} {}`: false, `{"back":-1}`: false, `{"imap_tls":"ssl3"}`: false, `{"folders":["a\nb"]}`: false, `{"ca_file":"/nowhere"}`: false, `{"address":"no"}`: false,
	} {
		_, c, err := mail.Open(source.Source{ID: "mail:cur@x.ru", Settings: json.RawMessage(settings)}, key, mail.Options{Key: secret})
		if (err == nil) != good || good && (c.Puller == nil || c.Publisher == nil || len(c.FileHosts) != 1) {
			t.Errorf("%s: %v", settings, err)
		}
	}
	if _, _, err := mail.Open(source.Source{ID: "mail:cur@x.ru"}, key, mail.Options{}); err == nil {
		t.Error("without a secret of the installation")
	}
	set, err := mail.Set(json.RawMessage(`{"address":"cur@x.ru","back":3}`), map[string]string{"imap": " mail.x.ru:993 ", "folders": "Спам, Архив,", "unknown": "x"})
	if err != nil || string(set) != `{"address":"cur@x.ru","imap":"mail.x.ru:993","folders":["Спам","Архив"],"back":3}` {
		t.Errorf("Set = %s, %v", set, err)
	}
	for _, f := range mail.Fields(set) {
		if f.Name == "folders" && f.Value != "Спам, Архив" || f.Label == "" {
			t.Errorf("field %+v", f)
		}
	}
}
