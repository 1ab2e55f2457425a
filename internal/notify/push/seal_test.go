package push

import (
	"bytes"
	"crypto/ecdh"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"otklik/internal/notify"
	"otklik/internal/notify/push/pushtest"
)

func raw(t *testing.T, s string) []byte {
	t.Helper()
	b, err := b64.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 8291, 5 and appendix A.
const (
	rfcOwn     = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
	rfcBrowser = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	rfcPrivate = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
	rfcAuth    = "BTBZMqHH6r4Tts7J_aSIgg"
	rfcSalt    = "DGv6ra1nlYgDCS1FRnbzlw"
	rfcPlain   = "When I grow up, I want to be a watermelon"
	rfcSealed  = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

func TestTheExampleOfTheStandardIsSealed(t *testing.T) {
	t.Parallel()
	own, err := ecdh.P256().NewPrivateKey(raw(t, rfcOwn))
	if err != nil {
		t.Fatal(err)
	}
	got, err := sealWith([]byte(rfcPlain), raw(t, rfcBrowser), raw(t, rfcAuth), own, raw(t, rfcSalt), 0)
	if err != nil || b64.EncodeToString(got) != rfcSealed {
		t.Errorf("sealWith = %s, %v", b64.EncodeToString(got), err)
	}
}

func TestOnlyTheBrowserOpensIt(t *testing.T) {
	t.Parallel()
	private, err := ecdh.P256().NewPrivateKey(raw(t, rfcPrivate))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := ecdh.P256().NewPrivateKey(raw(t, other.Secret()))
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[int]bool{}
	for _, n := range []int{0, 1, 255, 256, 257, mostPlain - 1, mostPlain} {
		plain := []byte(strings.Repeat("x", n))
		sealed, err := seal(plain, raw(t, rfcBrowser), raw(t, rfcAuth))
		if err != nil || len(sealed) > recordSize {
			t.Fatalf("seal(%d bytes) = %d bytes, %v", n, len(sealed), err)
		}
		sizes[len(sealed)] = true
		if got, err := pushtest.Open(sealed, private, rfcAuth); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes open as %d, %v", n, len(got), err)
		}
		if _, err := pushtest.Open(sealed, stranger, rfcAuth); err == nil {
			t.Errorf("a stranger opens %d bytes", n)
		}
	}
	if len(sizes) != 4 { // 0; 1 to 256; 257; the last two
		t.Errorf("lengths tell %v", sizes)
	}
	if _, err := seal(make([]byte, mostPlain+1), raw(t, rfcBrowser), raw(t, rfcAuth)); err == nil {
		t.Error("what does not fit is sealed")
	}
}

func TestAKeyIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseKey(k.Secret()); err != nil || got.Public() != k.Public() || len(raw(t, k.Public())) != 65 {
		t.Errorf("ParseKey(Secret) = %v", err)
	}
	for _, bad := range []string{"", "нет", "AAAA", strings.Repeat("A", 43), k.Public()} {
		if _, err := ParseKey(bad); err == nil {
			t.Errorf("ParseKey(%q) is a key", bad)
		}
	}
}

// A name may lead anywhere: what it resolves to is looked at when it is dialled.
func TestNoInnerAddressIsDialled(t *testing.T) {
	t.Parallel()
	asked := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(inner.Close)
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	res, err := New(key, "mailto:a@example.ru", time.Now, false).client.Get(inner.URL)
	if err == nil {
		res.Body.Close()
	}
	var no *notify.Refusal
	if !errors.As(failed(err), &no) || !no.Gone || asked {
		t.Errorf("an inner address: %v, asked: %v", err, asked)
	}
}
