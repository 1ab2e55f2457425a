package herald

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/fetch"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/scope"
	"otklik/internal/webhook"
)

// An end is how a try ended.
type end struct {
	status int
	why    string        // in Russian; "" = it was taken
	after  time.Duration // the receiver asks to come again so late
	gone   bool          // 410: never again
	answer webhook.Answer
	took   time.Duration
}

// turn makes some calls of a webhook, and returns how many. A webhook that failed is asked
// with one call at a time, and rests between them.
func (h *Herald) turn(ctx context.Context, id webhook.ID) (n int, err error) {
	defer fault.Wrap(&err, "herald.turn(webhook %d)", id)
	now := h.Now()
	h.mu.Lock()
	rests := now.Before(h.rests[id])
	h.mu.Unlock()
	w, err := h.Store.Reader().Webhooks().Webhook(ctx, scope.All(), id)
	if rests || fault.Is(err, fault.NotFound) || err == nil && w.State != webhook.On {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	limit := together
	if !w.FailingSince.IsZero() {
		limit = 1
	}
	list, err := h.Store.Reader().Webhooks().Heads(ctx, id, now, limit)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	secrets, broken := h.secrets(w)
	ends := make([]end, len(list))
	var wait sync.WaitGroup
	for k := range list {
		if broken != nil {
			ends[k].why = fault.Sentence(broken)
			continue
		}
		wait.Go(func() { ends[k] = h.try(ctx, w, &list[k], secrets) })
	}
	wait.Wait()
	// What was made is noted although the service stops.
	return len(list), h.settle(context.WithoutCancel(ctx), w, list, ends)
}

// secrets returns what signs: the secret and, for a while, the one before.
func (h *Herald) secrets(w *webhook.Webhook) ([]string, error) {
	one, err := h.Box.Open(sealName(w), w.Sealed)
	if err != nil {
		return nil, err
	}
	list := []string{one}
	if len(w.Was) > 0 && h.Now().Before(w.WasUntil) {
		if was, err := h.Box.Open(sealName(w), w.Was); err == nil {
			list = append(list, was)
		}
	}
	return list, nil
}

func sealName(w *webhook.Webhook) string { return "webhook:" + w.Tag }

// answerLimit is how much of an answer is read.
const answerLimit = 64 << 10

// try makes one call. Neither the address nor the answer's words go any further.
func (h *Herald) try(ctx context.Context, w *webhook.Webhook, d *webhook.Delivery, secrets []string) (e end) {
	body, err := h.body(ctx, w, d)
	if err != nil {
		h.Log.Warn("a call of a webhook cannot be written", "webhook", int64(w.ID), "delivery", d.ID, "error", err)
		return end{why: "Не удалось составить вызов: запись, о которой он говорит, не читается."}
	}
	id, at := fmt.Sprintf("%s_%d", w.Tag, d.ID), h.Now()
	signature, err := webhook.Sign(id, at, body, secrets...)
	if err != nil {
		return end{why: "Секрет повреждён. Смените его."}
	}
	begun := time.Now()
	defer func() { e.took = time.Since(begun) }()
	// A stop waits for the call that was begun.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return end{why: "Адрес не годится. Исправьте его."}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Otklik (webhooks)")
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("webhook-signature", signature)
	res, err := h.client.Do(req)
	if err != nil {
		return end{why: unreached(err)}
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, answerLimit))
	return heard(d, res, said, h.Now())
}

// heard reads an answer.
func heard(d *webhook.Delivery, res *http.Response, said []byte, now time.Time) end {
	e := end{status: res.StatusCode}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	switch s := res.StatusCode; {
	case s >= 200 && s < 300:
		if d.Event == webhook.Publish {
			e.answer = published(said, now)
		}
		return e
	case s == http.StatusGone:
		e.gone, e.why = true, "Получатель ответил 410: вызовы ему больше не нужны."
	case s >= 300 && s < 400:
		e.why = fmt.Sprintf("Получатель ответил %d и послал на другой адрес. Переходить туда нельзя: впишите конечный адрес.", s)
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		e.why = fmt.Sprintf("Получатель ответил %d: подпись не подошла или вызов запрещён. Проверьте у него секрет.", s)
	case s == http.StatusNotFound:
		e.why = "Получатель ответил 404: по этому адресу никто не слушает. Проверьте адрес."
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable:
		e.why, e.after = fmt.Sprintf("Получатель занят, ответил %d.", s), time.Duration(min(max(seconds, 0), 24*3600))*time.Second
	case s >= 500:
		e.why = fmt.Sprintf("У получателя сбой: ответил %d.", s)
	default:
		e.why = fmt.Sprintf("Получатель не принял вызов: ответил %d.", s)
	}
	return e
}

// published reads the answer of a receiver that publishes at once: {"id", "url"}. Without an
// id it confirms later, by a call of its own.
func published(said []byte, now time.Time) (a webhook.Answer) {
	var got struct{ ID, URL string }
	if json.Unmarshal(said, &got) != nil || got.ID == "" || len(got.ID) > 512 || strings.IndexByte(got.ID, 0) >= 0 {
		return a
	}
	if len(got.URL) > 4096 || !strings.HasPrefix(got.URL, "https://") && !strings.HasPrefix(got.URL, "http://") {
		got.URL = ""
	}
	return webhook.Answer{At: now, Native: got.ID, URL: got.URL}
}

// unreached says why a receiver was not reached, without its address: it may hold a secret.
func unreached(err error) string {
	var name *net.DNSError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var timeout net.Error
	switch {
	case errors.Is(err, fetch.ErrInner):
		return "Адрес ведёт во внутреннюю сеть: туда вызовы не уходят. Дайте получателю открытый адрес."
	case errors.As(err, &name):
		return "Имя сервера не находится. Проверьте адрес."
	case errors.As(err, &cert), errors.As(err, &unknown):
		return "Сертификат получателя не проходит проверку."
	case errors.As(err, &timeout) && timeout.Timeout():
		return "Получатель не ответил за 15 секунд."
	}
	return "Не удалось соединиться с получателем."
}

// settle stores what became of calls, and of their webhook.
func (h *Herald) settle(ctx context.Context, w *webhook.Webhook, list []webhook.Delivery, ends []end) error {
	now := h.Now()
	var told []account.ID
	good, bad, off := false, 0, ""
	for k := range list {
		d, e := &list[k], &ends[k]
		d.Tries++
		d.Status, d.Error, d.Took = e.status, e.why, e.took
		switch {
		case e.why == "":
			good = true
			d.State, d.SentAt = webhook.Sent, now
		case e.gone:
			off = e.why
			d.State = webhook.Dead
		case d.Tries > len(waits) || d.Event == webhook.Test:
			bad++
			d.State = webhook.Dead
		default:
			bad++
			d.NextAt = now.Add(max(jitter(waits[d.Tries-1]), e.after))
		}
	}
	since := w.FailingSince
	switch {
	case good:
		since = time.Time{}
	case since.IsZero():
		since = now
	case off == "" && now.Sub(since) >= offAfter:
		off = "Получатель не принял ни одного вызова за пять суток."
	}
	err := h.Store.Change(ctx, incident.Machine, func(tx incident.Tx) error {
		told = nil
		for k := range list {
			if err := tx.Webhooks().Settle(ctx, &list[k]); err != nil {
				return err
			}
			if a := ends[k].answer; !a.At.IsZero() {
				if _, err := tx.Webhooks().Answered(ctx, w.Source, list[k].Key, a); err != nil {
					return err
				}
			}
		}
		last := w.LastAt
		if good {
			last = now
		}
		if err := tx.Webhooks().Fare(ctx, w.ID, since, last, off); err != nil || off == "" {
			return err
		}
		var err error
		told, err = h.complain(ctx, tx, w, now)
		return err
	})
	if err != nil {
		return err
	}
	h.rest(w.ID, !good && bad > 0, now)
	if bad > 0 || off != "" {
		h.Log.Warn("a webhook did not take calls", "webhook", int64(w.ID), "calls", bad, "status", ends[0].status, "off", off != "")
	}
	if len(told) > 0 {
		h.Tell(live.Event{For: told})
	}
	if off != "" {
		return h.Load(ctx)
	}
	return nil
}

// rest lets a webhook that failed be for a while, so that a receiver that is down is not
// asked by everything that waits for it.
func (h *Herald) rest(id webhook.ID, failed bool, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !failed {
		delete(h.rests, id)
		delete(h.fails, id)
		return
	}
	h.rests[id] = now.Add(min(5*time.Second<<min(h.fails[id], 8), 5*time.Minute))
	h.fails[id]++
}

// complain tells the administrators that a webhook is called no longer.
func (h *Herald) complain(ctx context.Context, tx incident.Tx, w *webhook.Webhook, now time.Time) (told []account.ID, err error) {
	keepers, err := tx.Notices().Roster(ctx, w.Place, lifecycle.Admin)
	if err != nil {
		return nil, err
	}
	var list []notice.Notice
	for _, p := range keepers {
		told = append(told, p.ID)
		list = append(list, notice.Notice{Account: p.ID, Kind: notice.System, What: notice.Webhook, Cause: fmt.Sprintf("webhook:%d:%d", w.ID, now.Unix()), Subject: int64(w.ID), At: now})
	}
	return told, tx.Notices().Write(ctx, list)
}
