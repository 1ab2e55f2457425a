package portal

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A Judge takes what a resident says about the result by a one-use link.
type Judge interface {
	Judged(ctx context.Context, secret string, v desk.Verdict) (again bool, err error)
	// Opened returns what of a reply is for its author alone.
	Opened(ctx context.Context, secret string) (text string, err error)
}

// A VerdictPage asks the author of an incident whether it is solved.
type VerdictPage struct {
	Title   string // of the centre
	Number  string
	Topic   string
	Reply   string // ours, the last that was published
	Action  string
	Problem string // why the answer was not taken
	Closed  string // why no answer can be given (any more)
	Kept    desk.Verdict
	Done    bool
	Again   bool // it goes back to work

	Reads bool   // the link opens a private answer instead
	Words string // of it, once it was opened
}

func (p *Portal) verdictRoutes() []site.Route {
	if p.Judge == nil {
		return nil
	}
	open := site.Access{Open: true}
	return []site.Route{
		{Method: "GET", Pattern: "/r/{secret}", Access: open, Handler: p.verdict},
		{Method: "POST", Pattern: "/r/{secret}", Access: open, Handler: p.judge},
		{Method: "POST", Pattern: "/r/{secret}/open", Access: open, Handler: p.open},
	}
}

// page reads what the link stands for. What is not there is a NotFound: nobody learns more.
func (p *Portal) verdictPage(ctx context.Context, secret string, now time.Time) (*VerdictPage, error) {
	tx := p.Cases()
	t, err := tx.Feedback().Ticket(ctx, secret)
	if err != nil {
		return nil, err
	}
	i, err := tx.Incidents().Incident(ctx, scope.All(), incident.ID(t.Incident))
	if err != nil {
		return nil, err
	}
	v := &VerdictPage{Title: p.Title, Number: incident.Spoken(i.Number), Topic: "Ваше обращение", Action: "/r/" + secret}
	if tp, ok := p.Topics().ByCode(i.Topic); ok && i.Topic != topic.Undefined {
		v.Topic = tp.Name
	}
	if t.Reads {
		v.Reads = true
		if err := desk.Readable(t, now); err != nil {
			v.Closed = fault.Sentence(err)
		}
		return v, nil
	}
	if err := desk.Usable(t, i, now); err != nil {
		v.Closed = fault.Sentence(err)
		return v, nil
	}
	replies, err := tx.Replies().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	for k := range replies {
		if r := &replies[k]; r.State == reply.Published && (r.Purpose == reply.Final || r.Purpose == reply.Interim) {
			v.Reply = r.Text
		}
	}
	return v, nil
}

func (p *Portal) verdict(w http.ResponseWriter, r *http.Request) error {
	v, err := p.verdictPage(r.Context(), r.PathValue("secret"), p.Now())
	if err != nil {
		return err
	}
	return p.showVerdict(w, r, http.StatusOK, v)
}

func (p *Portal) showVerdict(w http.ResponseWriter, r *http.Request, status int, v *VerdictPage) error {
	hide(w)
	title := "Решено ли?"
	if v.Reads {
		title = "Ответ лично вам"
	}
	return p.show(w, r, status, site.Doc{Title: title}, verdict(v))
}

// formLimit is how large an answer may be, in bytes.
const formLimit = 64 << 10

func (p *Portal) judge(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "the form cannot be read").Say("Ответ не дошёл целиком. Вернитесь и отправьте ещё раз.")
	}
	mark, _ := strconv.Atoi(r.PostForm.Get("mark"))
	said := desk.Verdict{Meaning: feedback.Meaning(r.PostForm.Get("solved")), Mark: mark, Text: r.PostForm.Get("text")}
	secret := r.PathValue("secret")
	again, err := p.Judge.Judged(r.Context(), secret, said)
	if err == nil {
		return p.showVerdict(w, r, http.StatusOK, &VerdictPage{Title: p.Title, Done: true, Again: again})
	}
	if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
		return err
	}
	v, lost := p.verdictPage(r.Context(), secret, p.Now())
	if lost != nil {
		return lost
	}
	if v.Closed == "" {
		v.Problem = fault.Sentence(err)
	}
	v.Kept = said
	return p.showVerdict(w, r, site.Status(err), v)
}

// open shows a private answer. It takes a press of a button: programs that look at every
// link in a letter would use it up.
func (p *Portal) open(w http.ResponseWriter, r *http.Request) error {
	secret := r.PathValue("secret")
	words, err := p.Judge.Opened(r.Context(), secret)
	if err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	v, lost := p.verdictPage(r.Context(), secret, p.Now())
	if lost != nil {
		return lost
	}
	if err != nil {
		v.Closed = fault.Sentence(err)
		return p.showVerdict(w, r, site.Status(err), v)
	}
	v.Words, v.Closed = words, ""
	return p.showVerdict(w, r, http.StatusOK, v)
}
