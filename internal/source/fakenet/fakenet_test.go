package fakenet_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"otklik/internal/source/fakenet"
)

func TestASnapshotOutlivesItsFake(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wall.json")
	s := fakenet.Snapshot{Path: path}
	state := []string{"было"}
	if err := s.Load(&state); err != nil || len(state) != 1 {
		t.Errorf("without a file: %v, %v", state, err)
	}
	s.Save([]string{"один"})
	s.Hold(true)
	s.Save([]string{"два"})
	if err := s.Load(&state); err != nil || state[0] != "один" {
		t.Errorf("while held: %v, %v", state, err)
	}
	s.Hold(false)
	s.Save([]string{"три"})
	if err := s.Load(&state); err != nil || state[0] != "три" {
		t.Errorf("after: %v, %v", state, err)
	}
	if err := os.WriteFile(path, []byte("[cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Load(&state); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a broken snapshot: %v, want the name of the file", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("%d files beside the snapshot", len(left)-1)
	}
}

func TestTroublesAreTakenOnceAndInOrder(t *testing.T) {
	t.Parallel()
	var ts fakenet.Troubles
	ts.Add("wall.get", fakenet.Trouble{Kind: fakenet.Status, Code: 502})
	ts.Add("GET /chats", fakenet.Trouble{Kind: fakenet.Garbage})
	ts.Add("", fakenet.Trouble{Kind: fakenet.Odd})
	for _, tt := range []struct {
		op   string
		want fakenet.Kind
	}{
		{"GET /chats/{id}", fakenet.Garbage}, {"wall.getComments", fakenet.Odd}, {"wall.getComments", ""}, {"wall.get", fakenet.Status}, {"wall.get", ""},
	} {
		if got := ts.Take(tt.op).Kind; got != tt.want {
			t.Errorf("Take(%s) = %q, want %q", tt.op, got, tt.want)
		}
	}
}

func TestACallGoesWrong(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fakenet.Kind]string{
		fakenet.Status: "<html>Bad Gateway</html>\n", fakenet.Garbage: "<!doctype html><p>\x00\xff это не ответ API", fakenet.Odd: "{7}", fakenet.Huge: strings.Repeat(" ", 64<<20),
		fakenet.Lost: "", fakenet.Late: "", "": "",
	} {
		w := httptest.NewRecorder()
		if done := (fakenet.Trouble{Kind: kind, Code: 502}).Before(w, "{7}"); done != (want != "") || w.Body.String() != want {
			t.Errorf("%s: answered %t with %d bytes", kind, done, w.Body.Len())
		}
	}
	func() {
		defer func() {
			if got := recover(); got != http.ErrAbortHandler {
				t.Errorf("a lost answer: %v", got)
			}
		}()
		fakenet.Trouble{Kind: fakenet.Lost}.Spoil(httptest.NewRequest("GET", "/", nil))
	}()
}
