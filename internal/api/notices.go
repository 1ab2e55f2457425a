package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/live"
	"otklik/internal/notice"
	"otklik/internal/site"
)

// A Notice tells the caller one thing: ids and codes, and one sentence of ours.
type Notice struct {
	ID       int64      `json:"id"`
	Kind     string     `json:"kind" enum:"call,deadline,reopened,arbiter,approval,returned,promise,given,mention,followed,system,digest"`
	What     string     `json:"what,omitempty" doc:"Refines the kind; docs/notices.md"`
	Title    string     `json:"title" doc:"In Russian"`
	Incident int64      `json:"incident,omitempty"`
	Step     string     `json:"step,omitempty" doc:"Of a deadline"`
	Due      *time.Time `json:"due,omitempty" doc:"Of a deadline or a promise"`
	At       *time.Time `json:"at"`
	SeenAt   *time.Time `json:"seen_at,omitempty"`
}

// A NoticePage is a page of notices, the newest first.
type NoticePage struct {
	Unseen  int      `json:"unseen" doc:"At most 100 are counted"`
	Notices []Notice `json:"notices"`
	Next    int64    `json:"next,omitempty" doc:"Send it as after for older ones"`
}

// A NoticeSettings is what the caller chose and where they are reached.
type NoticeSettings struct {
	NoticeChoice
	Channels  []string        `json:"channels" doc:"Those that are configured here"`
	Addresses []NoticeAddress `json:"addresses"`
	Code      string          `json:"code,omitempty" doc:"Of telegram: shown once, half an hour"`
	Bot       string          `json:"bot,omitempty" doc:"Of telegram: whom to give the code"`
	PushKey   string          `json:"push_key,omitempty" doc:"With which a browser subscribes (applicationServerKey)"`
}

// A NoticeChoice says what leaves the product by which channel, and when.
type NoticeChoice struct {
	By         map[string][]string `json:"by" doc:"Channels (mail, telegram, push) by kind; a kind that is absent leaves by none"`
	QuietFrom  int                 `json:"quiet_from" minimum:"0" maximum:"23" doc:"Hour of one's own time; equal hours: none"`
	QuietTo    int                 `json:"quiet_to" minimum:"0" maximum:"23"`
	Digest     string              `json:"digest,omitempty" enum:",morning,shift"`
	DigestHour int                 `json:"digest_hour" minimum:"0" maximum:"23"`
	DigestBy   string              `json:"digest_by,omitempty" enum:",mail,telegram,push"`
}

// A NoticeAddress is where the caller is reached; the address itself is not told.
type NoticeAddress struct {
	ID      int64  `json:"id"`
	Channel string `json:"channel"`
	Label   string `json:"label"`
	State   string `json:"state" enum:"unproved,good,broken"`
	Why     string `json:"why,omitempty" doc:"Of a broken one, in Russian"`
}

// AddressBody does one thing to the caller's addresses.
type AddressBody struct {
	Do      string `json:"do" enum:"mail,telegram,push,prove,drop" doc:"mail: add a mailbox, which gets a code; telegram: a code to give to the bot; push: add a browser; prove: give the code; drop: remove"`
	Mail    string `json:"mail,omitempty" maxLength:"200"`
	Address int64  `json:"address,omitempty" minimum:"0"`
	Code    string `json:"code,omitempty" maxLength:"20"`

	Endpoint string `json:"endpoint,omitempty" maxLength:"1500" doc:"Of push: what the browser's PushSubscription says, as p256dh and auth"`
	P256DH   string `json:"p256dh,omitempty" maxLength:"100"`
	Auth     string `json:"auth,omitempty" maxLength:"50"`
	Browser  string `json:"browser,omitempty" maxLength:"60" doc:"Its name, as the owner reads it"`
}

// SeenBody says what was read.
type SeenBody struct {
	Incident int64 `json:"incident,omitempty" minimum:"0" doc:"What tells of this one; absent: everything"`
}

// A Posting sends notices out of the product, and keeps what people chose.
type Posting interface {
	Offers(c notice.Channel) bool
	Choose(ctx context.Context, who account.ID, c notice.Choice) error
	AddMail(ctx context.Context, who account.ID, to string) error
	AskTelegram(ctx context.Context, who account.ID) (code string, err error)
	Bot() string
	AddBrowser(ctx context.Context, who account.ID, b notice.Browser, old, name string) error
	PushKey() string
	Prove(ctx context.Context, who account.ID, id int64, code string) error
	Drop(ctx context.Context, who account.ID, id int64) error
}

func (a *API) addNotices() {
	op := func(method, path, summary string) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Tags: []string{"notices"}}
	}
	see := site.Access{Right: lifecycle.SeeQueue}
	add(a, op(http.MethodGet, "/notices", "What the caller was told, the newest first"), see, a.notices)
	add(a, op(http.MethodPost, "/notices/seen", "Mark notices as seen"), see, func(ctx context.Context, me *Caller, in *body[SeenBody]) (*body[NoticePage], error) {
		err := a.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
			_, err := tx.Notices().See(ctx, me.ID, in.Body.Incident, a.Now())
			return err
		})
		if err != nil {
			return nil, err
		}
		if a.Ring != nil {
			a.Ring(live.Event{For: []account.ID{me.ID}})
		}
		return a.notices(ctx, me, &noticesInput{Limit: 1, Unseen: true})
	})
	add(a, op(http.MethodGet, "/notices/settings", "What leaves by which channel and when, and where the caller is reached"), see,
		func(ctx context.Context, me *Caller, _ *nothing) (*body[NoticeSettings], error) {
			return a.noticeSettings(ctx, me)
		})
	add(a, op(http.MethodPost, "/notices/settings", "Choose what leaves by which channel, and when"), see, func(ctx context.Context, me *Caller, in *body[NoticeChoice]) (*body[NoticeSettings], error) {
		b := &in.Body
		c := notice.Choice{By: map[notice.Kind][]notice.Channel{}, QuietFrom: b.QuietFrom, QuietTo: b.QuietTo, Digest: notice.Rhythm(b.Digest), DigestHour: b.DigestHour, DigestBy: notice.Channel(b.DigestBy)}
		for k, list := range b.By {
			c.By[notice.Kind(k)] = []notice.Channel{}
			for _, ch := range list {
				c.By[notice.Kind(k)] = append(c.By[notice.Kind(k)], notice.Channel(ch))
			}
		}
		if err := a.Posting.Choose(ctx, me.ID, c); err != nil {
			return nil, err
		}
		return a.noticeSettings(ctx, me)
	})
	add(a, op(http.MethodPost, "/notices/addresses", "Add, prove or remove an address of the caller"), see, func(ctx context.Context, me *Caller, in *body[AddressBody]) (*body[NoticeSettings], error) {
		var err error
		switch in.Body.Do {
		case "mail":
			err = a.Posting.AddMail(ctx, me.ID, in.Body.Mail)
		case "telegram":
			code, err := a.Posting.AskTelegram(ctx, me.ID)
			if err != nil {
				return nil, err
			}
			out, err := a.noticeSettings(ctx, me)
			if err == nil {
				out.Body.Code, out.Body.Bot = code, a.Posting.Bot()
			}
			return out, err
		case "push":
			b := &in.Body
			err = a.Posting.AddBrowser(ctx, me.ID, notice.Browser{Endpoint: b.Endpoint, P256DH: b.P256DH, Auth: b.Auth}, "", b.Browser)
		case "prove":
			err = a.Posting.Prove(ctx, me.ID, in.Body.Address, in.Body.Code)
		case "drop":
			err = a.Posting.Drop(ctx, me.ID, in.Body.Address)
		default:
			err = fault.New(fault.Invalid, "do %q", in.Body.Do).At("do").Say("Такого действия с адресом нет.")
		}
		if err != nil {
			return nil, err
		}
		return a.noticeSettings(ctx, me)
	})
}

type noticesInput struct {
	Unseen bool   `query:"unseen" doc:"New ones alone"`
	Kind   string `query:"kind" enum:"call,deadline,reopened,arbiter,approval,returned,promise,given,mention,followed,system"`
	After  int64  `query:"after" minimum:"0" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// unseenCounted is how far new notices are counted.
const unseenCounted = 100

func (a *API) notices(ctx context.Context, me *Caller, in *noticesInput) (*body[NoticePage], error) {
	store := a.Cases().Notices()
	list, err := store.Notices(ctx, me.ID, notice.Filter{Unseen: in.Unseen, Kind: notice.Kind(in.Kind), After: notice.ID(in.After), Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	out := &body[NoticePage]{NoticePage{Notices: []Notice{}}}
	for k := range list {
		if k == in.Limit {
			out.Body.Next = int64(list[k-1].ID)
			break
		}
		n := &list[k]
		out.Body.Notices = append(out.Body.Notices, Notice{ID: int64(n.ID), Kind: string(n.Kind), What: n.What, Title: n.Title(), Incident: n.Incident, Step: string(n.Step),
			Due: at(n.Due), At: at(n.At), SeenAt: at(n.SeenAt)})
	}
	out.Body.Unseen, err = store.Unseen(ctx, me.ID, unseenCounted)
	return out, err
}

func (a *API) noticeSettings(ctx context.Context, me *Caller) (*body[NoticeSettings], error) {
	c, err := a.Cases().Posts().Choice(ctx, me.ID)
	if err != nil {
		return nil, err
	}
	list, err := a.Cases().Posts().Addresses(ctx, me.ID)
	if err != nil {
		return nil, err
	}
	out := &body[NoticeSettings]{NoticeSettings{Channels: []string{}, Addresses: []NoticeAddress{}, PushKey: a.Posting.PushKey(),
		NoticeChoice: NoticeChoice{By: map[string][]string{}, QuietFrom: c.QuietFrom, QuietTo: c.QuietTo, Digest: string(c.Digest), DigestHour: c.DigestHour, DigestBy: string(c.DigestBy)}}}
	for k, ways := range c.By {
		names := []string{}
		for _, ch := range ways {
			names = append(names, string(ch))
		}
		out.Body.By[string(k)] = names
	}
	for _, ch := range notice.Channels() {
		if a.Posting.Offers(ch) {
			out.Body.Channels = append(out.Body.Channels, string(ch))
		}
	}
	for k := range list {
		d := &list[k]
		out.Body.Addresses = append(out.Body.Addresses, NoticeAddress{ID: d.ID, Channel: string(d.Channel), Label: d.Label, State: string(d.State), Why: d.Why})
	}
	return out, nil
}
