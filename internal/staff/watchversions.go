package staff

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"otklik/internal/fault"
	"otklik/internal/lookout"
	"otklik/internal/message"
	"otklik/internal/site"
	"otklik/internal/standing"
)

// A WatchVersion is one version in words, with what it changed in the one before.
type WatchVersion struct {
	N              int
	When, Who, URL string
	Name, Text     string
	Where          string // of the first version: where it listened
	On, Now        bool
	First          bool
	Changes        []WatchChange
	Gaps           []string // what of it nobody knows any more
	HasExamples    bool
}

func (p *WatchPage) hasEarlierExamples() bool {
	return slices.ContainsFunc(p.Versions, func(v WatchVersion) bool { return !v.Now && v.HasExamples })
}

// A WatchBack is what a return to an earlier version would change in the present one.
type WatchBack struct {
	Changes []WatchChange
	Gaps    []string
}

// A WatchChange is one field that differs between two versions.
type WatchChange struct {
	Field string
	Parts []WatchPart
}

// A WatchPart is a stretch of a field: kept, taken out or put in.
type WatchPart struct {
	Text string
	Sign rune // ' ' kept, '-' taken out, '+' put in
}

// versionsOf words the versions, which come newest first.
func (s *Staff) versionsOf(list []standing.Version, now int, seesText bool, people *colleagueList, zone *time.Location) (out []WatchVersion) {
	for k := range list {
		v := &list[k]
		row := WatchVersion{N: v.Version, When: site.DateTime(v.ChangedAt, s.Now(), zone), Who: people.names[v.ChangedBy], URL: "?version=" + strconv.Itoa(v.Version),
			Name: v.Name, Text: v.Text, On: v.On, Now: v.Version == now, First: k == len(list)-1, Gaps: gapsOf(v), HasExamples: len(v.Examples) > 0}
		if row.Who == "" {
			row.Who = "работник, которого здесь не видно"
		}
		if row.First {
			row.Where = s.whereListens(v.Of(&standing.Query{}))
		} else {
			row.Changes = s.changes(&list[k+1], v, seesText)
		}
		out = append(out, row)
	}
	return out
}

// backTo says how a version differs from what is stored now.
func (s *Staff) backTo(q *lookout.Watch, list []standing.Version, version int, seesText bool) *WatchBack {
	at := func(n int) int {
		return slices.IndexFunc(list, func(v standing.Version) bool { return v.Version == n })
	}
	was, now := at(version), at(q.Version)
	if was < 0 || now < 0 {
		return nil
	}
	return &WatchBack{s.changes(&list[now], &list[was], seesText), gapsOf(&list[was])}
}

func gapsOf(v *standing.Version) (gaps []string) {
	if !v.KnowsWhere {
		gaps = append(gaps, "где слушала")
	}
	if !v.KnowsWords {
		gaps = append(gaps, "примеры")
	}
	return gaps
}

// changes compares two versions field by field. Examples are shown to who may see
// them; others learn that they were changed.
func (s *Staff) changes(was, now *standing.Version, seesText bool) (out []WatchChange) {
	add := func(field string, parts []WatchPart) {
		if slices.ContainsFunc(parts, func(p WatchPart) bool { return p.Sign != ' ' }) {
			out = append(out, WatchChange{field, parts})
		}
	}
	onOff := map[bool]string{true: "включено", false: "выключено"}
	add("Имя", words(was.Name, now.Name))
	add("Запрос", words(was.Text, now.Text))
	add("Примечание", words(was.Note, now.Note))
	add("Состояние", words(onOff[was.On], onOff[now.On]))
	if was.KnowsWhere && now.KnowsWhere {
		add("Территории", lines(s.territoryNames(was), s.territoryNames(now)))
		add("Источники", lines(channelNames(was.Channels), channelNames(now.Channels)))
	}
	if was.KnowsWords && now.KnowsWords {
		for _, must := range []bool{true, false} {
			field := map[bool]string{true: "Должно подойти", false: "Не должно подойти"}[must]
			parts := lines((&standing.Query{Examples: was.Examples}).Examined(must), (&standing.Query{Examples: now.Examples}).Examined(must))
			if !seesText {
				parts = covered(parts)
			}
			add(field, parts)
		}
	}
	return out
}

func (s *Staff) territoryNames(v *standing.Version) (names []string) {
	for _, t := range v.Territories {
		names = append(names, s.placeName(t))
	}
	if len(names) == 0 {
		return []string{"везде"}
	}
	if v.Unplaced {
		names = append(names, "без места")
	}
	return names
}

func channelNames(codes []string) (names []string) {
	if len(codes) == 0 {
		return []string{"все"}
	}
	for _, c := range codes {
		names = append(names, message.Channel(c).Name())
	}
	return names
}

// lines compares lists whose order does not matter; what is in both is left out.
func lines(was, now []string) (parts []WatchPart) {
	for _, t := range was {
		if !slices.Contains(now, t) {
			parts = append(parts, WatchPart{t, '-'})
		}
	}
	for _, t := range now {
		if !slices.Contains(was, t) {
			parts = append(parts, WatchPart{t, '+'})
		}
	}
	return parts
}

// covered keeps the number of changes and hides their words.
func covered(parts []WatchPart) (out []WatchPart) {
	for _, sign := range []rune{'-', '+'} {
		n := 0
		for _, p := range parts {
			if p.Sign == sign {
				n++
			}
		}
		if n > 0 {
			out = append(out, WatchPart{site.Count(n, "пример", "примера", "примеров"), sign})
		}
	}
	return out
}

// wordsCompared bounds the table of a comparison: beyond it the middle is shown as
// taken out and put in whole.
const wordsCompared = 250_000

// words compares two texts word by word: what they share in the longest common
// subsequence is kept.
func words(was, now string) (parts []WatchPart) {
	a, b := strings.Fields(was), strings.Fields(now)
	put := func(sign rune, list ...string) {
		for _, t := range list {
			if n := len(parts); n > 0 && parts[n-1].Sign == sign {
				parts[n-1].Text += " " + t
			} else {
				parts = append(parts, WatchPart{t, sign})
			}
		}
	}
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	put(' ', a[:head]...)
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(x)*len(y) > wordsCompared {
		put('-', x...)
		put('+', y...)
	} else {
		common := commonWords(x, y)
		for len(x) > 0 || len(y) > 0 {
			switch {
			case len(common) > 0 && len(x) > 0 && x[0] != common[0] || len(common) == 0 && len(x) > 0:
				put('-', x[0])
				x = x[1:]
			case len(common) > 0 && y[0] != common[0] || len(common) == 0:
				put('+', y[0])
				y = y[1:]
			default:
				put(' ', common[0])
				x, y, common = x[1:], y[1:], common[1:]
			}
		}
	}
	put(' ', a[len(a)-tail:]...)
	return parts
}

func commonWords(x, y []string) (common []string) {
	long := make([][]int, len(x)+1) // long[i][j]: of x[i:] and y[j:]
	for i := range long {
		long[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if long[i][j] = max(long[i+1][j], long[i][j+1]); x[i] == y[j] {
				long[i][j] = long[i+1][j+1] + 1
			}
		}
	}
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			common = append(common, x[i])
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			i++
		default:
			j++
		}
	}
	return common
}

// returnWatch makes an earlier version the newest. One that cannot be saved as it
// was comes into the form, with the reason.
func (s *Staff) returnWatch(w http.ResponseWriter, r *http.Request, q *lookout.Watch, seen int) error {
	to, _ := strconv.Atoi(field(r, "to"))
	draft, err := s.Lookout.Return(r.Context(), who(r).Actor(), q.ID, seen, to, false)
	if err == nil {
		said := "Правило «" + draft.Name + "» снова такое, как в версии " + strconv.Itoa(to) + ". Это версия " + strconv.Itoa(draft.Version) + "."
		if draft.Version == q.Version {
			said = "Версия " + strconv.Itoa(to) + " ничем не отличается от нынешней."
		}
		say(w, Said{Good: said})
		http.Redirect(w, r, watchURL(q.ID), http.StatusSeeOther)
		return nil
	}
	if fault.Is(err, fault.Conflict) {
		say(w, Said{Bad: fault.Sentence(err)})
		http.Redirect(w, r, watchURL(q.ID), http.StatusSeeOther)
		return nil
	}
	if draft == nil {
		return err
	}
	p := &WatchPage{Form: formOf(draft, s.watchCentres(who(r), q)), Back: to}
	p.Form.Version = q.Version
	if !s.refused(p, draft, err) {
		return err
	}
	return s.showWatch(w, r, site.Status(err), p)
}
