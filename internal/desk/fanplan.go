package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/scope"
)

// A PlannedReply is one thread that a reply to all goes to.
type PlannedReply struct {
	Message *message.Message // that is answered
	Text    string           // as its author will read it
	Missing []string         // variables without a value
	Hand    string           // why a person must answer; "" when it leaves by itself
}

// A Plan says what a reply to all will do.
type Plan struct {
	Targets []PlannedReply
	Unknown []string // what stands in braces and is no variable
	NoDue   bool     // the text has {{срок}}, and no date was given
	Long    int      // texts that are too long with their values
	Gone    int      // messages that their authors deleted or had erased: not answered
	Again   int      // further messages of an author in the same thread: answered with the first
}

// Missing counts the targets for which a variable has no value.
func (p *Plan) Missing() (n int) {
	for k := range p.Targets {
		if len(p.Targets[k].Missing) > 0 {
			n++
		}
	}
	return n
}

// ByHand counts the targets that a person must answer.
func (p *Plan) ByHand() (n int) {
	for k := range p.Targets {
		if p.Targets[k].Hand != "" {
			n++
		}
	}
	return n
}

func (p *Plan) words() string {
	if hand := p.ByHand(); hand > 0 {
		return fmt.Sprintf("всем: %d, из них вручную %d", len(p.Targets), hand)
	}
	return fmt.Sprintf("всем: %d", len(p.Targets))
}

// Refuse says why a reply to all cannot be sent like this, nil when it can. With skip
// those that lack a variable are left to a person.
func (p *Plan) Refuse(skip bool) error {
	switch missing := p.Missing(); {
	case slices.Contains(p.Unknown, "имя"):
		return fault.New(fault.Invalid, "the author's name in a public thread").At("text").
			Say("Имени автора в рассылке нет: ветки открытые. Уберите {{имя}}.")
	case len(p.Unknown) > 0:
		return fault.New(fault.Invalid, "unknown variables %q", p.Unknown).At("text").
			Say("Такой переменной нет: " + strings.Join(p.Unknown, ", ") + ". Есть: адрес, номер, тема, орган, срок.")
	case p.Long > 0:
		return fault.New(fault.Invalid, "%d texts are too long", p.Long).At("text").
			Say(fmt.Sprintf("С подставленными значениями ответ длиннее %d знаков. Сократите его.", replyLimit))
	case p.NoDue:
		return fault.New(fault.Invalid, "the text has a due date, and none is given").At("due").
			Say("В тексте есть {{срок}}, а срок не указан. Впишите его или уберите переменную.")
	case len(p.Targets) == 0:
		return fault.New(fault.Conflict, "nobody to answer").Say("Отвечать некому: все сообщения удалены авторами.")
	case missing > 0 && !skip:
		return fault.New(fault.Invalid, "%d messages lack a variable", missing).At("skip").
			Say(fmt.Sprintf("Для %d из %d сообщений нечего подставить. Добавьте запасные слова, например {{адрес|ваш адрес}}, или отметьте, что этим ответят вручную.", missing, len(p.Targets)))
	}
	return nil
}

// Plan says whom a reply to all would go to, and in which words. covered are the
// jobs of the fan-out that exist: they are left out.
func (d *Desk) Plan(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident, text, due string, covered []reply.Job) (p Plan, err error) {
	defer fault.Wrap(&err, "desk.Plan(%d)", i.ID)
	messages, err := tx.Messages().OfIncident(ctx, sc, int64(i.ID))
	if err != nil {
		return p, err
	}
	numbers, err := toldNumbers(ctx, tx, sc, i)
	if err != nil {
		return p, err
	}
	text = reply.Put(text, reply.VarDue, due)
	values := map[string]string{}
	if t, ok := d.Topics().ByCode(i.Topic); ok {
		values[reply.VarTopic] = t.Name
	}
	if i.Place.Agency != 0 {
		a, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil {
			return p, err
		}
		values[reply.VarAgency] = a.Name
	}
	p.NoDue = reply.Uses(text, reply.VarDue)
	where := reply.Uses(text, reply.VarAddress)
	for _, m := range uncovered(messages, covered, &p) {
		values[reply.VarNumber] = incident.Spoken(i.Number)
		if n := numbers[m.ID]; n != "" {
			values[reply.VarNumber] = incident.Spoken(n)
		}
		if where {
			if values[reply.VarAddress], err = whereabouts(ctx, tx, i, m); err != nil {
				return p, err
			}
		}
		t := PlannedReply{Message: m}
		t.Text, t.Missing, p.Unknown = reply.Render(text, values)
		switch {
		case !d.Publishes(m.Source):
			t.Hand = "Отсюда ответы уходят вручную: " + m.Channel.Name() + "."
		case len(t.Missing) > 0:
			t.Hand = "Нечего подставить: " + strings.Join(t.Missing, ", ") + "."
		}
		if utf8.RuneCountInString(t.Text) > replyLimit {
			p.Long++
		}
		p.Targets = append(p.Targets, t)
	}
	return p, nil
}

// uncovered returns the messages that a reply to all goes to: the first of each
// author in each thread, without those that jobs cover. p counts the rest; it may
// be nil.
func uncovered(messages []*message.Message, covered []reply.Job, p *Plan) (out []*message.Message) {
	if p == nil {
		p = &Plan{}
	}
	has := map[int64]bool{}
	for _, j := range covered {
		has[j.Message] = true
	}
	done := map[string]bool{}
	for _, m := range messages {
		if has[int64(m.ID)] {
			done[authorInThread(m)] = true
		}
	}
	for _, m := range messages {
		key := authorInThread(m)
		switch {
		case has[int64(m.ID)] || m.Own:
		case m.Gone || !m.ErasedAt.IsZero():
			p.Gone++
		case done[key]:
			p.Again++
		default:
			done[key] = true
			out = append(out, m)
		}
	}
	return out
}

// authorInThread names who gets one reply, however often they wrote there.
func authorInThread(m *message.Message) string {
	if m.Author == "" || m.Thread == "" {
		return fmt.Sprint(m.ID)
	}
	return m.Source + "\x00" + m.Thread + "\x00" + m.Author
}

// toldNumbers returns the numbers under which messages came that were merged here:
// their authors were told these.
func toldNumbers(ctx context.Context, tx incident.Tx, sc scope.Scope, i *incident.Incident) (map[message.ID]string, error) {
	history, err := tx.Incidents().History(ctx, sc, i.ID)
	out := map[message.ID]string{}
	for _, e := range history {
		if e.Action == lifecycle.Merge && e.Detail.Merged != nil {
			for _, m := range e.Detail.Merged.Messages {
				out[m] = e.Detail.Reason
			}
		}
	}
	return out, err
}

// whereabouts is the place that the message names, else the incident's.
func whereabouts(ctx context.Context, tx incident.Tx, i *incident.Incident, m *message.Message) (string, error) {
	r, err := tx.Messages().Reading(ctx, m.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if r != nil {
		if a, _ := address(r.Places); a.Street != "" || a.Landmark != "" {
			return a.With(incident.Address{Settlement: i.Address.Settlement}).String(), nil
		}
	}
	return i.Address.String(), nil
}
