package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"otklik/internal/fault"
)

// errHeld says that another process holds the lock of a file.
var errHeld = errors.New("another process holds it")

// Hold keeps other services away from the SQLite file at url until release is
// called or the process ends, by kill -9 too: the kernel locks the file PATH.lock.
// Two services would both publish replies and poll. Commands that only read or
// take in (import, dead, places, topics) do not ask for it and work beside a
// service: SQLite itself orders their changes. On PostgreSQL it does nothing:
// several services may run there, and Alone lets one publish.
func Hold(url string) (release func() error, err error) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return func() error { return nil }, nil
	}
	path := strings.TrimPrefix(url, "sqlite:")
	if real, err := filepath.EvalSymlinks(path); err == nil { // two names of one database
		path = real
	}
	path += ".lock"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, unlockable(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unlockable(path, err)
	}
	if err := lockFile(f); err != nil {
		by, _ := io.ReadAll(io.LimitReader(f, 20))
		f.Close()
		if !errors.Is(err, errHeld) {
			return nil, unlockable(path, err)
		}
		holder := strings.TrimSpace(string(by))
		if holder == "" {
			holder = "?"
		}
		return nil, fault.New(fault.Conflict, "%s: a service runs on this database already, process %s", path, holder).
			Say(fmt.Sprintf("С этой базой данных уже работает другой процесс Отклика (номер %s). Второй рядом не запускается: ответы ушли бы дважды.", holder)).
			Mend("stop the other one first, or give this one a folder of its own (--dir); the lock ends with its process, there is nothing to delete")
	}
	// The file is never removed: a third process could lock a new one beside it.
	if err := errors.Join(f.Truncate(0), write(f, fmt.Sprintf("%d\n", os.Getpid()))); err != nil {
		f.Close()
		return nil, unlockable(path, err)
	}
	return f.Close, nil
}

func write(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}

func unlockable(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fault.New(fault.Unavailable, "%s: the database cannot be locked: %w", path, err).
		Say("Базу данных не удаётся закрепить за этим процессом.").Mend("check the rights of the folder and the room on its disk")
}
