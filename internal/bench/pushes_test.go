package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"otklik/internal/api"
	"otklik/internal/source"
	"otklik/internal/source/vk"
	"otklik/internal/store"
	pushed "otklik/internal/stream"
)

// TestWhatANetworkWasAnsweredForIsInTheFiles: at the moment of each 200 the files are copied, as
// kill -9 would leave them, and another process finds in them every event that was answered.
func TestWhatANetworkWasAnsweredForIsInTheFiles(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	db, err := store.Open(ctx, filepath.Join(dir, "otklik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	inbox := pushed.NewInbox(db, time.Now, slog.New(slog.DiscardHandler))
	wall := &vk.Wall{Group: 1001, CommunityToken: "a token of nobody"}
	h := &api.Calls{
		Receiver: func(int64) (source.Source, source.Receiver) { return source.Source{ID: wall.ID()}, wall },
		Bring: func(ctx context.Context, s source.Source, r source.Received) error {
			_, err := inbox.Bring(ctx, s.ID, r.ID, r.Messages, nil)
			return err
		},
		Refused: func(_ source.Source, why error) { t.Error(why) }, Log: slog.New(slog.DiscardHandler),
	}
	for k := 1; k <= 3; k++ {
		for range 2 { // VK calls twice
			body := fmt.Sprintf(`{"type":"wall_reply_new","group_id":1001,"event_id":"e%d","secret":%q,"object":{"id":%[1]d,"from_id":-77,"date":1772442000,"text":"Яма","post_owner_id":-1001,"post_id":5}}`, k, wall.Secret())
			r := httptest.NewRequest("POST", "/hooks/sources/1", strings.NewReader(body))
			r.SetPathValue("number", "1")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != 200 || w.Body.String() != "ok" {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		killed := t.TempDir()
		for _, name := range []string{"otklik.db", "otklik.db-wal"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(killed, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		next, err := store.Open(ctx, filepath.Join(killed, "otklik.db"))
		if err != nil {
			t.Fatal(err)
		}
		items, err := next.Reader().Intake().Inbox(ctx, 100)
		if err != nil || len(items) != k {
			t.Errorf("%d events were answered, %d are in the files, %v", k, len(items), err)
		}
		next.Close()
	}
	db.Close()
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/hooks/sources/1", strings.NewReader(`{"type":"wall_reply_new","group_id":1001,"event_id":"e9","secret":"`+wall.Secret()+`","object":{"id":9,"from_id":-77,"date":1772442000,"text":"Яма","post_owner_id":-1001,"post_id":5}}`))
	r.SetPathValue("number", "1")
	if h.ServeHTTP(w, r); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("a store that takes nothing: %d", w.Code)
	}
}
