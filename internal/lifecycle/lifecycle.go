// Package lifecycle says where the work on an incident can stand, which action
// leads where, and who may do it. It is one table (see Table); the desk asks
// Next before every change, and the diagram in docs/incident.md is drawn from it.
//
// State is kept apart from the outcome and from the verification: "closed" says
// that the work has ended, not that the trouble has.
package lifecycle

import (
	"fmt"
	"slices"

	"otklik/internal/fault"
)

// A State says where the work stands.
type State string

// States, in the order in which work flows.
const (
	New      State = "new"      // opened by intake or filed by staff, nobody has looked
	Triage   State = "triage"   // accepted, being sorted
	Asked    State = "asked"    // the author was asked for what is missing
	Assigned State = "assigned" // handed to an agency
	Working  State = "working"  // somebody there has taken it
	Approval State = "approval" // a reply waits for approval or for its publication
	Answered State = "answered" // a reply stands where the resident wrote
	Rework   State = "rework"   // returned: the reply was not approved, or the trouble is still there
	Closed   State = "closed"   // the work has ended; the outcome says how
)

// States returns all states in the order in which work flows.
func States() []State {
	return []State{New, Triage, Asked, Assigned, Working, Approval, Answered, Rework, Closed}
}

// Open reports whether work in the state is still to be done.
func (s State) Open() bool { return s != Closed && s != Answered }

// ParseState returns the state of that name.
func ParseState(name string) (State, error) {
	if s := State(name); slices.Contains(States(), s) {
		return s, nil
	}
	return "", fault.New(fault.Invalid, "state %q is unknown", name).At("state").Say("Такого состояния нет: " + name)
}

// An Outcome says how the work ended.
type Outcome string

// Outcomes. The empty outcome means that the work goes on.
const (
	NoOutcome Outcome = ""
	Solved    Outcome = "solved"    // решено
	Partly    Outcome = "partly"    // решено частично
	Explained Outcome = "explained" // разъяснено
	Refused   Outcome = "refused"   // не рассматривается: почему
	Duplicate Outcome = "duplicate" // присоединено к другому инциденту
)

// Outcomes returns the outcomes that work can end with.
func Outcomes() []Outcome { return []Outcome{Solved, Partly, Explained, Refused, Duplicate} }

// ParseOutcome returns the outcome of that name.
func ParseOutcome(name string) (Outcome, error) {
	if o := Outcome(name); slices.Contains(Outcomes(), o) {
		return o, nil
	}
	return "", fault.New(fault.Invalid, "outcome %q is unknown", name).At("outcome").Say("Такого исхода нет: " + name)
}

// An Action is something that is done to an incident.
type Action string

// Actions.
const (
	File         Action = "file"          // open an incident by hand (phone card)
	Accept       Action = "accept"        // the message is ours to work on
	Reject       Action = "reject"        // not considered; the reason is required
	Ask          Action = "ask"           // ask the author for what is missing
	Clarify      Action = "clarify"       // the author answered the question
	HandOver     Action = "hand_over"     // to an agency, or inside it
	Decline      Action = "decline"       // the agency says that it is not its matter, and whose it is
	Decide       Action = "decide"        // the arbiter says which agency answers; no agency may decline that
	Take         Action = "take"          // start the work
	Submit       Action = "submit"        // send a draft for approval
	Approve      Action = "approve"       // approve a reply: it goes to the outbox
	Return       Action = "return"        // send a draft back
	Publish      Action = "publish"       // the outbox holds the receipt
	Close        Action = "close"         // with an outcome
	Reopen       Action = "reopen"        // the trouble is still there
	Verify       Action = "verify"        // the solution was checked: by whom, how
	Correct      Action = "correct"       // topic, place, urgency
	Claim        Action = "claim"         // «взято: имя»
	Release      Action = "release"       // give the claim back
	Attach       Action = "attach"        // one more message about the same thing
	Detach       Action = "detach"        // the message was about something else
	Erase        Action = "erase"         // take away what a resident wrote, at the resident's request
	Merge        Action = "merge"         // another incident is about the same thing: its messages come here
	Split        Action = "split"         // it was not: what came goes back
	Dismiss      Action = "dismiss"       // no, what is proposed to be the same is not
	Hear         Action = "hear"          // a resident says whether it is solved
	Weigh        Action = "weigh"         // a person says what those words mean
	Survey       Action = "survey"        // ask the author whether it is solved
	Check        Action = "check"         // the controller looked at a closed incident
	Link         Action = "link"          // to a durable problem, or from it
	Called       Action = "called"        // a call that had to be made at once was made
	Repeat       Action = "repeat"        // the same trouble was written about soon after it was closed
	Extend       Action = "extend"        // more time, with a reason, before the time is over
	Pause        Action = "pause"         // the clocks stand, with a reason
	Resume       Action = "resume"        // they go on
	Regime       Action = "regime"        // another set of limits
	Escalate     Action = "escalate"      // somebody is told that time runs out
	Recount      Action = "recount"       // a rule or a calendar was corrected: the due time is another one
	Mass         Action = "mass"          // many people write about it: one reply may go to all, or no longer
	Deliver      Action = "deliver"       // see to a reply on its way: send it now, take it back, say whether it stands
	Undo         Action = "undo"          // take the own last deed back: accepting, handing over, declining, approving
	KeepPromise  Action = "keep_promise"  // what a reply promised was done
	BreakPromise Action = "break_promise" // it was not
	MovePromise  Action = "move_promise"  // it is put off
	DropPromise  Action = "drop_promise"  // the reply promises nothing: the machine misread it
	Remind       Action = "remind"        // the day of a promise comes or has come
	Join         Action = "join"          // a co-executor: another agency or person helps
	Leave        Action = "leave"         // a co-executor helps no longer
	Relate       Action = "relate"        // link with another incident, or unlink
	Note         Action = "note"          // tell colleagues something
	Follow       Action = "follow"        // keep an eye on it
	Todo         Action = "todo"          // add or tick a point of the checklist
	Photo        Action = "photo"         // add a picture or a document, say what it shows, take it away
	Withdraw     Action = "withdraw"      // the author takes back what they told
	Neighbour    Action = "neighbour"     // hand it to another city's system, and hear from there
)

// A Rule is one line of the table: the action may be done by the roles in one
// of the states From (none: to no incident yet) and leads to To ("" keeps the state).
type Rule struct {
	Action Action
	From   []State
	To     State
	By     []Role
}

var (
	sorting = []State{New, Triage, Asked}
	working = []State{Assigned, Working, Rework}
	living  = []State{New, Triage, Asked, Assigned, Working, Approval, Answered, Rework}
	drafts  = []State{New, Triage, Asked, Assigned, Working, Rework, Approval, Answered}

	sorters  = []Role{Operator, Curator, Centre, Phone}
	deciders = []Role{Operator, Curator, Centre}
	hands    = []Role{Operator, Curator, Centre, Coordinator, Executor, Approver, Controller, Phone}
)

var table = []Rule{
	{File, nil, New, plus(sorters, System)},
	{Accept, []State{New, Asked}, Triage, sorters},
	{Reject, plus(sorting, Assigned), Closed, deciders},
	{Ask, []State{New, Triage}, Asked, sorters},
	{Clarify, []State{Asked}, Triage, []Role{System}},
	{HandOver, plus(sorting, working...), Assigned, plus(sorters, Coordinator)},
	{Decline, working, Triage, []Role{Coordinator, Executor, Approver}},                    // to Assigned when the next agency is named
	{Decide, []State{Triage, Asked, Assigned, Working, Rework}, Assigned, []Role{Curator}}, // what agencies declined is new no more
	{Take, []State{Assigned, Rework}, Working, plus(deciders, Coordinator, Executor)},
	{Submit, drafts, Approval, plus(deciders, Coordinator, Executor, System)},    // the machine the answer of another city alone
	{Approve, drafts, Approval, plus(deciders, Coordinator, Approver, Executor)}, // an executor own words alone, where the agency asks for no approval,
	{Return, []State{Approval}, Rework, []Role{Approver, Coordinator, Curator, Controller, System}},
	{Publish, []State{Approval, Rework}, Answered, []Role{System}}, // from rework: a person found that it stands
	{Close, []State{Answered}, Closed, plus(deciders, Controller)},
	{Reopen, []State{Answered, Closed}, Rework, plus(deciders, Controller, Author)},
	{Verify, []State{Answered, Closed}, "", plus(deciders, Controller, Author)},
	{Hear, []State{Answered, Closed}, "", plus(deciders, Controller, Phone, Author)},
	{Weigh, States(), "", plus(deciders, Controller)},
	{Survey, []State{Answered, Closed}, "", plus(deciders, Controller)},
	{Check, []State{Closed}, "", []Role{Controller, Curator}},
	{Link, States(), "", plus(deciders, Controller)},
	{Called, States(), "", plus(sorters, Controller, Coordinator)},
	{Repeat, []State{Answered, Closed}, "", []Role{System}},
	{Correct, living, "", plus(sorters, Coordinator)},
	{Claim, living, "", hands},
	{Release, living, "", hands},
	{Attach, living, "", plus(sorters, System)},
	{Detach, living, "", deciders},
	{Erase, States(), "", []Role{Curator, Admin, System}},
	{Merge, living, "", deciders},
	{Split, living, "", deciders},
	{Dismiss, living, "", deciders},
	{KeepPromise, States(), "", plus(deciders, Coordinator, Executor, Approver, Controller)},
	{BreakPromise, States(), "", plus(deciders, Coordinator, Executor, Approver, Controller)},
	{MovePromise, States(), "", plus(deciders, Coordinator, Approver)},
	{DropPromise, States(), "", plus(deciders, Controller)},
	{Remind, States(), "", []Role{System}},
	{Join, living, "", plus(sorters, Coordinator)},
	{Leave, States(), "", plus(sorters, Coordinator, Executor, Approver)},
	{Relate, States(), "", plus(deciders, Coordinator)},
	{Note, States(), "", hands},
	{Follow, States(), "", Roles()},
	{Todo, States(), "", hands},
	{Photo, States(), "", hands},
	{Withdraw, plus(sorting, Assigned, Working, Approval, Rework), "", []Role{Author}}, // to Closed when nobody has begun to work on it
	{Neighbour, States(), "", plus(deciders, System)},                                  // handing over needs the right and the state for that, too
	{Mass, living, "", []Role{Curator, Centre}},
	{Deliver, States(), "", plus(deciders, Coordinator, Approver)},
	{Undo, States(), "", plus(sorters, Coordinator, Executor, Approver, Controller)}, // to what the deed found
	{Extend, plus(sorting, Assigned, Working, Approval, Rework), "", []Role{Curator, Centre, Coordinator, Approver}},
	{Pause, plus(sorting, working...), "", []Role{Operator, Curator, Centre, Coordinator}},
	{Resume, plus(sorting, Assigned, Working, Approval, Rework), "", []Role{Operator, Curator, Centre, Coordinator, System}},
	{Regime, plus(sorting, Assigned, Working, Approval, Rework), "", []Role{Curator, Centre}},
	{Escalate, living, "", []Role{System}},
	{Recount, living, "", []Role{System}},
}

func plus[T any](list []T, more ...T) []T { return append(slices.Clone(list), more...) }

// Table returns the lifecycle, whole. System stands for the machine itself.
func Table() []Rule { return slices.Clone(table) }

// Next returns the state that the action leads to. It is a Conflict when the
// action does not fit the state and Forbidden when the role may not do it.
func Next(from State, action Action, by Role) (State, error) {
	i := slices.IndexFunc(table, func(r Rule) bool { return r.Action == action })
	if i < 0 {
		return "", fault.New(fault.Invalid, "action %q is unknown", action).At("action").Say("Такого действия нет: " + string(action))
	}
	r := table[i]
	if !slices.Contains(r.By, by) {
		return "", fault.New(fault.Forbidden, "%s may not %s", by, action).
			Say(fmt.Sprintf("Роль «%s» не может это сделать: %s.", by.Name(), action.Name()))
	}
	if len(r.From) > 0 && !slices.Contains(r.From, from) {
		return "", fault.New(fault.Conflict, "cannot %s an incident in state %s", action, from).
			Say(fmt.Sprintf("Сейчас нельзя %s: инцидент в состоянии «%s».", action.Name(), from.Name()))
	}
	if r.To == "" {
		return from, nil
	}
	return r.To, nil
}

// May reports whether the role may do the action in some state.
func May(role Role, action Action) bool {
	return slices.ContainsFunc(table, func(r Rule) bool { return r.Action == action && slices.Contains(r.By, role) })
}

// Actions returns what the role may do to an incident in the state, in the order of the table.
func Actions(from State, by Role) []Action {
	var out []Action
	for _, r := range table {
		if slices.Contains(r.From, from) && slices.Contains(r.By, by) {
			out = append(out, r.Action)
		}
	}
	return out
}
