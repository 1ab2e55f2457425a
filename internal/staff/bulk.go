package staff

import (
	"net/http"
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
	{"take", lifecycle.Take, "Взять в работу", "Взято в работу", "user-check", ""},
	{"handover", lifecycle.HandOver, "Передать", "Передано", "send", "agency"},
	{"reject", lifecycle.Reject, "Отказать", "Отказано", "x", "reason"},
	{"assign", lifecycle.HandOver, "Назначить", "Назначено", "user-plus", "executor"},
	{"topic", lifecycle.Correct, "Сменить тему", "Тема сменена", "tags", "topic"},
	{"close", lifecycle.Close, "Закрыть", "Закрыто", "lock", "outcome"},
	{"merge", lifecycle.Merge, "Объединить", "Объединено", "plus", ""},
	{"note", lifecycle.Note, "Записать", "Заметка записана", "message", "note"},
}

// Path returns where the deed's button posts to.
func (b bulkDeed) Path() string { return "/desk/bulk/" + b.path }

// rare deeds stand behind «Ещё».
func (b bulkDeed) rare() bool {
	return b.path == "assign" || b.path == "topic" || b.path == "close" || b.path == "merge" || b.path == "take" || b.path == "note"
}

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
		// A checkbox carries «id.version»: what changed since is not overwritten.
		results, err := desk.Many(r.Context(), s.Desk, who(r).Actor(), targets(ids, 10), change)
		if fault.Is(err, fault.Invalid) {
			say(w, Said{Bad: fault.Sentence(err), Picked: ids})
			http.Redirect(w, r, back, http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
		said := s.outcome(r, results, b.Done)
		if lifecycle.May(who(r).Role, lifecycle.Undo) && b.action != lifecycle.Note {
			said.Undo, said.UndoAs, said.With = undoMany(results, back)
		}
		say(w, said)
		http.Redirect(w, r, back, http.StatusSeeOther)
		return nil
	}
}

// outcome says how many were done, which were not and why.
func (s *Staff) outcome(r *http.Request, results []desk.Result, word string) Said {
	said, done := Said{}, 0
	for _, one := range results {
		if one.Err == nil {
			done++
			continue
		}
		said.Failed = append(said.Failed, NotOne{ID: one.ID, Why: orElse(fault.Sentence(one.Err), plainWhy[fault.KindOf(one.Err)])})
	}
	if done > 0 {
		said.Good = word + ": " + site.Count(done, "инцидент", "инцидента", "инцидентов") + "."
	}
	if n := len(said.Failed); n > 0 {
		said.Bad = "Не получилось: " + site.Count(n, "инцидент", "инцидента", "инцидентов") + "."
		s.number(r, said.Failed)
	}
	return said
}

// targets reads «id.version» in the base; what is no number is dropped.
func targets(list []string, base int) (out []desk.Target) {
	for _, raw := range list {
		idText, versionText, _ := strings.Cut(raw, ".")
		id, err := strconv.ParseInt(idText, base, 64)
		if err != nil {
			continue
		}
		version, _ := strconv.ParseInt(versionText, base, 64)
		out = append(out, desk.Target{ID: incident.ID(id), Version: int(version)})
	}
	return out
}

// tight is the base of what travels in a cookie.
const tight = 36

// undoMany returns the form that takes all of it back at once.
func undoMany(results []desk.Result, back string) (path, word string, with map[string]string) {
	var list []string
	for _, one := range results {
		if one.Version != 0 {
			list = append(list, strconv.FormatInt(int64(one.ID), tight)+"."+strconv.FormatInt(int64(one.Version), tight))
		}
	}
	if len(list) == 0 {
		return "", "", nil
	}
	return "/desk/bulk/undo", "Отменить всё", map[string]string{"these": strings.Join(list, " "), "back": back}
}

// undoBulk takes a deed for many back: each where nobody has acted since.
func (s *Staff) undoBulk(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	back := site.Local(r.PostForm.Get("back"), "/desk")
	results, err := desk.Many(r.Context(), s.Desk, who(r).Actor(), targets(strings.Fields(r.PostForm.Get("these")), tight), desk.Undo{})
	switch {
	case fault.Is(err, fault.Invalid):
		say(w, Said{Bad: "Отменять нечего."})
	case err != nil:
		return err
	default:
		for k := range results {
			if fault.Is(results[k].Err, fault.Conflict) && !strings.HasPrefix(fault.Sentence(results[k].Err), "Отменить") {
				results[k].Err = fault.New(fault.Conflict, "acted upon since").Say("с ним успели что-то сделать: отмените на его странице")
			}
		}
		say(w, s.outcome(r, results, "Отменено"))
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
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
	case lifecycle.Take:
		return desk.Take{}, nil
	case lifecycle.Merge:
		return desk.Merge{}, nil
	case lifecycle.Note:
		return desk.Note{Text: field(r, "note")}, nil
	case lifecycle.Close:
		return desk.Close{Outcome: lifecycle.Outcome(field(r, "outcome"))}, nil
	case lifecycle.Correct:
		tp, ok := s.Topics().ByName(field(r, "topic"))
		if !ok || tp.Retired {
			return nil, fault.New(fault.Invalid, "no such topic").At("topic").Say("Такой темы нет в классификаторе. Наберите две буквы и выберите из подсказки.")
		}
		return desk.Correct{Topic: &tp.Code}, nil
	}
	if b.Ask == "executor" {
		id := number(r, "executor")
		if id == 0 {
			return nil, fault.New(fault.Invalid, "no executor").At("executor").Say("Выберите, кому назначить отмеченные.")
		}
		return desk.HandOver{Executor: id}, nil
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

// formLimit is how large an ordinary form may be, in bytes.
const formLimit = 256 << 10

// form parses a posted form of ordinary size. Files that came with it are let go of.
func form(w http.ResponseWriter, r *http.Request) error {
	done, err := site.Form(w, r, formLimit)
	done()
	return err
}

func topicCode(s string) topic.Code { return topic.Code(s) }
