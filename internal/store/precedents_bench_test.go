package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"otklik/internal/incident"
	"otklik/internal/precedent"
	"otklik/internal/russian"
	"otklik/internal/scope"
	"otklik/internal/store"
	"otklik/internal/topic"
)

// lawBook makes precedents of all 100,000 incidents of the big town, each of seventeen
// words that are as frequent as words are: once a run.
var lawBook = sync.OnceValue(func() error {
	path, err := bigTown()
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer db.Close()
	m := newMaker(3)
	for from := 1; from <= bigSize; from += 1000 {
		err := db.Change(ctx, incident.Machine, func(tx incident.Tx) error {
			for n := from; n < from+1000; n++ {
				p := precedent.Precedent{Incident: int64(n), Reply: int64(n), Topic: topic.Code(fmt.Sprintf("group%d.topic%d", n%26, m.skewed(195))),
					Settlement: "95701000001", Mark: 4.5, At: benchStart, Place: scope.Place{Region: region}}
				if err := tx.Precedents().Keep(ctx, p, m.terms()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
})

func (m *maker) terms() (out []int64) {
	for range 17 {
		out = append(out, int64(russian.Term(m.words[m.skewed(len(m.words))])))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// BenchmarkPrecedents looks for precedents among 100,000 and ranks them: 50 ms is the
// bound (docs/replies.md).
func BenchmarkPrecedents(b *testing.B) {
	db := openBig(b)
	if err := lawBook(); err != nil {
		b.Fatal(err)
	}
	m := newMaker(4)
	m.rnd = rand.New(rand.NewPCG(4, uint64(b.N)))
	var took []time.Duration
	found := 0
	for b.Loop() {
		q := precedent.Query{Not: 1, Region: region, Topic: topic.Code(fmt.Sprintf("group%d.topic%d", m.rnd.IntN(26), m.skewed(195))), Settlement: "95701000001", Terms: m.terms()}
		start := time.Now()
		list, err := db.Reader().Precedents().Candidates(b.Context(), scope.OfRegion(region), q)
		if err != nil {
			b.Fatal(err)
		}
		found += len(precedent.Rank(q, list, benchStart, 4))
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
	b.ReportMetric(float64(found)/float64(len(took)), "found")
}
