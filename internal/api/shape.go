package api

import (
	"strings"
	"time"

	"otklik/internal/account"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/topic"
)

// An Incident is a case of work as programs read it.
type Incident struct {
	ID      int64  `json:"id"`
	Number  string `json:"number" doc:"Eight digits; people say and read it 3-3-2" example:"93219322"`
	Version int    `json:"version" doc:"Rises with every change; send it back with an action, so that nobody's work is overwritten"`

	State         string    `json:"state" enum:"new,triage,asked,assigned,working,approval,answered,rework,closed"`
	Outcome       string    `json:"outcome,omitempty" enum:"solved,partly,explained,refused,duplicate" doc:"How the work ended; absent while it goes on"`
	OutcomeReason string    `json:"outcome_reason,omitempty"`
	Phrase        string    `json:"phrase" doc:"The status in Russian, from state, outcome and verification"`
	Verified      *Verified `json:"verified,omitempty" doc:"That the solution was checked"`

	Topic   Topic    `json:"topic"`
	Urgency string   `json:"urgency" enum:"normal,high,danger"`
	Kind    string   `json:"kind" enum:"complaint,question,proposal,thanks,rumour,advertisement,announcement,noise"`
	Missing []string `json:"missing" doc:"What the author must be asked: topic, place, decency"`
	Channel string   `json:"channel" enum:"vk,ok,telegram,max,news,forum,mail,open311,file,hook,phone,portal,counter,paper"`

	Region     string  `json:"region" doc:"OKTMO"`
	Centre     string  `json:"centre,omitempty" doc:"OKTMO of the municipality"`
	Settlement string  `json:"settlement,omitempty" doc:"OKTMO"`
	Address    Address `json:"address"`
	Agency     int64   `json:"agency,omitempty" doc:"Who answers; set by hand_over"`
	Proposed   int64   `json:"proposed,omitempty" doc:"The agency that routing proposes"`
	Rule       int64   `json:"rule,omitempty" doc:"The routing rule that proposes it"`
	Executor   int64   `json:"executor,omitempty" doc:"Account inside the agency"`
	ClaimedBy  int64   `json:"claimed_by,omitempty" doc:"Account that works on it now"`

	Messages int   `json:"message_count"`
	First    int64 `json:"first_message"`
	Reopened int   `json:"reopened" doc:"Times"`

	ClaimedAt   *time.Time `json:"claimed_at,omitempty"`
	PublishedAt *time.Time `json:"published_at,omitempty" doc:"The author wrote"`
	OpenedAt    *time.Time `json:"opened_at,omitempty"`
	AcceptedAt  *time.Time `json:"accepted_at,omitempty"`
	AnsweredAt  *time.Time `json:"answered_at,omitempty" doc:"The first reply was published"`
	ClosedAt    *time.Time `json:"closed_at,omitempty"`
	UpdatedAt   *time.Time `json:"updated_at,omitempty"`

	Clock *Clock `json:"clock,omitempty" doc:"What is due next"`

	Actions []string `json:"actions" doc:"What the caller may do to it now; approve stands for answer too"`
}

// Verified says who checked the solution, and how.
type Verified struct {
	By  int64      `json:"by,omitempty"`
	How string     `json:"how" enum:"photo,author,inspector,neighbour"`
	At  *time.Time `json:"at"`
}

// A Topic is a line of the classifier.
type Topic struct {
	Code    string `json:"code" example:"roads.potholes"`
	Name    string `json:"name"`
	Group   string `json:"group,omitempty"`
	Fast    bool   `json:"fast,omitempty" doc:"Has the short deadline"`
	Retired bool   `json:"retired,omitempty" doc:"Not given to new incidents"`
}

// An Address says where the trouble is, as far as it is known.
type Address struct {
	Text       string  `json:"text" doc:"In one line"`
	PlaceID    string  `json:"place_id,omitempty" doc:"Gazetteer id of the finest known place"`
	Settlement string  `json:"settlement,omitempty"`
	Street     string  `json:"street,omitempty"`
	House      string  `json:"house,omitempty"`
	Landmark   string  `json:"landmark,omitempty"`
	Relation   string  `json:"relation,omitempty" doc:"opposite, behind, near …"`
	Lat        float64 `json:"lat,omitempty"`
	Lon        float64 `json:"lon,omitempty"`
	Radius     int     `json:"radius,omitempty" doc:"How exact the point is, in metres"`
}

// A Row is an incident in a list.
type Row struct {
	Incident
	Excerpt    string `json:"excerpt" doc:"The beginning of the first message, personal data covered with asterisks"`
	Gone       bool   `json:"gone,omitempty" doc:"The first message was deleted at its network"`
	AgencyName string `json:"agency_name,omitempty"`
	Claimer    string `json:"claimer,omitempty" doc:"Name of the member of staff who works on it"`
}

// A Message is what one person wrote. Names and contacts are there only when
// the caller asked for them, may see them, and the audit has a line of it.
type Message struct {
	ID          int64      `json:"id"`
	Source      string     `json:"source"`
	Channel     string     `json:"channel"`
	Form        string     `json:"form" enum:"post,comment,direct,card,record"`
	Native      string     `json:"native,omitempty" doc:"Its id at the source"`
	URL         string     `json:"url,omitempty"`
	Text        string     `json:"text" doc:"Verbatim; personal data is covered with asterisks, a byte for a byte, unless personal=1"`
	Covered     bool       `json:"covered" doc:"Something in the text is covered"`
	AuthorName  string     `json:"author_name,omitempty"`
	Contact     string     `json:"contact,omitempty"`
	PublishedAt *time.Time `json:"published_at,omitempty"`
	SeenAt      *time.Time `json:"seen_at,omitempty"`
	Gone        bool       `json:"gone,omitempty" doc:"Its author deleted it: do not quote it"`
	ErasedAt    *time.Time `json:"erased_at,omitempty" doc:"Its words were taken away at the author's request"`
	Reading     *Reading   `json:"reading,omitempty"`
}

// An Entry is one line of history.
type Entry struct {
	ID         int64           `json:"id"`
	Version    int             `json:"version" doc:"Of the incident after it"`
	At         *time.Time      `json:"at"`
	Who        int64           `json:"who,omitempty" doc:"Account; absent for the machine"`
	Name       string          `json:"name,omitempty" doc:"Of the member of staff"`
	Action     string          `json:"action"`
	ActionName string          `json:"action_name"`
	From       string          `json:"from,omitempty"`
	To         string          `json:"to,omitempty"`
	Detail     incident.Detail `json:"detail" doc:"Ids and codes"`
}

// A Reply is an answer, from draft to publication.
type Reply struct {
	ID          int64      `json:"id"`
	Message     int64      `json:"message" doc:"The message that it answers; 0: everybody of the incident, see fanouts"`
	Purpose     string     `json:"purpose" enum:"final,interim,question,notice"`
	State       string     `json:"state" enum:"draft,returned,approved,published,failed,unknown"`
	StateName   string     `json:"state_name"`
	Text        string     `json:"text"`
	By          int64      `json:"by,omitempty"`
	ApprovedBy  int64      `json:"approved_by,omitempty"`
	Reason      string     `json:"reason,omitempty" doc:"Why it was returned or failed"`
	URL         string     `json:"url,omitempty" doc:"Where it stands"`
	CreatedAt   *time.Time `json:"created_at,omitempty"`
	ApprovedAt  *time.Time `json:"approved_at,omitempty"`
	PublishedAt *time.Time `json:"published_at,omitempty"`
	Lint        *Linted    `json:"lint,omitempty" doc:"What the lint thought of it; absent where it was not asked"`
	Template    int64      `json:"template,omitempty" doc:"That it began with"`
	HasPrivate  bool       `json:"has_private,omitempty" doc:"A part of it is for its author alone"`
	Cleared     string     `json:"cleared,omitempty" doc:"Why what looks like personal data is none"`
	Machine     string     `json:"machine,omitempty" enum:"edited,accepted" doc:"It began as a machine's draft: a person edited it, or accepted it word for word"`
}

// A Linted is what the lint thought of a reply.
type Linted struct {
	Score      int      `json:"score"`
	Suspicious bool     `json:"suspicious"`
	Rules      []string `json:"rules"`
	Override   string   `json:"override_reason,omitempty"`
}

// at returns the time in UTC, as exact as the store keeps it, nil for none.
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

func (a *API) incident(me *Caller, i *incident.Incident) Incident {
	out := Incident{
		ID: int64(i.ID), Number: i.Number, Version: i.Version, State: string(i.State), Outcome: string(i.Outcome), OutcomeReason: i.OutcomeReason,
		Phrase: i.Phrase(), Topic: topicOf(a.Topics(), i.Topic), Urgency: string(i.Urgency), Kind: string(i.Kind), Missing: orEmpty(i.Missing),
		Channel: string(i.Channel), Region: i.Place.Region, Centre: i.Place.Centre, Settlement: i.Settlement, Address: addressOf(i.Address),
		Agency: i.Place.Agency, Proposed: i.Proposed, Rule: i.Rule, Executor: int64(i.Executor), ClaimedBy: int64(i.ClaimedBy),
		Messages: i.Messages, First: int64(i.First), Reopened: i.Reopened, ClaimedAt: at(i.ClaimedAt), PublishedAt: at(i.PublishedAt),
		OpenedAt: at(i.OpenedAt), AcceptedAt: at(i.AcceptedAt), AnsweredAt: at(i.AnsweredAt), ClosedAt: at(i.ClosedAt), UpdatedAt: at(i.UpdatedAt),
		Clock: clockOf(&i.Clock, a.Now()), Actions: []string{},
	}
	if i.Verified() {
		out.Verified = &Verified{By: int64(i.VerifiedBy), How: i.VerifiedHow, At: at(i.VerifiedAt)}
	}
	for _, d := range lifecycle.Actions(i.State, me.Role) {
		out.Actions = append(out.Actions, string(d))
	}
	return out
}

func topicOf(t *topic.Taxonomy, code topic.Code) Topic {
	tp, ok := t.ByCode(code)
	if !ok {
		return Topic{Code: string(code)}
	}
	return Topic{Code: string(tp.Code), Name: tp.Name, Group: tp.Group, Fast: tp.Fast, Retired: tp.Retired}
}

func addressOf(a incident.Address) Address {
	return Address{Text: a.String(), PlaceID: a.PlaceID, Settlement: a.Settlement, Street: a.Street, House: a.House, Landmark: a.Landmark,
		Relation: a.Relation, Lat: a.Lat, Lon: a.Lon, Radius: a.Radius}
}

// row covers the excerpt by what the reading found in the whole text, and by what
// stands in the excerpt alone: a reading may be older than the rules.
func (a *API) row(me *Caller, r *incident.Row, found []message.Personal) Row {
	excerpt, _ := cover(r.Excerpt, append(a.Personal(r.Excerpt), found...))
	return Row{Incident: a.incident(me, &r.Incident), Excerpt: excerpt, Gone: r.Gone, AgencyName: r.Agency, Claimer: r.Claimer}
}

// message returns the message with its personal data, or without.
func (a *API) message(m *message.Message, r *message.Reading, personal bool) Message {
	out := Message{
		ID: int64(m.ID), Source: m.Source, Channel: string(m.Channel), Form: string(m.Form), Native: m.Native, URL: m.URL, Text: m.Text,
		PublishedAt: at(m.PublishedAt), SeenAt: at(m.SeenAt), Gone: m.Gone, ErasedAt: at(m.ErasedAt),
	}
	if personal {
		out.AuthorName, out.Contact = m.AuthorName, m.Contact
	} else {
		spans := a.Personal(m.Text)
		if r != nil {
			spans = append(spans, r.Personal...) // what an older reading saw stays covered
		}
		out.Text, out.Covered = cover(m.Text, spans)
	}
	if r != nil {
		look := a.reading(out.Text, r)
		out.Reading = &look
	}
	return out
}

// cover replaces spans by asterisks, a byte for a byte, so that offsets of
// readings still fit.
func cover(text string, spans []message.Personal) (_ string, covered bool) {
	b := []byte(text)
	for _, s := range spans {
		if s.Start < 0 || s.Start >= min(s.End, len(b)) {
			continue // the reading is older than an edit
		}
		from, to := s.Start, min(s.End, len(b))   // cut with the text
		for from > 0 && text[from]&0xC0 == 0x80 { // never half a letter
			from--
		}
		for to < len(text) && text[to]&0xC0 == 0x80 {
			to++
		}
		copy(b[from:to], strings.Repeat("*", to-from))
		covered = true
	}
	return string(b), covered
}

func entryOf(e *incident.Entry) Entry {
	return Entry{ID: e.ID, Version: e.Version, At: at(e.At), Who: int64(e.Who), Name: e.Name, Action: string(e.Action), ActionName: e.Action.Name(),
		From: string(e.From), To: string(e.To), Detail: e.Detail}
}

func replyOf(r *reply.Reply) Reply {
	out := Reply{ID: int64(r.ID), Message: r.Message, Purpose: string(r.Purpose), State: string(r.State), StateName: r.State.Name(), Text: r.Text,
		By: int64(r.By), ApprovedBy: int64(r.ApprovedBy), Reason: r.Reason, URL: r.URL, CreatedAt: at(r.CreatedAt), ApprovedAt: at(r.ApprovedAt),
		PublishedAt: at(r.PublishedAt), Template: r.Template, HasPrivate: r.Private != "", Cleared: r.Cleared, Machine: r.Machine}
	if r.Lint.Read {
		out.Lint = &Linted{Score: r.Lint.Score, Suspicious: r.Lint.Doubt, Rules: orEmpty(r.Lint.Rules), Override: r.Lint.Override}
	}
	return out
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// A Scope is what an account sees; an absent field means all of that level.
type Scope struct {
	Region string `json:"region,omitempty" doc:"OKTMO"`
	Centre string `json:"centre,omitempty" doc:"OKTMO"`
	Agency int64  `json:"agency,omitempty"`
}

func scopeOf(a *account.Account) Scope {
	return Scope{a.Place.Region, a.Place.Centre, a.Place.Agency}
}
