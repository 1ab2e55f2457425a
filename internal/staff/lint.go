package staff

import (
	"fmt"
	"net/http"
	"strings"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lint"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// A LintView is what the lint thinks of a draft.
type LintView struct {
	Score    int
	Words    string // what the score means
	Doubt    bool   // a likely runaround
	Reason   bool   // it goes on with a reason only
	Given    string // the reason that was typed
	Findings []FindingView
}

// A FindingView is one thing that is wrong, with the words that it points at.
type FindingView struct {
	Quote, What, Mend string
	Grave             bool
	Cost              int
}

const quoteLimit = 90 // characters of a sentence that a finding shows

func lintView(text string, o *desk.Opinion, given string) *LintView {
	v := &LintView{Score: o.Score, Doubt: o.Suspicious(), Reason: o.NeedsReason(), Given: given}
	switch {
	case v.Reason:
		v.Words = "похоже на отписку"
	case v.Doubt:
		v.Words = "возможно, отписка"
	case len(o.Findings) > 0:
		v.Words = "можно лучше"
	default:
		v.Words = "замечаний нет"
	}
	for _, f := range o.Findings {
		span := f.Words
		if span.End == 0 {
			span = f.Span
		}
		quote := []rune(text[min(span.Start, len(text)):min(span.End, len(text))])
		if len(quote) > quoteLimit {
			quote = append(quote[:quoteLimit], '…')
		}
		v.Findings = append(v.Findings, FindingView{Quote: string(quote), What: f.What, Mend: f.Mend, Grave: f.Severity == lint.Grave, Cost: f.Cost})
	}
	return v
}

// lint answers with what the resident would miss in the draft of the form. Nothing is kept.
func (s *Staff) lint(w http.ResponseWriter, r *http.Request) error {
	done, err := site.Form(w, r, formLimit)
	defer done()
	if err != nil {
		return err
	}
	i := loaded(r)
	text, why := r.PostForm.Get("text"), reply.Purpose(field(r, "purpose"))
	if r.Header.Get("HX-Request") != "" || r.Header.Get("X-Lint") != "" {
		v, err := s.opinion(r, i, text, why)
		if err != nil {
			return err
		}
		return site.Write(w, r, http.StatusOK, LintPanel(v))
	}
	_, unfit := s.uploads(r, i.ID, 0) // without a script what was chosen would be lost with the page
	if i, err = s.Cases().Incidents().Incident(r.Context(), who(r).Scope(), i.ID); err != nil {
		return err
	}
	p, err := s.incidentPage(r.Context(), who(r), i)
	if err != nil {
		return err
	}
	if unfit != nil {
		if p.Problem = fault.Sentence(unfit); p.Problem == "" {
			return unfit
		}
	}
	p.Kept, p.KeptFor = r.PostForm, "lint"
	if p.Lint, err = s.opinion(r, i, text, why); err != nil {
		return err
	}
	p.Back = queueOf(r.PostForm.Get("back"))
	return s.showIncident(w, r, http.StatusOK, p)
}

func (s *Staff) opinion(r *http.Request, i *incident.Incident, text string, why reply.Purpose) (*LintView, error) {
	o, ok, err := s.Desk.Lint(r.Context(), s.Cases(), i, text, why)
	if err != nil || !ok {
		return nil, err
	}
	return lintView(text, &o, field(r, "override_reason")), nil
}

// relint shows the lint again beside what was typed when a deed was refused.
func (s *Staff) relint(r *http.Request, i *incident.Incident, p *IncidentPage) (err error) {
	text, why := p.Kept.Get("text"), reply.Final
	switch p.KeptFor {
	case "submit", "answer":
		why = reply.Purpose(p.Kept.Get("purpose"))
	case "ask":
		why = reply.Question
	case "approve":
		for k := range p.Replies {
			if r := &p.Replies[k]; text == "" && fmt.Sprint(r.ID) == p.Kept.Get("reply") {
				text = r.Text
			}
		}
	default:
		return nil
	}
	if err := s.discretion(r, i, p, text); err != nil {
		return err
	}
	if alone := p.Kept.Get("private"); strings.TrimSpace(alone) != "" {
		o, ok, err := s.Desk.LintPrivate(r.Context(), s.Cases(), i, alone, why)
		if err == nil && ok {
			p.Lint = lintView(alone, &o, field(r, "override_reason"))
		}
		return err
	}
	p.Lint, err = s.opinion(r, i, text, why)
	return err
}

// lintOf returns what the lint thought of a stored reply, nil where it was not asked.
func lintOf(r *reply.Reply) *LintView {
	if !r.Lint.Read {
		return nil
	}
	v := &LintView{Score: r.Lint.Score, Doubt: r.Lint.Doubt, Given: r.Lint.Override, Words: "замечаний нет"}
	if r.Lint.Doubt {
		v.Words = "возможно, отписка"
	} else if len(r.Lint.Rules) > 0 {
		v.Words = "можно лучше"
	}
	for _, rule := range r.Lint.Rules {
		if w := ruleWords[lint.Rule(rule)]; w != "" {
			v.Findings = append(v.Findings, FindingView{What: w})
		}
	}
	return v
}

var ruleWords = map[lint.Rule]string{
	lint.NoAction: "не сказано, что сделано", lint.NoDate: "нет дня", lint.NoEcho: "не названо, о чём речь", lint.Redirect: "отправлен без контакта", lint.Copy: "те же слова, что другим",
	lint.Officialese: "канцелярит", lint.FullNames: "полные имена законов и органов", lint.ThanksOnly: "только благодарность", lint.AsksMark: "просят оценку", lint.EmptyWords: "слова без дела",
	lint.OtherThing: "ответ о другом", lint.TooLong: "длинно", lint.Rude: "грубо", lint.Personal: "личные данные", lint.NoQuestion: "нет вопроса", lint.DayPassed: "нет такого дня впереди",
	lint.NotOurs: "«не наше», а чьё — не сказано", lint.NotFound: "ничего не нашли, и всё", lint.Evasive: "уклончиво",
}

// score returns «74 из 100».
func (v *LintView) score() string { return fmt.Sprintf("%d из 100", v.Score) }
