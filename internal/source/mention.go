package source

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"otklik/internal/scope"
)

// A Mention is a community or a channel that messages link to.
type Mention struct {
	Link    string // as Mentions writes it
	Count   int    // messages
	Example string // where one of them stands; may be empty
	First   time.Time
	Last    time.Time
	Never   bool // somebody said that it is not to be proposed
	Place   scope.Place
}

var mentioned = regexp.MustCompile(`(?i)(?:^|[^\w.@/-])(?:https?://)?(?:www\.|m\.)?(vk\.com|vk\.ru|t\.me|telegram\.me|ok\.ru|max\.ru)/([\w.@/+-]{2,80})`)

// Mentions returns the communities and channels that a text links to, each once: never a
// page of a person as far as its address tells, nor an invitation into a closed chat.
func Mentions(text string) (list []string) {
	if !strings.Contains(text, "/") {
		return nil
	}
	for _, m := range mentioned.FindAllStringSubmatch(text, 50) {
		if link := community(strings.ToLower(m[1]), strings.Trim(m[2], "/.")); link != "" && !slices.Contains(list, link) {
			list = append(list, link)
		}
	}
	return list
}

var (
	vkPage   = regexp.MustCompile(`^(?:club|public|event)(\d{1,18})$`)
	vkThing  = regexp.MustCompile(`^(?:wall|photo|video|topic|album|clip|market|doc)-(\d{1,18})(?:_.*)?$`)
	vkOther  = regexp.MustCompile(`^(?:id\d+|(?:wall|photo|video|topic|album|clip|market|doc|audio|audios|videos|albums|write|im|gim|app)-?\d+.*)$`)
	nameLike = regexp.MustCompile(`^[a-z][a-z0-9_.]{2,63}$`)
)

// reserved are first parts of addresses that are no community.
var reserved = []string{"feed", "away", "away.php", "share", "share.php", "search", "groups", "friends", "login", "settings", "support", "terms", "help", "video", "music", "im", "joinchat",
	"addstickers", "proxy", "socks", "iv", "dk", "profile", "game", "games", "online", "messages", "gifts", "app", "apps", "wall.php", "widget_like.php", "clips", "market", "audio", "stickers", "press", "dev", "jobs"}

func community(host, path string) string {
	parts := strings.Split(strings.ToLower(path), "/")
	name := parts[0]
	switch host {
	case "vk.com", "vk.ru":
		for _, exp := range []*regexp.Regexp{vkPage, vkThing} {
			if m := exp.FindStringSubmatch(name); m != nil {
				return "https://vk.com/club" + m[1]
			}
		}
		if vkOther.MatchString(name) || slices.Contains(reserved, name) || !nameLike.MatchString(name) {
			return ""
		}
		return "https://vk.com/" + name
	case "t.me", "telegram.me":
		if name == "s" && len(parts) > 1 {
			name = parts[1]
		}
		if len(name) < 5 || strings.HasSuffix(name, "bot") || strings.Contains(name, ".") || slices.Contains(reserved, name) || !nameLike.MatchString(name) {
			return ""
		}
		return "https://t.me/" + name
	case "ok.ru":
		if name == "group" && len(parts) > 1 && strings.Trim(parts[1], "0123456789") == "" && parts[1] != "" {
			return "https://ok.ru/group/" + parts[1]
		}
		if name == "group" || slices.Contains(reserved, name) || !nameLike.MatchString(name) {
			return ""
		}
		return "https://ok.ru/" + name
	case "max.ru":
		if name == "join" || name == "u" || slices.Contains(reserved, name) || strings.HasSuffix(name, "bot") || !nameLike.MatchString(name) {
			return ""
		}
		return "https://max.ru/" + name
	}
	return ""
}

// MentionOf returns the address of a source as Mentions would write it, "" for others.
func MentionOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if list := Mentions(u.Host + u.Path); len(list) > 0 {
		return list[0]
	}
	return ""
}
