package config

import (
	"encoding/base64"
	"strings"
	"testing"

	"otklik/internal/fault"
)

func TestPushNamesWhomToWriteTo(t *testing.T) {
	t.Setenv("OTKLIK_TEST_PUSH_KEY", base64.RawURLEncoding.EncodeToString(make([]byte, 32)))
	valid := func(p *Push) error {
		c := Config{Region: "95000000", Store: "otklik.db", Push: p}
		return c.Validate()
	}
	for _, good := range []*Push{nil, {Subject: "mailto:otklik@example.ru"}, {Subject: "mailto:otklik@example.ru", Key: "env:OTKLIK_TEST_PUSH_KEY"}} {
		if err := valid(good); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for field, list := range map[string][]Push{
		"push.subject": {{}, {Subject: "otklik@example.ru"}, {Subject: "mailto:"}, {Subject: "mailto:Отклик <a@b.ru>"}, {Subject: "https://example.ru"}},
		"push.key":     {{Subject: "mailto:a@b.ru", Key: "env:OTKLIK_TEST_NOTHING"}, {Subject: "mailto:a@b.ru", Key: "короткий"}, {Subject: "mailto:a@b.ru", Key: "AAAA"}},
	} {
		for _, bad := range list {
			if err := valid(&bad); !fault.Is(err, fault.Invalid) || !strings.HasPrefix(err.Error(), field) || fault.Hint(err) == "" {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	}
}
