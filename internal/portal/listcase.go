package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/problem"
	"otklik/internal/publicface"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
)

// A CasePage is what everybody may see of one case.
type CasePage struct {
	Number, Topic, Where, Near, State, Words string
	Agency, AgencyURL                        string
	Expected                                 string // «28 ноября»; "" once answered
	Late                                     bool
	Answers                                  []CaseAnswer
	Shots                                    []Shot
	Steps                                    []CaseStep
	Problem                                  string // URL; "" = belongs to none
	Days                                     string // for how long the problem is known
	Lat, Lon                                 float64
}

// A CaseAnswer is one public reply.
type CaseAnswer struct{ Name, At, Text string }

// A CaseStep is one thing that happened.
type CaseStep struct {
	At    time.Time
	When  string
	Words string
}

func (p *Portal) publicCase(w http.ResponseWriter, r *http.Request) error {
	number, ok := spoken(r.PathValue("number"))
	if !ok {
		return fault.New(fault.NotFound, "no number of a case")
	}
	return p.stack().serve(w, r, "/list/"+number, func(ctx context.Context) (string, []byte, error) {
		v, err := p.casePage(ctx, number)
		if err != nil {
			return "", nil, err
		}
		return p.html(ctx, "/list/"+number, v.Topic+", №"+site.NBSP+v.Number, casePage(v))
	})
}

// spoken reads the eight digits of a number.
func spoken(s string) (string, bool) {
	if len(s) != 8 {
		return "", false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return s, true
}

var purposes = map[reply.Purpose]string{reply.Final: "Ответ", reply.Interim: "Промежуточный ответ", reply.Notice: "Срок продлён"}

func (p *Portal) casePage(ctx context.Context, number string) (*CasePage, error) {
	tx := p.Cases()
	f, err := p.faceOf(ctx, tx, number)
	if err != nil {
		return nil, err
	}
	n, err := p.names(ctx, tx)
	if err != nil {
		return nil, err
	}
	now, zone := p.Now(), p.zone()
	who := n.agency(f.Agency)
	v := &CasePage{Number: incident.Spoken(f.Number), Topic: n.topic(f), Where: p.where(f), State: stateOf(f, who), Words: f.Words, Lat: f.Address.Lat, Lon: f.Address.Lon}
	switch f.Near {
	case publicface.Street:
		v.Near = "Дом не показываем: о нём сказали только нам."
	case publicface.Town:
		v.Near = "Показываем только населённый пункт: тема личная."
	}
	if a := n.agencies[f.Agency]; a != nil {
		v.Agency, v.AgencyURL = a.Name, fmt.Sprintf("/agencies/%d", a.ID)
	}
	if !f.ExpectedAt.IsZero() {
		v.Expected, v.Late = site.Date(f.ExpectedAt, now, zone), now.After(f.ExpectedAt)
	}
	for k := range f.Said {
		s := &f.Said[k]
		v.Answers = append(v.Answers, CaseAnswer{Name: purposes[s.Purpose], At: site.DateTime(s.At, now, zone), Text: s.Text})
	}
	for k, a := range f.Pictures() {
		u := fmt.Sprintf("/list/%s/photo/%d", f.Number, k+1)
		v.Shots = append(v.Shots, Shot{URL: u, Small: u + "/small", Caption: captions[a.Part], Width: a.Width, Height: a.Height})
	}
	if v.Steps, err = p.steps(ctx, tx, n, f); err != nil {
		return nil, err
	}
	return v, p.ofProblem(ctx, tx, f, v)
}

// ofProblem adds the problem that the case belongs to, where more than this case is public of it.
func (p *Portal) ofProblem(ctx context.Context, tx incident.Tx, f *publicface.Face, v *CasePage) error {
	id, err := tx.Problems().Of(ctx, int64(f.ID))
	if err != nil || id == 0 {
		return err
	}
	o, err := tx.Problems().Problem(ctx, p.Face.Scope, id)
	if err != nil {
		return notMissing(err)
	}
	v.Problem, v.Days = fmt.Sprintf("/problems/%d", id), site.Count(o.Days(p.Now()), "день", "дня", "дней")
	return nil
}

// steps tells in plain words what happened. Deeds inside the house, and who did them, are
// not among it.
func (p *Portal) steps(ctx context.Context, tx incident.Tx, n *names, f *publicface.Face) ([]CaseStep, error) {
	history, err := tx.Incidents().History(ctx, scope.All(), f.ID)
	if err != nil {
		return nil, err
	}
	out := []CaseStep{{At: f.OpenedAt, Words: "Увидели сообщение и дали ему номер"}}
	add := func(at time.Time, words string) {
		if out[len(out)-1].Words != words {
			out = append(out, CaseStep{At: at, Words: words})
		}
	}
	for k := range history {
		switch e := &history[k]; e.Action {
		case lifecycle.Accept:
			add(e.At, "Проверили")
		case lifecycle.Ask:
			add(e.At, "Уточняем у автора")
		case lifecycle.HandOver:
			if who := n.agency(e.Detail.Agency); who != "" {
				add(e.At, "Передали: "+who)
			}
		case lifecycle.Take:
			add(e.At, "Взяли в работу")
		case lifecycle.Reopen:
			add(e.At, "Вернули на доработку")
		case lifecycle.Verify:
			add(e.At, "Проверили, что решено")
		case lifecycle.Close:
			add(e.At, "Завершили")
		}
	}
	for k := range f.Said {
		out = append(out, CaseStep{At: f.Said[k].At, Words: "Дали ответ"})
	}
	slices.SortStableFunc(out[1:], func(a, b CaseStep) int { return a.At.Compare(b.At) })
	for k := range out {
		out[k].When = site.DateTime(out[k].At, p.Now(), p.zone())
	}
	return out, nil
}

// A ProblemPage is a fault that lasts, with what is public of its cases.
type ProblemPage struct {
	Title, Group, Where, Since, Known, State string
	Hidden                                   int // cases of it that are not shown
	Rows                                     []CaseRow
}

func (p *Portal) publicProblem(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return fault.New(fault.NotFound, "no id of a problem")
	}
	path := fmt.Sprintf("/problems/%d", id)
	return p.stack().serve(w, r, path, func(ctx context.Context) (string, []byte, error) {
		v, err := p.problemPage(ctx, problem.ID(id))
		if err != nil {
			return "", nil, err
		}
		return p.html(ctx, path, v.Title, problemPage(v))
	})
}

// mostOfProblem is how many cases of a problem its page shows, the latest.
const mostOfProblem = 100

// problemPage shows a problem when a case of it is public; its place is told as exactly as
// that of the case that tells it best.
func (p *Portal) problemPage(ctx context.Context, id problem.ID) (*ProblemPage, error) {
	tx := p.Cases()
	o, err := tx.Problems().Problem(ctx, p.Face.Scope, id)
	if err != nil {
		return nil, err
	}
	ids, err := tx.Problems().Incidents(ctx, id)
	if err != nil {
		return nil, err
	}
	n, err := p.names(ctx, tx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(ids)
	wanted := make([]incident.ID, 0, mostOfProblem)
	for _, one := range ids[:min(len(ids), mostOfProblem)] {
		wanted = append(wanted, incident.ID(one))
	}
	rows, err := tx.Incidents().Rows(ctx, p.Face.Scope, wanted)
	if err != nil {
		return nil, err
	}
	v := &ProblemPage{Group: o.Group, Since: site.Date(o.Since, p.Now(), p.zone()), Known: site.Count(o.Days(p.Now()), "день", "дня", "дней"), State: "Беда остаётся"}
	if o.State == problem.Closed {
		v.State = "Устранили " + site.Date(o.ClosedAt, p.Now(), p.zone())
	}
	best := publicface.Town + 1
	for k := range rows {
		f, ok, err := p.brief(ctx, tx, &rows[k].Incident)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if f.Near < best {
			best, v.Where = f.Near, p.where(&f)
		}
		v.Rows = append(v.Rows, p.row(n, &f))
	}
	if len(v.Rows) == 0 {
		return nil, fault.New(fault.NotFound, "nothing of problem %d is public", id)
	}
	v.Hidden = len(ids) - len(v.Rows)
	v.Title = o.Group + ": " + v.Where
	return v, nil
}
