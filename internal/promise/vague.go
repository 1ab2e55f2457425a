package promise

import (
	"strings"

	"otklik/internal/russian"
)

// loosePhrases name no day, by their first word; the value says why.
var loosePhrases = func() map[string][]loosePhrase {
	m := map[string][]loosePhrase{}
	add := func(why string, soft bool, lines ...string) {
		for _, l := range lines {
			w := strings.Fields(l)
			m[w[0]] = append(m[w[0]], loosePhrase{words: w, why: why, soft: soft})
		}
	}
	add("день не назван", false, "в ближайшее время", "в самое ближайшее время", "в ближайшей перспективе", "в ближайшее же время", "в ближайшем будущем", "в скором времени",
		"в кратчайшие сроки", "в кратчайший срок", "в самые кратчайшие сроки", "в самые короткие сроки", "в максимально короткие сроки", "в возможно короткие сроки",
		"в короткие сроки", "в ближайшие сроки", "в ближайшие дни", "в ближайшие недели", "в ближайшие месяцы", "в ближайшие годы", "ближайшие дни", "ближайшее время",
		"в оперативном порядке", "в оперативные сроки", "в разумные сроки", "в разумный срок", "на днях", "как можно скорее", "как можно быстрее", "в течение некоторого времени",
		"в обозримом будущем", "в теплое время года", "в теплый период", "в теплый период года", "в теплое время", "в теплый сезон", "в холодное время года", "в среднесрочной перспективе", "в долгосрочной перспективе")
	add("день не назван", true, "в перспективе", "в дальнейшем", "в последующем", "в будущем", "со временем", "скоро", "вскоре", "позже", "позднее", "незамедлительно")
	add("срок назван ссылкой на порядок, а не днём", true, "в установленные сроки", "в установленный срок", "в установленном порядке", "в плановом порядке", "в рабочем порядке",
		"в порядке очереди", "в порядке очередности", "в порядке общей очереди", "в надлежащие сроки", "в нормативные сроки", "в нормативный срок", "согласно графику", "в соответствии с графиком",
		"в срок , установленный законодательством", "в сроки , установленные законодательством", "в установленный законодательством срок", "в установленные законодательством сроки",
		"в установленный законом срок", "в предусмотренный срок", "в предусмотренные сроки")
	add("названо условие, а не день", false, "по возможности", "по мере возможности", "по мере возможностей", "при первой возможности", "при возможности", "в случае возможности")
	return m
}()

type loosePhrase struct {
	words []string
	why   string
	soft  bool
}

// phrase reads a phrase of the table.
func (r *reader) phrase(e expr, i int) (expr, bool) {
	best := 0
	for _, p := range loosePhrases[r.norm(i)] {
		if len(p.words) > best && r.seq(i, p.words...) {
			best = len(p.words)
			e.next, e.form, e.why, e.soft = i+best, loose, p.why, p.soft
		}
	}
	return e, best > 0
}

// Words that begin a condition behind «при» and «после»; other nouns («при
// проверке», «после обращения») say how or when something was done.
var (
	ifWords = setOf("наличии поступлении выделении условии благоприятных благоприятной установлении достижении улучшении наступлении появлении положительных положительной плюсовых стабильной подходящей соответствующем")
	endings = setOf("схода таяния окончания завершения выделения поступления подписания заключения утверждения согласования просушки просыхания подсыхания принятия проведения установления " +
		"наступления улучшения выполнения устранения получения открытия закрытия оттаивания спада снижения прекращения торгов конкурса аукциона стабилизации поставки закупки доставки ремонта замены строительства дождей паводка снегопада отключения")
	ends = setOf("окончании завершении")
)

func setOf(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// condition reads «по мере поступления средств», «при наличии финансирования»,
// «после схода снега», «как только подсохнет», «когда сойдёт снег».
func (r *reader) condition(e expr, i int) (expr, bool) {
	if e, ok := r.phrase(e, i); ok {
		return e, true
	}
	const why = "названо условие, а не день"
	switch w, n := r.norm(i), r.norm(i+1); {
	case w == "по" && n == "мере":
		return r.tail(e, i+2, why)
	case w == "по" && ends[n]:
		return r.tail(e, i+1, why)
	case w == "если" && (n == "позволит" || n == "позволят" || n == "позволяют"):
		return r.tail(e, i+1, why)
	case w == "как" && n != "только" && r.tok0(i+1).Any(russian.Futr) && (i == 0 || r.tok[i-1].Kind == russian.Punct):
		return r.tail(e, i+1, why) // «…, как сойдёт снег»
	case w == "при" && (ifWords[n] || strings.HasPrefix(n, "плюсов") || strings.HasPrefix(n, "благоприятн") || strings.HasPrefix(n, "положительн")):
		return r.tail(e, i+1, why)
	case w == "после" && endings[n]:
		e, ok := r.tail(e, i+1, why)
		e.soft = true
		return e, ok
	case w == "после" && (strings.HasPrefix(n, "праздник") || strings.HasPrefix(n, "каникул") || strings.HasPrefix(n, "выходны")), w == "после" && n == "нового" && r.norm(i+2) == "года":
		e, _ = r.tail(e, i+1, "назван день, после которого, а не до которого")
		e.soft = true
		return e, true
	case w == "после":
		if p, next, ok := r.period(i + 1); ok && (p.date || p.year) {
			e, _ = r.whole(e, p, next, loose, "назван день, после которого, а не до которого")
			e.soft = true
			return e, true
		}
	case w == "как" && n == "только", w == "лишь" && n == "только", w == "когда":
		k := i + 1
		if w != "когда" {
			k++
		}
		for ; k < min(i+5, len(r.tok)); k++ {
			if t := &r.tok[k]; t.Any(russian.Futr) && t.Any(russian.Verb) || w == "как" && t.Kind == russian.Word && t.Any(russian.Verb) {
				for k++; k < min(i+7, len(r.tok)) && r.tok[k].Kind == russian.Word; k++ {
				}
				e.next, e.form, e.why = k, loose, why
				return e, true
			}
		}
	}
	return e, false
}

// tail makes a loose expression that runs on over the nouns and adjectives from
// token i on, at most five.
func (r *reader) tail(e expr, i int, why string) (expr, bool) {
	if i >= len(r.tok) {
		return e, false
	}
	next := i + 1
	for next < len(r.tok) && next < i+5 {
		t := &r.tok[next]
		if t.Kind != russian.Word || !t.Any(russian.Noun|russian.Adj|russian.Participle) || t.Forms[0].Gram.Any(russian.Verb|russian.Prep|russian.Conj|russian.Infn) {
			break
		}
		if f := t.Forms[0].Gram; f.Any(russian.Nomn) && !t.Any(russian.Gent) {
			break
		}
		next++
	}
	e.next, e.form, e.why, e.exact = next, loose, why, false
	return e, true
}
