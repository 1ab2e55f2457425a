package rig_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"otklik/internal/bench/rig"
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
