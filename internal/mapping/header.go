package mapping

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"otklik/internal/russian"
)

// A Reader reads words (russian.Analyzer).
type Reader interface {
	Read(text string) *russian.Text
}

// pattern says which words of a column's name speak for a field: all of with, none of
// without, as lemmas. The first pattern that fits a name holds.
var patterns = []struct {
	field   Field
	with    []string // each as alternatives parted by |
	without []string
}{
	{Answered, []string{"дата|время", "ответ"}, []string{"срок", "план"}},
	{Closed, []string{"дата|время", "закрытие|завершение|исполнение|решение|закрыть|окончание|факт|фактический"}, []string{"срок", "план", "плановый", "ответ"}},
	{Published, []string{"дата|время|создать|поступление|date|created|published"}, []string{"срок", "план", "плановый", "ответ", "изменение", "обновление", "рождение", "закрытие", "контроль", "назначение", "передача", "продление"}},
	{Answer, []string{"ответ|answer|разъяснение"}, []string{"дата", "срок", "автор", "статус", "кто", "номер", "оценка", "ссылка", "фото", "время", "ответственный"}},
	{Answer, []string{"мера|результат", "принять|рассмотрение|работа"}, []string{"дата", "срок"}},
	{Answer, []string{"комментарий|сообщение", "исполнитель|ведомство|организация|служба"}, []string{"дата", "срок", "время", "номер"}},
	{Link, []string{"ссылка|url|link|линк"}, []string{"фото", "файл", "ответ", "автор", "профиль"}},
	{Files, []string{"фото|файл|вложение|фотография|photo|изображение"}, nil},
	{Contact, []string{"телефон|почта|email|e-mail|mail|контакт|phone"}, []string{"исполнитель", "ответственный"}},
	{Status, []string{"статус|состояние|стадия|status|state"}, nil},
	{Author, []string{"автор|заявитель|фио|отправитель|гражданин|author|имя"}, []string{"ответ", "ссылка", "оценка", "адрес", "id", "телефон", "исполнитель"}},
	{Agency, []string{"исполнитель|ведомство|орган|организация|ответственный|оив|омсу|фоив|учреждение|служба|агентство|agency|executor"}, []string{"дата", "срок", "фио", "телефон", "ответ"}},
	{Territory, []string{"муниципальный|муниципалитет|территория|мо|район|округ|город|населить|населённый|населенный"}, []string{"дата", "адрес"}},
	{Place, []string{"адрес|место|местоположение|локация|улица|address|координата"}, []string{"почта", "электронный", "страница", "работа", "ссылка"}},
	{Topic, []string{"тема|тематика|подтема|подкатегория|topic|факт|рубрика"}, []string{"группа", "дата"}},
	{Topic, []string{"категория|вопрос|вид|тип"}, []string{"группа", "дата", "текст", "сообщение", "источник", "обращение"}},
	{Number, []string{"номер|№|id|ид|код|number|no|идентификатор"}, []string{"телефон", "дом", "автор", "квартира", "категория", "тема"}},
	{Text, []string{"текст|содержание|описание|суть|жалоба|text|message|сообщение|обращение|комментарий|проблема"}, []string{"дата", "номер", "ответ", "автор", "источник", "тип", "вид", "статус", "ссылка", "количество"}},
}

// fieldOf returns the field that a column's name speaks for, and how much: an exact word 1.
func fieldOf(r Reader, name string) (Field, float64) {
	lemmas := map[string]bool{}
	words := 0
	for _, t := range r.Read(name).Tokens {
		w := t.Norm
		if w == "" || !strings.ContainsFunc(w, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '№' }) {
			continue
		}
		words++
		lemmas[w] = true
		for _, f := range t.Forms {
			lemmas[f.Lemma] = true
		}
	}
	if strings.Contains(name, "№") {
		lemmas["№"], words = true, max(words, 1)
	}
	has := func(alternatives string) bool {
		for w := range strings.SplitSeq(alternatives, "|") {
			if lemmas[w] {
				return true
			}
		}
		return false
	}
	for _, p := range patterns {
		fits := words > 0 && words <= 8
		for _, w := range p.with {
			fits = fits && has(w)
		}
		for _, w := range p.without {
			fits = fits && !lemmas[w]
		}
		if fits {
			return p.field, max(0.7, 1.05-0.07*float64(words))
		}
	}
	return "", 0
}

// A Row is a row of a table as it stands there; Line is its number.
type Row struct {
	Line  int
	Cells []string
}

// A Layout says where a table's header is.
type Layout struct {
	Line  int      // of the header, or of its last row
	Names []string // of the columns, different from one another
	Rows  []Row    // that were looked at, behind the header
}

// lookedAt is how many rows at the beginning of a table may hold its header.
const lookedAt = 25

// Find finds the header among the first rows: the row with the most names of columns that we
// know, short words all. A header of two rows (a name over several columns, and names under
// it) becomes one. ok is false where no row looks like one.
func Find(r Reader, rows []Row) (l Layout, ok bool) {
	best, at := 0.0, -1
	for k := range min(lookedAt, len(rows)) {
		if s := heading(r, rows[k].Cells); s > best+0.5 { // of equal ones the first
			best, at = s, k
		}
	}
	if at < 0 {
		return Layout{}, false
	}
	header, end := rows[at].Cells, at
	if upper := at - 1; upper >= 0 && heading(r, rows[upper].Cells) > 0 && spans(rows[upper].Cells, header) {
		header = join(rows[upper].Cells, header)
	} else if next := at + 1; next < len(rows) && heading(r, rows[next].Cells) > 0 && spans(header, rows[next].Cells) {
		header, end = join(header, rows[next].Cells), next
	}
	return layout(rows, header, end), true
}

// layout is that of a header which ends with the row of that index.
func layout(rows []Row, header []string, end int) Layout {
	width := len(header)
	for _, row := range rows[end+1:] {
		width = max(width, len(row.Cells))
	}
	header = append(slices.Clone(header), make([]string, width-len(header))...)
	l := Layout{Line: rows[end].Line, Names: Names(header)}
	for _, row := range rows[end+1:] {
		if !Sums(row.Cells) {
			l.Rows = append(l.Rows, row)
		}
	}
	return l
}

// Sums reports whether a row sums others up.
func Sums(cells []string) bool {
	for _, c := range cells {
		if c = strings.ToLower(strings.TrimSpace(c)); c != "" {
			return strings.HasPrefix(c, "итог") || strings.HasPrefix(c, "всего") || strings.HasPrefix(c, "total")
		}
	}
	return false
}

// Locate finds the header that a mapping was made for: the row that names most of its
// columns, the text's among them. missing are the columns that are not there; ok is false
// where no row names that of the text.
func (m *Mapping) Locate(rows []Row) (l Layout, missing []string, ok bool) {
	try := func(header []string, end int) {
		next := layout(rows, header, end)
		at, lack := m.Places(next.Names)
		if n, there := at[Text]; there && n >= 0 && (!ok || len(lack) < len(missing)) {
			l, missing, ok = next, lack, true
		}
	}
	for k := range min(lookedAt, len(rows)) {
		try(rows[k].Cells, k)
		if k > 0 {
			try(join(rows[k-1].Cells, rows[k].Cells), k)
		}
	}
	return l, missing, ok
}

// heading says how much a row looks like a header.
func heading(r Reader, cells []string) (score float64) {
	named, known := 0, map[Field]bool{}
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		if utf8.RuneCountInString(c) > 60 || !strings.ContainsFunc(c, func(x rune) bool { return unicode.IsLetter(x) || x == '№' }) || strings.Contains(c, "://") {
			return 0
		}
		named++
		if f, _ := fieldOf(r, c); f != "" {
			known[f] = true
		}
	}
	if named == 0 || len(known) == 0 || named < 2 && !known[Text] {
		return 0
	}
	return float64(len(known)) + 0.1*float64(min(named, 20))
}

// spans reports whether upper is a row of names that stand over several columns of lower.
func spans(upper, lower []string) bool {
	n, over := 0, 0
	for k, c := range upper {
		if strings.TrimSpace(c) == "" {
			continue
		}
		if n++; utf8.RuneCountInString(c) > 60 {
			return false
		}
		if k+1 < len(upper) && strings.TrimSpace(upper[k+1]) == "" && k+1 < len(lower) && strings.TrimSpace(lower[k+1]) != "" && strings.TrimSpace(lower[k]) != "" {
			over++
		}
	}
	return n > 1 && over > 0
}

// join makes one header of two rows.
func join(upper, lower []string) []string {
	out := make([]string, max(len(upper), len(lower)))
	over := ""
	for k := range out {
		up, low := at(upper, k), at(lower, k)
		if up != "" {
			over = up
		}
		switch {
		case low == "":
			out[k] = up
		case over == "":
			out[k] = low
		default:
			out[k] = over + ": " + low
		}
	}
	return out
}

func at(cells []string, k int) string {
	if k < 0 || k >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[k])
}
