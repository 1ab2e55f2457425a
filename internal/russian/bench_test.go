package russian

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stream returns the mixed stream of messages that the design was measured on.
func stream(tb testing.TB) []string {
	tb.Helper()
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		tb.Skip("set OTKLIK_DATA to the folder with perf/messages.txt")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "perf", "messages.txt"))
	if err != nil {
		tb.Skipf("the stream of messages is missing: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
}

// reportMessages adds how many messages a second one core reads.
func reportMessages(b *testing.B, messages, bytes int, took time.Duration) {
	b.ReportMetric(float64(messages)/took.Seconds(), "messages/s")
	b.ReportMetric(float64(bytes)/1e6/took.Seconds(), "MB/s")
}

// BenchmarkReadWarm reads the stream with a cache that has seen it once.
func BenchmarkReadWarm(b *testing.B) {
	messages := stream(b)
	a, err := New()
	if err != nil {
		b.Fatal(err)
	}
	benchmarkRead(b, a, messages, true)
}

// BenchmarkReadCold reads the stream once with an empty cache, as after a start.
func BenchmarkReadCold(b *testing.B) {
	messages := stream(b)
	d, err := openDictionary()
	if err != nil {
		b.Fatal(err)
	}
	var took time.Duration
	n, bytes := 0, 0
	for b.Loop() {
		a := &Analyzer{dictionary: d, cache: new(cache)}
		var t Text
		begin := time.Now()
		for _, m := range messages {
			a.ReadInto(&t, m)
			bytes += len(m)
		}
		took += time.Since(begin)
		n += len(messages)
	}
	reportMessages(b, n, bytes, took)
}

func benchmarkRead(b *testing.B, a *Analyzer, messages []string, warm bool) {
	var t Text
	if warm {
		for _, m := range messages {
			a.ReadInto(&t, m)
		}
	}
	b.ReportAllocs()
	n, bytes := 0, 0
	begin := time.Now()
	for b.Loop() {
		m := messages[n%len(messages)]
		a.ReadInto(&t, m)
		n++
		bytes += len(m)
	}
	reportMessages(b, n, bytes, time.Since(begin))
}

// BenchmarkOpen measures what the first New costs.
func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseDictionary(dictionaryFile()); err != nil {
			b.Fatal(err)
		}
	}
}
