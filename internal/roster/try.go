package roster

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/message"
	"otklik/internal/source"
)

// patience is how long a test read and a look at a link may take.
const patience = 20 * time.Second

// Recognise tells what a pasted link names. It may ask the network.
func (r *Roster) Recognise(ctx context.Context, who account.Actor, link string) (*source.Guess, error) {
	if !r.MayEdit(who) {
		return nil, r.allowed(who, r.Stand(""))
	}
	link, err := pasted(link)
	if err != nil {
		return nil, err
	}
	if name, ok := strings.CutPrefix(link, "@"); ok {
		link = "https://t.me/" + name
	}
	if address, ok := strings.CutPrefix(link, "mailto:"); ok {
		address, _, _ = strings.Cut(address, "?")
		if plain, err := url.PathUnescape(address); err == nil { // as browsers copy it
			address = plain
		}
		return r.mailbox(ctx, strings.TrimSpace(address))
	} else if !strings.ContainsAny(link, "/ ") && strings.Contains(link, "@") {
		return r.mailbox(ctx, strings.TrimSpace(address))
	}
	if !strings.Contains(link, "://") {
		link = "https://" + link
	}
	u, err := url.Parse(link)
	if err == nil {
		u = wrapped(u)
	}
	if err == nil && u.User != nil {
		return nil, badLink("В ссылке стоят имя и пароль: уберите их, оставьте адрес страницы.")
	}
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, badLink("Это не адрес страницы. Скопируйте его из строки браузера, например https://vk.com/abakan.")
	}
	if name := closedNet(u); name != "" {
		return nil, badLink(name + " Отклик не читает: эта сеть не отдаёт записи и комментарии программам. Если её читает другая ваша система, она может передавать сообщения подписанным вызовом.")
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	for _, kind := range r.kinds() {
		c := r.Kinds[kind]
		if c.Recognise == nil {
			continue
		}
		g, err := c.Recognise.Recognise(ctx, u)
		if err != nil {
			return nil, err
		}
		if g != nil {
			if g.Kind == "" {
				g.Kind = kind
			}
			return g, nil
		}
	}
	return nil, badLink("Эту ссылку ни одна подключённая сеть не узнаёт. Для сайта вставьте адрес его ленты новостей (RSS).")
}

// mailbox tells what an address of mail names.
func (r *Roster) mailbox(ctx context.Context, address string) (*source.Guess, error) {
	c := r.Kinds[source.Mail]
	if c.Recognise == nil {
		return nil, fault.New(fault.Invalid, "nothing reads mail").At("link").Say("Почту эта программа не читает.")
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	return c.Recognise.Recognise(ctx, &url.URL{Scheme: "mailto", Opaque: address})
}

// Fields returns what people write of a source beside its name.
func (r *Roster) Fields(s *source.Source) []source.Field {
	if c := r.Kinds[s.Kind]; c.Fields != nil && !s.Fixed && s.Via == "" {
		return c.Fields(s.Settings)
	}
	return nil
}

// SetFields puts what people wrote into the settings of a source.
func (r *Roster) SetFields(s *source.Source, values map[string]string) (err error) {
	if c := r.Kinds[s.Kind]; c.Set != nil && len(values) > 0 {
		s.Settings, err = c.Set(s.Settings, values)
	}
	return err
}

// Keyed returns the kinds that want a key.
func (r *Roster) Keyed() (list []source.Kind) {
	for _, k := range r.kinds() {
		if r.Kinds[k].Keyed && k.Keys() == k {
			list = append(list, k)
		}
	}
	return list
}

// kinds returns the kinds in the order in which links are shown to them: what takes any
// site comes last.
func (r *Roster) kinds() []source.Kind {
	var list, last []source.Kind
	for k := range r.Kinds {
		if k == source.Feed || k == source.Page {
			last = append(last, k)
		} else {
			list = append(list, k)
		}
	}
	slices.Sort(list)
	slices.Sort(last)
	return append(list, last...)
}

// trial opens a source to look at it, whether it is kept or not.
func (r *Roster) trial(ctx context.Context, who account.Actor, s source.Source) (source.Connection, error) {
	if err := r.allowed(who, r.Stand(s.Territory)); err != nil {
		return source.Connection{}, err
	}
	keys, err := r.keys(ctx)
	if err != nil {
		return source.Connection{}, err
	}
	return r.open(s, keys)
}

// Survey says in words what is found in a source that a person has described; nil for others.
func (r *Roster) Survey(ctx context.Context, who account.Actor, s source.Source) (*source.Survey, error) {
	c, err := r.trial(ctx, who, s)
	if err != nil {
		return nil, err
	}
	looks, ok := c.Puller.(source.Surveyor)
	if !ok {
		return nil, nil //nolint:nilnil // nothing was described
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	found, err := looks.Survey(ctx)
	if err != nil {
		return nil, source.Explained(err)
	}
	return found, nil
}

// Try reads a source once from its beginning, keeps nothing and moves no cursor.
func (r *Roster) Try(ctx context.Context, who account.Actor, s source.Source) ([]message.Message, error) {
	c, err := r.trial(ctx, who, s)
	if err != nil {
		return nil, err
	}
	if c.Puller == nil {
		return nil, fault.New(fault.Conflict, "source %s is not read by us", s.ID).Say("Этот источник сам присылает сообщения: проверять нечего. Смотрите, когда пришло последнее.")
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	b, err := c.Puller.Poll(ctx, nil)
	if err != nil {
		return nil, source.Explained(err)
	}
	return b.Messages, nil
}
