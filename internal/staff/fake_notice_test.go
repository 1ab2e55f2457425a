package staff_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"otklik/internal/account"
	"otklik/internal/call"
	"otklik/internal/checklist"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/scope"
)

// fakeNotices and fakePosts hold what the pages read and write.
type fakeNotices struct {
	notice.Store
	h *house
}

type fakePosts struct {
	notice.Posts
	h *house
}

func (h *house) Notices() notice.Store { return fakeNotices{h: h} }
func (h *house) Posts() notice.Posts   { return fakePosts{h: h} }

func (f fakeNotices) Notices(_ context.Context, who account.ID, q notice.Filter) (out []notice.Notice, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for _, n := range slices.Backward(f.h.told) {
		if n.Account == who && (!q.Unseen || n.SeenAt.IsZero()) && (q.Kind == "" || n.Kind == q.Kind) && (q.About == 0 || n.Incident == q.About) &&
			(q.After == 0 || n.ID < q.After) && len(out) < q.Limit {
			out = append(out, n)
		}
	}
	return out, nil
}

func (f fakeNotices) Unseen(ctx context.Context, who account.ID, limit int) (int, error) {
	list, err := f.Notices(ctx, who, notice.Filter{Unseen: true, Limit: limit})
	return len(list), err
}

func (f fakeNotices) See(_ context.Context, who account.ID, about int64, now time.Time) (n int, _ error) {
	f.h.mu.Lock()
	defer f.h.mu.Unlock()
	for k := range f.h.told {
		if t := &f.h.told[k]; t.Account == who && t.SeenAt.IsZero() && (about == 0 || t.Incident == about) {
			t.SeenAt = now
			n++
		}
	}
	return n, nil
}

func (f fakeNotices) Roster(context.Context, scope.Place, ...lifecycle.Role) ([]notice.Person, error) {
	return nil, nil
}

func (f fakePosts) Choice(_ context.Context, who account.ID) (notice.Choice, error) {
	if c, ok := f.h.chosen[who]; ok {
		return c, nil
	}
	return notice.Default(who), nil
}

func (f fakePosts) SaveChoice(_ context.Context, c notice.Choice) error {
	if f.h.chosen == nil {
		f.h.chosen = map[account.ID]notice.Choice{}
	}
	f.h.chosen[c.Account] = c
	return nil
}

func (f fakePosts) Addresses(_ context.Context, who account.ID) (out []notice.Address, _ error) {
	for _, a := range f.h.addresses {
		if a.Account == who {
			out = append(out, a)
		}
	}
	return out, nil
}

func (f fakePosts) Address(_ context.Context, id int64) (*notice.Address, error) {
	for k := range f.h.addresses {
		if a := f.h.addresses[k]; a.ID == id {
			return &a, nil
		}
	}
	return nil, fault.New(fault.NotFound, "address %d is not here", id)
}

func (f fakePosts) Trouble(context.Context, scope.Scope, time.Time) (notice.Trouble, error) {
	return f.h.trouble, nil
}

// A fakePosting notes what it was asked for.
type fakePosting struct {
	h     *house
	deeds []string
	err   error
}

func (f *fakePosting) Offers(notice.Channel) bool { return true }

// pushKey is a key of P-256 with which nothing was ever signed.
const pushKey = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"

func (f *fakePosting) PushKey() string { return pushKey }

func (f *fakePosting) AddBrowser(_ context.Context, who account.ID, b notice.Browser, old, name string) error {
	f.h.mu.Lock()
	f.h.addresses = append(f.h.addresses, notice.Address{ID: int64(100 + len(f.h.addresses)), Account: who, Channel: notice.Push, To: b.To(), Label: name, State: notice.Good, At: clock})
	f.h.mu.Unlock()
	return f.did("push "+b.Endpoint+" "+b.P256DH+" "+b.Auth+" "+old+" "+name, nil)
}

func (f *fakePosting) did(deed string, err error) error {
	f.deeds = append(f.deeds, deed)
	if f.err != nil {
		return f.err
	}
	return err
}

func (f *fakePosting) Choose(ctx context.Context, who account.ID, c notice.Choice) error {
	c.Account = who
	if err := c.Valid(); err != nil {
		return err
	}
	return f.did("choose", fakePosts{h: f.h}.SaveChoice(ctx, c))
}

func (f *fakePosting) AddMail(_ context.Context, _ account.ID, to string) error {
	return f.did("mail "+to, nil)
}

func (f *fakePosting) Prove(_ context.Context, _ account.ID, id int64, code string) error {
	return f.did(fmt.Sprint("prove ", id, " ", code), nil)
}

func (f *fakePosting) AskTelegram(context.Context, account.ID) (string, error) {
	return "КОД", f.did("telegram", nil)
}

func (f *fakePosting) Bot() string { return "otklik_bot" }

func (f *fakePosting) Drop(_ context.Context, _ account.ID, id int64) error {
	return f.did(fmt.Sprint("drop ", id), nil)
}

func (f *fakePosting) Try(context.Context, account.ID) ([]notice.Channel, error) {
	return []notice.Channel{notice.Mail, notice.Telegram}, f.did("try", nil)
}

// A fakeKeeperOfDesk notes what was set up.
type fakeKeeperOfDesk struct {
	h       *house
	list    checklist.Template
	centres []string
	err     error
}

func (f *fakeKeeperOfDesk) SaveChecklist(_ context.Context, _ account.Actor, t checklist.Template) error {
	f.list = t
	return f.err
}

func (f *fakeKeeperOfDesk) SaveContacts(_ context.Context, _ account.Actor, centres []string, list []call.Contact) error {
	if err := call.CheckBook(list); err != nil {
		return err
	}
	f.centres, f.h.book = centres, list
	return f.err
}

func (f fakeCalls) Book(context.Context, string) ([]call.Contact, error) { return f.h.book, nil }
