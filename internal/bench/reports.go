package bench

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"otklik/internal/bench/rig"
)

// Reports measures the residents' form: its last step, from many addresses, each a new
// incident on the disk before its number is shown. Times run from the moment at which a
// form was due; the generator shares the machine.
func Reports(ctx context.Context, out io.Writer, bin string, p Pushes) error {
	dir, err := os.MkdirTemp("", "otklik-reports-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	plain, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return err
	}
	bare, err := bareRows(ctx, plain, "INTEGER", 2_000, 1)
	plain.Close()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "baseline: a plain loop of rows of 1 KB, each committed (SQLite, synchronous=FULL): %.0f rows/s; load %s\n", bare, loadAverage())
	c, err := rig.NewCentre(ctx, bin, filepath.Join(dir, "centre"), khakassia, "", rig.Portal)
	if err != nil {
		return err
	}
	base, pid, end, err := start(ctx, c, p.Profile)
	if err != nil {
		return err
	}
	texts := rig.Texts(25, 20_000)
	used := cpuTime(pid)
	var asked int
	err = p.run(ctx, out, "reports", bare, func(ctx context.Context, k int) (*http.Request, error) {
		asked = max(asked, k+1)
		return rig.ReportRequest(ctx, base, rig.FormKey(fmt.Sprint("bench", k)), texts[k%len(texts)].Text, k)
	})
	if err == nil && p.Profile == "" {
		fmt.Fprintf(out, "the service used %.1f s of processor and %d MB\n", (cpuTime(pid) - used).Seconds(), residentMB(pid))
	}
	end()
	if err != nil {
		return err
	}
	got, err := rig.TakeCensus(ctx, c.Store())
	if err == nil {
		fmt.Fprintf(out, "%d forms were sent, the store holds %d messages in %d incidents\n", asked, len(got.Messages), len(got.Incidents))
	}
	return err
}
