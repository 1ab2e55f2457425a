package staff

import (
	"context"
	"net/http"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/source"
)

// An AllowanceView says what the networks let us ask.
type AllowanceView struct {
	Facts  string // «2 000 стен, 41 200 записей под наблюдением, 300 000 комментариев за сутки»
	Costs  []CostView
	Have   string // «Сейчас работают 3 ключа из 4.»
	Tokens []TokenView
}

// A CostView says how many tokens a wanted lag takes.
type CostView struct {
	Lag, Tokens string
	Enough      bool
}

// A TokenView is one token.
type TokenView struct {
	Name, State, Word, Until, Sentence string
	Purses                             []QuotaView
	Methods                            string // «wall.getById — 120, wall.get — 12»
}

var tokenWords = map[string]string{"good": "работает", "resting": "отдыхает", "revoked": "не принимается", "captcha": "ждёт человека"}

// allowance returns what the networks let us ask; nil where nothing is to be told.
func (s *Staff) allowance(ctx context.Context, me *account.Account) (*AllowanceView, error) {
	if s.Watcher == nil {
		return nil, nil
	}
	a, err := s.Watcher.Allowance(ctx, me.Actor())
	if err != nil || a.Walls == 0 && len(a.Tokens) == 0 {
		return nil, err
	}
	now, zone := s.Now(), s.zone(me.Place.Centre, me.Place.Region)
	v := &AllowanceView{Facts: site.Count(a.Walls, "чужая стена", "чужие стены", "чужих стен") + ", " + site.Count(a.Posts, "запись", "записи", "записей") + " под наблюдением, примерно " +
		site.Count(int(a.Comments), "комментарий", "комментария", "комментариев") + " за сутки."}
	good := 0
	for k := range a.Tokens {
		if a.Tokens[k].State == "good" {
			good++
		}
		v.Tokens = append(v.Tokens, tokenView(&a.Tokens[k], now, zone))
	}
	v.Have = "Сейчас " + site.Plural(good, "работает", "работают", "работает") + " " + site.Count(good, "ключ", "ключа", "ключей") + " из " + site.Number(len(a.Tokens)) + "."
	for _, c := range a.Costs {
		v.Costs = append(v.Costs, CostView{Lag: site.Duration(c.Lag), Tokens: site.Count(c.Tokens, "ключ", "ключа", "ключей"), Enough: c.Tokens <= good})
	}
	return v, nil
}

func tokenView(t *source.TokenFare, now time.Time, zone *time.Location) TokenView {
	v := TokenView{Name: t.Name, State: t.State, Word: tokenWords[t.State], Sentence: t.Sentence}
	if t.State != "good" && !t.Until.IsZero() {
		v.Until = "Попробуем снова " + site.DateTime(t.Until, now, zone) + "."
	}
	for k := range t.Purses {
		v.Purses = append(v.Purses, quotaView(&t.Purses[k], now, zone))
	}
	for k, m := range t.Methods {
		if k > 0 {
			v.Methods += ", "
		}
		v.Methods += m.Method + " — " + site.Number(m.Calls)
	}
	return v
}

// MissedPage answers why a message is or is not among ours.
type MissedPage struct {
	Chrome
	Link     string
	Problem  string
	Asked    bool
	Good     bool // the message is among ours
	Sentence string
	Evidence []string
	Source   string // address of its source's page
	Incident string // address of its incident
}

func (s *Staff) watcherRoutes() []site.Route {
	if s.Watcher == nil {
		return nil
	}
	see := site.Access{Right: lifecycle.SeeSources}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/sources/missed", Access: see, Handler: s.askMissed},
		{Method: "POST", Pattern: "/desk/sources/missed", Access: see, Handler: s.missed},
	}
}

func (s *Staff) askMissed(w http.ResponseWriter, r *http.Request) error {
	return s.showMissed(w, r, http.StatusOK, &MissedPage{})
}

// missed answers for a pasted link. The link comes by POST: it leads to a resident's words and
// stands in no address of ours.
func (s *Staff) missed(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	p := &MissedPage{Link: field(r, "link")}
	m, err := s.Watcher.Missed(r.Context(), who(r).Actor(), p.Link)
	if err != nil {
		sentence, ok := refusedSource(err)
		if !ok {
			return err
		}
		p.Problem = sentence
		return s.showMissed(w, r, site.Status(err), p)
	}
	p.Asked, p.Good, p.Sentence, p.Evidence = true, m.Code == "found", m.Sentence, m.Evidence
	if m.Number != 0 {
		p.Source = sourceURL(m.Number)
	}
	if m.Incident != 0 {
		p.Incident = incidentURL(incident.ID(m.Incident))
	}
	return s.showMissed(w, r, http.StatusOK, p)
}

func (s *Staff) showMissed(w http.ResponseWriter, r *http.Request, status int, p *MissedPage) error {
	p.Chrome = s.chrome(w, r, "sources")
	return s.page(w, r, status, "Почему мы это пропустили?", Missed(p))
}
