package upload

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"otklik/internal/fault"
)

// A Clam asks clamd whether a file is infected: its INSTREAM command, as clamd(8) describes
// it. Nothing but the bytes goes there.
type Clam struct{ network, address string }

// Times of one question. A file of a hundred megabytes takes clamd some seconds.
const (
	clamDial = 3 * time.Second
	clamTime = time.Minute
	clamWord = 4 << 10 // bytes of an answer
)

// ParseClam reads the address of clamd: "tcp://127.0.0.1:3310" or "unix:///run/clamav/clamd.ctl".
func ParseClam(s string) (*Clam, error) {
	u, err := url.Parse(s)
	switch {
	case err == nil && u.Scheme == "tcp" && u.Hostname() != "" && u.Port() != "" && u.Path == "":
		return &Clam{"tcp", u.Host}, nil
	case err == nil && u.Scheme == "unix" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		return &Clam{"unix", u.Path}, nil
	}
	return nil, fault.New(fault.Invalid, "%q is no address of clamd", s).Mend(`write "tcp://127.0.0.1:3310" or "unix:///run/clamav/clamd.ctl"`)
}

// Scan implements Scanner.
func (c *Clam) Scan(ctx context.Context, r io.Reader) (infected bool, err error) {
	defer fault.Wrap(&err, "upload.Clam")
	ctx, cancel := context.WithTimeout(ctx, clamTime)
	defer cancel()
	conn, err := (&net.Dialer{Timeout: clamDial}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return false, fault.New(fault.Unavailable, "%w", err)
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(end)
	}
	sent := c.send(conn, r)
	// clamd answers and hangs up when it has seen enough: its word counts, not our broken pipe.
	word, err := bufio.NewReader(io.LimitReader(conn, clamWord)).ReadBytes(0)
	word = bytes.TrimRight(word, "\x00\r\n")
	switch {
	case bytes.HasSuffix(word, []byte(" FOUND")):
		return true, nil
	case bytes.Equal(word, []byte("stream: OK")) && sent == nil:
		return false, nil
	case sent != nil:
		return false, fault.New(fault.Unavailable, "sending: %w", sent)
	case err != nil:
		return false, fault.New(fault.Unavailable, "answer: %w", err)
	}
	if bytes.Contains(word, []byte("size limit exceeded")) {
		return false, fault.New(fault.Unavailable, "clamd takes no file of this size").Mend("raise StreamMaxLength in clamd.conf to the size of a video")
	}
	return false, fault.New(fault.Unavailable, "clamd answers neither OK nor FOUND") // its words may hold a name
}

// send writes chunks, each after its length, and the empty one that ends them.
func (c *Clam) send(w io.Writer, r io.Reader) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	buf := make([]byte, 4+64<<10)
	for {
		n, err := io.ReadFull(r, buf[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n))
			if _, err := w.Write(buf[:4+n]); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			_, err := w.Write([]byte{0, 0, 0, 0})
			return err
		}
		if err != nil {
			return err
		}
	}
}
