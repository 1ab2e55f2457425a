package mail

import (
	"regexp"
	"strconv"
	"strings"
)

var extendedParam = regexp.MustCompile(`(?i)(?:^|;)\s*([a-z]+)\*(?:(\d{1,2})(\*)?)?\s*=\s*("[^"]*"|[^;]*)`)

// extended reads a parameter that comes encoded or in pieces (RFC 2231): «filename*=», or
// «filename*0*=» and on. The standard library knows it in UTF-8 only, and Outlook writes
// windows-1251.
func extended(value, name string) string {
	var pieces [20]string
	var coded [20]bool
	for _, m := range extendedParam.FindAllStringSubmatch(value, 40) {
		k := 0
		if m[2] != "" {
			k, _ = strconv.Atoi(m[2])
		}
		if strings.EqualFold(m[1], name) && k < len(pieces) && pieces[k] == "" {
			pieces[k], coded[k] = strings.Trim(strings.TrimSpace(m[4]), `"`), m[2] == "" || m[3] != ""
		}
	}
	if pieces[0] == "" {
		return ""
	}
	charset := ""
	if parts := strings.SplitN(pieces[0], "'", 3); coded[0] && len(parts) == 3 {
		charset, pieces[0] = parts[0], parts[2]
	}
	var out []byte
	for k, p := range pieces {
		if p == "" {
			break
		}
		if !coded[k] {
			out = append(out, p...)
			continue
		}
		for i := 0; i < len(p); i++ {
			if p[i] == '%' && i+2 < len(p) {
				if n, err := strconv.ParseUint(p[i+1:i+3], 16, 8); err == nil {
					out = append(out, byte(n))
					i += 2
					continue
				}
			}
			out = append(out, p[i])
		}
	}
	return decode(out, charset)
}
