package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"otklik/internal/incident"
	"otklik/internal/notice"
	"otklik/internal/topic"
)

// linesAtMost is how many notices a message names; the rest is counted.
const linesAtMost = 20

// A load is what is taken for one message.
type load struct {
	parcel *Parcel
	send   []notice.Delivery // that the parcel stands for
	spared []notice.Delivery // that need not leave any more
	calls  []notice.ID       // that cannot wait
}

func noticesOf(list []notice.Delivery) []notice.ID {
	ids := make([]notice.ID, len(list))
	for k := range list {
		ids[k] = list[k].Notice
	}
	return ids
}

// pack makes one message of what was taken. What its reader has seen in the product by
// now, or may not see any more, stays out of it.
func (n *Notifier) pack(ctx context.Context, tx incident.Tx, who *reader, list []notice.Delivery) (*load, error) {
	told, err := tx.Posts().ByIDs(ctx, noticesOf(list))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(told, func(a, b notice.Notice) int {
		return cmp.Compare(slices.Index(notice.Kinds(), a.Kind), slices.Index(notice.Kinds(), b.Kind))
	})
	facts, err := n.facts(ctx, tx, who, told)
	if err != nil {
		return nil, err
	}
	l := &load{parcel: &Parcel{Name: fmt.Sprintf("notice-%d", list[0].Batch)}}
	left := map[notice.ID]bool{}
	for k := range told {
		t := &told[k]
		f, ok := facts[t.Incident]
		if !t.SeenAt.IsZero() || !ok && t.Incident != 0 || who.account.Disabled {
			continue
		}
		left[t.ID] = true
		if t.Kind == notice.Call {
			l.parcel.Urgent, l.calls = true, append(l.calls, t.ID)
		}
		if len(l.parcel.Lines) >= linesAtMost {
			l.parcel.More++
			continue
		}
		if !t.Due.IsZero() {
			f.Due = "Срок " + notice.When(t.Due, who.zone)
		}
		line := n.line(t.Line(f), t.Incident)
		if rest := (notice.Facts{Due: f.Due, Topic: f.Topic, Place: f.Place}); rest != (notice.Facts{}) {
			line.Rest = rest.Line()
		}
		if len(l.parcel.Lines) == 0 {
			l.parcel.Subject = subject(t, f)
		}
		l.parcel.Lines = append(l.parcel.Lines, line)
		if t.Kind == notice.Digest {
			worst, err := n.digestLines(ctx, tx, who)
			if err != nil {
				return nil, err
			}
			l.parcel.Lines = append(l.parcel.Lines, worst...)
		}
	}
	for _, d := range list {
		if left[d.Notice] {
			l.send = append(l.send, d)
		} else {
			d.State = notice.Spared
			l.spared = append(l.spared, d)
		}
	}
	if more := len(l.send) - 1; more > 0 {
		l.parcel.Subject += fmt.Sprintf(" и ещё %d", more)
	}
	if l.parcel.Urgent {
		l.parcel.Subject = "Срочно. " + l.parcel.Subject
	}
	if n.Site != "" {
		l.parcel.All = n.Site + "/desk/notices"
	}
	return l, nil
}

// line is a line that leads to an incident, where there is one.
func (n *Notifier) line(text string, about int64) Line {
	l := Line{Text: text}
	if about == 0 {
		return l
	}
	l.Path = fmt.Sprintf("/desk/incidents/%d", about)
	if n.Site != "" {
		l.URL = n.Site + l.Path
	}
	return l
}

func subject(t *notice.Notice, f notice.Facts) string {
	if f.Number == "" {
		return t.Title()
	}
	return t.Title() + ", № " + f.Number
}

// facts returns what may be said of the incidents that the reader still sees.
func (n *Notifier) facts(ctx context.Context, tx incident.Tx, who *reader, told []notice.Notice) (map[int64]notice.Facts, error) {
	var ids []incident.ID
	for k := range told {
		if id := incident.ID(told[k].Incident); id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	out := map[int64]notice.Facts{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := tx.Incidents().Rows(ctx, who.account.Scope(), ids)
	for k := range rows {
		i := &rows[k]
		out[int64(i.ID)] = notice.Facts{Number: incident.Spoken(i.Number), Topic: n.topic(i.Topic), Place: notice.Flatless(i.Address.String())}
	}
	return out, err
}

func (n *Notifier) topic(code topic.Code) string {
	if t, ok := n.Topics().ByCode(code); ok {
		return t.Name
	}
	return ""
}
