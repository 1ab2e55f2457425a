package classify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"otklik/internal/fault"
)

// TrainFile learns a model from the labelled CSV at path and writes it to out,
// whole or not at all. It returns the model, so that the caller can say what
// was learnt.
func TrainFile(ctx context.Context, r Reader, path, label, out string) (m *Model, err error) {
	defer fault.Wrap(&err, "train on %s", filepath.Base(path))
	in, err := open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if m, err = TrainTable(r, in, label); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m, write(out, func(w io.Writer) error {
		_, err := m.WriteTo(w)
		return err
	})
}

// EvalFiles is EvalTopics over files; train and predictions may be "".
func EvalFiles(ctx context.Context, r Reader, train, test, label, predictions string) (s Summary, err error) {
	in, err := open(test)
	if err != nil {
		return s, err
	}
	defer in.Close()
	var from io.Reader
	if train != "" {
		f, err := open(train)
		if err != nil {
			return s, err
		}
		defer f.Close()
		from = f
	}
	if predictions == "" {
		return EvalTopics(ctx, r, from, in, label, nil)
	}
	err = write(predictions, func(w io.Writer) error {
		var err error
		s, err = EvalTopics(ctx, r, from, in, label, w)
		return err
	})
	return s, err
}

// OpenModel reads the model file at path.
func OpenModel(path string) (m *Model, err error) {
	defer fault.Wrap(&err, "model %s", filepath.Base(path))
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadModel(f)
}

func open(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "classify: %w", err).Say("Файл не найден.").Mend("check the path")
	}
	return f, err
}

// write fills a file beside path and puts it in place when all is written.
func write(path string, fill func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".otklik-*")
	if err != nil {
		return fault.New(fault.Invalid, "classify: cannot write to %s: %w", filepath.Base(path), err).
			Say("Файл не создаётся: проверьте папку и права.").Mend("check that the folder of --out exists")
	}
	defer os.Remove(f.Name()) // a no-op after the rename
	if err := fill(f); err != nil {
		f.Close()
		return err
	}
	if err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("classify: write %s: %w", filepath.Base(path), err)
	}
	return os.Rename(f.Name(), path)
}
