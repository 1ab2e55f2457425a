package staff

import (
	"otklik/internal/lifecycle"
	"otklik/internal/site"
)

// replyRoutes are what helps to write a reply; one is the access to an incident.
func (s *Staff) replyRoutes(one site.Access) []site.Route {
	see, edit := site.Access{Right: lifecycle.SeeQueue}, site.Access{Right: lifecycle.EditTemplates}
	return []site.Route{
		{Method: "GET", Pattern: "/desk/templates", Access: see, Handler: s.templates},
		{Method: "POST", Pattern: "/desk/templates/{deed}", Access: edit, Handler: s.editTemplate},
		{Method: "POST", Pattern: "/desk/incidents/{id}/template", Access: one, Handler: s.begin},
		{Method: "POST", Pattern: "/desk/incidents/{id}/basis", Access: one, Handler: s.basis},
		{Method: "POST", Pattern: "/desk/incidents/{id}/apart", Access: one, Handler: s.apart},
		{Method: "POST", Pattern: "/desk/incidents/{id}/assist", Access: site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Submit, Of: one.Of}, Handler: s.assist},
		{Method: "POST", Pattern: "/desk/incidents/{id}/private_link", Access: site.Access{Right: lifecycle.SeeQueue, Action: lifecycle.Submit, Of: one.Of}, Handler: s.privateLink},
	}
}
