// Package regime says by when which step of the work must be done. A Regime is
// data that people edit (DOMAIN.md §4: the legal basis decides the clock, not the
// channel); Deadlines is a pure function of a History, so that the same history
// always gives the same due times and a corrected rule gives new ones for all.
//
// Every Deadline explains itself in one Russian sentence. Start with Deadlines and
// Next; Alarms says whom to tell that time runs out. A Book holds the regimes and the
// calendars in force.
package regime

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"otklik/internal/calendar"
	"otklik/internal/fault"
)

// A Code names a regime for ever: «open», «pos».
type Code string

// Past is the code of no regime: the work was done in another system before the case came
// here, by limits that nobody knows here. Nothing is due, and the case stands in no figures.
const Past Code = "past"

// Appeal is the code of the regime of 59-ФЗ, which an author chooses by signing an appeal.
const Appeal Code = "appeal59"

// A Kind says which step of the work has a limit.
type Kind string

// Steps.
const (
	Accept  Kind = "accept"  // take in, register
	Forward Kind = "forward" // hand over to who answers
	First   Kind = "first"   // the first answer, interim or final
	Final   Kind = "final"   // the final answer
	Confirm Kind = "confirm" // the author confirms or refutes: the author's time, never ours
)

// Kinds returns all steps in the order of work.
func Kinds() []Kind { return []Kind{Accept, Forward, First, Final, Confirm} }

var kindWords = map[Kind]string{
	Accept: "принять", Forward: "передать", First: "первый ответ", Final: "итоговый ответ", Confirm: "оценка автора",
}

// Name returns the step's Russian name.
func (k Kind) Name() string { return kindWords[k] }

// A Start says when the clock of a step begins.
type Start string

// Starts.
const (
	Published Start = "published" // the author wrote; when that is unknown or later than Seen, Seen
	Seen      Start = "seen"      // we saw it
	Accepted  Start = "accepted"  // it was accepted
	Interim   Start = "interim"   // the first interim answer stood
	Answered  Start = "answered"  // the final answer stood
)

var startWords = map[Start]string{
	Published: "написано", Seen: "поступило", Accepted: "принято", Interim: "промежуточный ответ", Answered: "ответ дан",
}

// Starts returns all starts.
func Starts() []Start { return []Start{Published, Seen, Accepted, Interim, Answered} }

// Name returns the Russian word of the start: «принято».
func (s Start) Name() string { return startWords[s] }

// A Regime is a set of limits.
type Regime struct {
	Code      Code       `json:"code"`
	Name      string     `json:"name"`            // «Открытые источники»
	Act       string     `json:"act,omitempty"`   // what it rests on
	Check     string     `json:"check,omitempty"` // why it should be looked up
	For       For        `json:"for"`
	Steps     []Step     `json:"steps"`
	Pause     Pause      `json:"pause"`
	Pressure  *Pressure  `json:"pressure,omitempty"` // nil: the ladder goes by time alone
	Extension *Extension `json:"extension,omitempty"`
	Retired   bool       `json:"retired,omitempty"` // not chosen any more; incidents that have it keep it
	Private   bool       `json:"private,omitempty"` // between the author and the authority: nothing of its cases is shown in public (package publicface)
}

// For says which incidents get the regime when they are opened. Empty fields let
// everything through; the first regime that fits wins.
type For struct {
	Channels []string `json:"channels,omitempty"`
	Sources  []string `json:"sources,omitempty"` // «hook:pos»
	Kinds    []string `json:"kinds,omitempty"`
	Fast     bool     `json:"fast,omitempty"`    // ★ topics alone
	ByHand   bool     `json:"by_hand,omitempty"` // people choose it, the machine never
}

// A Step is one limit.
type Step struct {
	Kind       Kind             `json:"kind"`
	Point      string           `json:"point,omitempty"` // «п. 2»
	From       Start            `json:"from"`
	Within     calendar.Amount  `json:"within"`
	Heightened *calendar.Amount `json:"heightened,omitempty"` // of high urgency or danger, from when that was said
	Fast       *calendar.Amount `json:"fast,omitempty"`       // of ★ topics
	Rework     *calendar.Amount `json:"rework,omitempty"`     // after a return; nil: as Within
	Roll       Roll             `json:"roll,omitempty"`
	Ladder     []Rung           `json:"ladder,omitempty"`
	Check      string           `json:"check,omitempty"`
}

// A Roll says what becomes of a last day on which nobody works; for calendar days.
type Roll string

// Rolls.
const (
	Stay   Roll = ""
	Back   Roll = "back"    // the working day before
	Onward Roll = "forward" // the working day after
)

// A Pause says what stops the clocks.
type Pause struct {
	Author bool             `json:"author,omitempty"` // a question to the author, until the answer
	ByHand bool             `json:"by_hand,omitempty"`
	Most   *calendar.Amount `json:"most,omitempty"` // after so long the clocks go on by themselves
	Check  string           `json:"check,omitempty"`
}

// An Extension says how a limit may be moved.
type Extension struct {
	Step   Kind            `json:"step"`
	Most   calendar.Amount `json:"most"`   // from the due time
	Times  int             `json:"times"`  // 1
	Notice bool            `json:"notice"` // the author must be told
	Check  string          `json:"check,omitempty"`
}

// A Who is whom an escalation reaches, lowest first.
type Who string

// The ladder.
const (
	Executor    Who = "executor"
	Coordinator Who = "coordinator"
	Head        Who = "head"
	Leader      Who = "leader"
)

// Whos returns the ladder from below.
func Whos() []Who { return []Who{Executor, Coordinator, Head, Leader} }

var whoWords = map[Who]string{Executor: "исполнитель", Coordinator: "координатор", Head: "руководитель органа", Leader: "руководство региона"}

// Name returns the Russian name: «координатор».
func (w Who) Name() string { return whoWords[w] }

// A Rung tells somebody, By before or after the due time.
type Rung struct {
	Who    Who             `json:"who"`
	Before bool            `json:"before,omitempty"`
	By     calendar.Amount `json:"by"` // N 0 = at the due time itself
}

// Note is what stands at a rule that no source of ours confirms.
const Note = "проверьте по акту вашего региона"

// Valid is Invalid for a regime that cannot be counted, with the field.
func (r *Regime) Valid() error {
	if !plain(string(r.Code)) {
		return wrong("code", fmt.Sprintf("code %q", r.Code), "Код регламента: латинские строчные буквы, цифры и _, до 40 знаков.")
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(r.Name)); n == 0 || n > 120 {
		return wrong("name", "no name", "Назовите регламент, не длиннее 120 знаков.")
	}
	if len(r.Steps) == 0 {
		return wrong("steps", "no steps", "В регламенте нет ни одного шага со сроком.")
	}
	for k := range r.Steps {
		if err := r.Steps[k].valid(fmt.Sprintf("steps[%d]", k)); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Steps[:k], func(s Step) bool { return s.Kind == r.Steps[k].Kind }) {
			return wrong(fmt.Sprintf("steps[%d].kind", k), "step "+string(r.Steps[k].Kind)+" is there twice", "Шаг «"+r.Steps[k].Kind.Name()+"» записан дважды.")
		}
	}
	if r.Pause.Most != nil {
		if err := r.Pause.Most.Check("pause.most"); err != nil {
			return err
		}
	}
	if p := r.Pressure; p != nil && (p.Authors < 2 || p.Authors > 1000) {
		return wrong("pressure.authors", fmt.Sprintf("%d authors", p.Authors), "Давление: сколько разных авторов поднимают на ступень, от 2 до 1000.")
	}
	if e := r.Extension; e != nil {
		if err := e.Most.Check("extension.most"); err != nil {
			return err
		}
		if e.Times < 1 || e.Times > 10 || !slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Kind == e.Step }) || e.Step == Confirm {
			return wrong("extension", "step or times", "Продление: укажите шаг этого регламента и сколько раз его можно продлить.")
		}
	}
	return nil
}

func (s *Step) valid(at string) error {
	if !slices.Contains(Kinds(), s.Kind) {
		return wrong(at+".kind", fmt.Sprintf("step %q is unknown", s.Kind), "Шага «"+string(s.Kind)+"» нет. Есть accept, forward, first, final, confirm.")
	}
	if !slices.Contains(Starts(), s.From) {
		return wrong(at+".from", fmt.Sprintf("start %q is unknown", s.From), "Начала «"+string(s.From)+"» нет. Есть published, seen, accepted, interim, answered.")
	}
	if s.Roll != Stay && s.Roll != Back && s.Roll != Onward {
		return wrong(at+".roll", fmt.Sprintf("roll %q is unknown", s.Roll), "Перенос с выходного: пусто, back или forward.")
	}
	for _, a := range []struct {
		field string
		a     *calendar.Amount
	}{{"within", &s.Within}, {"heightened", s.Heightened}, {"fast", s.Fast}, {"rework", s.Rework}} {
		if a.a != nil {
			if err := a.a.Check(at + "." + a.field); err != nil {
				return err
			}
		}
	}
	if len(s.Ladder) > len(Whos()) {
		return wrong(at+".ladder", "too many rungs", "В лестнице больше ступеней, чем адресатов.")
	}
	for k, rung := range s.Ladder {
		field := fmt.Sprintf("%s.ladder[%d]", at, k)
		if !slices.Contains(Whos(), rung.Who) || slices.ContainsFunc(s.Ladder[:k], func(o Rung) bool { return o.Who == rung.Who }) {
			return wrong(field, fmt.Sprintf("%q", rung.Who), "Ступень: executor, coordinator, head или leader, каждая один раз.")
		}
		if rung.By.N != 0 || rung.By.Unit == "" {
			if err := rung.By.Check(field + ".by"); err != nil {
				return err
			}
		}
	}
	return nil
}

func wrong(field, text, sentence string) *fault.Error {
	return fault.New(fault.Invalid, "%s: %s", field, text).At(field).Say(sentence)
}

func plain(code string) bool {
	for _, c := range code {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return code != "" && len(code) <= 40
}
