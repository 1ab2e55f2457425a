package notify_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"otklik/internal/notice"
	"otklik/internal/notify"
)

// TestOfAMessageOfUnknownEndOnlyTheCallsGoAgain: a chat shows twice what is sent twice, so
// what stood beside a call is not sent with it again.
func TestOfAMessageOfUnknownEndOnlyTheCallsGoAgain(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *world){
		"killed": func(w *world) {
			w.dies(notice.Telegram)
			w.now = w.now.Add(3 * time.Minute)
			w.restart()
		},
		"not heard": func(w *world) {
			w.chat.fails = func(string) error { return errors.Join(notify.ErrUnclear, errors.New("reset")) }
			w.step(1)
			if sent := w.chat.take(); len(sent) != 1 || len(sent[0].Lines) != 2 {
				t.Errorf("sent at first %+v", sent)
			}
			w.chat.fails = nil
			w.now = w.now.Add(firstPause)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.reach(w.anna, notice.Telegram, "5")
			w.notice(notice.Given)
			w.notice(notice.Call)
			begin(w)
			w.step(1)
			if sent := w.chat.take(); len(sent) != 1 || len(sent[0].Lines) != 1 || !sent[0].Urgent {
				t.Errorf("sent again %+v, want the call alone", sent)
			}
			if got := w.states(); got != "telegram sent 1, telegram unknown 1" {
				t.Errorf("deliveries: %s", got)
			}
		})
	}
}

// TestWhoBeginsClaimsWhatAKillLeft: nobody waits for the end of a lease whose holder is dead.
func TestWhoBeginsClaimsWhatAKillLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.notice(notice.Given)
	w.dies(notice.Mail)
	w.restart()
	free := false
	w.Alone = func(context.Context) (notify.Lease, error) {
		if !free {
			return nil, nil //nolint:nilnil // as the contract says
		}
		return lease{}, nil
	}
	w.Every = time.Millisecond
	run := func(until func() bool) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
		defer stop()
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		for !until() && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		stop()
		must(t, <-ended)
	}
	looks := 0
	run(func() bool { looks++; return looks > 50 })
	if got := w.states(); got != "mail sending 1" {
		t.Errorf("while another process sends: %s", got)
	}
	free = true
	run(func() bool { return w.states() == "mail sent 1" })
	if sent := w.mail.take(); len(sent) != 1 || w.states() != "mail sent 1" {
		t.Errorf("after the other one ended %d left, %s", len(sent), w.states())
	}
}

// TestAChannelThatHangsKeepsNoOtherWaiting: a call leaves by Telegram while the mail server
// says nothing, and so does the next one.
func TestAChannelThatHangsKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reach(w.anna, notice.Mail, "anna@example.ru")
	w.reach(w.anna, notice.Telegram, "5")
	goOn, left := make(chan struct{}), make(chan struct{}, 9)
	w.mail.hangs = func() { <-goOn }
	w.chat.hangs = func() { left <- struct{}{} }
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	for k := range 3 {
		w.notice(notice.Call)
		w.Wake()
		select {
		case <-left:
		case <-ctx.Done():
			t.Fatalf("call %d waits for the mail server", k+1)
		}
	}
	close(goOn)
	for w.states() != "mail sent 3, telegram sent 3" && ctx.Err() == nil {
		w.Wake()
		time.Sleep(time.Millisecond)
	}
	if got := w.states(); got != "mail sent 3, telegram sent 3" {
		t.Errorf("in the end: %s", got)
	}
	stop()
	must(t, <-ended)
}

type lease struct{}

func (lease) Check(context.Context) error { return nil }
func (lease) Release()                    {}
