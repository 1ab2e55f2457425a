package staff

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/desk"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lifecycle"
	"otklik/internal/site"
	"otklik/internal/topic"
)

// bulkLimit is how many incidents one deed may touch.
const bulkLimit = 200

// A bulkDeed is something that is done to many incidents at once.
type bulkDeed struct {
	path   string
	action lifecycle.Action
	Name   string // on the button
	Done   string // «принято»
	Icon   string
	Ask    string // the field that it needs: agency, reason
}

var bulkDeeds = []bulkDeed{
	{"accept", lifecycle.Accept, "Принять", "Принято", "check", ""},
	{"claim", lifecycle.Claim, "Взять себе", "Взято", "hand-grab", ""},
	{"handover", lifecycle.HandOver, "Передать", "Передано", "send", "agency"},
	{"reject", lifecycle.Reject, "Отказать", "Отказано", "x", "reason"},
}

// Path returns where the deed's button posts to.
func (b bulkDeed) Path() string { return "/desk/bulk/" + b.path }

// bulk does one deed to every chosen incident, each in its own transaction, and
// says how many were done, which were not and why.
func (s *Staff) bulk(b bulkDeed) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := form(w, r); err != nil {
			return err
		}
		back := site.Local(r.PostForm.Get("back"), "/desk")
		ids := r.PostForm["id"]
		if len(ids) == 0 {
			say(w, Said{Bad: "Отметьте хотя бы один инцидент."})
			http.Redirect(w, r, back, http.StatusSeeOther)
			return nil
		}
		if len(ids) > bulkLimit {
			return fault.New(fault.TooLarge, "%d incidents at once", len(ids)).Say("За один раз можно не больше " + strconv.Itoa(bulkLimit) + " инцидентов.")
		}
		change, err := s.bulkChange(r, b)
		if err != nil {
			say(w, Said{Bad: fault.Sentence(err), Picked: ids})
			http.Redirect(w, r, back, http.StatusSeeOther)
			return nil
		}
		said := Said{}
		done := 0
		for _, raw := range slices.Compact(ids) {
			// A checkbox carries «id.version»: what changed since is not overwritten.
			idText, versionText, _ := strings.Cut(raw, ".")
			id, err := strconv.ParseInt(idText, 10, 64)
			if err != nil {
				continue
			}
			version, _ := strconv.Atoi(versionText)
			_, err = s.Desk.Do(r.Context(), who(r).Actor(), incident.ID(id), version, change)
			switch kind := fault.KindOf(err); kind {
			case "":
				done++
			case fault.NotFound, fault.Conflict, fault.Forbidden, fault.Invalid:
				why := fault.Sentence(err)
				if why == "" {
					why = plainWhy[kind]
				}
				said.Failed = append(said.Failed, NotOne{ID: incident.ID(id), Why: why})
			default:
				return err
			}
		}
		said.Good = b.Done + ": " + site.Count(done, "инцидент", "инцидента", "инцидентов") + "."
		if n := len(said.Failed); n > 0 {
			said.Bad = "Не получилось: " + site.Count(n, "инцидент", "инцидента", "инцидентов") + "."
			s.number(r, said.Failed)
		}
		if done == 0 {
			said.Good = ""
		}
		say(w, said)
		http.Redirect(w, r, back, http.StatusSeeOther)
		return nil
	}
}

var plainWhy = map[fault.Kind]string{
	fault.NotFound: "не найдено", fault.Conflict: "изменилось, пока вы смотрели", fault.Forbidden: "нет права", fault.Invalid: "данные не подходят",
}

// number puts the public numbers beside what was not done.
func (s *Staff) number(r *http.Request, failed []NotOne) {
	ids := make([]incident.ID, len(failed))
	for i := range failed {
		ids[i] = failed[i].ID
	}
	rows, err := s.Cases().Incidents().Rows(r.Context(), who(r).Scope(), ids)
	if err != nil {
		return // the ids stand there all the same
	}
	for _, row := range rows {
		for i := range failed {
			if failed[i].ID == row.ID {
				failed[i].Number = incident.Spoken(row.Number)
			}
		}
	}
}

func (s *Staff) bulkChange(r *http.Request, b bulkDeed) (desk.Change, error) {
	if b.Ask == "" { // Enter in a field presses the form's first button, whichever field it is
		for _, other := range bulkDeeds {
			if other.Ask != "" && field(r, other.Ask) != "" {
				return nil, fault.New(fault.Invalid, "%s with a filled field %s", b.path, other.Ask).At(other.Ask).Say("Ничего не сделано: заполнено поле у кнопки «" + other.Name + "», а нажата «" + b.Name + "». Отмеченное осталось отмеченным.")
			}
		}
	}
	switch b.action {
	case lifecycle.Accept:
		return desk.Accept{}, nil
	case lifecycle.Claim:
		return desk.Claim{}, nil
	case lifecycle.Reject:
		reason := strings.TrimSpace(r.PostForm.Get("reason"))
		if reason == "" {
			return nil, fault.New(fault.Invalid, "a refusal needs a reason").At("reason").Say("Напишите причину отказа: её увидит автор.")
		}
		return desk.Reject{Reason: reason}, nil
	}
	agencies, err := s.regionAgencies(r.Context(), who(r))
	if err != nil {
		return nil, err
	}
	a := agencies.find(r.PostForm.Get("agency"))
	if a == nil {
		return nil, fault.New(fault.Invalid, "no such agency").At("agency").Say("Выберите организацию из списка: наберите две буквы её названия.")
	}
	return desk.HandOver{Agency: a.ID}, nil
}

// form parses a posted form of ordinary size.
func form(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 256<<10)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "form: %w", err).Say("Форма пришла не целиком. Отправьте её ещё раз.")
	}
	return nil
}

func topicCode(s string) topic.Code { return topic.Code(s) }
