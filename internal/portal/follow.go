package portal

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"otklik/internal/applicant"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/scope"
	"otklik/internal/site"
	"otklik/internal/topic"
	"otklik/internal/upload"
)

// FollowPath is where the links of those who told us something lead.
const FollowPath = "/f/"

// A FollowPage is how one's own report comes on.
type FollowPage struct {
	Action    string // address of the page
	Number    string
	Topic     string
	Where     string
	Phrase    string // «передано», «решено, проверено»
	Due       string // answer by then; "" = answered, or nothing is due
	Late      bool
	Agency    string
	Person    string // who works on it there
	Words     string // what was told; "" where only the number is known
	Joined    bool
	Others    int // people beside the reader
	Steps     []FollowStep
	Promises  []FollowPromise
	Form      string // key of a new form for more words
	Open      bool
	Withdrawn bool

	Judging  bool // may judge now
	JudgeWhy string
	Reasons  []feedback.Reason
	Kept     desk.Verdict
	KeptText string
	Problem  string
	Done     string // what has just been done
	Files    []upload.File
	Refused  []upload.Refusal
	Most     int  // files of one form; 0 = none are taken
	Owner    bool // has the link, not only the number
	Mails    bool // letters can be sent to them
	News     bool // and are
}

// A FollowStep is one line of the timeline.
type FollowStep struct {
	At   string
	What string
	Text string // of a reply or a question; may be empty
}

// A FollowPromise is a day that a reply names.
type FollowPromise struct{ Until, State string }

func (p *Portal) followRoutes() []site.Route {
	if p.Counter == nil {
		return nil
	}
	open := site.Access{Open: true}
	return []site.Route{
		{Method: "GET", Pattern: FollowPath + "{secret}", Access: open, Handler: p.follow},
		{Method: "POST", Pattern: FollowPath + "{secret}/words", Access: open, Handler: p.followed(p.addWords)},
		{Method: "POST", Pattern: FollowPath + "{secret}/judge", Access: open, Handler: p.followed(p.judgeBy)},
		{Method: "POST", Pattern: FollowPath + "{secret}/withdraw", Access: open, Handler: p.followed(p.withdraw)},
		{Method: "POST", Pattern: FollowPath + "{secret}/news", Access: open, Handler: p.followed(p.news)},
	}
}

func (p *Portal) follow(w http.ResponseWriter, r *http.Request) error {
	v, err := p.followPage(r, r.PathValue("secret"))
	if err != nil {
		return err
	}
	return p.showFollow(w, r, http.StatusOK, v)
}

func (p *Portal) showFollow(w http.ResponseWriter, r *http.Request, status int, v *FollowPage) error {
	doc := site.Doc{Title: "№ " + v.Number}
	if p.Uploads != nil && v.Owner && !v.Withdrawn {
		v.Most, doc.Scripts = p.Uploads.Limits.Files, []string{"upload.js"}
	}
	hide(w)
	return p.show(w, r, status, doc, followPage(v))
}

// followed makes a deed of the page: its page stands again, with what was done or why not.
func (p *Portal) followed(do func(r *http.Request, secret string, files Files) (done string, err error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		files, refused, err := p.TakeFiles(w, r)
		if err != nil {
			return err
		}
		secret := r.PathValue("secret")
		if v, err := p.followPage(r, secret); err != nil { // nobody learns by sending files whether a link is one
			return err
		} else if again, err := p.Counter.Added(r.Context(), p.Cases(), secret, r.PostForm.Get("key")); err != nil {
			return err
		} else if again { // the answer was lost, and the form is sent again
			v.Done = "Уже добавили. Те, кто отвечает, увидят."
			return p.showFollow(w, r, http.StatusOK, v)
		} else if len(refused) > 0 {
			v.Refused, v.Files, v.KeptText, v.Kept = refused, files, r.PostForm.Get("text"), verdictOf(r)
			return p.showFollow(w, r, http.StatusUnprocessableEntity, v)
		}
		done, err := do(r, secret, p.hands(files))
		if p.Uploads != nil && err == nil {
			p.Uploads.Wake()
		}
		switch fault.KindOf(err) {
		case "", fault.Invalid, fault.Conflict:
		default:
			return err
		}
		v, lost := p.followPage(r, secret)
		if lost != nil {
			return lost
		}
		status := http.StatusOK
		if v.Done = done; err != nil {
			status = site.Status(err)
			v.Done, v.Problem, v.KeptText, v.Files = "", fault.Sentence(err), r.PostForm.Get("text"), files
			v.Kept = verdictOf(r)
		}
		return p.showFollow(w, r, status, v)
	}
}

// hands returns what gives the files to a message; nil for none.
func (p *Portal) hands(files []upload.File) Files {
	if len(files) == 0 {
		return nil
	}
	return func(ctx context.Context, tx incident.Tx, m *message.Message) error {
		return p.Uploads.Claim(ctx, tx, m, Tokens(files))
	}
}

func (p *Portal) addWords(r *http.Request, secret string, files Files) (string, error) {
	err := p.Counter.AddWords(r.Context(), secret, r.PostForm.Get("key"), r.PostForm.Get("text"), files)
	return "Добавили. Те, кто отвечает, увидят.", err
}

func verdictOf(r *http.Request) desk.Verdict {
	mark, _ := strconv.Atoi(r.PostForm.Get("mark"))
	return desk.Verdict{Meaning: feedback.Meaning(r.PostForm.Get("solved")), Mark: mark, Text: r.PostForm.Get("text"), Reasons: feedback.ParseReasons(r.PostForm["reason"])}
}

func (p *Portal) judgeBy(r *http.Request, secret string, files Files) (string, error) {
	again, err := p.Counter.JudgedBy(r.Context(), secret, verdictOf(r), files)
	if again {
		return "Спасибо. Возвращаем в работу: те, кто отвечает, увидят вашу оценку.", err
	}
	return "Спасибо, записали. Вашу оценку увидят те, кто отвечает, и те, кто за ними следит.", err
}

func (p *Portal) news(r *http.Request, secret string, _ Files) (string, error) {
	on := r.PostForm.Get("on") != ""
	if err := p.Counter.News(r.Context(), secret, on); err != nil || on {
		return "Будем писать вам, как идут дела.", err
	}
	return "Больше не пишем. Страница по ссылке остаётся.", nil
}

func (p *Portal) withdraw(r *http.Request, secret string, _ Files) (string, error) {
	if r.PostForm.Get("sure") == "" {
		return "", fault.New(fault.Invalid, "not confirmed").At("sure").Say("Отметьте, что хотите отозвать обращение: обратно его не вернуть.")
	}
	ended, err := p.Counter.Withdraw(r.Context(), secret)
	if ended {
		return "Отозвали. Работать над ним не будем.", err
	}
	return "Отозвали. Но беда касается не только вас, поэтому решать будут люди.", err
}

// followPage reads what the holder of a link may know.
func (p *Portal) followPage(r *http.Request, secret string) (*FollowPage, error) {
	tx := p.Cases()
	f, err := p.Counter.Follows(r.Context(), tx, secret)
	if err != nil {
		return nil, err
	}
	v, err := p.caseOf(r, tx, f.Incident, desk.Reader{First: f.Message, Joined: f.Applicant.Joined})
	if err != nil {
		return nil, err
	}
	a := f.Applicant
	v.Action, v.Owner, v.Form, v.Words, v.Joined = FollowPath+secret, true, desk.NewForm(), f.Message.Text, a.Joined
	v.Withdrawn = !a.WithdrawnAt.IsZero()
	if way, _, err := applicant.ParseContact(f.Message.Contact); err == nil && way == applicant.Mail && p.Letters {
		v.Mails, v.News = true, a.News
	}
	_, err = p.Counter.Judges(r.Context(), tx, f, p.Now())
	switch {
	case err == nil:
		v.Judging = true
	case fault.Is(err, fault.Conflict):
		v.JudgeWhy = fault.Sentence(err)
	default:
		return nil, err
	}
	return v, nil
}

// caseOf says of an incident what whoever told of it may know: no words of others, and no
// answer that was for others alone.
func (p *Portal) caseOf(r *http.Request, tx incident.Tx, i *incident.Incident, reader desk.Reader) (*FollowPage, error) {
	ctx, now, zone := r.Context(), p.Now(), p.zone()
	v := &FollowPage{Number: incident.Spoken(i.Number), Topic: "Ваше сообщение", Where: i.Address.String(), Phrase: p.covered(phrase(i, reader.Joined)), Open: i.State.Open(), Reasons: feedback.Reasons()}
	if tp, ok := p.Topics().ByCode(i.Topic); ok && i.Topic != topic.Undefined {
		v.Topic = tp.Name
	}
	if due := i.Clock.AnswerDue; v.Open && !due.IsZero() && i.AnsweredAt.IsZero() {
		v.Due, v.Late = site.DateTime(due, now, zone), now.After(due)
	}
	if i.Place.Agency != 0 {
		g, err := tx.Agencies().Agency(ctx, i.Place.Agency)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if err == nil {
			v.Agency = g.Name
		}
	}
	if i.Executor != 0 {
		if a, err := tx.Accounts().Account(ctx, i.Executor); err == nil {
			v.Person = a.Name
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	replies, err := tx.Replies().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	messages, err := tx.Messages().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	replies = reader.Heard(replies, messages)
	for _, m := range messages {
		if !desk.Owned(reader.First, m) {
			v.Others++
		}
	}
	history, err := tx.Incidents().History(ctx, scope.All(), i.ID)
	if err != nil {
		return nil, err
	}
	agency := func(id int64) string {
		if g, err := tx.Agencies().Agency(ctx, id); err == nil {
			return g.Name
		}
		return ""
	}
	v.Steps = timeline(reader, history, replies, agency, func(t time.Time) string { return site.DateTime(t, now, zone) })
	for k := range v.Steps {
		v.Steps[k].What = p.covered(v.Steps[k].What)
	}
	list, err := tx.Promises().OfIncident(ctx, scope.All(), int64(i.ID))
	if err != nil {
		return nil, err
	}
	for k := range list {
		if m := &list[k]; m.State != promise.Dropped && m.State != promise.Moved && !m.Vague {
			v.Promises = append(v.Promises, FollowPromise{site.Date(m.Until, now, zone), m.State.Name()})
		}
	}
	return v, nil
}

// covered covers personal data in what staff wrote: a refusal may name somebody else.
func (p *Portal) covered(text string) string {
	if p.Face == nil || p.Face.Mask == nil {
		return text
	}
	return p.Face.Mask(text)
}

// phrase is how an incident stands, in a resident's words (SCREENS: statuses).
func phrase(i *incident.Incident, joined bool) string {
	switch {
	case !i.State.Open() && i.Verified() && (i.Outcome == lifecycle.Solved || i.Outcome == lifecycle.Partly || i.Outcome == lifecycle.NoOutcome):
		return "решено, проверено"
	case i.State == lifecycle.Closed && i.Outcome == lifecycle.Refused && i.OutcomeReason != "" && !joined:
		return "не рассматривается: " + i.OutcomeReason
	case i.State == lifecycle.Closed && i.Outcome != lifecycle.NoOutcome:
		return i.Outcome.Name()
	}
	return i.State.Public()
}

// timeline tells a history in plain words. What was taken back did not happen.
func timeline(reader desk.Reader, history []incident.Entry, replies []reply.Reply, agency func(int64) string, at func(time.Time) string) (steps []FollowStep) {
	var undoable []int // lengths of steps before each deed that can be taken back
	for k := range history {
		e := &history[k]
		if e.Action == lifecycle.Undo {
			if n := len(undoable); n > 0 {
				steps, undoable = steps[:min(undoable[n-1], len(steps))], undoable[:n-1]
			}
			continue
		}
		if e.Detail.Before != nil {
			undoable = append(undoable, len(steps))
		}
		what, text := reader.Retold(e, replies, agency)
		if what == "" || len(steps) > 0 && steps[len(steps)-1].What == what && text == "" {
			continue
		}
		steps = append(steps, FollowStep{At: at(e.At), What: what, Text: text})
	}
	return steps
}
