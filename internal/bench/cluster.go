package bench

import (
	"fmt"
	"io"
	"strings"
	"time"

	"otklik/internal/cluster"
	"otklik/internal/russian"
)

// clusterSpeed asks the index of near texts about every message, over texts
// that are analysed already. The baseline knows equal texts only: a map of what
// is left of them without capitals.
func clusterSpeed(out io.Writer, analyzer *russian.Analyzer, texts []string, each time.Duration) {
	some := texts[:min(len(texts), 10_000)]
	analysed := make([]*russian.Text, len(some))
	for i := range some {
		analysed[i] = analyzer.Read(some[i])
	}
	var k cluster.Key
	var room []cluster.Match
	x := cluster.NewIndex(cluster.Capacity)
	near, equal := 0, 0
	fast := rate(each, len(some), func() {
		x.Reset()
		near = 0
		for i, t := range analysed {
			k.Read(t)
			room = x.Near(&k, time.Time{}, cluster.Near, 1, room)
			near += len(room)
			x.Add(int64(i), time.Time{}, &k)
		}
	})
	base := rate(each, len(some), func() {
		seen := make(map[string]struct{}, len(some))
		for _, s := range some {
			seen[strings.ToLower(s)] = struct{}{}
		}
		equal = len(some) - len(seen)
	})
	fmt.Fprintf(out, "near texts, online, over analysed texts: %.0f messages per CPU second, %d of %d near to an earlier one (baseline: a map of lower-case texts %.0f/s, finds %d; ratio %.2f); load %s\n",
		fast, near, len(some), base, equal, fast/base, loadAverage())
}
