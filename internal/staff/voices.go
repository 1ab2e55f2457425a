package staff

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"otklik/internal/account"
	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/feedback"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/site"
)

// A VoiceView is what a resident said about the result, with the words that say so.
type VoiceView struct {
	ID       feedback.ID
	Speaker  string
	Meaning  string // «не решено»
	Mark     int
	Percent  int // how sure the machine is; 100 where the resident chose an answer
	How      string
	When     string
	Text     string // masked for who may not see personal data
	Whys     []string
	State    feedback.State
	Waiting  bool
	Decide   bool // the account may say what it means
	Anew     bool // it may become an incident of its own
	Refuted  bool
	Positive bool
	Files    []PhotoView // what came with the words
}

// A ClosureView is one ending of the work and what became of it.
type ClosureView struct {
	When, Outcome, How, By string
	False                  string // why it turned out to be false; "" when it did not
	RepeatURL              string // the incident that showed it
	Sampled                bool   // the controller is asked to look
}

var wayWords = map[feedback.Way]string{feedback.Words: "в ветке", feedback.Link: "по ссылке", feedback.Buttons: "кнопкой в переписке", feedback.Staff: "передал сотрудник"}

var knownWords = map[string]string{"photo": "по фото", "author": "со слов автора", "inspector": "выезд на место", "neighbour": "со слов соседа", desk.NotKnown: "никто не проверял"}

// addVoices shows what residents say about the result of the incident and how its
// endings are known.
func (s *Staff) addVoices(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage, people map[account.ID]string, now time.Time, zone *time.Location) error {
	list, err := tx.Feedback().OfIncident(ctx, me.Scope(), int64(i.ID))
	if err != nil {
		return err
	}
	for k := range list {
		v, err := s.voice(ctx, tx, me, &list[k], p.Can[lifecycle.Weigh], now, zone)
		if err != nil {
			return err
		}
		p.Voices = append(p.Voices, v)
	}
	closures, err := tx.Feedback().Closures(ctx, int64(i.ID))
	if err != nil {
		return err
	}
	for k := range closures {
		c := &closures[k]
		v := ClosureView{When: site.DateTime(c.At, now, zone), Outcome: c.Outcome.Name(), How: knownWords[c.How], By: people[c.By],
			Sampled: c.Sampled && c.CheckedAt.IsZero() && c.FalseAt.IsZero()}
		if !c.FalseAt.IsZero() {
			v.False = c.FalseWhy.Name()
		}
		if c.Repeat != 0 {
			v.RepeatURL = incidentURL(incident.ID(c.Repeat))
		}
		p.Closures = append(p.Closures, v)
	}
	return nil
}

func (s *Staff) voice(ctx context.Context, tx incident.Tx, me *account.Account, v *feedback.Voice, may bool, now time.Time, zone *time.Location) (VoiceView, error) {
	out := VoiceView{ID: v.ID, Speaker: v.Speaker.Name(), Meaning: v.Meaning.Name(), Mark: v.Mark, Percent: percent(v.Sure), How: wayWords[v.Way],
		When: site.DateTime(v.At, now, zone), State: v.State, Waiting: v.State == feedback.Waiting, Text: v.Text,
		Refuted: v.Meaning == feedback.Refuted || s.bad(v.Mark)}
	out.Positive = v.Meaning == feedback.Confirmed || v.Mark > 0 && !s.bad(v.Mark)
	out.Decide, out.Anew = may && out.Waiting, v.Message != 0
	seen := map[string]bool{}
	for _, e := range v.Evidence {
		if !seen[e.Why] {
			seen[e.Why] = true
			out.Whys = append(out.Whys, e.Why)
		}
	}
	var err error
	if out.Files, err = s.picturesOf(ctx, tx, me, v.Message); err != nil {
		return out, err
	}
	if v.Message == 0 {
		if !me.Role.Holds(lifecycle.SeePersonal) {
			out.Text = maskDigits(out.Text)
		}
		return out, nil
	}
	m, err := tx.Messages().Message(ctx, me.Scope(), message.ID(v.Message))
	if fault.Is(err, fault.NotFound) {
		return out, nil // of another territory, or not to be seen
	}
	if err != nil {
		return out, err
	}
	if out.Text = m.Text; !me.Role.Holds(lifecycle.SeePersonal) {
		found, err := tx.Messages().Personal(ctx, []message.ID{m.ID})
		if err != nil {
			return out, err
		}
		out.Text = masked(m.Text, found[m.ID])
	}
	return out, nil
}

// ChecksPage is what waits for a look at the result: words of residents that the
// machine is not sure of, and the controller's sample of closed incidents.
type ChecksPage struct {
	Chrome
	Voices []CheckVoice
	Closed []CheckClosed
	More   bool // there are more voices than the page shows
	Check  bool // the account may say what it found
}

// A CheckVoice is a voice with its incident.
type CheckVoice struct {
	VoiceView
	Incident           incident.ID
	Version            int
	URL, Number, Topic string
	Where, Phrase      string
}

// A CheckClosed is a closed incident that the controller looks at.
type CheckClosed struct {
	Incident            incident.ID
	Version             int
	URL, Number, Topic  string
	Where, Agency       string
	Outcome, How, Ended string
	Excerpt, Reply      string
	Proof               PairView // how it was, how it is
	Upload              bool     // a picture can be added
}

const checksShown = 30

func (s *Staff) checks(w http.ResponseWriter, r *http.Request) error {
	ctx, me, tx, now := r.Context(), who(r), s.Cases(), s.Now()
	p := &ChecksPage{Check: lifecycle.May(me.Role, lifecycle.Check)}
	voices, err := tx.Feedback().Waiting(ctx, me.Scope(), 0, checksShown+1)
	if err != nil {
		return err
	}
	if p.More = len(voices) > checksShown; p.More {
		voices = voices[:checksShown]
	}
	for k := range voices {
		i, err := tx.Incidents().Incident(ctx, me.Scope(), incident.ID(voices[k].Incident))
		if err != nil {
			return err
		}
		v, err := s.voice(ctx, tx, me, &voices[k], true, now, s.zone(i.Place.Centre, i.Place.Region))
		if err != nil {
			return err
		}
		p.Voices = append(p.Voices, CheckVoice{VoiceView: v, Incident: i.ID, Version: i.Version, URL: incidentURL(i.ID), Number: incident.Spoken(i.Number),
			Topic: s.topicTitle(i.Topic), Where: i.Address.String(), Phrase: i.Phrase()})
	}
	if p.Check {
		if p.Closed, err = s.sample(ctx, tx, me, now); err != nil {
			return err
		}
	}
	p.Chrome = s.chrome(w, r, "checks")
	return s.page(w, r, http.StatusOK, "Проверка результата", Checks(p))
}

// sample returns the closed incidents that the controller is asked to look at.
func (s *Staff) sample(ctx context.Context, tx incident.Tx, me *account.Account, now time.Time) (out []CheckClosed, err error) {
	list, err := tx.Feedback().Sampled(ctx, me.Scope(), checksShown)
	if err != nil {
		return nil, err
	}
	agencies, err := s.regionAgencies(ctx, me)
	if err != nil {
		return nil, err
	}
	for k := range list {
		c := &list[k]
		rows, err := tx.Incidents().Rows(ctx, me.Scope(), []incident.ID{incident.ID(c.Incident)})
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			continue
		}
		if err := s.mask(ctx, me, rows); err != nil {
			return nil, err
		}
		i := &rows[0]
		one := CheckClosed{Incident: i.ID, Version: i.Version, URL: incidentURL(i.ID), Number: incident.Spoken(i.Number), Topic: s.topicTitle(i.Topic),
			Where: i.Address.String(), Agency: agencies.name(i.Place.Agency), Outcome: c.Outcome.Name(), How: knownWords[c.How],
			Ended: site.Ago(c.At, now, s.zone(i.Place.Centre, i.Place.Region)), Excerpt: i.Excerpt}
		replies, err := tx.Replies().OfIncident(ctx, me.Scope(), int64(i.ID))
		if err != nil {
			return nil, err
		}
		for n := range replies {
			if r := &replies[n]; !r.PublishedAt.IsZero() && r.Purpose != "question" && r.Purpose != "survey" {
				one.Reply = r.Text
			}
		}
		if one.Proof, err = s.proofOf(ctx, tx, me, i.ID); err != nil {
			return nil, err
		}
		one.Upload = s.Files != nil
		out = append(out, one)
	}
	return out, nil
}

// feedbackDeeds are the forms about the result.
var feedbackDeeds = []deed{
	{"hear", lifecycle.Hear, "Записано", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		c := desk.Hear{Meaning: feedback.Meaning(field(r, "meaning")), Mark: int(number(r, "mark"))}
		if c.Meaning == "" && c.Mark > 0 {
			c.Meaning = feedback.Mark
		}
		return c, nil
	}},
	{"weigh", lifecycle.Weigh, "Разобрано", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Weigh{Voice: feedback.ID(number(r, "voice")), Meaning: feedback.Meaning(field(r, "meaning"))}, nil
	}},
	{"survey", lifecycle.Survey, "Вопрос автору отправляется", "", "", "", func(*Staff, *http.Request) (desk.Change, error) { return desk.Survey{}, nil }},
	{"check", lifecycle.Check, "Записано", "", "", "", func(_ *Staff, r *http.Request) (desk.Change, error) {
		return desk.Check{Solved: field(r, "found") == "solved", How: field(r, "how"), Reason: field(r, "reason")}, nil
	}},
}

// invite makes a one-use link and shows it once.
func (s *Staff) invite(w http.ResponseWriter, r *http.Request) error {
	i := loaded(r)
	link, err := s.Desk.Invite(r.Context(), who(r).Actor(), i.ID)
	if err != nil {
		return err
	}
	p := &InvitePage{Link: link, Back: incidentURL(i.ID), Number: incident.Spoken(i.Number)}
	p.Chrome = s.chrome(w, r, "queue")
	w.Header().Set("Cache-Control", "no-store")
	return s.page(w, r, http.StatusOK, "Ссылка для автора", Invite(p))
}

// InvitePage shows a one-use link, once.
type InvitePage struct {
	Chrome
	Link, Back, Number string
	Reads              bool // it opens the private part of a reply
}

// bad reports whether a mark returns an incident for rework.
func (s *Staff) bad(mark int) bool { return feedback.Bad(mark, s.Negative) }

func outOf(n int) string { return fmt.Sprintf("%d из 5", n) }
