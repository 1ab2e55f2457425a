package markup_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"otklik/internal/source/markup"
)

// What every page below says in its lead and its paragraphs, and what stands around them.
const (
	lead  = "Жители трёх домов на улице Лесной второй месяц ходят в темноте."
	one   = "Фонари у домов 5, 7 и 9 погасли в начале января, и с тех пор, по словам жителей, к ним никто не приезжал."
	two   = "Управляющая компания отвечает, что сети ей не принадлежат, а в администрации говорят, что заявку передали подрядчику."
	three = "«Дети идут из школы, когда уже темно, и мы встречаем их с фонариками», — рассказала жительница дома 7."
	noise = "ШУМ"
)

var body = "<p>" + one + "</p><p>" + two + "</p><p>" + three + "</p>"

// around is what a site puts on each of its pages.
func around(main string) string {
	return `<!DOCTYPE html><html><head><title>Темно — Вести</title><meta property="og:title" content="На Лесной темно"></head><body>
<header class="site-header"><a href="/">ШУМ Вести</a><nav><ul><li><a href="/a">ШУМ Новости</a></li><li><a href="/b">ШУМ Спорт</a></li></ul></nav></header>` + main + `
<footer>ШУМ Свидетельство о регистрации СМИ, телефон редакции, адрес, перепечатка только со ссылкой на сайт, все права защищены.</footer></body></html>`
}

// The readable part of pages of twenty shapes is the article: its lead and paragraphs, and
// nothing of what stands around.
func TestShapesOfArticles(t *testing.T) {
	t.Parallel()
	related := `<div class="related"><h3>ШУМ Читайте также</h3><ul><li><a href="/1">ШУМ Ещё одна новость о другом</a></li><li><a href="/2">ШУМ И третья новость</a></li></ul></div>`
	comments := `<div class="comments"><h3>ШУМ Комментарии (2)</h3><div class="comment"><b>ШУМ Анна</b><p>ШУМ Давно пора, сколько можно ждать, пишем второй месяц, и никто, никто не отвечает!</p></div><div class="comment"><p>ШУМ Поддерживаю соседку, у нас на Мира то же самое, темно, скользко, страшно.</p></div></div>`
	ads := `<div class="banner-ad"><a href="/x">ШУМ Скидки на окна</a><p>ШУМ Только до конца месяца, звоните, пишите, приходите, окна, двери, балконы.</p></div>`
	for name, page := range map[string]string{
		"marked by the page":         `<article itemscope><h1>На Лесной темно</h1><div itemprop="articleBody"><p>` + lead + `</p>` + body + `</div>` + related + comments + `</article>`,
		"article":                    `<main><article><h1>На Лесной темно</h1><p class="lead">` + lead + `</p>` + body + related + `</article>` + comments + `</main>`,
		"divs with classes":          `<div class="content"><div class="news-detail"><h1>На Лесной темно</h1><div class="news-text"><p>` + lead + `</p>` + body + `</div></div>` + related + comments + `</div>`,
		"the lead in a div before":   `<div class="article"><h1>На Лесной темно</h1><div class="article__lead">` + lead + `</div><div class="article__body">` + body + `</div></div>`,
		"the lead in bold":           `<div class="post"><h1>На Лесной темно</h1><p><strong>` + lead + `</strong></p>` + body + comments + `</div>`,
		"divs for paragraphs":        `<div class="story"><div>` + lead + `</div><div>` + one + `</div><div>` + two + `</div><div>` + three + `</div></div>` + related,
		"line breaks":                `<div class="news_text">` + lead + `<br><br>` + one + `<br><br>` + two + `<br><br>` + three + `</div>` + related + comments,
		"spans in one paragraph":     `<div id="text"><p><span>` + lead + `</span> <span>` + one + `</span></p><p><span>` + two + `</span></p><p><span>` + three + `</span></p></div>`,
		"a table of the old days":    `<table><tr><td class="menu"><a href="/1">ШУМ Меню</a><br><a href="/2">ШУМ Погода</a></td><td><p>` + lead + `</p>` + body + `</td><td class="right_banner">ШУМ Реклама, окна, двери, балконы, ремонт, недорого, звоните</td></tr></table>`,
		"byline and date within":     `<article><h1>На Лесной темно</h1><div class="author-widget">ШУМ Иван Репортёров</div><time datetime="2026-02-03T10:05:00+07:00">ШУМ 3 февраля</time><p>` + lead + `</p>` + body + `</article>`,
		"advertising in the middle":  `<article><p>` + lead + `</p><p>` + one + `</p>` + ads + `<p>` + two + `</p>` + ads + `<p>` + three + `</p></article>`,
		"related in the middle":      `<div class="article-content"><p>` + lead + `</p><p>` + one + `</p><div class="inline-related"><a href="/1">ШУМ Читайте также: другая новость о другом дворе</a></div><p>` + two + `</p><p>` + three + `</p></div>`,
		"a long talk below":          `<div id="content"><div class="entry-content"><p>` + lead + `</p>` + body + `</div></div><div id="comments" class="comments-area"><ol>` + strings.Repeat(`<li class="comment"><p>ШУМ Длинный комментарий соседа, в котором много слов, запятых, обид, и ещё больше слов, чем в самой статье.</p></li>`, 30) + `</ol></div>`,
		"a long list beside":         `<div class="layout"><div class="text-block"><p>` + lead + `</p>` + body + `</div><aside>` + strings.Repeat(`<div class="item"><a href="/n">ШУМ Заголовок другой новости</a><p>ШУМ Её начало, две строки, не больше, чтобы её открыли.</p></div>`, 30) + `</aside></div>`,
		"share buttons and tags":     `<article><div class="share-buttons">ШУМ Поделиться</div><p>` + lead + `</p>` + body + `<div class="tags"><a href="/t">ШУМ освещение</a></div><div class="subscribe">ШУМ Подпишитесь на наш канал, чтобы первыми узнавать новости, фото, видео.</div></article>`,
		"a picture with words":       `<article><figure><img src="a.jpg" alt="ШУМ"><figcaption>ШУМ Фото: Иван Репортёров, редакция, архив</figcaption></figure><p>` + lead + `</p>` + body + `</article>`,
		"a quote within":             `<article><p>` + lead + `</p><p>` + one + `</p><p>` + two + `</p><blockquote><p>` + three + `</p></blockquote></article>`,
		"a builder's soup":           `<div class="t-rec"><div class="t-col"><div class="t-text" field="text"><p>` + lead + `</p>` + body + `</div></div></div><div class="t-rec"><div class="t-menu">ШУМ <a href="/">Главная</a></div></div>`,
		"a note about cookies":       `<div class="cookie-notice"><p>ШУМ Мы используем файлы cookie, чтобы сайт работал лучше, продолжая, вы соглашаетесь, что прочли политику, условия, правила.</p></div><main><p>` + lead + `</p>` + body + `</main>`,
		"broken markup":              `<div class="news-item><div class="x"><div class="news_body"><p>` + lead + `<p>` + one + `<p>` + two + `</div><p>` + three + `</b></i></span>`,
		"words that are not shown":   `<article><p style="display: none">ШУМ спрятано для поиска, окна, двери, балконы</p><p>` + lead + `</p>` + body + `<div hidden>ШУМ</div></article>`,
		"the next articles, endless": `<div class="feed"><article class="post"><h1>На Лесной темно</h1><div class="post-text"><p>` + lead + `</p>` + body + `</div></article><article class="post"><h2>ШУМ Другая новость</h2><div class="post-text"><p>ШУМ Короткая вторая новость, о другом.</p></div></article></div>`,
	} {
		doc, err := html.Parse(strings.NewReader(around(page)))
		if err != nil {
			t.Fatal(err)
		}
		art := markup.Read(doc, nil)
		for _, want := range []string{lead, one, two, three} {
			if !strings.Contains(art.Text, want) {
				t.Errorf("%s: «%.40s…» is missing in\n%.900s", name, want, art.Text)
			}
		}
		if strings.Contains(art.Text, noise) {
			t.Errorf("%s: noise in\n%.900s", name, art.Text)
		}
		if art.Title != "На Лесной темно" {
			t.Errorf("%s: title %q", name, art.Title)
		}
	}
}
