package promise

import (
	"strings"
	"time"

	"otklik/internal/russian"
)

// A ruling says what an expression is worth in its sentence.
type ruling uint8

const (
	none ruling = iota
	promised
	vague
	passed // it promises a day that lies behind the publication
)

// A tense says what the verb nearest to an expression does with it.
type tense uint8

const (
	noVerb   tense = iota
	did            // «проведено», «обследовали»
	does           // «проводятся», «выезжают»
	will           // «устранят», «будет», «запланирован», «устранить»
	invites        // «обратитесь», «вы можете»
	standing       // «действует»: a state, no obligation
	refuses        // «не планируется», «не успеют»
)

// Plans are verbs whose past form promises: «запланировано на», «назначен на».
var plans = setOf("запланировать планировать наметить намечать назначить предусмотреть предусмотренный включить перенести продлить рассчитать ориентировать ожидать " +
	"планироваться предполагать предполагаться намечаться ожидаться предстоять обязать обязаться обязывать поручить предписать обещать пообещать гарантировать установить определить дать выдать отвести заложить прогнозировать прогнозироваться ограничить перекрыть закрыть отключить")

var standings = setOf("действовать действительный действительна гарантия распространяться истекать истечь принимать приниматься составлять подлежать")

// verdict judges the expression within its sentence.
func (r *reader) verdict(e *expr, s russian.Span) ruling {
	if e.form == void {
		return none
	}
	v := r.tense(e, s)
	if v == invites || v == refuses || v == standing && e.form != hour {
		return none
	}
	switch e.form {
	case loose:
		if v == did || e.soft && v != will && v != does {
			return none
		}
		return vague
	case hour:
		if v != will || r.habit(s) || r.shiftOf(e) {
			return none
		}
		if !e.until.After(r.at) {
			return passed
		}
		return promised
	case after:
		if v == did || v == noVerb && !r.aboutWork(s) {
			return none
		}
		return promised
	}
	loosely := e.form == bare || e.form == within
	if loosely && e.soft && v != will {
		return none
	}
	if !e.year {
		r.settle(e, v)
	}
	if e.until.Before(r.today) {
		if v == will && !loosely && e.form != since {
			return passed
		}
		return none
	}
	if loosely && (v == did || v == noVerb && !r.aboutWork(s)) {
		return none
	}
	if e.form == since && (v == did && !e.from.After(r.today) || !e.from.After(r.today)) {
		return none
	}
	return promised
}

// settle gives a day without a year its year: the past one when something was
// done then, else the next such day, unless it lies hardly behind us.
func (r *reader) settle(e *expr, v tense) {
	const recent = 45 * 24 * time.Hour
	move := func(years int) {
		e.from, e.until = e.from.AddDate(years, 0, 0), e.until.AddDate(years, 0, 0)
	}
	switch loosely := e.form == bare || e.form == within; {
	case v == did && loosely:
		if e.from.After(r.today) {
			move(-1)
		}
	case e.until.Before(r.today.Add(-recent)):
		move(1)
	case v == did && e.until.Sub(r.today) > 270*24*time.Hour:
		move(-1)
	case e.until.Sub(r.today) > 366*24*time.Hour-recent && v != will:
		move(-1)
	}
}

// tense returns what the nearest verb of the clause does, of the clause before
// when this one has none, else of the one behind.
func (r *reader) tense(e *expr, s russian.Span) tense {
	first, last := e.first, e.next
	for first > 0 && r.tok[first-1].Start >= s.Start {
		first--
	}
	for last < len(r.tok) && r.tok[last].End <= s.End {
		last++
	}
	lo, hi := e.first, e.next
	for lo > first && !r.parts(lo-1) {
		lo--
	}
	for hi < last && !r.parts(hi) {
		hi++
	}
	if r.addressed(lo, hi) {
		return invites
	}
	if v := r.nearest(e, lo, hi); v != noVerb {
		return v
	}
	for lo > first { // the clauses before, one by one
		end := lo - 1
		for lo = end; lo > first && !r.parts(lo-1); lo-- {
		}
		if v := r.nearest(e, lo, end); v != noVerb {
			if v == did && hi < last { // «Утечка устранена, благоустройство — до 1 июня»
				break
			}
			return v
		}
	}
	return r.nearest(e, e.next, last)
}

// parts reports whether token i stands between clauses.
func (r *reader) parts(i int) bool {
	if r.tok[i].Kind == russian.Punct {
		switch r.norm(i) {
		case ",", ";", ":", "(", ")":
			return true
		}
	}
	switch r.norm(i) {
	case "а", "но", "поэтому", "однако", "затем", "после":
		return r.tok[i].Kind == russian.Word
	}
	return false
}

// nearest returns the tense of the verb of tokens [lo, hi) that stands nearest.
func (r *reader) nearest(e *expr, lo, hi int) tense {
	best, found := 1<<20, noVerb
	for i := lo; i < hi; i++ {
		if i >= e.first && i < e.next {
			i = e.next - 1
			continue
		}
		v := r.verb(i)
		if v == noVerb {
			continue
		}
		if v != invites && r.norm(i-1) == "не" && !strings.HasPrefix(r.norm(i), "остав") {
			v = refuses
		}
		gap := i - e.next + 1
		if i < e.first {
			gap = e.first - i
		}
		if gap < best || gap == best && v == will {
			best, found = gap, v
		}
	}
	return found
}

// verb returns the tense of one word.
func (r *reader) verb(i int) tense {
	t := &r.tok[i]
	if t.Kind != russian.Word || len(t.Forms) == 0 {
		return noVerb
	}
	switch t.Norm {
	case "будет", "будут", "должен", "должна", "должно", "должны", "обязан", "обязана", "обязано", "обязаны", "планируем", "намерены", "готовы", "завтра":
		return will
	case "можно", "необходимо", "нужно", "следует", "просим", "просьба":
		return noVerb
	}
	f := t.Forms[0]
	for k := 1; k < len(t.Forms) && !f.Gram.Any(russian.Verb|russian.Infn|russian.Participle|russian.Noun); k++ {
		if o := t.Forms[k]; o.Gram.Has(russian.Verb|russian.Futr) && o.Score >= 0.1 { // «заменим» is an adjective too
			f = o
		}
	}
	g := f.Gram
	switch {
	case standings[f.Lemma] || standings[t.Norm]:
		return standing
	case g.Has(russian.Verb) && (g.Any(russian.Impr|russian.Per2) || t.Any(russian.Per2) && t.Any(russian.Impr)):
		return invites
	case g.Any(russian.Verb | russian.Infn | russian.Participle):
		if g.Any(russian.Participle) && g.Any(russian.Nomn|russian.Gent|russian.Datv|russian.Accs|russian.Ablt|russian.Loct) && !shortForm(t.Norm) {
			return noVerb // «запланированные работы»
		}
		switch {
		case plans[f.Lemma], g.Any(russian.Futr | russian.Infn):
			return will
		case g.Any(russian.Participle) && r.beside(i):
			return will
		case g.Any(russian.Past | russian.Participle):
			return did
		}
		return does
	}
	return noVerb
}

// shortForm reports whether a participle ends as short ones do: «выполнено».
func shortForm(norm string) bool {
	n := len(norm)
	if n < 4 {
		return false
	}
	switch norm[n-4:] {
	case "но", "на", "ны", "та", "то", "ты", "ен", "ан":
		return true
	}
	return false
}

// beside reports whether «будет» stands near: «будет своевременно выполнено».
func (r *reader) beside(i int) bool {
	for k := max(i-4, 0); k < min(i+4, len(r.tok)); k++ {
		if n := r.norm(k); n == "будет" || n == "будут" {
			return true
		}
	}
	return false
}

// addressed reports whether the clause tells the resident what to do by a day.
func (r *reader) addressed(lo, hi int) bool {
	you, may := false, false
	for i := lo; i < hi; i++ {
		switch r.norm(i) {
		case "вы", "вам", "заявителю", "жителям", "гражданам", "собственникам", "родителям":
			you = true
		case "просим", "просьба", "прошу", "рекомендуем", "призываем":
			return true
		case "можете", "можно", "необходимо", "нужно", "следует", "сможете", "надо":
			may = true
		case "прием", "приема", "приемные", "заявления", "заявку", "документы", "квитанции", "квитанцию", "оплатить", "показания", "взнос", "взносы":
			if may || mayBehind(r, i, hi) {
				return true
			}
		}
	}
	return you && may
}

// mayBehind reports whether a word of permission or duty stands in tokens (i, hi).
func mayBehind(r *reader, i, hi int) bool {
	for k := i + 1; k < hi; k++ {
		switch r.norm(k) {
		case "можно", "необходимо", "нужно", "следует", "надо":
			return true
		}
	}
	return false
}

// habit reports whether the sentence tells hours of work.
func (r *reader) habit(s russian.Span) bool {
	for i := range r.tok {
		if r.tok[i].Start < s.Start || r.tok[i].End > s.End {
			continue
		}
		switch r.norm(i) {
		case "ежедневно", "режим", "режиме", "график", "графику", "прием", "приема", "приемные", "будни", "будням", "понедельникам", "круглосуточно", "перерыв", "обед", "пн", "пт", "звоните", "телефон", "телефону", "тел":
			return true
		}
	}
	return false
}

// shiftOf reports whether hours run from one to another: «с 22:00 до 6:00».
func (r *reader) shiftOf(e *expr) bool {
	for k := max(e.first-5, 0); k < e.first; k++ {
		if n := r.norm(k); n == "с" || n == "от" || n == "со" {
			return true
		}
	}
	return false
}

// aboutWork reports whether a sentence without a verb speaks of work to be done:
// «Срок — 25 декабря», «Ремонт — летом».
func (r *reader) aboutWork(s russian.Span) bool {
	for i := range r.tok {
		if r.tok[i].Start < s.Start || r.tok[i].End > s.End {
			continue
		}
		switch r.tok[i].Lemma() {
		case "срок", "ремонт", "работа", "выезд", "осмотр", "замена", "установка", "дата", "план", "устранение", "восстановление", "завершение", "окончание", "начало", "проверка", "монтаж",
			"благоустройство", "исправление", "подключение", "пуск", "уборка", "поставка", "строительство", "вывоз", "результат", "ответ":
			return true
		}
	}
	return false
}
