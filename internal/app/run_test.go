package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// A client that sends half a call and stays must not make the end a failure.
func TestTheServiceEndsInPeaceWhateverItsClientsDo(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, l) }()

	slow, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := io.WriteString(slow, "POST /hooks/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]int{http.MethodGet: 405, http.MethodPut: 405, http.MethodPost: 401} {
		r, err := http.NewRequestWithContext(ctx, method, "http://"+l.Addr().String()+"/hooks/messages", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || want == 405 && answer.Header.Get("Allow") != http.MethodPost {
			t.Errorf("%s /hooks/messages = %d, Allow %q, want %d", method, answer.StatusCode, answer.Header.Get("Allow"), want)
		}
	}
	for method, want := range map[string]int{http.MethodGet: 404, http.MethodPost: 404, http.MethodPut: 405} { // no source has the number
		r, err := http.NewRequestWithContext(ctx, method, "http://"+l.Addr().String()+"/hooks/sources/7", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s /hooks/sources/7 = %d, want %d", method, answer.StatusCode, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
}
