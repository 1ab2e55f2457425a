package staff

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"otklik/internal/fault"
	"otklik/internal/reply"
	"otklik/internal/site"
)

// assist asks the assistant and shows what it proposes: a draft in the editor, marked as a
// machine's, or a summary beside it. Nothing leaves.
func (s *Staff) assist(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	i := loaded(r)
	m, err := s.Desk.Assist(r.Context(), s.Cases(), who(r).Actor(), i, field(r, "assist"), purpose(r))
	status := http.StatusOK
	if err != nil {
		if fault.Sentence(err) == "" {
			return err
		}
		status = site.Status(err)
	}
	p, perr := s.incidentPage(r.Context(), who(r), i)
	if perr != nil {
		return perr
	}
	p.Kept, p.KeptFor = r.PostForm, "lint"
	switch {
	case err != nil:
		p.Problem = fault.Sentence(err)
	case m.Kind == reply.MachineSummary:
		p.Summary = m.Text
	default:
		p.Kept.Set("text", strings.TrimSpace(strings.TrimSpace(p.Kept.Get("text"))+"\n\n"+m.Text))
		p.Kept.Set("machine", fmt.Sprint(m.ID))
		p.Begun = "Это черновик машины: она могла ошибиться или выдумать. Проверьте каждое слово и поправьте."
	}
	p.Back = queueOf(r.PostForm.Get("back"))
	return s.showIncident(w, r, status, p)
}

// machineWords tell in the history that a reply began as a machine's draft.
var machineWords = map[string]string{
	reply.MachineEdited:   "Начат с черновика машины, исправлен человеком.",
	reply.MachineAccepted: "Черновик машины, принят человеком без правок.",
}

// mustAccept reports whether a text was refused because it is a machine's.
func mustAccept(cause error) bool {
	var f *fault.Error
	return errors.As(cause, &f) && f.Field == "accepted"
}
