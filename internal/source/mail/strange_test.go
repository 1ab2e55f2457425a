package mail_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/source/mail"
)

// Names of files come in every way that programs have found.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	cp := encoded(t, charmap.Windows1251, "фото ямы.jpg")
	for name, c := range map[string]struct{ head, want string }{
		"RFC 2231":                   {`Content-Disposition: attachment; filename*=utf-8''%D1%84%D0%BE%D1%82%D0%BE.jpg`, "фото.jpg"},
		"RFC 2231 in pieces":         {"Content-Disposition: attachment;\n filename*0*=utf-8''%D1%84%D0;\n filename*1*=%BE%D1%82%D0%BE;\n filename*2=.jpg", "фото.jpg"},
		"RFC 2231, windows-1251":     {`Content-Disposition: attachment; filename*=windows-1251''%F4%EE%F2%EE.jpg`, "фото.jpg"},
		"in pieces, windows-1251":    {"Content-Disposition: attachment;\n filename*0*=windows-1251''%F4%EE;\n filename*1*=%F2%EE.jpg", "фото.jpg"},
		"RFC 2231 and a plain one":   {`Content-Disposition: attachment; filename="=?utf-8?Q?x?="; filename*=utf-8''%D1%84.jpg`, "ф.jpg"},
		"an encoded word":            {`Content-Disposition: attachment; filename="=?utf-8?B?` + b64("фото ямы.jpg") + `?="`, "фото ямы.jpg"},
		"encoded words, folded":      {"Content-Disposition: attachment; filename=\"=?utf-8?B?" + b64("фото ") + "?=\n =?utf-8?B?" + b64("ямы.jpg") + "?=\"", "фото ямы.jpg"},
		"raw UTF-8":                  {`Content-Disposition: attachment; filename="фото ямы.jpg"`, "фото ямы.jpg"},
		"raw windows-1251":           {`Content-Disposition: attachment; filename="` + cp + `"`, "фото ямы.jpg"},
		"without quotes":             {`Content-Disposition: attachment; filename=photo of a pit.jpg`, "photo of a pit.jpg"},
		"twice":                      {`Content-Disposition: attachment; filename="a.jpg"; filename="b.jpg"`, "a.jpg"},
		"in the type alone":          {`X: y`, "t.jpg"},
		"a path":                     {`Content-Disposition: attachment; filename="C:\\Users\\Anna\\yama.jpg"`, "yama.jpg"},
		"an empty one":               {`Content-Disposition: attachment; filename=""`, "t.jpg"},
		"a percent that is no code":  {`Content-Disposition: attachment; filename*=utf-8''100%.jpg`, "100%.jpg"},
		"a set that nobody knows":    {`Content-Disposition: attachment; filename*=x-none''%D1%84.jpg`, "ф.jpg"},
		"a continuation of nothing":  {`Content-Disposition: attachment; filename*1=b.jpg`, "t.jpg"},
		"a semicolon within":         {`Content-Disposition: attachment; filename="a;b.jpg"`, "a;b.jpg"},
		"signs that turn the line":   {`Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEgpj.exe`, "a gpj.exe"},
		"quotes that are not closed": {`Content-Disposition: attachment; filename="a.jpg`, "a.jpg"},
	} {
		l := mail.Read(crlf("From: a@b.ru\nContent-Type: image/jpeg; name=t.jpg\n" + c.head + "\n\n" + strings.Repeat("x", 9000) + "\n"))
		if len(l.Files) != 1 || l.Files[0].Name != c.want {
			t.Errorf("%s: %+v", name, l.Files)
		}
	}
}

// Whatever comes between and behind the letters of base64, the text is read.
func TestBrokenTransferEncodings(t *testing.T) {
	t.Parallel()
	sent := b64(said)
	for name, c := range map[string]struct{ how, body, want string }{
		"garbage between":       {"base64", sent[:20] + "\n!!! \x00 *\n" + sent[20:], said},
		"a footer of a list":    {"base64", sent + "\n--\nСписок рассылки\n", said},
		"without its end":       {"base64", strings.TrimRight(sent, "="), said},
		"cut in a letter":       {"base64", sent[:len(sent)-6], ""},
		"plain text called so":  {"base64", said, said},
		"in capitals":           {"BASE64 ", sent, said},
		"an unknown one":        {"x-uue", said, said},
		"quoted, broken":        {"quoted-printable", "100=% =D0=AF=\nма =ZZ =", "100=% Яма =ZZ"},
		"8bit called quoted":    {"quoted-printable", said, said},
		"two texts in a row":    {"base64", b64("Первая часть текста. ") + "\n" + b64(said), ""},
		"urlsafe":               {"base64", strings.NewReplacer("+", "-", "/", "_").Replace(b64("ЯяЮюЭэ?>ЫыЬь яма на дороге!")), "ЯяЮюЭэ?>ЫыЬь яма на дороге!"},
		"quoted with line ends": {"quoted-printable", strings.ReplaceAll(qp(said), "\n", "\r\n"), said},
	} {
		got := mail.Read(crlf("From: a@b.ru\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: " + c.how + "\n\n" + c.body + "\n")).Text
		if c.want != "" && got != c.want || c.want == "" && !strings.HasPrefix(got, "Во дворе дома 5") && !strings.HasPrefix(got, "Первая часть") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What programs put below a letter goes, what people wrote stays.
func TestWhoseWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"iPhone":                    {said + "\n\nОтправлено с iPhone", said},
		"my iPhone":                 {said + "\nОтправлено с моего iPhone\n", said},
		"Yandex, mobile":            {said + "\n\n-- \nОтправлено из мобильного приложения Яндекс Почты", said},
		"Mail.ru, Android":          {said + "\n\n--\nОтправлено из Mail.ru для Android", said},
		"Galaxy":                    {said + "\n\n\nОтправлено с устройства Galaxy", said},
		"Outlook, mobile":           {said + "\n\nПолучите Outlook для Android<https://aka.ms/x>\n________________________________\nОт: ЦУР <cur@x.ru>\nОтправлено: 3 февраля 2026 г. 10:00\nКому: Анна\nТема: Re: Мусор\n\nВывезли.", said},
		"English":                   {said + "\n\nSent from my Samsung Galaxy smartphone.", said},
		"sent by post":              {"Отправлено письмо почтой в администрацию, ответа нет.\n" + said, "Отправлено письмо почтой в администрацию, ответа нет.\n" + said},
		"sent from the post office": {"Отправлено с почты 3 февраля.\n" + said, "Отправлено с почты 3 февраля.\n" + said},
		"got by telephone":          {"Получите наконец наши жалобы по телефону!\n" + said, "Получите наконец наши жалобы по телефону!\n" + said},
		"Samsung":                   {said + "\n\n\n-------- Исходное сообщение --------\nОт: ЦУР <cur@x.ru>\nДата: 03.02.2026 10:00 (GMT+03:00)\nКому: anna@b.ru\nТема: Re: Мусор\n\nВывезли.", said},
		"Gmail":                     {said + "\n\nпн, 3 февр. 2026 г. в 10:00, ЦУР <cur@x.ru>:\n\n> Вывезли.\n> Ещё что-то.\n", said},
		"Gmail without marks":       {said + "\n\nпн, 3 февр. 2026 г. в 10:00, ЦУР <cur@x.ru>:\n\nВывезли вчера.\nЦентр управления регионом\n", said},
		"Mail.ru, mobile":           {said + "\n\nвторник, 3 февраля 2026 г., 10:05 +03:00 от ЦУР <cur@x.ru>:\n\nВывезли вчера.", said},
		"Thunderbird, Russian":      {said + "\n\n03.02.2026 10:05, ЦУР пишет:\n> Вывезли.", said},
		"The Bat!":                  {said + "\n\nЗдравствуйте, Центр.\n\nВы писали 3 февраля 2026 г., 10:05:05:\n\n> Вывезли.", said + "\n\nЗдравствуйте, Центр."},
		"Yandex":                    {said + "\n\n03.02.2026, 10:05, \"Центр управления регионом\" <cur@x.ru>:\n> Вывезли.\n> ", said},
		"Outlook, bold":             {said + "\n\n*От:* ЦУР <cur@x.ru>\n*Отправлено:* 3 февраля 2026 г.\n*Кому:* Анна\n*Тема:* Re: Мусор\n\nВывезли.", said},
		"Apple":                     {said + "\n\n> 3 февр. 2026 г., в 10:00, ЦУР <cur@x.ru> написал(а):\n> \n> Вывезли.", said},
		"a quote in one's words":    {"В ответе было:\n> Мусор вывезли.\nЭто неправда.\n" + said, "В ответе было:\nЭто неправда.\n" + said},
		"greeting and an address":   {"Здравствуйте!\nПисал вам 03.02.2026 на cur@x.ru:\n" + said, "Здравствуйте!\nПисал вам 03.02.2026 на cur@x.ru:\n" + said},
		"an address in the text":    {"Писал вам 03.02.2026 на cur@x.ru:\n" + said, "Писал вам 03.02.2026 на cur@x.ru:\n" + said},
	} {
		raw := append([]byte("From: a@b.ru\r\nIn-Reply-To: <1@x>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"), crlf(c.text)...)
		if got := mail.Read(raw).Text; got != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, c.want)
		}
	}
	inner := "From: =?utf-8?B?" + b64("Пётр Сосед") + "?= <s@x.ru>\nSubject: =?utf-8?B?" + b64("Яма") + "?=\nContent-Type: text/plain; charset=utf-8\n\nЯма на улице Мира\n\n--\nПётр\n"
	for name, c := range map[string]struct{ text, want string }{
		"passed on with a word": {"Разберитесь, пожалуйста, с этим.", "Разберитесь, пожалуйста, с этим.\n\n-------- Пересылаемое сообщение --------\nОт: Пётр Сосед\nЯма на улице Мира"},
		"passed on in silence":  {"", "-------- Пересылаемое сообщение --------\nОт: Пётр Сосед\nЯма на улице Мира"},
	} {
		l := mail.Read(crlf("From: a@b.ru\nSubject: Fwd: x\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain; charset=utf-8\n\n" + c.text + "\n--m\nContent-Type: message/rfc822\n\n" + inner + "--m--\n"))
		if l.Text != c.want || l.From != "a@b.ru" {
			t.Errorf("%s: %q", name, l.Text)
		}
	}
}

// HTML as programs write it.
func TestHTMLOfPrograms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ html, want string }{
		"Outlook":         {`<div class=WordSection1><p class=MsoNormal>` + said + `<o:p></o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> CUR &lt;cur@x.ru&gt; <br><b>Sent:</b> Monday, February 3, 2026 10:00 AM<br><b>To:</b> Anna<br><b>Subject:</b> Re: x</p></div></div><p class=MsoNormal>Вывезли.</p></div>`, said},
		"Outlook, web":    {`<div>` + said + `</div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>От:</b> ЦУР &lt;cur@x.ru&gt;<br><b>Отправлено:</b> 3 февраля 2026 г. 10:00<br><b>Кому:</b> Анна<br><b>Тема:</b> Re: x</font></div><div>Вывезли.</div>`, said},
		"Yandex":          {`<div>` + said + `</div><div>&nbsp;</div><div>03.02.2026, 10:05, "ЦУР" &lt;cur@x.ru&gt;:</div><blockquote><p>Вывезли.</p></blockquote><div>&nbsp;</div><div>-- <br />Отправлено из мобильного приложения Яндекс Почты</div>`, said},
		"Mail.ru":         {`<div>` + said + `</div><div>&nbsp;</div><blockquote style="border-left:1px solid #0857A6;">Вторник, 3 февраля 2026, 10:05 +03:00 от ЦУР &lt;cur@x.ru&gt;:<br>&nbsp;<div id=""><div>Вывезли.</div></div></blockquote>`, said},
		"Apple":           {`<div dir="ltr">` + said + `</div><div dir="ltr"><br>Отправлено с iPhone</div><div dir="ltr"><br><blockquote type="cite">3 февр. 2026 г., в 10:00, ЦУР написал(а):<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Вывезли.</div></blockquote>`, said},
		"a table":         {`<table><tr><td>` + said + `</td></tr></table>`, said},
		"only a base tag": {`<base href="http://evil/"><p>` + said, said},
	} {
		raw := append([]byte("From: a@b.ru\r\nIn-Reply-To: <1@x>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"), crlf("<html><body>"+c.html+"</body></html>")...)
		if got := mail.Read(raw).Text; got != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, c.want)
		}
	}
	answer := crlf("From: a@b.ru\nSubject: =?utf-8?B?" + b64("Принято: Сход жителей") + "?=\nContent-Type: text/calendar; method=REPLY; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Сход жителей\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.ru\nEND:VEVENT\nEND:VCALENDAR\n")
	if l := mail.Read(answer); l.Auto != "auto" {
		t.Errorf("an accepted invitation is taken for a letter: %q", l.Text)
	}
}
