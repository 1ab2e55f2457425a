package desk

import (
	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/lifecycle"
)

// approving is Forbidden where the agency's setting wants a second pair of eyes:
// a reply of its people, written by who now approves it, unless the agency lets
// that pass. An executor approves nothing but own words, where no approval is needed.
func (s *step) approving(writer account.ID) error {
	if s.was.Place.Agency == 0 || s.who.Role == lifecycle.System {
		return nil
	}
	a, err := s.tx.Agencies().Agency(s.ctx, s.was.Place.Agency)
	if err != nil {
		return err
	}
	ours := s.who.Scope.Agency == a.ID
	switch {
	case s.who.Role == lifecycle.Executor && writer != s.who.ID:
		return fault.New(fault.Forbidden, "executor %d approves the draft of account %d", s.who.ID, writer).
			Say("Чужой ответ утверждает руководитель или координатор.")
	case s.who.Role == lifecycle.Executor && a.Approval:
		return fault.New(fault.Forbidden, "replies of agency %d need an approver", a.ID).
			Say("Ответы вашей организации утверждает руководитель. Нажмите «На согласование».")
	case a.Approval && !a.OwnApproval && writer == s.who.ID && ours:
		return fault.New(fault.Forbidden, "account %d approves an own reply, agency %d forbids it", s.who.ID, a.ID).
			Say("Свой ответ в вашей организации утверждает другой человек. Отправьте его на согласование; разрешить утверждать свои ответы может администратор (раздел «Организации»).")
	}
	return nil
}
