package classify

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"otklik/internal/russian"
)

// How much processor a message of a real stream costs, after it was read: wall
// time says little on a shared machine.
func BenchmarkStream(b *testing.B) {
	dir := os.Getenv("OTKLIK_DATA")
	if dir == "" {
		b.Skip("OTKLIK_DATA is not set: it names the folder with perf/messages.txt")
	}
	file, err := os.ReadFile(filepath.Join(dir, "perf", "messages.txt"))
	if err != nil {
		b.Skipf("OTKLIK_DATA must name the folder with perf/messages.txt: %v", err)
	}
	r := reader(b)
	var texts []*russian.Text
	for line := range bytes.Lines(file) {
		if texts = append(texts, r.Read(string(bytes.TrimSpace(line)))); len(texts) == 10_000 {
			break
		}
	}
	for _, part := range []string{"first", "again"} {
		b.Run(part, func(b *testing.B) {
			n := 0
			var used float64
			for b.Loop() {
				b.StopTimer()
				c, err := Default(r)
				if err != nil {
					b.Fatal(err)
				}
				if part == "again" {
					for _, t := range texts {
						c.Topics(t)
					}
				}
				b.StartTimer()
				from := processor(b)
				for _, t := range texts {
					c.Topics(t)
				}
				used += processor(b) - from
				n += len(texts)
			}
			b.ReportMetric(used/float64(n), "cpu-µs/message")
		})
	}
}

func processor(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3
}
