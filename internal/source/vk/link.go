package vk

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"otklik/internal/fault"
)

var pasted = regexp.MustCompile(`^(wall|topic|photo|video|market)(-?\d{1,18})_(\d{1,18})(?:_r(\d{1,18}))?$`)

// ParseLink takes apart a link to a post or comment as people copy it, or a native id. thread
// is the first level comment that an answer stands under, 0 where the link tells none. pages
// are beginnings of other links that are VK's too: those of a fake network.
func ParseLink(link string, pages ...string) (ref Ref, thread int64, err error) {
	bad := func(what, sentence string) (Ref, int64, error) {
		return Ref{}, 0, fault.New(fault.Invalid, "vk: %s", what).At("link").Say(sentence)
	}
	link = strings.TrimSpace(link)
	if link == "" {
		return bad("no link", "Вставьте ссылку на запись или комментарий ВКонтакте.")
	}
	for _, p := range pages {
		if rest, is := strings.CutPrefix(link, p); is && p != "" {
			link = Page + rest
		}
	}
	name, query := link, url.Values{}
	if !pasted.MatchString(link) {
		if !strings.Contains(link, "://") {
			link = "https://" + link
		}
		u, err := url.Parse(link)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
			return bad("the link is no address", "Это не адрес страницы. Скопируйте ссылку на запись или комментарий, например https://vk.com/wall-123_45.")
		}
		if !ours(u) {
			return bad("the link is of another network", "Это ссылка не на ВКонтакте. Ответить можно только про записи и комментарии ВКонтакте.")
		}
		query = u.Query()
		if name = strings.Trim(u.Path, "/"); query.Get("w") != "" { // a post that was opened over its wall
			var inner string
			name, inner, _ = strings.Cut(query.Get("w"), "?")
			if more, err := url.ParseQuery(inner); err == nil && inner != "" {
				query = more
			}
		}
	}
	m := pasted.FindStringSubmatch(name)
	if m == nil {
		return bad("the link names no post", "Это ссылка не на запись и не на комментарий. Нажмите в сети на время под записью или комментарием и скопируйте адрес.")
	}
	ref.Place = m[1]
	ref.Owner, _ = strconv.ParseInt(m[2], 10, 64)
	ref.Item, _ = strconv.ParseInt(m[3], 10, 64)
	comment := m[4]
	for _, key := range []string{"reply", "post"} {
		if comment == "" && (key == "reply") == (ref.Place != "topic") {
			comment = query.Get(key)
		}
	}
	for _, n := range []struct {
		text string
		to   *int64
	}{{comment, &ref.Comment}, {query.Get("thread"), &thread}} {
		if n.text == "" {
			continue
		}
		if *n.to, err = strconv.ParseInt(n.text, 10, 64); err != nil || *n.to <= 0 {
			return bad("the link's comment is no number", "Номер комментария в ссылке не читается: скопируйте её ещё раз.")
		}
	}
	return ref, thread, nil
}

// ours reports whether an address is of VK, or of the page that links to it.
func ours(u *url.URL) bool {
	switch strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."), "m.") {
	case "vk.com", "vk.ru", "vkontakte.ru":
		return true
	}
	return false
}
