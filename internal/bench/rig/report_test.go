package rig_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/bench/rig"
	"otklik/internal/incident"
	"otklik/internal/scope"
	"otklik/internal/store"
)

// A citizen sends forms, one after the other, and sends one again that was not answered.
type citizen struct {
	at    int
	texts []rig.Text
	sent  int
	filed map[string][3]string // number, link and text by the key of the form
	first chan struct{}
}

func (r *citizen) report(t *testing.T, base string) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for {
		key := rig.FormKey(fmt.Sprintf("r%d-%d", r.at, r.sent))
		text := r.texts[r.sent%len(r.texts)].Text + " яма"
		number, link, err := rig.Report(t.Context(), client, base, key, text, r.at<<12|r.sent)
		if err != nil {
			return
		}
		r.filed[key] = [3]string{number, link, text}
		r.sent++
		select {
		case r.first <- struct{}{}:
		default:
		}
	}
}

// TestAReportThatHasItsNumberIsOnTheDisk kills the service with SIGKILL while residents
// report. Every number that somebody saw leads to its case after the last start by the link
// that stood beside it, and the same form sent again has the same number.
func TestAReportThatHasItsNumberIsOnTheDisk(t *testing.T) {
	t.Parallel()
	kills, _ := soak(4)
	if testing.Short() {
		kills = 2
	}
	rnd := rand.New(rand.NewPCG(seed(t), 61))
	c := newCentre(t, khakassia, rig.Portal)
	acks := make(chan struct{}, 1)
	people := make([]*citizen, 4)
	for k := range people {
		people[k] = &citizen{at: k + 1, texts: rig.Texts(uint64(61+k), 500), filed: map[string][3]string{}, first: acks}
	}
	for range kills {
		s := serve(t, c)
		select {
		case <-acks: // of the life before
		default:
		}
		var wg sync.WaitGroup
		for _, p := range people {
			wg.Go(func() { p.report(t, s.URL) })
		}
		select {
		case <-acks:
		case <-time.After(time.Minute):
			t.Fatal("no report was answered in a minute")
		}
		<-time.After(time.Duration(rnd.Int64N(int64(400 * time.Millisecond)))) // the random moment
		s.Kill()
		wg.Wait()
	}
	s := serve(t, c)
	total, numbers := 0, map[string]string{}
	for _, p := range people {
		k := 0
		for key, is := range p.filed {
			total++
			if other := numbers[is[0]]; other != "" {
				t.Errorf("forms %s and %s have the number %s", key, other, is[0])
			}
			numbers[is[0]] = key
			res, err := http.Get(s.URL + is[1])
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK || !strings.Contains(string(body), is[0]) {
				t.Errorf("the link of %s answers %s", is[0], res.Status)
			}
			if k++; k > 20 {
				continue
			}
			if number, link, err := rig.Report(t.Context(), http.DefaultClient, s.URL, key, is[2], 77_000+total); err != nil || number != is[0] || link != is[1] {
				t.Errorf("form %s again: %s %s, %v; want %s %s", key, number, link, err, is[0], is[1])
			}
		}
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	got := census(t, c)
	if len(got.Messages) < total {
		t.Errorf("%d numbers were shown, the store holds %d messages", total, len(got.Messages))
	}
	t.Logf("%d kills, %d numbers shown, %d messages stored", kills, total, len(got.Messages))
}

// A photo that is sent in pieces goes with the form that names it, and is drawn anew after the
// number was shown.
func TestAPhotoThatWasUploadedGoesWithItsReport(t *testing.T) {
	t.Parallel()
	photo, err := rig.Photo(1)
	if err != nil || len(photo) < 2_000_000 || len(photo) > 2_200_000 {
		t.Fatalf("a photo of %d bytes, %v, want about two million", len(photo), err)
	}
	if other, err := rig.Photo(2); err != nil || bytes.Equal(photo, other) {
		t.Fatalf("two photos are one, %v", err)
	}
	c := newCentre(t, khakassia, rig.Portal)
	s := serve(t, c)
	token, err := rig.Upload(t.Context(), http.DefaultClient, s.URL, photo, 5)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rig.PhotoReportRequest(t.Context(), s.URL, rig.FormKey("photo"), rig.Texts(61, 1)[0].Text+" яма", token, 5)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusOK || !strings.Contains(string(body), "Номер") {
		t.Fatalf("the report was answered by %s", res.Status)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	db, err := store.Open(t.Context(), c.Store())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m := census(t, c).Messages
	if len(m) != 1 {
		t.Fatalf("%d messages, want 1", len(m))
	}
	page, err := db.Reader().Incidents().Queue(t.Context(), scope.All(), incident.Filter{Limit: 5})
	if err != nil || len(page.Rows) != 1 {
		t.Fatalf("%d incidents, %v, want 1", len(page.Rows), err)
	}
	list, err := db.Reader().Attachments().OfIncident(t.Context(), scope.All(), int64(page.Rows[0].Incident.ID))
	if err != nil || len(list) != 1 {
		t.Errorf("%d attachments, %v, want 1", len(list), err)
	}
}
