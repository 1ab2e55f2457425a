package pushtest

import (
	"testing"
	"time"
)

func decoded(t *testing.T, s string) []byte {
	t.Helper()
	b, err := b64.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 8188, 3.1.
func TestTheExampleOfTheEncodingOpens(t *testing.T) {
	t.Parallel()
	body := decoded(t, "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")
	got, err := unseal(body[21:], body[:16], decoded(t, "yqdlZ-tYemfogSmv7Ws5PQ"), 4096)
	if string(got) != "I am the walrus" || err != nil {
		t.Errorf("unseal = %q, %v", got, err)
	}
	body[30] ^= 1
	if got, err := unseal(body[21:], body[:16], decoded(t, "yqdlZ-tYemfogSmv7Ws5PQ"), 4096); err == nil {
		t.Errorf("a record that was changed opens as %q", got)
	}
}

// RFC 8292, 2.4.
func TestTheExampleOfATokenIsVerified(t *testing.T) {
	t.Parallel()
	const key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
	const token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0" +
		".i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA"
	end := time.Unix(1453523768, 0)
	got, err := Verify("vapid t="+token+", k="+key, key, "https://push.example.net", end.Add(-time.Hour))
	if err != nil || got.Subject != "mailto:push@example.com" {
		t.Fatalf("Verify = %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		header, key, service string
		now                  time.Time
	}{
		"too late":        {"vapid t=" + token + ", k=" + key, key, "https://push.example.net", end},
		"too long":        {"vapid t=" + token + ", k=" + key, key, "https://push.example.net", end.Add(-25 * time.Hour)},
		"another service": {"vapid t=" + token + ", k=" + key, key, "https://push.example.org", end.Add(-time.Hour)},
		"another key":     {"vapid t=" + token + ", k=" + key, key + "x", "https://push.example.net", end.Add(-time.Hour)},
		"a wrong letter":  {"vapid t=" + token[:len(token)-9] + "AAAAAAAAA, k=" + key, key, "https://push.example.net", end.Add(-time.Hour)},
	} {
		if _, err := Verify(c.header, c.key, c.service, c.now); err == nil {
			t.Errorf("%s is verified", name)
		}
	}
}
