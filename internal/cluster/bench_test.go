package cluster

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"otklik/internal/russian"
)

// stream returns the analysed messages of perf/clusters.jsonl.
func stream(tb testing.TB) []*russian.Text {
	tb.Helper()
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		tb.Skip("set OTKLIK_DATA to the folder with perf/clusters.jsonl")
	}
	f, err := os.Open(filepath.Join(dir, "perf", "clusters.jsonl"))
	if err != nil {
		tb.Skipf("the stream of messages is missing: %v", err)
	}
	defer f.Close()
	a, err := russian.New()
	if err != nil {
		tb.Fatal(err)
	}
	var out []*russian.Text
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var c struct{ Text string }
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			tb.Fatal(err)
		}
		out = append(out, a.Read(c.Text))
	}
	return out
}

// BenchmarkKey makes keys of texts that have just been read.
func BenchmarkKey(b *testing.B) {
	texts := stream(b)[:64]
	var k Key
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		k.Read(texts[n%len(texts)])
		n++
	}
}

// BenchmarkOnline asks the index and adds the message.
func BenchmarkOnline(b *testing.B) {
	var keys []Key
	for _, t := range stream(b) {
		keys = append(keys, KeyOf(t))
	}
	var room []Match
	x := NewIndex(Capacity)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		k := &keys[n%len(keys)]
		if n%len(keys) == 0 {
			x.Reset()
		}
		room = x.Near(k, time.Time{}, Near, shown, room)
		x.Add(int64(n), time.Time{}, k)
		n++
	}
}
