package demo

import (
	"net/http"

	"otklik/internal/message"
	"otklik/internal/source"
	"otklik/internal/source/vk/vkfake"
)

// peoplePages are what people of VK write on their own pages, where no wall is read: a search by
// words finds it. They have no part in the history: who writes there are visitors.
func peoplePages() *Network {
	const token = "demo-search"
	return &Network{
		Name: "Записи людей", Sort: "ВКонтакте, поиск по словам", path: "vk-search",
		About: "Напишите запись на своей странице, как житель: её не читает никто, но поиск находит слова «Абакан», «Черногорск» или «Саяногорск» в любой форме. Ответить там от имени центра нельзя, поэтому ответ дают вручную.",
		source: source.Source{
			ID: string(source.VKSearch) + ":demo", Kind: source.VKSearch, Channel: message.VK, Name: "Записи людей: поиск ВКонтакте", Territory: Region, Every: pollEvery, Key: "Ключ поиска ВКонтакте",
		},
		secret: token,
		make: func(n *Network, c circumstances) (fake, error) {
			f, err := vkfake.New(vkfake.Options{Group: 1003, Name: n.Name, Screen: n.path, ServiceToken: token, Now: c.now, Snapshot: c.snapshot})
			return pagesOf{f}, err
		},
		settings: func(*Network) map[string]any {
			return map[string]any{"queries": []string{"Абакан", "Черногорск", "Саяногорск"}}
		},
	}
}

// pagesOf are people's pages as residents use them.
type pagesOf struct{ *vkfake.Fake }

func (p pagesOf) say(_ int, author, words string) error {
	p.Elsewhere(p.Person(author), "", words, p.Now())
	return nil
}

func (pagesOf) post(string) {} // what people write there answers nobody

// ServeHTTP shows the people's posts first.
func (p pagesOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		r = r.Clone(r.Context())
		r.URL.Path = "/elsewhere"
	}
	p.Fake.ServeHTTP(w, r)
}
