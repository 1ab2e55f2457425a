package staff

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/notice"
	"otklik/internal/site"
)

// A Posting sends notices out of the product, and keeps what people chose. notify.Notifier is one.
type Posting interface {
	Offers(c notice.Channel) bool
	Choose(ctx context.Context, who account.ID, c notice.Choice) error
	AddMail(ctx context.Context, who account.ID, to string) error
	Prove(ctx context.Context, who account.ID, id int64, code string) error
	Drop(ctx context.Context, who account.ID, id int64) error
	AskTelegram(ctx context.Context, who account.ID) (code string, err error)
	Bot() string
	// AddBrowser takes a subscription; old is the endpoint that it stands in place of.
	AddBrowser(ctx context.Context, who account.ID, b notice.Browser, old, name string) error
	PushKey() string
	Try(ctx context.Context, who account.ID) ([]notice.Channel, error)
}

// PostingPage is where a person says what they want to be told of, how and when.
type PostingPage struct {
	Chrome
	Channels  []ChannelView
	Kinds     []KindView
	Choice    notice.Choice
	Zone      string // whose hours those are
	Hours     []int
	Addresses []AddressView
	Mail      string // what was typed
	Code      string // for the bot, shown once
	Bot       string
	PushKey   string // with which a browser subscribes
	Problem   string
	Admin     bool // sees how the channels fare
	Broken    []AddressView
	Counts    []CountView
}

// A ChannelView is a channel, and whether it is configured.
type ChannelView struct {
	Code, Name string
	On         bool
}

// A KindView is a line of the table of choices.
type KindView struct {
	Code, Name, About string
	By                map[string]bool
}

// An AddressView is where a person is reached.
type AddressView struct {
	ID                int64
	Channel, Label    string
	Good, Broken, Ask bool // Ask: its code is waited for
	Why, Who          string
	Mark, Since       string // of a browser
}

// A CountView is how many deliveries stand where.
type CountView struct{ Channel, State, N, Why string }

func (s *Staff) postingRoutes() []site.Route {
	see := site.Access{Right: lifecycle.SeeQueue}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/notices/settings", Access: see, Handler: s.posting},
		{Method: "POST", Pattern: "/desk/notices/settings/{deed}", Access: see, Handler: s.setPosting},
		{Method: "GET", Pattern: pushWorker, Access: site.Access{Open: true}, Handler: s.servePushWorker},
	}
}

func (s *Staff) posting(w http.ResponseWriter, r *http.Request) error {
	return s.showPosting(w, r, http.StatusOK, &PostingPage{})
}

func (s *Staff) showPosting(w http.ResponseWriter, r *http.Request, status int, p *PostingPage) error {
	ctx, me, tx := r.Context(), who(r), s.Cases()
	var err error
	if p.Choice.By == nil {
		if p.Choice, err = tx.Posts().Choice(ctx, me.ID); err != nil {
			return err
		}
	}
	if s.Posting != nil {
		p.Bot, p.PushKey = s.Posting.Bot(), s.Posting.PushKey()
	}
	for _, c := range notice.Channels() {
		p.Channels = append(p.Channels, ChannelView{string(c), c.Name(), s.Posting != nil && s.Posting.Offers(c)})
	}
	for _, k := range notice.Kinds() {
		v := KindView{Code: string(k), Name: k.Name(), About: k.About(), By: map[string]bool{}}
		for _, c := range notice.Channels() {
			v.By[string(c)] = p.Choice.Wants(k, c)
		}
		p.Kinds = append(p.Kinds, v)
	}
	list, err := tx.Posts().Addresses(ctx, me.ID)
	if err != nil {
		return err
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	for k := range list {
		v := addressView(&list[k], s.Now())
		v.ofBrowser(&list[k], site.DateTime(list[k].At, s.Now(), zone))
		p.Addresses = append(p.Addresses, v)
	}
	for h := range 24 {
		p.Hours = append(p.Hours, h)
	}
	p.Zone = offset(s.Now().In(zone))
	if p.Admin = me.Role.Holds(lifecycle.ManagePeople); p.Admin {
		if err := s.channelTrouble(ctx, me, p); err != nil {
			return err
		}
	}
	p.Chrome = s.chrome(w, r, "notices")
	p.Here = "/desk/notices/settings"
	doc := frame("Что и куда присылать")
	if p.PushKey != "" {
		doc.Scripts = append(doc.Scripts, "push.js")
	}
	return s.Site.Page(w, r, status, doc, PostingForm(p))
}

func addressView(a *notice.Address, now time.Time) AddressView {
	return AddressView{ID: a.ID, Channel: a.Channel.Name(), Label: a.Label, Good: a.State == notice.Good, Broken: a.State == notice.Broken,
		Ask: a.State == notice.Unproved && a.Channel == notice.Mail && a.CodeUntil.After(now), Why: a.Why}
}

var stateWords = map[notice.State]string{notice.Waiting: "ждут отправки", notice.Sending: "отправляются", notice.Sent: "отправлены", notice.Dead: "не отправлены",
	notice.Unknown: "неизвестно, дошли ли", notice.Spared: "прочитаны раньше"}

// troubleTime is how far back an administrator sees what became of deliveries.
const troubleTime = 24 * time.Hour

func (s *Staff) channelTrouble(ctx context.Context, me *account.Account, p *PostingPage) error {
	t, err := s.Cases().Posts().Trouble(ctx, me.Scope(), s.Now().Add(-troubleTime))
	if err != nil {
		return err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return err
	}
	for k := range t.Broken {
		v := addressView(&t.Broken[k], s.Now())
		v.Who = people.names[t.Broken[k].Account]
		p.Broken = append(p.Broken, v)
	}
	for _, c := range t.By {
		p.Counts = append(p.Counts, CountView{c.Channel.Name(), stateWords[c.State], strconv.Itoa(c.N), c.Error})
	}
	return nil
}

func (s *Staff) setPosting(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	if s.Posting == nil {
		return fault.New(fault.NotFound, "no notices leave here")
	}
	ctx, me := r.Context(), who(r).ID
	p := &PostingPage{}
	var good string
	var err error
	switch r.PathValue("deed") {
	case "choose":
		good = "Записано."
		if p.Choice, err = s.chosen(r); err == nil {
			err = s.Posting.Choose(ctx, me, p.Choice)
		}
	case "mail":
		good, p.Mail = "Письмо с кодом отправлено. Введите код ниже.", field(r, "mail")
		err = s.Posting.AddMail(ctx, me, p.Mail)
	case "telegram":
		if p.Code, err = s.Posting.AskTelegram(ctx, me); err == nil {
			return s.showPosting(w, r, http.StatusOK, p)
		}
	case "push":
		good = "Уведомления будут приходить в этот браузер."
		err = s.addBrowser(r, me)
	case "prove":
		good = "Адрес подтверждён."
		err = s.Posting.Prove(ctx, me, number(r, "address"), field(r, "code"))
	case "drop":
		good = "Адрес убран."
		err = s.Posting.Drop(ctx, me, number(r, "address"))
	case "try":
		var by []notice.Channel
		if by, err = s.Posting.Try(ctx, me); err == nil {
			good = "Отправлено: " + wayNames(by) + ". Проверьте, что дошло."
		}
	default:
		return fault.New(fault.NotFound, "no such deed")
	}
	if sentence := fault.Sentence(err); err != nil && sentence != "" && !fault.Is(err, fault.Internal) {
		p.Problem = sentence
		return s.showPosting(w, r, site.Status(err), p)
	} else if err != nil {
		return err
	}
	say(w, Said{Good: good})
	http.Redirect(w, r, "/desk/notices/settings", http.StatusSeeOther)
	return nil
}

func wayNames(list []notice.Channel) (s string) {
	for k, c := range list {
		if k > 0 {
			s += ", "
		}
		s += c.Name()
	}
	return s
}

// chosen reads the form of choices: a box for each kind and channel.
func (s *Staff) chosen(r *http.Request) (notice.Choice, error) {
	had, err := s.Cases().Posts().Choice(r.Context(), who(r).ID)
	if err != nil {
		return had, err
	}
	c := notice.Choice{By: map[notice.Kind][]notice.Channel{}, Digest: notice.Rhythm(field(r, "digest")), DigestBy: notice.Channel(field(r, "digest_by"))}
	for _, k := range notice.Kinds() {
		c.By[k] = []notice.Channel{}
		for _, ch := range notice.Channels() {
			if !s.Posting.Offers(ch) { // the form does not show it
				if had.Wants(k, ch) {
					c.By[k] = append(c.By[k], ch)
				}
			} else if r.PostForm.Get(fmt.Sprintf("by.%s.%s", k, ch)) != "" {
				c.By[k] = append(c.By[k], ch)
			}
		}
	}
	for name, to := range map[string]*int{"quiet_from": &c.QuietFrom, "quiet_to": &c.QuietTo, "digest_hour": &c.DigestHour} {
		h, err := strconv.Atoi(field(r, name))
		if err != nil {
			return c, fault.New(fault.Invalid, "%s is no hour", name).At(name).Say("Час: число от 0 до 23.")
		}
		*to = h
	}
	return c, nil
}
