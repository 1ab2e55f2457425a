package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/message"
	"otklik/internal/scope"
)

// ledgerName is the file beside the configuration that holds the ledger of
// erasures as well: a backup of the database that is restored knows nothing of
// what was erased after it.
const ledgerName = "erasures.jsonl"

// A ledgerLine names one message as its network does. It holds no words.
type ledgerLine struct {
	Source string    `json:"source"`
	Native string    `json:"native"`
	At     time.Time `json:"at"`
	Who    int64     `json:"who,omitempty"`
	Region string    `json:"region,omitempty"`
	Centre string    `json:"centre,omitempty"`
	Agency int64     `json:"agency,omitempty"`
}

type erasedKey struct{ source, native string }

// SyncErasures makes the two ledgers one: what the file alone knows is erased
// again (the database was restored), what the database alone knows is written
// behind the file. It returns how many messages were erased again.
func (a *App) SyncErasures(ctx context.Context) (again int, err error) {
	defer fault.Wrap(&err, "app.SyncErasures")
	a.erasing.Lock()
	defer a.erasing.Unlock()
	path := filepath.Join(a.Dir, ledgerName)
	filed, torn, err := readLedger(path)
	if err != nil {
		return 0, err
	}
	stored, err := a.DB.Reader().Messages().Erasures(ctx, scope.All())
	if err != nil {
		return 0, err
	}
	inStore, inFile := map[erasedKey]bool{}, map[erasedKey]bool{}
	for _, e := range stored {
		inStore[erasedKey{e.Source, e.Native}] = true
	}
	for _, l := range filed {
		inFile[erasedKey{l.Source, l.Native}] = true
		if inStore[erasedKey{l.Source, l.Native}] {
			continue
		}
		e := message.Erasure{Source: l.Source, Native: l.Native, At: l.At, Who: l.Who, Place: scope.Place{Region: l.Region, Centre: l.Centre, Agency: l.Agency}}
		if err := a.DB.Change(ctx, incident.Machine, func(tx incident.Tx) error { return tx.Messages().Erase(ctx, e) }); err != nil {
			return again, err
		}
		again++
	}
	var more bytes.Buffer
	if torn {
		more.WriteByte('\n')
	}
	enc := json.NewEncoder(&more)
	for _, e := range stored {
		if !inFile[erasedKey{e.Source, e.Native}] {
			if err := enc.Encode(ledgerLine{e.Source, e.Native, e.At.UTC(), e.Who, e.Place.Region, e.Place.Centre, e.Place.Agency}); err != nil {
				return again, err
			}
		}
	}
	if more.Len() > 1 {
		err = appendLedger(path, more.Bytes())
	}
	if again > 0 && err == nil {
		if err = a.letGo(ctx); err == nil {
			err = a.DB.Sweep(ctx)
		}
	}
	return again, err
}

// readLedger reads the file; torn says that its last line has no end.
func readLedger(path string) (lines []ledgerLine, torn bool, err error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case err != nil:
		return nil, false, fault.New(fault.Unavailable, "%w", err).Mend("check the rights of the file")
	}
	n := 0
	for line := range bytes.Lines(b) {
		n++
		var l ledgerLine
		err := json.Unmarshal(line, &l)
		text := bytes.TrimSpace(line)
		switch cut := bytes.HasPrefix(text, []byte("{")) && !bytes.HasSuffix(text, []byte("}")); {
		case err == nil && l.Source != "" && l.Native != "":
			lines = append(lines, l)
		case cut, len(text) == 0: // a crash cut it; the database has what it said
		default:
			return nil, false, fault.New(fault.Invalid, "%s:%d: no line of the ledger of erasures", path, n).
				Say("Журнал стираний повреждён. Программа не начинает работу, чтобы не вернуть стёртое.").
				Mend("restore the file from a copy, or remove the line: what it names is then not erased again in a restored backup")
		}
		torn = !bytes.HasSuffix(line, []byte("\n"))
	}
	return lines, torn, nil
}

// appendLedger writes behind the file and returns when it is on the disk.
func appendLedger(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(b)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return fault.New(fault.Unavailable, "the ledger of erasures: %w", err).
			Say("Слова стёрты, но записать это в журнал рядом с базой не удалось. Сообщите администратору.").
			Mend("check the rights and the free space of the folder, then start the service again: it writes what is missing")
	}
	return nil
}

// Forget erases messages at their authors' request, as somebody: by our ids, or by
// those of a source. A message of a source that is not here yet gets its line in
// the ledger and is never taken in.
func (a *App) Forget(ctx context.Context, who account.Actor, source string, ids ...string) (err error) {
	for _, id := range ids {
		if err := a.forget(ctx, who, source, id); err != nil {
			return err
		}
	}
	return a.forgotten(ctx)
}

func (a *App) forget(ctx context.Context, who account.Actor, source, id string) error {
	if source == "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n <= 0 {
			return fault.New(fault.Invalid, "%q is no id of a message", id).
				Mend("give the number of a message of ours, or --source and its id at the network")
		}
		return a.Desk.Forget(ctx, who, message.ID(n))
	}
	m, err := a.DB.Reader().Messages().ByNative(ctx, source, id)
	switch {
	case err == nil:
		return a.Desk.Forget(ctx, who, m.ID)
	case !fault.Is(err, fault.NotFound):
		return err
	}
	e := message.Erasure{Source: source, Native: id, At: a.Now(), Who: int64(who.ID), Place: scope.Place{Region: a.region()}}
	return a.DB.Change(ctx, incident.People, func(tx incident.Tx) error { return tx.Messages().Erase(ctx, e) })
}

// forgotten ends an erasure: the second ledger, the bytes of pictures, and the log of
// the database.
func (a *App) forgotten(ctx context.Context) error {
	if _, err := a.SyncErasures(ctx); err != nil {
		return err
	}
	if err := a.letGo(ctx); err != nil {
		return err
	}
	if a.Uploads != nil { // what was sent and not drawn yet goes now, not with the next sweep
		if _, err := a.Uploads.Sweep(ctx); err != nil {
			return err
		}
	}
	return a.DB.Sweep(ctx)
}
