package mail

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"otklik/internal/attachment"
	"otklik/internal/message"
	"otklik/internal/source"
)

// Bounds of one Poll.
const (
	mostLetters = 40
	mostBytes   = 24 << 20
	letterLimit = 20 << 20 // bytes that are fetched of one letter
	backDefault = 14 * 24 * time.Hour
	keepOpen    = 2 * time.Minute
	givenUp     = 3  // times that a server does not give a letter before it is passed over
	almostFull  = 95 // per cent
)

// A cursor says how far each folder was read.
type cursor struct {
	Folders map[string]position `json:"f"`
	At      int64               `json:"t,omitempty"` // Unix time of the last reading
}

type position struct {
	Validity uint32 `json:"v"`
	UID      uint32 `json:"u"`
}

func parseCursor(raw []byte) cursor {
	var c cursor
	if json.Unmarshal(raw, &c) != nil || c.Folders == nil {
		c = cursor{Folders: map[string]position{}}
	}
	return c
}

// Poll implements source.Puller: letters behind the cursor. When there are none it waits for
// them as long as Wait says.
func (b *Box) Poll(ctx context.Context, raw []byte) (source.Batch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rest != nil {
		b.rest.Stop()
	}
	for again := b.conn != nil; ; again = false {
		batch, err := b.poll(ctx, raw)
		if err == nil {
			b.rest = time.AfterFunc(keepOpen, func() {
				b.mu.Lock()
				defer b.mu.Unlock()
				b.hangUp()
			})
			return batch, nil
		}
		b.hangUp()
		if ctx.Err() != nil {
			return source.Batch{}, ctx.Err()
		}
		var no *refusal
		if !again || errors.As(err, &no) && no.kind != "BYE" { // a connection that was kept may have ended meanwhile
			return source.Batch{}, b.trouble(err)
		}
	}
}

func (b *Box) hangUp() {
	if b.conn != nil {
		b.conn.close()
		b.conn = nil
	}
}

func (b *Box) poll(ctx context.Context, raw []byte) (batch source.Batch, err error) {
	if b.conn == nil {
		if b.conn, err = b.connect(ctx); err != nil {
			return batch, err
		}
	}
	c := b.conn
	defer context.AfterFunc(ctx, func() { c.net.Close() })()
	cur := parseCursor(raw)
	if len(raw) == 0 { // the first time: what keeps answers from going out is said before somebody needs one
		if s, ok := b.SMTP.(interface {
			Check(ctx context.Context, from string) error
		}); ok {
			if err := s.Check(ctx, b.Address); err != nil && ctx.Err() == nil {
				defer func() {
					batch.Note = strings.TrimSpace(batch.Note + " Отвечать пока нельзя. " + said(b.sendTrouble(err)))
				}()
			}
		}
	}
	if batch, err = b.round(ctx, c, &cur); err != nil || batch.More || len(batch.Messages) > 0 || len(batch.Bounces) > 0 || len(batch.LeftOut) > 0 || b.Wait <= 0 || len(raw) == 0 {
		return batch, err
	}
	if _, err := c.open("INBOX"); err != nil {
		return batch, err
	}
	if err := c.idle(ctx, b.Wait); err != nil {
		return batch, err
	}
	return b.round(ctx, c, &cur)
}

// round reads every folder once.
func (b *Box) round(ctx context.Context, c *conn, cur *cursor) (batch source.Batch, err error) {
	bytes := 0
	var notes []string
	for _, name := range b.folders(true) {
		f, err := c.open(name)
		var no *refusal
		switch {
		case errors.As(err, &no) && no.kind == "NO" && name != "INBOX":
			notes = append(notes, "Папки «"+name+"» в ящике нет: проверьте её название в настройках источника.")
			continue
		case err != nil:
			return batch, err
		}
		pos, uids, err := b.fresh(c, f, cur, name)
		if err != nil {
			return batch, err
		}
		for k, uid := range uids {
			if len(batch.Messages) >= mostLetters || k >= 4*mostLetters || bytes >= mostBytes {
				batch.More = true
				break
			}
			raw, at, err := c.fetch(uid, letterLimit)
			if errors.As(err, &no) && no.kind != "BYE" {
				if b.refuses(name, f.validity, uid) {
					notes = append(notes, "Почтовый сервер не отдаёт одно из писем: откройте ящик и прочитайте его там.")
					pos.UID = uid
					continue
				}
				return batch, err
			}
			if err != nil {
				return batch, err
			}
			bytes += len(raw)
			if raw != nil {
				if err := b.take(ctx, &batch, raw, at, name); err != nil {
					return batch, err
				}
			}
			pos.UID = uid
		}
		cur.Folders[name] = pos
		if batch.More {
			break
		}
	}
	if p := c.full(); p >= almostFull {
		notes = append(notes, fmt.Sprintf("Ящик заполнен на %d %%: скоро письма перестанут доходить. Освободите место или расширьте ящик.", p))
	}
	cur.At = b.now().Unix()
	batch.Note = strings.Join(notes, " ")
	batch.Cursor, err = json.Marshal(cur)
	return batch, err
}

// fresh returns the letters of the open folder that were not read yet, oldest first. Of a
// folder that is new, or whose numbers became others, those since a while.
func (b *Box) fresh(c *conn, f folder, cur *cursor, name string) (pos position, uids []uint32, err error) {
	pos, known := cur.Folders[name]
	if !known || pos.Validity != f.validity {
		since := b.now().Add(-cmp.Or(b.Back, backDefault))
		if cur.At > 0 && known {
			if last := time.Unix(cur.At, 0).UTC().Add(-48 * time.Hour); last.Before(since) {
				since = last
			}
		}
		pos = position{Validity: f.validity}
		if uids, err = c.search("SINCE " + since.Add(-24*time.Hour).Format("2-Jan-2006")); err != nil {
			return pos, nil, err
		}
		if len(uids) == 0 && f.next > 0 {
			pos.UID = f.next - 1
		}
		slices.Sort(uids)
		return pos, slices.Compact(uids), nil
	}
	if f.next > 0 && f.next == pos.UID+1 || f.exists == 0 {
		return pos, nil, nil
	}
	if uids, err = c.search(fmt.Sprintf("UID %d:*", uint64(pos.UID)+1)); err != nil {
		return pos, nil, err
	}
	uids = slices.DeleteFunc(uids, func(u uint32) bool { return u <= pos.UID }) // «*» is the last one however old
	slices.Sort(uids)
	return pos, slices.Compact(uids), nil
}

// said returns the sentence of an error.
func said(err error) string {
	var e *source.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Sentence
}

// folders returns the folders that are read.
func (b *Box) folders(sent bool) []string {
	list := []string{"INBOX"}
	for _, f := range b.Folders {
		if !strings.EqualFold(f, "INBOX") {
			list = append(list, f)
		}
	}
	if sent && b.Sent != "" {
		list = append(list, b.Sent)
	}
	return list
}

// refuses counts a letter that the server does not give, and reports whether it was asked
// often enough.
func (b *Box) refuses(folder string, validity, uid uint32) bool {
	if b.bad == nil {
		b.bad = map[string]int{}
	}
	key := fmt.Sprintf("%s/%d/%d", folder, validity, uid)
	b.bad[key]++
	if b.bad[key] < givenUp {
		return false
	}
	delete(b.bad, key)
	return true
}

// Reasons why a letter is no message, counted.
const (
	leftEmpty = "empty"
	leftOwn   = "own"
)

// take adds what a letter says to the batch.
func (b *Box) take(ctx context.Context, batch *source.Batch, raw []byte, at time.Time, folder string) error {
	l := Read(raw)
	mine := b.ours(l.From)
	switch {
	case l.Bounce != nil && !mine:
		if !l.Bounce.Delayed {
			batch.Bounces = append(batch.Bounces, source.Bounce{Native: l.Bounce.ID, Sentence: l.Bounce.Sentence})
		}
		batch.Leave(autoBack, 1)
		return nil
	case folder == b.Sent && !mine, mine && (folder != b.Sent || b.Sent == ""):
		batch.Leave(leftOwn, 1)
		return nil
	case l.Auto != "" && !mine:
		batch.Leave(l.Auto, 1)
		return nil
	case l.Text == "" && len(l.Files) == 0:
		batch.Leave(leftEmpty, 1)
		return nil
	}
	m, err := b.message(ctx, l, at)
	if err != nil {
		return err
	}
	m.Own = mine
	batch.Messages = append(batch.Messages, m)
	return nil
}

// message makes a message of a letter that the server took at a time.
func (b *Box) message(ctx context.Context, l *Letter, at time.Time) (message.Message, error) {
	st, sure := b.stand(l)
	if !sure && b.Numbered != nil {
		var err error
		if st, err = b.numbered(ctx, l, st); err != nil {
			return message.Message{}, err
		}
	}
	m := message.Message{
		Source: b.Source, Channel: channel, Form: message.Direct, Native: l.ID, Revision: message.HashOf(l.ID), Event: message.Written,
		Thread: st.thread, Parent: st.parent, Author: st.author, AuthorName: cmp.Or(l.Name, l.From), Contact: l.From, Text: l.Text,
		PublishedAt: l.Date, SeenAt: b.now(), Addressed: true,
	}
	if l.Doubt {
		m.AuthorName += " (почтовый сервер сомневается в отправителе)"
	}
	// The sender's clock is believed only beside that of the server which took the letter.
	if !at.IsZero() && (m.PublishedAt.IsZero() || m.PublishedAt.After(at.Add(time.Hour)) || m.PublishedAt.Before(at.Add(-7*24*time.Hour))) {
		m.PublishedAt = at.UTC()
	}
	if m.PublishedAt.IsZero() || m.PublishedAt.After(m.SeenAt.Add(time.Hour)) {
		m.PublishedAt = m.SeenAt
	}
	for _, f := range l.Files {
		r := attachment.Ref{Kind: attachment.Document, Name: "part:" + f.Path, Title: f.Name + ", " + size(f.Size)}
		if l.Named && f.Size <= letterLimit && (f.Picture() || f.Type == "application/pdf") {
			if r.Name, r.Title = fileName(f.Path, l.ID), f.Name; f.Picture() {
				r.Kind = attachment.Photo
			}
		}
		m.Attachments = append(m.Attachments, r)
	}
	m.Attachments = attachment.Tidy(m.Attachments)
	return m, nil
}

func size(n int) string {
	if n < 1<<20 {
		return itoa(max(1, n>>10)) + " КБ"
	}
	return itoa(n>>20) + " МБ"
}
