package web

import (
	"bufio"
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Bounds of a robots.txt.
const (
	robotsLimit = 512 << 10 // bytes; RFC 9309 asks for at least 500 KiB
	longestWait = time.Minute
)

// robots is what a site asks of us (RFC 9309, and Crawl-delay, which it lacks).
type robots struct {
	rules    []rule
	wait     time.Duration // between two requests
	Sitemaps []string
}

// A rule allows or forbids addresses that begin like its path.
type rule struct {
	allow bool
	size  int // of the path as written: the longest wins
	match *regexp.Regexp
}

// parseRobots reads the groups that name us, or else those for everybody.
func parseRobots(b []byte) *robots {
	if len(b) > robotsLimit {
		b = b[:robotsLimit]
	}
	ours, all, out := &robots{}, &robots{}, &robots{}
	named, here, agents := false, []*robots(nil), false // the groups that the lines belong to; the line before was a user-agent
	b = bytes.ReplaceAll(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), []byte("\r"), []byte("\n"))
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, robotsLimit)
	for lines.Scan() {
		text, _, _ := strings.Cut(lines.Text(), "#")
		key, value, ok := strings.Cut(text, ":")
		if !ok {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		if key == "user-agent" {
			if !agents {
				here = nil
			}
			agents = true
			switch agent := strings.ToLower(value); {
			case agent == "*":
				here = append(here, all)
			case strings.HasPrefix(agent, agentToken) && strings.TrimLeft(agent[len(agentToken):], "abcdefghijklmnopqrstuvwxyz_-") == agent[len(agentToken):]: // «otklik/2», not «otklikbot»
				named, here = true, append(here, ours)
			}
			continue
		}
		if key == "sitemap" {
			out.Sitemaps = append(out.Sitemaps, value)
			continue
		}
		if key != "allow" && key != "disallow" && key != "crawl-delay" { // «Host:», «Clean-param:» part no group
			continue
		}
		agents = false
		for _, g := range here {
			g.take(key, value)
		}
	}
	if named {
		out.rules, out.wait = ours.rules, ours.wait
	} else {
		out.rules, out.wait = all.rules, all.wait
	}
	return out
}

func (r *robots) take(key, value string) {
	switch key {
	case "allow", "disallow":
		if value == "" || len(r.rules) >= 2000 || len(value) > 500 {
			return
		}
		value = octets(value)
		pattern, end := strings.CutSuffix(value, "$")
		parts := strings.Split(pattern, "*")
		for k := range parts {
			parts[k] = regexp.QuoteMeta(parts[k])
		}
		exp := "^" + strings.Join(parts, ".*")
		if end {
			exp += "$"
		}
		if match, err := regexp.Compile(exp); err == nil {
			r.rules = append(r.rules, rule{allow: key == "allow", size: len(value), match: match})
		}
	case "crawl-delay":
		if s, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); err == nil && s > 0 {
			r.wait = min(time.Duration(min(s, 3600)*float64(time.Second)), longestWait)
		}
	}
}

// allows reports whether an address (path and query) may be read: the longest
// rule that fits decides, and of two equal ones the one that allows.
func (r *robots) allows(path string) bool {
	if path == "/robots.txt" {
		return true
	}
	path = octets(path)
	best, allow := -1, true
	for _, x := range r.rules {
		if (x.size > best || x.size == best && x.allow) && x.match.MatchString(path) {
			best, allow = x.size, x.allow
		}
	}
	return allow
}

// octets writes an address as RFC 9309 compares it: letters beyond ASCII are encoded, those of
// ASCII that need no code are not.
func octets(path string) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(path); i++ {
		c, coded := path[i], false
		if c == '%' && i+2 < len(path) {
			if n, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				c, coded = byte(n), true
				i += 2
			}
		}
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
		if c > '~' || c <= ' ' || coded && !plain {
			out.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}
