package lifecycle

import (
	"slices"

	"otklik/internal/fault"
)

// A Role says what work a person does (DOMAIN: roles of a feedback centre).
type Role string

// Roles of people, then the two actors that are no accounts.
const (
	Operator    Role = "operator"
	Curator     Role = "curator"
	Coordinator Role = "coordinator"
	Executor    Role = "executor"
	Approver    Role = "approver"
	Controller  Role = "controller"
	Centre      Role = "centre" // staff of a municipal centre (МЦУ)
	Analyst     Role = "analyst"
	Editor      Role = "editor"
	Trainer     Role = "trainer"
	Phone       Role = "phone"
	Admin       Role = "admin"
	Leader      Role = "leader"

	System Role = "system" // the machine itself
	Author Role = "author" // the resident who wrote
)

// Roles returns the roles that an account can have.
func Roles() []Role {
	return []Role{Operator, Curator, Coordinator, Executor, Approver, Controller, Centre,
		Analyst, Editor, Trainer, Phone, Admin, Leader}
}

// ParseRole returns the role of that name.
func ParseRole(name string) (Role, error) {
	if r := Role(name); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", fault.New(fault.Invalid, "role %q is unknown", name).At("role").Say("Такой роли нет: " + name)
}

// A Right is something that a person may see or do apart from one incident.
type Right string

// Rights.
const (
	SeeQueue     Right = "see_queue"     // the queue and incidents, within the scope
	SeePersonal  Right = "see_personal"  // names and contacts of residents; each look is logged
	FileCards    Right = "file_cards"    // phone cards
	SeeSources   Right = "see_sources"   // state of sources, what was set aside
	ManagePeople Right = "manage_people" // accounts
	EditRules    Right = "edit_rules"    // routing, topics
	EditWatches  Right = "edit_watches"  // standing queries: a municipal centre's own, or all of the region
	Teach        Right = "teach"         // versions of the models that learn from people
	SeeDrafts    Right = "see_drafts"    // the stack of replies that wait for approval
	KeepShifts   Right = "keep_shifts"   // hand a shift over, take one over
	EditAgencies Right = "edit_agencies" // how agencies work; closing one
	Arbitrate    Right = "arbitrate"     // what agencies pass on to one another
	SeeControl   Right = "see_control"   // the board of deadlines by agency
	DoWork       Right = "do_work"       // a list of one's own work by time left
	SeeAudit     Right = "see_audit"     // who signed in, who read personal data

	EditSources   Right = "edit_sources"   // what is read: all of the region, or a municipal centre's own
	EditTemplates Right = "edit_templates" // of replies: an agency's own, or all of what one sees
)

var rights = map[Right][]Role{
	SeeQueue:     Roles(),
	SeePersonal:  {Operator, Curator, Coordinator, Executor, Controller, Centre, Phone},
	FileCards:    {Operator, Curator, Centre, Phone},
	SeeSources:   {Operator, Curator, Centre, Analyst, Admin},
	ManagePeople: {Admin},
	EditRules:    {Curator, Analyst, Admin},
	EditWatches:  {Curator, Centre, Analyst, Admin},
	Teach:        {Analyst, Admin},
	SeeDrafts:    {Operator, Curator, Centre, Coordinator, Approver, Controller},
	KeepShifts:   {Operator, Curator, Centre, Phone, Coordinator},
	EditAgencies: {Curator, Admin},
	Arbitrate:    {Curator},
	SeeControl:   {Operator, Curator, Centre, Controller, Analyst, Leader, Coordinator, Approver},
	DoWork:       {Operator, Curator, Centre, Coordinator, Executor, Phone},
	SeeAudit:     {Admin, Controller},

	EditSources:   {Centre, Admin},
	EditTemplates: {Curator, Analyst, Admin, Coordinator, Approver},
}

// Rights returns all rights.
func Rights() []Right {
	return []Right{SeeQueue, SeePersonal, FileCards, SeeSources, ManagePeople, EditRules, EditWatches, Teach, SeeDrafts, KeepShifts, EditAgencies, Arbitrate, SeeControl, DoWork, SeeAudit, EditSources, EditTemplates}
}

// Holds reports whether the role holds the right.
func (r Role) Holds(right Right) bool { return slices.Contains(rights[right], r) }
