package staff

import (
	"context"
	"net/http"
	"strings"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/shield"
)

// A SuspectView says why what a resident sent looks like spam, and asks a person.
type SuspectView struct {
	Why    string
	Settle bool // the account may say what it is
}

// addSuspicion tells of suspicions that nobody has settled.
func (s *Staff) addSuspicion(ctx context.Context, tx incident.Tx, me *account.Account, i *incident.Incident, p *IncidentPage) error {
	list, err := tx.Suspicions().SuspicionsOf(ctx, me.Scope(), i.ID)
	if err != nil {
		return err
	}
	var why []string
	known := map[string]bool{}
	for k := range list {
		if !list[k].Settled.IsZero() {
			continue
		}
		if p.Suspect == nil {
			p.Suspect = &SuspectView{Settle: lifecycle.May(me.Role, lifecycle.Reject)}
		}
		for _, r := range list[k].Reasons {
			if w := shield.Reason(r).Name(); w != "" && !known[r] {
				known[r] = true
				why = append(why, w)
			}
		}
	}
	if p.Suspect != nil {
		p.Suspect.Why = strings.Join(why, "; ")
	}
	return nil
}

// settleSpam takes what a person says of a suspicion. It changes no state: spam is rejected
// like anything that is not considered, with its reason.
func (s *Staff) settleSpam(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	verdict := field(r, "verdict")
	if verdict != "spam" && verdict != "fine" {
		return fault.New(fault.Invalid, "verdict %q", verdict).At("verdict").Say("Не сказано, спам это или нет. Вернитесь и выберите.")
	}
	me, id := who(r), loaded(r).ID
	var messages []int64
	err := s.Writer.Change(r.Context(), incident.People, func(tx incident.Tx) (err error) {
		messages, err = tx.Suspicions().Settle(r.Context(), me.Scope(), id, me.ID, verdict == "spam", s.Now())
		return err
	})
	if err != nil {
		return err
	}
	if s.Judged != nil {
		s.Judged(verdict == "spam", messages...)
	}
	http.Redirect(w, r, incidentURL(id), http.StatusSeeOther)
	return nil
}
