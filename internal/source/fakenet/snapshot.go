// Package fakenet is what the fakes of networks have in common: the file that
// keeps one over a restart, and the ways in which a call to it goes wrong.
package fakenet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"otklik/internal/fault"
)

// A Snapshot keeps the state of a fake in a file over a restart. Its methods are
// called under the fake's own lock.
type Snapshot struct {
	Path string // "" = memory alone
	held bool
}

// Load reads the state; without a file it stays as it is. fault.Invalid: the
// file is no snapshot.
func (s *Snapshot) Load(state any) error {
	if s.Path == "" {
		return nil
	}
	b, err := os.ReadFile(s.Path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if err := json.Unmarshal(b, state); err != nil {
		return fault.New(fault.Invalid, "snapshot %s: %w", s.Path, err).Mend("delete the file to begin with an empty network")
	}
	return nil
}

// Hold says whether Save waits: many things are being written at once.
func (s *Snapshot) Hold(on bool) { s.held = on }

// Save writes the state whole or leaves the file as it was. One that cannot be
// written costs a demo its state at the next start, which is no reason to stop now.
func (s *Snapshot) Save(state any) {
	if s.Path == "" || s.held {
		return
	}
	b, err := json.Marshal(state)
	if err != nil {
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(s.Path), "."+filepath.Base(s.Path)+"-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(b)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), s.Path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
}
