package roster

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"otklik/internal/fault"
)

func badLink(sentence string) error {
	return fault.New(fault.Invalid, "the link names no source").At("link").Say(sentence)
}

var addresses = regexp.MustCompile(`(?i)\b(?:https?|tg|mailto):\S+`)

// pasted takes the one link out of what somebody pasted: with words around it, in quotes, or
// without its beginning.
func pasted(text string) (string, error) {
	text = strings.TrimSpace(text)
	found := addresses.FindAllString(text, -1)
	switch {
	case text == "":
		return "", badLink("Вставьте ссылку на сообщество, канал, ленту или сайт.")
	case len(slices.Compact(slices.Clone(found))) > 1:
		return "", badLink("Здесь несколько ссылок. Вставляйте по одной.")
	case len(found) > 0:
		text = found[0]
	}
	return strings.Trim(text, "«»„“”\"'<>()[],;…"), nil
}

// wrapped undoes what stands around a network's own links: a page of «you leave us», an
// address of a program.
func wrapped(u *url.URL) *url.URL {
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), "m.")
	to := ""
	switch {
	case u.Scheme == "tg" && u.Host == "resolve":
		to = "https://t.me/" + u.Query().Get("domain")
	case u.Scheme == "tg" && u.Host == "join":
		to = "https://t.me/+" + u.Query().Get("invite")
	case host == "web.telegram.org" && strings.HasPrefix(u.Fragment, "@"):
		to = "https://t.me/" + u.Fragment[1:]
	case (host == "vk.com" || host == "vk.ru") && u.Path == "/away.php":
		to = u.Query().Get("to")
	case host == "ok.ru" && strings.HasPrefix(u.Path, "/dk") && u.Query().Get("st.groupId") != "":
		to = "https://ok.ru/group/" + url.PathEscape(u.Query().Get("st.groupId"))
	}
	if in, err := url.Parse(to); to != "" && err == nil && in.Host != "" {
		return in
	}
	return u
}

// closedNets are networks that nothing of ours reads, by the end of their hosts.
var closedNets = map[string]string{
	"instagram.com": "Instagram", "facebook.com": "Facebook", "fb.com": "Facebook", "twitter.com": "X (Twitter)", "x.com": "X (Twitter)", "wa.me": "WhatsApp", "whatsapp.com": "WhatsApp",
	"viber.com": "Viber", "tiktok.com": "TikTok", "dzen.ru": "Дзен", "rutube.ru": "RUTUBE", "tenchat.ru": "TenChat",
}

// closedNet names a network that nothing of ours reads; "" for all else.
func closedNet(u *url.URL) string {
	host := "." + strings.ToLower(u.Hostname())
	for end, name := range closedNets {
		if strings.HasSuffix(host, "."+end) {
			return name
		}
	}
	return ""
}
