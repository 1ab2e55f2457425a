package lint

import (
	"otklik/internal/lifecycle"
	"otklik/internal/promise"
	"otklik/internal/reply"
	"otklik/internal/russian"
)

// content asks what the reply says: what was done, by when, about what, and where to go.
func (k *check) content() {
	var all deed
	var phrases phraseClass
	terms, vagues, words := 0, 0, 0
	for n := range k.sentences {
		s := &k.sentences[n]
		all |= s.does
		phrases |= s.phrases
		terms, vagues, words = terms+s.terms, vagues+s.vague, words+s.words
	}
	// Who, where, how and when is an answer to a question.
	if all&reaches != 0 && (words >= 6 || k.asks()) || k.days() > 0 && k.asks() {
		all |= explains
	}
	acts := all&(done|ongoing|planned) != 0
	switch {
	case words == 0 || !acts && phrases&(empty|redirect|reason) == 0 && all&explains == 0 && k.onlyThanks():
		k.find(ThanksOnly, 0, russian.Span{}, 70, Grave, "Здесь только приветствие и благодарность: ответа по делу нет.",
			"Напишите, что сделано или будет сделано, кем и когда.")
		return
	case !acts && all&explains == 0 && !(phrases&redirect != 0 && all&reaches != 0):
		k.find(NoAction, k.emptiest(), russian.Span{}, 50, Grave, "Не сказано, что сделано, что будет сделано или почему этого не сделают.",
			"Назовите дело, того, кто его делает, и день. Если сделать нельзя — объясните почему.")
	case k.Outcome == lifecycle.Solved && all&done == 0:
		k.find(NoAction, k.emptiest(), russian.Span{}, 45, Grave, "Исход — «решено», а что сделано, в ответе не сказано.",
			"Назовите, что сделали и когда.")
	}
	k.dates(all, terms, vagues)
	k.hollow(all, terms)
	k.elsewhere(all, terms)
	k.ends(all, terms)
	k.echo(all)
	k.marks(all)
	k.copies()
	k.tells = &all
}

// onlyThanks reports whether every sentence greets or thanks.
func (k *check) onlyThanks() bool {
	for n := range k.sentences {
		if s := &k.sentences[n]; s.phrases&(thanks|greeting) == 0 && s.words > 2 {
			return false
		}
	}
	return true
}

// emptiest returns the sentence that a finding about the whole reply points at.
func (k *check) emptiest() int {
	best := -1
	for n := range k.sentences {
		s := &k.sentences[n]
		switch {
		case s.phrases&(empty|redirect) != 0:
			return n
		case best < 0 && s.words > 2:
			best = n
		}
	}
	return max(best, 0)
}

// dates asks for the day of what is promised, and of the end of work that goes on.
func (k *check) dates(all deed, terms, vagues int) {
	for _, p := range k.promises {
		if p.Vague && p.Why == promise.NoSuchDay {
			k.find(DayPassed, k.sentenceAt(p.Span.Start), p.Span, 25, Grave, "Такого дня нет в календаре.", "Проверьте число и месяц: напишите день, к которому это будет сделано.")
		}
		if p.Vague && p.Why == passedWhy {
			k.find(DayPassed, k.sentenceAt(p.Span.Start), p.Span, 25, Grave, "Названный день уже прошёл.", "Проверьте дату: напишите день, к которому это будет сделано.")
		}
	}
	if terms > 0 {
		return
	}
	for n := range k.sentences {
		s := &k.sentences[n]
		if s.does&planned == 0 && s.vague == 0 {
			continue
		}
		span := russian.Span{}
		what := "Обещано, но день не назван."
		if s.vague > 0 {
			span, what = k.vagueIn(s), "Вместо дня — слова, по которым ничего нельзя проверить."
		}
		cost, sev := 45, Grave
		if all&done != 0 && k.Purpose == reply.Final || s.does&done != 0 || k.days() > 0 && s.vague == 0 {
			cost, sev = 15, Minor
		} else if all&explains != 0 && s.vague == 0 {
			cost, sev = 25, Minor
		}
		k.find(NoDate, n, span, cost, sev, what, "Назовите день или срок: «до 25 сентября», «в течение двух недель». Если он зависит от другого — скажите, когда сообщите.")
		return
	}
	if k.Purpose == reply.Interim {
		k.find(NoDate, k.emptiest(), russian.Span{}, 42, Grave, "Ответ промежуточный, а когда будет окончательный, не сказано.", "Назовите день, к которому ответите по существу.")
	} else if all&ongoing != 0 && all&done == 0 {
		k.find(NoDate, k.emptiest(), russian.Span{}, 42, Grave, "Работа идёт, а когда она закончится, не сказано.", "Назовите день окончания.")
	}
}

const passedWhy = "названный срок прошёл раньше, чем опубликован ответ"

func (k *check) vagueIn(s *sentence) russian.Span {
	for _, p := range k.promises {
		if p.Vague && p.Span.Start >= s.span.Start && p.Span.Start < s.span.End {
			return p.Span
		}
	}
	return russian.Span{}
}

func (k *check) sentenceAt(at int) int {
	for n := range k.sentences {
		if at < k.sentences[n].span.End {
			return n
		}
	}
	return 0
}

// hollow finds phrases that stand for an answer: «взято на контроль».
func (k *check) hollow(all deed, terms int) {
	for n := range k.sentences {
		s := &k.sentences[n]
		if s.phrases&empty == 0 || s.terms > 0 && s.does&(done|planned|ongoing) != 0 {
			continue
		}
		cost, sev := 30, Grave
		switch {
		case all&(done|ongoing) != 0, all&planned != 0 && terms > 0:
			cost, sev = 8, Minor
		case all&(planned|explains) != 0:
			cost, sev = 20, Minor
		}
		k.find(EmptyWords, n, k.phraseIn(s, empty), cost, sev, "Слова есть, а дела за ними нет: не сказано, кто, что и когда сделает.", "Замените на дело: кто, что и к какому дню.")
		return
	}
}

// phraseIn returns the first phrase of the class in a sentence.
func (k *check) phraseIn(s *sentence, c phraseClass) russian.Span {
	for i := s.first; i < s.next; i++ {
		if k.notes[i].phrase&c == 0 {
			continue
		}
		end := i
		for end+1 < s.next && k.notes[end+1].phrase&c != 0 {
			end++
		}
		return russian.Span{Start: k.tok[i].Start, End: k.tok[end].End}
	}
	return russian.Span{}
}

// elsewhere finds «обратитесь в …» without a way to do so.
func (k *check) elsewhere(all deed, terms int) {
	if all&reaches != 0 {
		return
	}
	for n := range k.sentences {
		s := &k.sentences[n]
		if s.phrases&redirect == 0 {
			continue
		}
		cost, sev := 45, Grave
		if all&(done|ongoing) != 0 || terms > 0 {
			cost, sev = 15, Minor
		}
		k.find(Redirect, n, k.phraseIn(s, redirect), cost, sev, "Отправлено в другое место, а как туда попасть, не сказано.", "Добавьте телефон, адрес или сайт, и когда там ответят. Лучше — передайте сами и назовите день ответа.")
		return
	}
}

// ends finds replies after which nothing comes: it is not ours, or nothing was
// found, and nobody is named who goes on.
func (k *check) ends(all deed, terms int) {
	if all&(reaches|planned|ongoing) != 0 || terms > 0 {
		return
	}
	for n := range k.sentences {
		s := &k.sentences[n]
		switch {
		case s.phrases&disowned != 0 && all&done == 0:
			k.find(NotOurs, n, k.phraseIn(s, disowned), 45, Grave, "Сказано, что это не ваше. Чьё — и кто теперь займётся, не сказано.",
				"Передайте сами и назовите, кому и когда ответят, или дайте телефон.")
			return
		case s.phrases&nothing != 0 && k.facts() == 0:
			k.find(NotFound, n, k.phraseIn(s, nothing), 42, Grave, "Проверили и ничего не нашли, а человек по-прежнему видит беду.",
				"Скажите, когда и как проверяли, что намерили и что делать, если повторится.")
			return
		}
	}
}

// marks finds a request for a mark where nothing was done.
func (k *check) marks(all deed) {
	if all&done != 0 {
		return
	}
	for n := range k.sentences {
		if s := &k.sentences[n]; s.phrases&mark != 0 {
			k.find(AsksMark, n, k.phraseIn(s, mark), 45, Grave, "Просят оценку, хотя ничего ещё не сделано.", "Уберите просьбу: её время — когда дело сделано.")
			return
		}
	}
}
