package mail_test

import (
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"otklik/internal/source/mail"
)

const said = "Во дворе дома 5 третий день не вывозят мусор, контейнеры переполнены."

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func qp(s string) string {
	var out strings.Builder
	w := quotedprintable.NewWriter(&out)
	_, _ = w.Write([]byte(s))
	w.Close()
	return out.String()
}

// crlf makes a letter of lines.
func crlf(s string) []byte {
	return []byte(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n"))
}

func TestCharsets(t *testing.T) {
	t.Parallel()
	for name, enc := range map[string]*charmap.Charmap{"windows-1251": charmap.Windows1251, "koi8-r": charmap.KOI8R, "iso-8859-5": charmap.ISO8859_5} {
		body := encoded(t, enc, said)
		for _, declared := range []string{name, "us-ascii", "iso-8859-1", "x-unknown", "", "utf-8"} {
			for how, sent := range map[string]string{"8bit": body, "base64": b64(body), "quoted-printable": qp(body)} {
				raw := fmt.Sprintf("From: a@b.ru\nContent-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s\n\n%s\n", declared, how, sent)
				if got := mail.Read(crlf(raw)).Text; got != said {
					t.Errorf("%s called %q, %s: %q", name, declared, how, got)
				}
			}
		}
	}
	raw := "From: a@b.ru\nContent-Type: text/plain; charset=windows-1251\n\n" + said + "\n" // it is UTF-8
	if got := mail.Read(crlf(raw)).Text; got != said {
		t.Errorf("UTF-8 called windows-1251: %q", got)
	}
	raw = "From: a@b.ru\nContent-Type: text/plain; charset=koi8-r\n\n" + encoded(t, charmap.Windows1251, said) + "\n"
	if got := mail.Read(crlf(raw)).Text; got != said {
		t.Errorf("windows-1251 called koi8-r: %q", got)
	}
}

func TestHeads(t *testing.T) {
	t.Parallel()
	whole := []byte("Мусор во дворе")
	cut := fmt.Sprintf("=?utf-8?B?%s?=\n =?utf-8?B?%s?=", base64.StdEncoding.EncodeToString(whole[:3]), base64.StdEncoding.EncodeToString(whole[3:])) // in the middle of a letter
	for name, c := range map[string]struct{ head, subject, from, sender string }{
		"words cut inside of a letter": {"Subject: " + cut, "Мусор во дворе", "", ""},
		"koi8-r, Q":                    {"Subject: =?koi8-r?Q?=ED=D5=D3=CF=D2?=", "Мусор", "", ""},
		"raw windows-1251":             {"Subject: " + encoded(t, charmap.Windows1251, "Мусор во дворе дома"), "Мусор во дворе дома", "", ""},
		"folded":                       {"Subject: one\n\ttwo", "one two", "", ""},
		"name":                         {"From: =?utf-8?B?" + b64("Анна Петрова") + "?= <Anna@Pochta.RU>", "", "anna@pochta.ru", "Анна Петрова"},
		"an address inside of a name":  {`From: "victim <victim@gov.ru>" <evil@x.ru>`, "", "evil@x.ru", "victim <victim@gov.ru>"},
		"bare":                         {"From: anna@pochta.ru", "", "anna@pochta.ru", ""},
		"in brackets":                  {"From: anna@pochta.ru (Anna)", "", "anna@pochta.ru", "Anna"},
		"several":                      {"From: A <a@x.ru>, B <b@x.ru>", "", "a@x.ru", "A"},
		"signs that turn":              {"Subject: =?utf-8?B?" + b64("a\u202Eb\r\nBcc: x") + "?=", "a b Bcc: x", "", ""},
	} {
		l := mail.Read(crlf(c.head + "\n\nx\n"))
		if c.subject != "" && l.Subject != c.subject || c.from != "" && (l.From != c.from || l.Name != c.sender) {
			t.Errorf("%s: subject %q, from %q %q", name, l.Subject, l.Name, l.From)
		}
	}
}

func TestQuotesAndSignatures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"Mail.ru":                  {said + "\n\n--\nАнна Петрова\n\n\nПонедельник, 23 ноября 2026, 10:00 +03:00 от ЦУР <cur@x.ru>:\n\n> Здравствуйте!\n> Мусор вывезли.\n", said},
		"Yandex":                   {said + "\n\n23.11.2026, 10:00, \"ЦУР\" <cur@x.ru>:\n\n> Мусор вывезли.\n\n-- \nАнна", said},
		"Gmail, wrapped":           {said + "\n\nпн, 23 нояб. 2026 г. в 10:00, Центр управления регионом Республики <\ncur@x.ru>:\n\n> Мусор вывезли.\n", said},
		"Gmail, English":           {said + "\n\nOn Mon, Nov 23, 2026 at 10:00 AM CUR <cur@x.ru> wrote:\n> Done.\n", said},
		"Outlook":                  {said + "\n\nОт: ЦУР <cur@x.ru>\nОтправлено: 23 ноября 2026 г. 10:00\nКому: Анна\nТема: Re: Мусор\n\nМусор вывезли.", said},
		"Outlook, English":         {said + "\n\n________________________________\nFrom: CUR <cur@x.ru>\nSent: Monday\nTo: Anna\nSubject: Re: x\n\nDone.", said},
		"the old way":              {said + "\n\n-----Исходное сообщение-----\nОт кого: ЦУР\n\nМусор вывезли.", said},
		"Apple":                    {said + "\n\nОтправлено с iPhone\n\n> 23 нояб. 2026 г., в 10:00, ЦУР <cur@x.ru> написал(а):\n> \n> Мусор вывезли.", said},
		"answered below":           {"23.11.2026, 10:00, ЦУР <cur@x.ru>:\n> Мусор вывезли?\n\nНет, " + said, "Нет, " + said},
		"between the lines":        {"> Вывезли?\nНет.\n> Всё?\n" + said, "Нет.\n" + said},
		"passed on":                {"Разберитесь!\n\n-------- Пересылаемое сообщение --------\n23.11.2026, 10:00, \"Сосед\" <s@x.ru>:\n\n> " + said, "Разберитесь!\n\n-------- Пересылаемое сообщение --------\n23.11.2026, 10:00, \"Сосед\" <s@x.ru>:\n\n" + said},
		"passed on, English":       {"---------- Forwarded message ---------\nОт: Сосед <s@x.ru>\nDate: 1\nSubject: 2\n\n" + said, "---------- Forwarded message ---------\nОт: Сосед <s@x.ru>\nDate: 1\nSubject: 2\n\n" + said},
		"a neighbour writes":       {"Сосед пишет:\n" + said, "Сосед пишет:\n" + said},
		"two dashes part the text": {"Первое.\n--\n" + strings.Repeat(said+"\n", 10), "Первое.\n--\n" + strings.TrimSpace(strings.Repeat(said+"\n", 10))},
		"a quote alone":            {"> " + said, "> " + said},
		"a mobile program":         {said + "\n\nОтправлено из мобильной Почты Mail", said},
	} {
		raw := append([]byte("From: a@b.ru\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"), crlf(c.text)...)
		if got := mail.Read(raw).Text; got != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, c.want)
		}
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ html, want string }{
		"Gmail":     {`<div dir="ltr">` + said + `<br clear="all"><div class="gmail_signature">Анна</div></div><br><div class="gmail_quote"><div class="gmail_attr">пн, 23 нояб. 2026 г. в 10:00, ЦУР &lt;<a href="mailto:cur@x.ru">cur@x.ru</a>&gt;:<br></div><blockquote class="gmail_quote">Вывезли.</blockquote></div>`, said},
		"Mail.ru":   {`<div>` + said + `</div><div data-signature-widget="container">--<br>Анна</div><blockquote>Понедельник, 23 ноября 2026, 10:00 +03:00 от ЦУР:<br>Вывезли.</blockquote>`, said},
		"hostile":   {`<script>alert(1)</script><p>` + said + `</p><img src="http://spy/x.png"><style>p{}</style><div style="display:none">спрятано</div><iframe src=//x></iframe>`, said},
		"passed on": {`<p>Разберитесь</p><div>-------- Пересылаемое сообщение --------</div><blockquote><p>` + said + `</p></blockquote>`, "Разберитесь\n\n-------- Пересылаемое сообщение --------\n\n" + said},
		"deep":      {strings.Repeat("<blockquote>", 3000) + "x" + strings.Repeat("</blockquote>", 3000) + `<p>` + said + `</p>`, "x\n\n" + said},
	} {
		raw := append([]byte("From: a@b.ru\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"), crlf("<html><body>"+c.html+"</body></html>")...)
		if got := mail.Read(raw).Text; got != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, c.want)
		}
	}
}

func TestFlowedAndSubjects(t *testing.T) {
	t.Parallel()
	raw := crlf("From: a@b.ru\nContent-Type: text/plain; charset=utf-8; format=flowed\n\nВо дворе дома 5 \nтретий день \nне вывозят мусор.\n")
	if got := mail.Read(raw).Text; got != "Во дворе дома 5 третий день не вывозят мусор." {
		t.Errorf("flowed: %q", got)
	}
	for name, c := range map[string]struct{ subject, body, want string }{
		"the matter is in the subject": {"Мусор на Ленина 5", "Прошу принять меры", "Мусор на Ленина 5.\nПрошу принять меры"},
		"said below":                   {"Мусор во дворе", said, said},
		"nothing below":                {"Яма на Мира, 3", "", "Яма на Мира, 3"},
		"no subject":                   {"", said, said},
		"an empty word":                {"Обращение", said, said},
		"our own number":               {"Re: Мусор [№ 123-456-78]", "Спасибо", "Мусор.\nСпасибо"},
		"both empty":                   {"(без темы)", "", ""},
	} {
		l := mail.Read(crlf("From: a@b.ru\nSubject: =?utf-8?B?" + b64(c.subject) + "?=\nContent-Type: text/plain; charset=utf-8\n\n" + c.body + "\n"))
		if l.Text != c.want {
			t.Errorf("%s: %q, want %q", name, l.Text, c.want)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	raw := crlf(`From: a@b.ru
Message-ID: <1@x>
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

` + said + `
--a
Content-Type: text/html; charset=utf-8

<p>html</p>
--a--
--m
Content-Type: application/octet-stream
Content-Disposition: attachment; filename*=utf-8''%D1%84%D0%BE%D1%82%D0%BE.jpg
Content-Transfer-Encoding: base64

` + b64(strings.Repeat("p", 9000)) + `
--m
Content-Type: application/ms-tnef; name="winmail.dat"
Content-Disposition: attachment

xx
--m
Content-Type: image/png; name="../../etc/passwd.png"
Content-Disposition: attachment

yy
--m
Content-Type: message/rfc822

From: s@x.ru
Subject: =?utf-8?B?` + b64("Яма") + `?=
Content-Type: text/plain; charset=utf-8

Яма на улице Мира
--m
Content-Type: text/calendar; charset=utf-8

BEGIN:VCALENDAR
SUMMARY:Сход жителей
LOCATION:Мира\, 3
END:VCALENDAR
--m--
`)
	l := mail.Read(raw)
	if want := said + "\n\n-------- Пересылаемое сообщение --------\nОт: s@x.ru\nЯма на улице Мира\n\nСход жителей\nМира, 3"; l.Text != want {
		t.Errorf("text %q, want %q", l.Text, want)
	}
	var names []string
	for _, f := range l.Files {
		names = append(names, f.Name+" "+f.Type)
	}
	if got := strings.Join(names, "; "); got != "фото.jpg image/jpeg; winmail.dat application/ms-tnef; passwd.png image/png" {
		t.Errorf("files %s", got)
	}
	if got := mail.Part(raw, l.Files[0].Path, 1<<20); string(got) != strings.Repeat("p", 9000) {
		t.Errorf("the file has %d bytes", len(got))
	}
}

func TestMachinesAreKnown(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"Auto-Submitted: auto-replied":  "auto",
		"Auto-Submitted: no":            "",
		"Precedence: bulk":              "list",
		"Precedence: auto_reply":        "auto",
		"List-Id: <news.example>":       "list",
		"Return-Path: <>":               "auto",
		"X-Auto-Response-Suppress: All": "auto",
		"X-Autoreply: yes":              "auto",
		"Subject: =?utf-8?B?" + b64("Автоответ: отпуск") + "?=": "auto",
		"Subject: =?utf-8?B?" + b64("Автобус не ходит") + "?=":  "",
		"Content-Type: multipart/report; boundary=x":            "bounce",
		"X-Auto-Response-Suppress: OOF":                         "",
		"Authentication-Results: mx; spf=fail; dkim=none":       "",
	} {
		l := mail.Read(crlf("From: a@b.ru\n" + head + "\n\nx\n"))
		if l.Auto != want {
			t.Errorf("%s: %q, want %q", head, l.Auto, want)
		}
		if strings.Contains(head, "spf=fail") && !l.Doubt {
			t.Error("a failed check is not noted")
		}
	}
	for _, from := range []string{"MAILER-DAEMON@x.ru", "postmaster@x.ru", "noreply@x.ru", "no-reply@x.ru"} {
		if l := mail.Read(crlf("From: " + from + "\n\nx\n")); l.Auto != "auto" {
			t.Errorf("%s is taken for a person", from)
		}
	}
}

func TestBounces(t *testing.T) {
	t.Parallel()
	report := func(action, status, id string) []byte {
		return crlf("From: mailer-daemon@x.ru\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nhuman words\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.ru\nAction: " + action + "\nStatus: " + status + "\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <" + id + ">\nSubject: x\n\nx\n--b--\n")
	}
	const ours = "otklik.aaa.bbb.ccc@x"
	for name, c := range map[string]struct {
		raw      []byte
		sentence string
		delayed  bool
	}{
		"no such mailbox": {report("failed", "5.1.1", ours), "Не доставлено: ящика нет.", false},
		"full":            {report("failed", "5.2.2 (mailbox full)", ours), "Не доставлено: ящик переполнен.", false},
		"spam":            {report("failed", "5.7.1", ours), "Не доставлено: почтовый сервер получателя не принял письмо, посчитав его нежелательным.", false},
		"still tried":     {report("delayed", "4.4.1", ours), "Не доставлено: почтовый сервер получателя так и не ответил.", true},
		"without a form":  {crlf("From: MAILER-DAEMON@x.ru\nContent-Type: text/plain\n\nfailed, 550 5.1.1 user unknown\n\nMessage-Id: <" + ours + ">\n"), "Не доставлено: ящика нет.", false},
	} {
		b := mail.Read(c.raw).Bounce
		if b == nil || b.ID != ours || b.Sentence != c.sentence || b.Delayed != c.delayed {
			t.Errorf("%s: %+v", name, b)
		}
	}
	for name, raw := range map[string][]byte{
		"delivered":       report("delivered", "2.0.0", ours),
		"not our letter":  report("failed", "5.1.1", "other@x"),
		"from a resident": crlf("From: a@b.ru\nIn-Reply-To: <" + ours + ">\n\nfailed 5.1.1\nMessage-ID: <" + ours + ">\n"),
	} {
		if b := mail.Read(raw).Bounce; b != nil {
			t.Errorf("%s is a bounce: %+v", name, b)
		}
	}
}

// What is broken or made to harm is read in bounded time, whatever is left of it.
func TestBombs(t *testing.T) {
	t.Parallel()
	nested := "x"
	for k := range 60 {
		nested = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n--b%d--\n", k, k, nested, k)
	}
	for name, raw := range map[string]string{
		"nested":             "From: a@b.ru\n" + nested,
		"many parts":         "From: a@b.ru\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 20_000),
		"many fields":        strings.Repeat("X: y\n", 100_000) + "\nx",
		"a long field":       "Subject: " + strings.Repeat("=?utf-8?Q?a?= ", 100_000) + "\n\nx",
		"references":         "References: " + strings.Repeat("<a@b> ", 50_000) + "\n\nx",
		"letters in letters": strings.Repeat("Content-Type: message/rfc822\n\n", 2000),
		"no end":             "Content-Type: multipart/mixed; boundary=\"",
		"bare":               "\x00\xff\xfe",
	} {
		start := time.Now()
		l := mail.Read(crlf(raw))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if len(l.Refs) > 30 || len(l.Files) > 20 || len(l.ID) > 200 {
			t.Errorf("%s: %d references, %d files", name, len(l.Refs), len(l.Files))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("From: a@b.ru\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("Subject: =?koi8-r?Q?=ED?= =?utf-8?B?0?=\r\nContent-Transfer-Encoding: base64\r\n\r\n====AA"))
	f.Add([]byte("Content-Type: text/html\r\n\r\n<blockquote>\ue0000\ue001<blockquote>x"))
	f.Add([]byte("Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n> a \r\n>> b \r\n-- \r\nc"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := mail.Read(raw)
		if strings.ToValidUTF8(l.Text, "") != l.Text || strings.ToValidUTF8(l.Subject, "") != l.Subject {
			t.Error("no UTF-8")
		}
		if strings.ContainsAny(l.From+l.ID+l.Subject+l.ReplyTo+strings.Join(l.Refs, ""), "\r\n") {
			t.Error("a head of two lines")
		}
		for _, file := range l.Files {
			mail.Part(raw, file.Path, 1<<20)
			if strings.ContainsAny(file.Name, "/\\\r\n") {
				t.Errorf("file name %q", file.Name)
			}
		}
	})
}
