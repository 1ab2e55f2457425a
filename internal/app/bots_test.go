package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"otklik/internal/account"
	"otklik/internal/config"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/roster"
	"otklik/internal/scope"
	"otklik/internal/seal"
	"otklik/internal/source"
	"otklik/internal/source/telegram/telegramfake"
	"otklik/internal/store"
)

// One bot sends notices and takes residents' messages: the source alone listens, a code
// links the chat, what residents say comes in, and pictures are asked of the same bot.
func TestOneBotServesNoticesAndMessages(t *testing.T) {
	t.Parallel()
	const token = "4001:shared"
	fake, err := telegramfake.New(telegramfake.Options{Token: token, Name: "otklik_bot", Channel: "Двор"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	dir := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(dir, "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	a := &App{Options: Options{Dir: dir, Config: config.Config{Bot: &config.Bot{Token: token, URL: srv.URL}}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Demo: &Demo{}}, DB: db}
	if err := a.openNotices(t.Context()); err != nil {
		t.Fatal(err)
	}
	box, err := seal.Keyed(filepath.Join(dir, seal.Name))
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan source.Batch, 10)
	a.Roster = roster.New(roster.Options{
		Store: db, Box: box, Kinds: map[source.Kind]roster.Connector{source.Telegram: a.telegramKind()}, Stand: func(string) scope.Place { return scope.Place{} }, Now: time.Now, Log: a.Log,
		Read: func(ctx context.Context, c source.Connection) {
			var cursor []byte
			for ctx.Err() == nil {
				if b, err := c.Puller.Poll(ctx, cursor); err == nil {
					cursor = b.Cursor
					came <- b
				}
			}
		},
	})
	if a.listens(token) {
		t.Error("a source listens that is not there")
	}
	person := &account.Account{Login: "anna", Name: "Анна", Role: lifecycle.Admin, Hash: "x"}
	if err := db.Change(t.Context(), incident.People, func(tx incident.Tx) error {
		if err := tx.Accounts().SaveAccount(t.Context(), person); err != nil {
			return err
		}
		if err := tx.Sources().SaveKey(t.Context(), &source.Key{Name: "бот", Kind: source.Telegram, Sealed: box.Seal("бот", token), AddedAt: time.Now()}); err != nil {
			return err
		}
		return tx.Sources().SaveSource(t.Context(), &source.Source{ID: "telegram:4001", Kind: source.Telegram, Channel: "telegram", Name: "Бот", Key: "бот", Settings: []byte(`{"api":"` + srv.URL + `"}`), AddedAt: time.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	if err := a.Roster.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !a.listens(token) || a.listens("4001:other") {
		t.Error("the source does not listen to its bot")
	}
	code, err := a.Notices.AskTelegram(t.Context(), person.ID)
	if err != nil {
		t.Fatal(err)
	}
	resident := fake.Person("Житель")
	if _, err := fake.Direct(resident, "/start "+code, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := fake.Photo(resident, resident, "Не горит фонарь", []byte("picture")); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{}, 2)
	for _, run := range []func(context.Context) error{a.Roster.Run, a.hearBot} {
		go func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
			ended <- struct{}{}
		}()
	}
	b := <-came
	if len(b.Messages) != 1 || b.Messages[0].Text != "Не горит фонарь" {
		t.Fatalf("came %+v", b.Messages)
	}
	if said := fake.Wrote(resident); !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "Готово") }) {
		t.Errorf("the code brought %q", said)
	}
	address, err := a.fileAddress(ctx, "telegram:4001", b.Messages[0].Attachments[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if hosts := a.Roster.FileHosts("telegram:4001"); res.StatusCode != http.StatusOK || fmt.Sprint(hosts) != "[127.0.0.1]" {
		t.Errorf("the picture: %d, hosts %v", res.StatusCode, hosts)
	}
	if _, err := a.fileAddress(ctx, "telegram:77", "file:x"); err == nil {
		t.Error("a file of a bot that is not there")
	}
	stop()
	<-ended
	<-ended
}
