package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"otklik/internal/classify"
	"otklik/internal/gazetteer"
	"otklik/internal/kind"
	"otklik/internal/message"
	"otklik/internal/place"
	"otklik/internal/reading"
	"otklik/internal/russian"
	"otklik/internal/watch"
)

// wholeSpeed reads messages as intake reads one that is kept: the default watch,
// kind and urgency, places among 100,000 names, topics of the shipped classifier,
// personal data, words for search, and the key for near texts. Then it adds the
// queries as standing queries of the centre and prints what the process holds.
func wholeSpeed(out io.Writer, analyzer *russian.Analyzer, texts, queries []string, base float64, each time.Duration) error {
	names, n, err := manyNames(analyzer)
	if err != nil {
		return err
	}
	topics, err := classify.Default(analyzer)
	if err != nil {
		return err
	}
	judge, err := kind.New(analyzer)
	if err != nil {
		return err
	}
	standard, err := watch.Default(analyzer)
	if err != nil {
		return err
	}
	some := make([]message.Message, 0, 10_000)
	for _, s := range texts[:min(len(texts), cap(some))] {
		some = append(some, message.Message{Text: s})
	}
	o := reading.Options{Analyzer: analyzer, Kind: judge, Places: names, Topics: topics, Default: standard}
	read := func(r *reading.Reader) func() {
		return func() {
			for i := range some {
				r.FullKeyed(&some[i])
			}
		}
	}
	r := reading.New(o)
	analyzer.Forget()
	from := cpu()
	read(r)()
	first := float64(len(some)) / (cpu() - from)
	whole := rate(each, len(some), read(r))
	fmt.Fprintf(out, "the whole reading of a message that is kept, %d names of places: %.0f messages per CPU second, %.0f in the first pass (baseline: tokenise + lemmatise alone %.0f, ratio %.2f); load %s\n",
		n, whole, first, base, whole/base, loadAverage())
	for i, q := range queries {
		p, err := watch.Parse(analyzer, q)
		if err != nil {
			return fmt.Errorf("query %d: %w", i+1, err)
		}
		o.Watches = append(o.Watches, watch.Rule{ID: int64(i + 1), Name: q, Query: p})
	}
	r = reading.New(o)
	whole = rate(each, len(some), read(r))
	runtime.GC()
	debug.FreeOSMemory()
	fmt.Fprintf(out, "the same with %d standing queries: %.0f messages per CPU second; memory of the process with dictionary, models, names and queries: %d MB; load %s\n",
		len(queries), whole, residentMB(os.Getpid()), loadAverage())
	runtime.KeepAlive(r)
	return nil
}

// manyNames returns the gazetteer of the whole country with made-up streets, so
// that it holds 100,000 names.
func manyNames(a *russian.Analyzer) (*gazetteer.Index, int, error) {
	ix, err := gazetteer.New(a)
	if err != nil {
		return nil, 0, err
	}
	if _, err := ix.AddBundledStreets(context.Background(), nil); err != nil {
		return nil, 0, err
	}
	const streets = 35_000 // beside some 66,000 of the bundled classifiers
	var list []place.Place
	for n := range streets {
		name := fmt.Sprintf("%s %d-я", []string{"Ленина", "Садовая", "Гагарина", "Мира", "Лесная", "Рабочая", "Дзержинского"}[n%7], n/700)
		town := fmt.Sprintf("957010%05d", n%100)
		list = append(list, place.Place{ID: place.StreetID(town, name, "улица"), Level: place.Street, Name: name, Type: "улица", Region: "95000000", Settlement: town, Lat: 53, Lon: 91})
	}
	ix.Add(list)
	_, added := ix.Len()
	c := gazetteer.Count("")
	return ix, c.Regions + c.Municipalities + c.Secondary + c.Districts + c.Settlements + added, nil
}

// cpu returns the processor time of this process in seconds: the machine may be
// shared, and a second on the wall says more about the others.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // the call has no other error than a wrong argument
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
