package watchbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/fault"
)

func write(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("measures for five seconds")
	}
	var messages []string
	for range 11 { // so that line 10 sorts before line 2
		messages = append(messages, "На нашей улице опять яма, фонари не горят")
	}
	got, err := Run(context.Background(), Options{
		Queries:  write(t, "queries", "ямы & улица", "", "фонарь", "лифт"),
		Messages: write(t, "messages", messages...), Threads: 2, Digest: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("1\t1\n1\t3\n10\t1\n10\t3\n11\t1\n11\t3\n2\t1\n2\t3\n3\t1\n3\t3\n4\t1\n4\t3\n5\t1\n5\t3\n6\t1\n6\t3\n7\t1\n7\t3\n8\t1\n8\t3\n9\t1\n9\t3\n"))
	if want := hex.EncodeToString(sum[:]); got.Digest != want || got.Messages != 11 || got.Matches != 22 {
		t.Errorf("Run = %+v, want 11 messages, 22 matches, digest %s", got, want)
	}
	if got.FirstPass <= 0 || got.Warm <= 0 || got.RSS <= 0 {
		t.Errorf("Run measured nothing: %+v", got)
	}
	if b, _ := json.Marshal(got); !strings.Contains(string(b), `"first_pass_per_cpu_second"`) {
		t.Errorf("Result as JSON = %s", b)
	}
}

func TestRunNamesTheLine(t *testing.T) {
	t.Parallel()
	_, err := Run(context.Background(), Options{
		Queries: write(t, "queries", "яма", "(яма"), Messages: write(t, "messages", "яма"),
	})
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "queries:2:") {
		t.Errorf("Run with a broken query: %v, want invalid at line 2", err)
	}
}

func TestRunStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Options{Queries: write(t, "queries", "яма"), Messages: write(t, "messages", "яма")}); err == nil {
		t.Error("Run with a cancelled context: no error")
	}
}
