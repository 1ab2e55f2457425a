package lint

import (
	"strings"

	"otklik/internal/russian"
)

// facts counts the figures of a reply: dates, hours, houses, amounts.
func (k *check) facts() (n int) {
	for i := range k.tok {
		if k.tok[i].Kind == russian.Number || k.tok[i].Kind == russian.Mixed {
			n++
		}
	}
	return n
}

// days counts the days and hours that a reply names, whether or not something is
// promised for them: «с 1 ноября», «по вторникам в 11:00».
func (k *check) days() (n int) {
	for i := range k.tok {
		switch t := &k.tok[i]; {
		case t.Kind == russian.Word && isCalendar(t.Lemma()) && i > 0 && (k.tok[i-1].Kind == russian.Number || isDayBefore(k.tok[i-1].Norm)):
			n++
		case t.Norm == "сегодня" || t.Norm == "завтра" || t.Norm == "послезавтра" || t.Norm == "ежедневно":
			n++
		}
	}
	return n
}

// isCalendar reports whether a lemma is a month or a day of the week.
func isCalendar(lemma string) bool {
	switch lemma {
	case "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
		"понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье", "будни", "выходной":
		return true
	}
	return false
}

// isDayBefore reports whether a preposition makes a day of the week a time.
func isDayBefore(norm string) bool {
	switch norm {
	case "в", "во", "по", "с", "со", "до", "к":
		return true
	}
	return false
}

// asks reports whether the complaint asks something that a day or a place answers.
func (k *check) asks() bool {
	if k.Complaint == nil {
		return false
	}
	for i := range k.Complaint.Tokens {
		if k.Complaint.Tokens[i].Norm == "?" || strings.HasPrefix(k.Complaint.Tokens[i].Norm, "подскаж") {
			return true
		}
	}
	return false
}
