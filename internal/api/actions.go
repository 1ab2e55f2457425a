package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/message"
	"otklik/internal/reply"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// A Seen says which version of the incident the caller acts upon.
type Seen struct {
	Version int `json:"version,omitempty" minimum:"0" doc:"The version that you read. When the incident has changed since, nothing is done and the answer is 409 with the current version. Absent: whatever is stored"`
}

func (s Seen) seen() int { return s.Version }

// A Later says when an approved reply leaves.
type Later struct {
	At time.Time `json:"at,omitzero" doc:"When it leaves: not before, and even in quiet hours. It can be taken back until then. Absent: now"`
}

// A deed is the body of an action: it says which change it asks for.
type deed interface {
	seen() int
	change(ctx context.Context, a *API, i *incident.Incident) (desk.Change, error)
}

// Bodies of the actions; desk.Change says what each does.
type (
	AcceptBody struct {
		Seen
		HandOver bool `json:"hand_over,omitempty" doc:"At once to the agency that routing proposes"`
	}
	RejectBody struct {
		Seen
		Reason string `json:"reason" doc:"In official words: why it is not considered"`
	}
	AskBody struct {
		Seen
		MakingBody
		Text     string `json:"text" doc:"The question, published where the author wrote"`
		Override string `json:"override_reason,omitempty" maxLength:"2000" doc:"Why the reply goes on although the lint doubts it (score below the bar of the agency); without it such a reply is refused with 422 at override_reason"`
	}
	HandOverBody struct {
		Seen
		Agency   int64  `json:"agency,omitempty" minimum:"0" doc:"Absent: the one that has it, or that routing proposes"`
		Executor int64  `json:"executor,omitempty" minimum:"0" doc:"Account inside the agency"`
		Reason   string `json:"reason,omitempty"`
	}
	TakeBody   struct{ Seen }
	SubmitBody struct {
		Seen
		MakingBody
		Text    string `json:"text"`
		Purpose string `json:"purpose,omitempty" enum:"final,interim" default:"final"`
		Enclosed
		Override string `json:"override_reason,omitempty" maxLength:"2000" doc:"Why the reply goes on although the lint doubts it (score below the bar of the agency); without it such a reply is refused with 422 at override_reason"`
	}
	AnswerBody struct {
		Seen
		MakingBody
		Text    string `json:"text"`
		Purpose string `json:"purpose,omitempty" enum:"final,interim" default:"final"`
		To      int64  `json:"to,omitempty" minimum:"0" doc:"The message that is answered; absent: the first"`
		Enclosed
		Override string `json:"override_reason,omitempty" maxLength:"2000" doc:"Why the reply goes on although the lint doubts it (score below the bar of the agency); without it such a reply is refused with 422 at override_reason"`
		Later
	}
	ApproveBody struct {
		Seen
		MakingBody
		Reply    int64  `json:"reply" minimum:"1"`
		Text     string `json:"text,omitempty" doc:"The corrected text; absent: as it stands"`
		Override string `json:"override_reason,omitempty" maxLength:"2000" doc:"Why the reply goes on although the lint doubts it (score below the bar of the agency); without it such a reply is refused with 422 at override_reason"`
		Later
	}
	ReturnBody struct {
		Seen
		Reply  int64  `json:"reply" minimum:"1"`
		Reason string `json:"reason"`
	}
	CloseBody struct {
		Seen
		Outcome string `json:"outcome" enum:"solved,partly,explained"`
		Reason  string `json:"reason,omitempty"`
		How     string `json:"how,omitempty" enum:"photo,author,inspector,neighbour,none" doc:"How it is known; absent: none, nobody has looked"`
	}
	VerifyBody struct {
		Seen
		How string `json:"how" enum:"photo,author,inspector,neighbour"`
	}
	ReopenBody struct {
		Seen
		Reason string `json:"reason"`
	}
	CorrectBody struct {
		Seen
		Topic   *string       `json:"topic,omitempty" doc:"Code, or undefined"`
		Urgency *string       `json:"urgency,omitempty" enum:"normal,high,danger"`
		Centre  *string       `json:"centre,omitempty" doc:"OKTMO of the municipality; empty: unknown"`
		Address *TypedAddress `json:"address,omitempty" doc:"Replaces the whole address; id and point are looked up"`
	}
	ClaimBody   struct{ Seen }
	ReleaseBody struct{ Seen }
	AttachBody  struct {
		Seen
		Message int64 `json:"message" minimum:"1" doc:"Moved here from where it is attached"`
	}
	DetachBody struct {
		Seen
		Message int64 `json:"message" minimum:"1" doc:"It opens an incident of its own"`
	}
	MergeBody struct {
		Seen
		Others []int64 `json:"others" minItems:"1" maxItems:"100" doc:"Incidents whose messages come here; they close as duplicates"`
	}
	SplitBody struct {
		Seen
		Other int64 `json:"other" minimum:"1" doc:"The incident that was merged into this one: it gets back its messages and its state"`
	}
	DismissBody struct {
		Seen
		Others []int64 `json:"others" minItems:"1" maxItems:"100" doc:"Incidents that are not the same as this one: it is not proposed again"`
	}
	UndoBody  struct{ Seen }
	EraseBody struct {
		Seen
		Message int64 `json:"message" minimum:"1" doc:"Its words, author and index go; ids, codes and offsets stay"`
	}
)

// A TypedAddress is an address as a person writes it.
type TypedAddress struct {
	Settlement string `json:"settlement,omitempty" maxLength:"200"`
	Street     string `json:"street,omitempty" maxLength:"200" example:"улица Ленина"`
	House      string `json:"house,omitempty" maxLength:"40"`
	Landmark   string `json:"landmark,omitempty" maxLength:"300"`
	Relation   string `json:"relation,omitempty" maxLength:"40"`
}

type plain = context.Context

func (b AcceptBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Accept{HandOver: b.HandOver}, nil
}
func (b RejectBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Reject{Reason: b.Reason}, nil
}
func (b AskBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Ask{Making: b.making(), Text: b.Text, Override: b.Override}, nil
}
func (b HandOverBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.HandOver{Agency: b.Agency, Executor: b.Executor, Reason: b.Reason}, nil
}
func (TakeBody) change(plain, *API, *incident.Incident) (desk.Change, error) { return desk.Take{}, nil }
func (b SubmitBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Submit{Making: b.making(), Text: b.Text, Purpose: reply.Purpose(b.Purpose), Override: b.Override, Enclose: b.ids()}, nil
}

// change of an answer: the message must be one of the incident's, because the
// reply is published in its thread.
func (b AnswerBody) change(ctx context.Context, a *API, i *incident.Incident) (desk.Change, error) {
	if b.To != 0 {
		owner, err := a.Cases().Messages().Incident(ctx, message.ID(b.To))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		if err != nil || owner != int64(i.ID) {
			return nil, fault.New(fault.Invalid, "message %d is not of incident %d", b.To, i.ID).At("to").Say("Такого сообщения в этом инциденте нет.")
		}
	}
	return desk.Answer{Making: b.making(), Text: b.Text, Purpose: reply.Purpose(b.Purpose), To: message.ID(b.To), Override: b.Override, At: b.At, Enclose: b.ids()}, nil
}
func (b ApproveBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Approve{Making: b.making(), Reply: reply.ID(b.Reply), Text: b.Text, Override: b.Override, At: b.At}, nil
}
func (b ReturnBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Return{Reply: reply.ID(b.Reply), Reason: b.Reason}, nil
}
func (b CloseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Close{Outcome: lifecycle.Outcome(b.Outcome), Reason: b.Reason, How: b.How}, nil
}
func (b VerifyBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Verify{How: b.How}, nil
}
func (b ReopenBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Reopen{Reason: b.Reason}, nil
}
func (ClaimBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Claim{}, nil
}
func (ReleaseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Release{}, nil
}
func (b AttachBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Attach{Message: message.ID(b.Message)}, nil
}
func (b EraseBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Erase{Message: message.ID(b.Message)}, nil
}
func (b DetachBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Detach{Message: message.ID(b.Message)}, nil
}
func (b MergeBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Merge{Others: incidents(b.Others)}, nil
}
func (b SplitBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Split{Other: incident.ID(b.Other)}, nil
}
func (b DismissBody) change(plain, *API, *incident.Incident) (desk.Change, error) {
	return desk.Dismiss{Others: incidents(b.Others)}, nil
}

func (UndoBody) change(plain, *API, *incident.Incident) (desk.Change, error) { return desk.Undo{}, nil }

func incidents(ids []int64) (out []incident.ID) {
	for _, id := range ids {
		out = append(out, incident.ID(id))
	}
	return out
}

// change of a correction leaves out what stands so already.
func (b CorrectBody) change(ctx context.Context, a *API, i *incident.Incident) (desk.Change, error) {
	var c desk.Correct
	if b.Topic != nil && topic.Code(*b.Topic) != i.Topic {
		c.Topic = (*topic.Code)(b.Topic)
	}
	if b.Urgency != nil && message.Urgency(*b.Urgency) != i.Urgency {
		c.Urgency = (*message.Urgency)(b.Urgency)
	}
	if b.Centre != nil && *b.Centre != i.Place.Centre {
		c.Centre = b.Centre
	}
	if t := b.Address; t != nil {
		typed := incident.Address{Settlement: t.Settlement, Street: t.Street, House: t.House, Landmark: t.Landmark, Relation: t.Relation}
		if old := i.Address; typed.String() != old.String() || typed.Relation != old.Relation {
			a.locate(ctx, i.Place.Region, &typed)
			c.Address = &typed
		}
	}
	return c, nil
}

// locate asks the reader of places for id and point of a typed address.
func (a *API) locate(ctx context.Context, region string, to *incident.Address) {
	if to.String() == "" {
		return
	}
	r, err := a.Read(ctx, region, to.String())
	if err != nil || r == nil {
		return // the words stand; only the point is unknown
	}
	to.Pin(r.Places)
}

func (a *API) addActions() {
	act[AcceptBody](a, "accept", lifecycle.Accept, "Take a new incident in")
	act[RejectBody](a, "reject", lifecycle.Reject, "End the work: not considered")
	act[AskBody](a, "ask", lifecycle.Ask, "Ask the author for what is missing")
	act[HandOverBody](a, "hand_over", lifecycle.HandOver, "Give it to an agency, or inside it to an executor")
	a.addDeskActions()
	a.addClockActions()
	act[TakeBody](a, "take", lifecycle.Take, "Start the work")
	act[SubmitBody](a, "submit", lifecycle.Submit, "Send a draft reply for approval")
	act[AnswerBody](a, "answer", lifecycle.Approve, "Write a reply that needs no approval")
	act[ApproveBody](a, "approve", lifecycle.Approve, "Approve a draft: it is published")
	act[ReturnBody](a, "return", lifecycle.Return, "Send a draft back with a reason")
	act[CloseBody](a, "close", lifecycle.Close, "End the work with an outcome")
	act[VerifyBody](a, "verify", lifecycle.Verify, "Say how the solution was checked")
	act[ReopenBody](a, "reopen", lifecycle.Reopen, "The trouble is still there")
	act[CorrectBody](a, "correct", lifecycle.Correct, "Correct topic, place or urgency; absent fields stay")
	act[ClaimBody](a, "claim", lifecycle.Claim, "Say who works on it")
	act[ReleaseBody](a, "release", lifecycle.Release, "Give a claim back")
	act[AttachBody](a, "attach", lifecycle.Attach, "Add a message about the same thing")
	act[DetachBody](a, "detach", lifecycle.Detach, "Take a message out")
	act[MergeBody](a, "merge", lifecycle.Merge, "Bring other incidents about the same thing here")
	act[SplitBody](a, "split", lifecycle.Split, "Give a merged incident back what it had")
	act[DismissBody](a, "dismiss", lifecycle.Dismiss, "Say that other incidents are not the same")
	act[UndoBody](a, "undo", lifecycle.Undo, "Take your own last deed back while nobody has acted since and nothing has left the house")
	act[EraseBody](a, "erase", lifecycle.Erase, "Take a resident's words away at the resident's request; there is no way back")
}

type actInput[B any] struct {
	ID   int64 `path:"id" minimum:"1"`
	Body B
}

// act registers one action; the answer is the incident after it.
func act[B deed](a *API, name string, action lifecycle.Action, summary string) {
	access := site.Access{Right: lifecycle.SeeQueue, Action: action, Of: a.ofIncident()}
	op := huma.Operation{Method: http.MethodPost, Path: "/incidents/{id}/actions/" + name, Summary: summary, Tags: []string{"actions"},
		MaxBodyBytes: textBody, RequestBody: &huma.RequestBody{Required: true}}
	var none B
	switch any(none).(type) {
	case AcceptBody, TakeBody, ClaimBody, ReleaseBody, HandOverBody, UndoBody, SurveyBody: // needs no word, and so no body
		op.RequestBody.Required = false
	}
	if action == lifecycle.Photo {
		op.MaxBodyBytes = fileBody
	}
	add(a, op, access, func(ctx context.Context, me *Caller, in *actInput[B]) (*body[Incident], error) {
		i := loaded(ctx)
		c, err := in.Body.change(ctx, a, i)
		if err != nil {
			return nil, err
		}
		done, err := a.Desk.Do(ctx, me.Actor(), i.ID, in.Body.seen(), c)
		if fault.Is(err, fault.Conflict) {
			return nil, a.conflict(ctx, me, i.ID, err)
		} else if err != nil {
			return nil, err
		}
		return &body[Incident]{a.incident(me, done)}, nil
	})
}

// conflict adds where the incident stands now.
func (a *API) conflict(ctx context.Context, me *Caller, id incident.ID, err error) error {
	p := a.problem(ctx, err)
	if now, err := a.Cases().Incidents().Incident(ctx, me.Scope(), id); err == nil {
		p.Version = now.Version
	}
	return p
}
