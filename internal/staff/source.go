package staff

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/order"
	"otklik/internal/site"
	"otklik/internal/source"
)

// SourcePage is one source, or one that is being added.
type SourcePage struct {
	Chrome
	Row           *SourceRow // nil: it is being added
	Form          SourceForm
	Channel       string
	Talks         []string // how talks with residents fare, where there are any
	Needs         string   // what else is wanted, of a new one
	Via           string   // name of the source whose account reads it
	Fixed, Paused bool
	MayEdit       bool
	OwnCentre     bool // somebody of a municipal centre adds its own
	Centres       []Choice
	Keys          []string // of its network
	NeedsKey      bool
	Fields        []source.Field // beside the name
	Secret        bool           // its password stands beside them
	Problem       string

	Riddle source.Riddle // of the network
	Asks   bool          // the riddle waits for a person

	Sender *SenderView // of a system that pushes messages to us

	Quotas []QuotaView // of its network
	Next   string      // when its plan reads it again; "" where none does

	City bool      // it may take incidents of ours
	Past *PastView // nil: of a source that is being added, or for who may not change it

	Tried      bool
	Survey     source.Survey // in words, of a source that a person has described
	Trial      []TrialView
	TrialFacts string
}

// A SourceForm is what people write about a source.
type SourceForm struct {
	Link                        string // as it was pasted
	Name, URL, Territory, Every string
	Key, Answer                 string
	Own                         bool
	Version                     int
}

// A TrialView is one message of a test read.
type TrialView struct{ When, Text string }

// SourceKeysPage lists the keys of networks.
type SourceKeysPage struct {
	Chrome
	Rows       []SourceKeyRow
	Kinds      []Choice
	Kind, Name string // of a form that was refused
	Problem    string
}

// A SourceKeyRow is one key; the secret is shown nowhere.
type SourceKeyRow struct{ Name, Icon, Kind, Added, Used, Remove string }

// rhythms that a person may choose for a source.
var rhythms = []Choice{
	{"", "как удобно сети"}, {"10s", "раз в 10 секунд"}, {"30s", "раз в 30 секунд"}, {"1m0s", "раз в минуту"}, {"5m0s", "раз в 5 минут"},
	{"15m0s", "раз в 15 минут"}, {"1h0m0s", "раз в час"}, {"24h0m0s", "раз в сутки"},
}

func (s *Staff) sourceRoutes() []site.Route {
	if s.Roster == nil {
		return nil
	}
	see, edit := site.Access{Right: lifecycle.SeeSources}, site.Access{Right: lifecycle.EditSources, Area: true}
	seeOne, editOne, key := see, edit, edit
	seeOne.Of, editOne.Of, key.Of = s.sourceResource(), s.sourceResource(), s.sourceKeyResource()
	return []site.Route{
		{Method: "POST", Pattern: "/desk/sources/new", Access: edit, Handler: s.newSource},
		{Method: "POST", Pattern: "/desk/sources/never", Access: edit, Handler: s.neverMention},
		{Method: "POST", Pattern: "/desk/sources", Access: edit, Handler: s.addSource},
		{Method: "GET", Pattern: "/desk/sources/coverage", Access: see, Handler: s.coverage},
		{Method: "GET", Pattern: "/desk/sources/search", Access: edit, Handler: s.searchSource},
		{Method: "POST", Pattern: "/desk/sources/search", Access: edit, Handler: s.addSearchSource},
		{Method: "GET", Pattern: "/desk/sources/connect", Access: edit, Handler: s.connect},
		{Method: "POST", Pattern: "/desk/sources/connect", Access: edit, Handler: s.addSender},
		{Method: "GET", Pattern: "/desk/sources/keys", Access: edit, Handler: s.sourceKeys},
		{Method: "POST", Pattern: "/desk/sources/keys", Access: edit, Handler: s.saveSourceKey},
		{Method: "POST", Pattern: "/desk/sources/keys/{id}/remove", Access: key, Handler: s.removeSourceKey},
		{Method: "GET", Pattern: "/desk/sources/{id}", Access: seeOne, Handler: s.source},
		{Method: "GET", Pattern: "/desk/sources/{id}/past", Access: seeOne, Handler: s.sourcePast},
		{Method: "GET", Pattern: "/desk/sources/{id}/captcha", Access: editOne, Handler: s.riddlePicture},
		{Method: "POST", Pattern: "/desk/sources/{id}/{deed}", Access: editOne, Handler: s.sourceDeed},
	}
}

type sourceKeyCtx struct{}

// sourceResource is a source in the scope.
func (s *Staff) sourceResource() *site.Resource {
	return &site.Resource{Name: "source", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		one, err := s.Cases().Sources().Source(ctx, a.Scope(), id)
		return context.WithValue(ctx, sourceKeyCtx{}, one), err
	}}
}

// sourceKeyResource is a key in the scope.
func (s *Staff) sourceKeyResource() *site.Resource {
	return &site.Resource{Name: "source key", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		keys, err := s.Cases().Sources().Keys(ctx, a.Scope())
		if err == nil && !slices.ContainsFunc(keys, func(k source.Key) bool { return k.Number == id }) {
			err = fault.New(fault.NotFound, "key %d", id)
		}
		return ctx, err
	}}
}

func loadedSource(r *http.Request) *source.Source {
	one, _ := r.Context().Value(sourceKeyCtx{}).(*source.Source)
	return one
}

// refusedSource says on a page why something was refused; false for what is no refusal.
func refusedSource(err error) (sentence string, ok bool) {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.NotFound, fault.Unavailable, fault.Forbidden:
		return fault.Sentence(err), fault.Sentence(err) != ""
	}
	return "", false
}

// newSource tells what a pasted link names and asks for the rest.
func (s *Staff) newSource(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	g, link, err := s.recognised(w, r)
	if g == nil {
		return err
	}
	if g.ID == "" || g.Name == "" { // there is nothing to add yet: what it wants is all that can be said
		return s.showSources(w, r, http.StatusOK, &SourcesPage{Link: link, Advice: g.Needs})
	}
	p := s.guessPage(g, link)
	if mine := who(r).Place.Centre; mine != "" {
		p.Form.Territory = mine
	}
	return s.showSource(w, r, http.StatusOK, p, &g.Source)
}

// recognised asks the networks what the form's link names. Where they refuse it has shown
// the page that says why, and g is nil.
func (s *Staff) recognised(w http.ResponseWriter, r *http.Request) (g *source.Guess, link string, err error) {
	link = field(r, "link")
	if g, err = s.Roster.Recognise(r.Context(), who(r).Actor(), link); err == nil {
		return g, link, nil
	}
	if fault.Sentence(err) == "" {
		err = source.Explained(err)
	}
	if sentence, ok := refusedSource(err); ok {
		err = s.showSources(w, r, site.Status(err), &SourcesPage{Link: link, Problem: sentence})
	}
	return nil, link, err
}

func (s *Staff) guessPage(g *source.Guess, link string) *SourcePage {
	return &SourcePage{Form: SourceForm{Link: link, Name: g.Name, URL: webURL(g.URL), Own: g.Own, Territory: g.Territory}, Channel: g.Channel.Name(), Needs: g.Needs}
}

// addSource keeps a new source, or tries it first.
func (s *Staff) addSource(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	g, link, err := s.recognised(w, r)
	if g == nil {
		return err
	}
	one := g.Source
	p := s.guessPage(g, link)
	p.Form = sourceForm(r, p.Form)
	p.Form.into(&one)
	err = s.writeFields(r, &one)
	p.Form.Key = one.Key
	if err == nil && field(r, "try") != "" {
		return s.showSource(w, r, s.try(r, p, one), p, &one)
	}
	if err == nil {
		err = s.Roster.Save(r.Context(), who(r).Actor(), &one)
	}
	if err != nil {
		sentence, ok := refusedSource(err)
		if !ok {
			return err
		}
		p.Problem = sentence
		return s.showSource(w, r, site.Status(err), p, &one)
	}
	say(w, Said{Good: "Источник добавлен. Его уже читают."})
	http.Redirect(w, r, sourceURL(one.Number), http.StatusSeeOther)
	return nil
}

// sourceForm reads what was written.
func sourceForm(r *http.Request, f SourceForm) SourceForm {
	f.Name, f.Territory, f.Every, f.Key, f.Answer, f.Own = field(r, "name"), field(r, "territory"), field(r, "every"), field(r, "key"), field(r, "answer"), field(r, "own") == "1"
	f.Version = int(number(r, "version"))
	return f
}

func (f *SourceForm) into(one *source.Source) {
	one.Name, one.Territory, one.Key, one.Answer, one.Own = f.Name, f.Territory, f.Key, f.Answer, f.Own
	one.Every, _ = time.ParseDuration(f.Every) // of a list; what is not is the network's own
}

func formOfSource(one *source.Source) SourceForm {
	f := SourceForm{Name: one.Name, URL: webURL(one.URL), Territory: one.Territory, Key: one.Key, Answer: one.Answer, Own: one.Own, Version: one.Version}
	if one.Every != 0 {
		f.Every = one.Every.String()
	}
	return f
}

func (s *Staff) source(w http.ResponseWriter, r *http.Request) error {
	one := loadedSource(r)
	return s.showSource(w, r, http.StatusOK, &SourcePage{Form: formOfSource(one)}, one)
}

// showSource shows a source that is kept, or one to be added (no number).
func (s *Staff) showSource(w http.ResponseWriter, r *http.Request, status int, p *SourcePage, one *source.Source) error {
	ctx, me := r.Context(), who(r)
	p.Fixed, p.Paused, p.Channel = one.Fixed, one.Paused, one.Channel.Name()
	p.MayEdit, p.OwnCentre = s.Roster.MayEdit(me.Actor()), me.Place.Centre != ""
	p.ask(ctx, s, me.Actor(), one)
	for _, c := range s.centres(me.Place.Region) {
		if !p.OwnCentre || c.Value == me.Place.Centre {
			p.Centres = append(p.Centres, c)
		}
	}
	keys, err := s.Cases().Sources().Keys(ctx, me.Scope())
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Kind == one.Kind.Keys() {
			p.Keys = append(p.Keys, k.Name)
		}
	}
	p.NeedsKey = slices.Contains(s.Roster.Keyed(), one.Kind.Keys()) && one.Via == ""
	p.Fields, p.Secret = typed(r, s.fields(one)), one.Kind == source.Mail
	if one.Number != 0 {
		if p.Talks, err = s.talkFacts(ctx, me, one.ID); err != nil {
			return err
		}
		rows, err := s.sourceRows(ctx, me, s.Now())
		if err != nil {
			return err
		}
		for k := range rows {
			if rows[k].number == one.Number {
				p.Row = &rows[k].SourceRow
			}
			if one.Via != "" && rows[k].id == one.Via {
				p.Via = rows[k].Name
			}
		}
		p.Quotas, _ = s.quotas(one.ID, s.Now(), s.zone(me.Place.Centre, me.Place.Region))
		p.Next = s.nextReading(one.ID, me)
		p.City = s.Envoy != nil && one.Kind == source.City
		if p.Past, err = s.past(ctx, me, one); err != nil {
			return err
		}
		if p.Row == nil {
			p.Row = &SourceRow{Name: one.Name, Icon: channelIcon(one.Channel), Channel: one.Channel.Name(), Page: sourceURL(one.Number), Pushes: one.Kind == source.Hook, Fare: source.FareOf(one, &message.SourceState{}, s.Now()), Read: "ещё ни разу", Messages: "0"}
		}
	}
	if p.sender(s, r, one); p.Form.Name == "" {
		p.Form.Name = one.Name
	}
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, p.Form.Name, Source(p))
}

// Action is where the form of a source goes.
func (p *SourcePage) Action() string {
	if p.Row == nil {
		return "/desk/sources"
	}
	return p.Row.Page + "/save"
}

// sourceDeed changes a source that is kept.
func (s *Staff) sourceDeed(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	one, me := loadedSource(r), who(r).Actor()
	p := &SourcePage{Form: formOfSource(one)}
	back, good := sourceURL(one.Number), ""
	var err error
	switch r.PathValue("deed") {
	case "save":
		p.Form = sourceForm(r, p.Form)
		next := *one
		p.Form.into(&next)
		next.Version = p.Form.Version
		if good, err = "Сохранено.", s.writeFields(r, &next); err == nil {
			err = s.Roster.Save(r.Context(), me, &next)
		}
		one.Settings = next.Settings
	case "pause":
		good, err = "Источник на паузе.", s.Roster.Pause(r.Context(), me, one.Number, true)
	case "resume":
		good, err = "Источник снова читают.", s.Roster.Pause(r.Context(), me, one.Number, false)
	case "remove":
		back, good, err = "/desk/sources", "Источник «"+one.Name+"» убран.", s.Roster.Remove(r.Context(), me, one.Number)
	case "secret", "secret-now":
		return s.newSecret(w, r, one)
	case "solve":
		good, err = s.solve(r, one)
	case "try":
		next := *one
		if r.PostForm.Has("name") { // as it is written, before it is saved
			p.Form = sourceForm(r, p.Form)
			p.Form.into(&next)
			if err = s.writeFields(r, &next); err != nil {
				break
			}
		}
		return s.showSource(w, r, s.try(r, p, next), p, one)
	case "back":
		back, good, err = back+"#past", "Читаем прошлое. Ход виден ниже.", s.Roster.Back(r.Context(), me, one.Number, int(number(r, "days")))
	case "stop-back":
		back, good, err = back+"#past", "Чтение прошлого остановлено. То, что прочитано, осталось.", s.Roster.StopBack(r.Context(), me, one.Number)
	default:
		return fault.New(fault.NotFound, "source deed %q", r.PathValue("deed"))
	}
	if err != nil {
		sentence, ok := refusedSource(err)
		if !ok {
			return err
		}
		p.Problem = sentence
		return s.showSource(w, r, site.Status(err), p, one)
	}
	say(w, Said{Good: good})
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// trialShown is how many messages of a test read a page shows, and how much of each.
const (
	trialShown = 5
	trialText  = 400 // runes
)

// try reads a source once for the page and returns the page's status; nothing is kept.
func (s *Staff) try(r *http.Request, p *SourcePage, one source.Source) int {
	var list []message.Message
	err := s.survey(r, p, one)
	if err == nil {
		list, err = s.Roster.Try(r.Context(), who(r).Actor(), one)
	}
	if err != nil {
		if fault.Sentence(err) == "" {
			err = source.Explained(err)
		}
		p.Problem = fault.Sentence(err)
		return site.Status(err)
	}
	zone := s.zone(one.Territory, who(r).Place.Region)
	p.Tried = true
	order.By(list, func(a, b message.Message) int { return b.PublishedAt.Compare(a.PublishedAt) })
	for k := range list {
		if len(p.Trial) == trialShown {
			break
		}
		if m := &list[k]; m.Text != "" {
			text := []rune(m.Text)
			if len(text) > trialText {
				text = append(text[:trialText], '…')
			}
			p.Trial = append(p.Trial, TrialView{site.DateTime(m.PublishedAt, s.Now(), zone), string(text)})
		}
	}
	p.TrialFacts = "Прочитано: " + site.Count(len(list), "сообщение", "сообщения", "сообщений") + ". Последние из них:"
	return http.StatusOK
}

func (s *Staff) sourceKeys(w http.ResponseWriter, r *http.Request) error {
	return s.showSourceKeys(w, r, http.StatusOK, &SourceKeysPage{})
}

func (s *Staff) showSourceKeys(w http.ResponseWriter, r *http.Request, status int, p *SourceKeysPage) error {
	ctx, me, now := r.Context(), who(r), s.Now()
	keys, err := s.Cases().Sources().Keys(ctx, me.Scope())
	if err != nil {
		return err
	}
	list, err := s.Cases().Sources().Sources(ctx, me.Scope())
	if err != nil {
		return err
	}
	used := map[string]int{}
	for _, one := range list {
		used[one.Key]++
		if one.Answer != one.Key {
			used[one.Answer]++
		}
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	for _, k := range keys {
		if k.Kind == source.Hook { // it stands on the page of its system
			continue
		}
		row := SourceKeyRow{Name: k.Name, Icon: "key", Kind: k.Kind.Name(), Added: site.DateTime(k.AddedAt, now, zone), Used: "им никто не пользуется", Remove: "/desk/sources/keys/" + strconv.FormatInt(k.Number, 10) + "/remove"}
		if n := used[k.Name]; n > 0 {
			row.Used = "источников с этим ключом: " + strconv.Itoa(n)
		}
		p.Rows = append(p.Rows, row)
	}
	for _, k := range append(s.Roster.Keyed(), source.City) { // cities want one to take incidents
		p.Kinds = append(p.Kinds, Choice{string(k), k.Name()})
	}
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, "Ключи сетей", SourceKeys(p))
}

func (s *Staff) saveSourceKey(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	k := &source.Key{Kind: source.Kind(field(r, "kind")), Name: field(r, "name"), Secret: field(r, "secret")}
	err := s.Roster.SaveKey(r.Context(), who(r).Actor(), k)
	if sentence, ok := refusedSource(err); ok {
		return s.showSourceKeys(w, r, site.Status(err), &SourceKeysPage{Kind: string(k.Kind), Name: k.Name, Problem: sentence})
	} else if err != nil {
		return err
	}
	say(w, Said{Good: "Ключ «" + k.Name + "» сохранён."})
	http.Redirect(w, r, "/desk/sources/keys", http.StatusSeeOther)
	return nil
}

func (s *Staff) removeSourceKey(w http.ResponseWriter, r *http.Request) error {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	err := s.Roster.RemoveKey(r.Context(), who(r).Actor(), id)
	if sentence, ok := refusedSource(err); ok {
		say(w, Said{Bad: sentence})
	} else if err != nil {
		return err
	} else {
		say(w, Said{Good: "Ключ убран."})
	}
	http.Redirect(w, r, "/desk/sources/keys", http.StatusSeeOther)
	return nil
}
