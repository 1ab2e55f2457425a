package rig

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"otklik/internal/config"
)

// Portal is the configuration of a centre whose residents report from addresses that
// ReportRequest makes up: a proxy before it names them.
func Portal(c *config.Config) { c.Proxy = &config.Proxy{Trusted: []string{"127.0.0.1"}} }

// ReportRequest returns the last step of the residents' form, as the visitor number k sends it.
// The same key is the same form.
func ReportRequest(ctx context.Context, base, key, text string, k int) (*http.Request, error) {
	return formRequest(ctx, base, url.Values{"go": {"file"}, "key": {key}, "text": {text}}, k)
}

// FormKey returns a key of a form, the same for the same name.
func FormKey(name string) string {
	return fmt.Sprintf("%026s", strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return 'x'
	}, name))
}

var (
	filedNumber = regexp.MustCompile(`Номер (\d{3}-\d{3}-\d{2})`)
	filedLink   = regexp.MustCompile(`href="(/f/[a-z0-9]+)"`)
)

// Report sends the form and returns number and link of the page that answers.
func Report(ctx context.Context, client *http.Client, base, key, text string, k int) (number, link string, err error) {
	r, err := ReportRequest(ctx, base, key, text, k)
	if err != nil {
		return "", "", err
	}
	res, err := client.Do(r)
	if err != nil {
		return "", "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", "", err
	}
	n, l := filedNumber.FindSubmatch(body), filedLink.FindSubmatch(body)
	if res.StatusCode != http.StatusOK || n == nil || l == nil {
		return "", "", fmt.Errorf("a report was answered by %s without a number", res.Status)
	}
	return string(n[1]), string(l[1]), nil
}
