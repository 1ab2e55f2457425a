package demo_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"otklik/internal/demo"
)

// A form is what a visitor sends to a fake: fields of a page, and words.
type form struct {
	page   string // below the network's page, where the words then stand; "" = the page itself
	action string
	fields url.Values
}

// TestEachNetworkBringsACommentAndShowsTheAnswer: whatever the network, what a visitor
// writes there becomes an incident, and the answer stands where it was written: by itself
// where the network lets us, else when a person has put it there.
func TestEachNetworkBringsACommentAndShowsTheAnswer(t *testing.T) {
	t.Parallel()
	d, v := start(t, demo.Options{Addr: "127.0.0.1:0", First: time.Hour})
	v.post("/signin", url.Values{"login": {"operator"}, "password": {demo.Password}})
	find := func(page, pattern string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("the page has no %s:\n%.3000s", pattern, page)
		}
		return m[1]
	}
	field := func(at, pattern, name, action string) form {
		return form{at, action, url.Values{name: {find(v.get(at), pattern)}}}
	}
	cases := map[string]struct {
		words, search string
		where         func(base string) form
		hand          url.Values // what a person adds to publish by hand; nil where the answer comes by itself
		proven        bool       // and the product finds it
	}{
		"telegram": {
			words: "На улице Генерала Тихонова 12 в Черногорске третий день не вывозят мусор, баки переполнены", search: "Тихонова баки переполнены вывозят",
			where: func(base string) form {
				return field(base+find(v.get(base), `href="(post\d+)"`), `name="post" value="(\d+)"`, "post", "comment")
			},
		},
		"max": {
			words: "Возле дома Крылова 91 в Абакане не горят фонари, вечером совсем темно", search: "Крылова фонари вечером совсем темно",
			where: func(base string) form {
				return field(base+find(v.get(base), `href="(c/[^"]+)"`), `name="post" value="([^"]+)"`, "post", "comment")
			},
		},
		"ok": {
			words: "В Аскизе на улице Ленина 20 с утра нет холодной воды, колонка тоже пустая", search: "Аскизе холодной колонка пустая",
			where: func(base string) form {
				return field(base+find(v.get(base), `href="(group/[^"]+)"`), `name="topic" value="(\d+)"`, "topic", "comment")
			},
			hand: url.Values{"group": {"1"}}, proven: true,
		},
		"telegram-channel": {
			words: "Помогите! В Саяногорске возле дома Металлургов 30 стая бездомных собак бросается на школьников. Отловите их!", search: "Металлургов стая бездомных школьников",
			where: func(base string) form { return form{base, "write", url.Values{"under": {"0"}}} },
			hand:  url.Values{"author": {"Центр управления регионом"}},
		},
		"news": {
			words: "На улице Пушкина 100 в Абакане прорвало трубу, вода заливает проезжую часть. Когда сделают?", search: "Пушкина прорвало заливает проезжую",
			where: func(base string) form {
				return field(base+find(v.get(base), `href="(article-\d+)"`), `name="article" value="(\d+)"`, "article", "comment")
			},
			hand: url.Values{"author": {"Центр управления регионом"}},
		},
		"vk-search": {
			words: "В Абакане на улице Щетинкина 40 второй день не работает светофор, перейти дорогу невозможно", search: "Щетинкина светофор перейти дорогу",
			where: func(base string) form { return form{base, "elsewhere", nil} },
			hand:  url.Values{"author": {"Центр управления регионом"}},
		},
		"forum": {
			words: "В Усть-Абакане на улице Рабочей 15 огромная яма, машины объезжают по тротуару", search: "Рабочей огромная объезжают тротуару",
			where: func(base string) form {
				return field(base+find(v.get(base), `href="(topic\.php\?t=\d+)"`), `name="t" value="(\d+)"`, "t", "write")
			},
			hand: url.Values{"author": {"Центр управления регионом"}},
		},
	}
	bases, forms := map[string]string{}, map[string]form{}
	for _, base := range d.Line().FakeNetworks {
		path := strings.Split(strings.Trim(base, "/"), "/")
		bases[path[len(path)-1]] = base
	}
	fair := v.get(d.Networks[0].URL[:strings.LastIndex(strings.TrimSuffix(d.Networks[0].URL, "/"), "/")+1])
	if home := v.get("/"); !strings.Contains(home, "Это демонстрация") {
		t.Error("the first page does not lead to the networks")
	}
	sources := v.get("/desk/sources")
	for _, n := range d.Networks {
		called := strings.HasSuffix(n.URL, "/portal/") // the configuration knows the sender by its short name
		if !strings.Contains(fair, n.Name) || !strings.Contains(sources, n.Name) && !called {
			t.Errorf("%s is missing on the page of networks or on that of sources", n.Name)
		}
	}
	send := func(base string, f form, text string, more url.Values) string {
		fields := url.Values{"text": {text}, "author": {"Гостья"}}
		for _, set := range []url.Values{f.fields, more} {
			for k, values := range set {
				fields[k] = values
			}
		}
		return v.post(base+f.action, fields)
	}
	for name, c := range cases {
		base := bases[name]
		if base == "" {
			t.Fatalf("%s is no fake network: %v", name, d.Line().FakeNetworks)
		}
		forms[name] = c.where(base)
		send(base, forms[name], c.words, nil)
	}
	if len(cases)+5 != len(bases) { // the mailbox, the other city and the portal are tried below
		t.Errorf("%d networks beside VK are tried of %d", len(cases), len(bases)-5)
	}
	for _, name := range []string{"telegram", "max"} { // the bots answer who begins to talk
		v.post(bases[name]+"say", url.Values{"author": {"Гостья"}, "start": {"1"}})
		await(t, name+": the bot's first words", func() (string, bool) {
			page := v.get(bases[name] + "bot?as=" + url.QueryEscape("Гостья"))
			return page, strings.Contains(page, `class="line own"`)
		})
	}
	for name, c := range cases {
		base, f := bases[name], forms[name]
		incident := queued(v, name+": the comment in the queue", c.search)
		page := v.get(incident)
		if !strings.Contains(page, "mark mark-place") {
			t.Errorf("%s: the incident's page shows no evidence of the place", name)
		}
		link := regexp.MustCompile(`href="(` + regexp.QuoteMeta(base) + `[^"]*)"`).FindStringSubmatch(page)
		if link == nil {
			t.Errorf("%s: no link leads from the incident to the network", name)
		} else if there := v.get(strings.ReplaceAll(link[1], "&amp;", "&")); !strings.Contains(utf8Of(there), c.words) {
			t.Errorf("%s: %s does not show what was written", name, link[1])
		}
		answer := "Здравствуйте! Работа сделана сегодня в 14:00, бригада была на месте. Обращение: " + name
		v.post(incident+"/answer", url.Values{"version": {find(page, `name="version" value="(\d+)"`)}, "text": {answer}, "purpose": {"final"}})
		if c.hand != nil {
			if name == "telegram-channel" {
				c.hand["under"] = []string{find(v.get(base), `name="under" value="([1-9]\d*)"`)}
			}
			send(base, f, answer, c.hand)
		}
		await(t, name+": the answer in the thread", func() (string, bool) {
			page := v.get(f.page)
			return page, strings.Contains(utf8Of(page), answer)
		})
		if c.proven {
			await(t, name+": the answer is found in the thread", func() (string, bool) {
				page := v.get(incident)
				return page, strings.Contains(page, "найден в ветке")
			})
		}
	}
}

// queued waits for an incident that the queue finds by these words, and returns its page.
func queued(v *visitor, what, words string) string {
	v.t.Helper()
	return await(v.t, what, func() (string, bool) {
		m := regexp.MustCompile(`data-id="(\d+)"`).FindStringSubmatch(v.get("/desk?q=" + url.QueryEscape(words)))
		if m == nil {
			return "", false
		}
		return "/desk/incidents/" + m[1], true
	})
}

// TestALetterInTheDemo: a visitor's letter becomes an incident, and the answer stands in the
// visitor's mailbox.
func TestALetterInTheDemo(t *testing.T) {
	t.Parallel()
	d, v := start(t, demo.Options{Addr: "127.0.0.1:0", First: time.Hour})
	v.post("/signin", url.Values{"login": {"operator"}, "password": {demo.Password}})
	list := d.Line().FakeNetworks
	base := list[len(list)-1]
	if !strings.HasSuffix(base, "/mail/") {
		t.Fatalf("the last network is %s", base)
	}
	v.post(base+"write", url.Values{"name": {"Гостья"}, "address": {"gost@pochta.example"}, "subject": {"Мусор"}, "text": {"В Абакане на улице Тельмана 88 неделю не вывозят мусор, баки переполнены"}})
	incident := queued(v, "the letter in the queue", "Тельмана баки переполнены вывозят")
	const answer = "Здравствуйте! Мусор вывезли сегодня в 14:00, бригада была на месте."
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(v.get(incident))
	v.post(incident+"/answer", url.Values{"version": {version[1]}, "text": {answer}, "purpose": {"final"}})
	await(t, "the answer in the mailbox", func() (string, bool) {
		page := v.get(base + "box?of=gost%40pochta.example")
		return page, strings.Contains(page, answer)
	})
}

// TestTheOtherCityInTheDemo: a visitor hands an incident to the other city, closes it there,
// and its answer waits on the incident; what a visitor reports there comes in.
func TestTheOtherCityInTheDemo(t *testing.T) {
	t.Parallel()
	d, v := start(t, demo.Options{Addr: "127.0.0.1:0", First: time.Hour})
	v.post("/signin", url.Values{"login": {"operator"}, "password": {demo.Password}})
	city := ""
	for _, base := range d.Line().FakeNetworks {
		if strings.HasSuffix(base, "/zarechny/") {
			city = base
		}
	}
	v.post(city, url.Values{"text": {"У моста через протоку в Абакане на улице Тельмана 77 провалился асфальт, машины объезжают по встречной"}})
	incident := queued(v, "the request in the queue", "Тельмана провалился асфальт встречной")
	form := v.get(incident + "/city?service=015")
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(form)
	if version == nil || !strings.Contains(form, "Где яма") {
		t.Fatalf("the form of the city: %.2000s", form)
	}
	v.post(incident+"/city", url.Values{"version": {version[1]}, "service": {"015"}, "words": {"masked"}, "text": {"У моста провалился асфальт"}, "address": {"Абакан, улица Тельмана, 77"}, "a:WHERE": {"road"}})
	number := await(t, "the request in the city", func() (string, bool) {
		m := regexp.MustCompile(`(?s)<h3>№ (\d+) · открыто</h3>\s*<p class="by">Ямы на дорогах`).FindStringSubmatch(v.get(city))
		if m == nil {
			return "", false
		}
		return m[1], true
	})
	await(t, "its number on the incident", func() (string, bool) {
		page := v.get(incident)
		return page, strings.Contains(page, "Город Заречный: принято городом") && strings.Contains(page, number)
	})
	const answer = "Провал у моста на улице Тельмана засыпали щебнем, асфальт уложим до 5 декабря."
	v.post(city, url.Values{"close": {number}, "notes": {answer}})
	await(t, "the city's answer on the incident", func() (string, bool) {
		page := v.get(incident)
		return page, strings.Contains(page, "на согласовании") && strings.Contains(page, "Провал у моста") && strings.Contains(page, "город закрыл")
	})
}

// TestTheOtherProgramInTheDemo: what a visitor writes in somebody else's program comes in by
// a signed call, the program hears of the incident, and publishes the answer.
func TestTheOtherProgramInTheDemo(t *testing.T) {
	t.Parallel()
	d, v := start(t, demo.Options{Addr: "127.0.0.1:0", First: time.Hour})
	v.post("/signin", url.Values{"login": {"operator"}, "password": {demo.Password}})
	portal := ""
	for _, base := range d.Line().FakeNetworks {
		if strings.HasSuffix(base, "/portal/") {
			portal = base
		}
	}
	v.post(portal+"write", url.Values{"name": {"Гостья"}, "text": {"В Абакане на улице Тельмана 66 прорвало трубу, вода заливает двор и тротуар"}})
	incident := queued(v, "the message in the queue", "Тельмана прорвало трубу заливает тротуар")
	await(t, "the call that an incident was opened", func() (string, bool) {
		page := v.get(portal)
		return page, strings.Contains(page, "incident.opened") && strings.Contains(page, "подпись верна") && strings.Contains(page, "Инцидент №")
	})
	const answer = "Здравствуйте! Трубу на Тельмана, 66 заменили сегодня в 15:00, воду со двора откачали."
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(v.get(incident))
	v.post(incident+"/answer", url.Values{"version": {version[1]}, "text": {answer}, "purpose": {"final"}})
	await(t, "the answer in the program", func() (string, bool) {
		page := v.get(portal)
		return page, strings.Contains(page, answer)
	})
	await(t, "the answer is published for the centre, too", func() (string, bool) {
		page := v.get(incident)
		return page, strings.Contains(page, "опубликован")
	})
}

// utf8Of returns a page as UTF-8: the forum writes windows-1251.
func utf8Of(page string) string {
	if !strings.Contains(page, `charset="windows-1251"`) {
		return page
	}
	s, err := charmap.Windows1251.NewDecoder().String(page)
	if err != nil {
		return page
	}
	return s
}
