package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"otklik/internal/account"
	"otklik/internal/scope"
)

type eraseCommand struct {
	Message eraseMessageCommand `cmd:"" help:"Take the words of messages away. There is no way back."`
	List    eraseListCommand    `cmd:"" help:"List what was erased: ids, never words."`
}

type eraseMessageCommand struct {
	Dir    string   `required:"" help:"Folder of the installation." placeholder:"DIR"`
	Source string   `help:"The ids are those of this source, as its network names messages." placeholder:"SOURCE"`
	IDs    []string `arg:"" name:"ID" help:"Messages."`
}

func (eraseMessageCommand) Help() string {
	return `Takes away what residents wrote, at their request: text, name, contact, index, readings'
places, replies. Ids, codes and the history stay. A message that is named by its source
and is not here yet will never be taken in. The ledger (erasures.jsonl in the folder)
erases again when an old backup is restored: keep it apart from the backups.

Example:
  otklik erase message --dir centre --source vk:-1001 5_17`
}

// Run erases.
func (c eraseMessageCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Forget(ctx, account.System(), c.Source, c.IDs...); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "Стёрто сообщений: %d.\n", len(c.IDs))
	return nil
}

type eraseListCommand struct {
	Dir string `required:"" help:"Folder of the installation." placeholder:"DIR"`
}

func (eraseListCommand) Help() string {
	return `Prints the ledger of erasures, one JSON object a line, oldest first.

Example:
  otklik erase list --dir centre`
}

type erasedLine struct {
	At     string `json:"at"`
	Source string `json:"source"`
	Native string `json:"native"`
	Who    int64  `json:"who,omitempty"`
}

// Run lists.
func (c eraseListCommand) Run(ctx context.Context, w world) error {
	a, err := open(ctx, w, c.Dir, slog.LevelWarn)
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := a.DB.Reader().Messages().Erasures(ctx, scope.All())
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w.out)
	for _, e := range list {
		if err := enc.Encode(erasedLine{e.At.UTC().Format("2006-01-02T15:04:05Z"), e.Source, e.Native, e.Who}); err != nil {
			return err
		}
	}
	return nil
}
