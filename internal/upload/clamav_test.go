package upload

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// clamd is a fake of the scanner: it speaks INSTREAM and finds the word VIRUS.
func clamd(t *testing.T, network, address string, most int) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				if word, err := r.ReadString(0); err != nil || word != "zINSTREAM\x00" {
					io.WriteString(c, "UNKNOWN COMMAND\x00")
					return
				}
				var all bytes.Buffer
				for {
					var size uint32
					if binary.Read(r, binary.BigEndian, &size) != nil {
						return
					}
					if size == 0 {
						break
					}
					if all.Len()+int(size) > most {
						io.WriteString(c, "INSTREAM size limit exceeded. ERROR\x00")
						io.Copy(io.Discard, r)
						return
					}
					if _, err := io.CopyN(&all, r, int64(size)); err != nil {
						return
					}
				}
				if bytes.Contains(all.Bytes(), []byte("VIRUS")) {
					io.WriteString(c, "stream: Test-Signature FOUND\x00")
					return
				}
				io.WriteString(c, "stream: OK\x00")
			}()
		}
	}()
	return l
}

func TestClamdIsAsked(t *testing.T) {
	t.Parallel()
	tcp := clamd(t, "tcp", "127.0.0.1:0", 1<<20)
	socket := filepath.Join(t.TempDir(), "clamd.ctl")
	clamd(t, "unix", socket, 1<<20)
	for _, address := range []string{"tcp://" + tcp.Addr().String(), "unix://" + socket} {
		c, err := ParseClam(address)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]struct {
			content  string
			infected bool
		}{"clean": {strings.Repeat("x", 300_000), false}, "infected": {strings.Repeat("x", 200_000) + "VIRUS", true}, "empty": {"", false}} {
			if got, err := c.Scan(t.Context(), strings.NewReader(f.content)); got != f.infected || err != nil {
				t.Errorf("%s: %s = %v, %v", address, name, got, err)
			}
		}
		if got, err := c.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 2<<20))); got || err == nil {
			t.Errorf("%s: more than it takes = %v, %v; want an error, never a clean file", address, got, err)
		}
	}
	tcp.Close()
	c, err := ParseClam("tcp://" + tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Scan(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("nobody listens, and the file is clean")
	}
	for _, wrong := range []string{"", "127.0.0.1:3310", "http://127.0.0.1:3310", "tcp://127.0.0.1", "unix://clamd.ctl", "tcp://127.0.0.1:3310/x"} {
		if _, err := ParseClam(wrong); err == nil {
			t.Errorf("ParseClam(%q) takes it", wrong)
		}
	}
}
