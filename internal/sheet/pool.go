package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
)

// inMemory is how many bytes of shared strings are kept in memory; what is more stands
// in a file without a name, which the system takes away with the program.
const inMemory = 8 << 20

// A pool is the list of strings that cells share.
type pool struct {
	ends []int64 // of each string, behind one another
	head []byte
	file *os.File
	size int64
}

// shared reads the strings once.
func (b *Book) shared() (err error) {
	if b.strings != nil {
		return nil
	}
	p := &pool{}
	defer func() {
		if err != nil {
			_ = p.close()
		}
	}()
	r, err := b.part("xl/sharedStrings.xml")
	if errors.Is(err, errNoPart) {
		b.strings = p
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	d := decoder(r)
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return brokenAt(r, "sharedStrings", err)
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "si" {
			text, _, err := phrase(d, "si", b.limits.Cell)
			if err != nil {
				return brokenAt(r, "sharedStrings", err)
			}
			if err := p.add(text); err != nil {
				return err
			}
		}
	}
	b.strings = p
	return nil
}

func (p *pool) add(s []byte) (err error) {
	p.size += int64(len(s))
	p.ends = append(p.ends, p.size)
	if p.file == nil && len(p.head)+len(s) <= inMemory {
		p.head = append(p.head, s...)
		return nil
	}
	if p.file == nil {
		if p.file, err = os.CreateTemp("", "otklik-sheet-*"); err != nil {
			return err
		}
		_ = os.Remove(p.file.Name()) // a system that refuses keeps it until it is closed
	}
	at := p.size - int64(len(s)) - int64(len(p.head))
	_, err = p.file.WriteAt(s, at)
	return err
}

// at returns a string; one that is not there is empty.
func (p *pool) at(k int) string {
	if k < 0 || k >= len(p.ends) {
		return ""
	}
	from, to := int64(0), p.ends[k]
	if k > 0 {
		from = p.ends[k-1]
	}
	if to <= int64(len(p.head)) {
		return string(p.head[from:to])
	}
	b := make([]byte, to-from)
	if _, err := p.file.ReadAt(b, from-int64(len(p.head))); err != nil {
		return ""
	}
	return string(b)
}

func (p *pool) close() error {
	if p.file == nil {
		return nil
	}
	_ = os.Remove(p.file.Name())
	return p.file.Close()
}
