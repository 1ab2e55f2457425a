package rig

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// A Trace is the order in which a traced process made its system calls: one
// event where a call was entered, one where it returned. strace writes them in
// that order over all threads.
type Trace []TraceEvent

// A TraceEvent is the entry to a system call or its return.
type TraceEvent struct {
	Thread string
	Call   string // fsync, write …
	Args   string // from the entry, also at the return
	Return string // "" at the entry
}

var (
	traceWhole   = regexp.MustCompile(`^(?:\[pid +)?(\d+)\]? +(\w+)\((.*)\) += (.+)$`)
	traceEntry   = regexp.MustCompile(`^(?:\[pid +)?(\d+)\]? +(\w+)\((.*) <unfinished \.\.\.>$`)
	traceResumed = regexp.MustCompile(`^(?:\[pid +)?(\d+)\]? +<\.\.\. (\w+) resumed>(.*)\) += (.+)$`)
)

// StraceArgs are the arguments that ParseTrace needs strace to run with.
func StraceArgs(out string) []string {
	return []string{"strace", "-f", "-y", "-s", "70000", "-o", out, "-e", "signal=none",
		"-e", "trace=fsync,fdatasync,write,writev,pwrite64,sendto,sendmsg,read,recvfrom", "--"}
}

// ParseTrace reads what strace wrote.
func ParseTrace(r io.Reader) (t Trace, err error) {
	under := map[string]TraceEvent{}
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return t, nil // a last line without its end was cut off with the process
		}
		if err != nil {
			return nil, err
		}
		line = strings.TrimSuffix(line, "\n")
		if m := traceEntry.FindStringSubmatch(line); m != nil {
			e := TraceEvent{Thread: m[1], Call: m[2], Args: m[3]}
			under[m[1]] = e
			t = append(t, e)
		} else if m := traceResumed.FindStringSubmatch(line); m != nil {
			e := under[m[1]]
			e.Args += m[3]
			e.Return = m[4]
			t = append(t, e)
		} else if m := traceWhole.FindStringSubmatch(line); m != nil {
			e := TraceEvent{Thread: m[1], Call: m[2], Args: m[3]}
			t = append(t, e)
			e.Return = m[4]
			t = append(t, e)
		}
	}
}

func (e *TraceEvent) on(file string) bool {
	name, _, _ := strings.Cut(e.Args, ",")
	return strings.Contains(name, file+">")
}

func (e *TraceEvent) writes() bool {
	switch e.Call {
	case "write", "writev", "pwrite64", "sendto", "sendmsg":
		return true
	}
	return false
}

func (e *TraceEvent) syncs() bool { return e.Call == "fsync" || e.Call == "fdatasync" }

// Acknowledged proves that what holds the words fact was on disk before the
// acknowledgement left: it finds the first write of fact to the WAL, the flush
// of the WAL that was begun after that write had returned, and demands that the
// flush has returned 0 before the call that writes ack to a socket or a pipe is
// entered. An empty fact stands for the last write to the WAL that was made
// after the request was read, and after words says how the request begins.
func (t Trace) Acknowledged(wal, after, fact, ack string) error {
	at := 0
	if after != "" {
		for at < len(t) && (t[at].writes() || t[at].Return == "" || !strings.Contains(t[at].Args, after)) {
			at++
		}
		if at == len(t) {
			return fmt.Errorf("nobody read %q", after)
		}
	}
	left := at
	for left < len(t) && (!t[left].writes() || t[left].Return != "" || t[left].on(wal) || !strings.Contains(t[left].Args, ack)) {
		left++
	}
	if left == len(t) {
		return fmt.Errorf("no acknowledgement %q left", ack)
	}
	wrote := -1
	for k := at; k < left; k++ {
		e := &t[k]
		if e.writes() && e.on(wal) && e.Return != "" && strings.Contains(e.Args, fact) {
			wrote = k
			if fact != "" {
				break
			}
		}
	}
	if wrote < 0 {
		return fmt.Errorf("%q was not written to %s before the acknowledgement %q left", fact, wal, ack)
	}
	begun := map[string]bool{} // threads whose flush was begun after the write
	for k := wrote; k < left; k++ {
		e := &t[k]
		switch {
		case !e.syncs() || !e.on(wal):
		case e.Return == "":
			begun[e.Thread] = true
		case e.Return == "0" && begun[e.Thread]:
			return nil
		}
	}
	return fmt.Errorf("no flush of %s returned between the write of %q and the acknowledgement %q", wal, fact, ack)
}
