package file

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A scanner walks through JSON without holding more of it than the value that
// is asked for. It checks structure alone: whoever takes a value decodes it.
type scanner struct {
	r     *bufio.Reader
	limit int
	line  int
	off   int64
	buf   []byte
}

func newScanner(r io.Reader, limit int) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 64<<10), limit: limit, line: 1}
}

// errSyntax says that the structure is broken, as against cut off.
var errSyntax = errors.New("file: broken JSON")

// deepest is how many levels a value may have.
const deepest = 500

func (s *scanner) byte() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	s.off++
	if c == '\n' {
		s.line++
	}
	return c, nil
}

func (s *scanner) back(c byte) {
	_ = s.r.UnreadByte()
	s.off--
	if c == '\n' {
		s.line--
	}
}

// peek returns the next byte that is no space, and leaves it.
func (s *scanner) peek() (byte, error) {
	for {
		c, err := s.byte()
		if err != nil {
			return 0, err
		}
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			s.back(c)
			return c, nil
		}
	}
}

// expect consumes the byte c.
func (s *scanner) expect(c byte) error {
	got, err := s.peek()
	if err != nil {
		return err
	}
	if got != c {
		return fmt.Errorf("%w: %q where %q should stand", errSyntax, got, c)
	}
	_, err = s.byte()
	return err
}

// object walks through an object: member is called for each key and must consume
// the value.
func (s *scanner) object(member func(key string) error) error {
	return s.members('{', '}', func() error {
		raw, big, err := s.value()
		if err != nil {
			return err
		}
		var key string
		if big || json.Unmarshal(raw, &key) != nil {
			key = ""
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if _, err := s.peek(); err != nil {
			return err
		}
		return member(key)
	})
}

// array walks through an array: element must consume the value.
func (s *scanner) array(element func() error) error { return s.members('[', ']', element) }

func (s *scanner) members(open, shut byte, member func() error) error {
	if err := s.expect(open); err != nil {
		return err
	}
	for first := true; ; first = false {
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c == shut {
			_, err := s.byte()
			return err
		}
		if !first {
			if err := s.expect(','); err != nil {
				return err
			}
			if _, err := s.peek(); err != nil {
				return err
			}
		}
		if err := member(); err != nil {
			return err
		}
	}
}

// value consumes a value and returns its bytes, valid until the next call. big
// says that it is over the limit; raw is then its beginning.
func (s *scanner) value() (raw []byte, big bool, err error) {
	s.buf = s.buf[:0]
	keep := func(c byte) {
		if len(s.buf) <= s.limit {
			s.buf = append(s.buf, c)
		}
	}
	if _, err := s.peek(); err != nil {
		return nil, false, err
	}
	depth, quoted := 0, false
	for n := 0; ; n++ {
		c, err := s.byte()
		if err != nil {
			if depth == 0 && !quoted && n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
				break // a bare number ends with the file
			}
			return s.buf, len(s.buf) > s.limit, err
		}
		if quoted {
			keep(c)
			switch c {
			case '\\':
				if c, err = s.byte(); err != nil {
					return s.buf, len(s.buf) > s.limit, err
				}
				keep(c)
			case '"':
				quoted = false
				if depth == 0 {
					return s.buf, len(s.buf) > s.limit, nil
				}
			}
			continue
		}
		switch c {
		case '"':
			if depth == 0 && n > 0 {
				return nil, false, errSyntax
			}
			quoted = true
		case '{', '[':
			if depth == 0 && n > 0 {
				return nil, false, errSyntax
			}
			if depth++; depth > deepest {
				return nil, false, fmt.Errorf("%w: too deep", errSyntax)
			}
		case '}', ']':
			if depth == 0 {
				s.back(c)
				if n == 0 {
					return nil, false, errSyntax
				}
				return s.buf, len(s.buf) > s.limit, nil
			}
			if depth--; depth == 0 {
				keep(c)
				return s.buf, len(s.buf) > s.limit, nil
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				s.back(c)
				if n == 0 {
					return nil, false, errSyntax
				}
				return s.buf, len(s.buf) > s.limit, nil
			}
		}
		keep(c)
	}
	return s.buf, len(s.buf) > s.limit, nil
}

// skip consumes a value.
func (s *scanner) skip() error {
	limit := s.limit
	s.limit = 0
	_, _, err := s.value()
	s.limit = limit
	return err
}

// kind reports whether the next value begins with c.
func (s *scanner) kind(c byte) (bool, error) {
	got, err := s.peek()
	return got == c, err
}
