// Package bench measures the product: how many messages a second it reads and
// takes in (Speed), and how fast its pages are under load (Pages). Every figure
// is printed with the machine, the commit, the counts behind it, and a baseline
// of the same run, because a figure alone says more about the machine than
// about the code.
//
// `make bench` prints the figures; docs/evaluation.md keeps the last ones.
package bench

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	_ "modernc.org/sqlite" // the baseline of the import writes bare rows

	"otklik/internal/app"
	"otklik/internal/bench/rig"
	"otklik/internal/config"
	"otklik/internal/ingest"
	"otklik/internal/message"
	"otklik/internal/russian"
	"otklik/internal/source/file"
	"otklik/internal/watch"
)

// Speed prints messages per second for tokenise and lemmatise, watch, the whole
// reading, and import to committed incident on SQLite, each beside a baseline.
// data is the folder of real messages; without its perf/messages.txt the
// messages are generated.
func Speed(ctx context.Context, out io.Writer, data string, each time.Duration) error {
	texts, queries, err := stream(out, data)
	if err != nil {
		return err
	}
	analyzer, err := russian.New()
	if err != nil {
		return err
	}
	var t russian.Text
	words := 0
	plain := func() {
		for _, m := range texts {
			for _, w := range strings.FieldsFunc(m, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				words += len(strings.ToLower(w))
			}
		}
	}
	read := func() {
		for _, m := range texts {
			analyzer.ReadInto(&t, m)
			words += len(t.Tokens)
		}
	}
	base := rate(each, len(texts), plain)
	fast := rate(each, len(texts), read)
	fmt.Fprintf(out, "tokenise + lemmatise: %.0f messages per CPU second (baseline FieldsFunc + ToLower, no lemmas: %.0f/s, ratio %.2f); load %s\n", fast, base, fast/base, loadAverage())
	if err := watchSpeed(out, analyzer, texts, queries, each); err != nil {
		return err
	}
	clusterSpeed(out, analyzer, texts, each)
	if err := wholeSpeed(out, analyzer, texts, queries, fast, each); err != nil {
		return err
	}
	return importSpeed(ctx, out, texts)
}

// rate runs do again and again on one goroutine, at least twice, and returns the
// messages of a second of processor time, the collector's included; the first
// run, which warms the caches, does not count.
func rate(each time.Duration, n int, do func()) float64 {
	do()
	from, began, runs := time.Now(), cpu(), 0
	for runs == 0 || time.Since(from) < each {
		do()
		runs++
	}
	return float64(n*runs) / (cpu() - began)
}

func stream(out io.Writer, data string) (texts, queries []string, err error) {
	if data != "" {
		texts, err = lines(filepath.Join(data, "perf", "messages.txt"))
		if err == nil {
			queries, err = lines(filepath.Join(data, "perf", "queries_10000.txt"))
		}
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(out, "messages: %d of OTKLIK_DATA/perf/messages.txt, %d queries\n", len(texts), len(queries))
		return texts, queries, nil
	}
	for _, m := range rig.Texts(21, 20_000) {
		texts = append(texts, m.Text)
	}
	first := []string{"яма", "вода", "мусор", "фонарь", "люк", "автобус", "крыша", "собака", "тротуар", "забор", "поликлиника", "качели", "траншея", "светофор", "подъезд", "труба"}
	second := []string{"улица & !продам", "дом | двор", "Абакан", "Черногорск", `"горячая вода"`, "(Ленина | Пушкина)", "остановка", "диспетчер"}
	for _, a := range first {
		for _, b := range second {
			queries = append(queries, a+" & "+b)
		}
	}
	fmt.Fprintf(out, "messages: %d generated ones (OTKLIK_DATA names no folder), %d queries\n", len(texts), len(queries))
	return texts, queries, nil
}

func lines(path string) (list []string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	in := bufio.NewScanner(bytes.NewReader(b))
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if in.Text() != "" {
			list = append(list, in.Text())
		}
	}
	return list, in.Err()
}

// watchSpeed asks all queries at once, reading included. The baseline asks each
// query alone about the text that was read once.
func watchSpeed(out io.Writer, analyzer *russian.Analyzer, texts, queries []string, each time.Duration) error {
	var parsed []*watch.Query
	for n, q := range queries {
		p, err := watch.Parse(analyzer, q)
		if err != nil {
			return fmt.Errorf("query %d: %w", n+1, err)
		}
		parsed = append(parsed, p)
	}
	var sample []*russian.Text
	for _, m := range texts[:min(len(texts), 1000)] {
		sample = append(sample, analyzer.Read(m))
	}
	set := watch.NewSet(parsed, watch.WithSample(sample))
	var t russian.Text
	var b watch.Buffer
	matches := 0
	fast := rate(each, len(texts), func() {
		matches = 0
		for _, m := range texts {
			analyzer.ReadInto(&t, m)
			matches += len(set.Match(&t, &b))
		}
	})
	var alone []*watch.Set
	for _, q := range parsed {
		alone = append(alone, watch.NewSet([]*watch.Query{q}))
	}
	few := texts[:min(len(texts), 100)]
	buffers := make([]watch.Buffer, len(alone))
	slow := rate(each, len(few), func() {
		for _, m := range few {
			analyzer.ReadInto(&t, m)
			for k := range alone {
				matches += len(alone[k].Match(&t, &buffers[k]))
			}
		}
	})
	fmt.Fprintf(out, "watch, %d queries, reading included: %.0f messages per CPU second (baseline one query after the other: %.0f/s, ratio %.0f); load %s\n", len(parsed), fast, slow, fast/slow, loadAverage())
	return nil
}

// importSpeed takes messages in as `otklik import` does, to committed incidents.
// The baseline inserts bare rows of 1 KB in the same batches.
func importSpeed(ctx context.Context, out io.Writer, texts []string) error {
	dir, err := os.MkdirTemp("", "otklik-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	own := rig.Texts(22, 10_000)
	var table bytes.Buffer
	if err := rig.WriteCSV(&table, own); err != nil {
		return err
	}
	quiet := slog.New(slog.DiscardHandler)
	if _, err := app.Init(ctx, khakassia, dir, "", quiet); err != nil {
		return err
	}
	conf, err := config.Load(dir)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, app.Options{Dir: dir, Config: conf, Log: quiet})
	if err != nil {
		return err
	}
	defer a.Close()
	format, err := file.Open("csv", file.Options{})
	if err != nil {
		return err
	}
	from := time.Now()
	sum, err := a.Intake.File(ctx, ingest.FileRun{Name: "bench.csv", Format: format, Content: &table})
	if err != nil {
		return err
	}
	fast := float64(sum.Read) / time.Since(from).Seconds()
	plain, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	defer plain.Close()
	bare, err := bareRows(ctx, plain, "INTEGER", 20_000, 250)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "import of %d generated messages to committed incidents (SQLite, synchronous=FULL; %d opened, %d attached, %d not ours): %.0f messages/s (baseline bare rows of 1 KB, 250 a commit: %.0f/s, ratio %.2f); load %s\n",
		sum.Read, sum.Opened, sum.Attached, sum.NotOurs, fast, bare, fast/bare, loadAverage())
	batch := make([]message.Message, 0, len(texts))
	for k, m := range slices.Backward(texts[:min(len(texts), 50_000)]) {
		batch = append(batch, message.Message{Source: "bench", Channel: message.VK, Form: message.Post, Native: fmt.Sprint(k), Event: message.Written,
			Revision: message.HashOf(m), Text: m})
	}
	from = time.Now()
	var all ingest.Summary
	for part := range slices.Chunk(batch, 250) {
		s, err := a.Intake.Take(ctx, part, nil)
		if err != nil {
			return err
		}
		all.Add(s)
	}
	fmt.Fprintf(out, "intake of the %d messages as posts of a wall (%d kept, %d opened): %.0f messages/s; load %s\n", len(batch), all.Kept, all.Opened, float64(len(batch))/time.Since(from).Seconds(), loadAverage())
	return nil
}

// bareRows inserts rows of 1 KB in batches and returns rows a second. key is what a key
// that counts by itself is called in the database.
func bareRows(ctx context.Context, db *sql.DB, key string, n, batch int) (float64, error) {
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "CREATE TABLE bare (id "+key+" PRIMARY KEY, line TEXT NOT NULL)"); err != nil {
		return 0, err
	}
	row := strings.Repeat("x", 1024)
	from := time.Now()
	for done := 0; done < n; done += batch {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return 0, err
		}
		for range batch {
			if _, err := tx.ExecContext(ctx, "INSERT INTO bare (line) VALUES ($1)", row); err != nil {
				return 0, err
			}
		}
		if err := tx.Commit(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(from).Seconds(), nil
}
