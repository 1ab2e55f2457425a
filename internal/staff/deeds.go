package staff

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/account"
	"otklik/internal/audit"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A deed is one form of the incident page: what it changes and what is said after it.
type deed struct {
	path   string
	action lifecycle.Action
	done   string
	undo   string // deed that takes it back; "" for none
	undoAs string
	reason string // that the undo sends
	change func(s *Staff, r *http.Request) (desk.Change, error)
}

var deeds = []deed{
	{"accept", lifecycle.Accept, "Принято", "undo", "Отменить", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Accept{HandOver: r.PostForm.Get("hand") != ""}, nil
	}},
	{"reject", lifecycle.Reject, "Отказано", "undo", "Отменить отказ", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Reject{Reason: field(r, "reason")}, nil
	}},
	{"ask", lifecycle.Ask, "Вопрос автору отправляется", "undo", "Отменить", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Ask{Making: making(r), Text: field(r, "text"), Override: field(r, "override_reason")}, nil
	}},
	{"handover", lifecycle.HandOver, "Передано", "undo", "Отменить", "", (*Staff).handOver},
	{"decline", lifecycle.Decline, "Вы отказались", "", "", "", (*Staff).declined},
	{"decide", lifecycle.Decide, "Решено: это обязательно для всех", "", "", "", (*Staff).decided},
	{"take", lifecycle.Take, "Взято в работу", "undo", "Отменить", "", func(*Staff, *http.Request) (desk.Change, error) { return desk.Take{}, nil }},
	{"submit", lifecycle.Submit, "Ответ ждёт согласования", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Submit{Making: making(r), Text: field(r, "text"), Purpose: purpose(r), Override: field(r, "override_reason"), Enclose: enclosed(r)}, nil
	}},
	{"answer", lifecycle.Approve, "Ответ отправляется автору", "undo", "Отменить отправку", "", (*Staff).answered},
	{"approve", lifecycle.Approve, "Ответ утверждён и отправляется", "undo", "Отменить отправку", "", (*Staff).approved},
	{"return", lifecycle.Return, "Ответ возвращён", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Return{Reply: reply.ID(number(r, "reply")), Reason: field(r, "reason")}, nil
	}},
	{"close", lifecycle.Close, "Закрыто", "undo", "Отменить закрытие", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Close{Outcome: lifecycle.Outcome(field(r, "outcome")), Reason: field(r, "reason"), How: field(r, "how")}, nil
	}},
	{"verify", lifecycle.Verify, "Решение подтверждено", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Verify{How: field(r, "how")}, nil
	}},
	{"reopen", lifecycle.Reopen, "Возвращено на доработку", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Reopen{Reason: field(r, "reason")}, nil
	}},
	{"correct", lifecycle.Correct, "Исправлено", "undo", "Отменить", "", (*Staff).correct},
	{"claim", lifecycle.Claim, "Взято вами", "release", "Отпустить", "", func(*Staff, *http.Request) (desk.Change, error) { return desk.Claim{}, nil }},
	{"release", lifecycle.Release, "Отпущено", "claim", "Взять обратно", "", func(*Staff, *http.Request) (desk.Change, error) { return desk.Release{}, nil }},
	{"attach", lifecycle.Attach, "Сообщение присоединено", "undo", "Отменить", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Attach{Message: message.ID(number(r, "message"))}, nil
	}},
	{"detach", lifecycle.Detach, "Сообщение отсоединено: для него открыт свой инцидент", "undo", "Отменить", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Detach{Message: message.ID(number(r, "message"))}, nil
	}},
	{"merge", lifecycle.Merge, "Объединено: сообщения теперь здесь", "undo", "Отменить", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Merge{Others: others(r)}, nil
	}},
	{"split", lifecycle.Split, "Разъединено: сообщения вернулись в свой инцидент", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Split{Other: incident.ID(number(r, "other"))}, nil
	}},
	{"dismiss", lifecycle.Dismiss, "Больше не предложим", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Dismiss{Others: others(r)}, nil
	}},
	{"undo", lifecycle.Undo, "Отменено", "", "", "", func(*Staff, *http.Request) (desk.Change, error) { return desk.Undo{}, nil }},
	{"erase", lifecycle.Erase, "Слова автора стёрты", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		if field(r, "sure") == "" {
			return nil, fault.New(fault.Invalid, "erasing is not confirmed").At("sure").Say("Отметьте, что стирание согласовано: вернуть слова будет нельзя.")
		}
		return desk.Erase{Message: message.ID(number(r, "message"))}, nil
	}},
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }

func number(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(r.PostForm.Get(name), 10, 64)
	return n
}

func purpose(r *http.Request) reply.Purpose {
	if reply.Purpose(field(r, "purpose")) == reply.Interim {
		return reply.Interim
	}
	return reply.Final
}

// do runs a deed on the incident of the path. What cannot be done shows the page
// again with the reason, what others did meanwhile, and everything that was typed.
func (s *Staff) do(d deed) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		done, err := site.Form(w, r, formLimit)
		defer done()
		if err != nil {
			return err
		}
		i := loaded(r)
		version, err := s.uploads(r, i.ID, int(number(r, "version")))
		var change desk.Change
		if err == nil {
			change, err = d.change(s, r)
		}
		if err == nil && change != nil {
			_, err = s.Desk.Do(r.Context(), who(r).Actor(), i.ID, version, change)
		}
		switch fault.KindOf(err) {
		case "":
			said := Said{Good: d.done + ". № " + incident.Spoken(i.Number) + "."}
			if d.undo != "" && s.undoable(r, d) {
				said.Undo, said.UndoAs = fmt.Sprintf("/desk/incidents/%d/%s", i.ID, d.undo), d.undoAs
				said.With = map[string]string{"reason": d.reason, "back": itemAt(queueOf(r.PostForm.Get("back")), i.ID)}
			}
			back := site.Local(r.PostForm.Get("back"), incidentURL(i.ID))
			if d.action == lifecycle.Decline { // who declined sees it no longer
				said.Undo, said.UndoAs, said.With = "/desk/undo", "Отменить отказ", map[string]string{"id": incidentNumber(i.ID)}
				back = queueOf(back)
			}
			say(w, said)
			http.Redirect(w, r, back, http.StatusSeeOther)
			return nil
		case fault.Conflict, fault.Invalid, fault.Forbidden:
			return s.showAgain(w, r, d, i.ID, version, err)
		case fault.Unavailable: // a clock that was set back: what was typed outlives it
			if fault.Sentence(err) != "" {
				return s.showAgain(w, r, d, i.ID, version, err)
			}
		}
		return err
	}
}

// undoable reports whether the one who did it may take it back.
func (s *Staff) undoable(r *http.Request, d deed) bool {
	all := slices.Concat(deeds, teamDeeds)
	k := slices.IndexFunc(all, func(u deed) bool { return u.path == d.undo })
	if k < 0 || !lifecycle.May(who(r).Role, all[k].action) {
		return false
	}
	if d.action != lifecycle.Approve && d.action != lifecycle.Ask {
		return true
	}
	replies, err := s.Cases().Replies().OfIncident(r.Context(), who(r).Scope(), int64(loaded(r).ID)) // what went by hand has gone
	return err == nil && slices.ContainsFunc(replies, func(r reply.Reply) bool { return r.State == reply.Approved })
}

func (s *Staff) showAgain(w http.ResponseWriter, r *http.Request, d deed, id incident.ID, version int, cause error) error {
	i, err := s.Cases().Incidents().Incident(r.Context(), who(r).Scope(), id) // as it stands now
	if err != nil {
		return err
	}
	p, err := s.incidentPage(r.Context(), who(r), i)
	if err != nil {
		return err
	}
	if p.Problem = fault.Sentence(cause); p.Problem == "" {
		p.Problem = "Это не получилось. Введённое сохранено ниже."
	}
	p.Kept, p.KeptFor, p.MustAccept = r.PostForm, d.path, mustAccept(cause)
	if err := s.relint(r, i, p); err != nil {
		return err
	}
	if version != 0 && version < i.Version {
		if p.Changed, err = s.since(r.Context(), who(r), i, version); err != nil {
			return err
		}
	}
	p.Back = queueOf(r.PostForm.Get("back"))
	return s.showIncident(w, r, site.Status(cause), p)
}

// since tells what was done to the incident after the version.
func (s *Staff) since(ctx context.Context, me *account.Account, i *incident.Incident, version int) ([]Line, error) {
	history, err := s.Cases().Incidents().History(ctx, me.Scope(), i.ID)
	if err != nil {
		return nil, err
	}
	var later []incident.Entry
	for _, e := range history {
		if e.Version > version {
			later = append(later, e)
		}
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, err
	}
	people, err := s.colleagues(ctx, me)
	if err != nil {
		return nil, err
	}
	return s.lines(later, agencies, people.names, s.Now(), s.zone(i.Place.Centre, i.Place.Region)), nil
}

// KeptIn returns what was typed into a field of the deed's form when that form
// could not be done, else otherwise.
func (p *IncidentPage) KeptIn(deed, field, otherwise string) string {
	if p.KeptFor == deed && p.Kept.Has(field) {
		return p.Kept.Get(field)
	}
	return otherwise
}

// KeptText returns what was typed into the reply, whichever button sent it.
func (p *IncidentPage) KeptText() string {
	switch {
	case p.KeptFor == "submit" || p.KeptFor == "answer" || p.KeptFor == "lint":
		return p.Kept.Get("text")
	case p.Recalled == "":
		return p.Offer
	}
	return p.Recalled
}

func (s *Staff) handOver(r *http.Request) (desk.Change, error) {
	name := field(r, "agency")
	agencies, err := s.regionAgencies(r.Context(), who(r))
	if err != nil {
		return nil, err
	}
	a := agencies.find(name)
	if a == nil {
		return nil, fault.New(fault.Invalid, "no such agency").At("agency").Say("Такой организации нет в списке. Наберите две буквы её названия и выберите из подсказки.")
	}
	if executor := field(r, "executor"); executor != "" {
		people, err := s.colleagues(r.Context(), who(r))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(people.executors(a.ID), func(c Choice) bool { return c.Value == executor }) {
			return nil, fault.New(fault.Invalid, "executor %s is not of agency %d", executor, a.ID).At("executor").Say("Этот исполнитель работает в другой организации. Выберите другого или оставьте поле пустым.")
		}
	}
	return desk.HandOver{Agency: a.ID, Executor: number(r, "executor"), Reason: field(r, "reason")}, nil
}

// correct compares the form with what stands: only what was changed is sent.
func (s *Staff) correct(r *http.Request) (desk.Change, error) {
	i := loaded(r)
	var c desk.Correct
	if r.PostForm.Has("topic") {
		name := field(r, "topic")
		code := topic.Undefined
		if name != "" {
			tp, ok := s.Topics().ByName(name)
			if !ok || tp.Retired {
				return nil, fault.New(fault.Invalid, "no such topic").At("topic").Say("Такой темы нет в классификаторе. Наберите две буквы и выберите из подсказки.")
			}
			code = tp.Code
		}
		if code != i.Topic {
			c.Topic = &code
		}
	}
	if u := message.Urgency(field(r, "urgency")); u != "" && u != i.Urgency {
		c.Urgency = &u
	}
	if r.PostForm.Has("centre") {
		if centre := field(r, "centre"); centre != i.Place.Centre {
			c.Centre = &centre
		}
	}
	if r.PostForm.Has("street") {
		a := incident.Address{Settlement: field(r, "settlement"), Street: field(r, "street"), House: field(r, "house"), Landmark: field(r, "landmark")}
		old := i.Address
		if a.Settlement != old.Settlement || a.Street != old.Street || a.House != old.House || a.Landmark != old.Landmark {
			a.Relation = old.Relation
			s.locate(r.Context(), i.Place.Region, &a)
			c.Address = &a
		}
	}
	if c.Topic == nil && c.Urgency == nil && c.Centre == nil && c.Address == nil {
		return nil, fault.New(fault.Conflict, "the correction changes nothing").Say("Ничего не изменилось: всё уже так и стоит.")
	}
	return c, nil
}

// locate asks the reader of places for the id and point of a typed address.
func (s *Staff) locate(ctx context.Context, region string, a *incident.Address) {
	if s.Read == nil {
		return
	}
	r, err := s.Read(ctx, region, a.String())
	if err != nil || r == nil {
		return // the words stand; only the point is unknown
	}
	a.Pin(r.Places)
}

type messageKey struct{}

// messageResource is the resource of a message.
func (s *Staff) messageResource() *site.Resource {
	return &site.Resource{Name: "message", Load: func(ctx context.Context, a *account.Account, id int64) (context.Context, error) {
		m, err := s.Cases().Messages().Message(ctx, a.Scope(), message.ID(id))
		if err != nil {
			return ctx, err
		}
		return context.WithValue(ctx, messageKey{}, m), nil
	}}
}

func messageOf(r *http.Request) *message.Message {
	m, _ := r.Context().Value(messageKey{}).(*message.Message)
	return m
}

// noteReading writes into the audit who looks at a resident's name.
func (s *Staff) noteReading(ctx context.Context, me *account.Account, m *message.Message) error {
	return s.Writer.Change(ctx, incident.People, func(tx incident.Tx) error {
		return tx.Audit().Record(ctx, audit.Entry{At: s.Now(), Who: me.ID, Deed: audit.ReadPersonal, Subject: fmt.Sprintf("message:%d", m.ID), Place: m.Place})
	})
}

// deedURL returns where a form of the page posts to.
func (p *IncidentPage) deedURL(deed string) string {
	return fmt.Sprintf("/desk/incidents/%d/%s", p.ID, deed)
}

// itemAt returns the queue with the incident open, whichever was open in it.
func itemAt(queue string, id incident.ID) string {
	u, err := url.Parse(queue)
	if err != nil {
		return queue
	}
	q := u.Query()
	q.Set("at", incidentNumber(id))
	u.RawQuery = q.Encode()
	return u.String()
}
