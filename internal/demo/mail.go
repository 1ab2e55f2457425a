package demo

import (
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/mail"
	"otklik/internal/source/mail/mailfake"
)

// mailboxOf is the centre's mailbox. It has no part in the history: residents there are
// visitors.
func mailboxOf() *Network {
	const address, password = "cur@khakassia.example", "demo-mail-password"
	return &Network{
		Name: "Почта центра", Sort: "Электронная почта", path: "mail",
		About:  "Напишите письмо от имени жителя: в ящике жителя появится ответ. На письмо можно ответить, и ответ придёт в то же обращение.",
		source: source.Source{ID: mail.SourceID(address), Kind: source.Mail, Channel: message.Mail, Name: "Почта центра", Territory: Region, Own: true, Key: address},
		secret: password,
		make: func(_ *Network, c circumstances) (fake, error) {
			f, err := mailfake.New(mailfake.Options{Address: address, Password: password, Now: c.now, Snapshot: c.snapshot})
			return post{f}, err
		},
		settings: func(n *Network) map[string]any {
			f := n.fake.(post)
			return map[string]any{"name": "Центр управления регионом", "imap": f.IMAP(), "smtp": f.SMTP(), "imap_tls": "none", "smtp_tls": "none"}
		},
	}
}

// post is a mail service as residents use it.
type post struct{ *mailfake.Fake }

func (p post) say(_ int, author, words string) error {
	p.Write(mailfake.Draft{From: "zhitel@pochta.example", Name: author, Text: words})
	return nil
}

func (post) post(string) {} // nobody talks there but to us
