package demo

import (
	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/ok"
	"otklik/internal/source/ok/okfake"
)

// okGroup is an official group of Odnoklassniki. Replies there go by hand, as its
// documentation wants, and are read back.
func okGroup() *Network {
	const group, app, token, secret = "70000000001705", "DEMOAPPKEY", "demo-ok-token", "demo-ok-secret"
	return &Network{
		Name: "Хакасия отвечает", Sort: "Одноклассники", path: "ok",
		About:  "Официальная группа. Ответ публикует человек: скопируйте его в Отклике, вставьте в тему и отметьте «От имени группы». Отклик перечитает тему и подтвердит.",
		source: source.Source{ID: ok.SourceID(group), Kind: source.OK, Channel: message.OK, Name: "Хакасия отвечает", Territory: Region, Own: true, Every: siteEvery, Key: "Группа в Одноклассниках"},
		secret: app + " " + token + " " + secret,
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := okfake.New(okfake.Options{Group: group, Name: n.Name, AppKey: app, Token: token, Secret: secret, Now: c.now, Snapshot: c.snapshot})
			return debates{f}, err
		},
		settings: func(n *Network) map[string]any {
			return map[string]any{"url": n.URL + "fb.do", "page": n.URL, "reread": "1m", "settle": "1s"}
		},
		open: func(s source.Source, key source.Key, in within) (source.Connection, error) {
			return ok.Open(s, key, ok.Options{HTTP: in.client, Limits: &ok.Limits{Off: true}, Now: in.now})
		},
	}
}

type debates struct{ *okfake.Fake }

func (d debates) say(back int, author, words string) error {
	list := d.Topics()
	if len(list) == 0 {
		return errNothing
	}
	_, err := d.Comment(list[min(back, len(list)-1)], "", d.Person(author), words)
	return err
}

func (d debates) post(words string) { d.Topic(0, words) }
