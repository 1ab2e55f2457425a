package teach

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"otklik/internal/classify"
	"otklik/internal/fault"
	"otklik/internal/lesson"
	"otklik/internal/topic"
)

// A verdict says how a candidate did beside the version that it would replace.
type verdict struct {
	figures lesson.Figures
	worse   bool
	why     string // in Russian, no residents' words
}

const ownCase = "i:" // before the incident in the id of a pinned case

// shownIncidents is how many incidents a version remembers for each topic.
const shownIncidents = 5

// classifier returns the classifier of a version; that of the program for 0.
func (t *Teacher) classifier(ctx context.Context, taxonomy *topic.Taxonomy, number int) (*classify.Classifier, error) {
	if number == 0 {
		return t.Brought(taxonomy)
	}
	m, err := t.Model(ctx, lesson.Topics, number)
	if err != nil {
		return nil, err
	}
	return classify.ForModel(t.Reader, taxonomy, m)
}

// compareTopics asks the version of that number and a new one about the pinned
// cases. The centre's own decide together with the shipped ones when they are
// enough; whatever they say, the shipped ones must not suffer much, so that many
// wrong corrections do not confirm each other.
func (t *Teacher) compareTopics(ctx context.Context, taxonomy *topic.Taxonomy, before int, next *classify.Classifier, pinned []lesson.Decision) (v verdict, err error) {
	was, err := t.classifier(ctx, taxonomy, before)
	if err != nil {
		return v, err
	}
	shipped, err := classify.Pinned(taxonomy)
	if err != nil {
		return v, err
	}
	cases := shipped
	if len(pinned) >= fewPinned {
		for _, d := range pinned {
			if tp, ok := taxonomy.ByCode(d.Topic); ok && !tp.Retired {
				cases = append(cases, classify.Row{ID: ownCase + strconv.FormatInt(d.Incident, 10), Text: d.Text, Label: tp.Name})
			}
		}
	}
	all, err := classify.Compare(ctx, t.Reader, was, next, cases)
	if err != nil {
		return v, err
	}
	f := &v.figures
	f.Own, f.Shipped = len(cases)-len(shipped), len(shipped)
	f.Old, f.New = score(all.Old), score(all.New)
	f.Gained, f.Broken = len(all.Gained), len(all.Broken)
	f.By = shifts(all, func(name string) string {
		if tp, ok := taxonomy.ByName(name); ok {
			return string(tp.Code)
		}
		return name
	})
	v.worse, v.why = all.Worse, all.Why
	if v.worse {
		v.why = "На проверочных случаях стало хуже: " + all.Why + "."
		return v, nil
	}
	lost := 0
	for _, c := range all.Broken {
		if !strings.HasPrefix(c.ID, ownCase) {
			lost++
		}
	}
	for _, c := range all.Gained {
		if !strings.HasPrefix(c.ID, ownCase) {
			lost--
		}
	}
	if f.Own > 0 && float64(lost) > shippedSlack*float64(len(shipped)) {
		v.worse = true
		v.why = fmt.Sprintf("На общих случаях, с которыми пришла программа, верных стало меньше на %d из %d. Так бывает, когда много исправлений ошибочны: проверьте последние.", lost, len(shipped))
	}
	return v, nil
}

func score(s classify.Summary) lesson.Score {
	return lesson.Score{First: int(s.Top1*float64(s.N) + 0.5), Three: int(s.Top3*float64(s.N) + 0.5)}
}

// shifts counts changes by the right answer, most changed first.
func shifts(v classify.Verdict, label func(gold string) string) []lesson.Shift {
	by := map[string]*lesson.Shift{}
	add := func(list []classify.Change, count func(*lesson.Shift) (*int, *[]int64)) {
		for _, c := range list {
			l := label(c.Gold)
			if by[l] == nil {
				by[l] = &lesson.Shift{Label: l}
			}
			n, in := count(by[l])
			*n++
			if id, own := strings.CutPrefix(c.ID, ownCase); own && len(*in) < shownIncidents {
				i, _ := strconv.ParseInt(id, 10, 64) // written above
				*in = append(*in, i)
			}
		}
	}
	add(v.Gained, func(s *lesson.Shift) (*int, *[]int64) { return &s.Gained, &s.GainedIn })
	add(v.Broken, func(s *lesson.Shift) (*int, *[]int64) { return &s.Broken, &s.BrokenIn })
	var out []lesson.Shift
	for _, l := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[l])
	}
	slices.SortStableFunc(out, func(a, b lesson.Shift) int { return cmp.Compare(b.Gained+b.Broken, a.Gained+a.Broken) })
	return out
}

// compareExecutors asks two versions who answers for the pinned incidents. Where
// none was learnt before, the old answer is silence.
func (t *Teacher) compareExecutors(ctx context.Context, before int, next *classify.Model, pinned []lesson.Decision) (v verdict, err error) {
	m, err := t.Model(ctx, lesson.Executors, before)
	if err != nil {
		return v, err
	}
	ask := func(m *classify.Model) (func(*lesson.Decision) []string, error) {
		if m == nil {
			return func(*lesson.Decision) []string { return nil }, nil
		}
		s, err := classify.NewSuggester(t.Reader, m)
		return func(d *lesson.Decision) (said []string) {
			for _, g := range s.Suggest(t.Reader.Read(d.Text), d.Topic, d.Centre) {
				said = append(said, g.Agency)
			}
			return said
		}, err
	}
	was, err := ask(m)
	if err != nil {
		return v, err
	}
	now, err := ask(next)
	if err != nil {
		return v, err
	}
	f := &v.figures
	var c classify.Verdict
	for k := range pinned {
		d := &pinned[k]
		if d.Agency == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return v, err
		}
		right := strconv.FormatInt(d.Agency, 10)
		b, a := was(d), now(d)
		bFirst, aFirst := slices.Index(b, right) == 0, slices.Index(a, right) == 0
		f.Own++
		f.Old.First, f.Old.Three = f.Old.First+count(bFirst), f.Old.Three+count(slices.Contains(b, right))
		f.New.First, f.New.Three = f.New.First+count(aFirst), f.New.Three+count(slices.Contains(a, right))
		change := classify.Change{ID: ownCase + strconv.FormatInt(d.Incident, 10), Gold: right}
		switch {
		case aFirst && !bFirst:
			c.Gained = append(c.Gained, change)
		case bFirst && !aFirst:
			c.Broken = append(c.Broken, change)
		}
	}
	if f.Own == 0 {
		return v, fault.New(fault.Conflict, "no pinned hand-overs").Say("Проверить подсказку исполнителя пока не на чем: среди отложенных случаев нет принятых передач.")
	}
	f.Gained, f.Broken, f.By = len(c.Gained), len(c.Broken), shifts(c, func(id string) string { return id })
	v.worse = f.New.First < f.Old.First || f.New.First == f.Old.First && f.New.Three < f.Old.Three
	if v.worse {
		v.why = fmt.Sprintf("На отложенных передачах стало хуже: верных первым было %d из %d, стало %d.", f.Old.First, f.Own, f.New.First)
	}
	return v, nil
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
