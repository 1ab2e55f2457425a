package staff

import (
	"fmt"
	"net/http"
	"strconv"

	"otklik/internal/account"
	"otklik/internal/fault"
	"otklik/internal/incident"
	"otklik/internal/lesson"
	"otklik/internal/site"
)

// LessonsPage shows what was learnt from people's decisions.
type LessonsPage struct {
	Chrome
	MayTeach bool
	Busy     string // «идёт с 03:00»; "" when nothing is learnt now
	Told     []string
	When     string // when it learns by itself
	Gathered string
	Subjects []LessonSubject
	Problem  string
}

// A LessonSubject is the versions of one subject.
type LessonSubject struct {
	ID       lesson.Subject
	Name     string
	Means    string // what it does
	Rows     []LessonRow
	Brought  bool // what the program brought is in force
	RollBack int  // the version in force, 0 for none
}

// A LessonRow is one version in words.
type LessonRow struct {
	N              int
	State, Class   string
	When, Who      string
	Decided        string // when and by whom its state was changed, where that was later
	Figures, Three string
	Changed        string
	From           string
	Reason         string
	Shifts         []ShiftRow
	Activate       bool
}

// A ShiftRow says what changed for one right answer.
type ShiftRow struct {
	Name               string
	Gained, Broken     int
	GainedIn, BrokenIn []Choice // URL → number
}

// shownLessons is how many versions of a subject the page lists.
const shownLessons = 20

var lessonStates = map[lesson.State][2]string{
	lesson.Candidate:  {"ждёт включения", "tag-warn"},
	lesson.Active:     {"действует", "tag-good"},
	lesson.Refused:    {"не включена", "tag-bad"},
	lesson.Replaced:   {"сменилась новой", ""},
	lesson.RolledBack: {"откачена", ""},
}

func (s *Staff) lessons(w http.ResponseWriter, r *http.Request) error {
	return s.showLessons(w, r, http.StatusOK, &LessonsPage{})
}

func (s *Staff) showLessons(w http.ResponseWriter, r *http.Request, status int, p *LessonsPage) error {
	me := who(r)
	if s.School == nil {
		return fault.New(fault.NotFound, "nothing is learnt here").Say("Здесь обучения нет.")
	}
	all, err := s.School.Lessons(r.Context())
	if err != nil {
		return err
	}
	people, err := s.colleagues(r.Context(), me)
	if err != nil {
		return err
	}
	agencies, err := s.regionAgencies(r.Context(), me)
	if err != nil {
		return err
	}
	zone := s.zone(me.Place.Centre, me.Place.Region)
	p.MayTeach = s.School.MayTeach(me.Actor())
	if !all.Since.IsZero() {
		p.Busy = "Идёт обучение, началось " + site.DateTime(all.Since, s.Now(), zone) + "."
	}
	p.Told = all.Told
	p.When = "По ночам само не учится: это выключено в настройках."
	if all.Hour >= 0 {
		p.When = fmt.Sprintf("Каждую ночь в %d:00 система учится на решениях сотрудников.", all.Hour)
	}
	if all.ByHand {
		p.When += " Новая версия ждёт, пока её включит человек."
	}
	n := all.Tally
	p.Gathered = fmt.Sprintf("Сейчас собрано: %s темы, %s, %s. Отложено для проверки: %s, на них система не учится.",
		site.Count(n.Corrected, "исправление", "исправления", "исправлений"), site.Count(n.Confirmed, "подтверждённая тема", "подтверждённые темы", "подтверждённых тем"),
		site.Count(n.HandedOver, "принятая передача", "принятые передачи", "принятых передач"), site.Count(n.Pinned, "случай", "случая", "случаев"))
	for _, id := range lesson.Subjects() {
		sub := LessonSubject{ID: id, Name: "Темы", Means: "О чём пишет житель.", Brought: true}
		name := func(label string) string {
			for _, tp := range s.Topics().Topics {
				if string(tp.Code) == label {
					return tp.Name
				}
			}
			return label
		}
		if id == lesson.Executors {
			sub.Name, sub.Means = "Исполнители", "Кому передать, когда правила маршрутов молчат: подсказка в инциденте."
			name = func(label string) string {
				n, _ := strconv.ParseInt(label, 10, 64)
				if a := agencies.name(n); a != "" {
					return a
				}
				return "организация другого региона"
			}
		}
		for k := range all.Versions[id] {
			v := &all.Versions[id][k]
			if v.State == lesson.Active {
				sub.Brought, sub.RollBack = false, v.Number
			}
			if k < shownLessons {
				sub.Rows = append(sub.Rows, s.lessonRow(v, name, people.names, me))
			}
		}
		p.Subjects = append(p.Subjects, sub)
	}
	p.Chrome = s.chrome(w, r, "lessons")
	p.Here = "/desk/models"
	return s.page(w, r, status, "Обучение", Lessons(p))
}

func (s *Staff) lessonRow(v *lesson.Version, name func(label string) string, people map[account.ID]string, me *account.Account) LessonRow {
	zone := s.zone(me.Place.Centre, me.Place.Region)
	by := func(id account.ID) string {
		switch {
		case id == 0:
			return "система"
		case people[id] == "":
			return "работник другого региона"
		}
		return people[id]
	}
	f := &v.Figures
	row := LessonRow{N: v.Number, State: lessonStates[v.State][0], Class: lessonStates[v.State][1], When: site.DateTime(v.MadeAt, s.Now(), zone), Who: by(v.MadeBy), Reason: v.Reason,
		Activate: v.State == lesson.Candidate || v.State == lesson.Replaced || v.State == lesson.RolledBack}
	if v.DecidedAt.Sub(v.MadeAt) > lagWorthSaying {
		row.Decided = site.DateTime(v.DecidedAt, s.Now(), zone) + ", " + by(v.DecidedBy)
	}
	if f.N() > 0 {
		was := fmt.Sprintf(", было %s", percentOf(f.Old.First, f.N()))
		three := fmt.Sprintf("Верная среди трёх: %s, было %s.", percentOf(f.New.Three, f.N()), percentOf(f.Old.Three, f.N()))
		if v.Subject == lesson.Executors && v.Before == 0 {
			was, three = "", fmt.Sprintf("Верная среди трёх: %s. Раньше подсказок не было.", percentOf(f.New.Three, f.N()))
		}
		row.Figures = fmt.Sprintf("На %s: верных первым %s%s.", onCases(f), percentOf(f.New.First, f.N()), was)
		row.Three = three
		if was != "" {
			row.Changed = fmt.Sprintf("Исправила %d, испортила %d.", f.Gained, f.Broken)
			for _, sh := range f.By {
				row.Shifts = append(row.Shifts, ShiftRow{Name: name(sh.Label), Gained: sh.Gained, Broken: sh.Broken, GainedIn: incidentLinks(sh.GainedIn), BrokenIn: incidentLinks(sh.BrokenIn)})
			}
		}
	}
	row.From = fmt.Sprintf("Выучена на %s людей и %s", site.Count(v.Corrected, "исправлении", "исправлениях", "исправлениях"), site.Count(v.Confirmed, "подтверждении", "подтверждениях", "подтверждениях"))
	if v.Shipped > 0 {
		row.From += ", вместе с " + site.Count(v.Shipped, "примером", "примерами", "примерами") + ", с которыми пришла программа"
	}
	row.From += "."
	return row
}

func onCases(f *lesson.Figures) string {
	switch {
	case f.Shipped == 0:
		return site.Count(f.Own, "отложенном случае", "отложенных случаях", "отложенных случаях")
	case f.Own == 0:
		return site.Count(f.Shipped, "случае", "случаях", "случаях") + " из набора программы (своих отложенных пока мало)"
	}
	return site.Count(f.N(), "отложенном случае", "отложенных случаях", "отложенных случаях") + fmt.Sprintf(" (своих %d, из набора программы %d)", f.Own, f.Shipped)
}

func percentOf(n, of int) string { return fmt.Sprintf("%d\u00a0%%", percent(float64(n)/float64(of))) }

func incidentLinks(ids []int64) (out []Choice) {
	for _, id := range ids {
		out = append(out, Choice{incidentURL(incident.ID(id)), "№\u00a0" + incident.Spoken(incident.Number(id))})
	}
	return out
}

// decideLessons begins to learn, activates a version or goes back.
func (s *Staff) decideLessons(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r); err != nil {
		return err
	}
	if s.School == nil {
		return fault.New(fault.NotFound, "nothing is learnt here").Say("Здесь обучения нет.")
	}
	said, err := s.decideLesson(r)
	switch fault.KindOf(err) {
	case "":
		say(w, said)
		http.Redirect(w, r, "/desk/models", http.StatusSeeOther)
		return nil
	case fault.Invalid, fault.Conflict:
		return s.showLessons(w, r, site.Status(err), &LessonsPage{Problem: fault.Sentence(err)})
	}
	return err
}

func (s *Staff) decideLesson(r *http.Request) (Said, error) {
	ctx, me := r.Context(), who(r).Actor()
	if r.PathValue("deed") == "teach" {
		return Said{Good: "Обучение началось. Обычно это минута; страницы оно не задерживает."}, s.School.Teach(ctx, me)
	}
	subject, err := lesson.ParseSubject(field(r, "subject"))
	if err != nil {
		return Said{}, err
	}
	switch r.PathValue("deed") {
	case "activate":
		n := int(number(r, "number"))
		return Said{Good: fmt.Sprintf("Версия %d действует.", n)}, s.School.ActivateLesson(ctx, me, subject, n)
	case "rollback":
		n, err := s.School.RollBackLesson(ctx, me, subject)
		if n == 0 {
			return Said{Good: "Откачено: действует то, с чем пришла программа."}, err
		}
		return Said{Good: fmt.Sprintf("Откачено: действует версия %d.", n)}, err
	}
	return Said{}, fault.New(fault.NotFound, "no such deed")
}

// made says when and by whom a version was made, and when its state was changed since.
func (v *LessonRow) made() string {
	s := v.When + ", " + v.Who
	if v.Decided != "" {
		s += "; решено " + v.Decided
	}
	return s
}
