package demo

import (
	"fmt"
	"html"
	"net/http"
	"strings"
)

const fairHead = `<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Учебные сети — демо Отклика</title>
<style>
body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:light-dark(#f3f5f7,#15191d);color:light-dark(#1c2227,#e6eaee)}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.1rem;margin:0}
ul{list-style:none;padding:0;margin:1.5rem 0;display:grid;gap:.75rem}
li{background:light-dark(#fff,#1f252b);border:1px solid light-dark(#d7dde2,#353d45);border-radius:.6rem;padding:.9rem 1rem}
p{margin:.35rem 0 0}
.sort{color:light-dark(#55606a,#a6b1bb)}
a{color:light-dark(#0b57a4,#8ec5ff)}
a:focus-visible{outline:3px solid currentcolor;outline-offset:2px}
</style>
</head>
<body>
<main>
`

// fair is the page that names all networks.
func (d *Demo) fair(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	esc := html.EscapeString
	b.WriteString(fairHead)
	fmt.Fprintf(&b, `<h1>Учебные сети</h1>
<p>Здесь пишут вымышленные жители, и можете написать вы: с адресом, как пишут в жизни. Через несколько секунд сообщение придёт <a href="%s/desk">в очередь</a>, а ответ встанет под ним. Всё остаётся на этом компьютере.</p>
<ul>
`, esc(d.Address()))
	for _, n := range d.Networks {
		fmt.Fprintf(&b, `<li><h2><a href="%s/">%s</a></h2><p class="sort">%s</p><p>%s</p></li>
`, esc(n.path), esc(n.Name), esc(n.Sort), esc(n.About))
	}
	fmt.Fprintf(&b, `</ul>
<p>Ещё: <a href="%s/signin">рабочее место</a> · <a href="%s/">страница для жителей</a></p>
</main>
</body>
</html>
`, esc(d.Address()), esc(d.Address()))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(b.String()))
}
