package staff

import (
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// deskRoutes are the pages of those who decide for others: the approver's stack,
// the arbiter's queue, the agencies.
func (s *Staff) deskRoutes() []site.Route {
	drafts, arbiter := site.Access{Right: lifecycle.SeeDrafts}, site.Access{Right: lifecycle.Arbitrate}
	agencies := site.Access{Right: lifecycle.EditAgencies, Whole: true}
	one := site.Access{Right: lifecycle.EditAgencies, Whole: true, Of: s.agencyResource()}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/approvals", Access: drafts, Handler: s.approvals},
		{Method: "GET", Pattern: "/desk/notices", Access: site.Access{Right: lifecycle.SeeQueue}, Handler: s.notices},
		{Method: "POST", Pattern: "/desk/notices/seen", Access: site.Access{Right: lifecycle.SeeQueue}, Handler: s.seeNotices},
		{Method: "GET", Pattern: "/desk/shift", Access: site.Access{Right: lifecycle.KeepShifts}, Handler: s.shiftPage},
		{Method: "POST", Pattern: "/desk/shift/{deed}", Access: site.Access{Right: lifecycle.KeepShifts}, Handler: s.endShift},
		{Method: "GET", Pattern: "/desk/arbiter", Access: arbiter, Handler: s.arbiter},
		{Method: "POST", Pattern: "/desk/undo", Access: site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Undo}, Handler: s.undo},
		{Method: "POST", Pattern: "/desk/bulk/undo", Access: site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Undo}, Handler: s.undoBulk},
		{Method: "GET", Pattern: "/desk/agencies", Access: agencies, Handler: s.agenciesPage},
		{Method: "POST", Pattern: "/desk/agencies/{deed}", Access: agencies, Handler: s.editAgency},
		{Method: "GET", Pattern: "/desk/agencies/{id}/move", Access: one, Handler: s.movePage},
		{Method: "POST", Pattern: "/desk/agencies/{id}/move", Access: one, Handler: s.moveAll},
	}
}
