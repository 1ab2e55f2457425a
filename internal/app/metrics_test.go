package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What monitoring reads has figures of intake and of the process, and no word of
// anybody: neither texts nor names nor sources.
func TestMetricsCountAndSayNothing(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, l) }()
	url := "http://" + l.Addr().String()
	before := scrape(t, url)
	post := c.vk.PostAt(0, "Готовимся к зиме", c.now().Add(-time.Hour))
	if _, err := c.vk.CommentAt(post, 0, c.vk.Person("Мария Тестова"), "На Чертыгашева 33 третий день нет воды, УК трубку не берет", c.now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	c.poll(t)
	after := scrape(t, url)
	for end := time.Now().Add(20 * time.Second); !strings.Contains(after, `{fate="opened"} 1`) && time.Now().Before(end); after = scrape(t, url) {
		time.Sleep(20 * time.Millisecond) // the service polls, too, and may have been first
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, want := range []string{"# TYPE otklik_messages_total counter", `otklik_messages_total{fate="opened"} 1`, "process_resident_memory_bytes", "go_goroutines"} {
		if !strings.Contains(after, want) {
			t.Errorf("no %q in\n%s", want, after)
		}
	}
	if !strings.Contains(before, `otklik_messages_total{fate="opened"} 0`) {
		t.Error("a service that has seen nothing does not say 0")
	}
	for _, secret := range []string{"Тестова", "Чертыгашева", "vk:", "-1001", "Абакан"} {
		if strings.Contains(after, secret) {
			t.Errorf("the metrics say %q", secret)
		}
	}
}

func scrape(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") {
		t.Fatalf("%s %s", res.Status, res.Header.Get("Content-Type"))
	}
	return string(b)
}
