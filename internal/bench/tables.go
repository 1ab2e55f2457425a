package bench

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/ingest"
	"otklik/internal/sheet"
	"otklik/internal/source/file"
	"otklik/internal/topic"
)

// A TablesResult is what Tables measured. CPU is user and system time.
type TablesResult struct {
	Rows              int
	ReadXLSX, ReadCSV time.Duration  // CPU: the files alone, nothing done with them
	Import, Export    Spent          // of the workbook into an empty centre; of all of it as CSV
	Workbook          Spent          // export as XLSX
	Again             Spent          // the CSV of the same rows into the same centre: all are here
	Killed            ingest.Summary // what the run after a kill -9 took
	KilledAt          int64          // rows that were here when it was killed
	Different         int            // rows of the export that are not as they were generated
}

// Spent is what one run of the program took.
type Spent struct {
	CPU, Wall time.Duration
	Peak      int64 // bytes of memory
}

// tableHead are the columns of the generated table, as such exports name them.
var tableHead = []string{"Номер", "Дата создания", "Текст сообщения", "Ссылка на сообщение", "Адрес", "Тема", "Ответственный исполнитель", "Статус", "Ответ", "Дата ответа"}

// tableRow is a row of it, the same for the same number.
func tableRow(k int, m *rig.Text) []string {
	topics := topic.Default().Topics
	r := []string{fmt.Sprint(100_000 + k), m.PublishedAt.Format("02.01.2006 15:04"), fmt.Sprintf("%s [%d]", strings.TrimSpace(m.Text), k), fmt.Sprintf("https://vk.com/wall-1_%d", k), "г. Абакан, ул. Ленина, д. " + fmt.Sprint(1+k%120),
		topics[k%4].Name, "Дорожная служба", "Решено", fmt.Sprintf("Работы выполнены, проверили %d раз.", 1+k%7), m.PublishedAt.AddDate(0, 0, 3).Format("02.01.2006 15:04")}
	if k%10 == 0 {
		r[7], r[8], r[9] = "В работе", "", ""
	}
	return r
}

// writeTables writes the rows as a workbook and as a CSV.
func writeTables(dir string, texts []rig.Text) (book, table string, err error) {
	book, table = filepath.Join(dir, "march.xlsx"), filepath.Join(dir, "march.csv")
	x, err := os.Create(book)
	if err != nil {
		return "", "", err
	}
	defer x.Close()
	c, err := os.Create(table)
	if err != nil {
		return "", "", err
	}
	defer c.Close()
	var columns []sheet.Column
	for _, n := range tableHead {
		columns = append(columns, sheet.Column{Name: n})
	}
	sw, err := sheet.New(x, "Выгрузка", columns)
	if err != nil {
		return "", "", err
	}
	cw := csv.NewWriter(c)
	cw.Comma = ';'
	err = cw.Write(tableHead)
	for k := range texts {
		row := tableRow(k, &texts[k])
		cells := make([]any, len(row))
		for n, s := range row {
			cells[n] = s
		}
		err = cmp.Or(err, sw.Row(cells), cw.Write(row))
	}
	cw.Flush()
	return book, table, cmp.Or(err, sw.Close(), cw.Error())
}

// readAlone reads a table and does nothing with it.
func readAlone(name string, want int) (time.Duration, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	before, n := ownTime(), 0
	for _, err := range file.Rows(name, f, "", 0) {
		if err != nil {
			return 0, err
		}
		n++
	}
	if n != want+1 {
		return 0, fmt.Errorf("%s has %d rows, want %d", name, n, want+1)
	}
	return ownTime() - before, nil
}

func ownTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for the caller itself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// spend runs the program to its end.
func spend(ctx context.Context, out io.Writer, bin string, args ...string) (s Spent, err error) {
	c := exec.CommandContext(ctx, bin, args...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = out, &said
	began := time.Now()
	err = c.Run()
	s.Wall = time.Since(began)
	if p := c.ProcessState; p != nil {
		s.CPU = p.UserTime() + p.SystemTime()
		if u, ok := p.SysUsage().(*syscall.Rusage); ok {
			s.Peak = u.Maxrss << 10
		}
	}
	if err != nil {
		err = fmt.Errorf("otklik %s: %w: %.2000s", strings.Join(args[:1], " "), err, said.String())
	}
	return s, err
}

// Tables imports a generated table of another system, exports it back and compares, and
// imports it once more into a centre whose first import was killed in the middle. out hears
// of each step.
func Tables(ctx context.Context, out io.Writer, bin string, rows int, seed uint64) (r TablesResult, err error) {
	dir, err := os.MkdirTemp("", "otklik-tables-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	texts := rig.Texts(seed, rows)
	book, table, err := writeTables(dir, texts)
	if err != nil {
		return r, err
	}
	if r.ReadXLSX, err = readAlone(book, rows); err == nil {
		r.ReadCSV, err = readAlone(table, rows)
	}
	if err != nil {
		return r, err
	}
	r.Rows = rows
	fmt.Fprintf(out, "%d rows, seed %d; reading alone: XLSX %.1f s CPU, CSV %.1f s CPU\n", rows, seed, r.ReadXLSX.Seconds(), r.ReadCSV.Seconds())
	take := func(centre, format, name string) (sum ingest.Summary, s Spent, err error) {
		var told bytes.Buffer
		if s, err = spend(ctx, &told, bin, "import", "--dir", centre, "--format", format, "--map", "Выгрузка", "--territory", "Абакан", "--json", name); err == nil {
			err = json.Unmarshal(told.Bytes(), &sum)
		}
		if err == nil && (!sum.Holds() || sum.Read != int64(rows) || sum.Rejected != 0 || sum.NotOurs != 0) {
			err = fmt.Errorf("the import counts %+v", sum)
		}
		return sum, s, err
	}
	whole, killed := filepath.Join(dir, "whole"), filepath.Join(dir, "killed")
	for _, centre := range []string{whole, killed} {
		if _, err := spend(ctx, io.Discard, bin, "init", "--region", khakassia, "--dir", centre); err != nil {
			return r, err
		}
	}
	sum, s, err := take(whole, "xlsx", book)
	if err != nil {
		return r, err
	}
	if r.Import = s; sum.Opened != int64(rows) {
		return r, fmt.Errorf("of %d rows %d were opened: %+v", rows, sum.Opened, sum)
	}
	fmt.Fprintf(out, "import XLSX   %s, %.1f times reading alone\n", r.rate(r.Import), r.Import.CPU.Seconds()/r.ReadXLSX.Seconds())
	if sum, r.Again, err = take(whole, "csv", table); err != nil || sum.Duplicate != int64(rows) {
		return r, cmp.Or(err, fmt.Errorf("the same rows again: %+v", sum))
	}
	fmt.Fprintf(out, "the CSV again %s, %.1f times reading alone; all duplicates\n", r.rate(r.Again), r.Again.CPU.Seconds()/r.ReadCSV.Seconds())
	if err := r.goOut(ctx, bin, whole, dir, texts); err != nil {
		return r, err
	}
	fmt.Fprintf(out, "export CSV    %s; different from what was generated: %d\n", r.rate(r.Export), r.Different)
	fmt.Fprintf(out, "export XLSX   %s\n", r.rate(r.Workbook))
	limit, stop := context.WithTimeout(ctx, r.Import.Wall/2) // the context kills with -9
	defer stop()
	if _, err := spend(limit, io.Discard, bin, "import", "--dir", killed, "--format", "xlsx", "--map", "Выгрузка", "--territory", "Абакан", "--json", book); err == nil {
		return r, errors.New("the import was over before it was killed")
	}
	if r.Killed, _, err = take(killed, "xlsx", book); err != nil {
		return r, err
	}
	if r.KilledAt = r.Killed.Duplicate; r.Killed.Opened+r.Killed.Duplicate != int64(rows) {
		return r, fmt.Errorf("after the kill: %+v", r.Killed)
	}
	lines := rowsOf{}
	if _, err := spend(ctx, &lines, bin, "export", "--dir", killed, "--format", "jsonl"); err != nil {
		return r, err
	}
	if lines.n != rows {
		return r, fmt.Errorf("after the kill %d rows are here, want %d", lines.n, rows)
	}
	fmt.Fprintf(out, "killed by -9 at %d rows; the second run took %d, doubled none\n", r.KilledAt, r.Killed.Opened)
	return r, nil
}

// rowsOf counts lines.
type rowsOf struct{ n int }

func (c *rowsOf) Write(p []byte) (int, error) {
	c.n += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

// goOut exports a centre and compares what comes with what was generated.
func (r *TablesResult) goOut(ctx context.Context, bin, centre, dir string, texts []rig.Text) error {
	name := filepath.Join(dir, "out.csv")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if r.Export, err = spend(ctx, f, bin, "export", "--dir", centre, "--format", "csv"); err != nil {
		return err
	}
	if r.Workbook, err = spend(ctx, io.Discard, bin, "export", "--dir", centre, "--format", "xlsx"); err != nil {
		return err
	}
	want := make(map[string][32]byte, len(texts))
	for k := range texts {
		row := tableRow(k, &texts[k])
		state := "closed"
		if row[7] == "В работе" {
			state = "new"
		}
		want[row[0]] = sha256.Sum256([]byte(strings.Join([]string{row[2], row[3], state, row[5], row[8]}, "\x00")))
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	at := map[string]int{}
	for row, err := range file.Rows(name, f, "", 0) {
		if err != nil {
			return err
		}
		if len(at) == 0 {
			for k, n := range row.Cells {
				at[n] = k
			}
			continue
		}
		of := func(n string) string { return file.Unguard(row.Cells[at[n]]) }
		id := of("id")
		if want[id] != sha256.Sum256([]byte(strings.Join([]string{of("text"), of("url"), of("state"), of("topic"), of("answer")}, "\x00"))) {
			r.Different++
		}
		delete(want, id)
	}
	r.Different += len(want)
	return nil
}

// rate says what a run of the program took.
func (r *TablesResult) rate(s Spent) string {
	return fmt.Sprintf("%8.0f rows per CPU second, %7.1f s CPU, %7.1f s, %4d MB at most", float64(r.Rows)/s.CPU.Seconds(), s.CPU.Seconds(), s.Wall.Seconds(), s.Peak>>20)
}
