package web

import (
	"strings"
	"testing"
	"time"
)

// The corners of RFC 9309, and what Russian sites write beside it.
func TestRobots(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, allowed, barred string }{
		"the longest rule":                  {"User-agent: *\nAllow: /p\nDisallow: /", "/page /p", "/ /x"},
		"the longest rule, not the last":    {"User-agent: *\nAllow: /folder\nDisallow: /folder/", "/folder /folders", "/folder/ /folder/page"},
		"equal ones allow":                  {"User-agent: *\nDisallow: /page\nAllow: /page", "/page", ""},
		"a wildcard":                        {"User-agent: *\nAllow: /page\nDisallow: /*.htm", "/page", "/page.htm /a/b.html"},
		"an end":                            {"User-agent: *\nAllow: /$\nDisallow: /", "/", "/page.htm /?x"},
		"an end behind a wildcard":          {"User-agent: *\nDisallow: /*.php$", "/a.php?x /a.php5", "/a.php"},
		"a dollar in the middle":            {"User-agent: *\nDisallow: /a$b", "/a /ab", "/a$b"},
		"a query":                           {"User-agent: *\nDisallow: /*?print=", "/news", "/news?print=1"},
		"nothing is forbidden":              {"User-agent: *\nDisallow:", "/ /a", ""},
		"everything is":                     {"User-agent: *\nDisallow: /", "/robots.txt", "/ /a"},
		"a byte order mark":                 {"\xef\xbb\xbfUser-agent: *\nDisallow: /a", "/b", "/a"},
		"line ends of Windows":              {"User-agent: *\r\nDisallow: /a\r\nDisallow: /b\r\n", "/c", "/a /b"},
		"line ends of old Macs":             {"User-agent: *\rDisallow: /a\rDisallow: /b", "/c", "/a /b"},
		"blank lines within a group":        {"User-agent: *\n\nDisallow: /a\n\nDisallow: /b", "/c", "/a /b"},
		"capitals and blanks":               {"USER-AGENT : *\n  DISALLOW\t:\t/a  # why", "/b", "/a"},
		"paths tell capitals":               {"User-agent: *\nDisallow: /A", "/a", "/A"},
		"ours wins over all":                {"User-agent: *\nDisallow: /\n\nUser-agent: Otklik\nDisallow: /a", "/b", "/a"},
		"our groups are joined":             {"User-agent: otklik\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: OTKLIK\nDisallow: /b", "/c", "/a /b"},
		"several names, one group":          {"User-agent: x\nUser-agent: otklik\nDisallow: /a", "/b", "/a"},
		"several names, Host between":       {"User-agent: otklik\nHost: example.ru\nUser-agent: x\nDisallow: /a", "/b", "/a"},
		"a longer name is not ours":         {"User-agent: otklikbot\nDisallow: /", "/a", ""},
		"a name with a version":             {"User-agent: otklik/1.0\nDisallow: /a", "/b", "/a"},
		"a sitemap parts nothing":           {"User-agent: *\nDisallow: /a\nSitemap: https://x.example/s.xml\nDisallow: /b", "/c", "/a /b"},
		"rules before any name":             {"Disallow: /\nUser-agent: *\nDisallow: /a", "/b", "/a"},
		"Clean-param is no rule":            {"User-agent: *\nClean-param: ref /a\nDisallow: /b", "/a", "/b"},
		"a path in Russian":                 {"User-agent: *\nDisallow: /новости/", "/", "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1"},
		"a path in Russian, encoded":        {"User-agent: *\nDisallow: /%d0%bd%d0%be/", "/", "/%D0%BD%D0%BE/1 /но/1"},
		"codes of letters that need none":   {"User-agent: *\nDisallow: /~joe/%61", "/joe", "/%7Ejoe/a /~joe/a"},
		"a code that stands for a slash":    {"User-agent: *\nDisallow: /a%2fb", "/a/b", "/a%2Fb"},
		"many wildcards":                    {"User-agent: *\nDisallow: /" + strings.Repeat("*a", 240), "/" + strings.Repeat("a", 30), ""},
		"a page in place of it":             {"<!DOCTYPE html><html><body>404: Disallow</body></html>", "/a", ""},
		"signs of a regular expression":     {"User-agent: *\nDisallow: /(a|b)[c].+", "/a /acc", "/(a|b)[c].+"},
		"over the limit, the end is unread": {"User-agent: *\nDisallow: /a\n" + strings.Repeat("#\n", robotsLimit) + "Disallow: /b", "/b", "/a"},
	} {
		r := parseRobots([]byte(c.file))
		for _, p := range strings.Fields(c.allowed) {
			if !r.allows(p) {
				t.Errorf("%s: %s is barred", name, p)
			}
		}
		for _, p := range strings.Fields(c.barred) {
			if r.allows(p) {
				t.Errorf("%s: %s is allowed", name, p)
			}
		}
	}
	for file, want := range map[string]time.Duration{
		"User-agent: *\nCrawl-delay: 2.5": 2500 * time.Millisecond, "User-agent: *\nCrawl-delay: 2,5": 2500 * time.Millisecond, "User-agent: *\nCrawl-delay: 86400": longestWait,
		"User-agent: *\nCrawl-delay: -5": 0, "User-agent: *\nCrawl-delay: x": 0, "User-agent: *\nCrawl-delay: NaN": 0, "User-agent: x\nCrawl-delay: 9": 0, "User-agent: *\nCrawl-delay: 1e99": longestWait,
	} {
		if got := parseRobots([]byte(file)).wait; got != want {
			t.Errorf("%q waits %v, want %v", file, got, want)
		}
	}
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /%d0%ff"), "/a%zzb")
	f.Fuzz(func(t *testing.T, file []byte, path string) {
		r := parseRobots(file)
		r.allows(path)
		if !r.allows("/robots.txt") || r.wait < 0 || r.wait > longestWait {
			t.Error("robots.txt itself is barred, or the wait has no bound")
		}
		if once := octets(path); octets(once) != once {
			t.Errorf("octets(%q) = %q, which is written otherwise again", path, once)
		}
	})
}
