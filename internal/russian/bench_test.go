package russian

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// cpu is the processor time this process has used: the machines that we measure
// on are shared.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func reportMessages(b *testing.B, messages, bytes int, took time.Duration) {
	b.ReportMetric(float64(messages)/took.Seconds(), "messages/cpu-s")
	b.ReportMetric(float64(bytes)/1e6/took.Seconds(), "MB/cpu-s")
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
		a := &Analyzer{dictionary: d, cache: newCache()}
		var t Text
		begin := cpu(b)
		for _, m := range messages {
			a.ReadInto(&t, m)
			bytes += len(m)
		}
		took += cpu(b) - begin
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
	begin := cpu(b)
	for b.Loop() {
		m := messages[n%len(messages)]
		a.ReadInto(&t, m)
		n++
		bytes += len(m)
	}
	reportMessages(b, n, bytes, cpu(b)-begin)
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

// BenchmarkFind looks up the words of the stream in the dictionary.
func BenchmarkFind(b *testing.B) {
	a := open(b)
	seen := map[string]bool{}
	var keys [][]byte
	var t Text
	for _, m := range stream(b) {
		a.ReadInto(&t, m)
		for _, tok := range t.Tokens {
			if tok.Kind == Word && !seen[tok.Norm] {
				seen[tok.Norm] = true
				keys = append(keys, keyOf(tok.Norm))
			}
		}
	}
	n := 0
	for b.Loop() {
		a.dictionary.words.find(keys[n%len(keys)])
		n++
	}
}
