package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"otklik/data/topics"
	"otklik/internal/bench/rig"
	"otklik/internal/command"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/scope"
	"otklik/internal/store"
)

// forever are the examples that run until they are stopped.
var forever = regexp.MustCompile(`otklik (serve|demo)\b`)

// TestExamplesOfHelpWork runs the example that --help of each command shows, in a
// folder that holds the files which the examples name. The one difference is the
// port: others may use 8080.
func TestExamplesOfHelpWork(t *testing.T) {
	t.Parallel()
	bin := program(t)
	paths, err := command.Paths(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 10 {
		t.Fatalf("only %d commands", len(paths))
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && strings.HasPrefix(path, "bench") {
				t.Skip("measures for five seconds: run without -short")
			}
			help, err := in(t.Context(), bin, t.TempDir(), "otklik "+path+" --help").Output()
			if err != nil {
				t.Fatal(err)
			}
			example := exampleOf(string(help))
			if example == "" {
				t.Fatalf("--help shows no example:\n%s", help)
			}
			dir := t.TempDir()
			if !strings.Contains(example, "init ") {
				if out, err := in(t.Context(), bin, dir, "otklik init --region Хакасия --dir centre").CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			named(t, dir)
			if strings.HasPrefix(path, "models ") {
				learnt(t, filepath.Join(dir, "centre", "otklik.db"))
			}
			if path == "map show" || path == "map remove" {
				try(t, in(t.Context(), bin, dir, "otklik map propose --dir centre letters.csv | otklik map save --dir centre incident -"), false)
			}
			try(t, in(t.Context(), bin, dir, strings.ReplaceAll(free(example), ":8080", ":0")), forever.MatchString(example))
		})
	}
}

// free lets the service of an example listen on a free port.
func free(example string) string {
	if strings.Contains(example, "otklik serve") && !strings.Contains(example, "--addr") {
		return example + " --addr 127.0.0.1:8080"
	}
	return example
}

func in(ctx context.Context, bin, dir, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return rig.Kill(cmd) }
	return cmd
}

// exampleOf returns the command after «Example:».
func exampleOf(help string) string {
	_, after, ok := strings.Cut(help, "Example:\n")
	if !ok {
		return ""
	}
	for line := range strings.Lines(after) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

func try(t *testing.T, cmd *exec.Cmd, stays bool) {
	t.Helper()
	if !stays {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", cmd.Args[2], err, out)
		}
		return
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(mostSilence, func() { _ = rig.Kill(cmd) })
	defer watchdog.Stop()
	lines, listens := bufio.NewScanner(out), false
	for lines.Scan() {
		if !listens && strings.Contains(lines.Text(), "http://") {
			listens = true
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	err = cmd.Wait()
	if !listens {
		t.Errorf("%s: named no address: %v\n%s", cmd.Args[2], err, errs.String())
	}
}

// named writes the files that examples name.
func named(t *testing.T, dir string) {
	t.Helper()
	var labelled strings.Builder
	labelled.WriteString("id,text,topic\n")
	for _, line := range []string{
		"1,На дороге яма,дороги", "2,Яма у дома на дороге,дороги", "3,Разбита дорога и ямы,дороги", "4,Не вывозят мусор,мусор",
		"5,Мусор лежит неделю,мусор", "6,Баки с мусором переполнены,мусор", "7,Нет горячей воды,вода", "8,Вода из крана рыжая,вода", "9,Прорвало трубу с водой,вода",
	} {
		labelled.WriteString(line + "\n")
	}
	for name, content := range map[string]string{
		"labelled.csv": labelled.String(), "a.csv": labelled.String(), "b.csv": labelled.String(),
		"queries.txt": "яма & дорога\nмусор | баки\n", "messages.txt": "На дороге яма\nНе вывозят мусор\n",
		"holidays.ics":   "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260703\nSUMMARY:День республики\nEND:VEVENT\nEND:VCALENDAR\n",
		"streets.csv":    "settlement,street\nАбакан,улица Проверочная\n",
		"spans.jsonl":    `{"text": "Яма на улице Ленина 5", "spans": [{"start": 7, "end": 19, "label": "Street"}, {"start": 20, "end": 21, "label": "NUM"}]}` + "\n",
		"clusters.jsonl": `{"id": "1", "text": "Яма на улице Ленина", "cluster": "a"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, "letters.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := rig.WriteCSV(f, rig.Texts(31, 20)); err != nil {
		t.Fatal(err)
	}
}

// learnt puts three versions of the topics into a store: the shipped model itself.
func learnt(t *testing.T, path string) {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Change(t.Context(), incident.Machine, func(tx incident.Tx) error {
		for n, state := range []lesson.State{lesson.Replaced, lesson.Active, lesson.Candidate} {
			v := lesson.Version{Place: scope.Place{Region: "95000000"}, Subject: lesson.Topics, Number: n + 1, State: state}
			if err := tx.Lessons().Add(t.Context(), &v, topics.Model); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
