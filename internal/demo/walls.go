package demo

import "otklik/internal/source/vk/vkfake"

// A Wall is a community of the fake VK. The configuration names it.
type Wall struct {
	Network
	Fake *vkfake.Fake

	group     int64
	territory string // OKTMO that it speaks for
	official  bool   // a page of the region itself: every comment is addressed to us
}

func vkWalls() []*Wall {
	list := []*Wall{
		{Network: Network{Name: "Наш Абакан", path: "nash-abakan", home: "Абакан", About: "Городское сообщество: напишите комментарий от жителя, ответ встанет под ним."}, group: 1001, territory: "95701000"},
		{Network: Network{Name: "Хакасия на связи", path: "khakassia", About: "Официальная страница: каждый комментарий под записями обращён к центру."}, group: 1002, territory: Region, official: true},
	}
	for _, w := range list {
		w.Sort = "ВКонтакте"
		w.make = func(n *Network, c circumstances) (_ fake, err error) {
			w.Fake, err = vkfake.New(vkfake.Options{
				Group: w.group, Name: n.Name, Screen: n.path, ServiceToken: serviceToken, CommunityToken: communityToken, Now: c.now, Snapshot: c.snapshot,
			})
			return wall{w.Fake}, err
		}
	}
	return list
}

// wall is a wall as residents use it.
type wall struct{ *vkfake.Fake }

func (w wall) say(back int, author, words string) error {
	posts := w.Posts()
	if len(posts) == 0 {
		return errNothing
	}
	_, err := w.Comment(posts[min(back, len(posts)-1)], 0, w.Person(author), words)
	return err
}

func (w wall) post(words string) { w.Post(0, words) }
