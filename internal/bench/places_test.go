package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"otklik/internal/gazetteer"
	"otklik/internal/locate"
	"otklik/internal/place"
	"otklik/internal/russian"
)

// BenchmarkPlaces measures what finding places adds to reading, in processor
// time a message, with the names of the whole country and 35,000 streets, and how
// much memory those names take: 100,000 in all.
func BenchmarkPlaces(b *testing.B) {
	dir := os.Getenv("OTKLIK_DATA")
	f, err := os.Open(filepath.Join(dir, "perf", "messages.txt"))
	if err != nil {
		b.Skip("OTKLIK_DATA does not name the folder with perf/messages.txt")
	}
	defer f.Close()
	a, err := russian.New()
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ix, err := gazetteer.New(a)
	if err != nil {
		b.Fatal(err)
	}
	var ps []place.Place
	for n := range 35000 {
		name := fmt.Sprintf("%s %d-я", []string{"Ленина", "Садовая", "Гагарина", "Мира", "Лесная", "Рабочая", "Дзержинского"}[n%7], n/700)
		town := fmt.Sprintf("957010%05d", n%100)
		ps = append(ps, place.Place{ID: place.StreetID(town, name, "улица"), Level: place.Street, Name: name, Type: "улица", Region: "95000000", Settlement: town, Lat: 53, Lon: 91})
	}
	ix.Add(ps)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Logf("100,000 names take %d MB", (after.HeapAlloc-before.HeapAlloc)>>20)
	l := locate.New(ix)
	var texts []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() && len(texts) < 10000 {
		texts = append(texts, sc.Text())
	}
	cpu := func() float64 {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return float64(u.Utime.Nano())
	}
	var t russian.Text
	for _, c := range []locate.Context{{}, {Region: "95000000"}} {
		b.Run(c.Region, func(b *testing.B) {
			b.ReportAllocs()
			var alone, both float64
			n := 0
			for b.Loop() {
				from := cpu()
				for _, s := range texts {
					a.ReadInto(&t, s)
				}
				mid := cpu()
				for _, s := range texts {
					a.ReadInto(&t, s)
					l.Find(&t, c)
				}
				alone, both = alone+mid-from, both+cpu()-mid
				n += len(texts)
			}
			b.ReportMetric(alone/float64(n), "read-ns/msg")
			b.ReportMetric((both-alone)/float64(n), "places-ns/msg")
		})
	}
	runtime.KeepAlive(ix)
}
